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
  // Joined once, where the line ends: it may come in pieces of a few bytes.
  let rest: Array<Uint8Array> = []
  let restBytes = 0
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
      entries.push(...take(rest.length === 0 ? line : Buffer.concat([...rest, line])))
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
    yield entries
  }
  if (rest.length > 0 || tooLong) yield take(Buffer.concat(rest))
}
