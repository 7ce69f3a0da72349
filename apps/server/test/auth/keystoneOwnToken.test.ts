import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Redacted, TestClock } from "effect"
import { unknownToken } from "../../src/auth/TokenVerifier.ts"
import { answersLater, fails, OWN_PASSWORD, scopedTo, staysSilent } from "./support/IdentityServer.ts"
import { credentials, faultOf, startKeystone } from "./support/keystone.ts"

const pass = (millis: number) => TestClock.adjust(Duration.millis(millis))

const HOUR = 3_600_000

describe("the server's own token", () => {
  it.scoped("is got once for all validations", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      yield* Effect.forEach(
        Array.from({ length: 20 }, (_, number) => `junk-${number}`),
        (token) => faultOf(verify(token), "Unauthorized"),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(identity.count("POST"), 1)
      assert.strictEqual(identity.count("GET"), 20)
    })
  )

  it.scoped("is there before the first request comes", () =>
    Effect.gen(function* () {
      const { identity } = yield* startKeystone()
      yield* Effect.promise(() => identity.arrived("POST", 1))
      assert.strictEqual(identity.count("GET"), 0)
    })
  )

  it.scoped("is renewed before it expires, while requests go on with the old one", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      yield* faultOf(verify("junk-1"), "Unauthorized")
      yield* pass(HOUR * 0.9 - 1)
      yield* faultOf(verify("junk-2"), "Unauthorized")
      assert.strictEqual(identity.count("POST"), 1)
      yield* pass(1)
      identity.misbehave = (call) => (call.method === "POST" ? staysSilent : undefined)
      yield* faultOf(verify("junk-3"), "Unauthorized")
      yield* faultOf(verify("junk-4"), "Unauthorized")
      yield* Effect.promise(() => identity.arrived("POST", 2))
      assert.deepEqual(
        identity.calls.filter(({ method }) => method === "GET").map(({ headers }) => headers["x-auth-token"]),
        Array.from({ length: 4 }, () => "own-token-1")
      )
      assert.strictEqual(identity.count("POST"), 2)
    })
  )

  it.scoped("is used as soon as it is renewed", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone({ invalidCacheTtl: 0 })
      yield* faultOf(verify("junk"), "Unauthorized")
      yield* pass(HOUR * 0.95)
      const latest = () => identity.calls.findLast(({ method }) => method === "GET")?.headers["x-auth-token"]
      while (latest() !== "own-token-2") yield* faultOf(verify("junk"), "Unauthorized")
      yield* pass(HOUR * 0.06)
      yield* faultOf(verify("junk"), "Unauthorized")
      assert.strictEqual(latest(), "own-token-2")
      assert.strictEqual(identity.count("POST"), 2)
    })
  )

  it.scoped("is got anew when it expired while nobody asked", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      yield* faultOf(verify("junk-1"), "Unauthorized")
      yield* pass(HOUR)
      yield* faultOf(verify("junk-2"), "Unauthorized")
      assert.strictEqual(identity.calls.at(-1)?.headers["x-auth-token"], "own-token-2")
      assert.strictEqual(identity.count("GET"), 2)
    })
  )

  for (const hours of [-10, 10]) {
    it.scoped(`lasts as long as Keystone says, when Keystone's clock is ${hours} hours ahead`, () =>
      Effect.gen(function* () {
        const { identity, verify } = yield* startKeystone()
        identity.ahead = hours * HOUR
        yield* Effect.exit(verify("junk-0"))
        identity.forgetOwnTokens()
        yield* faultOf(verify("junk-1"), "Unauthorized")
        const signIns = identity.count("POST")
        yield* faultOf(verify("junk-2"), "Unauthorized")
        yield* pass(HOUR)
        assert.strictEqual(identity.count("POST"), signIns)
        yield* faultOf(verify("junk-3"), "Unauthorized")
        assert.strictEqual(identity.count("POST"), signIns + 1)
      })
    )
  }

  it.scoped("is renewed once, for everybody together, when Keystone no longer takes it", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      identity.callers.set("a-token", scopedTo("shop", "member"))
      yield* faultOf(verify("junk"), "Unauthorized")
      identity.forgetOwnTokens()
      const release = identity.hold()
      const all = yield* Effect.fork(
        Effect.all(
          [verify("a-token"), faultOf(verify("junk-1"), "Unauthorized"), faultOf(verify("junk-2"), "Unauthorized")],
          {
            concurrency: "unbounded"
          }
        )
      )
      yield* Effect.promise(() => identity.arrived("GET", 4))
      release()
      assert.deepEqual<unknown>((yield* Fiber.join(all))[0], { account: "shop", role: "member" })
      assert.strictEqual(identity.count("POST"), 2)
      assert.strictEqual(identity.count("GET"), 7)
    })
  )

  it.scoped("is not renewed again because an answer to the one before comes late", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      yield* faultOf(verify("junk"), "Unauthorized")
      const [late, answer] = answersLater()
      identity.misbehave = () => late
      const slow = yield* Effect.fork(faultOf(verify("slow"), "Unauthorized"))
      yield* Effect.promise(() => identity.arrived("GET", 2))
      identity.misbehave = () => undefined
      identity.forgetOwnTokens()
      yield* faultOf(verify("junk-1"), "Unauthorized")
      answer(fails(401, "Unauthorized"))
      yield* Fiber.join(slow)
      assert.strictEqual(identity.count("POST"), 2)
    })
  )

  it.scoped("that is refused again as soon as it is renewed is Keystone's trouble, not the caller's", () =>
    Effect.gen(function* () {
      const { identity, verify, log } = yield* startKeystone()
      identity.misbehave = (call) => (call.method === "GET" ? fails(401, "Unauthorized") : undefined)
      assert.strictEqual((yield* faultOf(verify("a-token"), "ServiceUnavailable")).retryAfter, 1)
      assert.strictEqual(identity.count("GET"), 2)
      assert.strictEqual(identity.count("POST"), 2)
      assert.include(log.join("\n"), "it refuses the token that it has just given to the server")
    })
  )

  for (const [status, title] of [
    [400, "Bad Request"],
    [401, "Unauthorized"],
    [403, "Forbidden"],
    [404, "Not Found"]
  ] as const) {
    it.scoped(`that Keystone does not give out (${status}) is a 503 for callers and one clear error in the log`, () =>
      Effect.gen(function* () {
        const { identity, verify, log } = yield* startKeystone()
        identity.misbehave = (call) => (call.method === "POST" ? fails(status, title) : undefined)
        for (let number = 0; number < 20; number += 1) {
          const fault = yield* faultOf(verify(`token-${number}`), "ServiceUnavailable")
          assert.strictEqual(fault.retryAfter, 30)
          assert.include(fault.message, "Keystone refuses this server")
        }
        assert.strictEqual(log.length, 1)
        assert.match(log[0] ?? "", /^ERROR Keystone at http:.* refuses the server's own credentials/)
        assert.strictEqual(identity.count("POST"), 1, "a wrong password that is shown again and again locks the user")
        assert.strictEqual(identity.count("GET"), 0)
      })
    )
  }

  it.scoped("is asked for again, and the error logged again, 30 seconds after it was refused", () =>
    Effect.gen(function* () {
      const { identity, verify, log } = yield* startKeystone({
        credentials: { ...credentials, password: Redacted.make("wrong") } as typeof credentials
      })
      yield* faultOf(verify("junk-1"), "ServiceUnavailable")
      yield* pass(29_999)
      yield* faultOf(verify("junk-2"), "ServiceUnavailable")
      assert.strictEqual(identity.count("POST"), 1)
      yield* pass(1)
      yield* faultOf(verify("junk-3"), "ServiceUnavailable")
      assert.strictEqual(identity.count("POST"), 2)
      assert.strictEqual(log.length, 2)
      yield* pass(30_000)
      identity.misbehave = ({ body }) => {
        assert.notInclude(body, OWN_PASSWORD)
        return undefined
      }
      yield* faultOf(verify("junk-4"), "ServiceUnavailable")
    })
  )

  it.scoped("is used until it expires when it cannot be renewed, and renewal is not asked for all the time", () =>
    Effect.gen(function* () {
      const { identity, verify, log } = yield* startKeystone()
      yield* faultOf(verify("junk-1"), "Unauthorized")
      yield* pass(HOUR * 0.9)
      identity.misbehave = (call) => (call.method === "POST" ? fails(401, "Unauthorized") : undefined)
      yield* faultOf(verify("junk-2"), "Unauthorized")
      while (log.length === 0) yield* Effect.promise(() => new Promise(setImmediate))
      for (let number = 3; number < 10; number += 1) yield* faultOf(verify(`junk-${number}`), "Unauthorized")
      assert.strictEqual(identity.count("POST"), 2)
      assert.match(log[0] ?? "", /^ERROR .*refuses the server's own credentials/)
      yield* pass(HOUR * 0.1)
      yield* faultOf(verify("junk-10"), "ServiceUnavailable")
    })
  )

  it.scoped("of a user who may not check tokens is a 503 for callers and one clear error in the log", () =>
    Effect.gen(function* () {
      const { identity, verify, log } = yield* startKeystone()
      identity.misbehave = (call) => (call.method === "GET" ? fails(403, "Forbidden") : undefined)
      for (let number = 0; number < 20; number += 1) yield* faultOf(verify(`token-${number}`), "ServiceUnavailable")
      assert.strictEqual(log.length, 1)
      assert.match(log[0] ?? "", /^ERROR .*give that user the role service or admin/)
      identity.misbehave = () => undefined
      assert.strictEqual((yield* faultOf(verify("junk"), "Unauthorized")).message, unknownToken)
    })
  )

  it.scoped("can be got with an application credential, which takes no scope", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone({
        credentials: {
          method: "application_credential",
          credential: { id: "3f14" },
          secret: Redacted.make(OWN_PASSWORD)
        }
      })
      yield* faultOf(verify("junk"), "Unauthorized")
      assert.deepEqual(JSON.parse(identity.calls[0]?.body ?? ""), {
        auth: {
          identity: {
            methods: ["application_credential"],
            application_credential: { id: "3f14", secret: OWN_PASSWORD }
          }
        }
      })
    })
  )
})
