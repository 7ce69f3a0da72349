import { Readable } from "node:stream"
import { createGzip } from "node:zlib"
import { type ImportBody, ndjson } from "@backup-catalog/client/effect"
import { encodeSourcedBackup, SourcedBackup } from "@backup-catalog/core"
import type { SourceRecord } from "@backup-catalog/sources"
import { Chunk, Effect, Option, Schema, Stream } from "effect"
import type { ImportProgress } from "./ImportProgress.ts"

/** What is sent of an import, and whether it is compressed. */
export interface Body<E = never> {
  readonly body: ImportBody<E>
  readonly gzip: boolean
}

// About 64 KiB: below, compressing saves nobody anything, and what is at hand as a whole can be sent twice.
const FEW = 128

// Most of a record is the same in the next one: little effort finds that.
const EFFORT = 1

const isStorable = Schema.is(Schema.typeSchema(Schema.Struct({ text: SourcedBackup.fields.suspect })))

const lineOf = (text: string | undefined): Option.Option<string> => {
  const line = Option.fromNullable(text)
  return isStorable({ text: line }) ? line : Option.none()
}

/** A record of an inventory as an import takes it; what a tool calls it is left out where no record could hold that. */
const sourced = ({ backup, nativeId, nativeParentId, suspect }: SourceRecord): SourcedBackup => {
  const { projectId: _, retiredAt: __, ...record } = backup
  return { ...record, nativeId: lineOf(nativeId), nativeParentId: lineOf(nativeParentId), suspect: lineOf(suspect) }
}

const gzipped = (bytes: Stream.Stream<Uint8Array>): Stream.Stream<Uint8Array> =>
  Stream.suspend(() => {
    const plain = Readable.from(Stream.toAsyncIterable(bytes))
    const compressed = createGzip({ level: EFFORT })
    plain.on("error", (error) => compressed.destroy(error)).pipe(compressed)
    return Stream.orDie(Stream.fromAsyncIterable<Uint8Array, unknown>(compressed, (error) => error))
  })

/** The body of an import of these records, which counts them as they go. */
export const inventoryBody = (records: ReadonlyArray<SourceRecord>, progress: ImportProgress): Body => {
  progress.total = records.length
  const end = Effect.sync(() => {
    progress.phase = "sent"
  })
  if (records.length <= FEW) {
    const text = records.map((record) => `${encodeSourcedBackup(sourced(record))}\n`).join("")
    progress.sent = records.length
    progress.phase = "sent"
    return { body: new TextEncoder().encode(text), gzip: false }
  }
  const counted = Stream.fromIterable(records).pipe(
    Stream.mapChunks((some) => {
      progress.sent += some.length
      return Chunk.map(some, sourced)
    })
  )
  return { body: Stream.concat(gzipped(ndjson(counted)), Stream.execute(end)), gzip: true }
}
