import cluster from "node:cluster"
import type { AccountId } from "@backup-catalog/core"
import { Data, Effect, Layer } from "effect"
import { type RateDecision, RateLimiter } from "../limits/RateLimiter.ts"
import type { Counts } from "../metrics/Counts.ts"
import type { Supervisor } from "../metrics/ServerMetrics.ts"
import { version } from "../version.ts"
import { type FromWorker, type Question, SUPERVISOR_VERSION, type ToWorker } from "./messages.ts"

/** Whether this process is one of several that share a port. */
export const isWorker = cluster.isWorker

/** A worker is of another version than its supervisor: the files of the program were replaced since that started. */
export class ProgramReplaced extends Data.TaggedError("ProgramReplaced")<{
  readonly now: string
  /** The version of the supervisor; undefined where it is too old to tell. */
  readonly before: string | undefined
}> {}

/** Refuses a worker of another version: it could change the store under those that go on beside it. */
export const refuseOtherVersion: Effect.Effect<void, ProgramReplaced> = Effect.suspend(() => {
  const before = process.env[SUPERVISOR_VERSION]
  return before === version ? Effect.void : new ProgramReplaced({ now: version, before })
})

const tell = (message: FromWorker): void => {
  process.send?.(message)
}

/**
 * Tells the supervisor that this worker listens. From then on it ends by the first signal as ever, and by no second
 * one: Ctrl-C and systemd tell all processes at once to stop, and the supervisor tells its workers again. It ends those
 * that take too long.
 */
export const tellListening = (url: string): Effect.Effect<void> =>
  Effect.sync(() => {
    for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => {})
    tell({ kind: "listening", url })
  })

const asked = new Map<number, (answer: ToWorker) => void>()
let last = 0

const hear = ({ number, ...answer }: ToWorker): void => {
  if (answer.kind === "count") return
  asked.get(number)?.({ number, ...answer })
  asked.delete(number)
}

const ask = (question: Question, then: (answer: ToWorker) => void): void => {
  if (last === 0) process.on("message", hear)
  asked.set(++last, then)
  tell({ number: last, ...question })
}

/** How often an account may list, as the supervisor counts it for all workers. */
export const rateLimiterLayer: Layer.Layer<RateLimiter> = Layer.sync(RateLimiter, () => {
  const asks = (what: "take" | "look") => (account: AccountId, then: (state: RateDecision) => void) =>
    ask({ kind: "rate", ask: what, account }, (answer) => {
      if (answer.kind === "rate") then(answer.state)
    })
  return { take: asks("take"), look: asks("look") }
})

/** How often a worker tells what it has counted, in milliseconds: so much of it is lost at most when it is killed. */
const TOLD_EVERY = 5000

const tellCounts = (counts: (onlyGrowing: boolean) => Promise<Counts>): void => {
  // What cannot be read now is missed by the supervisor, which says so; the worker is no worse for it.
  const tellThem = (number?: number) =>
    void counts(number === undefined).then(
      (counts) => tell({ kind: "counted", number, counts }),
      () => {}
    )
  process.on("message", ({ kind, number }: ToWorker) => {
    if (kind === "count") tellThem(number)
  })
  tellThem()
  setInterval(tellThem, TOLD_EVERY).unref()
}

/** The supervisor, as the metrics of this worker know it. */
export const supervisor: Supervisor = {
  tellCounts,
  gather: Effect.async((resume) =>
    ask({ kind: "metrics" }, (answer) => {
      if (answer.kind === "metrics") resume(Effect.succeed(answer.text))
    })
  )
}
