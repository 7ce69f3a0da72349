import { assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import { start } from "../support/server.ts"
import { type Asked, ImportServer, lines, record, startImportServer } from "./support/ImportServer.ts"
import { Upload } from "./support/Upload.ts"

const SNAPSHOT = "source=pg&mode=snapshot"

const server = (settings = {}) => startImportServer(onTestFinished, settings)

/** An inventory of so many backups whose names and descriptions all say which inventory it is. */
const inventory = (of: string, count: number) =>
  Array.from({ length: count }, (_, n) => record(`b${n}`, { name: of, description: of, locationRef: of }))

const begun = async (at: ImportServer, first: object, query = SNAPSHOT): Promise<Upload> => {
  const upload = new Upload(at, query, "chunked")
  await upload.send(lines(first))
  await at.untilLast("RUNNING", new URLSearchParams(query).get("source") ?? undefined)
  return upload
}

describe("two imports of one source", () => {
  it("never interleave: what is left is one of both inventories, whole", async () => {
    const at = await server()
    for (let round = 0; round < 4; round++) {
      const names = ["one", "two", "three"].map((name) => `${name} of ${round}`)
      const answers = await Promise.all(
        names.map((name, n) => at.import(SNAPSHOT, lines(...inventory(name, 1500 + n * 100))))
      )
      assert.deepStrictEqual(
        answers.map(({ status }) => status),
        [200, 200, 200],
        answers.map(({ text }) => text).join()
      )
      const { body } = await at.get("/backups")
      const left = new Set(body.backups.map(({ name }: { name: string }) => name))
      assert.strictEqual(left.size, 1)
      const [last] = left as ReadonlySet<string>
      assert.lengthOf(body.backups, 1500 + names.indexOf(last ?? "") * 100)
      const { imports } = (await at.get("/imports?limit=3")).body
      const [newest, ...older] = imports
      assert.strictEqual(newest.source, "pg")
      for (const one of older) assert.isAtMost(Date.parse(one.finished), Date.parse(newest.finished))
    }
  })

  it("are done one after the other: the second waits for the first", async () => {
    const at = await server()
    const first = await begun(at, record("a"))
    let done = false
    const second = at.import(SNAPSHOT, lines(record("b"))).finally(() => {
      done = true
    })
    for (let n = 0; n < 10; n++) await at.ids()
    assert.isFalse(done)
    first.end()
    assert.strictEqual((await first.answer()).status, 200)
    assert.deepInclude((await second).body.import, { created: 1, retired: 1 })
    assert.deepStrictEqual(await at.ids(), ["b"])
  })

  it("end with 422 for the second when the first takes longer than that may wait, however slow it is", async () => {
    const at = await server()
    await at.snapshot(record("old"))
    const first = await begun(at, record("a"))
    const since = Date.now()
    const second = await at.import(SNAPSHOT, lines(record("b")))
    assert.strictEqual(second.status, 422, second.text)
    assert.include(second.text, "Another import of the source pg runs since")
    assert.isAbove(Date.now() - since, 9000)
    assert.lengthOf((await at.get("/imports")).body.imports, 2, "the one that did not begin is not listed")
    first.end()
    assert.strictEqual((await first.answer()).status, 200)
    assert.deepStrictEqual(await at.ids(), ["a"])
  })

  it("may both run when their sources differ, also at once, in one account and in two", async () => {
    const at = await server()
    const first = await begun(at, record("a"), "source=one&mode=snapshot")
    const second = await begun(at, record("b"), "source=two&mode=snapshot")
    const other = await at.import("source=one&mode=snapshot", lines(record("c")), { by: "other" })
    assert.strictEqual(other.status, 200)
    second.end()
    assert.strictEqual((await second.answer()).status, 200)
    first.end()
    assert.strictEqual((await first.answer()).status, 200)
    assert.deepStrictEqual(await at.ids(), ["a", "b"])
  })

  it("that both have a backup leave it to the one that wrote last, and keep it while either has it", async () => {
    const at = await server()
    const both = await Promise.all(
      ["one", "two"].map((name) => at.import(`source=${name}&mode=snapshot`, lines(...inventory(name, 2500))))
    )
    assert.deepStrictEqual(
      both.map(({ status }) => status),
      [200, 200]
    )
    const counted = both.map(({ body }) => body.import)
    assert.strictEqual(counted[0].created + counted[1].created, 2500)
    await Promise.all(
      ["one", "two"].map((name, n) =>
        at.import(`source=${name}&mode=snapshot`, lines(...inventory(name, 2500).filter((_, m) => m % 2 === n)))
      )
    )
    assert.lengthOf(await at.ids(), 2500)
    await at.imported("source=one&mode=snapshot", ...inventory("one", 1))
    assert.lengthOf(await at.ids(), 1251)
  })
})

describe("an import whose process is gone", () => {
  it("is listed as interrupted once nothing was heard of it, and loses its source", async () => {
    const at = await server()
    await at.snapshot(record("a"), record("b"))
    await at.change(`
      INSERT INTO imports (number, id, source, account, mode, status, started)
      SELECT (SELECT max(number) + 1 FROM imports), 'of-the-dead', number, account, 'snapshot', 'RUNNING', 0 FROM sources;
      UPDATE sources SET running = (SELECT max(number) FROM imports), heard = ${Date.now()}`)
    assert.strictEqual((await at.last()).status, "RUNNING")
    const since = Date.now()
    const next = await at.import(SNAPSHOT, lines(record("a")))
    assert.strictEqual(next.status, 200, next.text)
    assert.isAbove(Date.now() - since, 3000, "it had its time")
    const [, dead] = (await at.get("/imports")).body.imports
    assert.deepInclude(dead, { id: "of-the-dead", status: "INTERRUPTED", retired: 0 })
    assert.isString(dead.finished)
    assert.deepStrictEqual(await at.ids(), ["a"])
  })

  it("has lost its source when it was heard of in the future: the clock was set back since", async () => {
    const at = await server()
    await at.snapshot(record("a"))
    await at.change(`
      INSERT INTO imports (number, id, source, account, mode, status, started)
      SELECT (SELECT max(number) + 1 FROM imports), 'of-the-dead', number, account, 'snapshot', 'RUNNING', 0 FROM sources;
      UPDATE sources SET running = (SELECT max(number) FROM imports), heard = ${Date.now() + 3_600_000}`)
    assert.strictEqual((await at.last()).status, "INTERRUPTED")
    const next = await at.import(SNAPSHOT, lines(record("b")))
    assert.strictEqual(next.status, 200, next.text)
    assert.deepStrictEqual(await at.ids(), ["b"])
  })
})

describe("an import beside other requests", () => {
  it("shows what has come of a body that never stops to drip", async () => {
    const at = await server()
    const upload = new Upload(at, SNAPSHOT, "chunked")
    const most = Date.now() + 20_000
    let n = 0
    do {
      await upload.send(lines(record(`b${n++}`)))
      await new Promise((resolve) => setTimeout(resolve, 60))
    } while (Date.now() < most && (await at.ids()).length < 10)
    assert.isAtLeast((await at.ids()).length, 10)
    upload.end()
    assert.include(await upload.answer(), { status: 200 })
    assert.lengthOf(await at.ids(), n)
  })

  it("adds again what was there, was brought, and was deleted before it came once more", async () => {
    const at = await server()
    await at.snapshot(record("a"), record("b"))
    const upload = await begun(at, record("a"))
    await eventually("a was brought", async (see) => see(await at.last()).unchanged === 1)
    assert.strictEqual((await at.delete("a")).status, 202)
    const tag = (await at.get("/backups")).headers.get("etag")
    await upload.send(lines(record("a"), record("b")))
    upload.end()
    assert.include(await upload.answer(), { status: 200 })
    assert.deepInclude(await at.last(), { created: 1, unchanged: 2, retired: 0, rejected: 0 })
    assert.deepStrictEqual(await at.ids(), ["a", "b"])
    assert.notStrictEqual((await at.get("/backups")).headers.get("etag"), tag)
    assert.deepStrictEqual(await at.events("a"), ["appeared", "deleted", "appeared"])
  })

  it("shows what has come of a body that goes on slowly, a line in two pieces as well", async () => {
    const at = await server()
    const upload = await begun(at, record("a"))
    const untilListed = (...ids: ReadonlyArray<string>) =>
      eventually(`${ids} are listed`, async (see) => see(await at.ids()).join() === ids.join())
    await untilListed("a")
    const half = lines(record("b"))
    await upload.send(half.slice(0, 20))
    await new Promise((resolve) => setTimeout(resolve, 500))
    assert.deepStrictEqual(await at.ids(), ["a"])
    await upload.send(half.slice(20))
    await untilListed("a", "b")
    upload.end()
    assert.include(await upload.answer(), { status: 200 })
    assert.deepInclude(await at.last(), { created: 2, rejected: 0, status: "COMPLETED" })
  })

  it("leaves lists whole records, and conditions that never lie", async () => {
    const at = await server()
    await at.snapshot(...inventory("0", 3000))
    let running = true
    const importing = (async () => {
      for (let n = 1; n <= 6; n++) {
        const { status } = await at.import(SNAPSHOT, lines(...inventory(`${n}`, n % 2 === 0 ? 3000 : 2000)))
        assert.strictEqual(status, 200)
      }
    })().finally(() => {
      running = false
    })
    let known: Asked | undefined
    let unchanged = 0
    let seen = 0
    const look = async () => {
      const headers = known === undefined ? {} : { "If-None-Match": known.headers.get("etag") ?? "" }
      const answer = await at.ask("GET", "/backups", { headers })
      if (answer.status === 304) {
        unchanged++
        return
      }
      seen++
      for (const { name, description, locationRef } of answer.body.backups) {
        assert.deepStrictEqual([description, locationRef], [name, name])
      }
      assert.isTrue([2000, 3000].some((n) => answer.body.backups.length >= Math.min(n, 2000)))
      if (known !== undefined && answer.headers.get("etag") === known.headers.get("etag")) {
        assert.strictEqual(answer.text, known.text, "one tag is of one list")
      }
      known = answer
    }
    while (running) await look()
    await importing
    await look()
    const last = await at.get("/backups")
    assert.strictEqual(known?.text, last.text, "what 304 stood for is the list as it is")
    assert.isAbove(seen, 2)
    assert.isAbove(unchanged + seen, 3)
  })

  it("lets others write and delete meanwhile, and counts as it finds things", async () => {
    const at = await server()
    await at.snapshot(...inventory("old", 4000))
    const importing = at.import(SNAPSHOT, lines(...inventory("new", 3000)))
    const others = (async () => {
      for (let n = 0; n < 20; n++) {
        assert.strictEqual((await at.put(`mine${n}`)).status, 201)
        assert.oneOf((await at.delete(`b${3999 - n}`)).status, [202, 404])
        assert.strictEqual((await at.get("/coverage")).status, 200)
      }
    })()
    const { status, body } = await importing
    await others
    assert.strictEqual(status, 200)
    assert.deepInclude(body.import, { created: 0, updated: 3000 })
    const ids = await at.ids()
    assert.lengthOf(ids, 3020)
    for (let n = 0; n < 20; n++) {
      assert.include(ids, `mine${n}`)
      const events = await at.events(`b${3999 - n}`)
      assert.lengthOf(events, 2)
      assert.oneOf(events[1], ["deleted", "retired"])
    }
  })

  it("lets others have their turn while it never pauses", async () => {
    const at = await server()
    let isDone = false
    const importing = at.import(SNAPSHOT, lines(...inventory("many", 40_000))).finally(() => {
      isDone = true
    })
    await at.untilLast("RUNNING", "pg")
    let written = 0
    while (!isDone) {
      assert.strictEqual((await at.put(`mine${written}`)).status, 201)
      written++
    }
    assert.deepInclude((await importing).body.import, { status: "COMPLETED", created: 40_000 })
    assert.isAbove(written, 4)
  })

  it("keeps what is moved in the order after it was brought, and what moved in retiring it the next time", async () => {
    const at = await server()
    const inventory = Array.from({ length: 10_000 }, (_, n) => record(`b${n}`))
    await at.snapshot(...inventory)
    const upload = new Upload(at, SNAPSHOT, "chunked")
    await upload.send(lines(...inventory))
    await eventually("all of it was brought", async (see) => see(await at.last()).unchanged >= 10_000)
    assert.strictEqual(
      (await at.put("b7", { created: "2019-01-01T00:00:00", updated: "2019-01-01T00:00:00" })).status,
      200
    )
    await upload.send(lines(record("c")))
    upload.end()
    assert.include(await upload.answer(), { status: 200 })
    assert.deepInclude(await at.last(), { created: 1, unchanged: 10_000, retired: 0 })
    const without = inventory.filter(({ id }) => id !== "b7")
    assert.strictEqual((await at.snapshot(...without, record("c"))).retired, 1)
    assert.deepStrictEqual(await at.retired(), ["b7"])
  })

  it("that are as many as may run is 503, and nothing is lost", async () => {
    const at = await server({ maxImports: 2 })
    const first = await begun(at, record("a"), "source=one")
    const second = await begun(at, record("b"), "source=two")
    const third = await at.import("source=three", lines(record("c")))
    assert.strictEqual(third.status, 503)
    assert.match(third.headers.get("retry-after") ?? "", /^\d+$/)
    for (const upload of [first, second]) {
      upload.end()
      assert.strictEqual((await upload.answer()).status, 200)
    }
    assert.strictEqual((await at.import("source=three", lines(record("c")))).status, 200)
  })

  it("is cut off by a server that stops, and listed as interrupted by the next one", async () => {
    const at = await server({ limits: { maxHeaderBytes: 16_384, requestTimeout: 30_000, grace: 200 } })
    await at.snapshot(record("a"), record("b"))
    const upload = await begun(at, record("a"))
    await at.stop()
    await upload.answer()
    const [url, stop] = await start({ store: at.kept.address })
    onTestFinished(stop)
    const next = new ImportServer(url, at.kept, stop)
    assert.strictEqual((await next.untilLast("INTERRUPTED")).retired, 0)
    assert.deepStrictEqual(await next.ids(), ["a", "b"])
    assert.strictEqual((await next.snapshot(record("a"))).retired, 1)
  })
})
