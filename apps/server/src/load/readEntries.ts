import { type Entry, Unreadable } from "../records/Entry.ts"
import { ndjsonEntries } from "../records/ndjsonLines.ts"
import { type AnswerNotes, answerEntries } from "./answerEntries.ts"

/** How much of a file is looked at to tell its form, in bytes. */
const HEAD_BYTES = 4096

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

async function* behind(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

/**
 * The records of a file: a saved list answer, a JSON array of records, or NDJSON, told apart by how it begins.
 *
 * Throws `Unreadable` where it cannot be read on.
 */
export async function* readEntries(
  chunks: AsyncIterable<Uint8Array>,
  notes: AnswerNotes
): AsyncGenerator<ReadonlyArray<Entry>> {
  const iterator = chunks[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  while (head.length < HEAD_BYTES) {
    const next = await iterator.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  if (head.subarray(0, 3).equals(BYTE_ORDER_MARK)) head = head.subarray(3)
  const start = head.toString("latin1", 0, HEAD_BYTES).trimStart()
  const all = behind(head, iterator)
  if (start.startsWith("[")) return yield* answerEntries(all, "array", notes)
  if (/^\{\s*"(?:backups"\s*:\s*\[|links"\s*:)/.test(start)) return yield* answerEntries(all, "answer", notes)
  if (/^\{\s*"backups"/.test(start)) throw new Unreadable("its backups are not an array")
  return yield* ndjsonEntries(all)
}
