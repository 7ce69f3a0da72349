import { JSONParser } from "@streamparser/json"
import { type Entry, MAX_RECORD_BYTES, Unreadable } from "./Entry.ts"

const isNextLink = (link: unknown): boolean =>
  typeof link === "object" && link !== null && "rel" in link && link.rel === "next"

/** What a saved answer said besides its records. */
export interface AnswerNotes {
  /** The last answer of the file had a `next` link: the list goes on somewhere else. */
  goesOn: boolean
}

/**
 * The records of saved list answers (`{"backups":[…]}`, one or several behind each other) or of a JSON array.
 *
 * Read as a stream: memory is one chunk and one record, whatever the size of the answer. Throws `Unreadable` where the
 * file ends too early or is not JSON, after all that came before.
 */
export async function* answerEntries(
  chunks: AsyncIterable<Uint8Array>,
  shape: "answer" | "array",
  notes: AnswerNotes
): AsyncGenerator<ReadonlyArray<Entry>> {
  const parser = new JSONParser({
    paths: shape === "answer" ? ["$.backups.*", "$.links"] : ["$.*"],
    keepStack: false,
    separator: ""
  })
  const text = new TextDecoder("utf-8", { fatal: true })
  let entries: Array<Entry> = []
  let count = 0
  let sinceRecord = 0
  let problem: string | undefined
  parser.onValue = ({ value, key, parent }) => {
    if (key === "links" && !Array.isArray(parent)) {
      notes.goesOn = Array.isArray(value) && value.some(isNextLink)
    } else if (Array.isArray(parent)) {
      sinceRecord = 0
      entries.push({ place: `record ${++count}`, value })
    } else {
      problem ??= "its backups are not an array"
    }
  }
  parser.onError = () => {
    problem ??= "it is not valid JSON"
  }
  const read = (chunk: Uint8Array | undefined): void => {
    try {
      parser.write(chunk === undefined ? text.decode() : text.decode(chunk, { stream: true }))
    } catch {
      problem ??= "it is not valid UTF-8"
    }
  }
  const check = () => {
    if (problem !== undefined) throw new Unreadable(`behind record ${count}, ${problem}`)
    if (sinceRecord > MAX_RECORD_BYTES) {
      throw new Unreadable(`record ${count + 1} is larger than ${MAX_RECORD_BYTES} bytes`)
    }
  }
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += MAX_RECORD_BYTES / 2) {
      const part = chunk.subarray(start, start + MAX_RECORD_BYTES / 2)
      sinceRecord += part.length
      read(part)
      yield entries
      entries = []
      check()
    }
  }
  read(undefined)
  parser.end()
  if (problem !== undefined) throw new Unreadable(`it ends in the middle, behind record ${count}`)
}
