import { FastCheck as fc, Option } from "effect"
import { assert, describe, it } from "vitest"
import {
  ConnectionFailed,
  OverLimit,
  ServiceUnavailable,
  TimedOut,
  Unauthorized,
  UnexpectedAnswer
} from "../src/index.ts"
import { parseRetryAfter } from "../src/retryAfter.ts"
import { waitBefore } from "../src/retrying.ts"
import { badServer, clientOf, failure, fault, type Handler, listOf, sendJson } from "./badServer.ts"

const busy = (headers: Record<string, string> = {}) => sendJson(503, fault("serviceUnavailable", 503), headers)
const good = sendJson(200, listOf(["a"]))

const timed = async <A>(work: Promise<A>): Promise<readonly [A, number]> => {
  const begun = performance.now()
  return [await work, performance.now() - begun] as const
}

describe("a read that may succeed later is tried again", () => {
  it("after 503", async () => {
    await using server = await badServer(busy(), busy(), good)
    const page = await clientOf(server.url).backups.list().page()
    assert.deepEqual(
      page.backups.map(({ id }) => id),
      ["a"]
    )
    assert.lengthOf(server.seen, 3)
  })

  it("after 503 not before Retry-After", async () => {
    await using server = await badServer(busy({ "Retry-After": "1" }), good)
    const [, millis] = await timed(clientOf(server.url).backups.list().page())
    assert.isAtLeast(millis, 1000)
    assert.lengthOf(server.seen, 2)
  })

  it("after 503 not before a Retry-After that is a date", async () => {
    const date = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000)
    await using server = await badServer(busy({ "Retry-After": date.toUTCString() }), good)
    await clientOf(server.url).backups.list().page()
    assert.isAtLeast(Date.now(), date.getTime())
    assert.lengthOf(server.seen, 2)
  })

  it("after the 503 of a proxy", async () => {
    await using server = await badServer((response) => response.writeHead(503).end("busy"), good)
    await clientOf(server.url).backups.list().page()
    assert.lengthOf(server.seen, 2)
  })

  for (const status of [429, 502, 503, 504]) {
    it(`after the ${status} of a proxy not before its Retry-After`, async () => {
      await using server = await badServer(
        (response) => response.writeHead(status, { "Content-Type": "text/html", "Retry-After": "1" }).end("<h1>"),
        good
      )
      const [, millis] = await timed(clientOf(server.url).backups.list().page())
      assert.isAtLeast(millis, 1000)
      assert.lengthOf(server.seen, 2)
    })
  }

  it("after 413 with Retry-After", async () => {
    await using server = await badServer(sendJson(413, fault("overLimit", 413), { "Retry-After": "0" }), good)
    await clientOf(server.url).backups.list().page()
    assert.lengthOf(server.seen, 2)
  })

  it("after a connection that broke, before or within the answer", async () => {
    await using server = await badServer(
      (response) => response.destroy(),
      (response) => {
        response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "500" })
        response.write("{")
        setTimeout(() => response.destroy(), 20)
      },
      good
    )
    await clientOf(server.url).backups.list().page()
    assert.lengthOf(server.seen, 3)
  })

  it("after an attempt that took too long", async () => {
    await using server = await badServer(() => {}, good)
    await clientOf(server.url, { timeout: 150 }).backups.list().page()
    assert.lengthOf(server.seen, 2)
  })

  it("page by page: what was read is not read again", async () => {
    await using server = await badServer(
      sendJson(200, listOf(["a"], "/?marker=m")),
      busy(),
      sendJson(200, listOf(["b"]))
    )
    const backups = await clientOf(server.url).backups.list().toArray({ max: 5 })
    assert.deepEqual(
      backups.map(({ id }) => id),
      ["a", "b"]
    )
    assert.deepEqual(
      server.seen.map(({ url }) => url),
      ["/v1.0/1234/backups", "/v1.0/1234/backups?marker=m", "/v1.0/1234/backups?marker=m"]
    )
  })
})

