import type { SqlParams } from "../sliceConditions.ts"

/** A value of a statement; of arrays, PostgreSQL makes rows. */
export type SqlValue = SqlParams[number] | SqlParams

// U+0000, which no text of PostgreSQL may have, and U+0001, which stands for both.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
const special = /[\u0000\u0001]/

const escaped = (text: string): string =>
  special.test(text) ? text.replaceAll("\u0001", "\u00011").replaceAll("\u0000", "\u00010") : text

/**
 * The values of a statement as PostgreSQL can take them: a text with U+0000 as another one, which no other text becomes
 * and which stands at the same place in the order of texts.
 */
export const storable = (params: ReadonlyArray<SqlValue>): Array<SqlValue> =>
  params.map((value) =>
    typeof value === "string"
      ? escaped(value)
      : Array.isArray(value)
        ? value.map((one) => (typeof one === "string" ? escaped(one) : one))
        : value
  )
