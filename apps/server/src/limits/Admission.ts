import type { IncomingMessage } from "node:http"
import { hasBody } from "../http/arrival.ts"
import type { Overloaded } from "../metrics/Counters.ts"

/** What a process takes on at once. */
export interface AdmissionLimits {
  /** Requests in flight, those with a body not among them; 0 for any number. */
  readonly maxRequests: number
  /** For how much processor time a turn of the event loop takes requests on while there is too much to do, in milliseconds; 0 for any. */
  readonly maxDelay: number
}

/** How long turns must have been too long, one after the other, and how many requests must have come in them: more than a burst. */
const LASTING = { millis: 100, requests: 500 }

/** How long turns are kept short behind one that was too long, in milliseconds: letting them grow again is what makes requests wait. */
const KEPT_SHORT = 1000

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
 * all that has come in one turn, so the length of its turns is how long requests wait. Once turns have been too long for
 * some time, each takes on what fits into it and refuses the rest, until for a second all have been short enough.
 */
export class Admission {
  readonly #limits: AdmissionLimits
  #inFlight = 0
  /** Of this turn: when its first request came, and how many came. */
  #began = 0
  #inTurn = 0
  #spentBefore: NodeJS.CpuUsage | undefined
  #isFull = false
  /** Of the turns that were too long, up to the last one: when the first began, and how many requests came. */
  #longSince = 0
  #inLong = 0
  #overloadedUntil = 0

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }

  /** Takes a request on, with `release` to come when it is over, or without (`uncounted`), or tells why not. */
  readonly admit = (request: IncomingMessage): "counted" | "uncounted" | Overloaded => {
    if (this.#inTurn === 0) {
      this.#began = performance.now()
      this.#isFull = false
      this.#spentBefore = this.#began < this.#overloadedUntil ? process.cpuUsage() : undefined
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
      this.#isFull = user + system > maxDelay * 1000 || performance.now() - this.#began > maxDelay * CLOCK
    }
    if (this.#isFull) return "delay"
    return maxRequests > 0 && this.#inFlight >= maxRequests ? "requests" : undefined
  }

  readonly #endTurn = (): void => {
    const now = performance.now()
    const { maxDelay } = this.#limits
    const isLong = maxDelay > 0 && this.#inTurn > FEW && now - this.#began > maxDelay
    if (isLong) {
      if (this.#inLong === 0) this.#longSince = this.#began
      this.#inLong += this.#inTurn
      const isLasting = now - this.#longSince > LASTING.millis && this.#inLong > LASTING.requests
      if (isLasting || now < this.#overloadedUntil) this.#overloadedUntil = now + KEPT_SHORT
    } else {
      this.#inLong = 0
    }
    this.#inTurn = 0
  }
}
