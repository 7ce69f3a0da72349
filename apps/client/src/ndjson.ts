import { encodeSourcedBackup, type SourcedBackup } from "@backup-catalog/core"
import { Chunk, Stream } from "effect"

/** How many records are encoded at once: about as many as a piece of a body has room for. */
const AT_ONCE = 250

/** The body of an import: each record as a line of JSON. */
export const ndjson = <E, R>(records: Stream.Stream<SourcedBackup, E, R>): Stream.Stream<Uint8Array, E, R> => {
  const encoder = new TextEncoder()
  return records.pipe(
    Stream.rechunk(AT_ONCE),
    Stream.mapChunks((some) => {
      const lines = Chunk.toReadonlyArray(some).map((record) => `${encodeSourcedBackup(record)}\n`)
      return Chunk.of(encoder.encode(lines.join("")))
    })
  )
}
