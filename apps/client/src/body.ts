import { Either, Option } from "effect"
import { concat } from "./concat.ts"

/** The whole body of an answer, in the pieces that it came in. */
export interface Body {
  readonly pieces: Array<Uint8Array>
  /** Bytes of all pieces. */
  readonly size: number
}

/** What has come of a body, up to one byte more than may come. */
export class Arrived implements Body {
  readonly pieces: Array<Uint8Array> = []
  size = 0

  // A Stream takes as long for the pieces of a page as all else that is done with its records.
  readonly read = async (body: ReadableStream<Uint8Array>, maxBytes: number, signal: AbortSignal): Promise<void> => {
    const reader = body.getReader()
    const leave = () => void reader.cancel().catch(() => {})
    signal.addEventListener("abort", leave, { once: true })
    while (this.size <= maxBytes) {
      const { done, value } = await reader.read()
      if (done) return
      this.size += value.length
      this.pieces.push(value)
    }
    leave()
  }
}

/** A body of nothing. */
export const emptyBody = (): Body => ({ pieces: [], size: 0 })

/**
 * Lets the bytes of a body go that was read: V8 keeps until its next full collection what a fiber that has ended knew.
 */
export const letGo = ({ pieces }: Body): void => {
  pieces.length = 0
}

/** The same body in memory of its own: a piece may be a small part of what it keeps. */
export const compact = ({ pieces, size }: Body): Body => ({ pieces: [concat(pieces, size)], size })

/** The text of a body, or what is wrong with it, as the end of a sentence. */
export const textOf = ({ pieces, size }: Body): Either.Either<string, "its body is not UTF-8 text"> =>
  Either.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(concat(pieces, size)),
    catch: () => "its body is not UTF-8 text" as const
  })

const HEAD = '{"backups":['
const TAIL = "]}"
const LINKS = '],"links":['
const NEWLINE = 10

class NotLines extends Error {}
const notLines = new NotLines("not a list of a record in each line")

/** Calls `take` with each line of a body, without its line break, and tells whether the last one has its own. */
const takeLines = ({ pieces }: Body, take: (line: Uint8Array) => void): boolean => {
  let begun: Array<Uint8Array> = []
  let size = 0
  const add = (bytes: Uint8Array) => {
    begun.push(bytes)
    size += bytes.length
  }
  for (const piece of pieces) {
    let from = 0
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
      const rest = piece.subarray(from, end)
      from = end + 1
      if (size === 0) {
        take(rest)
        continue
      }
      add(rest)
      take(concat(begun, size))
      begun = []
      size = 0
    }
    if (from < piece.length) add(piece.subarray(from))
  }
  return size === 0
}

/** The last record of a list, with what closes it: the end of the text, perhaps with links before it. */
const parseLast = (line: string): { readonly record: unknown; readonly links?: unknown } => {
  const links = line.lastIndexOf(LINKS)
  if (links < 0) {
    if (!line.endsWith(TAIL)) throw notLines
    return { record: JSON.parse(line.slice(0, -TAIL.length)) }
  }
  const closing = JSON.parse(`{${line.slice(links + 2)}`)
  if (Object.keys(closing).length !== 1) throw notLines
  return { record: JSON.parse(line.slice(0, links)), links: closing.links }
}

// No text of JSON has a line break in it, so that a line break parts a list for certain, where each line is JSON by
// itself.
const takeRecords = (body: Body, take: (record: unknown) => void): Pick<Lines<never>, "links"> => {
  // A mark at the beginning of a line is no JSON, whatever a decoder of texts makes of one.
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
  let before: string | undefined
  const isClosed = takeLines(body, (bytes) => {
    const line = decoder.decode(bytes)
    if (before === undefined) {
      if (!line.startsWith(HEAD)) throw notLines
      before = line.slice(HEAD.length)
      return
    }
    if (!before.endsWith(",")) throw notLines
    take(JSON.parse(before.slice(0, -1)))
    before = line
  })
  if (before === undefined || !isClosed) throw notLines
  const { record, ...links } = parseLast(before)
  take(record)
  return links
}

/** A list that was read record by record. */
export interface Lines<A> {
  readonly backups: ReadonlyArray<A>
  readonly links?: unknown
}

/**
 * A list of backups with a record in each line, as the catalog writes it, where `decode` knows each; none for every
 * other body, and for a record that it does not know.
 *
 * The text of half a megabyte that a page of 1,000 is costs more to make than all of its records, and what comes of a
 * record is of use no longer when the next is read (docs/performance-steps.md).
 */
export const linesOf = <A>(
  body: Body,
  decode: (record: unknown) => Either.Either<A, unknown>
): Option.Option<Lines<A>> => {
  const backups: Array<A> = []
  try {
    const links = takeRecords(body, (record) => {
      const decoded = decode(record)
      if (Either.isLeft(decoded)) throw notLines
      backups.push(decoded.right)
    })
    return Option.some({ backups, ...links })
  } catch {
    return Option.none()
  }
}

/** The value of a body that is JSON, or what is wrong with it, as the end of a sentence. */
export const jsonOf = (body: Body): Either.Either<unknown, "its body is not UTF-8 text" | "its body is not JSON"> =>
  Either.flatMap(textOf(body), (text) =>
    Either.try({ try: (): unknown => JSON.parse(text), catch: () => "its body is not JSON" as const })
  )
