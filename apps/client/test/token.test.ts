import { AccountId, BackupCatalog } from "@backup-catalog/core"
import { Effect, Exit, Option, Redacted, Tracer } from "effect"
import { assert, describe, it } from "vitest"
import { layer } from "../src/effect.ts"
import {
  Forbidden,
  type HttpCatalogOptions,
  InvalidOption,
  TimedOut,
  Unauthorized,
  UnexpectedAnswer
} from "../src/index.ts"
import { badServer, clientOf, failure, fault, listOf, sendJson, TOKEN } from "./badServer.ts"
import { observed } from "./observed.ts"

const tokensOf = (server: { readonly seen: ReadonlyArray<{ readonly headers: Record<string, unknown> }> }) =>
  server.seen.map(({ headers }) => headers["x-auth-token"])

describe("the token goes to the configured address and nowhere else", () => {
  it("when the next link names another origin: its marker is taken, and only that", async () => {
    await using other = await badServer(sendJson(200, listOf(["stolen"])))
    await using server = await badServer(
      sendJson(200, listOf(["a"], `${other.url}/v9/4321/secrets?limit=1&marker=m%2F1&x=y`)),
      sendJson(200, listOf(["b"]))
    )
    const backups = await clientOf(`${server.url}/db/`)
      .backups.list({ datastore: "MySQL" }, { pageSize: 7 })
      .toArray({ max: 9 })
    assert.deepEqual(
      backups.map(({ id }) => id),
      ["a", "b"]
    )
    assert.deepEqual(
      server.seen.map(({ url }) => url),
      ["/db/v1.0/1234/backups?datastore=MySQL&limit=7", "/db/v1.0/1234/backups?datastore=MySQL&limit=7&marker=m%2F1"]
    )
    assert.deepEqual(tokensOf(server), [TOKEN, TOKEN])
    assert.lengthOf(other.seen, 0)
  })

  for (const status of [301, 302, 303, 307, 308]) {
    it(`when a ${status} leads to another origin: it is not followed`, async () => {
      await using other = await badServer(sendJson(200, listOf(["stolen"])))
      await using server = await badServer((response) =>
        response.writeHead(status, { Location: `${other.url}/v1.0/1234/backups`, "X-Request-Id": "req-1" }).end()
      )
      const error = await failure(clientOf(server.url).backups.list().page())
      assert.instanceOf(error, UnexpectedAnswer)
      assert.include(error.message, `redirects to ${other.url} are not followed`)
      assert.strictEqual(error.code, status)
      assert.strictEqual(error.requestId, "req-1")
      assert.lengthOf(server.seen, 1)
      assert.lengthOf(other.seen, 0)
    })
  }

  it("when a redirect leads to the same origin, to nowhere, or is hidden as browsers do", async () => {
    await using server = await badServer(
      (response) => response.writeHead(302, { Location: "/elsewhere" }).end(),
      (response) => response.writeHead(302, { Location: "http://[" }).end(),
      (response) => response.writeHead(304).end()
    )
    const client = clientOf(server.url)
    assert.include(String(await failure(client.backups.get("a"))), `redirects to ${server.url} are not followed`)
    assert.include(String(await failure(client.backups.get("a"))), "redirects to an invalid Location are not followed")
    assert.include(
      String(await failure(client.backups.get("a"))),
      "304, but whether something has changed was not asked"
    )
    const hidden = clientOf(server.url, { fetch: async () => Response.error() })
    assert.include(String(await failure(hidden.backups.get("a"))), "answered but redirects are not followed")
    assert.lengthOf(server.seen, 3)
  })
})

describe("a token that changes", () => {
  it("is asked for before each request", async () => {
    await using server = await badServer(sendJson(200, listOf(["a"], "/?marker=m")), sendJson(200, listOf(["b"])))
    let asked = 0
    const client = clientOf(server.url, { token: async () => `token-${++asked}` })
    await client.backups.list().toArray({ max: 5 })
    assert.deepEqual(tokensOf(server), ["token-1", "token-2"])
  })

  it("comes from a function whose errors of the catalog stay what they are", async () => {
    await using server = await badServer(sendJson(200, listOf([])))
    const token = () => Promise.reject(new Forbidden({ message: "The vault is closed." }))
    const thrown = await failure(clientOf(server.url, { token }).backups.list().page())
    assert.instanceOf(thrown, Forbidden)
    assert.strictEqual(thrown.message, "The vault is closed.")
    const other = () => Promise.reject(new Error("The vault is gone."))
    const error = await failure(clientOf(server.url, { token: other }).backups.list().page())
    assert.instanceOf(error, Unauthorized)
    assert.strictEqual(error.details, "The vault is gone.")
    assert.lengthOf(server.seen, 0)
  })

  it("may be redacted, or come from an Effect", async () => {
    await using server = await badServer(sendJson(200, listOf([])))
    for (const token of [
      Redacted.make("one"),
      () => Redacted.make("two"),
      Effect.succeed("three"),
      Effect.sync(() => Redacted.make("four"))
    ]) {
      await clientOf(server.url, { token }).backups.list().page()
    }
    assert.deepEqual(tokensOf(server), ["one", "two", "three", "four"])
  })

  it("cannot be had, or cannot be sent: Unauthorized, and nothing is asked", async () => {
    await using server = await badServer(sendJson(200, listOf([])))
    const broken = clientOf(server.url, {
      token: () => {
        throw new Error("the vault is sealed")
      }
    })
    const error = await failure(broken.backups.get("a"))
    assert.instanceOf(error, Unauthorized)
    assert.strictEqual(error.details, "the vault is sealed")
    for (const token of ["", `${TOKEN}\n`, "töken"]) {
      const error = await failure(clientOf(server.url, { token: () => token }).backups.get("a"))
      assert.instanceOf(error, Unauthorized)
      assert.match(error.message, /^Nothing was asked: the token must be a text of visible ASCII characters/)
      assert.throws(() => clientOf(server.url, { token }), InvalidOption, /The option token must be a text/)
    }
    assert.lengthOf(server.seen, 0)
  })
})

