import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, TestClock } from "effect"
import {
  answers,
  answersLater,
  fails,
  hangsUp,
  type IdentityServer,
  identityServer,
  type Misbehaviour,
  neverEnds,
  scopedTo,
  staysSilent
} from "./support/IdentityServer.ts"
import { faultOf, type Keystone, startKeystone } from "./support/keystone.ts"

const pass = (millis: number) => TestClock.adjust(Duration.millis(millis))

const html = { "Content-Type": "text/html" }
const times = { issued_at: "2026-01-01T00:00:00.000000Z", expires_at: "2100-01-01T00:00:00.000000Z" }
const token = (members: object, status = 200) => answers(status, { token: { ...times, ...members } })

const onValidation = (identity: IdentityServer, misbehaviour: Misbehaviour) => {
  identity.misbehave = (call) => (call.method === "GET" ? misbehaviour : undefined)
}

const always = (identity: IdentityServer, misbehaviour: Misbehaviour) => {
  identity.misbehave = () => misbehaviour
}

/** Fails so often in a row that the breaker opens. */
const breakCircuit = ({ identity, verify }: Keystone) =>
  Effect.gen(function* () {
    onValidation(identity, fails(503, "Service Unavailable"))
    for (const number of [1, 2, 3, 4, 5]) yield* faultOf(verify(`fail-${number}`), "ServiceUnavailable")
  })

