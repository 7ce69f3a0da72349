import { AccountId, decodeSourcedBackup, ImportCatalog, SourceName } from "@backup-catalog/core"
import { Chunk, Effect, Either, Stream } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { eventually } from "../../../testing/eventually.ts"
import { layer, ndjson, runImport } from "../src/effect.ts"
import { BadRequest, type Client, createClient, Forbidden, ItemNotFound, UnprocessableEntity } from "../src/index.ts"
import { badServer, clientOf, failure, importResult, record, sendJson } from "./badServer.ts"
import { type RealServer, realServer } from "./realServer.ts"

let server: RealServer
let token: string
let client: Client

beforeAll(async () => {
  server = await realServer()
  token = await server.token("1234")
  client = createClient({ url: server.url, account: "1234", token })
})
afterAll(() => server[Symbol.asyncDispose]())

const input = (id: string) => ({
  id,
  name: `backup ${id}`,
  status: "COMPLETED" as const,
  created: "2026-11-23T02:00:00.25Z",
  sizeInBytes: 2 ** 40 + 1,
  instanceId: "imported-1",
  datastore: { type: "PostgreSQL", version: "17" }
})

const sourced = (id: string, more: object = {}) => Either.getOrThrow(decodeSourcedBackup({ ...record(id), ...more }))

const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

