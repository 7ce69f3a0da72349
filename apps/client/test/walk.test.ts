import { assert, describe, it } from "vitest"
import { eventually } from "../../../testing/eventually.ts"
import { BadRequest, type PlainBackup, TooMany, UnexpectedAnswer } from "../src/index.ts"
import { badServer, clientOf, failure, fault, listOf, sendJson } from "./badServer.ts"

const ids = (backups: ReadonlyArray<PlainBackup>) => backups.map(({ id }) => id)
const firstPage = sendJson(200, listOf(["a", "b"], "/v1.0/1234/backups?marker=m1"))
const lastPage = sendJson(200, listOf(["c"]))
const silence = () => {}

const collect = async (items: AsyncIterable<PlainBackup>) => {
  const read: Array<PlainBackup> = []
  for await (const item of items) read.push(item)
  return read
}

describe("iterating a list", () => {
  it("gives the backups of all pages", async () => {
    await using server = await badServer(firstPage, sendJson(200, listOf([], "?marker=m2")), lastPage)
    assert.deepEqual(ids(await collect(clientOf(server.url).backups.list())), ["a", "b", "c"])
    assert.deepEqual(
      server.seen.map(({ url }) => url),
      ["/v1.0/1234/backups", "/v1.0/1234/backups?marker=m1", "/v1.0/1234/backups?marker=m2"]
    )
  })

  it("keeps its connections", async () => {
    let page = 0
    await using server = await badServer((response) => sendJson(200, listOf(["a"], `?marker=${++page}`))(response))
    for await (const _ of clientOf(server.url).backups.list()) if (page === 20) break
    assert.isBelow(server.connections(), 5)
  })

  it("begins anew each time, and asks nothing before", async () => {
    await using server = await badServer(lastPage)
    const list = clientOf(server.url).backups.list()
    list[Symbol.asyncIterator]()
    assert.lengthOf(server.seen, 0)
    assert.deepEqual(ids(await collect(list)), ["c"])
    assert.deepEqual(ids(await collect(list)), ["c"])
    assert.lengthOf(server.seen, 2)
  })

  it("asks for the next page only when the last one is through", async () => {
    await using server = await badServer(firstPage, lastPage)
    for await (const { id } of clientOf(server.url).backups.list()) {
      assert.lengthOf(server.seen, id === "c" ? 2 : 1)
      if (id === "b") break
    }
    assert.lengthOf(server.seen, 1)
  })

  it("asks for one page ahead once a second one was wanted, and lets it go when it is left", async () => {
    const page = (ids: ReadonlyArray<string>, next: string) => sendJson(200, listOf(ids, `/?marker=${next}`))
    await using server = await badServer(page(["a"], "m1"), page(["b"], "m2"), silence)
    // Longer than the test may take, so that nothing but the end of the walk lets a request go.
    for await (const { id } of clientOf(server.url, { timeout: "5 minutes" }).backups.list()) {
      if (id === "a") continue
      await server.untilUnderWay(1)
      assert.lengthOf(server.seen, 3)
      break
    }
    await server.untilUnderWay(0)
    assert.lengthOf(server.seen, 3)
  })

  it("gives whole pages, also empty ones", async () => {
    await using server = await badServer(firstPage, sendJson(200, listOf([], "?marker=m2")), lastPage)
    const read: Array<ReadonlyArray<string>> = []
    for await (const page of clientOf(server.url).backups.list().pages()) read.push(ids(page))
    assert.deepEqual(read, [["a", "b"], [], ["c"]])
  })

  it("rejects with the error of a page that was asked for ahead, once those before are through", async () => {
    const page = (id: string, next: string) => sendJson(200, listOf([id], `/?marker=${next}`))
    await using server = await badServer(page("a", "m1"), page("b", "m2"), sendJson(400, fault("badRequest", 400)))
    const items = clientOf(server.url).backups.list()[Symbol.asyncIterator]()
    assert.strictEqual((await items.next()).value?.id, "a")
    assert.strictEqual((await items.next()).value?.id, "b")
    await eventually("the third page is answered", () => server.seen.length === 3 && server.underWay() === 0)
    assert.instanceOf(await failure(items.next()), BadRequest)
    assert.deepEqual(await items.next(), { done: true, value: undefined })
  })

  it("rejects with the error of the page that failed, and is then over", async () => {
    await using server = await badServer(firstPage, sendJson(400, fault("badRequest", 400)))
    const items = clientOf(server.url).backups.list()[Symbol.asyncIterator]()
    assert.strictEqual((await items.next()).value?.id, "a")
    assert.strictEqual((await items.next()).value?.id, "b")
    assert.instanceOf(await failure(items.next()), BadRequest)
    assert.deepEqual(await items.next(), { done: true, value: undefined })
    assert.lengthOf(server.seen, 2)
  })

  it("keeps the order of calls that are made at once", async () => {
    await using server = await badServer(firstPage, lastPage)
    const items = clientOf(server.url).backups.list()[Symbol.asyncIterator]()
    const results = await Promise.all([1, 2, 3, 4, 5].map(() => items.next()))
    assert.deepEqual(
      results.map(({ value }) => value?.id),
      ["a", "b", "c", undefined, undefined]
    )
  })

  it("ends the request that is under way when it is left", async () => {
    await using server = await badServer(firstPage, silence)
    const items = clientOf(server.url).backups.list()[Symbol.asyncIterator]()
    await items.next()
    await items.next()
    const pending = items.next()
    await server.untilUnderWay(1)
    assert.deepEqual(await items.return?.(), { done: true, value: undefined })
    assert.deepEqual(await pending, { done: true, value: undefined })
    assert.deepEqual(await items.next(), { done: true, value: undefined })
    await server.untilUnderWay(0)
    assert.lengthOf(server.seen, 2)
  })

  for (const [what, markers, back] of [
    ["to the same page", ["m"], 0],
    ["through several pages", ["m1", "m2", "m3"], 0],
    ["in a circle that it enters late", ["m1", "m2", "m3", "m4", "m5"], 2]
  ] as const) {
    it(`is an UnexpectedAnswer when the links lead ${what} for ever`, async () => {
      const ways: ReadonlyArray<string> = markers
      await using server = await badServer((response, request) => {
        const marker = new URL(request.url ?? "", "http://x").searchParams.get("marker") ?? ""
        const next = markers[ways.indexOf(marker) + 1] ?? markers[back]
        sendJson(200, listOf(["a"], `/?marker=${next}`))(response)
      })
      const error = await failure(collect(clientOf(server.url).backups.list()))
      assert.instanceOf(error, UnexpectedAnswer)
      assert.match(error.message, /lead in a circle/)
      assert.isBelow(server.seen.length, 20)
    })
  }
})

