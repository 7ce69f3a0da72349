import { randomInt } from "node:crypto"
import { Clock, Effect } from "effect"

/**
 * A new version of an account: the greater of the one before and `least`, raised by `step`. It never comes again, also
 * not when the store is put back to an earlier state, or the clock, and goes on from there: the time in steps of
 * 2^-20 ms, and a number by chance on top of it.
 */
export const newVersion = Effect.map(Clock.currentTimeMillis, (now) => ({
  least: BigInt(Math.trunc(now)) << 20n,
  step: BigInt(randomInt(1, 2 ** 20))
}))
