import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import { takeTurns } from "../src/store/index.ts"

/** How often the event loop came by while some parts of work, of so many milliseconds each, were done. */
const turnsDuring = async (parts: number, millis: number): Promise<number> => {
  let turns = 0
  const timer = setInterval(() => turns++, 0)
  const work = Effect.gen(function* () {
    const turn = takeTurns()
    for (let n = 0; n < parts; n++) {
      const end = performance.now() + millis
      while (performance.now() < end);
      yield* turn
    }
  })
  await Effect.runPromise(work)
  clearInterval(timer)
  return turns
}

describe("long work that takes turns", () => {
  it("lets the event loop go on again and again", async () => {
    assert.isAtLeast(await turnsDuring(10, 20), 5)
  })

  it("does not wait between parts that are short", async () => {
    assert.isAtMost(await turnsDuring(2000, 0), 20)
  })
})
