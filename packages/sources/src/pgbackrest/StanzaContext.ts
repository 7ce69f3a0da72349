import type { ImportOptions } from "../Importer.ts"
import type { Placed } from "../reading/decodeEntries.ts"
import type { Database, Repository, StanzaBackup } from "./Stanza.ts"

/** What the backups of a stanza refer to. */
export interface StanzaContext {
  readonly name: string
  readonly cipher: string | null | undefined
  readonly databases: ReadonlyArray<Placed<Database>>
  readonly repositories: ReadonlyArray<Placed<Repository>>
  /** The last database of each repository, which is its present one. */
  readonly presentDatabases: ReadonlyArray<Database>
  /** Whether pgBackRest says that the repositories are of different databases. */
  readonly isMismatch: boolean
  readonly options: ImportOptions
}

// pgBackRest had one repository, and no number for it, before 2.32.
const FIRST_REPOSITORY = "1"

/** The number of a repository, as a text. */
export const keyOf = (key: number | bigint | null | undefined): string => key?.toString() ?? FIRST_REPOSITORY

/** The number of the repository that a backup is in. */
export const repositoryOf = ({ database }: StanzaBackup): string => keyOf(database?.["repo-key"])

/** The database that a backup is of; undefined where the stanza does not list it. */
export const databaseOf = (backup: StanzaBackup, { databases }: StanzaContext): Database | undefined => {
  const id = backup.database?.id?.toString()
  const key = repositoryOf(backup)
  return databases.find(({ value }) => value.id.toString() === id && keyOf(value["repo-key"]) === key)?.value
}

/** The last database of each repository. */
export const lastDatabases = (databases: ReadonlyArray<Placed<Database>>): ReadonlyArray<Database> => {
  const last = new Map<string, Database>()
  for (const { value } of databases) {
    const key = keyOf(value["repo-key"])
    const known = last.get(key)
    if (known === undefined || BigInt(value.id) > BigInt(known.id)) last.set(key, value)
  }
  return [...last.values()]
}
