import type { AccountId } from "@backup-catalog/core"
import { Context, Effect, Layer } from "effect"

const MINUTE = 60_000

/**
 * Accounts that are remembered before those whose bucket is full again are forgotten; then twice as many as were left.
 */
const SWEEP_AT = 10_000

/** What an account has left of its rate. */
export interface RateState {
  /** Requests in a minute. */
  readonly limit: number
  readonly remaining: number
  /** Seconds until there is one again; 0 while there is. */
  readonly retryAfter: number
  /** Seconds until all are there again. */
  readonly reset: number
}

/** Asked before a request: whether the account may send it, and what it has left. */
export interface RateDecision extends RateState {
  readonly allowed: boolean
}

/**
 * How often an account may list, as a bucket of tokens that fills by the minute; undefined where there is no limit.
 * Gives what it finds to `then`: at once where this process counts, later where another one does.
 */
export class RateLimiter extends Context.Tag("@backup-catalog/server/RateLimiter")<
  RateLimiter,
  | {
      /** Takes one request from what the account has left. */
      readonly take: (account: AccountId, then: (decision: RateDecision) => void) => void
      /** What it has left, without taking any. */
      readonly look: (account: AccountId, then: (state: RateState) => void) => void
    }
  | undefined
>() {}

/** Takes one request from what an account has left; undefined where there is no limit. */
export const takeRate = (
  limiter: typeof RateLimiter.Service,
  account: AccountId
): Effect.Effect<RateDecision | undefined> =>
  limiter === undefined
    ? Effect.succeed(undefined)
    : Effect.async((resume) => limiter.take(account, (decision) => resume(Effect.succeed(decision))))

/** The buckets of a process. */
export interface Buckets {
  readonly take: (account: AccountId) => RateDecision
  readonly look: (account: AccountId) => RateState
  /** How many accounts are remembered. */
  readonly size: () => number
}

/**
 * A bucket of `limit` requests for each account, refilled evenly over a minute; 0 for none at all.
 *
 * Kept as one number an account: when its bucket will be full again (the generic cell rate algorithm). `now` gives
 * milliseconds of a clock that never goes back.
 */
export const makeRateLimiter = (limit: number, now: () => number): Buckets | undefined => {
  if (limit === 0) return undefined
  const interval = MINUTE / limit
  const fullAt = new Map<AccountId, number>()

  let sweepAt = SWEEP_AT

  // Doubling the mark keeps what a sweep costs in proportion to the accounts that came since the last.
  const sweep = (time: number): void => {
    for (const [account, full] of fullAt) if (full <= time) fullAt.delete(account)
    sweepAt = Math.max(SWEEP_AT, 2 * fullAt.size)
  }

  const stateAt = (full: number, time: number): RateState => {
    const missing = full - time
    const remaining = Math.floor((MINUTE - missing) / interval + 1e-9)
    const wait = remaining >= 1 ? 0 : missing + interval - MINUTE
    return { limit, remaining, retryAfter: Math.ceil(wait / 1000), reset: Math.ceil(missing / 1000) }
  }

  const fullOf = (account: AccountId, time: number): number => Math.max(fullAt.get(account) ?? time, time)

  return {
    take: (account) => {
      const time = now()
      const full = fullOf(account, time)
      const before = stateAt(full, time)
      if (before.remaining < 1) return { ...before, allowed: false }
      if (fullAt.size >= sweepAt && !fullAt.has(account)) sweep(time)
      fullAt.set(account, full + interval)
      return { ...stateAt(full + interval, time), allowed: true }
    },
    look: (account) => {
      const time = now()
      return stateAt(fullOf(account, time), time)
    },
    size: () => fullAt.size
  }
}

/** As `makeRateLimiter`, by the clock of the process. */
export const layer = (limit: number): Layer.Layer<RateLimiter> =>
  Layer.sync(RateLimiter, () => {
    const buckets = makeRateLimiter(limit, () => performance.now())
    return (
      buckets && {
        take: (account, then) => then(buckets.take(account)),
        look: (account, then) => then(buckets.look(account))
      }
    )
  })
