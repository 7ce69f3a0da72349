import type { SqlError } from "@effect/sql"
import { Effect } from "effect"
import { bigints, texts } from "../postgres/storable.ts"
import type { Transactions } from "../postgres/transactions.ts"
import { PostgresGaveUp, StoreFilled } from "./CopyRefused.ts"
import { HELD_ROWS, type StoreRows } from "./StoreRows.ts"
import { type Kind, type Row, type Table, tables, type Value } from "./tables.ts"

const READ: Readonly<Record<Kind, (column: string) => string>> = {
  text: (column) => column,
  integer: (column) => column,
  boolean: (column) => `${column}::int::bigint`,
  bytes: (column) => `encode(${column}, 'hex')`
}

const WRITE: Readonly<Record<Kind, (value: string) => string>> = {
  text: (value) => value,
  integer: (value) => value,
  boolean: (value) => `${value} <> 0`,
  bytes: (value) => `decode(${value}, 'hex')`
}

const isText = (kind: Kind): boolean => kind === "text" || kind === "bytes"

const put = ({ name, columns }: Table): string => {
  const kinds = Object.values(columns)
  const values = kinds.map((kind, n) => WRITE[kind](`v${n}`))
  const arrays = kinds.map((kind, n) => `$${n + 1}::${isText(kind) ? "text" : "bigint"}[]`)
  return `
    INSERT INTO ${name} (${Object.keys(columns).join(", ")}) SELECT ${values.join(", ")}
    FROM unnest(${arrays.join(", ")}) AS given (${kinds.map((_, n) => `v${n}`).join(", ")})`
}

const failure = (error: SqlError.SqlError) =>
  new PostgresGaveUp({ reason: error.cause instanceof Error ? error.cause.message : error.message })

const isDuplicate = ({ cause }: SqlError.SqlError): boolean =>
  cause instanceof Error && "code" in cause && cause.code === "23505"

/** Writes rows of a table into a PostgreSQL store that was found empty, which has this name. */
export const putRows = ({ run }: Transactions, store: string, table: Table, rows: ReadonlyArray<Row>) => {
  const kinds = Object.values(table.columns)
  const column = (n: number): ReadonlyArray<Value> => rows.map((row) => row[n] ?? null)
  return Effect.mapError(
    run(
      put(table),
      kinds.map((kind, n) =>
        isText(kind)
          ? texts(column(n) as ReadonlyArray<string | null>)
          : bigints(column(n) as ReadonlyArray<bigint | null>)
      )
    ),
    (error) => (isDuplicate(error) ? new StoreFilled({ store }) : failure(error))
  )
}

/** The name of a table that is not empty, if there is one. */
export const someRows = ({ first }: Transactions) =>
  Effect.mapError(
    Effect.findFirst(tables, ({ name }) =>
      Effect.map(first(`SELECT 1 FROM ${name} LIMIT 1`, []), (row) => row !== undefined)
    ),
    failure
  )

/** Lets PostgreSQL look at what is in its tables. */
export const analyse = ({ run }: Transactions) =>
  Effect.mapError(run(`ANALYZE ${tables.map(({ name }) => name).join(", ")}`, []), failure)

/** The rows of a PostgreSQL store, for use within a transaction; as it keeps them. */
export const postgresRows = ({ run, rows }: Transactions): StoreRows => ({
  toKept: (row) => row,
  each: ({ name, columns }, take) =>
    Effect.gen(function* () {
      const names = Object.keys(columns)
      const wanted = Object.entries(columns).map(([column, kind]) => `${READ[kind](column)} AS ${column}`)
      const sql = <A>(statement: Effect.Effect<A, SqlError.SqlError>) => Effect.mapError(statement, failure)
      yield* sql(run(`DECLARE every_row NO SCROLL CURSOR FOR SELECT ${wanted.join(", ")} FROM ${name}`, []))
      let more = true
      while (more) {
        const some = yield* sql(rows<Record<string, Value>>(`FETCH ${HELD_ROWS} FROM every_row`, []))
        if (some.length > 0) yield* take(some.map((row) => names.map((column) => row[column] ?? null)))
        more = some.length === HELD_ROWS
      }
      yield* sql(run("CLOSE every_row", []))
    })
})
