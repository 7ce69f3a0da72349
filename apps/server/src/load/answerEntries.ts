import { MAX_LINE_BYTES } from "@backup-catalog/core"
import { JSONParser, TokenType } from "@streamparser/json"
import { type Entry, Unreadable } from "../records/Entry.ts"

const isNextLink = (link: unknown): boolean =>
  typeof link === "object" && link !== null && "rel" in link && link.rel === "next"

/** What a saved answer said besides its records. */
export interface AnswerNotes {
  /** The last answer of the file had a `next` link: the list goes on somewhere else. */
  goesOn: boolean
}

// Follows the tokens of documents behind each other, and tells when one has ended that had no list of backups: without
// this, a document of another kind would read as one with no records.
const makeAnswerCheck = (onStart: () => void, onOther: () => void) => {
  let depth = 0
  let hasBackups = false
  let key: unknown
  let before: TokenType | undefined
  return ({ token, value }: { readonly token: TokenType; readonly value: unknown }): void => {
    if (depth === 0 && token !== TokenType.LEFT_BRACE) onOther()
    if (depth === 1 && token === TokenType.STRING && before !== TokenType.COLON) key = value
    if (depth === 1 && key === "backups" && before === TokenType.COLON && token === TokenType.LEFT_BRACKET) {
      hasBackups = true
    }
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) {
      if (depth++ === 0) {
        hasBackups = false
        onStart()
      }
    } else if ((token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) && --depth === 0 && !hasBackups) {
      onOther()
    }
    before = token
  }
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
  if (shape === "answer") {
    parser.onToken = makeAnswerCheck(
      () => {
        notes.goesOn = false
      },
      () => {
        problem ??= "there is something that has no list of backups"
      }
    )
  }
  parser.onValue = ({ value, key, parent }) => {
    if (key === "links" && !Array.isArray(parent)) {
      notes.goesOn = Array.isArray(value) && value.some(isNextLink)
    } else if (Array.isArray(parent)) {
      entries.push({ place: `record ${++count}`, number: count, bytes: sinceRecord, value })
      sinceRecord = 0
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
    if (sinceRecord > MAX_LINE_BYTES) {
      throw new Unreadable(`record ${count + 1} is larger than ${MAX_LINE_BYTES} bytes`)
    }
  }
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += MAX_LINE_BYTES / 2) {
      const part = chunk.subarray(start, start + MAX_LINE_BYTES / 2)
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
