import cluster from "node:cluster"
import type { AccountId } from "@backup-catalog/core"
import { Effect, Layer } from "effect"
import { type RateDecision, RateLimiter } from "../limits/RateLimiter.ts"
import type { FromWorker, ToWorker } from "./messages.ts"

/** Whether this process is one of several that share a port. */
export const isWorker = cluster.isWorker

const tell = (message: FromWorker): void => {
  process.send?.(message)
}

/** Tells the supervisor that this worker listens. */
export const tellListening = (url: string): Effect.Effect<void> => Effect.sync(() => tell({ kind: "listening", url }))

/** How often an account may list, as the supervisor counts it for all workers. */
export const rateLimiterLayer: Layer.Layer<RateLimiter> = Layer.sync(RateLimiter, () => {
  const asked = new Map<number, (state: RateDecision) => void>()
  let last = 0
  process.on("message", ({ number, state }: ToWorker) => {
    asked.get(number)?.(state)
    asked.delete(number)
  })
  const ask = (what: "take" | "look") => (account: AccountId, then: (state: RateDecision) => void) => {
    asked.set(++last, then)
    tell({ kind: "rate", number: last, ask: what, account })
  }
  return { take: ask("take"), look: ask("look") }
})
