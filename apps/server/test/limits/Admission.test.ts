import type { IncomingMessage } from "node:http"
import { setImmediate } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { Admission, type AdmissionLimits } from "../../src/limits/Admission.ts"

/** What became of a request, and after how many milliseconds. */
interface Fate {
  readonly number: number
  readonly what: "begun" | "requests" | "delay"
  readonly waited: number
}

const list = { method: "GET", url: "/v1.0/1234/backups", headers: {} } as IncomingMessage

const work = (millis: number): void => {
  for (const end = performance.now() + millis; performance.now() < end; );
}

const median = (numbers: ReadonlyArray<number>): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

const admission = (limits: AdmissionLimits) => {
  const { admit } = new Admission(limits)
  const fates: Array<Fate> = []
  let count = 0
  /** A request comes that takes so many milliseconds of work, if it is begun. */
  const arrive = (millis: number, request = list) => {
    const number = count++
    const since = performance.now()
    const end = (what: Fate["what"]) => fates.push({ number, what, waited: performance.now() - since })
    return admit(request, {
      begin: () => {
        end("begun")
        work(millis)
      },
      refuse: end
    })
  }
  return { come: arrive, fates }
}

/** Lets requests of a fifth of a millisecond come for some time, `load` times as many as can be carried. */
const offer = async (come: (millis: number) => unknown, load: number, millis: number): Promise<void> => {
  const begun = performance.now()
  for (let sent = 0; performance.now() - begun < millis; await setImmediate()) {
    for (const due = (performance.now() - begun) * 5 * load; sent < due; sent++) come(0.2)
  }
}

const drained = async (fates: ReadonlyArray<Fate>, count: number): Promise<void> => {
  while (fates.length < count) await setImmediate()
}

describe("admission", () => {
  it("begins what comes alone at once, and the rest of a burst in slices and in order", async () => {
    const { come, fates } = admission({ maxRequests: 0, maxDelay: 250 })
    for (let n = 0; n < 40; n++) come(0.2)
    assert.isNotEmpty(fates)
    assert.isBelow(fates.length, 40)
    await drained(fates, 40)
    assert.deepEqual(new Set(fates.map(({ what }) => what)), new Set(["begun"]))
    assert.deepEqual(
      fates.map(({ number }) => number),
      Array.from({ length: 40 }, (_, n) => n)
    )
  })

  it("does not begin what has gone while it waited", async () => {
    const { come, fates } = admission({ maxRequests: 0, maxDelay: 250 })
    const gone = Array.from({ length: 20 }, () => come(1))
    for (const leave of gone) leave()
    come(1)
    const before = fates.length
    await drained(fates, before + 1)
    await setImmediate()
    assert.isBelow(fates.length, 20)
  })

  it("counts what waits among what is in flight, and refuses more at once", async () => {
    const { come, fates } = admission({ maxRequests: 10, maxDelay: 0 })
    for (let n = 0; n < 15; n++) come(1)
    assert.strictEqual(fates.filter(({ what }) => what === "requests").length, 5)
    await drained(fates, 15)
    assert.strictEqual(fates.filter(({ what }) => what === "begun").length, 10)
  })

  it("begins at once what tells how the server is, whatever waits", () => {
    const { come, fates } = admission({ maxRequests: 1, maxDelay: 1 })
    for (let n = 0; n < 20; n++) come(1)
    const before = fates.length
    come(0, { ...list, url: "/healthz" } as IncomingMessage)
    assert.deepEqual(
      fates.slice(before).map(({ what }) => what),
      ["begun"]
    )
  })

  it("bounds how long what it begins has waited, once three times as much comes as can be carried", async () => {
    const { come, fates } = admission({ maxRequests: 0, maxDelay: 50 })
    await offer(come, 3, 3000)
    const late = fates.slice(-Math.ceil(fates.length / 3))
    const begun = late.filter(({ what }) => what === "begun")
    const refused = late.filter(({ what }) => what === "delay")
    assert.isNotEmpty(refused)
    assert.isNotEmpty(begun)
    assert.isBelow(median(begun.map(({ waited }) => waited)), 25)
    assert.isBelow(median(refused.map(({ waited }) => waited)), 50)
  })

  it("without a bound makes them wait ever longer, and refuses none", async () => {
    const { come, fates } = admission({ maxRequests: 0, maxDelay: 0 })
    await offer(come, 3, 1000)
    assert.isEmpty(fates.filter(({ what }) => what !== "begun"))
    assert.isAbove(Math.max(...fates.map(({ waited }) => waited)), 250)
  })
})
