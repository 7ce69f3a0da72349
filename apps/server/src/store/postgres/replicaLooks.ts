import { StoreUnavailable } from "@backup-catalog/core/store"
import { Cause, Effect } from "effect"
import type { Queries } from "./PostgresQueries.ts"
import { reasonOf } from "./storeFailure.ts"

// A physical replica has all three from its primary.
const IDENTITY = `
  (SELECT system_identifier FROM pg_control_system()) AS cluster,
  (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database,
  to_regclass('backups')::oid::bigint AS backups`

const AT_PRIMARY = `SELECT (pg_current_wal_lsn() - '0/0')::bigint AS position, ${IDENTITY}`

const AT_REPLICA = `
  SELECT (coalesce(pg_last_wal_replay_lsn(), '0/0') - '0/0')::bigint AS position, ${IDENTITY},
    pg_is_in_recovery() AS standby`

/** How far a server is, in bytes of WAL that it has written or replayed, and what it is a server of. */
export interface Look {
  readonly position: bigint
  readonly cluster: bigint
  readonly database: bigint
  /** None where the table is not there yet. */
  readonly backups: bigint | null
}

/** What a look at a replica finds. */
export interface ReplicaLook extends Look {
  /** Whether it replays what another server writes: not after it was promoted. */
  readonly standby: boolean
}

/** What went wrong, as a driver or our own code has it. */
export const failureOf = (cause: Cause.Cause<StoreUnavailable>): unknown => {
  const failure = Cause.squash(cause)
  return failure instanceof StoreUnavailable ? failure.cause : failure
}

const lookBy =
  <Seen extends Look>(sql: string) =>
  ({ first }: Queries): Effect.Effect<Seen, string> =>
    first<Seen>(sql, []).pipe(
      Effect.flatMap((row) => (row === undefined ? Effect.dieMessage("a look found nothing") : Effect.succeed(row))),
      Effect.sandbox,
      Effect.mapError((cause) => reasonOf(failureOf(cause)))
    )

/** A look at a primary; fails with what is wrong in words. */
export const lookAtPrimary = lookBy<Look>(AT_PRIMARY)

/** A look at a replica, likewise. */
export const lookAtReplica = lookBy<ReplicaLook>(AT_REPLICA)

/** Why a server cannot be a replica of a primary; undefined when it can. */
export const foreignness = (server: Look, primary: Look): string | undefined => {
  if (server.cluster !== primary.cluster) return "it is of another cluster of PostgreSQL"
  if (server.database !== primary.database) return "it is another database of the same cluster"
  return server.backups === null || server.backups === primary.backups
    ? undefined
    : "its user has another schema in front"
}