describe("an import of records", () => {
  it("adds them, leaves them as they are the second time, and retires those that a snapshot no longer has", async () => {
    const records = [
      { ...input("i1"), nativeId: "20261123-020000F" },
      { ...input("i2"), parentId: "i1", nativeId: "20261123-020000F_I", nativeParentId: "20261123-020000F" },
      { ...input("i3"), suspect: "its checksum differs" }
    ]
    const first = await client.imports.run("pg-main", { records }, { mode: "snapshot" })
    assert.deepInclude(first, {
      source: "pg-main",
      mode: "snapshot",
      status: "COMPLETED",
      created: 3,
      retired: 0,
      dryRun: false,
      rejections: [],
      message: null
    })
    assert.deepInclude(await client.imports.run("pg-main", { records }, { mode: "snapshot" }), {
      created: 0,
      unchanged: 3
    })
    const dry = await client.imports.run("pg-main", { records: records.slice(1) }, { mode: "snapshot", dryRun: true })
    assert.deepInclude(dry, { retired: 1, dryRun: true })
    assert.deepInclude(dry.differences[0], { change: "retired", id: "i1", instanceId: "imported-1" })
    const second = await client.imports.run("pg-main", { records: records.slice(1) }, { mode: "snapshot" })
    assert.deepInclude(second, { unchanged: 2, retired: 1, orphaned: 1 })
    assert.deepEqual(second.orphans, [{ id: "i2", name: "backup i2", parentId: "i1" }])

    const [listed] = await client.backups.list({ instanceId: "imported-1", include: "retired" }).toArray({ max: 9 })
    const there = await client.backups.list({ instanceId: "imported-1" }).toArray({ max: 9 })
    assert.deepEqual(
      there.map(({ id, retiredAt, sizeInBytes }) => [id, retiredAt, sizeInBytes]),
      [
        ["i3", undefined, 2 ** 40 + 1],
        ["i2", undefined, 2 ** 40 + 1]
      ]
    )
    const all = await client.backups.list({ instanceId: "imported-1", include: "retired" }).toArray({ max: 9 })
    assert.deepEqual(
      all.map(({ id, retiredAt }) => [id, retiredAt !== undefined]),
      [
        ["i3", false],
        ["i2", false],
        ["i1", true]
      ]
    )
    assert.strictEqual(listed?.id, "i3")

    const { origins, history } = await client.backups.history("i1").page()
    assert.deepEqual(origins, [])
    assert.deepEqual(
      history.map(({ event, import: through }) => [event, through?.source, through?.id]),
      [
        ["retired", "pg-main", second.id],
        ["appeared", "pg-main", first.id]
      ]
    )
    assert.deepEqual((await client.backups.history("i2").page()).origins, [
      {
        source: "pg-main",
        nativeId: "20261123-020000F_I",
        nativeParentId: "20261123-020000F",
        suspect: null
      }
    ])
    assert.strictEqual((await client.backups.history("i3").page()).origins[0]?.suspect, "its checksum differs")

    const past = await client.imports.list({ source: "pg-main" }).toArray({ max: 9 })
    assert.deepEqual(
      past.map(({ status, unchanged }) => [status, unchanged]),
      [
        ["COMPLETED", 2],
        ["COMPLETED", 3],
        ["COMPLETED", 0]
      ]
    )
    assert.deepEqual(await client.imports.get(second.id), past[0])
    assert.deepEqual(await client.imports.list({ source: "elsewhere" }).toArray({ max: 9 }), [])
    assert.instanceOf(await failure(client.imports.get("nothing")), ItemNotFound)
    assert.instanceOf(await failure(client.backups.history("nothing").page()), ItemNotFound)
  })

  it("whose iterable throws rejects with just that, is listed as interrupted, and retires nothing", async () => {
    await client.imports.run("broken", { records: [input("b1"), input("b2")] }, { mode: "snapshot" })
    const newest = async () => (await client.imports.list({ source: "broken" }).page({ limit: 1 })).imports[0]?.status
    const becomes = (status: string) =>
      eventually(`the newest import is ${status}`, async (see) => see(await newest()) === status)
    const boom = new Error("boom")
    async function* broken() {
      for (let n = 0; n < 1000; n++) yield { ...input(`b1${n}`), instanceId: "broken-1" }
      await becomes("RUNNING")
      throw boom
    }
    assert.strictEqual(await failure(client.imports.run("broken", { records: broken() }, { mode: "snapshot" })), boom)
    await becomes("INTERRUPTED")
    assert.strictEqual((await client.backups.get("b2")).id, "b2")
  })

  it("with one that was retired is a BadRequest, which brings nothing back, and so is writing it", async () => {
    const records = [input("r1"), input("r2")]
    await client.imports.run("retiring", { records }, { mode: "snapshot" })
    await client.imports.run("retiring", { records: records.slice(1) }, { mode: "snapshot" })
    const listed = client.backups.list({ instanceId: "imported-1", include: "retired" })
    const retired = (await listed.toArray({ max: 99 })).find(({ id }) => id === "r1")
    assert.isString(retired?.retiredAt)
    for (const bringBack of [
      () => client.imports.run("copy", { records: listed }, { mode: "snapshot" }),
      () => client.backups.upsert(retired ?? input("r1"))
    ]) {
      const error = await failure(bringBack())
      assert.instanceOf(error, BadRequest)
      assert.include(error.message, "the backup has retiredAt: its source no longer has it")
      assert.include(error.message, "take retiredAt out if it is there again")
    }
    assert.instanceOf(await failure(client.backups.get("r1")), ItemNotFound)
    for (const retiredAt of [undefined, null]) {
      assert.strictEqual((await client.backups.upsert({ ...input("r1"), retiredAt })).backup.id, "r1")
      assert.deepInclude(await client.imports.run("back", { records: [{ ...input("r1"), retiredAt }] }), {
        rejected: 0
      })
    }
  })

  it("with one that is invalid is a BadRequest that names the member", async () => {
    for (const [more, named] of [
      [{ created: "yesterday" }, "created"],
      [{ nativeId: "a\nb" }, "nativeId"],
      [{ naem: "x" }, "naem"]
    ] as const) {
      const error = await failure(client.imports.run("odd", { records: [{ ...input("o1"), ...more }] }))
      assert.instanceOf(error, BadRequest)
      assert.include(error.message, named)
    }
  })

  it("with one that is invalid says which, and that what was sent before it stays", async () => {
    const many = Array.from({ length: 700 }, (_, n) => ({
      ...input(`v${n}`),
      name: n === 600 ? "" : "one",
      instanceId: "imported-2"
    }))
    const error = await failure(client.imports.run("invalid", { records: many }, { mode: "snapshot" }))
    assert.instanceOf(error, BadRequest)
    assert.strictEqual(
      error.message,
      'The import broke off, since record 601, "v600", cannot be imported: name must have 1 to 255 characters; what was sent before it stays, and nothing was retired.'
    )
  })
})

