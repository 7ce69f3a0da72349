import { createHash } from "node:crypto"
import { StoreUnavailable } from "@backup-catalog/core/store"
import { Context, Effect, Layer } from "effect"
import Pg from "pg"
import type { SqlParams, SqlText } from "../SqlText.ts"
import { PostgresPool } from "./PostgresPool.ts"
import { atPrimary } from "./primary.ts"
import { storable } from "./storable.ts"
import { storeFailure } from "./storeFailure.ts"

/** Statements that each connection may keep prepared; the shapes of a list query are fewer. */
const MAX_STATEMENTS = 500

/**
 * Reads of the PostgreSQL store, and writes: each one statement, in one round trip, which sees the store at one moment.
 * A standby is refused.
 *
 * Beside the SQL client, which neither names statements nor gives their rows without spans of its own.
 */
export class PostgresQueries extends Context.Tag("@backup-catalog/server/PostgresQueries")<
  PostgresQueries,
  {
    /** The rows of a read, with integers of 64 bits as bigints. */
    readonly all: <Row extends object>(
      sql: string,
      params: SqlParams
    ) => Effect.Effect<ReadonlyArray<Row>, StoreUnavailable>
    /** Its first row. */
    readonly first: <Row extends object>(
      sql: string,
      params: SqlParams
    ) => Effect.Effect<Row | undefined, StoreUnavailable>
    /** Does a write; gives the rows that it returns. */
    readonly write: <Row extends object>(
      sql: string,
      params: SqlParams
    ) => Effect.Effect<ReadonlyArray<Row>, StoreUnavailable>
  }
>() {
  /** Reads and writes over the connections of a pool. */
  static readonly layer: Layer.Layer<PostgresQueries, never, PostgresPool> = Layer.effect(
    PostgresQueries,
    Effect.map(PostgresPool, (pool) => {
      const { all, first } = makeQueries(pool)
      const guarded = new Map<string, string>()
      // The same text each time is found among those that are prepared without being made flat and hashed anew.
      const guard = (sql: string): string => {
        const known = guarded.get(sql)
        if (known !== undefined) return known
        const text = atPrimary(sql)
        if (guarded.size < MAX_STATEMENTS) guarded.set(sql, text)
        return text
      }
      return {
        all: (sql, params) => all(guard(sql), params),
        first: (sql, params) => first(guard(sql), params),
        // A standby refuses it by itself.
        write: all
      }
    })
  )
}

/** Reads of a server, whatever it is. */
export type Queries = Pick<typeof PostgresQueries.Service, "all" | "first">

/** What is said of a statement that nobody waits for any longer; PostgreSQL may still be at it. */
export class TooSlow extends Error {}

// A pooler may give each transaction another connection, on which a name is not known (26000), or is already (42P05).
// Then nothing of the statement was done.
const isUnkept = ({ cause }: StoreUnavailable): boolean =>
  cause instanceof Pg.DatabaseError && (cause.code === "26000" || cause.code === "42P05")

// Processes share connections behind a pooler, so a name means the same statement in all of them.
const nameFor = (text: string) => `catalog_${createHash("sha256").update(text).digest("hex").slice(0, 32)}`

/** Reads over the connections of a pool, each waited for so many milliseconds, or as long as it takes. */
export const makeQueries = ({ pool, limits, admit }: typeof PostgresPool.Service, patience?: number): Queries => {
  const names = new Map<string, string>()
  let keeps = limits.prepare
  const nameOf = (text: string): string | undefined => {
    if (!keeps) return undefined
    const known = names.get(text)
    if (known !== undefined || names.size >= MAX_STATEMENTS) return known
    const name = nameFor(text)
    names.set(text, name)
    return name
  }
  const ask = <Row extends object>(text: string, params: SqlParams, name: string | undefined) =>
    Effect.async<ReadonlyArray<Row>, StoreUnavailable>((resume) => {
      const slow = () =>
        resume(new StoreUnavailable({ cause: new TooSlow(`there was no answer within ${patience} ms`) }))
      const timer = patience === undefined ? undefined : setTimeout(slow, patience)
      pool.query<Row>(
        { text, values: storable(params), ...(name === undefined ? {} : { name }) },
        (error: Error | undefined, result) => {
          clearTimeout(timer)
          resume(error ? storeFailure(error) : Effect.succeed(result.rows))
        }
      )
    })
  const goOnWithout = Effect.suspend(() => {
    if (!keeps) return Effect.void
    keeps = false
    return Effect.logWarning(
      "PostgreSQL does not keep prepared statements, as behind a PgBouncer in transaction mode; going on without them, as --store-prepare off does"
    )
  })
  const all = <Row extends object>(text: string, params: SqlParams) =>
    Effect.zipRight(
      admit,
      Effect.suspend(() => {
        const name = nameOf(text)
        const asked = ask<Row>(text, params, name)
        return name === undefined
          ? asked
          : Effect.catchIf(asked, isUnkept, () => Effect.zipRight(goOnWithout, ask<Row>(text, params, undefined)))
      })
    )
  return {
    all,
    first: <Row extends object>(text: string, params: SqlParams) => Effect.map(all<Row>(text, params), ([row]) => row)
  }
}

/** A statement with its question marks numbered, as PostgreSQL has them. */
export const numbered = ({ sql, params }: SqlText): SqlText => {
  let n = 0
  return { sql: sql.replace(/\?/g, () => `$${++n}`), params }
}
