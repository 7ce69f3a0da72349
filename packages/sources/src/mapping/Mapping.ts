import { describeParseError, hasLength } from "@backup-catalog/core"
import { Effect, Schema } from "effect"
import { SourceRefused } from "../Importer.ts"
import { importers } from "../importers.ts"
import { plainText } from "../records/recordText.ts"

const MAX_PATTERN = 500
const MAX_RULES = 1_000

/** The expression that a whole name has to fit. */
export const wholeName = (match: string): RegExp => new RegExp(`^(?:${match})$`, "su")

/** Why a text is no regular expression; undefined when it is one. */
const faultIn = (match: string): string | undefined => {
  try {
    // By itself, or brackets that close what was put around it would go unnoticed.
    new RegExp(match, "su")
    return undefined
  } catch (error) {
    const words = error instanceof Error ? error.message : ""
    return words.slice(words.lastIndexOf(": ") + 2).toLowerCase()
  }
}

const text = (most: number) =>
  Schema.String.pipe(
    Schema.filter((value) => hasLength(value, 1, most), {
      message: () => `must have 1 to ${most} characters`,
      jsonSchema: { minLength: 1, maxLength: most }
    })
  )

const Pattern = text(MAX_PATTERN).pipe(
  Schema.filter((match) => {
    const fault = faultIn(match)
    return fault === undefined ? true : `is not a regular expression: ${fault}`
  })
)

// `$&` is the whole name, and needs no group.
const reference = /\$(?:(\d{1,2})|<([^>]*)>|([`'])|\$)/g

/** The first reference of a replacement to what is not a group of its expression; undefined when there is none. */
const unknownGroup = (match: string, to: string): string | undefined => {
  // The empty alternative always fits, and then all groups are there without a text.
  const groups = new RegExp(`${match}|`, "su").exec("")
  const names = groups?.groups ?? {}
  // `$10` is the first group and a 0 where there are fewer than ten.
  const isNumber = (digits: string) =>
    [digits, digits.slice(0, 1)].some((number) => Number(number) >= 1 && Number(number) < (groups?.length ?? 0))
  for (const [whole, digits, name, side] of to.matchAll(reference)) {
    // What stands before and behind a whole name is nothing.
    if (side !== undefined) return whole
    if (digits !== undefined && !isNumber(digits)) return whole
    if (name !== undefined && !Object.hasOwn(names, name)) return whole
  }
  return undefined
}

const toolNames = importers.map(({ name }) => name)

/** How instances of some names are called in the catalog. */
export const MappingRule = Schema.Struct({
  /** A regular expression that the whole name has to fit: letter case counts, and so does every character. */
  match: Pattern,
  /** The new name, with `$1` or `$<name>` for what a group fits; `$$` is a dollar sign. */
  to: text(MAX_PATTERN),
  /** The source whose instances are meant; those of every source where it is left out. */
  source: Schema.optionalWith(text(255), { exact: true }),
  /** The name of the importer, likewise. */
  tool: Schema.optionalWith(
    Schema.String.pipe(
      Schema.filter((tool) => toolNames.includes(tool), {
        message: () => `must be one of ${toolNames.join(" ")}`,
        jsonSchema: { enum: toolNames }
      })
    ),
    { exact: true }
  )
}).pipe(
  Schema.filter(({ match, to }) => {
    const unknown = faultIn(match) === undefined ? unknownGroup(match, to) : undefined
    return unknown === undefined
      ? true
      : { path: ["to"], message: `must refer only to groups of match, but ${plainText(unknown)} is not one` }
  })
)
export type MappingRule = typeof MappingRule.Type

/**
 * How instances are called in the catalog where it is not by the names that their tools know: the first rule that fits.
 */
export const Mapping = Schema.Struct({
  instances: Schema.Array(MappingRule).pipe(
    Schema.filter((rules) => rules.length <= MAX_RULES, {
      message: () => `must have at most ${MAX_RULES} rules`,
      jsonSchema: { maxItems: MAX_RULES }
    })
  )
})
export type Mapping = typeof Mapping.Type

const decode = Schema.decodeUnknown(Mapping, { onExcessProperty: "error" })

/** The mapping that a value is, as a file of YAML or JSON has it; refused in one sentence when it is none. */
export const decodeMapping = (value: unknown): Effect.Effect<Mapping, SourceRefused> =>
  Effect.mapError(
    decode(value),
    (error) => new SourceRefused({ message: `The mapping cannot be used: ${describeParseError(error, "it")}.` })
  )
