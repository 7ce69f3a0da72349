import { assert, describe, it, onTestFinished } from "vitest"
import { runProgram } from "../support/program.ts"
import { type Asked, type ImportServer, record, startImportServer } from "./support/ImportServer.ts"

/** Makes a record one that is no record of this version. */
const spoil = (at: ImportServer, table: "backups" | "retired", id: string): Promise<void> =>
  at.kept.change(
    `UPDATE ${table} SET record = replace(record, '"description":null', '"description":"${"x".repeat(20_000)}"') ` +
      `WHERE id = '${id}'`
  )

/** Two records of a source, of which the first cannot be read any more. */
const withUnreadable = async (): Promise<ImportServer> => {
  const at = await startImportServer(onTestFinished)
  await at.snapshot(record("a"), record("b"))
  await spoil(at, "backups", "a")
  assert.strictEqual((await at.get("/backups/a")).status, 500)
  return at
}

const UNKNOWN_TAG = '"a.b.c"'

/** How it is answered, on each condition, to write a record that cannot be read. */
const onEachCondition = async (write: (at: ImportServer, headers: Record<string, string>) => Promise<Asked>) => {
  const conditions = [
    { "If-None-Match": "*" },
    { "If-None-Match": UNKNOWN_TAG },
    { "If-Match": "*" },
    { "If-Match": UNKNOWN_TAG }
  ]
  const at = await withUnreadable()
  const answers = []
  for (const headers of conditions) {
    await spoil(at, "backups", "a")
    answers.push((await write(at, headers)).status)
    if ((await at.get("/backups/a")).status !== 500) await at.snapshot(record("a"), record("b"))
  }
  return answers
}

describe("a record that cannot be read", () => {
  it("is replaced by a PUT, and what it became is in its history", async () => {
    const at = await withUnreadable()
    const { status, text } = await at.put("a", { description: "good" })
    assert.strictEqual(status, 200, text)
    assert.strictEqual((await at.get("/backups/a")).body.backup.description, "good")
    const [changed] = (await at.history("a")).history
    assert.strictEqual(changed.event, "changed")
    assert.deepStrictEqual(changed.changes.description, { from: null, to: "good" })
    assert.notProperty(changed.changes, "id")
    assert.lengthOf(await at.coverage(), 1)
  })

  it("is replaced also where its time is none that can be answered", async () => {
    const at = await startImportServer(onTestFinished)
    await at.snapshot(record("a"))
    await at.kept.change("UPDATE backups SET created = 9223372036854775807 WHERE id = 'a'")
    assert.strictEqual((await at.get("/backups/a")).status, 500)
    assert.strictEqual((await at.put("a")).status, 200)
    assert.deepStrictEqual(await at.ids(), ["a"])
  })

  it("is replaced by an import that has it", async () => {
    const at = await withUnreadable()
    const { updated, unchanged } = await at.snapshot(record("a"), record("b"))
    assert.deepStrictEqual({ updated, unchanged }, { updated: 1, unchanged: 1 })
    assert.strictEqual((await at.get("/backups/a")).status, 200)
  })

  it("is one that is there, and that no tag names, for the conditions of a PUT", async () => {
    const body = JSON.stringify({ backup: record("a") })
    const put = (at: ImportServer, headers: Record<string, string>) =>
      at.ask("PUT", "/backups/a", { headers: { "Content-Type": "application/json", ...headers }, body })
    assert.deepStrictEqual(await onEachCondition(put), [412, 200, 200, 412])
  })

  it("is one that is there, and that no tag names, for the conditions of a DELETE", async () => {
    const remove = (at: ImportServer, headers: Record<string, string>) => at.ask("DELETE", "/backups/a", { headers })
    assert.deepStrictEqual(await onEachCondition(remove), [412, 202, 202, 412])
  })

  it("is deleted", async () => {
    const at = await withUnreadable()
    assert.strictEqual((await at.delete("a")).status, 202)
    assert.deepStrictEqual(await at.ids(), ["b"])
  })

  it("is told of by verify, with the reason and what to do", async () => {
    const at = await withUnreadable()
    const { code, stderr } = await runProgram(["verify", "--store", at.kept.address])
    assert.strictEqual(code, 1)
    assert.match(
      stderr,
      /^The record of "a" of the account 1234 in backups cannot be read: [^\n]*description[^\n]*16384[^\n]*; put a good one in its place by PUT or an import, or remove it by DELETE\.$/m
    )
  })

  it("that was retired is put in order by a good one of that id, as verify says", async () => {
    const at = await startImportServer(onTestFinished)
    await at.snapshot(record("a"), record("b"))
    await at.snapshot(record("b"))
    const verified = () => runProgram(["verify", "--store", at.kept.address])
    for (const bring of [() => at.put("a"), () => at.snapshot(record("a"), record("b"))]) {
      await spoil(at, "retired", "a")
      assert.strictEqual((await at.get("/backups?include=retired")).status, 500)
      assert.strictEqual((await at.delete("a")).status, 404)
      assert.match(
        (await verified()).stderr,
        /^The record of "a" of the account 1234 in retired cannot be read: [^\n]*; bring back a good one with this id by PUT or an import, or let prune forget it\.$/m
      )
      await bring()
      assert.deepStrictEqual(await at.ids(), ["a", "b"])
      assert.strictEqual((await verified()).code, 0)
      await at.snapshot(record("a"), record("b"))
      await at.snapshot(record("b"))
      assert.deepStrictEqual(await at.retired(), ["a"])
    }
  })
})
