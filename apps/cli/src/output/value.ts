import { plainCell } from "../rows/Column.ts"
import type { OutputFormat, OutputOptions } from "./OutputFormat.ts"

const line = <Row>({ shape, picked }: OutputOptions<Row>) => {
  const columns = picked ?? shape.flat
  return (row: Row): string => `${columns.map((column) => plainCell(column, row)).join("\t")}\n`
}

/** Nothing but the values, with a tab between them: for shell scripts. */
export const value: OutputFormat = {
  name: "value",
  summary: "bare values with tabs between them, for scripts",
  forPeople: false,
  list: (options) => ({ rows: (rows) => rows.map(line(options)).join("") }),
  show: line
}
