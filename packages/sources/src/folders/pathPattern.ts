import { hasLength } from "@backup-catalog/core"
import { Effect } from "effect"
import { type Problem, SourceRefused } from "../Importer.ts"
import { plainText } from "../records/recordText.ts"
import { type Names, type Token, tokenMatcher } from "./pathTokens.ts"
import { ancestorsOf } from "./sourcePath.ts"

/** What the path of a backup says of it. */
export interface PathNames {
  readonly instance?: string | undefined
  readonly database?: string | undefined
}

/** What the paths of backups say of them, and which of them say nothing. */
export interface PathReading {
  readonly namesOf: (path: string) => PathNames
  readonly problems: ReadonlyArray<Problem>
}

const MAX_PATTERN = 255

// A number of eight digits may be that of a customer, and only one that can be a day begins with one. What has only a
// year, or a month, is a folder of dates as well.
const startsWithDay =
  /^(?:19|20)\d{2}([-_.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?:(?:[01]\d|2[0-3])(?:[0-5]\d(?:[0-5]\d(?:\d{3})?)?)?)?(?!\d)/
const isMonth = /^(?:19|20)\d{2}(?:[-_.]?(?:0[1-9]|1[0-2]))?$/

const isDate = (part: string): boolean => startsWithDay.test(part) || isMonth.test(part)

const token = /\{([^{}]*)\}|\*\*|\*|[^{}*]+|[{}]/g

const refused = (pattern: string, why: string): SourceRefused =>
  new SourceRefused({ message: `The pattern ${plainText(pattern)} ${why}.` })

const tokenOf = (text: string, placeholder: string | undefined): Token | undefined => {
  if (text === "*" || text === "**") return { kind: "any", several: text === "**" }
  if (placeholder === "instance" || placeholder === "database") return { kind: "name", name: placeholder }
  if (placeholder === "date") return { kind: "date" }
  return placeholder !== undefined || text === "{" || text === "}" ? undefined : { kind: "text", text }
}

/** What tells the names that a path has by a pattern, as `readPaths` understands it; refused where it is none. */
export const compilePattern = (pattern: string): Effect.Effect<(path: string) => Names | undefined, SourceRefused> => {
  if (!hasLength(pattern, 0, MAX_PATTERN))
    return Effect.fail(refused(pattern.slice(0, 40), `is longer than ${MAX_PATTERN} characters`))
  const tokens: Array<Token> = []
  for (const [text, placeholder] of pattern.matchAll(token)) {
    const one = tokenOf(text, placeholder)
    if (one === undefined) {
      return Effect.fail(
        refused(
          pattern,
          `has ${plainText(text)}: in braces there may be {instance}, {database} and {date}, and nothing else`
        )
      )
    }
    tokens.push(one)
  }
  return tokens.some(({ kind }) => kind === "name")
    ? Effect.succeed(tokenMatcher(tokens))
    : Effect.fail(refused(pattern, "names nothing: it needs {instance} or {database} in it"))
}

const firstPart = (path: string): PathNames => {
  const first = ancestorsOf(path).at(-2)
  return first === undefined || isDate(first) ? {} : { instance: first }
}

/**
 * What the paths of backups say of them, by a pattern such as `{instance}/{database}-{date}.sql.gz`. Every path fits as
 * a whole or not at all: `{instance}` and `{database}` are one or more characters of one part of the path, as few as
 * do, from the left (and the same ones where they come again); `{date}` is a day, with or without a time; `*` is any
 * number of characters of one part, `**` of any parts; everything else is itself.
 *
 * Without a pattern the first part of a path of several is the instance, unless it is a day, a month or a year. Refused
 * where the pattern is none, or fits no path at all.
 */
export const readPaths = (
  paths: ReadonlyArray<string>,
  pattern: string | undefined
): Effect.Effect<PathReading, SourceRefused> =>
  Effect.gen(function* () {
    if (pattern === undefined) return { namesOf: firstPart, problems: [] }
    const namesOf = yield* compilePattern(pattern)
    const read = new Map(paths.map((path) => [path, namesOf(path)]))
    const unfit = paths.filter((path) => read.get(path) === undefined)
    const [example] = unfit
    if (example !== undefined && unfit.length === paths.length) {
      return yield* refused(pattern, `does not match any of the ${paths.length} backups, such as ${plainText(example)}`)
    }
    return {
      namesOf: (path) => read.get(path) ?? {},
      problems: unfit.map((path) => ({
        place: path,
        message: "does not match the pattern, and was imported without the names of its instance and database"
      }))
    }
  })
