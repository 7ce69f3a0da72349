import { assert, describe, it, onTestFinished } from "vitest"
import { type ImportServer, lines, NDJSON, record, startImportServer } from "./support/ImportServer.ts"

const MERGE = "source=pg"
const MIB = 1024 * 1024

const server = () => startImportServer(onTestFinished)

const text = (id: string): string => JSON.stringify(record(id))

const importBytes = async (at: ImportServer, body: string | Buffer) => {
  const { status, body: answer, text } = await at.import(MERGE, body)
  assert.strictEqual(status, 200, text)
  return answer.import
}

describe("the lines of an import", () => {
  it.each([
    ["without an end of the last one", `${text("a")}\n${text("b")}`],
    ["with Windows line ends", `${text("a")}\r\n${text("b")}\r\n`],
    ["with empty lines and lines of spaces", `\n\r\n  \n${text("a")}\n\n\t\n${text("b")}\n\n`],
    ["behind a byte order mark", `\ufeff${text("a")}\n${text("b")}`],
    ["with spaces around them", ` ${text("a")} \n\t${text("b")}\t`],
    ["with members that nobody knows", lines({ ...record("a"), more: { of: [1] }, retired_at: null }, record("b"))],
    ["with members in another order, and one twice", `{"name":"x",${text("a").slice(1)}\n${text("b")}`]
  ])("%s are all read", async (_, body) => {
    const at = await server()
    const done = await importBytes(at, body)
    assert.deepStrictEqual([done.created, done.rejected], [2, 0])
    assert.deepStrictEqual(await at.ids(), ["a", "b"])
    assert.strictEqual((await at.get("/backups/a")).body.backup.name, "name of a")
  })

  it.each([
    ["was retired", { retired_at: "2026-01-02T03:04:05" }, "retired_at"],
    ["is of another account", { project_id: "9999" }, "project_id is another account"]
  ])("are rejected where a record %s, and what has its id stays as it is", async (_, more, why) => {
    const at = await server()
    await at.snapshot(record("a"), record("b"))
    const { rejections, ...done } = await at.snapshot({ ...record("a", { name: "other" }), ...more }, record("b"))
    assert.deepStrictEqual([done.updated, done.unchanged, done.retired, done.rejected], [0, 1, 0, 1])
    assert.deepStrictEqual([rejections[0].line, rejections[0].id], [1, "a"])
    assert.include(rejections[0].reason, why)
    assert.strictEqual((await at.get("/backups/a")).body.backup.name, "name of a")
  })

  it("do not come back from the list of what was retired", async () => {
    const at = await server()
    await at.snapshot(record("a"), record("b"))
    await at.snapshot(record("b"))
    const { backups } = (await at.get("/backups?include=retired")).body
    assert.lengthOf(backups, 2)
    const { status, body } = await at.import("source=copy", lines(...backups))
    assert.strictEqual(status, 200)
    assert.deepStrictEqual([body.import.created, body.import.rejected], [0, 1])
    assert.deepStrictEqual(await at.ids(), ["b"])
  })

  it("are counted from 1 with the empty ones, as an editor counts them", async () => {
    const at = await server()
    const done = await importBytes(at, `\n\n${text("a")}\n{bad\n\n${text("a")}`)
    assert.deepStrictEqual(
      done.rejections.map(({ line }: { line: number }) => line),
      [4, 6]
    )
  })

  it.each([
    ["255 characters", "x".repeat(255)],
    ["255 characters beyond U+FFFF", "😀".repeat(255)],
    ["slashes and question marks", "a/b?c#d;e%2F%"],
    ["quotes and backslashes", `'"\\\`$\{x}`],
    ["three dots", "..."],
    ["a name of Object.prototype", "__proto__"],
    ["spaces around it", " a "],
    ["letters with marks of their own", "a\u0308"],
    ["characters that are not seen", "a\u200b\u202eb\ufeff"],
    ["only digits", "007"],
    ["what looks like a marker", "p1.0.YQ"],
    ["the last character there is", "\u{10ffff}"]
  ])("take an id of %s", async (_, id) => {
    const at = await server()
    const other = record("other")
    const one = record(id, { name: "n" })
    assert.strictEqual((await at.snapshot(one, other)).created, 2)
    assert.strictEqual((await at.snapshot(one, other)).unchanged, 2)
    assert.strictEqual((await at.snapshot({ ...one, status: "?" }, other)).retired, 0)
    assert.deepStrictEqual(await at.events(id), ["appeared"])
    assert.strictEqual((await at.snapshot(other)).retired, 1)
    assert.deepStrictEqual(await at.retired(), [id])
    assert.deepStrictEqual(await at.events(id), ["appeared", "retired"])
  })

  it.each([
    ["wrong UTF-8", Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ["an overlong slash in UTF-8", Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ["half a surrogate in UTF-8", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ["a character that breaks off", Buffer.from([0x22, 0xe2, 0x82])],
    ["half a record", Buffer.from(text("x").slice(0, -3))],
    ["two records", Buffer.from(text("x") + text("y"))],
    ["an array of records", Buffer.from(`[${text("x")}]`)],
    ["nesting without end", Buffer.from("[".repeat(100_000))],
    ["a comment", Buffer.from("# comment")],
    ["NUL", Buffer.from([0])],
    ["a byte order mark in UTF-16", Buffer.from([0xff, 0xfe])]
  ])("that are %s are rejected without an id, and the others imported", async (_, bad) => {
    const at = await server()
    const body = Buffer.concat([Buffer.from(`${text("a")}\n`), bad, Buffer.from(`\n${text("b")}\n`)])
    const done = await importBytes(at, body)
    assert.deepStrictEqual([done.created, done.rejected], [2, 1])
    assert.strictEqual(done.rejections[0].line, 2)
    assert.isNull(done.rejections[0].id)
    assert.match(done.rejections[0].reason, /^\S.{5,}$/)
  })

  it.each([
    ["half a surrogate in a name", `${text("x").slice(0, -1)},"name":"\\ud800"}`, "name"],
    [
      "a control character in the id of an instance",
      `${text("x").slice(0, -1)},"instance_id":"a\\u0000"}`,
      "instance_id"
    ],
    ["a size that is no number of gigabytes", `${text("x").slice(0, -1)},"size":1e400}`, "size"],
    ["a negative size", `${text("x").slice(0, -1)},"size":-1}`, "size"],
    ["a day that does not exist", `${text("x").slice(0, -1)},"created":"2026-02-30T00:00:00Z"}`, "created"],
    ["a native id without end", `${text("x").slice(0, -1)},"native_id":"${"x".repeat(1025)}"}`, "native_id"],
    ["a native parent of two lines", `${text("x").slice(0, -1)},"native_parent_id":"a\\nb"}`, "native_parent_id"],
    ["an empty reason to suspect it", `${text("x").slice(0, -1)},"suspect":""}`, "suspect"],
    ["a parent that is a number", `${text("x").slice(0, -1)},"parent_id":5}`, "parent_id"]
  ])("that have %s are rejected by their id, and say which member is wrong", async (_, bad, member) => {
    const at = await server()
    const done = await importBytes(at, `${text("a")}\n${bad}\n${text("b")}\n`)
    assert.deepStrictEqual([done.created, done.rejected], [2, 1])
    assert.deepInclude(done.rejections[0], { line: 2, id: "x" })
    assert.include(done.rejections[0].reason, member)
  })

  it("may have a mebibyte each, and not a byte more", async () => {
    const at = await server()
    const padded = (id: string, length: number) =>
      `${text(id)
        .slice(0, -1)
        .padEnd(length - 1)}}`
    const done = await at.snapshot(padded("a", MIB), padded("b", MIB + 1), padded("c", 3 * MIB), record("d"))
    assert.deepStrictEqual([done.created, done.rejected], [2, 2])
    assert.deepStrictEqual(
      done.rejections.map(({ line, id }: { line: number; id: string | null }) => [line, id]),
      [
        [2, null],
        [3, null]
      ]
    )
    assert.include(done.rejections[0].reason, "1048576 bytes")
    assert.include(done.message, "line 2")
    assert.deepStrictEqual(await at.ids(), ["a", "d"])
  })

  it("may be large and many", async () => {
    const at = await server()
    const large = Array.from({ length: 40 }, (_, n) => ({ ...record(`b${n}`), more: "x".repeat(500_000) }))
    assert.strictEqual((await at.snapshot(...large)).created, 40)
  })
})

describe("a body of an import", () => {
  it.each(["application/x-ndjson", "application/ndjson", "application/jsonl", "Application/X-NDJSON; charset=UTF-8"])(
    "is NDJSON as %s",
    async (type) => {
      const at = await server()
      const answer = await at.import(MERGE, lines(record("a")), { headers: { "Content-Type": type } })
      assert.strictEqual(answer.status, 200, answer.text)
    }
  )

  it.each([
    [{ "Content-Type": "application/json" }],
    [{ "Content-Type": "text/plain" }],
    [{ "Content-Type": "application/x-www-form-urlencoded" }],
    [{ "Content-Type": "application/x-ndjson; charset=latin1" }],
    [{ "Content-Type": "application/x-ndjson; charset=utf-8; x=y" }],
    [{ "Content-Type": "application/x-ndjson, application/x-ndjson" }],
    [{ "Content-Type": NDJSON, "Content-Encoding": "br" }],
    [{ "Content-Type": NDJSON, "Content-Encoding": "gzip, gzip" }],
    [{ "Content-Type": NDJSON, "Content-Encoding": "deflate" }],
    [{ "Content-Type": NDJSON, "Content-Encoding": "" }]
  ])("of %j is 415, and changes nothing", async (headers) => {
    const at = await server()
    await at.snapshot(record("a"))
    const answer = await at.import("source=pg&mode=snapshot", lines(record("b")), { headers })
    assert.strictEqual(answer.status, 415, answer.text)
    assert.deepStrictEqual(await at.ids(), ["a"])
  })
})
