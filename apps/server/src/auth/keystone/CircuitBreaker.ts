import { Cause, type Clock, Data, Effect, Exit, Option } from "effect"
import { KeystoneAway } from "./KeystoneTrouble.ts"

/** Keystone was away too often lately to be asked now; `retryAfter` is in seconds. */
class CircuitOpen extends Data.TaggedError("CircuitOpen")<{ readonly retryAfter: number }> {}

/** Keeps calls from a Keystone that is away. */
export interface CircuitBreaker {
  /** The same call, or `CircuitOpen` instead of it. */
  readonly protect: <A, E>(call: Effect.Effect<A, E>) => Effect.Effect<A, E | CircuitOpen>
  /** After how many seconds trying again makes sense: 1, or the rest of the time that the breaker is open. */
  readonly retryAfter: () => number
}

/** How many failures in a row open the breaker. */
const FAILURES = 5

/** How long it is open, in milliseconds. */
const OPEN_FOR = 5000

const isAway = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && Option.exists(Cause.failureOption(exit.cause), (failure) => failure instanceof KeystoneAway)

/**
 * A circuit breaker: after 5 calls in a row that failed with `KeystoneAway` it lets none through for 5 seconds, then
 * one, whose end decides whether it closes or stays open for another 5 seconds.
 */
export const makeCircuitBreaker = (clock: Clock.Clock): CircuitBreaker => {
  let failures = 0
  let openUntil = 0
  let probing = false

  const retryAfter = () => Math.max(1, Math.ceil((openUntil - clock.unsafeCurrentTimeMillis()) / 1000))

  const record = (exit: Exit.Exit<unknown, unknown>, probe: boolean): Effect.Effect<void> => {
    if (probe) probing = false
    if (isAway(exit)) {
      failures += 1
      // Calls that were under way when it opened do not keep it open for longer.
      if (probe || failures === FAILURES) openUntil = clock.unsafeCurrentTimeMillis() + OPEN_FOR
      return Effect.void
    }
    if (Exit.isFailure(exit) && Cause.isInterrupted(exit.cause)) return Effect.void
    const wasOpen = failures >= FAILURES
    failures = 0
    openUntil = 0
    return wasOpen ? Effect.logInfo("Keystone answers again") : Effect.void
  }

  return {
    retryAfter,
    protect: <A, E>(call: Effect.Effect<A, E>) =>
      Effect.suspend((): Effect.Effect<A, E | CircuitOpen> => {
        const probe = failures >= FAILURES
        if (probe && (probing || clock.unsafeCurrentTimeMillis() < openUntil)) {
          return new CircuitOpen({ retryAfter: retryAfter() })
        }
        if (probe) probing = true
        return Effect.onExit(call, (exit) => record(exit, probe))
      })
  }
}
