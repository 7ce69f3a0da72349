import { Buffer, isAscii } from "node:buffer"
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

/** Puts lines of NDJSON together from chunks, with empty ones passed over. Memory: one chunk and one line. */
export const makeLines = () => {
  let number = 0
  // Joined once, where the line ends: it may come in pieces of a few bytes.
  let rest: Array<Uint8Array> = []
  let restBytes = 0
  let tooLong = false

  const keep = (piece: Uint8Array): void => {
    rest.push(piece)
    restBytes += piece.length
    if (restBytes <= MAX_LINE_BYTES) return
    // The rest of an oversized line is dropped as it comes, so that it cannot fill the memory.
    tooLong = true
    rest = []
    restBytes = 0
  }

  const endLine = (lines: Array<Line>, end: Uint8Array): void => {
    const line = rest.length === 0 ? end : Buffer.concat([...rest, end])
    const long = tooLong || line.length > MAX_LINE_BYTES
    rest = []
    restBytes = 0
    tooLong = false
    number++
    const taken = long
      ? { number, bytes: 0, problem: `it is larger than ${MAX_LINE_BYTES} bytes` }
      : toLine(number, line)
    if (taken !== undefined) lines.push(taken)
  }

  /** Takes lines of ASCII as one text, at a fraction of what each costs by itself. */
  const takePlain = (lines: Array<Line>, some: Uint8Array): void => {
    for (const line of Buffer.from(some.buffer, some.byteOffset, some.length).toString("latin1").split("\n")) {
      number++
      const text = line.trim()
      if (text !== "") lines.push({ number, bytes: line.length, text })
    }
  }

  /** The lines that end in a chunk. */
  const take = (chunk: Uint8Array): ReadonlyArray<Line> => {
    const lines: Array<Line> = []
    const first = chunk.indexOf(NEWLINE)
    if (first === -1) {
      keep(chunk)
      return lines
    }
    endLine(lines, chunk.subarray(0, first))
    const last = chunk.lastIndexOf(NEWLINE)
    const between = chunk.subarray(first + 1, last)
    if (last > first && last - first <= MAX_LINE_BYTES && isAscii(between)) takePlain(lines, between)
    else {
      let start = first + 1
      for (let end = chunk.indexOf(NEWLINE, start); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        endLine(lines, chunk.subarray(start, end))
        start = end + 1
      }
    }
    if (last + 1 < chunk.length) keep(chunk.subarray(last + 1))
    return lines
  }

  /** The last line, where nothing ends it. */
  const end = (): ReadonlyArray<Line> => {
    const lines: Array<Line> = []
    if (rest.length > 0 || tooLong) endLine(lines, new Uint8Array())
    return lines
  }

  return { take, end }
}

/** What the lines of NDJSON have, one record each. */
export async function* ndjsonEntries(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ReadonlyArray<Entry>> {
  const { take, end } = makeLines()
  for await (const chunk of chunks) yield take(chunk).map(lineEntry)
  yield end().map(lineEntry)
}
