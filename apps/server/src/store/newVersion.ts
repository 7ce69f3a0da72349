import { randomInt } from "node:crypto"
import { Clock, Effect } from "effect"

/**
 * The last time, in the year 2213: an integer of 64 bits has room for a million million numbers by chance behind it.
 */
const LAST = 2n ** 63n - 2n ** 60n

/**
 * A new version of an account: the greater of the one before and `least`, raised by `step`. It never comes again, also
 * not when the store is put back to an earlier state, or the clock, and goes on from there: the time in steps of
 * 2^-20 ms, and a number by chance on top of it.
 */
export const newVersion = Effect.map(Clock.currentTimeMillis, (now) => {
  const time = BigInt(Math.trunc(now)) << 20n
  return { least: time < LAST ? time : LAST, step: BigInt(randomInt(1, 2 ** 20)) }
})
