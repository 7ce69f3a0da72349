import { stringify } from "csv-stringify/sync"
import { columnsNamed, plainCell, type Row } from "../Column.ts"
import type { OutputFormat, OutputOptions } from "./OutputFormat.ts"
import { recordColumns } from "./recordColumns.ts"

const writer = ({ picked = columnsNamed(...recordColumns), header }: OutputOptions) => {
  let pending = header
  return (rows: ReadonlyArray<Row>): string => {
    const lines = rows.map((row) => picked.map((column) => plainCell(column, row)))
    const all = pending ? [picked.map(({ name }) => name), ...lines] : lines
    pending = false
    // A line without anything on it is no row to a reader.
    return stringify(all, { quoted_empty: picked.length === 1 })
  }
}

/** Comma-separated values with a header. */
export const csv: OutputFormat = {
  name: "csv",
  summary: "comma-separated values with a header",
  forPeople: false,
  list: (options) => ({ rows: writer(options) }),
  show: (options) => (row) => writer(options)([row])
}