describe("a Keystone that is away", () => {
  for (const [what, misbehaviour] of [
    ["fails (500)", fails(500, "Internal Server Error")],
    ["is behind a proxy that does not reach it (502)", answers(502, "<html>Bad Gateway</html>", html)],
    ["is down for maintenance (503)", fails(503, "Service Unavailable")],
    ["limits the rate of requests (429)", answers(429, "", { "Retry-After": "60" })],
    ["is behind a proxy that finds nothing (404)", answers(404, "default backend - 404", html)],
    ["is behind a proxy that wants a password (401)", answers(401, "", { "WWW-Authenticate": "Basic" })],
    ["is behind a proxy that keeps everybody out (403)", answers(403, "no", html)],
    ["gives an error that is of another status than its answer", answers(404, { error: { code: 500 } })],
    ["answers with HTML", answers(200, "<html>It works!</html>", html)],
    ["answers with nothing", answers(200)],
    ["answers with half of a token", answers(200, '{"token": {"expires_at": "2100-01-')],
    ["answers with other JSON", answers(200, { versions: [] })],
    ["answers with null", answers(200, "null")],
    ["answers with a token that is an error (500)", token(scopedTo("shop", "admin"), 500)],
    ["answers with the wrong success (204)", answers(204)],
    ["ends connections instead of answering", hangsUp]
  ] as const) {
    it.scoped(`because it ${what} is a 503 for new tokens, while known ones go on`, () =>
      Effect.gen(function* () {
        const { identity, verify, log } = yield* startKeystone()
        identity.callers.set("known", scopedTo("shop", "member"))
        yield* verify("known")
        onValidation(identity, misbehaviour)
        const fault = yield* faultOf(verify("new"), "ServiceUnavailable")
        assert.strictEqual(fault.retryAfter, 1)
        assert.include(fault.message, "try again in 1 s")
        assert.deepEqual<unknown>(yield* verify("known"), { account: "shop", role: "member" })
        assert.match(
          log.join("\n"),
          /^WARN Keystone at http:\/\/127\.0\.0\.1:\d+ cannot be asked about (?:tokens|a token): /
        )
      })
    )
  }

  for (const [what, misbehaviour, sentence] of [
    [
      "cannot make sense of (400)",
      fails(400, "Bad Request"),
      "Keystone answers to it with what was not expected (400)"
    ],
    ["a proxy does not let through (403)", answers(403, "no", html), "with what was not expected (403)"],
    ["a proxy shows a page for (200)", answers(200, "<html>Blocked</html>", html), "what was not expected (200)"],
    ["comes too often (429)", answers(429, "", { "Retry-After": "60" }), "Keystone is asked more often than it allows"]
  ] as const) {
    it.scoped(`to which one token ${what} is a 503 for that token, and for no other however often it is asked`, () =>
      Effect.gen(function* () {
        const { identity, verify, log } = yield* startKeystone()
        identity.callers.set("good", scopedTo("shop", "member"))
        onValidation(identity, misbehaviour)
        for (let n = 0; n < 10; n++) {
          const fault = yield* faultOf(verify(`odd-${n}`), "ServiceUnavailable")
          assert.include(fault.message, sentence)
          assert.strictEqual(fault.retryAfter, 1)
        }
        identity.misbehave = () => undefined
        assert.deepEqual<unknown>(yield* verify("good"), { account: "shop", role: "member" })
        assert.strictEqual(log.length, 1)
        assert.include(log[0], "cannot be asked about a token: it gave an answer that was not expected (")
      })
    )
  }

  for (const [what, misbehaviour] of [
    ["an expiry that is no time", token({ ...scopedTo("shop", "admin"), expires_at: "tomorrow" })],
    ["a project without an id", token({ project: {}, roles: [] })],
    ["no project but null", token({ project: null, roles: [] })],
    ["roles without names", token({ project: { id: "shop" }, roles: ["admin"] })]
  ] as const) {
    it.scoped(
      `of which one token has ${what} is a 503 for that token, and for no other however often it is asked`,
      () =>
        Effect.gen(function* () {
          const { identity, verify, log } = yield* startKeystone()
          identity.callers.set("good", scopedTo("shop", "member"))
          onValidation(identity, misbehaviour)
          for (let n = 0; n < 10; n++) {
            const fault = yield* faultOf(verify(`odd-${n}`), "ServiceUnavailable")
            assert.strictEqual(fault.retryAfter, 30)
          }
          identity.misbehave = () => undefined
          assert.deepEqual<unknown>(yield* verify("good"), { account: "shop", role: "member" })
          assert.include(log.join("\n"), "what cannot be read")
        })
    )
  }

  it.scoped("is not what it is for one who waits too long for a turn: that is a 503, and opens no breaker", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      for (const token of ["first", "good"]) identity.callers.set(token, scopedTo("shop", "member"))
      yield* verify("first")
      const release = identity.hold()
      const flood = yield* Effect.forEach(
        Array.from({ length: 100 }, (_, n) => `bad-${n}`),
        (bad) => Effect.fork(Effect.exit(verify(bad)))
      )
      yield* Effect.promise(() => identity.arrived("GET", 33))
      yield* pass(200)
      const crowded = yield* Effect.forEach(flood.slice(32), Fiber.join)
      for (const exit of crowded) assert.include(String(exit), "Too many tokens are being checked")
      release()
      yield* Effect.forEach(flood.slice(0, 32), Fiber.join)
      assert.deepEqual<unknown>(yield* verify("good"), { account: "shop", role: "member" })
    })
  )

  for (const [what, misbehaviour] of [
    ["with the wrong success (200)", answers(200, { token: times }, { "X-Subject-Token": "own" })],
    ["without the token", answers(201, { token: times })],
    ["without the times of the token", answers(201, { token: {} }, { "X-Subject-Token": "own" })],
    ["by the 404 of a wrong address", answers(404, "<html>Not Found</html>", html)],
    ["by a 500", fails(500, "Internal Server Error")]
  ] as const) {
    it.scoped(`because it answers the server's own sign-in ${what} is a 503`, () =>
      Effect.gen(function* () {
        const { identity, verify } = yield* startKeystone()
        always(identity, misbehaviour)
        assert.strictEqual((yield* faultOf(verify("a-token"), "ServiceUnavailable")).retryAfter, 1)
        assert.strictEqual(identity.count("GET"), 0)
      })
    )
  }

  it.scoped("because nothing listens there is a 503, and well again when something does", () =>
    Effect.gen(function* () {
      const { identity, verify, log } = yield* startKeystone()
      identity.callers.set("known", scopedTo("shop", "member"))
      yield* verify("known")
      yield* Effect.promise(() => identity.stop())
      yield* faultOf(verify("new"), "ServiceUnavailable")
      assert.include(log.join("\n"), "the connection failed (ECONNREFUSED)")
      yield* verify("known")
      yield* Effect.promise(() => identity.start())
      yield* faultOf(verify("new"), "Unauthorized")
    })
  )

  it.scoped("because its answer never ends is a 503, and the connection is closed", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      yield* faultOf(verify("junk"), "Unauthorized")
      const closed = new Promise<void>((resolve) => onValidation(identity, neverEnds(resolve)))
      yield* faultOf(verify("new"), "ServiceUnavailable")
      yield* Effect.promise(() => closed)
    })
  )

  it.scoped("because its answer is above 1 MiB is a 503, while one of less is read", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      identity.callers.set("large", { ...scopedTo("shop", "member"), padding: "x".repeat(1024 * 1024 - 2000) })
      identity.callers.set("too-large", { ...scopedTo("shop", "member"), padding: "x".repeat(1024 * 1024) })
      assert.deepEqual<unknown>(yield* verify("large"), { account: "shop", role: "member" })
      yield* faultOf(verify("too-large"), "ServiceUnavailable")
    })
  )

  it.scoped("is not looked for elsewhere: redirects are not followed, and no token goes there", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      const elsewhere = yield* identityServer
      for (const status of [301, 302, 303, 307, 308]) {
        onValidation(identity, answers(status, "", { Location: `${elsewhere.url}/v3/auth/tokens` }))
        yield* faultOf(verify(`token-${status}`), "ServiceUnavailable")
        yield* pass(5000)
      }
      assert.strictEqual(elsewhere.calls.length, 0)
    })
  )

  it.scoped(
    "because it is silent is a 503 when the time for one validation is over, and the connection is closed",
    () =>
      Effect.gen(function* () {
        const { identity, verify } = yield* startKeystone({ timeout: 1500 })
        yield* faultOf(verify("junk"), "Unauthorized")
        const closed = new Promise<void>((resolve) =>
          onValidation(identity, (response) => response.once("close", () => resolve()))
        )
        const waiting = yield* Effect.fork(faultOf(verify("new"), "ServiceUnavailable"))
        yield* Effect.promise(() => identity.arrived("GET", 2))
        yield* pass(1499)
        assert.isNull(waiting.unsafePoll())
        yield* pass(1)
        assert.strictEqual((yield* Fiber.join(waiting)).retryAfter, 1)
        yield* Effect.promise(() => closed)
      })
  )

  it.scoped("because its answer stays away after the headers is a 503 when the time is over", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone({ timeout: 1500 })
      yield* faultOf(verify("junk"), "Unauthorized")
      onValidation(identity, (response) => {
        response.writeHead(200, { "Content-Type": "application/json" })
        response.write('{"token":')
      })
      const waiting = yield* Effect.fork(faultOf(verify("new"), "ServiceUnavailable"))
      yield* Effect.promise(() => identity.arrived("GET", 2))
      yield* pass(1500)
      yield* Fiber.join(waiting)
    })
  )

  it.scoped("has no more time when the server needs a new token of its own first", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone({ timeout: 1500 })
      yield* faultOf(verify("junk"), "Unauthorized")
      identity.forgetOwnTokens()
      const release = identity.hold()
      const waiting = yield* Effect.fork(faultOf(verify("new"), "ServiceUnavailable"))
      yield* Effect.promise(() => identity.arrived("GET", 2))
      yield* pass(1000)
      identity.misbehave = (call) => (call.headers["x-auth-token"] === "own-token-2" ? staysSilent : undefined)
      release()
      yield* Effect.promise(() => identity.arrived("GET", 3))
      yield* pass(499)
      assert.isNull(waiting.unsafePoll())
      yield* pass(1)
      yield* Fiber.join(waiting)
      assert.strictEqual(identity.count("POST"), 2)
    })
  )

  it.scoped("is asked again at once over a new connection when an old one turns out to be closed", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      identity.callers.set("a-token", scopedTo("shop", "member"))
      identity.misbehave = (call) => (identity.count(call.method) === 1 ? hangsUp : undefined)
      assert.deepEqual<unknown>(yield* verify("a-token"), { account: "shop", role: "member" })
      assert.strictEqual(identity.count("POST"), 2)
      assert.strictEqual(identity.count("GET"), 2)
      onValidation(identity, hangsUp)
      yield* faultOf(verify("new"), "ServiceUnavailable")
      assert.strictEqual(identity.count("GET"), 4)
    })
  )

  it.scoped("is not asked about more than 32 tokens at a time, and about the others in turn", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      yield* faultOf(verify("junk"), "Unauthorized")
      const release = identity.hold()
      const all = yield* Effect.fork(
        Effect.forEach(
          Array.from({ length: 100 }, (_, number) => `token-${number}`),
          (one) => faultOf(verify(one), "Unauthorized"),
          { concurrency: "unbounded" }
        )
      )
      yield* Effect.promise(() => identity.arrived("GET", 33))
      // What else was sent would have arrived before all of these are answered.
      for (let number = 0; number < 20; number += 1) {
        yield* Effect.promise(() => fetch(identity.url, { method: "PUT" }))
      }
      release()
      yield* Fiber.join(all)
      assert.strictEqual(identity.open.most, 32)
      assert.strictEqual(identity.count("GET"), 101)
    })
  )
})

