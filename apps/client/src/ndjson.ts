import { encodeSourcedBackup, type SourcedBackup } from "@backup-catalog/core"
import { type Cause, Chunk, Effect, Exit, Fiber, Option, Stream } from "effect"
import { HeldLines } from "./HeldLines.ts"

const piecesOf = (records: Iterable<SourcedBackup>, lines: HeldLines): ReadonlyArray<Uint8Array> => {
  const pieces: Array<Uint8Array> = []
  for (const record of records) {
    lines.add(encodeSourcedBackup(record))
    if (lines.areDue()) pieces.push(lines.take())
  }
  return pieces
}

/**
 * The body of an import: each record as a line of JSON. Those that come fast are sent together, and none is held for
 * long.
 */
export const ndjson = <E, R>(records: Stream.Stream<SourcedBackup, E, R>): Stream.Stream<Uint8Array, E, R> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      type Arrival = Exit.Exit<Chunk.Chunk<SourcedBackup>, Option.Option<E>>
      const pull = yield* Stream.toPull(records)
      const scope = yield* Effect.scope
      const lines = new HeldLines()
      yield* Effect.addFinalizer(() => Effect.sync(() => lines.letGo()))
      let ended = Option.none<Cause.Cause<Option.Option<E>>>()
      let pulling: Fiber.RuntimeFiber<Chunk.Chunk<SourcedBackup>, Option.Option<E>> | undefined

      const pulled = Effect.suspend(() => (pulling === undefined ? Effect.exit(pull) : Fiber.await(pulling)))
      // What comes of the source meanwhile is not lost when what is held is due before.
      const pulledInTime = Effect.gen(function* () {
        const fiber = pulling ?? (yield* Effect.forkIn(pull, scope))
        pulling = fiber
        return yield* Effect.async<Option.Option<Arrival>>((resume) => {
          fiber.addObserver((exit) => resume(Effect.succeedSome(exit)))
          lines.waited().then(() => resume(Effect.succeedNone))
        })
      })

      const arriving = Effect.suspend(() => (lines.areNone() ? Effect.asSome(pulled) : pulledInTime))

      const more: Effect.Effect<Chunk.Chunk<Uint8Array>, Option.Option<E>, R> = Effect.gen(function* () {
        if (Option.isSome(ended)) return yield* Effect.failCause(ended.value)
        for (;;) {
          const arrival = yield* arriving
          if (Option.isNone(arrival)) return Chunk.of(lines.take())
          pulling = undefined
          if (Exit.isFailure(arrival.value)) {
            ended = Option.some(arrival.value.cause)
            return Chunk.of(lines.take())
          }
          const pieces = piecesOf(arrival.value.value, lines)
          if (pieces.length > 0) return Chunk.unsafeFromArray(pieces)
        }
      })
      return Stream.repeatEffectChunkOption(more)
    })
  )
