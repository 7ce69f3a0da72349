import { AccountId } from "@backup-catalog/core"
import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import { makeRateLimiter } from "../../src/limits/RateLimiter.ts"

const mine = AccountId.make("mine")
const other = AccountId.make("other")

const limiterAt = (limit: number) => {
  let time = 1000
  const limiter = makeRateLimiter(limit, () => time)
  if (limiter === undefined) throw new Error("there is no limiter")
  return { ...limiter, pass: (ms: number) => (time += ms) }
}

describe("the rate limiter", () => {
  it("is none for 0", () => assert.isUndefined(makeRateLimiter(0, () => 0)))

  it("lets as many requests through at once as a minute has, then one at a time as they come back", () => {
    const { take, look, pass } = limiterAt(60)
    for (let n = 59; n >= 0; n--) {
      const { allowed, remaining, retryAfter } = take(mine)
      assert.deepStrictEqual([allowed, remaining, retryAfter], [true, n, n === 0 ? 1 : 0])
    }
    const refused = take(mine)
    assert.deepStrictEqual(refused, { allowed: false, limit: 60, remaining: 0, retryAfter: 1, reset: 60 })
    assert.isTrue(take(other).allowed)
    pass(999)
    assert.isFalse(take(mine).allowed)
    pass(1)
    assert.strictEqual(look(mine).remaining, 1)
    assert.isTrue(take(mine).allowed)
    assert.isFalse(take(mine).allowed)
    pass(3_600_000)
    assert.deepStrictEqual(look(mine), { limit: 60, remaining: 60, retryAfter: 0, reset: 0 })
  })

  it("counts down to nothing, one by one, whatever the limit", () => {
    for (let limit = 1; limit <= 1000; limit++) {
      const { take } = limiterAt(limit)
      const left = Array.from({ length: limit }, () => take(mine).remaining)
      assert.deepStrictEqual(left, [...Array(limit).keys()].reverse())
    }
  })

  it("says how long to wait when one comes back in more than a second", () => {
    const { take, pass } = limiterAt(2)
    assert.strictEqual(take(mine).retryAfter, 0)
    assert.strictEqual(take(mine).retryAfter, 30)
    pass(12_500)
    const { allowed, retryAfter } = take(mine)
    assert.deepStrictEqual([allowed, retryAfter], [false, 18])
    pass(17_500)
    assert.isTrue(take(mine).allowed)
  })

  it("never lets more through than the limit and what came back meanwhile, nor refuses who waited as told", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 200 }),
        (limit, waits) => {
          const { take, pass } = limiterAt(limit)
          let allowed = 0
          let passed = 0
          for (const wait of waits) {
            pass(wait)
            passed += wait
            const decision = take(mine)
            if (decision.allowed) allowed++
            else {
              pass(decision.retryAfter * 1000)
              passed += decision.retryAfter * 1000
              assert.isTrue(take(mine).allowed)
              allowed++
            }
            assert.isAtMost(allowed, limit + (passed * limit) / 60_000 + 1e-6)
          }
        }
      )
    ))

  it("forgets accounts whose bucket is full again, and no others", () => {
    const { take, look, size, pass } = limiterAt(60)
    const crowd = (name: string, count: number) => {
      for (let n = 0; n < count; n++) take(AccountId.make(`${name}${n}`))
    }
    for (let n = 0; n < 60; n++) take(mine)
    crowd("a", 30_000)
    assert.strictEqual(size(), 30_001)
    pass(30_000)
    crowd("b", 40_000)
    assert.isBelow(size(), 41_000)
    assert.strictEqual(look(mine).remaining, 30)
  })
})
