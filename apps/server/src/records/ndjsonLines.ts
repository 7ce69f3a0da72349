import { MAX_LINE_BYTES } from "@backup-catalog/core"
import type { Entry } from "./Entry.ts"

const NEWLINE = 0x0a
const decoder = new TextDecoder("utf-8", { fatal: true })

/** A line of NDJSON, by its number from 1 and its size; with the reason where it has no text. */
export type Line = { readonly number: number; readonly bytes: number } & (
  | { readonly text: string }
  | { readonly problem: string }
)

/** What a line has. */
export const lineEntry = (line: Line): Entry => {
  const { number, bytes } = line
  const place = `line ${number}`
  if ("problem" in line) return { place, number, bytes, problem: line.problem }
  try {
    return { place, number, bytes, value: JSON.parse(line.text) }
  } catch {
    return { place, number, bytes, problem: "it is not valid JSON" }
  }
}

const toLine = (number: number, line: Uint8Array): Line | undefined => {
  const bytes = line.length
  let text: string
  try {
    text = decoder.decode(line).trim()
  } catch {
    return { number, bytes, problem: "it is not valid UTF-8" }
  }
  return text === "" ? undefined : { number, bytes, text }
}

/** The lines of NDJSON; empty ones are passed over. Memory: one chunk and one line. */
export async function* ndjsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ReadonlyArray<Line>> {
  let number = 0
  // Joined once, where the line ends: it may come in pieces of a few bytes.
  let rest: Array<Uint8Array> = []
  let restBytes = 0
  let tooLong = false
  const take = (lines: Array<Line>, line: Uint8Array): void => {
    number++
    const long = tooLong || line.length > MAX_LINE_BYTES
    tooLong = false
    const taken = long
      ? { number, bytes: 0, problem: `it is larger than ${MAX_LINE_BYTES} bytes` }
      : toLine(number, line)
    if (taken !== undefined) lines.push(taken)
  }
  for await (const chunk of chunks) {
    const lines: Array<Line> = []
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const line = chunk.subarray(start, end)
      take(lines, rest.length === 0 ? line : Buffer.concat([...rest, line]))
      rest = []
      restBytes = 0
      start = end + 1
    }
    if (start < chunk.length) {
      rest.push(chunk.subarray(start))
      restBytes += chunk.length - start
    }
    if (restBytes > MAX_LINE_BYTES) {
      // The rest of an oversized line is dropped as it comes, so that it cannot fill the memory.
      tooLong = true
      rest = []
      restBytes = 0
    }
    yield lines
  }
  if (rest.length === 0 && !tooLong) return
  const lines: Array<Line> = []
  take(lines, Buffer.concat(rest))
  yield lines
}

/** What the lines of NDJSON have, one record each. */
export async function* ndjsonEntries(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ReadonlyArray<Entry>> {
  for await (const lines of ndjsonLines(chunks)) yield lines.map(lineEntry)
}
