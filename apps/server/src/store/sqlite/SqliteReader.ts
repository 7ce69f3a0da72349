import type { StoreUnavailable } from "@backup-catalog/core/store"
import type Sqlite from "better-sqlite3"
import { Context, Effect } from "effect"
import type { SqlParams } from "../SqlText.ts"
import { storeFailure } from "./storeFailure.ts"

/** Statements that are kept compiled; the shapes of a list query are fewer. */
const MAX_STATEMENTS = 512

/** What is held of the file: 2,000 KiB, SQLite's own default, are read anew by each walk of an account. */
const CACHE_KIBIBYTES = 32_000

/** Reads by SQL; integers come as bigints, since a microsecond must not be rounded. */
export interface SqlReads {
  readonly all: <Row>(sql: string, params: SqlParams) => ReadonlyArray<Row>
  readonly get: <Row>(sql: string, params: SqlParams) => Row | undefined
  /** The first column of the first row, which takes half of what a row takes. */
  readonly value: <Value>(sql: string, params: SqlParams) => Value | undefined
  /** The first column of every row. */
  readonly column: <Value>(sql: string, params: SqlParams) => ReadonlyArray<Value>
}

/**
 * Reads of the SQLite store: a connection of its own that only reads, with its statements kept compiled.
 *
 * Beside the SQL client, which serialises everything through one connection: a list neither waits for a write
 * transaction nor sees half of one, and pays for nothing but SQLite itself.
 */
export class SqliteReader extends Context.Tag("@backup-catalog/server/SqliteReader")<
  SqliteReader,
  {
    /** Runs one read, of the store as it is now. */
    readonly read: <A>(reads: (sql: SqlReads) => A) => Effect.Effect<A, StoreUnavailable>
    /** Runs several reads that all see the store at one moment, which is now. */
    readonly snapshot: <A>(reads: (sql: SqlReads) => A) => Effect.Effect<A, StoreUnavailable>
    /**
     * The same, without the way of an Effect; undefined where it fails. What is asked in one go of the event loop sees
     * the store at one moment, that of the first: all who ask had asked before it.
     */
    readonly snapshotAtOnce: <A>(reads: (sql: SqlReads) => A) => A | undefined
    /** A number that is another one after every commit, by whatever process, at that moment. */
    readonly commitsAtOnce: () => number
  }
>() {}

/** The reader over an open connection; `assert` throws where its file is no longer that of the store. */
export const make = (database: Sqlite.Database, assert: () => void): typeof SqliteReader.Service => {
  const kept = (compile: (sql: string) => Sqlite.Statement) => {
    const statements = new Map<string, Sqlite.Statement>()
    return (sql: string): Sqlite.Statement => {
      const known = statements.get(sql)
      if (known !== undefined) return known
      if (statements.size >= MAX_STATEMENTS) statements.clear()
      const statement = compile(sql)
      statements.set(sql, statement)
      return statement
    }
  }
  const rows = kept((sql) => database.prepare(sql).safeIntegers())
  const values = kept((sql) => database.prepare(sql).safeIntegers().pluck())
  const sql: SqlReads = {
    all: <Row>(text: string, params: SqlParams) => rows(text).all(...params) as ReadonlyArray<Row>,
    get: <Row>(text: string, params: SqlParams) => rows(text).get(...params) as Row | undefined,
    value: <Value>(text: string, params: SqlParams) => values(text).get(...params) as Value | undefined,
    column: <Value>(text: string, params: SqlParams) => values(text).all(...params) as ReadonlyArray<Value>
  }
  database.pragma(`cache_size = -${CACHE_KIBIBYTES}`)
  const begin = database.prepare("BEGIN")
  const commit = database.prepare("COMMIT")
  // SQLite's own count, which changes when another connection has committed: this one never writes.
  const commits = database.prepare<[], number>("PRAGMA data_version").pluck()
  let counted: number | undefined
  // A read that fails on the disk, or for want of memory, has ended it already.
  const end = () => {
    if (database.inTransaction) commit.run()
  }
  const attempt = <A>(reads: () => A): Effect.Effect<A, StoreUnavailable> =>
    Effect.suspend(() => {
      try {
        assert()
        end()
        return Effect.succeed(reads())
      } catch (cause) {
        return storeFailure(cause)
      }
    })
  const inSnapshot = <A>(reads: (sql: SqlReads) => A): A => {
    begin.run()
    try {
      return reads(sql)
    } finally {
      end()
    }
  }
  // To begin and to end one are locks of the file, which cost a tenth of a short list: who is answered in one go shares
  // it.
  const share = () => {
    assert()
    if (database.inTransaction) return
    counted = undefined
    begin.run()
    queueMicrotask(end)
  }
  return {
    read: (reads) => attempt(() => reads(sql)),
    snapshot: (reads) => attempt(() => inSnapshot(reads)),
    snapshotAtOnce: (reads) => {
      try {
        share()
        return reads(sql)
      } catch {
        return undefined
      }
    },
    commitsAtOnce: () => {
      share()
      counted ??= commits.get() ?? 0
      return counted
    }
  }
}