describe("the circuit breaker", () => {
  it.scoped(
    "opens after five failures in a row: then nothing is asked, and Retry-After is the rest of five seconds",
    () =>
      Effect.gen(function* () {
        const keystone = yield* startKeystone()
        const { identity, verify } = keystone
        identity.callers.set("known", scopedTo("shop", "member"))
        yield* verify("known")
        yield* breakCircuit(keystone)
        const calls = identity.calls.length
        for (const [wait, retryAfter] of [
          [0, 5],
          [1, 5],
          [999, 4],
          [2500, 2],
          [1499, 1]
        ] as const) {
          yield* pass(wait)
          assert.strictEqual((yield* faultOf(verify("new"), "ServiceUnavailable")).retryAfter, retryAfter)
        }
        assert.deepEqual<unknown>(yield* verify("known"), { account: "shop", role: "member" })
        assert.strictEqual(identity.calls.length, calls)
      })
  )

  it.scoped("is not kept open for longer by failures of calls that were under way when it opened", () =>
    Effect.gen(function* () {
      const keystone = yield* startKeystone({ timeout: 60_000 })
      const { identity, verify } = keystone
      const [late, answer] = answersLater()
      onValidation(identity, late)
      const slow = yield* Effect.fork(faultOf(verify("slow"), "ServiceUnavailable"))
      yield* Effect.promise(() => identity.arrived("GET", 1))
      yield* breakCircuit(keystone)
      yield* pass(2000)
      answer(fails(503, "Service Unavailable"))
      yield* Fiber.join(slow)
      assert.strictEqual((yield* faultOf(verify("new"), "ServiceUnavailable")).retryAfter, 3)
    })
  )

  it.scoped("counts failures in a row only", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone({ invalidCacheTtl: 0 })
      for (let number = 0; number < 12; number += 1) {
        if (number % 4 === 3) {
          identity.misbehave = () => undefined
          yield* faultOf(verify("junk"), "Unauthorized")
        } else {
          onValidation(identity, fails(503, "Service Unavailable"))
          assert.strictEqual((yield* faultOf(verify("new"), "ServiceUnavailable")).retryAfter, 1)
        }
      }
      assert.strictEqual(identity.count("GET"), 12)
    })
  )

  it.scoped(
    "lets one request probe after five seconds, keeps the others away meanwhile, and closes when it succeeds",
    () =>
      Effect.gen(function* () {
        const keystone = yield* startKeystone()
        const { identity, verify, log } = keystone
        yield* breakCircuit(keystone)
        yield* pass(5000)
        const calls = identity.calls.length
        const release = identity.hold()
        identity.misbehave = () => undefined
        const probe = yield* Effect.fork(faultOf(verify("probe"), "Unauthorized"))
        yield* Effect.promise(() => identity.arrived("GET", 6))
        for (const other of ["a", "b", "c"]) {
          assert.strictEqual((yield* faultOf(verify(other), "ServiceUnavailable")).retryAfter, 1)
        }
        assert.strictEqual(identity.calls.length, calls + 1)
        release()
        yield* Fiber.join(probe)
        for (const other of ["a", "b", "c"]) yield* faultOf(verify(other), "Unauthorized")
        assert.include(log.join("\n"), "INFO Keystone answers again")
      })
  )

  it.scoped("stays open for another five seconds when the probe fails", () =>
    Effect.gen(function* () {
      const keystone = yield* startKeystone()
      const { identity, verify } = keystone
      yield* breakCircuit(keystone)
      for (let round = 1; round <= 3; round += 1) {
        yield* pass(5000)
        assert.strictEqual((yield* faultOf(verify(`probe-${round}`), "ServiceUnavailable")).retryAfter, 5)
        yield* pass(4999)
        yield* faultOf(verify("new"), "ServiceUnavailable")
        assert.strictEqual(identity.count("GET"), 5 + round)
        yield* pass(1)
      }
    })
  )

  it.scoped("does not keep Keystone away because of wrong tokens, or because Keystone refuses the server", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      for (let number = 0; number < 10; number += 1) yield* faultOf(verify(`junk-${number}`), "Unauthorized")
      onValidation(identity, fails(403, "Forbidden"))
      for (let number = 0; number < 10; number += 1) yield* faultOf(verify(`token-${number}`), "ServiceUnavailable")
      assert.strictEqual(identity.count("GET"), 20)
    })
  )

  it.scoped("logs one warning in 30 seconds, however many requests fail", () =>
    Effect.gen(function* () {
      const keystone = yield* startKeystone()
      yield* breakCircuit(keystone)
      assert.strictEqual(keystone.log.length, 1)
      yield* pass(29_999)
      yield* faultOf(keystone.verify("new"), "ServiceUnavailable")
      assert.strictEqual(keystone.log.length, 1)
      yield* pass(5000)
      yield* faultOf(keystone.verify("new"), "ServiceUnavailable")
      assert.strictEqual(keystone.log.length, 2)
    })
  )
})
