import { join } from "node:path"
import { type Home, writeIn } from "./Home.ts"
import { type PostgreSQL, startPostgreSQL } from "./PostgreSQL.ts"
import { succeed, systemEnv } from "./run.ts"

/** A backup as `pgbackrest info` tells it, as far as tests look at it. */
export interface KnownBackup {
  readonly label: string
  readonly type: "full" | "diff" | "incr"
  readonly prior: string | null
  readonly error: boolean
  /** Seconds since 1970. */
  readonly timestamp: { readonly start: number; readonly stop: number }
  readonly info: { readonly repository: { readonly delta: number } }
}

/** A stanza as `pgbackrest info` tells it. */
export interface Stanza {
  readonly name: string
  readonly backup: ReadonlyArray<KnownBackup>
  readonly db: ReadonlyArray<{ readonly version: string }>
}

/** A pgBackRest with one stanza of a PostgreSQL that runs, and a repository on this machine. */
export interface PgBackRest {
  readonly stanza: string
  readonly configFile: string
  readonly repository: string
  readonly postgres: PostgreSQL
  readonly info: () => Promise<Stanza>
  /** Makes a backup, and gives what is then known of it. */
  readonly backup: (type: "full" | "incr") => Promise<KnownBackup>
  readonly expire: (label: string) => Promise<void>
}

const STANZA = "orders"

const configuration = (folder: string, repository: string) => `[global]
repo1-path=${repository}
repo1-retention-full=2
lock-path=${folder}/lock
log-path=${folder}/log
spool-path=${folder}/spool
start-fast=y

[${STANZA}]
pg1-path=${folder}/data
pg1-socket-path=${folder}
pg1-user=postgres
`

/** Makes a PostgreSQL and its stanza in a home, without a backup. */
export const startPgBackRest = async (home: Home): Promise<PgBackRest> => {
  const { folder, runner } = home
  const repository = join(folder, "repository")
  const configFile = await writeIn(home, "pgbackrest.conf", configuration(folder, repository))
  const pgbackrest = (...args: ReadonlyArray<string>) =>
    succeed("pgbackrest", [`--config=${configFile}`, `--stanza=${STANZA}`, ...args], systemEnv, runner)
  const archive = `pgbackrest --config=${configFile} --stanza=${STANZA} archive-push %p`
  const postgres = await startPostgreSQL(home, archive)
  await pgbackrest("stanza-create")
  const info = async (): Promise<Stanza> => {
    const [stanza] = JSON.parse(await pgbackrest("info", "--output=json")) as ReadonlyArray<Stanza>
    if (stanza === undefined) throw new Error(`pgbackrest info knows of no stanza ${STANZA}.`)
    return stanza
  }
  return {
    stanza: STANZA,
    configFile,
    repository,
    postgres,
    info,
    backup: async (type) => {
      await pgbackrest(`--type=${type}`, "backup")
      const newest = (await info()).backup.at(-1)
      if (newest?.type !== type) throw new Error(`pgbackrest backup --type=${type} made none of this type.`)
      return newest
    },
    expire: async (label) => {
      await pgbackrest(`--set=${label}`, "expire")
    }
  }
}
