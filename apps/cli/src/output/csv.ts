import { stringify } from "csv-stringify/sync"
import { type Column, plainCell } from "../rows/Column.ts"
import type { OutputFormat, OutputOptions } from "./OutputFormat.ts"

// A spreadsheet calculates what begins like this, and whoever may name a backup could have it do so.
const formula = /^[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/

const cell = <Row>(column: Column<Row>, row: Row): string => {
  const text = plainCell(column, row)
  return typeof column.value(row) === "string" && formula.test(text) ? `'${text}` : text
}

const writer = <Row>({ shape, picked, header }: OutputOptions<Row>) => {
  const columns = picked ?? shape.flat
  let pending = header
  return (rows: ReadonlyArray<Row>): string => {
    const lines = rows.map((row) => columns.map((column) => cell(column, row)))
    const all = pending ? [columns.map(({ name }) => name), ...lines] : lines
    pending = false
    // A line without anything on it is no row to a reader.
    return stringify(all, { quoted_empty: columns.length === 1 })
  }
}

/** Comma-separated values with a header, for spreadsheets: no text in them begins like a formula. */
export const csv: OutputFormat = {
  name: "csv",
  summary: "comma-separated values with a header",
  forPeople: false,
  list: (options) => ({ rows: writer(options) }),
  show: (options) => (row) => writer(options)([row])
}
