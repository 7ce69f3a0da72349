import { Effect } from "effect"

/** How long somebody may keep the event loop, in milliseconds. */
const TURN = 15

/**
 * Between the parts of long work: lets whatever else waits for the event loop have its turn, where the work has kept it
 * for long enough. Each work has one of its own.
 */
export const takeTurns = (): Effect.Effect<void> => {
  let since = performance.now()
  return Effect.suspend(() => {
    if (performance.now() - since < TURN) return Effect.void
    // `Effect.yieldNow` only goes behind other fibers: nothing is received or sent before some 2,000 of them.
    return Effect.map(Effect.sleep(0), () => {
      since = performance.now()
    })
  })
}
