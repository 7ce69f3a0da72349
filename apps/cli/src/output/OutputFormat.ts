import type { Column, Row } from "../Column.ts"

/** What was asked of an output, and what it is written to. */
export interface OutputOptions {
  /** The columns that were picked; undefined for the format's own choice. */
  readonly picked: ReadonlyArray<Column> | undefined
  /** Whether a format that has a header shows it. */
  readonly header: boolean
  /** How many columns the terminal has; undefined when nothing may be cut. */
  readonly width: number | undefined
  readonly colour: boolean
  /** Whether the records are of several accounts, and say of which. */
  readonly projects: boolean
  /** Rows that are known to come in a list, but not whether all will: a table has room for them. */
  readonly foreseen?: ReadonlyArray<Row>
}

/** A list on its way out, page by page; whoever writes it keeps nothing of a page that was written. */
export interface ListWriter {
  /** The text for the next rows, with all that belongs in front of them. Called at least once, also without rows. */
  readonly rows: (rows: ReadonlyArray<Row>) => string
  /** The text behind the last row. */
  readonly end?: string
  /** What a person should be told besides, once the list is complete. */
  readonly note?: () => string | undefined
}

/** A form in which backups are written. A new one is a file with one of these, and a line in `formats.ts`. */
export interface OutputFormat {
  readonly name: string
  /** What it is for, as a fragment. */
  readonly summary: string
  /** Whether it is for reading and says so itself when a list is empty. */
  readonly forPeople: boolean
  readonly list: (options: OutputOptions) => ListWriter
  /** The text for one backup alone. */
  readonly show: (options: OutputOptions) => (row: Row) => string
}
