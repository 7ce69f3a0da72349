import type { IncomingMessage } from "node:http"
import { hasBody } from "../http/arrival.ts"
import type { Overloaded } from "../metrics/Counters.ts"

/** What a process takes on at once. */
export interface AdmissionLimits {
  /** Requests in flight, those with a body not among them; 0 for any number. */
  readonly maxRequests: number
  /** How long turns of the event loop may take, one after the other, before anything is refused for it, in milliseconds; 0 for any time. */
  readonly maxDelay: number
}

/** How many turns must have been too long, one after the other, and how many requests must have come in them: more than a burst. */
const LASTING = { turns: 2, requests: 500 }

/** What a turn takes on while turns are kept short, in milliseconds of processor time, unless `maxDelay` is less. */
const SHORT = 5

/** How long turns are kept short, in milliseconds: at first, and at most, where they grew too long again soon after it. */
const KEPT_SHORT = { first: 1000, most: 60_000 }

/** How many times as long a turn may take by the clock as by the processor: for what waits for the disk. */
const CLOCK = 10

/** After how many requests the processor time of a turn is looked at again. */
const LOOKED_AT = 4

/** What asks so few at once is no queue, however long each of them takes. */
const FEW = 16

const ALWAYS = new Set(["/healthz", "/readyz", "/metrics"])

const isImport = ({ method, url = "" }: IncomingMessage): boolean =>
  method === "POST" && /^\/v1\.0\/[^/]+\/imports(?:\?|$)/.test(url)

/**
 * Which requests a process takes on, and which it refuses because it could not carry them.
 *
 * A request waits in its socket until the event loop comes to it, where nothing can be seen of it; but the loop handles
 * all that has come in one turn, so the length of its turns is how long requests wait. A number of callers who each wait
 * for their answer makes turns of some length, and no longer; a load that is too much makes them grow. Once they are too
 * long, turns are kept short for some time: each takes on what fits into it and refuses the rest.
 */
export class Admission {
  readonly #limits: AdmissionLimits
  #inFlight = 0
  /** Of this turn: when its first request came, and how many came. */
  #began = 0
  #inTurn = 0
  #spentBefore: NodeJS.CpuUsage | undefined
  #isFull = false
  /** Of the turns that were too long, up to the last one: how many they were, and how many requests came. */
  #longTurns = 0
  #inLong = 0
  #keptShort = 0
  #keptShortUntil = Number.NEGATIVE_INFINITY

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }

  /** Takes a request on, with `release` to come when it is over, or without (`uncounted`), or tells why not. */
  readonly admit = (request: IncomingMessage): "counted" | "uncounted" | Overloaded => {
    if (this.#inTurn === 0) {
      this.#began = performance.now()
      this.#isFull = false
      this.#spentBefore = this.#began < this.#keptShortUntil ? process.cpuUsage() : undefined
      setImmediate(this.#endTurn)
    }
    this.#inTurn += 1
    const refusal = this.#refusal()
    // A body comes as slowly as its caller likes, who must not keep others out by that; bodies and imports have bounds of
    // their own.
    const counts = !hasBody(request)
    if (refusal === undefined && counts) {
      this.#inFlight += 1
      return "counted"
    }
    return refusal === undefined || ALWAYS.has(request.url ?? "") || (refusal === "requests" && isImport(request))
      ? "uncounted"
      : refusal
  }

  /** Tells that a request that was counted is over. */
  readonly release = (): void => {
    this.#inFlight -= 1
  }

  #refusal(): Overloaded | undefined {
    const { maxRequests, maxDelay } = this.#limits
    if (this.#spentBefore !== undefined && this.#inTurn > FEW && !this.#isFull && this.#inTurn % LOOKED_AT === 0) {
      // By the clock alone, a process that has to wait for others on its machine would refuse nearly everything.
      const { user, system } = process.cpuUsage(this.#spentBefore)
      const most = Math.min(SHORT, maxDelay)
      this.#isFull = user + system > most * 1000 || performance.now() - this.#began > most * CLOCK
    }
    if (this.#isFull) return "delay"
    return maxRequests > 0 && this.#inFlight >= maxRequests ? "requests" : undefined
  }

  readonly #endTurn = (): void => {
    const now = performance.now()
    const { maxDelay } = this.#limits
    const isLong = maxDelay > 0 && this.#inTurn > FEW && now - this.#began > maxDelay
    if (isLong) {
      this.#longTurns += 1
      this.#inLong += this.#inTurn
      const isLasting = this.#longTurns >= LASTING.turns && this.#inLong > LASTING.requests
      if (isLasting && now >= this.#keptShortUntil) this.#keepShort(now)
    } else {
      this.#longTurns = 0
      this.#inLong = 0
    }
    this.#inTurn = 0
  }

  // Whether it is still too much is seen only when turns may grow again, and that makes requests wait: so, ever more seldom.
  #keepShort(now: number): void {
    const isAgain = now - this.#keptShortUntil < this.#keptShort
    this.#keptShort = isAgain ? Math.min(2 * this.#keptShort, KEPT_SHORT.most) : KEPT_SHORT.first
    this.#keptShortUntil = now + this.#keptShort
    this.#longTurns = 0
    this.#inLong = 0
  }
}
