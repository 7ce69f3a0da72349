import type { Problem } from "../Importer.ts"
import type { Placed } from "../reading/decodeEntries.ts"
import type { Database, StanzaBackup } from "./Stanza.ts"
import { databaseOf, keyOf, repositoryOf, type StanzaContext } from "./StanzaContext.ts"

const DAMAGED = "pgBackRest found wrong page checksums: a restore brings damaged pages back"
const PERHAPS_DAMAGED = "what pgBackRest says of its errors is not understood, so it may be damaged"
const OF_PRIOR_DATABASE =
  "it is of the database that the stanza had before stanza-upgrade: a restore brings that back, and not the present one"
const PERHAPS_OF_PRIOR_DATABASE =
  "another repository of the stanza is of another database, as where stanza-upgrade missed one: a restore may bring back the database before the upgrade"

const damageOf = ({ error }: StanzaBackup): string | undefined => {
  if (error === undefined || error === null || error === false) return undefined
  return error === true ? DAMAGED : PERHAPS_DAMAGED
}

const FULL = "full"
const dependentTypes: ReadonlySet<string> = new Set(["diff", "incr"])
const dependentLabel = /F_.+[DI]$/

/** What a backup that is on another one is called; undefined for one that is on none. */
const dependencyOf = ({ type, label, reference }: StanzaBackup): string | undefined => {
  if (type === FULL) return undefined
  if (type && dependentTypes.has(type)) return type
  return dependentLabel.test(label) || (reference && reference.length > 0) ? "dependent" : undefined
}

/** Why it is not known what a backup is on, though it is on another one. */
const lackOfPrior = (backup: StanzaBackup): string | undefined => {
  const kind = dependencyOf(backup)
  return kind !== undefined && !backup.prior ? `what this ${kind} backup is on is not known` : undefined
}

/** What pgBackRest tells a database by: an upgrade that was undone has given it another number. */
const identityOf = (database: Database | undefined): string | undefined => {
  const { "system-id": system, version } = database ?? {}
  return system && version ? `${system} ${version}` : undefined
}

/** Why a backup may not be of the present database of its stanza; undefined where it is. */
const doubtOfDatabase = (backup: StanzaBackup, context: StanzaContext): string | undefined => {
  const id = backup.database?.id
  if (id === null || id === undefined) return undefined
  const own = identityOf(databaseOf(backup, context))
  const others = context.presentDatabases.filter((present) => {
    const identity = identityOf(present)
    return own === undefined || identity === undefined ? BigInt(present.id) > BigInt(id) : identity !== own
  })
  const key = repositoryOf(backup)
  if (others.some((present) => keyOf(present["repo-key"]) === key)) return OF_PRIOR_DATABASE
  return context.isMismatch && others.length > 0 ? PERHAPS_OF_PRIOR_DATABASE : undefined
}

/** Why a backup may not be good; undefined where nothing speaks against it. */
export const suspectOf = (backup: StanzaBackup, context: StanzaContext): string | undefined => {
  const doubts = [damageOf(backup), lackOfPrior(backup), doubtOfDatabase(backup, context)].filter(
    (doubt) => doubt !== undefined
  )
  return doubts.length === 0 ? undefined : doubts.join("; ")
}

/** What is to be said of a backup that is suspect for what the list lacks, or says in a way that is not understood. */
export const unclearIn = ({ place, value }: Placed<StanzaBackup>): ReadonlyArray<Problem> => {
  const lack = lackOfPrior(value)
  const prior = lack === undefined ? [] : [{ place: `${place}.prior`, message: `it is missing, so ${lack}` }]
  const message = "it is neither true nor false, so the backup is called suspect"
  return damageOf(value) === PERHAPS_DAMAGED ? [...prior, { place: `${place}.error`, message }] : prior
}
