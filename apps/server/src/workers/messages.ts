import type { AccountId } from "@backup-catalog/core"
import type { RateDecision } from "../limits/RateLimiter.ts"

/** What a worker tells its supervisor: that it listens, or that it wants to know what an account may still send. */
export type FromWorker =
  | { readonly kind: "listening"; readonly url: string }
  | { readonly kind: "rate"; readonly number: number; readonly ask: "take" | "look"; readonly account: AccountId }

/** What a supervisor answers: what an account may send, by the number of the question. */
export interface ToWorker {
  readonly kind: "rate"
  readonly number: number
  readonly state: RateDecision
}
