import { eachBracket } from "./jsonBrackets.ts"

const blanks: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => blanks.has(byte))

/**
 * The objects and arrays that stand behind each other in bytes, on lines of their own or not, each with what is before
 * it. What is left behind the last one is another, which cannot be read; so is everything where there is none.
 */
export const jsonValues = (bytes: Uint8Array): ReadonlyArray<Uint8Array> => {
  const values: Array<Uint8Array> = []
  let start = 0
  eachBracket(bytes, (open, at) => {
    if (open !== 0) return
    values.push(bytes.subarray(start, at + 1))
    start = at + 1
  })
  const rest = bytes.subarray(start)
  return values.length > 0 && isBlank(rest) ? values : [...values, rest]
}
