import { type AccountId, OverLimit } from "@backup-catalog/core"
import type { AccountOperation } from "@backup-catalog/core/http"
import { HttpApp, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
import { type RateDecision, type RateLimiter, type RateState, takeRate } from "../limits/RateLimiter.ts"
import { accountOperations } from "./accountOperations.ts"

/**
 * The headers that tell a caller what it has left: the fields of the IETF's draft "RateLimit header fields for HTTP",
 * and the three that earlier ones had, which more clients read.
 */
export const rateHeaders = ({ limit, remaining, reset, retryAfter }: RateState): Record<string, string> => ({
  "RateLimit-Policy": `"list";q=${limit};w=60`,
  RateLimit: `"list";r=${remaining};t=${remaining > 0 ? reset : retryAfter}`,
  "RateLimit-Limit": String(limit),
  "RateLimit-Remaining": String(remaining),
  "RateLimit-Reset": String(reset)
})

/** What a caller is told that lists more often than it may. */
export const rateFault = ({ limit, retryAfter }: RateDecision): OverLimit =>
  new OverLimit({
    message: `The account may send ${limit} list requests a minute and has none left; try again in ${retryAfter} s.`,
    details: `maximum ${limit} a minute`,
    retryAfter
  })

/** Takes a list from what its account has left, and says so in the answer; 413 when there is none left. */
export const limitRate = (
  limiter: typeof RateLimiter.Service,
  operation: AccountOperation,
  account: AccountId
): Effect.Effect<void, OverLimit> =>
  Effect.gen(function* () {
    if (!accountOperations[operation].countsAsList) return
    const decision = yield* takeRate(limiter, account)
    if (decision === undefined) return
    yield* HttpApp.appendPreResponseHandler((_, response) =>
      Effect.succeed(HttpServerResponse.setHeaders(response, rateHeaders(decision)))
    )
    if (!decision.allowed) yield* rateFault(decision)
  })
