import { formatInstant, instantFromMillis } from "@backup-catalog/core"
import { CatalogApi } from "@backup-catalog/core/http"
import { HttpApiBuilder } from "@effect/platform"
import { Clock, Effect } from "effect"
import { RateLimiter, type RateState } from "../limits/RateLimiter.ts"

const absolute = { verb: "ABSOLUTE" } as const

/** What an account may do how often. */
export const LimitsHandlers = HttpApiBuilder.group(CatalogApi, "limits", (handlers) =>
  Effect.map(RateLimiter, (limiter) =>
    handlers.handle("limits", ({ path: { accountId } }) =>
      Effect.gen(function* () {
        if (limiter === undefined) return { limits: [absolute] }
        const { limit, remaining, retryAfter } = yield* Effect.async<RateState>((resume) =>
          limiter.look(accountId, (state) => resume(Effect.succeed(state)))
        )
        const now = yield* Clock.currentTimeMillis
        const nextAvailable = `${formatInstant(instantFromMillis(now + retryAfter * 1000))}Z`
        return { limits: [absolute, { verb: "GET", unit: "MINUTE", value: limit, remaining, nextAvailable }] }
      })
    )
  )
)
