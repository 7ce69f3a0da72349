import { Effect } from "effect"
import { isSafeNumber, parse } from "lossless-json"
import { SourceRefused } from "./Importer.ts"

const utf8 = new TextDecoder("utf-8", { fatal: true })

// An integer that a number cannot hold exactly stays exact: system identifiers are larger than 2^53.
const parseNumber = (text: string): number | bigint =>
  /^-?\d+$/.test(text) && !isSafeNumber(text) ? BigInt(text) : Number(text)

/** The first words of an output that is none, without what no terminal should see. */
const wordsOf = (bytes: Uint8Array): string => {
  const text = new TextDecoder()
    .decode(bytes.slice(0, 400))
    .replace(/[\p{Cc}\p{Cf}\ufffd]+/gu, " ")
    .trim()
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`
}

/** The JSON value of a tool's output, with large integers as bigints; refused with the tool's own words when it is none. */
export const readJson = (bytes: Uint8Array, title: string): Effect.Effect<unknown, SourceRefused> =>
  Effect.try({
    try: () => parse(utf8.decode(bytes), undefined, parseNumber),
    catch: () =>
      new SourceRefused({
        message: bytes.every((byte) => byte <= 0x20)
          ? `${title} printed nothing; an empty inventory would be [] or {}, so something went wrong. Look at its stderr.`
          : `This is not JSON of ${title}; it begins with: ${wordsOf(bytes)}`
      })
  })
