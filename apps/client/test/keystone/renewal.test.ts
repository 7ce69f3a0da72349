import { Effect, Exit, Fiber, Redacted, TestClock, TestContext } from "effect"
import { assert, describe, it } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import { ConnectionFailed, createClient, Unauthorized, UnexpectedAnswer } from "../../src/index.ts"
import { type Session, type SignInOptions, signIn, signInEffect } from "../../src/keystone/index.ts"
import { badServer, failure, fault, listOf, sendJson } from "../badServer.ts"
import { nowhere } from "./support/folders.ts"
import {
  databaseAt,
  type IdentityServer,
  identityServer,
  OLD_TOKEN,
  PASSWORD,
  PROJECT,
  sendError
} from "./support/identityServer.ts"

const options = (keystone: IdentityServer): SignInOptions => ({
  authUrl: keystone.url,
  username: "alice",
  password: PASSWORD,
  projectName: "shop",
  retries: 0
})

/** Signs in while time stands still, and does something with the session. */
const withSession = <A, E>(
  keystone: IdentityServer,
  use: (session: Session) => Effect.Effect<A, E>,
  more: SignInOptions = {}
): Promise<A> =>
  Effect.runPromise(
    Effect.provide(
      Effect.flatMap(signInEffect({ ...options(keystone), ...more }, nowhere), use),
      TestContext.TestContext
    )
  )

const tokenOf = (session: Session) => Effect.map(session.currentToken, Redacted.value)

describe("a token that was valid for an hour", () => {
  it("is kept until it has a minute left, whatever the clock of this machine says", async () => {
    await using keystone = await identityServer(databaseAt("http://catalog"))
    const tokens = await withSession(keystone, (session) =>
      Effect.gen(function* () {
        const first = yield* tokenOf(session)
        yield* TestClock.adjust(59 * 60_000 - 1)
        const same = yield* tokenOf(session)
        yield* TestClock.adjust("1 millis")
        return [first, same, yield* tokenOf(session), yield* tokenOf(session)]
      })
    )
    const [one, two] = keystone.tokens
    assert.deepEqual(tokens, [one, one, two, two])
    assert.deepEqual(
      keystone.requests.map(({ url }) => url),
      ["/v3/auth/tokens", "/v3/auth/tokens?nocatalog"]
    )
    assert.deepEqual(keystone.requests[1]?.body, keystone.requests[0]?.body)
  })

  it("is renewed once, however many ask at once", async () => {
    await using keystone = await identityServer(databaseAt("http://catalog"))
    const tokens = await withSession(keystone, (session) =>
      Effect.zipRight(
        TestClock.adjust("2 hours"),
        Effect.all(Effect.replicate(tokenOf(session), 50), { concurrency: "unbounded" })
      )
    )
    assert.deepEqual([...new Set(tokens)], [keystone.tokens[1]])
    assert.lengthOf(keystone.requests, 2)
  })

  it("is given as long as it is valid when it cannot be renewed, and then the failure, once for all who ask", async () => {
    await using keystone = await identityServer(databaseAt("http://catalog"))
    const [old, failures] = await withSession(keystone, (session) =>
      Effect.gen(function* () {
        keystone.answerNext(
          (response) => response.destroy(),
          (response) => sendError(response, 401, "Unauthorized", "The user is disabled.")
        )
        yield* TestClock.adjust("59.5 minutes")
        const old = yield* tokenOf(session)
        yield* TestClock.adjust("1 minutes")
        const ask = Effect.flip(session.currentToken)
        return [old, yield* Effect.all(Effect.replicate(ask, 5), { concurrency: "unbounded" })] as const
      })
    )
    assert.strictEqual(old, keystone.tokens[0])
    for (const error of failures) {
      assert.instanceOf(error, Unauthorized)
      assert.strictEqual(error.details, "The user is disabled.")
    }
    assert.lengthOf(keystone.requests, 3)
  })

  it("is asked for again after a failure", async () => {
    await using keystone = await identityServer(databaseAt("http://catalog"))
    const [error, token] = await withSession(keystone, (session) =>
      Effect.gen(function* () {
        yield* TestClock.adjust("2 hours")
        keystone.answerNext((response) => response.destroy())
        return [yield* Effect.flip(session.currentToken), yield* tokenOf(session)] as const
      })
    )
    assert.instanceOf(error, ConnectionFailed)
    assert.strictEqual(token, keystone.tokens[1])
  })
})

describe("a token that is valid for a short time", () => {
  it("is renewed when a tenth of it is left", async () => {
    await using keystone = await identityServer(databaseAt("http://catalog"))
    keystone.issuing.issuedAt = "2026-11-23T23:14:51.000000Z"
    const tokens = await withSession(keystone, (session) =>
      Effect.gen(function* () {
        yield* TestClock.adjust("53 seconds")
        const first = yield* tokenOf(session)
        yield* TestClock.adjust("1 seconds")
        return [first, yield* tokenOf(session)]
      })
    )
    assert.deepEqual(tokens, keystone.tokens)
  })

  it("and never at all is used as it comes", async () => {
    await using keystone = await identityServer(databaseAt("http://catalog"))
    keystone.issuing.expiresAt = "2026-11-23T22:15:50.000000Z"
    const tokens = await withSession(keystone, (session) => Effect.replicateEffect(tokenOf(session), 2))
    assert.deepEqual(tokens, keystone.tokens.slice(1))
  })
})

it("a token that is exchanged for another cannot be renewed for longer than it is valid itself", async () => {
  await using keystone = await identityServer(databaseAt("http://catalog"))
  const error = await withSession(
    keystone,
    (session) =>
      Effect.gen(function* () {
        yield* TestClock.adjust("2 hours")
        keystone.answerNext((response) => sendError(response, 404, "Not Found", "Failed to validate token"))
        return yield* Effect.flip(session.currentToken)
      }),
    { authType: "token", token: OLD_TOKEN }
  )
  assert.instanceOf(error, Unauthorized)
  assert.include(error.message, "the token is mistyped, expired or revoked")
  assert.strictEqual(error.details, "Failed to validate token")
})

