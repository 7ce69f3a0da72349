import { StoreUnavailable } from "@backup-catalog/core/store"
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

/** Fails where a row was answered by a standby. */
export const refuseStandby = (row: MaybeOfStandby | undefined): Effect.Effect<void, StoreUnavailable> =>
  row?.standby ? new StoreUnavailable({ cause: new Error(STANDBY_REASON) }) : Effect.void

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
