import { assert, describe, it, onTestFinished } from "vitest"
import { type Asked, type Caller, lines, NDJSON, record, startImportServer } from "./support/ImportServer.ts"

const JSON_TYPE = { "Content-Type": "application/json" }

describe("who may what", () => {
  it("lets a reader see imports, history, coverage and policy, and change none of them", async () => {
    const at = await startImportServer(onTestFinished)
    await at.snapshot(record("a"))
    const { id } = await at.last()
    const before = await at.contents()
    for (const target of ["/imports", `/imports/${id}`, "/backups/a/history", "/coverage", "/policy"]) {
      assert.strictEqual((await at.get(target, "reader")).status, 200, target)
    }
    const asReader = (method: string, target: string, body: string | undefined, headers: Record<string, string> = {}) =>
      at.ask(method, target, { by: "reader", headers, ...(body === undefined ? {} : { body }) })
    const refused = [
      await asReader("POST", "/imports?source=pg", lines(record("b")), { "Content-Type": NDJSON }),
      await asReader("POST", "/imports?source=pg&dry_run=true", lines(record("b")), { "Content-Type": NDJSON }),
      await asReader("DELETE", "/coverage/db-1", undefined),
      await asReader("PUT", "/policy", '{"policy":{}}', JSON_TYPE)
    ]
    assert.deepStrictEqual(
      refused.map(({ status }) => status),
      [403, 403, 403, 403]
    )
    assert.deepStrictEqual(await at.contents(), before)
  })

  it("shows nobody what another account imported, had or expects, whatever is the same in both", async () => {
    const at = await startImportServer(onTestFinished)
    await at.snapshot(record("a", { name: "secret", instance_id: "db-secret" }), record("gone", { name: "secret" }))
    await at.snapshot(record("a", { name: "secret", instance_id: "db-secret" }))
    await at.put("b", { name: "secret" })
    await at.ask("PUT", "/policy", { headers: JSON_TYPE, body: '{"policy":{"max_age":"77h"}}' })
    const { id } = await at.last()

    for (const target of ["/imports", "/coverage", "/policy", "/backups?include=retired", "/imports?source=pg"]) {
      const answer = await at.get(target, "other")
      assert.strictEqual(answer.status, 200, target)
      assert.notMatch(answer.text, /secret|77h|"id"/, target)
    }
    for (const target of [`/imports/${id}`, "/backups/a/history", "/backups/gone/history", "/backups/b/history"]) {
      assert.strictEqual((await at.get(target, "other")).status, 404, target)
    }
    assert.strictEqual((await at.get(`/imports?marker=${id}`, "other")).status, 400)
    assert.strictEqual((await at.get("/coverage?marker=db-secret", "other")).status, 400)
    assert.strictEqual((await at.ask("DELETE", "/coverage/db-secret", { by: "other" })).status, 404)

    const mine = await at.contents(["backups", "retired", "events", "origins", "instances"])
    const theirs = await at.import("source=pg&mode=snapshot", lines(record("a"), record("gone")), { by: "other" })
    assert.deepStrictEqual([theirs.body.import.created, theirs.body.import.retired], [2, 0])
    await at.import("source=pg&mode=snapshot&allow_empty=true", "", { by: "other" })
    const after = await at.contents(["backups", "retired", "events", "origins", "instances"])
    for (const [table, rows] of Object.entries(mine)) assert.includeDeepMembers([...(after[table] ?? [])], [...rows])
    assert.deepStrictEqual(await at.ids(), ["a", "b"])
    assert.deepStrictEqual(await at.events("a"), ["appeared"])
  })

  it("covers each account by its own backups alone, where another one has the same ids", async () => {
    const at = await startImportServer(onTestFinished)
    const recent = (id: string, members: object = {}) =>
      record(id, { created: new Date(Date.now() - 60_000).toISOString(), ...members })
    const child = recent("child", { parent_id: "p" })
    await at.snapshot(recent("p"), recent("x", { instance_id: "db-2", name: "mine", suspect: "it is empty" }))
    await at.import("source=pg", lines(child, recent("x", { instance_id: "db-2", name: "theirs" })), { by: "other" })
    const covered = async (by: Caller) =>
      (await at.get("/coverage", by)).body.coverage.map(({ verdict, reason, newest }: Asked["body"]) => ({
        verdict,
        name: newest.name,
        isEmpty: reason.includes("it is empty")
      }))
    const theirs = [
      { verdict: "broken-chain", name: "name of child", isEmpty: false },
      { verdict: "fresh", name: "theirs", isEmpty: false }
    ]
    assert.deepStrictEqual(await covered("member"), [
      { verdict: "fresh", name: "name of p", isEmpty: false },
      { verdict: "suspect", name: "mine", isEmpty: true }
    ])
    assert.deepStrictEqual(await covered("other"), theirs)
    assert.strictEqual((await at.delete("p")).status, 202)
    assert.deepStrictEqual(await covered("other"), theirs)
  })

  it("knows no datastore in one account by what another one retired", async () => {
    const at = await startImportServer(onTestFinished)
    await at.snapshot(record("a"), record("own", { datastore: { type: "Own" } }))
    await at.snapshot(record("a"))
    await at.import("source=pg", lines(record("a")), { by: "other" })
    assert.deepStrictEqual((await at.get("/backups?datastore=own")).body, { backups: [] })
    assert.strictEqual((await at.get("/backups?datastore=own", "other")).status, 404)
  })
})
