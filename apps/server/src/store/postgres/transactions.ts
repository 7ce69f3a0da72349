import type { AccountId } from "@backup-catalog/core"
import type { StoreUnavailable } from "@backup-catalog/core/store"
import { SqlClient, type SqlError } from "@effect/sql"
import { Effect, FiberRef } from "effect"
import { newVersion } from "../newVersion.ts"
import type { SqlParams } from "../SqlText.ts"
import { AccountTurns } from "./AccountTurns.ts"
import { PostgresPool } from "./PostgresPool.ts"
import { type MaybeOfStandby, refuseStandby, STANDBY } from "./primary.ts"
import { storable } from "./storable.ts"
import { again, unavailable } from "./storeFailure.ts"

// A pooler leaves out what a connection asks for when it is made. Whoever then stops within a transaction would hold
// the account for ever.
const LOCK = `
  SELECT set_config('idle_in_transaction_session_timeout', $2::text, true) FROM accounts WHERE account = $1 FOR UPDATE`

const RAISE = "UPDATE accounts SET version = greatest(version, $2::bigint) + $3::bigint WHERE account = $1"

/** The statements and transactions that everything which writes to the PostgreSQL store is made of. */
export const makeTransactions = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { take, isAwaited } = yield* AccountTurns
  const { admit, idleInTransaction } = yield* PostgresPool
  const within = FiberRef.unsafeMake(false)

  /** The rows of a statement, with integers of 64 bits as bigints. */
  const rows = <Row extends object>(
    text: string,
    params: SqlParams
  ): Effect.Effect<ReadonlyArray<Row>, SqlError.SqlError> => sql.unsafe<Row>(text, storable(params))

  const first = <Row extends object>(text: string, params: SqlParams) =>
    Effect.map(rows<Row>(text, params), ([row]) => row)

  const run = (text: string, params: SqlParams) => Effect.asVoid(rows(text, params))

  /** Some statements in one transaction. */
  const inOne = <A, E>(statements: Effect.Effect<A, E | SqlError.SqlError>) =>
    Effect.zipRight(
      admit,
      // The client breaks off what is interrupted through another connection, where it may hit somebody else's behind a
      // pooler.
      unavailable(Effect.uninterruptible(sql.withTransaction(statements)))
    )

  const lock = Effect.fnUntraced(function* (account: AccountId) {
    const lockRow = first(LOCK, [account, String(idleInTransaction)])
    if ((yield* lockRow) !== undefined) return
    yield* run("INSERT INTO accounts (account, version) VALUES ($1, 0) ON CONFLICT (account) DO NOTHING", [account])
    yield* lockRow
  })

  /**
   * One transaction that writes to an account, whose errors are the store's own; within another one, a part of that. It
   * holds the account's row from its beginning to its end: the writes of one account go one after the other, whichever
   * process they come from. No part of it is done twice.
   */
  const together = <A, E = never>(
    name: string,
    account: AccountId,
    write: Effect.Effect<A, E | SqlError.SqlError>
  ): Effect.Effect<A, Exclude<E, SqlError.SqlError> | StoreUnavailable> =>
    Effect.flatMap(FiberRef.get(within), (isPart) =>
      isPart
        ? unavailable(write)
        : take(account, inOne(Effect.zipRight(lock(account), Effect.locally(write, within, true)))).pipe(
            Effect.withSpan(`transaction ${name}`)
          )
    )

  /** The same, done again when PostgreSQL undid it for another one's sake. */
  const transaction: typeof together = (name, account, write) =>
    Effect.flatMap(FiberRef.get(within), (isPart) =>
      isPart ? together(name, account, write) : again(together(name, account, write))
    )

  /** Reads that all see the store at one moment. A standby is refused. */
  const snapshot = <A>(reads: Effect.Effect<A, SqlError.SqlError>): Effect.Effect<A, StoreUnavailable> =>
    inOne(
      run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", []).pipe(
        Effect.zipRight(first<MaybeOfStandby>(`SELECT ${STANDBY}`, [])),
        Effect.flatMap(refuseStandby),
        Effect.zipRight(reads)
      )
    )

  /** Gives the account a new version: something of it has changed. */
  const raiseVersion = (account: AccountId) =>
    Effect.flatMap(newVersion, ({ least, step }) => run(RAISE, [account, least, step]))

  return { rows, first, run, inOne, together, transaction, isAwaited, snapshot, raiseVersion }
})

/** What `makeTransactions` needs. */
export type TransactionNeeds = Effect.Effect.Context<typeof makeTransactions>

/** What `makeTransactions` gives. */
export type Transactions = Effect.Effect.Success<typeof makeTransactions>
