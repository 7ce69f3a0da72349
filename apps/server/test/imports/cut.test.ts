import { once } from "node:events"
import { connect } from "node:net"
import { gzipSync } from "node:zlib"
import { assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import { ACCOUNT, type ImportServer, lines, NDJSON, record, startImportServer } from "./support/ImportServer.ts"
import { Upload } from "./support/Upload.ts"

const CRLF = Buffer.from("\r\n")
const SNAPSHOT = "source=pg&mode=snapshot"
const before = [record("a"), record("b"), record("c")]

const filled = async (settings: Parameters<typeof startImportServer>[1] = {}): Promise<ImportServer> => {
  const at = await startImportServer(onTestFinished, settings)
  await at.snapshot(...before)
  return at
}

const patience = (requestTimeout: number) => ({ limits: { maxHeaderBytes: 16_384, requestTimeout, grace: 1000 } })

const many = (count: number): string => lines(...Array.from({ length: count }, (_, n) => record(`n${n}`)))

const gzip = gzipSync(many(3000))

const assertNothingGone = async (at: ImportServer, status = "INTERRUPTED"): Promise<void> => {
  const last = await at.untilLast(status)
  assert.strictEqual(last.retired, 0)
  assert.isString(last.message)
  assert.isString(last.finished)
  assert.includeMembers([...(await at.ids())], ["a", "b", "c"])
  assert.deepStrictEqual(await at.retired(), [])
  const again = await at.snapshot(record("a"))
  assert.strictEqual(again.status, "COMPLETED", "the source is free again")
  assert.deepStrictEqual(await at.ids(), ["a"])
}

describe("a connection that is cut", () => {
  const whole = lines(record("a"), record("b"))
  it.each([
    ["in the middle of a line", lines(record("a")) + JSON.stringify(record("b")).slice(0, 20), 100_000],
    ["between two lines", whole, 100_000],
    ["a byte before the end of a body with a length", whole, whole.length + 1],
    ["before the first byte", "", 100_000],
    ["after several batches", many(3500), 10_000_000],
    ["in the middle of a line of chunks", lines(record("a")) + JSON.stringify(record("b")).slice(0, 20), "chunked"],
    ["between two lines of chunks", whole, "chunked"],
    ["after several batches of chunks", many(3500), "chunked"]
  ] as const)("%s retires nothing, and is listed as interrupted", async (_, body, framing) => {
    for (const how of ["reset", "end"] as const) {
      const at = await filled()
      const upload = new Upload(at, SNAPSHOT, framing)
      if (body !== "") await upload.send(body)
      await at.untilLast("RUNNING")
      upload.cut(how)
      await assertNothingGone(at)
    }
  })

  it.each([
    ["in the middle", gzip.subarray(0, gzip.length / 2)],
    ["before its checksum", gzip.subarray(0, -8)],
    ["a byte before its end", gzip.subarray(0, -1)]
  ])("while it brings gzip, %s, retires nothing", async (_, part) => {
    for (const framing of ["chunked", gzip.length] as const) {
      const at = await filled()
      const upload = new Upload(at, SNAPSHOT, framing, ["Content-Encoding: gzip"])
      await upload.send(part)
      await at.untilLast("RUNNING")
      upload.cut()
      await assertNothingGone(at)
    }
  })

  it("behind the end of its body takes all that the source has lost, or nothing of it", async () => {
    const at = await startImportServer(onTestFinished)
    const all = Array.from({ length: 3000 }, (_, n) => record(`n${n}`))
    const half = lines(...all.filter((_, n) => n % 2 === 0))
    let completed = 0
    for (let pause = 0; completed < 3 && pause < 2000; pause = pause * 1.5 + 10) {
      const { id } = await at.snapshot(...all)
      const upload = new Upload(at, SNAPSHOT, half.length)
      await upload.send(half)
      await new Promise((resolve) => setTimeout(resolve, pause))
      upload.cut()
      const last = await eventually("it is over", async (see) => {
        const newest = see(await at.last())
        return newest.status !== "RUNNING" && newest
      })
      if (last.id === id) continue
      assert.strictEqual(last.retired, last.status === "COMPLETED" ? all.length / 2 : 0, last.message)
      if (last.status === "COMPLETED") completed++
    }
    assert.isAbove(completed, 0)
  })

  it("while it waits for another import of its source leaves the source to others", async () => {
    const at = await filled()
    const first = new Upload(at, SNAPSHOT, "chunked")
    await first.send(lines(record("a")))
    await at.untilLast("RUNNING")
    for (const headers of [[], ["Content-Encoding: gzip"]]) {
      const second = new Upload(at, SNAPSHOT, "chunked", headers)
      await second.send(gzip)
      second.cut()
    }
    first.end()
    assert.strictEqual((await first.answer()).status, 200)
    const again = await at.snapshot(record("b"))
    assert.deepStrictEqual([again.created, again.retired], [1, 1])
    assert.deepStrictEqual(await at.ids(), ["b"])
  })
})

describe("a body", () => {
  it.each([
    ["gzip that ends too early", gzip.subarray(0, -8)],
    ["gzip without its last byte", gzip.subarray(0, -1)],
    ["gzip with another checksum", Buffer.concat([gzip.subarray(0, -8), Buffer.from("12345678")])],
    ["gzip with a wrong byte within", Buffer.concat([gzip.subarray(0, 500), Buffer.from("x"), gzip.subarray(501)])],
    ["gzip with something else behind it", Buffer.concat([gzip, Buffer.from("and so on, and so on")])],
    ["gzip with the beginning of more behind it", Buffer.concat([gzip, gzip.subarray(0, 5)])],
    ["gzip with more of it behind a zero", Buffer.concat([gzip, Buffer.alloc(1), gzip])],
    ["gzip with more of it behind many zeros", Buffer.concat([gzip, Buffer.alloc(1_000_000), gzip])],
    ["gzip of which nothing is there", Buffer.alloc(0)],
    ["gzip that is none", Buffer.from(lines(...before))]
  ])("of %s is 400, retires nothing, and is listed as interrupted", async (_, body) => {
    const at = await filled()
    const headers = { "Content-Encoding": "gzip" }
    const answer = await at.import(`${SNAPSHOT}&allow_empty=true`, body, { headers })
    assert.strictEqual(answer.status, 400, answer.text)
    assert.include(answer.text, "not valid gzip")
    await assertNothingGone(at)
  })

  it("in gzip means what it means plainly, also in several parts and with zeros behind them", async () => {
    const at = await filled()
    assert.strictEqual((await at.importGzip(SNAPSHOT, many(2500))).body.import.created, 2500)
    const parts = [gzipSync(lines(record("a"))), gzipSync(lines(record("b")))]
    const headers = { "Content-Encoding": "GZIP" }
    const done = (await at.import(SNAPSHOT, Buffer.concat([...parts, Buffer.alloc(512)]), { headers })).body.import
    assert.deepStrictEqual([done.created, done.retired], [2, 2500])
    assert.deepStrictEqual(await at.ids(), ["a", "b"])
    const again = (await at.import(SNAPSHOT, Buffer.concat([...parts, Buffer.alloc(1_000_000)]), { headers })).body
      .import
    assert.deepStrictEqual([again.unchanged, again.message], [2, null])
  })

  it("in gzip is cut by no chunk, however small", async () => {
    const at = await filled()
    const body = gzipSync(lines(record("ä"), record("😀")))
    const upload = new Upload(at, SNAPSHOT, "chunked", ["Content-Encoding: gzip"])
    for (const byte of body) await upload.send(Buffer.from([byte]))
    upload.end()
    assert.strictEqual((await upload.answer()).status, 200)
    assert.deepStrictEqual(await at.ids(), ["ä", "😀"].sort())
  })

  it("is read to its end however small its pieces are", async () => {
    const at = await filled()
    const upload = new Upload(at, SNAPSHOT, "chunked")
    for (const byte of Buffer.from(lines(record("ä"), record("😀")))) await upload.send(Buffer.from([byte]))
    upload.end()
    assert.strictEqual((await upload.answer()).status, 200)
    assert.deepStrictEqual(await at.ids(), ["ä", "😀"].sort())
  })

  it.each([
    ["plainly", []],
    ["in gzip", ["Content-Encoding: gzip"]]
  ])("may take longer than other requests, %s", async (_, headers) => {
    const at = await filled(patience(1000))
    const upload = new Upload(at, SNAPSHOT, "chunked", headers)
    for (let n = 0; n < 20; n++) {
      const line = lines(record(`n${n}`))
      await upload.send(headers.length === 0 ? line : gzipSync(line))
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    upload.end()
    const { status, body } = await upload.answer()
    assert.strictEqual(status, 200, body)
    assert.lengthOf(await at.ids(), 20)
  })

  it.each([
    ["plainly", []],
    ["in gzip", ["Content-Encoding: gzip"]]
  ])("that pauses for too long is 400, %s, and retires nothing", async (_, headers) => {
    const at = await filled(patience(500))
    const upload = new Upload(at, SNAPSHOT, "chunked", headers)
    await upload.send(headers.length === 0 ? lines(record("a")) : gzip.subarray(0, 100))
    const { status, body } = await upload.answer()
    assert.strictEqual(status, 400)
    assert.include(body, "paused for too long")
    await assertNothingGone(at)
  })

  it("that pauses behind its gzip is 400, and the next request on its connection is answered", async () => {
    const at = await filled(patience(500))
    const { hostname, port, host } = new URL(at.url)
    const socket = connect(Number(port), hostname)
    let said = ""
    socket.on("data", (data) => {
      said += data
    })
    const told = async (words: string) => {
      while (!said.includes(words)) await once(socket, "data")
    }
    const chunk = (bytes: Buffer) => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, CRLF])
    const head = [`POST /v1.0/${ACCOUNT}/imports?${SNAPSHOT} HTTP/1.1`, `Host: ${host}`, "X-Auth-Token: member"]
    const body = [`Content-Type: ${NDJSON}`, "Content-Encoding: gzip", "Transfer-Encoding: chunked"]
    socket.write(`${[...head, ...body].join("\r\n")}\r\n\r\n`)
    socket.write(chunk(Buffer.concat([gzip, Buffer.alloc(512)])))
    await told("paused for too long")
    for (let n = 0; n < 20; n++) socket.write(chunk(Buffer.alloc(100_000)))
    socket.write(`0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    await told("HTTP/1.1 200")
    socket.destroy()
    await assertNothingGone(at)
  })

  it("that cannot be imported is answered at once, and its connection closed when the rest does not come", async () => {
    const at = await filled(patience(500))
    const upload = new Upload(at, SNAPSHOT, "chunked", ["Content-Encoding: br"])
    await upload.send("x")
    assert.strictEqual((await upload.answer()).status, 415)
  })

  it("that was promised for later is asked for", async () => {
    const at = await filled()
    const body = lines(record("a"))
    const upload = new Upload(at, SNAPSHOT, body.length, ["Expect: 100-continue"])
    await upload.send(body)
    const { status, body: rest } = await upload.answer()
    assert.strictEqual(status, 100)
    assert.match(rest, /^HTTP\/1\.1 200 /)
  })

  it("of another import is answered on the same connection", async () => {
    const at = await filled()
    for (let n = 0; n < 3; n++) {
      assert.strictEqual((await at.import(SNAPSHOT, "{", { headers: { "Content-Encoding": "gzip" } })).status, 400)
      assert.strictEqual((await at.import(SNAPSHOT, lines(...before))).status, 200)
    }
  })
})

describe("an import whose source was taken from it", () => {
  it.each([
    ["plainly", []],
    ["in gzip", ["Content-Encoding: gzip"]]
  ])("is told so while it still waits for its body, %s, and leaves its place to others", async (_, headers) => {
    const at = await startImportServer(onTestFinished, { maxImports: 1, ...patience(2000) })
    await at.snapshot(...before)
    const upload = new Upload(at, SNAPSHOT, "chunked", headers)
    await upload.send(headers.length === 0 ? lines(record("a")) : gzip.subarray(0, 100))
    await at.untilLast("RUNNING")
    await at.change("UPDATE sources SET running = NULL")
    await at.untilLast("INTERRUPTED")
    const { status, body } = await upload.answer()
    assert.strictEqual(status, 503)
    assert.include(body, "import it again")
    await assertNothingGone(at)
  })

  it("retires nothing although its body ends well", async () => {
    const at = await filled()
    const upload = new Upload(at, SNAPSHOT, "chunked")
    await upload.send(lines(record("a")))
    await at.untilLast("RUNNING")
    await at.change("UPDATE sources SET running = NULL")
    upload.end()
    assert.strictEqual((await upload.answer()).status, 503)
    await assertNothingGone(at)
  })
})
