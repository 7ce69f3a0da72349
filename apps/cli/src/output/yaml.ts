import { type Row, recordOf } from "../Column.ts"
import type { OutputFormat } from "./OutputFormat.ts"
import { safeJson } from "./safeJson.ts"

type Members = Readonly<Record<string, unknown>>

const isMembers = (value: unknown): value is Members => typeof value === "object" && value !== null

// Texts are quoted as in JSON, which every YAML reader takes for a text: unquoted, older ones would make a date of a
// time, a number of the version 5.1, and false of the name "no".
const lines = (members: Members): ReadonlyArray<string> =>
  Object.entries(members).flatMap(([name, value]) =>
    isMembers(value) ? [`${name}:`, ...lines(value).map((line) => `  ${line}`)] : [`${name}: ${safeJson(value)}`]
  )

/** One sequence of records in wire form. */
export const yaml: OutputFormat = {
  name: "yaml",
  summary: "one sequence of records, as the API has them",
  forPeople: false,
  list: ({ picked }) => {
    let empty = true
    // A record of which nothing is left (a datastore alone, where it is unknown) must still be one.
    const item = (row: Row) => `- ${lines(recordOf(row, picked)).join("\n  ") || "{}"}\n`
    return {
      rows: (rows) => {
        empty &&= rows.length === 0
        return rows.map(item).join("")
      },
      get end() {
        return empty ? "[]\n" : ""
      }
    }
  },
  show:
    ({ picked }) =>
    (row) =>
      `${lines(recordOf(row, picked)).join("\n") || "{}"}\n`
}
