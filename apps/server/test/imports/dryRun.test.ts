import { assert, describe, it, onTestFinished } from "vitest"
import { broken, lines, record, startImportServer } from "./support/ImportServer.ts"

describe("a dry run", () => {
  it("changes nothing in the whole store, and tells what would", async () => {
    const at = await startImportServer(onTestFinished)
    await at.snapshot(record("a"), record("b"), record("c"), record("d", { parent_id: "c" }))
    const before = await at.contents()
    const next = [
      record("a"),
      record("b", { name: "new", suspect: "odd" }),
      record("d", { parent_id: "c" }),
      broken("x"),
      record("e")
    ]
    const done = await at.imported("source=pg&mode=snapshot&dry_run=true", ...next, record("e"))
    assert.deepStrictEqual(await at.contents(), before)
    assert.isTrue(done.dry_run)
    assert.deepStrictEqual(done.differences, [
      { change: "updated", id: "b", name: "new", instance_id: "db-1", members: ["name", "suspect"] },
      { change: "created", id: "e", name: "name of e", instance_id: "db-1", members: [] },
      { change: "retired", id: "c", name: "name of c", instance_id: "db-1", members: [] }
    ])
    assert.strictEqual((await at.get(`/imports/${done.id}`)).status, 404)
    const { id: _, started: __, finished: ___, dry_run: ____, differences: _____, ...counted } = done
    const real = await at.snapshot(...next, record("e"))
    assert.deepInclude(real, counted)
    assert.deepStrictEqual(real.differences, [])
    assert.strictEqual(counted.orphaned, 1)
  })

  it("names the orphans by the parents that backups would have, new ones among them", async () => {
    const at = await startImportServer(onTestFinished)
    const [full, child] = [record("full"), (id: string, members = {}) => record(id, { parent_id: "full", ...members })]
    const cases: ReadonlyArray<readonly [before: ReadonlyArray<object>, next: ReadonlyArray<object>]> = [
      [[full, child("inc")], [record("inc")]],
      [
        [full, child("inc")],
        [child("new", { created: "2026-01-01T00:00:00Z" }), child("inc")]
      ],
      [[full, record("inc")], [child("inc", { name: "renamed" })]],
      [
        [full, child("inc"), record("other")],
        [record("inc", { parent_id: "other" }), record("more", { parent_id: "inc" })]
      ],
      [
        [full, child("inc")],
        [full, child("inc"), child("new")]
      ],
      [
        [record("gone", { parent_id: "full" }), full],
        [child("a"), child("a", { parent_id: "gone" }), broken("b")]
      ],
      [
        [full, child("b")],
        [broken("b"), child("c")]
      ],
      [[full, child("inc", { name: "old" })], [child("inc", { name: "new" })]],
      [
        [full, child("a", { created: "2026-01-01T00:00:00Z" }), child("b", { created: "2026-01-02T00:00:00Z" })],
        [child("a", { created: "2026-01-03T00:00:00Z" }), child("b", { created: "2026-01-02T00:00:00Z" })]
      ]
    ]
    for (const [n, [before, next]] of cases.entries()) {
      await at.import("source=pg&mode=snapshot&allow_empty=true", "")
      await at.snapshot(...before)
      const dry = await at.imported("source=pg&mode=snapshot&dry_run=true", ...next)
      const real = await at.snapshot(...next)
      for (const member of ["orphaned", "orphans", "retired", "rejected"]) {
        assert.deepStrictEqual(dry[member], real[member], `case ${n}: ${member}`)
      }
    }
  })

  it("of a source that never was tells of everything as new", async () => {
    const at = await startImportServer(onTestFinished)
    const before = await at.contents()
    const done = await at.imported("source=new&mode=snapshot&dry_run=1", record("a"))
    assert.deepStrictEqual([done.created, done.differences.length], [1, 1])
    assert.deepStrictEqual(await at.contents(), before)
  })

  it("counts every difference and names the first thousand", async () => {
    const at = await startImportServer(onTestFinished)
    await at.snapshot(...Array.from({ length: 700 }, (_, n) => record(`old${n}`)))
    const next = lines(...Array.from({ length: 700 }, (_, n) => record(`new${n}`)))
    const { body } = await at.import("source=pg&mode=snapshot&dry_run=true", next)
    assert.deepStrictEqual([body.import.created, body.import.retired], [700, 700])
    assert.lengthOf(body.import.differences, 1000)
  })

  it("that fails leaves nothing behind, and neither waits for an import of its source nor makes one wait", async () => {
    const at = await startImportServer(onTestFinished)
    await at.snapshot(record("a"))
    const before = await at.contents()
    const gzip = { headers: { "Content-Encoding": "gzip" } }
    assert.strictEqual((await at.import("source=pg&mode=snapshot&dry_run=true", "no gzip", gzip)).status, 400)
    assert.deepStrictEqual(await at.contents(), before)
    const both = await Promise.all([
      at.import("source=pg&mode=snapshot&dry_run=true", lines(record("b"))),
      at.import("source=pg&mode=snapshot&dry_run=true", lines(record("b"), record("c"))),
      at.import("source=pg&mode=merge", lines(record("a")))
    ])
    assert.deepStrictEqual(
      both.map(({ status }) => status),
      [200, 200, 200]
    )
  })
})
