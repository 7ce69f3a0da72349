import { encodeSourcedBackup, type SourcedBackup } from "@backup-catalog/core"
import { type Cause, Chunk, Effect, Exit, Option, Stream } from "effect"
import { HeldLines } from "./HeldLines.ts"

/** The body of an import: each record as a line of JSON. Those that come fast are sent together. */
export const ndjson = <E, R>(records: Stream.Stream<SourcedBackup, E, R>): Stream.Stream<Uint8Array, E, R> =>
  Stream.unwrapScoped(
    Effect.map(Stream.toPull(records), (pull) => {
      const lines = new HeldLines()
      let ended = Option.none<Cause.Cause<Option.Option<E>>>()
      const more: Effect.Effect<Chunk.Chunk<Uint8Array>, Option.Option<E>, R> = Effect.gen(function* () {
        if (Option.isSome(ended)) return yield* Effect.failCause(ended.value)
        const pieces: Array<Uint8Array> = []
        while (pieces.length === 0) {
          const pulled = yield* Effect.exit(pull)
          if (Exit.isFailure(pulled)) {
            ended = Option.some(pulled.cause)
            return Chunk.of(lines.take())
          }
          for (const record of pulled.value) {
            lines.add(encodeSourcedBackup(record))
            if (lines.areDue()) pieces.push(lines.take())
          }
        }
        return Chunk.unsafeFromArray(pieces)
      })
      return Stream.repeatEffectChunkOption(more)
    })
  )
