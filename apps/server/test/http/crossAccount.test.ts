import { FastCheck as fc } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { prepare, start } from "../support/server.ts"
import { emptyStore } from "../support/TestStore.ts"
import { Party } from "./crossAccount/Party.ts"
import { steps } from "./crossAccount/steps.ts"

const SEQUENCES = 100
const SEED = 20_140_619

/** What a run must have tried, or it has proven little. */
const mustCome = [
  "put 200",
  "put 201",
  "put 412",
  "put 422",
  "post 202",
  "remove 202",
  "remove 404",
  "remove 412",
  "remove 422",
  "show 200",
  "show 304",
  "show 404",
  "list 200",
  "list 400",
  "list 404",
  "poll 200",
  "poll 304",
  "descendants 200",
  "descendants 404",
  "instances 200",
  "showInstance 200",
  "showInstance 404",
  "trespass 403",
  "askForOthers 403"
]

describe.each([
  ["in front of the router", true],
  ["through the router", false]
] as const)("two accounts with the same ids, %s", (_, leanList) => {
  const ends: Array<() => unknown> = []
  let store = ""
  let url = ""

  beforeAll(async () => {
    store = (await emptyStore((clean) => ends.push(clean))).address
    const [started, stop] = await start({ store, leanList })
    url = started
    ends.unshift(stop)
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })

  it("are as if each were alone, whatever both of them do", async () => {
    const came = new Set<string>()
    let sequence = 0
    const run = fc.asyncProperty(steps, async (sequenceOfSteps) => {
      sequence++
      const parties = [new Party(url, "blue", sequence), new Party(url, "green", sequence)] as const
      const [blue, green] = parties
      blue.meet(green)
      green.meet(blue)
      await prepare(store, {}, Object.fromEntries(parties.map(({ token, account }) => [token, { account }])))
      for (const step of sequenceOfSteps) await (step.by === 0 ? blue : green).take(step)
      for (const party of parties) {
        await party.assertWhole()
        for (const one of party.came) came.add(one)
      }
    })
    await fc.assert(run, { numRuns: SEQUENCES, seed: SEED })
    assert.includeMembers([...came], mustCome)
  })
})
