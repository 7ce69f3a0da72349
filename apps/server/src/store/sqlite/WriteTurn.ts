import { Context, type Effect, Layer } from "effect"
import { Turn } from "../Turn.ts"

/**
 * Whose turn it is to write, among the connections of this process: SQLite lets one write at a time, and whoever only
 * looks again and again for a gap may never find one beside an import.
 */
export class WriteTurn extends Context.Tag("@backup-catalog/server/WriteTurn")<
  WriteTurn,
  {
    /** Runs a write when it is its turn, in the order in which turns are asked for. */
    readonly take: <A, E, R>(write: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
    /** Whether somebody waits while another one has the turn. */
    readonly isAwaited: () => boolean
  }
>() {
  static readonly layer: Layer.Layer<WriteTurn> = Layer.sync(WriteTurn, () => {
    const turn = new Turn()
    return { take: turn.take, isAwaited: () => turn.isAwaited }
  })
}
