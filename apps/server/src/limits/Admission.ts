import type { IncomingMessage } from "node:http"
import { MutableList } from "effect"
import type { Overloaded } from "../metrics/Counters.ts"
import { hasBody } from "../request/arrival.ts"

/** What a process takes on at once. */
export interface AdmissionLimits {
  /** Requests in flight, those that wait to be begun among them, those with a body not; 0 for any number. */
  readonly maxRequests: number
  /**
   * How long requests may wait, one after the other, before anything is refused for it, in milliseconds; 0 for any
   * time.
   */
  readonly maxDelay: number
}

/** What is begun, or refused, of requests. */
interface Work {
  readonly begin: () => void
  readonly refuse: (why: Overloaded) => void
}

/** A request that has come, until it has gone. */
interface Arrival extends Work {
  /** When it came, in milliseconds. */
  readonly since: number
  readonly isCounted: boolean
  hasGone: boolean
}

/**
 * For how long requests are begun before the event loop looks for what else has come, in milliseconds, and how many at
 * least. Node accepts one connection in a turn of the loop, so long slices would keep new ones waiting.
 */
const SLICE = { millis: 0.5, requests: 4 }

/** How many requests, one after the other, must have waited too long: more than a burst or a pause. */
const LASTING = 500

/** What asks so few at once is no queue, however long each of them takes. */
const FEW = 16

/** How long a request may wait under overload, in milliseconds, unless `maxDelay` is less. */
const SHORT = 5

/** How long overload lasts at least, in milliseconds: at first, and at most, where it was there again soon after it. */
const KEPT = { first: 1000, most: 60_000 }

/** How long nothing must have been refused for overload to be over before its time, in milliseconds. */
const CALM = 1000

const ALWAYS = new Set(["/healthz", "/readyz", "/metrics"])

const isImport = ({ method, url = "" }: IncomingMessage): boolean =>
  method === "POST" && /^\/v1\.0\/[^/]+\/imports(?:\?|$)/.test(url)

/**
 * Begins requests, in slices of time between which the event loop sees what else has come, and refuses those that the
 * process cannot carry.
 *
 * What does not fit into a slice waits here, where its age is known. A number of callers who each wait for their answer
 * makes a queue of some length, and no longer; a load that is too much makes it grow. Once requests have waited too
 * long for some time, the newest are begun first, and those that are older than a few milliseconds are refused.
 */
export class Admission {
  readonly #limits: AdmissionLimits
  readonly #afterTurn: () => void
  readonly #waiting = MutableList.empty<Arrival>()
  #inFlight = 0
  /**
   * Whether a turn of its own is due in this turn of the loop, and since when: the first request in it, or the end of
   * the turn before.
   */
  #isTurn = false
  #began = 0
  /** Whether no more than one had to wait for the turn before. */
  #isQuiet = true
  /** How many requests have waited too long, one after the other, and since when. */
  #late = 0
  #lateSince = 0
  /** How long overload was taken to last, until when, and when something was last refused for it. */
  #kept = 0
  #keptUntil = Number.NEGATIVE_INFINITY
  #refused = 0

  /** `afterTurn` is called when those of a turn were begun or refused. */
  constructor(limits: AdmissionLimits, afterTurn: () => void) {
    this.#limits = limits
    this.#afterTurn = afterTurn
  }

  /** Begins a request, at once or in its turn, or refuses it. Gives what is to be called when it has gone. */
  readonly admit = (request: IncomingMessage, { begin, refuse }: Work): (() => void) => {
    const now = performance.now()
    const isFirst = this.#takeTurn(now)
    const { maxRequests } = this.#limits
    const isAlways = ALWAYS.has(request.url ?? "")
    if (!isAlways && maxRequests > 0 && this.#inFlight >= maxRequests && !isImport(request)) {
      refuse("requests")
      return () => {}
    }
    // A body comes as slowly as its caller likes, who must not keep others out by that; bodies and imports have bounds
    // of their own.
    const arrival = { begin, refuse, since: now, isCounted: !hasBody(request), hasGone: false }
    if (arrival.isCounted) this.#inFlight += 1
    // What comes together is begun together: it shares one look into the store.
    if (isAlways || (isFirst && this.#isQuiet && MutableList.isEmpty(this.#waiting))) begin()
    else MutableList.append(this.#waiting, arrival)
    return () => {
      arrival.hasGone = true
      if (arrival.isCounted) this.#inFlight -= 1
    }
  }

  /** Sees to it that what waits gets a turn. Whether this one is the first to ask for it. */
  #takeTurn(now: number): boolean {
    if (this.#isTurn) return false
    this.#isTurn = true
    this.#began = now
    setImmediate(this.#turn)
    return true
  }

  readonly #turn = (): void => {
    const now = performance.now()
    this.#isTurn = false
    this.#isQuiet = MutableList.length(this.#waiting) <= 1
    if (now < this.#keptUntil && now - this.#refused < CALM) this.#sift(now)
    else this.#serve(now)
    this.#afterTurn()
    if (!MutableList.isEmpty(this.#waiting)) this.#takeTurn(performance.now())
  }

  /** Begins what has waited, in its order. */
  #serve(began: number): void {
    this.#keptUntil = Math.min(this.#keptUntil, this.#refused + CALM)
    let now = began
    for (let count = 0; count < SLICE.requests || now - began < SLICE.millis; now = performance.now()) {
      const oldest = MutableList.shift(this.#waiting)
      if (oldest === undefined) return
      if (oldest.hasGone) continue
      count += 1
      oldest.begin()
      if (this.#isTooMuch(now, now - oldest.since)) return
    }
  }

  /** Begins the newest of what has waited, and refuses the oldest. */
  #sift(began: number): void {
    // To read what has come takes time as well, and more of it the more there is to refuse. As much is for those that
    // are begun.
    const reading = began - this.#began
    const most = Math.max(reading, Math.min(SHORT, this.#limits.maxDelay))
    const serving = Math.max(reading, SLICE.millis)
    let now = began
    for (; now - began < serving; now = performance.now()) {
      const newest = MutableList.tail(this.#waiting)
      if (newest === undefined || now - newest.since > most) break
      MutableList.pop(this.#waiting)
      if (!newest.hasGone) newest.begin()
    }
    for (const begun = now; now - begun < serving; now = performance.now()) {
      const oldest = MutableList.head(this.#waiting)
      if (oldest === undefined || now - oldest.since <= most) return
      MutableList.shift(this.#waiting)
      if (oldest.hasGone) continue
      this.#refused = now
      oldest.refuse("delay")
    }
  }

  // While the old are refused, nobody can tell too many requests from callers who come again at once: whether it is
  // still too much is seen only when requests may wait again. So that is tried, ever more seldom.
  #isTooMuch(now: number, waited: number): boolean {
    const { maxDelay } = this.#limits
    const isLate = maxDelay > 0 && waited > maxDelay && MutableList.length(this.#waiting) >= FEW
    this.#late = isLate ? this.#late + 1 : 0
    if (!isLate) return false
    if (this.#late === 1) this.#lateSince = now
    const isAgain = now - this.#keptUntil < this.#kept
    // A pause makes some late at once; only what goes on is overload.
    if (isAgain ? now - this.#lateSince < maxDelay : this.#late < LASTING) return false
    this.#late = 0
    this.#kept = isAgain ? Math.min(2 * this.#kept, KEPT.most) : KEPT.first
    this.#keptUntil = now + this.#kept
    this.#refused = now
    return true
  }
}
