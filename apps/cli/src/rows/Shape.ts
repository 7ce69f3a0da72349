import type { Column } from "./Column.ts"

/** A colour of a terminal. */
export type Colour = "green" | "yellow" | "red" | "bold"

/** How a table of rows fits into a terminal that is too narrow for it; columns go by their names. */
export interface Room {
  /** Columns that may be cut, and how narrow they may become before the table does without them. */
  readonly least: Readonly<Record<string, number>>
  /**
   * What the widest usual value of a column takes: the first rows decide the widths and need not have one, but a later
   * one will.
   */
  readonly usual: Readonly<Record<string, number>>
  /** What a narrow table does without, first to last. */
  readonly dispensable: ReadonlyArray<string>
  /** What stands on a line of its own where even that is not enough. */
  readonly below: string
  /** What a narrow table does without, first to last, once that is on a line of its own. */
  readonly dispensableAtLast: ReadonlyArray<string>
}

/** What the outputs know of a kind of rows: its columns, and which of them each form shows when none are picked. */
export interface Shape<Row> {
  /** Every column, in the order of the contract. */
  readonly columns: ReadonlyArray<Column<Row>>
  /** For a table in the width of the terminal. */
  readonly table: ReadonlyArray<Column<Row>>
  /** For a table that is cut nowhere. */
  readonly wide: ReadonlyArray<Column<Row>>
  /** For a row alone, a property a line. */
  readonly vertical: ReadonlyArray<Column<Row>>
  /** All that a record has without nesting. */
  readonly flat: ReadonlyArray<Column<Row>>
  /** The record of a row in its wire form. */
  readonly record: (row: Row) => Readonly<Record<string, unknown>>
  /** The colour of a cell of the column with a name, where it has one. */
  readonly colour: (column: string, row: Row) => Colour | undefined
  readonly room: Room
}

/** The names of every column of a shape. */
export const columnNames = <Row>({ columns }: Shape<Row>): ReadonlyArray<string> => columns.map(({ name }) => name)
