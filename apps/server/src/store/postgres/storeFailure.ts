import { StoreUnavailable } from "@backup-catalog/core/store"
import { Migrator, SqlError } from "@effect/sql"
import { Effect, Option, Schedule } from "effect"
import Pg from "pg"
import { isOfStandby, STANDBY_REASON } from "./primary.ts"

// What lies outside the program, by the classes of PostgreSQL: connections, credentials, resources, operators, the
// system; a standby that takes no writes, a server that undid a transaction for another's sake, and one that ends a
// connection whose transaction takes longer than it allows; a pooler that has mixed up prepared statements.
const outage = /^(08|28|3D|40|53|57|58|XX|25006|25P03|25P04|26000|42501|42P05|55P03)/

// What the driver says of a connection carries no code of PostgreSQL, and what is wrong with our own calls is a
// TypeError.
const isOutage = (cause: unknown): boolean =>
  cause instanceof Pg.DatabaseError
    ? outage.test(cause.code ?? "")
    : cause instanceof Error && !(cause instanceof TypeError) && !(cause instanceof RangeError)

// What the driver says within a transaction whose connection has ended says nothing of that.
const BROKEN = "Client has encountered a connection error and is not queryable"

const inWords = (cause: unknown): unknown =>
  cause instanceof Error && cause.message === BROKEN
    ? new Error("the connection was closed within a transaction, as it is when nothing has come of one for too long", {
        cause
      })
    : cause

/** The error of a driver as the store's own: unavailable when the cause lies outside the program, else a defect. */
export const storeFailure = (cause: unknown): Effect.Effect<never, StoreUnavailable> => {
  if (cause instanceof Pg.DatabaseError && isOfStandby(cause.code)) {
    return new StoreUnavailable({ cause: new Error(STANDBY_REASON, { cause }) })
  }
  return isOutage(cause) ? new StoreUnavailable({ cause: inWords(cause) }) : Effect.die(cause)
}

const isUndone = ({ cause }: StoreUnavailable): boolean =>
  cause instanceof Pg.DatabaseError && (cause.code === "40001" || cause.code === "40P01")

const AGAIN = Schedule.exponential("10 millis").pipe(Schedule.jittered, Schedule.intersect(Schedule.recurs(5)))

/** Does again what PostgreSQL undid for another one's sake. */
export const again = <A, E, R>(effect: Effect.Effect<A, E | StoreUnavailable, R>) =>
  Effect.retry(effect, {
    while: (error) => error instanceof StoreUnavailable && isUndone(error),
    schedule: AGAIN
  })

/** An effect of the SQL client whose errors are the store's own. */
export const unavailable = <A, E, R>(
  effect: Effect.Effect<A, E | SqlError.SqlError, R>
): Effect.Effect<A, Exclude<E, SqlError.SqlError> | StoreUnavailable, R> =>
  effect.pipe(
    Effect.catchAll(
      (error): Effect.Effect<never, Exclude<E, SqlError.SqlError> | StoreUnavailable> =>
        error instanceof SqlError.SqlError
          ? storeFailure(error.cause)
          : Effect.fail(error as Exclude<E, SqlError.SqlError>)
    ),
    // The SQL client turns a failed COMMIT or ROLLBACK into a defect: on a lost connection it is none.
    Effect.catchSomeDefect((defect) =>
      defect instanceof SqlError.SqlError ? Option.some(storeFailure(defect.cause)) : Option.none()
    )
  )

/** Whether PostgreSQL lacks memory, room or connections, as a driver or our own code has it. */
export const isExhausted = (failure: unknown): boolean => {
  if (failure instanceof SqlError.SqlError) return isExhausted(failure.cause)
  return failure instanceof Pg.DatabaseError && failure.code?.startsWith("53") === true
}

/** What a driver says is wrong. */
export const reasonOf = (failure: unknown): string => {
  if (failure instanceof SqlError.SqlError) return reasonOf(failure.cause)
  if (failure instanceof Migrator.MigrationError && failure.cause !== undefined) return reasonOf(failure.cause)
  // What Node says of a name with several addresses: one error for each.
  if (failure instanceof AggregateError) return failure.errors.map(reasonOf).join(", ")
  // Its hint names the setting.
  if (failure instanceof Pg.DatabaseError && failure.hint !== undefined) {
    return `${failure.message} (${failure.hint.replace(/\.$/, "")})`
  }
  return failure instanceof Error ? failure.message : String(failure)
}
