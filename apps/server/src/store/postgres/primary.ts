import { StoreUnavailable } from "@backup-catalog/core"
import { Effect } from "effect"

/**
 * The column by which a statement says whether it was answered by a standby: behind a pooler the server of a connection
 * may become another one at any time.
 */
export const STANDBY = "pg_is_in_recovery() AS standby"

/** A row that has that column. */
export interface MaybeOfStandby {
  readonly standby: boolean
}

/** Why a standby is no store. */
export const STANDBY_REASON = "it is a standby, which may be behind and takes no writes; the store must be the primary"

const unfit = (reason: string) => new StoreUnavailable({ cause: new Error(reason) })

/** Fails where a row was answered by a standby. */
export const refuseStandby = (row: MaybeOfStandby | undefined): Effect.Effect<void, StoreUnavailable> =>
  row?.standby ? unfit(STANDBY_REASON) : Effect.void

/**
 * A read that fails where a standby answers it, also where there are no rows: behind a pooler each statement may be
 * answered by another server. PostgreSQL looks at a condition without columns before it reads anything, and OFFSET 0
 * keeps it apart from those of the read.
 */
export const atPrimary = (sql: string): string =>
  `
  SELECT * FROM (SELECT * FROM (${sql}) AS found OFFSET 0) AS answer
  WHERE (SELECT 1 / (NOT pg_is_in_recovery())::int) = 1`

/** Whether such a read has failed for that, by the code of PostgreSQL; nothing else in a statement divides. */
export const isOfStandby = (code: string | undefined): boolean => code === "22012"

/** Whether who asks may write to what there is. */
export interface Fitness extends MaybeOfStandby {
  readonly readOnly: boolean
  /** Tables of the store of which not all is allowed that the store does; none while there are no tables. */
  readonly kept: ReadonlyArray<string>
}

/** All tables of a store, but for what its migrations note of themselves. */
export const TABLES = [
  ...["accounts", "backups", "tokens", "sources", "imports", "sightings", "sighted", "origins"],
  ...["retired", "events", "instances", "policies"]
]

const PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE"]

const texts = (some: ReadonlyArray<string>) => `unnest(array['${some.join("', '")}'])`

/** Asks for the fitness of a server. */
export const FITNESS = `
  SELECT ${STANDBY}, current_setting('transaction_read_only') = 'on' AS "readOnly",
    array(SELECT name FROM ${texts(TABLES)} AS name WHERE EXISTS (
      SELECT 1 FROM ${texts(PRIVILEGES)} AS privilege
      WHERE has_table_privilege(to_regclass(name), privilege) = false)) AS kept`

/** Why a server is no store; undefined when it is one. */
export const unfitness = ({ standby, readOnly, kept }: Fitness): string | undefined => {
  if (standby) return STANDBY_REASON
  if (readOnly) return "it takes no writes of this user; default_transaction_read_only must be off"
  return kept.length === 0 ? undefined : `its user needs SELECT, INSERT, UPDATE and DELETE on ${kept.join(", ")}`
}

/** Fails where a server is no store. */
export const refuseUnfit = (found: Fitness | undefined): Effect.Effect<void, StoreUnavailable> => {
  const reason = found && unfitness(found)
  return reason === undefined ? Effect.void : unfit(reason)
}