it("a renewed token of another project is refused", async () => {
  await using keystone = await identityServer(databaseAt("http://catalog"))
  const error = await withSession(keystone, (session) => {
    session.invalidate()
    keystone.issuing.project = { id: "bank" }
    return Effect.flip(session.currentToken)
  })
  assert.instanceOf(error, UnexpectedAnswer)
  assert.include(error.message, `gave a token of another project than ${PROJECT}.`)
})

describe("a token that was refused", () => {
  it("is replaced when the next one asks, and only if it has not been already", async () => {
    await using keystone = await identityServer(databaseAt("http://catalog"))
    const session = await signIn(options(keystone), nowhere)
    const refused = await session.token()
    session.invalidate(refused)
    session.invalidate(refused)
    const [next, same] = await Promise.all([session.token(), session.token()])
    assert.strictEqual(Redacted.value(next), keystone.tokens[1])
    assert.strictEqual(same, next)
    session.invalidate(refused)
    session.invalidate("another")
    assert.strictEqual(await session.token(), next)
    session.invalidate(Redacted.value(next))
    assert.strictEqual(Redacted.value(await session.token()), keystone.tokens[2])
    session.invalidate()
    assert.strictEqual(Redacted.value(await session.token()), keystone.tokens[3])
    assert.lengthOf(keystone.requests, 4)
  })

  it("while it was being renewed is not given again when that fails", async () => {
    await using keystone = await identityServer(databaseAt("http://catalog"))
    const error = await withSession(keystone, (session) =>
      Effect.gen(function* () {
        yield* TestClock.adjust("59.5 minutes")
        keystone.answerNext((response) => {
          session.invalidate(keystone.tokens[0])
          response.destroy()
        })
        return yield* Effect.flip(session.currentToken)
      })
    )
    assert.instanceOf(error, ConnectionFailed)
  })

  it("is not given again, although it has not expired, when it cannot be renewed", async () => {
    await using keystone = await identityServer(databaseAt("http://catalog"))
    const session = await signIn(options(keystone), nowhere)
    session.invalidate(await session.token())
    keystone.answerNext((response) => response.destroy())
    assert.instanceOf(await failure(session.token()), ConnectionFailed)
  })
})

describe("who stops waiting for a renewal", () => {
  it("leaves it to the others", async () => {
    await using keystone = await identityServer(databaseAt("http://catalog"))
    const session = await signIn(options(keystone), nowhere)
    session.invalidate()
    let answer = () => {}
    keystone.answerNext((_, usual) => {
      answer = usual
    })
    const first = Effect.runFork(session.currentToken)
    const second = Effect.runFork(session.currentToken)
    await eventually("Keystone is asked again", (see) => see(keystone.requests.length) === 2)
    assert.isTrue(Exit.isInterrupted(await Effect.runPromise(Fiber.interrupt(first))))
    answer()
    assert.strictEqual(Redacted.value(await Effect.runPromise(Fiber.join(second))), keystone.tokens[1])
  })

  it("ends it when nobody else waits, and whoever comes next begins anew", async () => {
    await using keystone = await identityServer(databaseAt("http://catalog"))
    const session = await signIn(options(keystone), nowhere)
    session.invalidate()
    let closed = false
    keystone.answerNext((response) => response.on("close", () => (closed = true)))
    const waiting = [Effect.runFork(session.currentToken), Effect.runFork(session.currentToken)]
    await eventually("Keystone is asked again", (see) => see(keystone.requests.length) === 2)
    await Effect.runPromise(Fiber.interruptAll(waiting))
    const token = await session.token()
    assert.strictEqual(Redacted.value(token), keystone.tokens[1])
    await eventually("the request is ended", () => closed)
    assert.strictEqual(await session.token(), token)
  })
})

it("a client gets the new token, and the very error when there is none", async () => {
  await using catalog = await badServer(sendJson(200, listOf(["a"])))
  await using keystone = await identityServer(databaseAt(catalog.url))
  const session = await signIn(options(keystone), nowhere)
  const { backups } = createClient(session.clientOptions)
  await backups.list().page()
  session.invalidate()
  await backups.list().page()
  assert.deepEqual(
    catalog.seen.map(({ headers }) => headers["x-auth-token"]),
    [...keystone.tokens]
  )
  session.invalidate()
  keystone.answerNext((response) => sendError(response, 401, "Unauthorized", "The user is disabled."))
  const error = await failure(backups.list().page())
  assert.instanceOf(error, Unauthorized)
  assert.strictEqual(error.details, "The user is disabled.")
  assert.lengthOf(catalog.seen, 2)
})

it("a client whose token the catalog refuses asks once more with a new one, and no more than that", async () => {
  const refuse = sendJson(401, fault("unauthorized", 401))
  await using catalog = await badServer(refuse, sendJson(200, listOf(["a"])), refuse)
  await using keystone = await identityServer(databaseAt(catalog.url))
  const session = await signIn(options(keystone), nowhere)
  const { backups } = createClient(session.clientOptions)
  assert.lengthOf((await backups.list().page()).backups, 1)
  const sent = () => catalog.seen.map(({ headers }) => headers["x-auth-token"])
  const [one, two] = keystone.tokens
  assert.deepEqual(sent(), [one, two])
  assert.instanceOf(await failure(backups.list().page()), Unauthorized)
  assert.deepEqual(sent(), [one, two, two, keystone.tokens[2]])
  assert.lengthOf(keystone.tokens, 3)
})