describe("an import of what comes slowly", () => {
  async function* slowly<A>(items: ReadonlyArray<A>, millis: number) {
    for (const item of items) {
      await pause(millis)
      yield item
    }
  }

  it("is not given up by the server: neither of few records in a long time, nor of none in a while", async () => {
    await using hasty = await realServer("--request-timeout", "3s")
    const token = await hasty.token("1234")
    const { imports } = createClient({ url: hasty.url, account: "1234", token })
    const ids = Array.from({ length: 50 }, (_, n) => `slow-${n}`)
    const line = (text: string) => new TextEncoder().encode(`${text}\n`)
    const stream = Stream.fromIterable(ids).pipe(
      Stream.rechunk(1),
      Stream.mapEffect((id) =>
        Effect.delay(
          Effect.sync(() => sourced(id)),
          150
        )
      )
    )
    const request = { source: SourceName.make("e"), mode: "merge", allowEmpty: false, dryRun: false } as const
    const [many, few, lines, ofEffect] = await Promise.all([
      imports.run("many", { records: slowly(ids.map(input), 150) }),
      imports.run("few", { records: slowly([input("few-1"), input("few-2")], 7_000) }),
      imports.run("lines", { ndjson: slowly([line(JSON.stringify(record("few-3"))), line("nonsense")], 7_000) }),
      Effect.runPromise(
        Effect.provide(runImport(AccountId.make("1234"), request, ndjson(stream)), layer({ url: hasty.url, token }))
      )
    ])
    assert.deepInclude(many, { status: "COMPLETED", rejected: 0 })
    assert.deepInclude(few, { created: 2, rejected: 0 })
    assert.deepInclude(lines, { created: 1, rejected: 1 })
    assert.deepInclude(lines.rejections[0], { line: 2 })
    assert.deepInclude(ofEffect, { status: "COMPLETED", rejected: 0 })
  })

  describe("sends what it has while its source pauses", () => {
    const ids = Array.from({ length: 300 }, (_, n) => `held-${n}`)
    /** A server that takes what comes, and how many lines that were until now. */
    const taking = async () => {
      let lines = 0
      const server = await badServer((response, incoming) => {
        incoming.on("error", () => {})
        incoming.on("data", (bytes: Buffer) => {
          lines += bytes.toString().split("\n").length - 1
        })
        incoming.on("end", () => sendJson(200, { import: importResult })(response))
      })
      return { server, lines: () => lines }
    }
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length

    it("of records, and none of it twice", async () => {
      const { server, lines } = await taking()
      await using _ = server
      const seen = (count: number) => eventually(`${count} lines have come`, (see) => see(lines()) === count)
      async function* records() {
        yield* ids.map(input)
        await seen(300)
        yield input("held-300")
        await seen(301)
        yield* [input("held-301"), input("held-302")]
      }
      await clientOf(server.url).imports.run("pg-main", { records: records() })
      assert.strictEqual(lines(), 303)
    })

    it("of a Stream, and none of it twice", async () => {
      const { server, lines } = await taking()
      await using _ = server
      const seen = (count: number) =>
        Stream.execute(Effect.promise(() => eventually(`${count} lines have come`, (see) => see(lines()) === count)))
      const records = Stream.concatAll(
        Chunk.make(
          Stream.fromIterable(ids),
          seen(300),
          Stream.make("held-300"),
          seen(301),
          Stream.make("held-301", "held-302").pipe(Stream.rechunk(1))
        )
      ).pipe(Stream.map((id) => sourced(id)))
      const request = { source: SourceName.make("pg-main"), mode: "merge", allowEmpty: false, dryRun: false } as const
      const run = runImport(AccountId.make("1234"), request, ndjson(records))
      await Effect.runPromise(Effect.provide(run, layer({ url: server.url, token: "a-token" })))
      assert.strictEqual(lines(), 303)
    })

    it("also when it is aborted in the pause", async () => {
      const { server, lines } = await taking()
      await using _ = server
      const stop = new AbortController()
      async function* records() {
        yield* [input("a"), input("b")]
        await new Promise(() => {})
      }
      const run = failure(clientOf(server.url).imports.run("pg-main", { records: records() }, { signal: stop.signal }))
      await eventually("two lines have come", () => lines() === 2)
      stop.abort(new Error("enough"))
      assert.strictEqual(String(await run), "Error: enough")
    })

    it("and leaves no timer behind when its reader leaves early", async () => {
      const before = timers()
      const records = Stream.concat(Stream.make("a", "b"), Stream.never).pipe(Stream.map((id) => sourced(id)))
      const pieces = await Effect.runPromise(Stream.runCollect(Stream.take(ndjson(records), 1)))
      assert.lengthOf(pieces, 1)
      await Effect.runPromise(Effect.timeoutOption(Stream.runDrain(ndjson(records)), 10))
      // One of an earlier test may have ended meanwhile.
      assert.isAtMost(timers(), before)
    })
  })

  it("says between its lines alone that it goes on", async () => {
    const { text } = await import("node:stream/consumers")
    const arrived: Array<string> = []
    await using slow = await badServer(async (response, incoming) => {
      arrived.push(await text(incoming))
      sendJson(200, { import: importResult })(response)
    })
    const { imports } = clientOf(slow.url)
    const pieces = (...texts: ReadonlyArray<string>) =>
      slowly(
        texts.map((one) => new TextEncoder().encode(one)),
        1_500
      )
    await imports.run("pg-main", { ndjson: pieces('{"a":', "1}\n", '{"a":2}\n') })
    await imports.run("pg-main", { ndjson: pieces("not ", "plain\n", "text"), gzip: true })
    assert.deepEqual(arrived, [' {"a":1}\n {"a":2}\n', "not plain\ntext"])
  })
})

