import type { AccountId } from "@backup-catalog/core"
import type { StoreUnavailable } from "@backup-catalog/core/store"
import type { SqlError } from "@effect/sql"
import { Effect, FiberRef } from "effect"
import { newVersion } from "../newVersion.ts"
import type { SqlParams } from "../SqlText.ts"
import { SqliteWriter } from "./SqliteWriter.ts"
import { StoreFile } from "./StoreFile.ts"
import { unavailable } from "./storeFailure.ts"
import { WriteTurn } from "./WriteTurn.ts"

const RAISE = `
  INSERT INTO accounts (account, version) VALUES (?, ? + ?)
  ON CONFLICT (account) DO UPDATE SET version = max(version, ?) + ?`

/** The statements and transactions that everything which writes to the SQLite store is made of. */
export const makeTransactions = Effect.gen(function* () {
  const { run, runMany, rows, withTransaction } = yield* SqliteWriter
  const { take, isAwaited } = yield* WriteTurn
  const file = yield* StoreFile
  const within = FiberRef.unsafeMake(false)

  const first = <Row extends object>(text: string, params: SqlParams) =>
    Effect.map(rows<Row>(text, params), ([row]) => row)

  /** One transaction that may write, whose errors are the store's own; within another one, a part of that. */
  const transaction = <A, E = never>(
    name: string,
    write: Effect.Effect<A, E | SqlError.SqlError>
  ): Effect.Effect<A, Exclude<E, SqlError.SqlError> | StoreUnavailable> =>
    Effect.flatMap(FiberRef.get(within), (isPart) =>
      isPart
        ? unavailable(write)
        : Effect.zipRight(
            // Waits for other writers here: SQLite refuses at once to turn a transaction that began by reading into a
            // writing one.
            rows("UPDATE backups SET id = id WHERE false", []),
            Effect.zipLeft(Effect.locally(write, within, true), file.check)
          ).pipe(withTransaction, take, Effect.withSpan(`transaction ${name}`), unavailable)
    )

  /**
   * Reads that all see the store at one moment, through the connection that writes: the only one that sees its
   * temporary tables.
   */
  const snapshot = <A>(reads: Effect.Effect<A, SqlError.SqlError>): Effect.Effect<A, StoreUnavailable> =>
    reads.pipe(withTransaction, unavailable)

  /** Gives the account a new version: something of it has changed. */
  const raiseVersion = (account: AccountId) =>
    Effect.flatMap(newVersion, ({ least, step }) => run(RAISE, [account, least, step, least, step]))

  /**
   * Runs a transaction so that it, and all before it, are on the disk when it has ended, on the connection of
   * `SqliteThread.ts`.
   */
  const durably = <A, E>(write: Effect.Effect<A, E>): Effect.Effect<A, E | StoreUnavailable> =>
    Effect.acquireUseRelease(
      unavailable(run("PRAGMA synchronous = FULL", [])),
      () => write,
      () => Effect.ignore(run("PRAGMA synchronous = NORMAL", []))
    )

  return { run, runMany, rows, first, transaction, isAwaited, snapshot, durably, raiseVersion }
})

/** What `makeTransactions` needs. */
export type TransactionNeeds = Effect.Effect.Context<typeof makeTransactions>

/** What `makeTransactions` gives. */
export type Transactions = Effect.Effect.Success<typeof makeTransactions>