describe("a read is not tried again", () => {
  const once = async (handler: Handler, options: Parameters<typeof clientOf>[1] = {}): Promise<unknown> => {
    await using server = await badServer(handler)
    const error = await failure(clientOf(server.url, options).backups.list().page())
    assert.lengthOf(server.seen, 1)
    return error
  }

  it("after 413 without Retry-After", async () => {
    assert.instanceOf(await once(sendJson(413, fault("overLimit", 413))), OverLimit)
  })

  it("after 401", async () => {
    assert.instanceOf(await once(sendJson(401, fault("unauthorized", 401), { "Retry-After": "0" })), Unauthorized)
  })

  it("after an answer that is not the catalog's", async () => {
    assert.instanceOf(await once((response) => response.writeHead(502).end("<html>")), UnexpectedAnswer)
  })

  it("when the server asks for a longer wait than is allowed", async () => {
    const error = await once(busy({ "Retry-After": "31" }))
    assert.instanceOf(error, ServiceUnavailable)
    assert.strictEqual(error.retryAfter, 31)
  })

  it("when the server asks for longer than any number of few digits says", async () => {
    assert.instanceOf(await once(busy({ "Retry-After": "10000000000" })), ServiceUnavailable)
  })

  it("when a proxy asks for a longer wait than is allowed", async () => {
    const error = await once((response) => response.writeHead(503, { "Retry-After": "31" }).end("busy"))
    assert.instanceOf(error, UnexpectedAnswer)
    assert.strictEqual(error.retryAfter, 31)
  })

  it("when retries is 0", async () => {
    assert.instanceOf(await once(busy(), { retries: 0 }), ServiceUnavailable)
  })
})

it("the last error is the result when all attempts fail", async () => {
  await using server = await badServer(busy(), (response) => response.destroy(), busy({ "Retry-After": "0" }))
  const error = await failure(clientOf(server.url, { retries: 2 }).backups.list().page())
  assert.instanceOf(error, ServiceUnavailable)
  assert.strictEqual(error.retryAfter, 0)
  assert.strictEqual(error.requestId, "req-1")
  assert.lengthOf(server.seen, 3)
})

describe("the wait", () => {
  const errors = [
    new ConnectionFailed({ message: "" }),
    new TimedOut({ message: "" }),
    new ServiceUnavailable({ message: "" })
  ]

  it("doubles, is at least half of that, and never exceeds the longest", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...errors),
        fc.integer({ min: 0, max: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 100_000 }),
        (error, retry, chance, maxWait) => {
          const wait = Option.getOrThrow(waitBefore(error, retry, maxWait, chance))
          const whole = 200 * 2 ** retry
          assert.isAtLeast(wait, Math.min(whole / 2, maxWait))
          assert.isAtMost(wait, Math.min(whole, maxWait))
        }
      )
    )
  })

  it("comes on top of Retry-After", () => {
    const error = new ServiceUnavailable({ message: "", retryAfter: 2 })
    assert.deepEqual(waitBefore(error, 0, 10_000, 0), Option.some(2100))
    assert.deepEqual(waitBefore(error, 0, 2_000, 0), Option.some(2000))
    assert.deepEqual(waitBefore(error, 0, 1_999, 0), Option.none())
  })
})

describe("Retry-After", () => {
  const now = Date.UTC(2026, 10, 23, 12, 0, 0, 500)

  for (const [header, seconds] of [
    ["0", 0],
    [" 120 ", 120],
    ["Mon, 23 Nov 2026 12:00:30 GMT", 30],
    ["Mon, 23 Nov 2026 11:00:00 GMT", 0],
    ["10000000000", 10_000_000_000],
    ["9".repeat(400), Number.MAX_SAFE_INTEGER],
    ["100, 120", 120],
    ["Mon, 23 Nov 2026 12:00:30 GMT, Mon, 23 Nov 2026 12:00:31 GMT", 31],
    ["Monday, 23-Nov-26 12:00:30 GMT", 30],
    ["Friday, 31-Dec-77 12:00:30 GMT", 0],
    ["Mon Nov 23 12:00:30 2026", 30],
    ["Sat Nov  7 12:00:30 2026", 0],
    ["100, soon", undefined],
    ["1.5", undefined],
    ["-1", undefined],
    ["soon", undefined],
    ["2026-11-23", undefined],
    ["Mon, 99 Nov 2026 12:00:30 GMT", undefined],
    ["", undefined],
    [undefined, undefined]
  ] as const) {
    it(`${JSON.stringify(header)} asks for ${seconds} seconds`, () => {
      assert.strictEqual(parseRetryAfter(header, now), seconds)
    })
  }
})
