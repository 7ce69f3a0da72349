import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { Turn } from "../../src/store/Turn.ts"

describe("a turn", () => {
  it.effect("is had one after the other in the order in which it was asked for, also by who asks again at once", () =>
    Effect.gen(function* () {
      const turn = new Turn()
      const had: Array<string> = []
      const have = (name: string) => turn.take(Effect.sync(() => had.push(name)))
      const may = yield* Deferred.make<void>()
      const greedy = yield* Effect.fork(
        turn.take(Deferred.await(may)).pipe(Effect.zipRight(Effect.repeatN(have("greedy"), 2)))
      )
      yield* Effect.yieldNow()
      assert.isFalse(turn.isAwaited)
      const others = yield* Effect.forEach(["a", "b"], (name) => Effect.fork(have(name)))
      yield* Effect.yieldNow()
      assert.isTrue(turn.isAwaited)
      yield* Deferred.succeed(may, undefined)
      yield* Fiber.joinAll([greedy, ...others])
      assert.deepStrictEqual(had, ["a", "b", "greedy", "greedy", "greedy"])
      assert.isFalse(turn.isAwaited)
    })
  )

  it.effect("goes on from who failed, and from who was interrupted while waiting for it", () =>
    Effect.gen(function* () {
      const turn = new Turn()
      const may = yield* Deferred.make<void>()
      const first = yield* Effect.fork(turn.take(Effect.zipRight(Deferred.await(may), Effect.fail("no"))))
      yield* Effect.yieldNow()
      let isRun = false
      const second = yield* Effect.fork(
        turn.take(
          Effect.sync(() => {
            isRun = true
          })
        )
      )
      yield* Effect.yieldNow()
      const leaving = yield* Effect.fork(Fiber.interrupt(second))
      yield* Deferred.succeed(may, undefined)
      assert.strictEqual(yield* Effect.flip(Fiber.join(first)), "no")
      yield* Fiber.join(leaving)
      assert.isFalse(isRun)
      assert.strictEqual(yield* turn.take(Effect.succeed(1)), 1)
    })
  )
})
