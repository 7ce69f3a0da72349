import type { IncomingMessage } from "node:http"
import { afterEach, assert, beforeEach, describe, it, vi } from "vitest"
import { Admission, type AdmissionLimits } from "../../src/limits/Admission.ts"

/** What became of a request, and after how many milliseconds. */
interface Fate {
  readonly number: number
  readonly what: "begun" | "requests" | "delay"
  readonly waited: number
}

const list = { method: "GET", url: "/v1.0/1234/backups", headers: {} } as IncomingMessage

/**
 * How long it takes to read a request, and to refuse one, in milliseconds; one that is begun takes what a test says.
 */
const COSTS = { read: 0.03, refuse: 0.02 }

// An event loop of which every turn takes exactly what was done in it.
let clock = 0
let immediates: Array<() => void> = []
beforeEach(() => {
  clock = 1000
  immediates = []
  vi.stubGlobal("performance", { now: () => clock })
  vi.stubGlobal("setImmediate", (run: () => void) => immediates.push(run))
})
afterEach(() => {
  vi.unstubAllGlobals()
})

const turn = () => {
  const due = immediates
  immediates = []
  for (const run of due) run()
}

const drain = () => {
  while (immediates.length > 0) turn()
}

const median = (numbers: ReadonlyArray<number>): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

const countOf = (fates: ReadonlyArray<Fate>, what: Fate["what"]): number =>
  fates.filter((fate) => fate.what === what).length

const admission = (limits: AdmissionLimits) => {
  const { admit } = new Admission(limits, () => {})
  const fates: Array<Fate> = []
  let count = 0
  /**
   * A request comes that takes so many milliseconds, if it is begun; `ended` is told when it is over, whatever became
   * of it.
   */
  const come = (millis: number, { request = list, ended = () => {} } = {}) => {
    clock += COSTS.read
    const number = count++
    const since = clock
    const become = (what: Fate["what"], takes: number) => {
      fates.push({ number, what, waited: clock - since })
      clock += takes
      // What ends in the same turn has not ended before it was admitted.
      setImmediate(() => {
        leave()
        ended()
      })
    }
    const leave = admit(request, {
      begin: () => become("begun", millis),
      refuse: (why) => become(why, COSTS.refuse)
    })
    return leave
  }
  return { come, fates }
}

/** Lets requests of 0.2 ms come for some time, so many a millisecond. */
const offer = (come: (millis: number) => unknown, rate: number, millis: number) => {
  const begun = clock
  for (let sent = 0; clock - begun < millis; turn()) {
    if (immediates.length === 0) clock += 0.05
    for (const due = (clock - begun) * rate; sent < due; sent++) come(0.2)
  }
  drain()
}

/**
 * Callers who each ask again as soon as their request is over, for some time; the loop stands still once, for `pause`.
 */
const callFor = (
  come: ReturnType<typeof admission>["come"],
  { callers, takes, millis, pause = 0 }: Readonly<Record<"callers" | "takes" | "millis", number>> & { pause?: number }
) => {
  const end = clock + millis
  const stands = clock + millis / 2
  let hasStood = false
  let ready = callers
  const ended = () => {
    ready += 1
  }
  while (clock < end) {
    if (!hasStood && clock > stands) {
      clock += pause
      hasStood = true
    }
    const now = ready
    ready = 0
    for (let n = 0; n < now; n++) come(takes, { ended })
    turn()
  }
  drain()
}