describe("an import of NDJSON", () => {
  it("with a piece that is no Uint8Array fails, and retires nothing", async () => {
    const bytes = new TextEncoder().encode(lines(["p1", "p2", "p3"]))
    await client.imports.run("pieces", { ndjson: bytes }, { mode: "snapshot" })
    const first = bytes.subarray(0, bytes.indexOf(10) + 1)
    const { buffer } = bytes.slice(first.length)
    for (const [piece, type] of [
      [buffer, "of the type ArrayBuffer"],
      [new DataView(buffer), "of the type DataView"],
      [new Uint16Array(4), "of the type Uint16Array"],
      ["text", "of the type String"],
      [{}, "of the type Object"],
      [null, "of the type Null"]
    ] as const) {
      const pieces = [first, piece] as ReadonlyArray<Uint8Array>
      for (const ndjson of [
        (async function* () {
          yield* pieces
        })(),
        new ReadableStream<Uint8Array>({
          start: (controller) => {
            for (const one of pieces) controller.enqueue(one)
            controller.close()
          }
        })
      ]) {
        const error = await failure(client.imports.run("pieces", { ndjson }, { mode: "snapshot", allowEmpty: true }))
        assert.instanceOf(error, BadRequest)
        assert.include(error.message, `a piece of it is ${type} and each must be a Uint8Array`)
      }
    }
    const past = () => client.imports.list({ source: "pieces" }).toArray({ max: 99 })
    await eventually("all are over", async (see) => see(await past()).every(({ status }) => status !== "RUNNING"))
    assert.isTrue((await past()).every(({ retired }) => retired === 0))
    assert.strictEqual((await client.backups.get("p3")).id, "p3")
  })

  const lines = (ids: ReadonlyArray<string>) => ids.map((id) => `${JSON.stringify(record(id))}\n`).join("")

  it("is bytes, bytes of gzip, or a stream of either, and names the lines that it cannot take", async () => {
    const { gzipSync } = await import("node:zlib")
    const text = `${lines(["n1", "n2"])}{"id":"n3"}\nnonsense\n`
    const bytes = new TextEncoder().encode(text)
    const sources = [
      { ndjson: bytes },
      { ndjson: new Uint8Array(gzipSync(bytes)), gzip: true },
      { ndjson: new Blob([bytes]).stream() },
      {
        ndjson: (async function* () {
          for (const byte of gzipSync(bytes)) yield new Uint8Array([byte])
        })(),
        gzip: true
      }
    ]
    for (const [n, source] of sources.entries()) {
      const result = await client.imports.run(`lines-${n}`, source)
      assert.deepInclude(result, { created: n === 0 ? 2 : 0, unchanged: n === 0 ? 0 : 2, rejected: 2 })
      assert.deepEqual(
        result.rejections.map(({ line, id }) => [line, id]),
        [
          [3, "n3"],
          [4, null]
        ]
      )
    }
  })

  it("of many thousands is sent as it is made", async () => {
    const MANY = 20_000
    let made = 0
    async function* many() {
      for (let n = 0; n < MANY; n += 500) {
        made += 500
        yield new TextEncoder().encode(lines(Array.from({ length: 500 }, (_, i) => `many-${n + i}`)))
      }
    }
    const result = await client.imports.run("many", { ndjson: many() }, { mode: "snapshot" })
    assert.deepInclude(result, { created: MANY, rejected: 0 })
    assert.strictEqual(made, MANY)
  })

  it("that is empty is refused as a snapshot of what was not, unless that is allowed", async () => {
    await client.imports.run("emptied", { ndjson: new TextEncoder().encode(lines(["e1"])) }, { mode: "snapshot" })
    const nothing = { ndjson: new Uint8Array() }
    const error = await failure(client.imports.run("emptied", nothing, { mode: "snapshot" }))
    assert.instanceOf(error, UnprocessableEntity)
    assert.match(error.message, /; if that is right, allow an empty snapshot\.$/)
    assert.deepInclude(await client.imports.run("emptied", nothing, { mode: "snapshot", allowEmpty: true }), {
      retired: 1
    })
  })
})

