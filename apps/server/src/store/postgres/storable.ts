import type { SqlParams } from "../SqlText.ts"

// U+0000, which no text of PostgreSQL may have, and U+0001, which stands for both.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
const special = /[\u0000\u0001]/

/** A text as PostgreSQL can keep it. */
export const escaped = (text: string): string =>
  special.test(text) ? text.replaceAll("\u0001", "\u00011").replaceAll("\u0000", "\u00010") : text

/**
 * The values of a statement as PostgreSQL can take them: a text with U+0000 as another one, which no other text becomes
 * and which stands at the same place in the order of texts.
 */
export const storable = (params: SqlParams): Array<SqlParams[number]> =>
  params.map((value) => (typeof value === "string" ? escaped(value) : value))

const TEXT = 25
const INT8 = 20

const HEAD = 20

/** An array of values as PostgreSQL has it on the wire, where nothing has to be escaped or parsed. */
const arrayOf = <Value>(
  type: number,
  values: ReadonlyArray<Value | null>,
  lengthOf: (value: Value) => number,
  write: (value: Value, into: Buffer, at: number) => void
): Buffer => {
  const lengths = values.map((value) => (value === null ? -1 : lengthOf(value)))
  const array = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + Math.max(0, length), HEAD))
  // One dimension, nulls allowed, the type of the elements; then how many there are, counted from 1.
  for (const [n, head] of [1, 1, type, values.length, 1].entries()) array.writeInt32BE(head, 4 * n)
  let at = HEAD
  for (const [n, value] of values.entries()) {
    const length = lengths[n] ?? -1
    at = array.writeInt32BE(length, at)
    if (value === null) continue
    write(value, array, at)
    at += length
  }
  return array
}

/** An array of texts, as a value of a statement. */
export const texts = (values: ReadonlyArray<string | null>): Buffer =>
  arrayOf(
    TEXT,
    values.map((text) => (text === null ? null : escaped(text))),
    (text) => Buffer.byteLength(text),
    (text, into, at) => into.write(text, at)
  )

/** An array of integers of 64 bits, as a value of a statement. */
export const bigints = (values: ReadonlyArray<bigint | null>): Buffer =>
  arrayOf(
    INT8,
    values,
    () => 8,
    (value, into, at) => into.writeBigInt64BE(value, at)
  )
