import type { Effect } from "effect"
import type { CopyRefused } from "./CopyRefused.ts"
import type { Row, Table } from "./tables.ts"

/** Rows that are held at once. */
export const HELD_ROWS = 1000

/** All rows of a store, as they are at one moment. */
export interface StoreRows {
  /** A row as PostgreSQL keeps it, by which stores are compared. */
  readonly toKept: (row: Row) => Row
  /** Gives the rows of a table, some at a time. */
  readonly each: (
    table: Table,
    take: (rows: ReadonlyArray<Row>) => Effect.Effect<void, CopyRefused>
  ) => Effect.Effect<void, CopyRefused>
}