it("an import that cannot be asked for is a BadRequest that names what is wrong", async () => {
  const run = (source: string, from: unknown, options: object = {}) =>
    failure(client.imports.run(source, from as never, options))
  for (const [asked, named] of [
    [run("", { records: [] }), "source"],
    [run("a\nb", { records: [] }), "source"],
    [run("a", { records: 7 }), "records"],
    [run("a", { ndjson: "text" }), "ndjson"],
    [run("a", undefined), "records"],
    [run("a", { records: [] }, { mode: "full" }), "mode"],
    [run("a", { records: [] }, { dry_run: true }), "dry_run"],
    [run("a", { records: [] }, { patience: "soon" }), "patience"],
    [run("a", { records: [] }, { patience: 60_000n }), "patience"],
    [failure(client.imports.get("..")), "Nothing was asked: the id must not be one dot or two."],
    [failure(client.imports.get("")), "Nothing was asked: the id must have 1 to 255 characters."],
    [failure(client.imports.get("\ud800")), "Nothing was asked: the id must be valid Unicode text."],
    [failure(client.imports.get("a\u0000b")), "Nothing was asked: the id must not contain control characters."],
    [failure(client.imports.get(7 as never)), "Nothing was asked: the id must be a text, and is 7."],
    [failure(client.imports.list({ sorce: "a" } as never).page()), "sorce"]
  ] as const) {
    const error = await asked
    assert.instanceOf(error, BadRequest)
    assert.include(error.message, named)
  }
})

it("an import with a token that may only read is Forbidden, however large the body is", async () => {
  const reader = createClient({ url: server.url, account: "1234", token: await server.token("1234", "reader") })
  const line = new TextEncoder().encode(`${JSON.stringify(record("x".repeat(200)))}\n`.repeat(1000))
  async function* endless() {
    for (;;) yield line
  }
  assert.instanceOf(await failure(reader.imports.run("refused", { ndjson: endless() })), Forbidden)
})

it("a program in Effect imports a stream of records, and sees what came of it", async () => {
  const account = AccountId.make("1234")
  const source = SourceName.make("effect")
  const program = Effect.gen(function* () {
    const records = Stream.range(1, 1000).pipe(Stream.map((n) => sourced(`effect-${n}`, { native_id: `${n}` })))
    const request = { source, mode: "snapshot", allowEmpty: false, dryRun: false } as const
    const result = yield* runImport(account, request, ndjson(records))
    const catalog = yield* ImportCatalog
    const { imports } = yield* catalog.list(account, { source }, {})
    return { result, imports }
  })
  const { result, imports } = await Effect.runPromise(Effect.provide(program, layer({ url: server.url, token })))
  assert.deepInclude(result, { created: 1000, rejected: 0 })
  assert.deepEqual(
    imports.map(({ id }) => id),
    [result.id]
  )
})
