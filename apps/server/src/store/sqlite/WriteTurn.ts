import { Context, Effect, Layer } from "effect"

/**
 * Whose turn it is to write, among the connections of this process: SQLite lets one write at a time, and whoever only
 * looks again and again for a gap may never find one beside an import.
 */
export class WriteTurn extends Context.Tag("@backup-catalog/server/WriteTurn")<
  WriteTurn,
  <A, E, R>(write: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
>() {
  /** Turns in the order in which they are asked for. */
  static readonly layer: Layer.Layer<WriteTurn> = Layer.effect(
    WriteTurn,
    Effect.map(Effect.makeSemaphore(1), (turn) => turn.withPermits(1))
  )
}
