import type { IncomingMessage } from "node:http"
import type { Readable } from "node:stream"
import { createGunzip } from "node:zlib"
import {
  type AccountId,
  BackupId,
  type BadMediaType,
  BadRequest,
  decodeSourcedBackupFast,
  describeParseErrors,
  type ImportEntry,
  wasRetired
} from "@backup-catalog/core"
import { Effect, Either, Predicate, Schema, Stream } from "effect"
import { type Line, lineEntry, makeLines } from "../records/ndjsonLines.ts"
import { askForBody, withoutDeadline } from "../request/arrival.ts"
import { codingOf } from "../request/mediaType.ts"
import { bodyBatches } from "./bodyBatches.ts"
import { bodyChunks, Paused } from "./bodyChunks.ts"

const isBackupId = Schema.is(BackupId)

const codingOfNdjson = codingOf({
  types: "application/(?:x-)?(?:ndjson|jsonl|jsonlines)",
  otherType: "The request body must be NDJSON in UTF-8, with Content-Type: application/x-ndjson.",
  codings: ["identity", "gzip"],
  otherCoding: "The request body may be compressed by gzip only, with Content-Encoding: gzip."
})

const isGiven = (member: unknown): boolean => member !== undefined && member !== null

/** Why a record of a catalog is not one to import, whatever else it has. */
const refusal = (value: Readonly<Record<string, unknown>>, account: AccountId): string | undefined => {
  if (isGiven(value.project_id) && value.project_id !== account) {
    return "project_id is another account than the path has"
  }
  return isGiven(value.retired_at) ? `it ${wasRetired()}` : undefined
}

const idOf = (value: unknown): BackupId | undefined =>
  Predicate.isRecord(value) && isBackupId(value.id) ? value.id : undefined

const toImportEntry = (line: Line, account: AccountId): ImportEntry => {
  const entry = lineEntry(line)
  const { number, bytes } = entry
  if ("problem" in entry) return { line: number, bytes, id: undefined, reason: entry.problem }
  const { value } = entry
  const refused = Predicate.isRecord(value) ? refusal(value, account) : undefined
  if (refused !== undefined) return { line: number, bytes, id: idOf(value), reason: refused }
  const backup = decodeSourcedBackupFast(value)
  return Either.isRight(backup)
    ? { line: number, bytes, backup: backup.right }
    : { line: number, bytes, id: idOf(value), reason: describeParseErrors(backup.left, "it") }
}

// As bytes, lines are nothing that the garbage collector moves.
function* linesOf(
  chunks: ReadonlyArray<Buffer>,
  take: (chunk: Buffer) => ReadonlyArray<Line>
): Generator<ReadonlyArray<Line>, void> {
  for (const chunk of chunks) yield take(chunk)
}

// What is left is known once all chunks have been taken.
function* lastOf(end: () => ReadonlyArray<Line>): Generator<ReadonlyArray<Line>, void> {
  yield end()
}

// Of objects, a line may hold any number.
function* decoded(lines: Iterable<ReadonlyArray<Line>>, account: AccountId): Generator<ImportEntry, void> {
  for (const some of lines) for (const line of some) yield toImportEntry(line, account)
}

const isOfGzip = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && /^Z_/.test(String(cause.code))

const brokenOff = new BadRequest({ message: "The request body broke off before its end; nothing was retired." })
const badGzip = new BadRequest({
  message: "The request body is not valid gzip, or ends too early; nothing was retired."
})

const paused = new BadRequest({
  message: "The request body paused for too long, and the import was given up; nothing was retired. Send it again."
})

const faultOf = (cause: unknown): BadRequest => {
  if (cause instanceof Paused) return paused
  return isOfGzip(cause) ? badGzip : brokenOff
}

/** What a body means, and what is to be looked at once all of that has been read. */
interface Meaning {
  readonly body: Readable
  readonly checkRest?: (pause: number | undefined) => Promise<void>
}

// A request that breaks off does not end what it is piped into.
const unzipped = (request: IncomingMessage): Meaning => {
  const gunzip = createGunzip()
  let received = 0
  /** Where the last byte ends that is no zero. */
  let end = 0
  const onData = (chunk: Buffer) => {
    const last = chunk.findLastIndex((byte) => byte !== 0)
    if (last !== -1) end = received + last + 1
    received += chunk.length
  }
  const onClose = () => {
    if (!request.readableEnded) gunzip.destroy(new Error("the request was closed before its end"))
  }
  request.on("error", () => {})
  request.once("close", onClose)
  if (request.destroyed) onClose()
  request.on("data", onData)
  // zlib is done with the first zero behind a part, though another part, with more of the lines, may come after it.
  const checkRest = async (pause: number | undefined) => {
    request.unpipe(gunzip)
    const rest = bodyChunks(request, pause)
    try {
      if (!request.readableEnded) for await (const _ of rest.chunks);
    } finally {
      rest.stop()
    }
    if (end > gunzip.bytesWritten) {
      throw Object.assign(new Error("more comes behind the zeros behind gzip"), { code: "Z_DATA_ERROR" })
    }
  }
  return { body: request.pipe(gunzip), checkRest }
}

const open = (request: IncomingMessage, coding: "gzip" | "identity") => {
  askForBody(request)
  const { pause, restore } = withoutDeadline(request)
  const { body, checkRest }: Meaning = coding === "gzip" ? unzipped(request) : { body: request }
  const { chunks, stop } = bodyChunks(body, pause)
  const leave = () => {
    stop()
    if (body !== request) {
      request.unpipe()
      body.destroy()
      request.resume()
    }
    restore()
  }
  return { chunks, checkRest: () => checkRest?.(pause), leave }
}

const entriesOf = (
  request: IncomingMessage,
  coding: "gzip" | "identity",
  account: AccountId
): AsyncIterable<Iterable<ImportEntry>> => ({
  [Symbol.asyncIterator]: () => {
    const { chunks, checkRest, leave } = open(request, coding)
    const batches = bodyBatches(chunks)
    const { take, end } = makeLines()
    let isEnded = false
    return {
      next: async () => {
        if (isEnded) return { done: true, value: undefined }
        const { done, value } = await batches.next()
        isEnded = done === true
        if (isEnded) await checkRest()
        const lines = value === undefined ? lastOf(end) : linesOf(value, take)
        return { done: false, value: decoded(lines, account) }
      },
      // A generator that waits for its next chunk cannot be ended from outside: the chunk has to be given up.
      return: async () => {
        leave()
        return { done: true, value: undefined }
      }
    }
  }
})

/**
 * The lines of an import's body in batches, as they come, each read once it is looked at: the bytes of one batch and
 * the text of one chunk are held at a time. The body may take any time, but not pause for as long as another one may
 * take. 415 when it is no NDJSON by its headers; the stream fails with 400 when it does not arrive whole.
 */
export const importEntries = (
  request: IncomingMessage,
  account: AccountId
): Effect.Effect<Stream.Stream<Iterable<ImportEntry>, BadRequest>, BadMediaType> =>
  Effect.map(codingOfNdjson(request), (coding) =>
    Stream.fromAsyncIterable(entriesOf(request, coding, account), faultOf)
  )
