import Database from "better-sqlite3"
import { Effect, type Scope } from "effect"
import { escaped } from "../postgres/storable.ts"
import { StoreUnreadable } from "./CopyRefused.ts"
import { HELD_ROWS, type StoreRows } from "./StoreRows.ts"
import type { Kind, Row, Table } from "./tables.ts"

const EXPRESSION: Readonly<Record<Kind, (column: string) => string>> = {
  text: (column) => column,
  integer: (column) => column,
  boolean: (column) => column,
  bytes: (column) => `lower(hex(${column}))`
}

const select = ({ name, columns, inSqlite = name }: Table): string => {
  const wanted = Object.entries(columns).map(([column, kind]) =>
    EXPRESSION[kind](inSqlite !== name && column === "account" ? "sources.account" : `${name}.${column}`)
  )
  return `SELECT ${wanted.join(", ")} FROM ${inSqlite}`
}

/**
 * The rows of an SQLite store whose schema is up to date; others may read and write it meanwhile. At another path than
 * its own where that is a copy of it.
 */
export const sqliteRows = (store: string, path = store): Effect.Effect<StoreRows, StoreUnreadable, Scope.Scope> => {
  const attempt = <A>(read: () => A): Effect.Effect<A, StoreUnreadable> =>
    Effect.try({
      try: read,
      catch: (cause) => new StoreUnreadable({ store, reason: cause instanceof Error ? cause.message : String(cause) })
    })
  const open = Effect.acquireRelease(
    attempt(() => new Database(path, { readonly: true, fileMustExist: true })),
    (database) => Effect.sync(() => database.close())
  )
  return Effect.flatMap(open, (database) =>
    attempt(() => {
      // One moment for all tables.
      database.exec("BEGIN")
      const check = database.pragma("integrity_check(1)", { simple: true })
      if (check !== "ok") throw new Error(String(check))
      return {
        toKept: (row) => row.map((value) => (typeof value === "string" ? escaped(value) : value)),
        each: (table, take) =>
          Effect.gen(function* () {
            const rows = yield* attempt(() => database.prepare<[], Row>(select(table)).safeIntegers().raw().iterate())
            let more = true
            while (more) {
              const some = yield* attempt(() => {
                const part: Array<Row> = []
                while (part.length < HELD_ROWS) {
                  const next = rows.next()
                  if (next.done === true) break
                  part.push(next.value)
                }
                return part
              })
              if (some.length > 0) yield* take(some)
              more = some.length === HELD_ROWS
            }
          })
      } satisfies StoreRows
    })
  )
}
