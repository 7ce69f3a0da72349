import { MAX_LINE_BYTES } from "@backup-catalog/core"
import type { Entry } from "./Entry.ts"

const NEWLINE = 0x0a
const NONE: ReadonlyArray<Entry> = []
const decoder = new TextDecoder("utf-8", { fatal: true })

const parseLine = (number: number, line: Uint8Array): Entry | undefined => {
  const place = `line ${number}`
  const bytes = line.length
  let text: string
  try {
    text = decoder.decode(line).trim()
  } catch {
    return { place, number, bytes, problem: "it is not valid UTF-8" }
  }
  if (text === "") return undefined
  try {
    return { place, number, bytes, value: JSON.parse(text) }
  } catch {
    return { place, number, bytes, problem: "it is not valid JSON" }
  }
}

/** The lines of NDJSON, one record each; empty lines are passed over. Memory: one chunk and one line. */
export async function* ndjsonEntries(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ReadonlyArray<Entry>> {
  let number = 1
  let rest: Uint8Array = new Uint8Array(0)
  let tooLong = false
  const take = (line: Uint8Array): ReadonlyArray<Entry> => {
    // Compressed, millions of them are a small body.
    if (line.length === 0 && !tooLong) {
      number++
      return NONE
    }
    const long = tooLong || line.length > MAX_LINE_BYTES
    tooLong = false
    const entry = long
      ? { place: `line ${number}`, number, bytes: 0, problem: `it is larger than ${MAX_LINE_BYTES} bytes` }
      : parseLine(number, line)
    number++
    return entry === undefined ? [] : [entry]
  }
  for await (const chunk of chunks) {
    const entries: Array<Entry> = []
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const line = chunk.subarray(start, end)
      entries.push(...take(rest.length === 0 ? line : Buffer.concat([rest, line])))
      rest = new Uint8Array(0)
      start = end + 1
    }
    rest = Buffer.concat([rest, chunk.subarray(start)])
    if (rest.length > MAX_LINE_BYTES) {
      // The rest of an oversized line is dropped as it comes, so that it cannot fill the memory.
      tooLong = true
      rest = new Uint8Array(0)
    }
    yield entries
  }
  if (rest.length > 0 || tooLong) yield take(rest)
}
