import { type OutputFormat, recordOf } from "./OutputFormat.ts"
import { safeJson } from "./safeJson.ts"

/** One array of records in wire form, indented. */
export const json: OutputFormat = {
  name: "json",
  summary: "one array of records, as the API has them",
  forPeople: false,
  list: (options) => {
    let empty = true
    return {
      rows: (rows) =>
        rows
          .map((row) => {
            const lead = empty ? "[\n  " : ",\n  "
            empty = false
            return lead + safeJson(recordOf(row, options), 2).replaceAll("\n", "\n  ")
          })
          .join(""),
      get end() {
        return empty ? "[]\n" : "\n]\n"
      }
    }
  },
  show: (options) => (row) => `${safeJson(recordOf(row, options), 2)}\n`
}
