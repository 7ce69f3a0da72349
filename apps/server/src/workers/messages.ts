import type { AccountId } from "@backup-catalog/core"
import type { RateDecision } from "../limits/RateLimiter.ts"
import type { Counts } from "../metrics/Counts.ts"

/** The variable that tells a worker the version of its supervisor, before it does anything. */
export const SUPERVISOR_VERSION = "CATALOG_SUPERVISOR_VERSION"

/**
 * The exit code of a worker that is of another version than its supervisor. Versions must agree on it; Node.js has other
 * ones.
 */
export const PROGRAM_REPLACED = 20

/**
 * What a worker tells its supervisor: that it listens, what it has counted (as the answer to a question of that number,
 * or of itself), or that it wants to know what all workers together did.
 */
export type FromWorker =
  | { readonly kind: "listening"; readonly url: string }
  | { readonly kind: "counted"; readonly number?: number | undefined; readonly counts: Counts }
  | ({ readonly number: number } & Question)

/** What a worker asks: what an account may still send, or what there is to be counted. */
export type Question =
  | { readonly kind: "rate"; readonly ask: "take" | "look"; readonly account: AccountId }
  | { readonly kind: "metrics" }

/** What a supervisor answers, by the number of the question, or asks by one of its own: what the worker has counted. */
export type ToWorker = { readonly number: number } & (
  | { readonly kind: "rate"; readonly state: RateDecision }
  | { readonly kind: "metrics"; readonly text: string }
  | { readonly kind: "count" }
)