describe("toArray", () => {
  it("gives all when there are at most max", async () => {
    await using server = await badServer(firstPage, lastPage)
    assert.deepEqual(ids(await clientOf(server.url).backups.list().toArray({ max: 3 })), ["a", "b", "c"])
  })

  it("is TooMany when there are more, as soon as that is known", async () => {
    await using server = await badServer(firstPage, silence)
    const error = await failure(clientOf(server.url).backups.list().toArray({ max: 1 }))
    assert.instanceOf(error, TooMany)
    assert.strictEqual(error.max, 1)
    assert.strictEqual(error.code, 0)
    assert.match(error.message, /^There are more than 1 backups; /)
    assert.lengthOf(server.seen, 1)
  })

  for (const max of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`refuses a max of ${max}`, async () => {
      await using server = await badServer(lastPage)
      assert.instanceOf(await failure(clientOf(server.url).backups.list().toArray({ max })), BadRequest)
      assert.lengthOf(server.seen, 0)
    })
  }
})

describe("a signal", () => {
  const reason = new Error("enough")

  const ways = {
    page: (client: ReturnType<typeof clientOf>, signal: AbortSignal) => client.backups.list({}, { signal }).page(),
    toArray: (client: ReturnType<typeof clientOf>, signal: AbortSignal) =>
      client.backups.list({}, { signal }).toArray({ max: 5 }),
    iteration: (client: ReturnType<typeof clientOf>, signal: AbortSignal) =>
      collect(client.backups.list({}, { signal })),
    get: (client: ReturnType<typeof clientOf>, signal: AbortSignal) => client.backups.get("a", { signal })
  }

  for (const [way, call] of Object.entries(ways)) {
    it(`that is aborted beforehand: ${way} asks nothing and rejects with its reason`, async () => {
      await using server = await badServer(lastPage)
      assert.strictEqual(await failure(call(clientOf(server.url), AbortSignal.abort(reason))), reason)
      assert.lengthOf(server.seen, 0)
    })

    it(`that is aborted before the headers: ${way} ends at once with its reason`, async () => {
      await using server = await badServer(silence)
      const controller = new AbortController()
      const failed = failure(call(clientOf(server.url), controller.signal))
      await server.untilUnderWay(1)
      controller.abort(reason)
      assert.strictEqual(await failed, reason)
      await server.untilUnderWay(0)
      assert.lengthOf(server.seen, 1)
    })
  }

  it("that is aborted within the body", async () => {
    await using server = await badServer((response) => {
      response.writeHead(200, { "Content-Type": "application/json" })
      response.write('{"backups":[')
    })
    const controller = new AbortController()
    const failed = failure(ways.page(clientOf(server.url), controller.signal))
    await server.untilUnderWay(1)
    setTimeout(() => controller.abort(), 50)
    const error = await failed
    assert.instanceOf(error, DOMException)
    assert.strictEqual(error.name, "AbortError")
    await server.untilUnderWay(0)
  })

  it("that is aborted during the wait before another attempt", async () => {
    await using server = await badServer(sendJson(503, fault("serviceUnavailable", 503), { "Retry-After": "20" }))
    const begun = performance.now()
    const error = await failure(ways.page(clientOf(server.url), AbortSignal.timeout(300)))
    assert.strictEqual(error instanceof DOMException && error.name, "TimeoutError")
    assert.isBelow(performance.now() - begun, 5000)
    assert.lengthOf(server.seen, 1)
  })

  it("that is aborted between two records of a page", async () => {
    await using server = await badServer(firstPage)
    const controller = new AbortController()
    const items = clientOf(server.url).backups.list({}, { signal: controller.signal })[Symbol.asyncIterator]()
    assert.strictEqual((await items.next()).value?.id, "a")
    controller.abort(reason)
    assert.strictEqual(await failure(items.next()), reason)
    assert.deepEqual(await items.next(), { done: true, value: undefined })
  })

  it("also ends an own fetch that does not care for signals", async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(reason), 50)
    const deaf = clientOf("http://127.0.0.1:1", { fetch: () => new Promise(() => {}) })
    assert.strictEqual(await failure(ways.get(deaf, controller.signal)), reason)
  })
})
