import { type OutputFormat, recordOf } from "./OutputFormat.ts"
import { safeJson } from "./safeJson.ts"

/** One record a line, in wire form. */
export const ndjson: OutputFormat = {
  name: "ndjson",
  summary: "one record a line, as the API has them",
  forPeople: false,
  list: (options) => ({ rows: (rows) => rows.map((row) => `${safeJson(recordOf(row, options))}\n`).join("") }),
  show: (options) => (row) => `${safeJson(recordOf(row, options))}\n`
}
