import { Predicate } from "effect"
import { escapeTextBy } from "../terminal/escapeText.ts"
import { type ListWriter, type OutputFormat, type OutputOptions, recordOf } from "./OutputFormat.ts"

type Members = Readonly<Record<string, unknown>>

// YAML knows no pairs of surrogates, and no halves of them.
const escapeCodePoint = (character: string): string => {
  const code = (character.codePointAt(0) ?? 0).toString(16)
  return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`
}

// Texts are quoted as in JSON, which every YAML reader takes for a text: unquoted, older ones would make a date of a
// time, a number of the version 5.1, and false of the name "no".
const scalar = (value: unknown): string =>
  escapeTextBy(
    JSON.stringify(typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\ufffd") : value),
    escapeCodePoint
  )

const indented = (lead: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.map((line, index) => (index === 0 ? lead : "  ") + line)

/** The lines of a value that takes more than one; undefined when it stands behind its name. */
const block = (value: unknown): ReadonlyArray<string> | undefined => {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.flatMap(item)
  return Predicate.isRecord(value) && Object.keys(value).length > 0 ? lines(value) : undefined
}

const item = (value: unknown): ReadonlyArray<string> => indented("- ", block(value) ?? [scalar(value)])

const lines = (members: Members): ReadonlyArray<string> =>
  Object.entries(members).flatMap(([key, value]) => {
    const name = /^[\w-]+$/.test(key) ? key : scalar(key)
    const below = block(value)
    return below === undefined ? [`${name}: ${scalar(value)}`] : [`${name}:`, ...indented("  ", below)]
  })

/** One sequence of records in wire form. */
export const yaml: OutputFormat = {
  name: "yaml",
  summary: "one sequence of records, as the API has them",
  forPeople: false,
  list: <Item>(options: OutputOptions<Item>): ListWriter<Item> => {
    let empty = true
    // A record of which nothing is left (a datastore alone, where it is unknown) must still be one.
    const one = (row: Item) => `- ${lines(recordOf(row, options)).join("\n  ") || "{}"}\n`
    return {
      rows: (rows) => {
        empty &&= rows.length === 0
        return rows.map(one).join("")
      },
      get end() {
        return empty ? "[]\n" : ""
      }
    }
  },
  show: (options) => (row) => `${lines(recordOf(row, options)).join("\n") || "{}"}\n`
}
