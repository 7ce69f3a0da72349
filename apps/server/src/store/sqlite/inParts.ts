import { takeTurns } from "@backup-catalog/core/store"
import { Array as Arr, Effect } from "effect"

/** What one statement takes: others wait for it, and SQLite takes 32,766 values. */
const PART_SIZE = 250

/** Does something to a part of some values after the other, and lets others have their turn between the parts. */
export const inParts = <A, E>(
  values: ReadonlyArray<A>,
  body: (some: ReadonlyArray<A>) => Effect.Effect<void, E>
): Effect.Effect<void, E> =>
  Effect.suspend(() => {
    const turn = takeTurns()
    return Effect.forEach(Arr.chunksOf(values, PART_SIZE), (some) => Effect.zipRight(turn, body(some)), {
      discard: true
    })
  })
