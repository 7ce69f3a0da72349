import { type Column, membersOf } from "../rows/Column.ts"
import type { Shape } from "../rows/Shape.ts"

/** What was asked of an output, and what it is written to. */
export interface OutputOptions<Row> {
  readonly shape: Shape<Row>
  /** The columns that were picked; undefined for the format's own choice. */
  readonly picked: ReadonlyArray<Column<Row>> | undefined
  /** Whether a format that has a header shows it. */
  readonly header: boolean
  /** How many columns the terminal has; undefined when nothing may be cut. */
  readonly width: number | undefined
  readonly colour: boolean
  /** Rows that are known to come in a list, but not whether all will: a table has room for them. */
  readonly foreseen?: ReadonlyArray<Row>
}

/** A list on its way out, page by page; whoever writes it keeps nothing of a page that was written. */
export interface ListWriter<Row> {
  /** The text for the next rows, with all that belongs in front of them. Called at least once, also without rows. */
  readonly rows: (rows: ReadonlyArray<Row>) => string
  /** The text behind the last row. */
  readonly end?: string
  /** What a person should be told besides, once the list is complete. */
  readonly note?: () => string | undefined
}

/** A form in which rows are written. A new one is a file with one of these, and a line in `formats.ts`. */
export interface OutputFormat {
  readonly name: string
  /** What it is for, as a fragment. */
  readonly summary: string
  /** Whether it is for reading and says so itself when a list is empty. */
  readonly forPeople: boolean
  readonly list: <Row>(options: OutputOptions<Row>) => ListWriter<Row>
  /** The text for one row alone. */
  readonly show: <Row>(options: OutputOptions<Row>) => (row: Row) => string
}

/** The record of a row in its wire form, or an object of the picked columns alone. */
export const recordOf = <Row>(row: Row, { shape, picked }: OutputOptions<Row>): Readonly<Record<string, unknown>> =>
  picked === undefined ? shape.record(row) : membersOf(row, picked)
