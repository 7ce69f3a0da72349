import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, TestClock } from "effect"
import { makeTokenCache } from "../../src/auth/keystone/TokenCache.ts"
import { tokenKey } from "../../src/auth/token.ts"
import { fails, scopedTo } from "./support/IdentityServer.ts"
import { faultOf, type Keystone, startKeystone } from "./support/keystone.ts"

/** Whether Keystone was asked about a token while it was verified, and not only the cache. */
const asks = ({ identity, verify }: Keystone, token: string): Effect.Effect<boolean> =>
  Effect.gen(function* () {
    const before = identity.count("GET")
    yield* Effect.exit(verify(token))
    return identity.count("GET") > before
  })

const pass = (millis: number) => TestClock.adjust(Duration.millis(millis))

describe("the cache of Keystone's tokens", () => {
  it.scoped("answers for five minutes, at once and without a fiber", () =>
    Effect.gen(function* () {
      const keystone = yield* startKeystone()
      const { identity, verify } = keystone
      identity.callers.set("a-token", scopedTo("shop", "member"))
      assert.isTrue(yield* asks(keystone, "a-token"))
      yield* pass(299_999)
      assert.deepEqual<unknown>(Effect.runSync(verify("a-token")), { account: "shop", role: "member" })
      assert.strictEqual(identity.count("GET"), 1)
      yield* pass(1)
      assert.isTrue(yield* asks(keystone, "a-token"))
    })
  )

  it.scoped("forgets a token when it expires", () =>
    Effect.gen(function* () {
      const keystone = yield* startKeystone()
      keystone.identity.callers.set("a-token", { ...scopedTo("shop", "member"), expires: 20_000 })
      assert.isTrue(yield* asks(keystone, "a-token"))
      yield* pass(19_999)
      assert.isFalse(yield* asks(keystone, "a-token"))
      yield* pass(1)
      assert.isTrue(yield* asks(keystone, "a-token"))
      yield* faultOf(keystone.verify("a-token"), "Unauthorized")
    })
  )

  it.scoped("does not remember a token that has expired by this clock, but believes Keystone that it is good", () =>
    Effect.gen(function* () {
      const keystone = yield* startKeystone()
      yield* pass(3_600_000)
      keystone.identity.ahead = -3_600_000
      keystone.identity.callers.set("a-token", { ...scopedTo("shop", "member"), expires: 1_800_000 })
      assert.deepEqual<unknown>(yield* keystone.verify("a-token"), { account: "shop", role: "member" })
      assert.isTrue(yield* asks(keystone, "a-token"))
    })
  )

  it("takes a token for another one only when its whole hash is the same", () => {
    const cache = makeTokenCache<string>(1)
    const key = tokenKey("a-token")
    cache.put(key, "known", 1)
    assert.strictEqual(cache.get(key, 0), "known")
    assert.isUndefined(cache.get({ ...key, hash: tokenKey("b-token").hash }, 0))
  })

  it.scoped("sees that a token was revoked when its time is over, not before", () =>
    Effect.gen(function* () {
      const keystone = yield* startKeystone({ cacheTtl: 30_000 })
      keystone.identity.callers.set("a-token", scopedTo("shop", "member"))
      yield* keystone.verify("a-token")
      keystone.identity.callers.delete("a-token")
      yield* pass(29_999)
      yield* keystone.verify("a-token")
      yield* pass(1)
      yield* faultOf(keystone.verify("a-token"), "Unauthorized")
    })
  )

  it.scoped("remembers forbidden tokens as long as valid ones", () =>
    Effect.gen(function* () {
      const keystone = yield* startKeystone()
      keystone.identity.callers.set("a-token", scopedTo("shop", "auditor"))
      assert.isTrue(yield* asks(keystone, "a-token"))
      yield* pass(299_999)
      assert.isFalse(yield* asks(keystone, "a-token"))
      yield* faultOf(keystone.verify("a-token"), "Forbidden")
      yield* pass(1)
      assert.isTrue(yield* asks(keystone, "a-token"))
    })
  )

  it.scoped("remembers invalid tokens for ten seconds", () =>
    Effect.gen(function* () {
      const keystone = yield* startKeystone()
      assert.isTrue(yield* asks(keystone, "never-issued"))
      yield* pass(9_999)
      assert.isFalse(yield* asks(keystone, "never-issued"))
      yield* faultOf(keystone.verify("never-issued"), "Unauthorized")
      yield* pass(1)
      assert.isTrue(yield* asks(keystone, "never-issued"))
    })
  )

  it.scoped("can be off, for valid and for invalid tokens", () =>
    Effect.gen(function* () {
      const keystone = yield* startKeystone({ cacheTtl: 0, invalidCacheTtl: 0 })
      keystone.identity.callers.set("a-token", scopedTo("shop", "member"))
      for (const token of ["a-token", "never-issued"]) {
        assert.isTrue(yield* asks(keystone, token))
        assert.isTrue(yield* asks(keystone, token))
      }
    })
  )

  it.scoped("is bounded, and forgets what was not asked for the longest", () =>
    Effect.gen(function* () {
      const keystone = yield* startKeystone({ cacheSize: 2 })
      for (const token of ["a", "b", "c"]) keystone.identity.callers.set(token, scopedTo("shop", "member"))
      yield* keystone.verify("a")
      yield* keystone.verify("b")
      yield* keystone.verify("a")
      yield* keystone.verify("c")
      assert.isFalse(yield* asks(keystone, "a"))
      assert.isTrue(yield* asks(keystone, "b"))
    })
  )

  it.scoped("keeps its valid tokens through a flood of invalid ones", () =>
    Effect.gen(function* () {
      const keystone = yield* startKeystone({ cacheSize: 2 })
      keystone.identity.callers.set("a-token", scopedTo("shop", "member"))
      yield* keystone.verify("a-token")
      for (let number = 0; number < 10; number += 1) yield* faultOf(keystone.verify(`junk-${number}`), "Unauthorized")
      assert.isFalse(yield* asks(keystone, "a-token"))
      assert.isTrue(yield* asks(keystone, "junk-0"))
    })
  )

  it.scoped("does not remember that Keystone was away", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      identity.callers.set("a-token", scopedTo("shop", "member"))
      identity.misbehave = () => fails(503, "Service Unavailable")
      yield* faultOf(verify("a-token"), "ServiceUnavailable")
      identity.misbehave = () => undefined
      assert.deepEqual<unknown>(yield* verify("a-token"), { account: "shop", role: "member" })
    })
  )

  it.scoped("asks once for a token that many use at the same time", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      identity.callers.set("a-token", scopedTo("shop", "member"))
      const all = yield* Effect.all(
        Array.from({ length: 50 }, () => verify("a-token")),
        { concurrency: "unbounded" }
      )
      assert.isTrue(all.every(({ account }) => account === "shop"))
      assert.strictEqual(identity.count("GET"), 1)
      assert.strictEqual(identity.count("POST"), 1)
    })
  )

  it.scoped("answers the others when the one who asked first hangs up", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      identity.callers.set("a-token", scopedTo("shop", "member"))
      yield* faultOf(verify("never-issued"), "Unauthorized")
      const release = identity.hold()
      const first = yield* Effect.fork(verify("a-token"))
      yield* Effect.promise(() => identity.arrived("GET", 2))
      const second = yield* Effect.fork(verify("a-token"))
      yield* Effect.yieldNow()
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(first)))
      release()
      assert.deepEqual<unknown>(yield* Fiber.join(second), { account: "shop", role: "member" })
      assert.strictEqual(identity.count("GET"), 2)
    })
  )

  it.scoped("keeps the answer when everybody who asked has hung up", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      identity.callers.set("a-token", scopedTo("shop", "member"))
      const release = identity.hold()
      const only = yield* Effect.fork(verify("a-token"))
      yield* Effect.promise(() => identity.arrived("POST", 1))
      yield* Fiber.interrupt(only)
      release()
      assert.deepEqual<unknown>(yield* verify("a-token"), { account: "shop", role: "member" })
      assert.strictEqual(identity.count("GET"), 1)
    })
  )
})
