import type { IncomingMessage } from "node:http"
import type { Readable } from "node:stream"
import { createGunzip } from "node:zlib"
import {
  BackupId,
  BadMediaType,
  BadRequest,
  decodeSourcedBackupFast,
  describeParseErrors,
  type ImportEntry
} from "@backup-catalog/core"
import { Effect, Either, Predicate, Schema, Stream } from "effect"
import { batches } from "../load/batches.ts"
import type { Entry } from "../load/Entry.ts"
import { ndjsonEntries } from "../load/ndjsonEntries.ts"

/** Lines that are written in one transaction. */
const BATCH_SIZE = 10_000

const ndjson = /^application\/(?:x-)?(?:ndjson|jsonl|jsonlines)[\t ]*(?:;[\t ]*charset[\t ]*=[\t ]*"?utf-8"?[\t ]*)?$/i

const isBackupId = Schema.is(BackupId)

const checkMediaType = ({ headersDistinct }: IncomingMessage): Effect.Effect<"gzip" | "identity", BadMediaType> => {
  const [type, another] = headersDistinct["content-type"] ?? []
  if (type === undefined || another !== undefined || !ndjson.test(type.trim())) {
    return new BadMediaType({
      message: "The request body must be NDJSON in UTF-8, with Content-Type: application/x-ndjson."
    })
  }
  const coding = (headersDistinct["content-encoding"] ?? ["identity"]).join().trim().toLowerCase()
  return coding === "gzip" || coding === "identity"
    ? Effect.succeed(coding)
    : new BadMediaType({ message: "The request body may be compressed by gzip only, with Content-Encoding: gzip." })
}

const toImportEntry = (entry: Entry): ImportEntry => {
  const { number: line } = entry
  if ("problem" in entry) return { line, id: undefined, reason: entry.problem }
  const { value } = entry
  return Either.match(decodeSourcedBackupFast(value), {
    onRight: (backup) => ({ line, backup }),
    onLeft: (error) => ({
      line,
      id: Predicate.isRecord(value) && isBackupId(value.id) ? value.id : undefined,
      reason: describeParseErrors(error, "it")
    })
  })
}

const isOfGzip = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && /^Z_/.test(String(cause.code))

const brokenOff = new BadRequest({ message: "The request body broke off before its end; nothing was retired." })
const badGzip = new BadRequest({
  message: "The request body is not valid gzip, or ends too early; nothing was retired."
})

// Neither iterator may destroy the request where it ends early: that would cut the connection before the answer is out.
const chunksOf = (
  request: IncomingMessage,
  coding: "gzip" | "identity"
): { chunks: AsyncIterable<Buffer>; leave: () => void } => {
  if (coding === "identity") {
    return { chunks: request.iterator({ destroyOnReturn: false }), leave: () => request.resume() }
  }
  const gunzip: Readable = request.pipe(createGunzip())
  request.once("error", (error) => gunzip.destroy(error))
  return {
    chunks: gunzip,
    leave: () => {
      request.unpipe()
      gunzip.destroy()
      request.resume()
    }
  }
}

/**
 * The lines of an import's body in batches, as they come: one chunk and one batch are held at a time. 415 when it is no
 * NDJSON by its headers, 400 when it does not arrive whole.
 */
export const importEntries = (
  request: IncomingMessage
): Stream.Stream<ReadonlyArray<ImportEntry>, BadMediaType | BadRequest> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const coding = yield* checkMediaType(request)
      const { chunks } = yield* Effect.acquireRelease(
        Effect.sync(() => chunksOf(request, coding)),
        ({ leave }) => Effect.sync(leave)
      )
      return Stream.fromAsyncIterable(batches(ndjsonEntries(chunks), BATCH_SIZE), (cause) =>
        isOfGzip(cause) ? badGzip : brokenOff
      ).pipe(Stream.map((some) => some.map(toImportEntry)))
    })
  )
