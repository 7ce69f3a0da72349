import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, TestClock } from "effect"
import { rounds } from "../src/sync/rounds.ts"

/** When rounds that take so many milliseconds each begin within a minute, and how long the late ones took. */
const beginnings = (everyMs: number, tookMs: ReadonlyArray<number>) =>
  Effect.gen(function* () {
    const begun: Array<number> = []
    const late: Array<number> = []
    const round = Effect.gen(function* () {
      const took = tookMs[begun.length] ?? 0
      begun.push(yield* Clock.currentTimeMillis)
      yield* Effect.sleep(took)
    })
    const fiber = yield* Effect.fork(rounds(everyMs, round, (took) => Effect.sync(() => late.push(took))))
    yield* TestClock.adjust("1 minute")
    yield* Fiber.interrupt(fiber)
    return { begun, late }
  })

describe("rounds", () => {
  it.effect("begin at once, and then so long after each beginning as was asked for", () =>
    Effect.gen(function* () {
      const { begun, late } = yield* beginnings(20_000, [5000, 1000, 19_000])
      assert.deepStrictEqual(begun, [0, 20_000, 40_000, 60_000])
      assert.deepStrictEqual(late, [])
    })
  )

  it.effect("never overlap: after one that took longer, the next begins when it has ended", () =>
    Effect.gen(function* () {
      const { begun, late } = yield* beginnings(20_000, [25_000, 0, 0])
      assert.deepStrictEqual(begun, [0, 25_000, 45_000])
      assert.deepStrictEqual(late, [25_000])
    })
  )
})
