import type { AccountId, StoreUnavailable } from "@backup-catalog/core"
import { SqlClient, type SqlError } from "@effect/sql"
import { Array as Arr, Effect, FiberRef } from "effect"
import { newVersion } from "../newVersion.ts"
import type { SqlParams } from "../sliceConditions.ts"
import { unavailable } from "./storeFailure.ts"
import { WriteTurn } from "./WriteTurn.ts"

const RAISE = `
  INSERT INTO accounts (account, version) VALUES (?, ? + ?)
  ON CONFLICT (account) DO UPDATE SET version = max(version, ?) + ?`

/** Rows written by one statement; SQLite takes 32,766 values. */
const ROWS_AT_ONCE = 250

/** The statements and transactions that everything which writes to the SQLite store is made of. */
export const makeTransactions = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const turn = yield* WriteTurn
  const within = FiberRef.unsafeMake(false)

  const run = (text: string, params: ReadonlyArray<unknown>) => Effect.asVoid(sql.unsafe(text, params))

  /** The rows of a query, with integers as bigints. */
  const rows = <Row extends object>(text: string, params: ReadonlyArray<unknown>) =>
    Effect.provideService(sql.unsafe<Row>(text, params), SqlClient.SafeIntegers, true)

  const first = <Row extends object>(text: string, params: ReadonlyArray<unknown>) =>
    Effect.map(rows<Row>(text, params), ([row]) => row)

  /** How many rows the last statement changed. */
  const changes = Effect.map(first<{ changed: bigint }>("SELECT changes() AS changed", []), (row) =>
    Number(row?.changed ?? 0n)
  )

  /** Writes rows by a statement for as many rows as it is given, in parts; lists are answered between them. */
  const runMany = (statement: (rows: string) => string, values: ReadonlyArray<SqlParams>) => {
    const [one] = values
    if (one === undefined) return Effect.void
    const places = `(${Array(one.length).fill("?").join(", ")})`
    const write = (some: ReadonlyArray<SqlParams>) =>
      run(statement(Array(some.length).fill(places).join(", ")), some.flat())
    return values.length <= ROWS_AT_ONCE
      ? write(values)
      : Effect.forEach(Arr.chunksOf(values, ROWS_AT_ONCE), (some) => Effect.zipRight(Effect.yieldNow(), write(some)), {
          discard: true
        })
  }

  /** One transaction that may write, whose errors are the store's own; within another one, a part of that. */
  const transaction = <A, E = never>(
    name: string,
    write: Effect.Effect<A, E | SqlError.SqlError>
  ): Effect.Effect<A, Exclude<E, SqlError.SqlError> | StoreUnavailable> =>
    Effect.flatMap(FiberRef.get(within), (isPart) =>
      isPart
        ? unavailable(write)
        : Effect.zipRight(
            // Waits for other writers here: SQLite refuses at once to turn a transaction that began by reading into a writing one.
            sql.unsafe("UPDATE backups SET id = id WHERE false"),
            Effect.locally(write, within, true)
          ).pipe(sql.withTransaction, turn, Effect.withSpan(`transaction ${name}`), unavailable)
    )

  /** Reads that all see the store at one moment, through the connection that writes: the only one that sees its temporary tables. */
  const snapshot = <A>(reads: Effect.Effect<A, SqlError.SqlError>): Effect.Effect<A, StoreUnavailable> =>
    reads.pipe(sql.withTransaction, unavailable)

  /** Gives the account a new version: something of it has changed. */
  const raiseVersion = (account: AccountId) =>
    Effect.flatMap(newVersion, ({ least, step }) => run(RAISE, [account, least, step, least, step]))

  /** Runs a transaction so that it, and all before it, are on the disk when it has ended, on a connection that is `bulkClient`'s. */
  const durably = <A, E>(write: Effect.Effect<A, E>): Effect.Effect<A, E | StoreUnavailable> =>
    Effect.acquireUseRelease(
      unavailable(run("PRAGMA synchronous = FULL", [])),
      () => write,
      () => Effect.ignore(run("PRAGMA synchronous = NORMAL", []))
    )

  return { run, runMany, rows, first, changes, transaction, snapshot, durably, raiseVersion }
})

/** What `makeTransactions` gives. */
export type Transactions = Effect.Effect.Success<typeof makeTransactions>