it("a token that does not come in time is a TimedOut that says so, and nothing is asked", async () => {
  await using server = await badServer(sendJson(200, listOf([])))
  const hanging = clientOf(server.url, { token: () => new Promise(() => {}), timeout: 100, retries: 0 })
  const error = await failure(hanging.backups.get("a"))
  assert.instanceOf(error, TimedOut)
  assert.strictEqual(error.message, "Nothing was asked: the token did not come within 100ms.")
  assert.lengthOf(server.seen, 0)
})

it("another token that does not come in time for one that was refused is a TimedOut that says so", async () => {
  await using server = await badServer(sendJson(401, fault("unauthorized", 401)))
  const hanging = clientOf(server.url, { invalidate: () => new Promise(() => {}), timeout: 100, retries: 0 })
  const error = await failure(hanging.backups.get("a"))
  assert.instanceOf(error, TimedOut)
  assert.strictEqual(error.message, "The catalog refused the token, and it was not replaced within 100ms.")
  assert.lengthOf(server.seen, 1)
})

describe("the token is never shown", () => {
  it("in spans, logs and causes, whatever fails", async () => {
    await using server = await badServer(
      sendJson(200, listOf(["a"])),
      sendJson(503, fault("serviceUnavailable", 503, `busy ${TOKEN}`), { "Retry-After": "0" }),
      sendJson(200, { backups: TOKEN }),
      (response) => response.destroy()
    )
    const lists = Effect.flatMap(BackupCatalog, (catalog) =>
      Effect.replicateEffect(Effect.exit(catalog.list(AccountId.make("1234"), {}, {})), 3)
    ).pipe(Effect.provide(layer({ url: server.url, token: TOKEN, retries: 1 })))
    const { exits, text } = await observed(lists)
    assert.deepEqual(exits.map(Exit.isSuccess), [true, false, false])
    assert.include(text, "http.request.header.x-auth-token=<redacted>")
    assert.include(text, "BackupCatalog.list")
    assert.include(text, "Trying again in")
    assert.notInclude(text, TOKEN)
  })

  it("in errors, also when the server repeats it in a header", async () => {
    await using server = await badServer(
      (response) => response.writeHead(302, { Location: `http://${TOKEN}.example`, "X-Request-Id": TOKEN }).end(),
      (response) => response.writeHead(200, { "Content-Type": TOKEN, "X-Request-Id": TOKEN }).end()
    )
    for (const status of [302, 200]) {
      const error = await failure(clientOf(server.url).backups.get("a"))
      assert.instanceOf(error, UnexpectedAnswer)
      assert.strictEqual(
        error.message,
        `${server.url} answered ${status}, but (left out, since there is a secret in it).`
      )
      assert.strictEqual(error.requestId, "(left out, since there is a secret in it)")
    }
  })

  it("and no trace header is sent along", async () => {
    await using server = await badServer(sendJson(200, { backup: listOf(["a"]) }))
    const program = Effect.flatMap(BackupCatalog, (catalog) => catalog.list(AccountId.make("1234"), {}, {})).pipe(
      Effect.option,
      Effect.withSpan("caller"),
      Effect.provide(layer({ url: server.url, token: TOKEN }))
    )
    assert.isTrue(Option.isNone(await Effect.runPromise(program)))
    assert.deepEqual(Object.keys(server.seen[0]?.headers ?? {}).sort(), [
      "accept",
      "accept-encoding",
      "accept-language",
      "connection",
      "host",
      "sec-fetch-mode",
      "user-agent",
      "x-auth-token"
    ])
    assert.strictEqual(server.seen[0]?.headers.accept, "application/json")
  })

  it("and the traceparent is sent along only where it is asked for, and is one", async () => {
    const GIVEN = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`
    await using server = await badServer(sendJson(200, listOf(["a"])))
    const ask = (traceparent: HttpCatalogOptions["traceparent"]) =>
      Effect.flatMap(BackupCatalog, (catalog) => catalog.list(AccountId.make("1234"), {}, {})).pipe(
        Effect.exit,
        Effect.provide(layer({ url: server.url, token: TOKEN, traceparent }))
      )
    const span = { traceId: "c".repeat(32), spanId: "d".repeat(16), sampled: true }
    await Effect.runPromise(Effect.withParentSpan(ask("span"), Tracer.externalSpan(span)))
    await Effect.runPromise(ask(() => GIVEN))
    await Effect.runPromise(ask(() => undefined))
    await Effect.runPromise(ask(() => "no traceparent\nX-Other: header"))
    const sealed = ask(() => {
      throw new Error("no trace here")
    })
    assert.isTrue(Exit.isSuccess(await Effect.runPromise(sealed)))
    const [ofSpan, ...given] = server.seen.map(({ headers }) => headers.traceparent)
    assert.match(String(ofSpan), new RegExp(`^00-${span.traceId}-[0-9a-f]{16}-01$`))
    assert.deepEqual(given, [GIVEN, undefined, undefined, undefined])
  })
})
