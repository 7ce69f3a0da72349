import { Effect } from "effect"
import { isSafeNumber, parse } from "lossless-json"
import { SourceRefused } from "../Importer.ts"
import { plainText } from "../records/recordText.ts"
import { eachBracket } from "./jsonBrackets.ts"

const utf8 = new TextDecoder("utf-8", { fatal: true })

// To compute with one of as many digits as a damaged file may have takes minutes.
const MAX_DIGITS = 1_000

// An integer that a number cannot hold exactly stays exact: system identifiers are larger than 2^53.
const parseNumber = (text: string): number | bigint =>
  text.length <= MAX_DIGITS && /^-?\d+$/.test(text) && !isSafeNumber(text) ? BigInt(text) : Number(text)

// What tools print has some ten levels; what looks into a value, or says what is wrong with it, goes down level by
// level.
const MAX_DEPTH = 500

class TooDeep extends Error {}

const refuseDepth = (bytes: Uint8Array): void =>
  eachBracket(bytes, (open) => {
    if (open > MAX_DEPTH) throw new TooDeep()
  })

/** The first words of an output that is none, without what no terminal should see. */
const wordsOf = (bytes: Uint8Array): string => {
  const text = new TextDecoder()
    .decode(bytes.slice(0, 400))
    .replace(/[\p{Cc}\p{Cf}\ufffd]+/gu, " ")
    .trim()
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`
}

const startsWith = (bytes: Uint8Array, ...start: ReadonlyArray<number>): boolean =>
  start.every((byte, index) => bytes[index] === byte)

/** What is wrong with an output that begins as JSON does; empty where that cannot be said in a few words. */
const faultIn = (error: unknown): string => {
  if (error instanceof TypeError) return " (it is not UTF-8)"
  if (error instanceof TooDeep) return ` (it is nested more than ${MAX_DEPTH} levels deep)`
  if (!(error instanceof SyntaxError)) return ""
  const [, key] = /^Duplicate key '(.*)' encountered/s.exec(error.message) ?? []
  if (key !== undefined) return ` (it says two things of ${plainText(JSON.stringify(key.slice(0, 80)))})`
  if (error.message.includes("Expected end of input")) return " (something follows behind its end)"
  if (error.message.includes("reached end of input")) return " (it was cut off)"
  const [, position] = /at position (\d+)$/.exec(error.message) ?? []
  return position === undefined ? "" : ` (it is broken at character ${Number(position) + 1})`
}

const refusalOf = (bytes: Uint8Array, title: string, error: unknown): string => {
  if (bytes.every((byte) => byte <= 0x20)) {
    return `${title} printed nothing; an empty inventory would be [] or {}, so something went wrong. Look at its stderr.`
  }
  if (startsWith(bytes, 0x1f, 0x8b)) return `This is compressed by gzip: give what ${title} printed, uncompressed.`
  if (startsWith(bytes, 0xff, 0xfe) || startsWith(bytes, 0xfe, 0xff)) {
    return `This is UTF-16, as PowerShell writes what a program prints: give what ${title} printed, as UTF-8.`
  }
  const words = wordsOf(bytes)
  return `This is not JSON of ${title}${/^[[{]/.test(words) ? faultIn(error) : ""}; it begins with: ${words}`
}

/**
 * The JSON value of a tool's output, with large integers as bigints; refused with the tool's own words when it is none.
 */
export const readJson = (bytes: Uint8Array, title: string): Effect.Effect<unknown, SourceRefused> =>
  Effect.try({
    try: () => {
      const text = utf8.decode(bytes)
      refuseDepth(bytes)
      return parse(text, undefined, parseNumber)
    },
    catch: (error) => new SourceRefused({ message: refusalOf(bytes, title, error) })
  })