describe("admission", () => {
  it("begins what comes alone at once, and the rest of a burst in slices and in order", () => {
    const { come, fates } = admission({ maxRequests: 0, maxDelay: 100 })
    for (let n = 0; n < 40; n++) come(0.2)
    const atOnce = fates.length
    assert.isAbove(atOnce, 0)
    turn()
    assert.isAbove(fates.length, atOnce)
    assert.isBelow(fates.length, 15)
    drain()
    assert.deepEqual(
      fates.map(({ number, what }) => [number, what]),
      Array.from({ length: 40 }, (_, n) => [n, "begun"])
    )
  })

  it("does not begin what has gone while it waited", () => {
    const { come, fates } = admission({ maxRequests: 0, maxDelay: 100 })
    const gone = Array.from({ length: 20 }, () => come(1))
    const before = fates.length
    for (const leave of gone.slice(before)) leave()
    come(1)
    drain()
    assert.deepEqual(
      fates.slice(before).map(({ number }) => number),
      [20]
    )
  })

  it("counts what waits among what is in flight, refuses more at once, and takes on others when those have gone", () => {
    const { come, fates } = admission({ maxRequests: 10, maxDelay: 0 })
    for (let n = 0; n < 15; n++) come(1)
    assert.strictEqual(countOf(fates, "requests"), 5)
    drain()
    assert.strictEqual(countOf(fates, "begun"), 10)
    for (let n = 0; n < 10; n++) come(1)
    drain()
    assert.strictEqual(countOf(fates, "begun"), 20)
    assert.strictEqual(countOf(fates, "requests"), 5)
  })

  it("begins at once what tells how the server is, whatever waits", () => {
    const { come, fates } = admission({ maxRequests: 1, maxDelay: 1 })
    for (let n = 0; n < 20; n++) come(1)
    const before = fates.length
    come(0, { request: { ...list, url: "/healthz" } as IncomingMessage })
    assert.deepEqual(
      fates.slice(before).map(({ what }) => what),
      ["begun"]
    )
  })

  it("refuses nothing of seven tenths of what can be carried", () => {
    const { come, fates } = admission({ maxRequests: 1000, maxDelay: 100 })
    offer(come, 3, 10_000)
    assert.strictEqual(countOf(fates, "begun"), fates.length)
    assert.isBelow(Math.max(...fates.map(({ waited }) => waited)), 5)
  })

  it.each([
    ["twice", 9, 0.6, 1],
    ["three times", 13, 0.4, 8]
  ])(
    "bounds how long what it begins has waited when %s as much comes as it can carry, and answers many",
    (_, rate, share, most) => {
      const { come, fates } = admission({ maxRequests: 0, maxDelay: 100 })
      offer(come, rate, 20_000)
      const late = fates.slice(Math.floor(fates.length / 2))
      const begun = late.filter(({ what }) => what === "begun")
      const seconds = 10
      assert.isAbove(begun.length / seconds, share * 4350)
      assert.isBelow(median(begun.map(({ waited }) => waited)), most)
      const refused = late.filter(({ what }) => what === "delay")
      assert.isBelow(median(refused.map(({ waited }) => waited)), 25)
    }
  )

  it("without a bound makes them wait ever longer, and refuses none", () => {
    const { come, fates } = admission({ maxRequests: 0, maxDelay: 0 })
    offer(come, 9, 2000)
    assert.strictEqual(countOf(fates, "begun"), fates.length)
    assert.isAbove(Math.max(...fates.map(({ waited }) => waited)), 500)
  })

  it("refuses nobody of callers who each wait for their answer, as long as that comes in time", () => {
    const { come, fates } = admission({ maxRequests: 1000, maxDelay: 100 })
    callFor(come, { callers: 90, takes: 1, millis: 10_000 })
    assert.strictEqual(countOf(fates, "begun"), fates.length)
  })

  it.each([20, 120, 400])("refuses nobody of them for a pause of %d ms, also soon after an overload", (pause) => {
    const { come, fates } = admission({ maxRequests: 1000, maxDelay: 100 })
    offer(come, 9, 40_000)
    assert.isAbove(countOf(fates, "delay"), 1000)
    clock += 1500
    const before = fates.length
    callFor(come, { callers: 50, takes: 1, millis: 10_000, pause })
    assert.strictEqual(countOf(fates.slice(before), "begun"), fates.length - before)
  })
})
