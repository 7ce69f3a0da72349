import { Either } from "effect"
import { refuse, type UsageError } from "../outcomes/UsageError.ts"
import { csv } from "./csv.ts"
import { json } from "./json.ts"
import { ndjson } from "./ndjson.ts"
import type { OutputFormat } from "./OutputFormat.ts"
import { table } from "./table.ts"
import { value } from "./value.ts"
import { wide } from "./wide.ts"
import { yaml } from "./yaml.ts"

/** Every form of output; the first is what is used when none is asked for. */
export const formats: readonly [OutputFormat, ...ReadonlyArray<OutputFormat>] = [
  table,
  wide,
  json,
  ndjson,
  yaml,
  csv,
  value
]

/** The names of every form of output. */
export const formatNames: ReadonlyArray<string> = formats.map(({ name }) => name)

/** The form of output of a name, the first of all when none is given; `own` are others that a command has. */
export const parseFormat = (
  name: string | undefined,
  own: ReadonlyArray<{ readonly name: string }> = []
): Either.Either<OutputFormat, UsageError> => {
  const format = name === undefined ? formats[0] : formats.find((one) => one.name === name)
  return format === undefined
    ? refuse(`The output ${name} is not known; there are ${[...formatNames, ...own.map((one) => one.name)].join(" ")}.`)
    : Either.right(format)
}
