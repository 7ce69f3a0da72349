import { StoreUnavailable } from "@backup-catalog/core/store"
import { SqlError } from "@effect/sql"
import { Effect, Option, Schedule } from "effect"

// What lies outside the program: everything else that SQLite refuses is a defect of ours.
const outage = /^SQLITE_(BUSY|LOCKED|IOERR|FULL|CANTOPEN|CORRUPT|NOTADB|READONLY|NOMEM|PERM|INTERRUPT|PROTOCOL)/

/** The error of a driver as the store's own: unavailable when the cause lies outside the program, else a defect. */
export const storeFailure = (cause: unknown): Effect.Effect<never, StoreUnavailable> => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : ""
  return outage.test(code) ? new StoreUnavailable({ cause }) : Effect.die(cause)
}

/** How long one process waits for another one, and how often it looks, in milliseconds. */
const BUSY = { wait: 5000, look: 20 }

const isSqlError = (error: unknown): error is SqlError.SqlError => error instanceof SqlError.SqlError

const isBusy = (error: unknown): boolean => {
  const cause = isSqlError(error) ? error.cause : error
  return typeof cause === "object" && cause !== null && "code" in cause && String(cause.code).startsWith("SQLITE_BUSY")
}

/** Tries an effect again while SQLite says that another process has the file. */
export const waiting: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = Effect.retry({
  while: isBusy,
  schedule: Schedule.spaced(BUSY.look).pipe(Schedule.upTo(BUSY.wait))
})

/** An effect of the SQL client whose errors are the store's own; it waits while another process writes. */
export const unavailable = <A, E, R>(
  effect: Effect.Effect<A, E | SqlError.SqlError, R>
): Effect.Effect<A, Exclude<E, SqlError.SqlError> | StoreUnavailable, R> =>
  effect.pipe(
    // SQLite's own wait would stop the whole process, and every other request with it (`Sqlite.ts` turns it off).
    waiting,
    Effect.catchIf(isSqlError, ({ cause }) => storeFailure(cause)),
    // The SQL client turns a failed COMMIT into a defect: on a full disk it is none.
    Effect.catchSomeDefect((defect) => (isSqlError(defect) ? Option.some(storeFailure(defect.cause)) : Option.none()))
  )
