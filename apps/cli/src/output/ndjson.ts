import { recordOf } from "../Column.ts"
import type { OutputFormat } from "./OutputFormat.ts"
import { safeJson } from "./safeJson.ts"

/** One record a line, in wire form. */
export const ndjson: OutputFormat = {
  name: "ndjson",
  summary: "one record a line, as the API has them",
  forPeople: false,
  list: ({ picked }) => ({ rows: (rows) => rows.map((row) => `${safeJson(recordOf(row, picked))}\n`).join("") }),
  show:
    ({ picked }) =>
    (row) =>
      `${safeJson(recordOf(row, picked))}\n`
}
