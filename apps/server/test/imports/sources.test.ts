import { assert, describe, it, onTestFinished } from "vitest"
import { start } from "../support/server.ts"
import { ImportServer, lines, record, startImportServer } from "./support/ImportServer.ts"
import { Upload } from "./support/Upload.ts"

const server = (maxSources: number) => startImportServer(onTestFinished, { maxSources })

describe("an account that has as many sources as it may", () => {
  it("gets no new one, by one sentence that says what to do, and nothing is written", async () => {
    const at = await server(2)
    await at.imported("source=one", record("a"))
    await at.imported("source=two", record("b"))
    const before = await at.contents()
    const { status, headers, body } = await at.import("source=three", lines(record("c")))
    assert.strictEqual(status, 413)
    assert.isNull(headers.get("retry-after"))
    assert.deepStrictEqual(body.overLimit, {
      code: 413,
      message:
        "An account may have at most 2 sources, and three would be one more; a source is where backups come from, " +
        "not one run of a tool, so import under the same name each time, or have --max-sources of the server raised.",
      details: "maximum 2"
    })
    assert.deepStrictEqual(await at.contents(), before)
  })

  it("is told so of a dry run as well", async () => {
    const at = await server(1)
    const dry = async (source: string) => (await at.import(`source=${source}&dry_run=true`, lines(record("a")))).status
    assert.strictEqual(await dry("one"), 200)
    await at.imported("source=one", record("a"))
    assert.strictEqual(await dry("two"), 413)
    assert.strictEqual(await dry("one"), 200)
  })

  it("is told so before anything of the body has come", async () => {
    const at = await server(1)
    await at.snapshot(record("a"))
    const upload = new Upload(at, "source=two", "chunked")
    assert.include(await upload.answer(), { status: 413 })
  })

  it("goes on with those that it has, and keeps no other account from its own", async () => {
    const at = await server(1)
    await at.snapshot(record("a"), record("b"))
    assert.strictEqual((await at.import("source=two", lines(record("c")))).status, 413)
    assert.deepInclude(await at.snapshot(record("a")), { retired: 1 })
    assert.strictEqual((await at.import("source=two", lines(record("c")), { by: "other" })).status, 200)
    assert.strictEqual((await at.import("source=pg", lines(record("c")), { by: "other" })).status, 413)
  })

  it("keeps a source also when its only import broke off", async () => {
    const at = await server(1)
    const broken = await at.import("source=one", "no gzip", { headers: { "Content-Encoding": "gzip" } })
    assert.strictEqual(broken.status, 400)
    assert.strictEqual((await at.import("source=two", lines(record("a")))).status, 413)
    await at.imported("source=one", record("a"))
  })

  it("goes on with all that it has where it may have fewer by now", async () => {
    const at = await server(3)
    for (const source of ["one", "two", "three"]) await at.imported(`source=${source}`, record(source))
    await at.stop()
    const [url, stop] = await start({ store: at.kept.address, maxSources: 1 })
    onTestFinished(stop)
    const next = new ImportServer(url, at.kept, stop)
    for (const source of ["one", "two", "three"]) await next.imported(`source=${source}`, record(source))
    assert.strictEqual((await next.import("source=four", lines(record("a")))).status, 413)
  })
})

describe("new sources that begin at once", () => {
  it("are never more than there may be, also on two servers of the store", async () => {
    const at = await server(5)
    const [url, stop] = await start({ store: at.kept.address, maxSources: 5 })
    onTestFinished(stop)
    const servers = [at, new ImportServer(url, at.kept, stop)]
    const answers = await Promise.all(
      servers.flatMap((server, of) =>
        Array.from({ length: 5 }, (_, n) => server.import(`source=${of}-${n}`, lines(record(`${of}-${n}`))))
      )
    )
    const statuses = answers.map(({ status }) => status)
    assert.deepStrictEqual(statuses.toSorted(), [...Array(5).fill(200), ...Array(5).fill(413)])
    assert.lengthOf((await at.contents(["sources"])).sources ?? [], 5)
  })
})
