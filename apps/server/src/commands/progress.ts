import { Clock, Console, Effect } from "effect"
import { formatCount } from "./formatCount.ts"

/** How often progress is told at most, in milliseconds. */
const EVERY = 2000

/** Tells on stderr now and then how far a long command has come, as `1,204 rows copied …`. */
export const makeProgress = (what: string): Effect.Effect<(count: number) => Effect.Effect<void>> =>
  Effect.map(Clock.currentTimeMillis, (began) => {
    let told = began
    return (count) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        if (now - told < EVERY) return Effect.void
        told = now
        return Console.error(`${formatCount(count)} ${what} …`)
      })
  })
