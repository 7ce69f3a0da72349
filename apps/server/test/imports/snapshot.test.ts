import { assert, describe, it, onTestFinished } from "vitest"
import { broken, lines, record, startImportServer } from "./support/ImportServer.ts"

const counts = ({ created, updated, unchanged, retired, rejected, orphaned }: Record<string, number>) => ({
  created,
  updated,
  unchanged,
  retired,
  rejected,
  orphaned
})

const nothing = { created: 0, updated: 0, unchanged: 0, retired: 0, rejected: 0, orphaned: 0 }

const server = () => startImportServer(onTestFinished)

/** Every record that there is. */
const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, n) => record(`b${from + n}`))

describe("a snapshot", () => {
  it("changes no byte of any backup when it comes again", async () => {
    const at = await server()
    const some = [
      record("full", {
        native_id: "20260102F",
        size: 0.141026,
        description: "first\nof all",
        datastore: { type: "MySQL" }
      }),
      record("inc", { parent_id: "full", native_parent_id: "20260102F", suspect: "its checksum is wrong" }),
      record("odd", { size: null, instance_id: null, locationRef: "s3://x", status: "FAILED" })
    ]
    assert.deepStrictEqual(counts(await at.snapshot(...some)), { ...nothing, created: 3 })
    const tables = ["backups", "accounts", "events", "origins", "retired", "instances"]
    const before = await at.contents(tables)
    const tag = (await at.get("/backups")).headers.get("etag")
    assert.deepStrictEqual(counts(await at.snapshot(...some)), { ...nothing, unchanged: 3 })
    assert.deepStrictEqual(await at.contents(tables), before)
    assert.strictEqual((await at.ask("GET", "/backups", { headers: { "If-None-Match": tag ?? "" } })).status, 304)
  })

  it("retires the one that its source no longer lists, and tells its name in no list but that of the retired", async () => {
    const at = await server()
    await at.snapshot(...numbered(5))
    const before = await at.get("/backups")
    assert.deepStrictEqual(counts(await at.snapshot(...numbered(4))), { ...nothing, unchanged: 4, retired: 1 })
    assert.deepStrictEqual(await at.ids(), ["b0", "b1", "b2", "b3"])
    assert.deepStrictEqual(await at.retired(), ["b4"])
    assert.strictEqual((await at.get("/backups/b4")).status, 404)
    assert.deepStrictEqual(await at.events("b4"), ["appeared", "retired"])
    const tag = before.headers.get("etag") ?? ""
    assert.strictEqual((await at.ask("GET", "/backups", { headers: { "If-None-Match": tag } })).status, 200)
  })

  it("brings back what was retired when its source lists it again", async () => {
    const at = await server()
    await at.snapshot(...numbered(2))
    await at.snapshot(record("b0"))
    assert.deepStrictEqual(counts(await at.snapshot(...numbered(2))), { ...nothing, created: 1, unchanged: 1 })
    assert.deepStrictEqual(await at.ids(), ["b0", "b1"])
    assert.deepStrictEqual(await at.retired(), [])
    assert.deepStrictEqual(await at.events("b1"), ["appeared", "retired", "appeared"])
  })

  it("retires across the steps in which it looks, whatever the ids", async () => {
    const at = await server()
    await at.snapshot(...numbered(4500))
    const kept = numbered(4500).filter((_, n) => n % 1000 === 0)
    assert.deepStrictEqual(counts(await at.snapshot(...kept)), { ...nothing, unchanged: 5, retired: 4495 })
    assert.deepStrictEqual(await at.ids(), ["b0", "b1000", "b2000", "b3000", "b4000"])
  })

  it("that is empty is refused while its source has backups, is listed as such, and retires all when it may", async () => {
    const at = await server()
    assert.deepStrictEqual(counts(await at.snapshot()), nothing)
    await at.snapshot(...numbered(3))
    for (const body of ["", "\n\r\n \n", "\ufeff"]) {
      const refused = await at.import("source=pg&mode=snapshot", body)
      assert.strictEqual(refused.status, 422, refused.text)
      assert.include(refused.text, "if that is right, allow an empty snapshot.")
      assert.include(refused.body.unprocessableEntity.details, "allow_empty=true")
      assert.strictEqual((await at.last()).status, "REFUSED")
    }
    assert.lengthOf(await at.ids(), 3)
    assert.strictEqual((await at.import("source=pg&mode=snapshot&allow_empty=false", "")).status, 422)
    assert.strictEqual((await at.import("source=pg&mode=snapshot&dry_run=true", "")).status, 422)
    assert.strictEqual((await at.import("source=pg&mode=merge", "")).status, 200)
    assert.lengthOf(await at.ids(), 3)
    const allowed = await at.import("source=pg&mode=snapshot&allow_empty=true", "")
    assert.deepStrictEqual(counts(allowed.body.import), { ...nothing, retired: 3 })
    assert.lengthOf(await at.retired(), 3)
  })

  it("of which no line is a backup is refused with the reasons, unless it may be empty", async () => {
    const at = await server()
    await at.snapshot(record("a"), record("b"))
    const message = async (...some: ReadonlyArray<object>) => {
      const { status, body } = await at.import("source=pg&mode=snapshot", lines(...some))
      assert.strictEqual(status, 422)
      return body.unprocessableEntity.message
    }
    assert.match(
      await message(broken("a")),
      /^The only line of this snapshot of the source pg was rejected \(line 1: status must be one of .*\), so it has no backup, and would retire what it does not name of the 2 that the source has; .*allow an empty snapshot\.$/
    )
    const all = await message(broken("a"), { id: "x" }, broken("b"), broken("c"))
    assert.match(all, /^All 4 lines of .* \(line 1: .*; line 2: .*; line 3: .*; and 1 more\), so it has no backup, /)
    assert.strictEqual((await at.last()).status, "REFUSED")
    const allowed = await at.import("source=pg&mode=snapshot&allow_empty=true", lines(broken("a")))
    assert.deepStrictEqual(counts(allowed.body.import), { ...nothing, retired: 1, rejected: 1 })
    assert.deepStrictEqual(await at.ids(), ["a"])
  })

  it("retires nothing of any other source, and of no account but its own", async () => {
    const at = await server()
    await at.imported("source=one&mode=snapshot", record("a"), record("b"))
    await at.imported("source=two&mode=snapshot", record("c"))
    await at.put("d")
    await at.import("source=one&mode=snapshot", lines(record("a"), record("e")), { by: "other" })
    assert.deepStrictEqual(counts(await at.imported("source=one&mode=snapshot", record("a"))), {
      ...nothing,
      unchanged: 1,
      retired: 1
    })
    assert.deepStrictEqual(await at.ids(), ["a", "c", "d"])
    const other = await at.get("/backups", "other")
    assert.deepStrictEqual(other.body.backups.map(({ id }: { id: string }) => id).sort(), ["a", "e"])
  })

  it("keeps what another source has as well, until that one lacks it too", async () => {
    const at = await server()
    await at.imported("source=one&mode=snapshot", record("x"), record("y"))
    await at.imported("source=two&mode=snapshot", record("x"))
    assert.strictEqual((await at.imported("source=one&mode=snapshot", record("y"))).retired, 0)
    assert.deepStrictEqual(await at.ids(), ["x", "y"])
    assert.deepStrictEqual(await at.events("x"), ["appeared"], "when it appeared is known though that source lost it")
    const empty = await at.import("source=two&mode=snapshot&allow_empty=true", "")
    assert.strictEqual(empty.body.import.retired, 1)
    assert.deepStrictEqual(await at.ids(), ["y"])
    assert.deepStrictEqual(await at.events("x"), ["appeared", "retired"])
  })

  it("takes over what a person registered, and retires it when it is gone", async () => {
    const at = await server()
    await at.put("a")
    assert.deepStrictEqual(counts(await at.snapshot(record("a"), record("b"))), {
      ...nothing,
      created: 1,
      unchanged: 1
    })
    assert.deepStrictEqual(counts(await at.snapshot(record("b"))), { ...nothing, unchanged: 1, retired: 1 })
    assert.deepStrictEqual(await at.events("a"), ["appeared", "retired"])
  })

  it("brings back what a person deleted, since its source still has it", async () => {
    const at = await server()
    await at.snapshot(...numbered(2))
    assert.strictEqual((await at.delete("b1")).status, 202)
    assert.deepStrictEqual(await at.retired(), [], "what was deleted was not retired")
    assert.strictEqual((await at.snapshot(...numbered(2))).created, 1)
    assert.deepStrictEqual(await at.events("b1"), ["appeared", "deleted", "appeared"])
  })

  it("retires nothing after a line that has no id, and says which one, or the first of them", async () => {
    const at = await server()
    await at.snapshot(...numbered(3))
    for (const line of [
      "{bad",
      "5",
      '{"name":"x"}',
      '{"id":""}',
      '{"id":".."}',
      `{"id":"${"x".repeat(256)}"}`,
      "[]",
      "null"
    ]) {
      const done = await at.snapshot(record("b0"), line)
      assert.deepStrictEqual(counts(done), { ...nothing, unchanged: 1, rejected: 1 }, line)
      assert.strictEqual(done.status, "COMPLETED")
      assert.include(done.message, "line 2")
      assert.strictEqual((await at.last()).message, done.message)
      assert.strictEqual(done.rejections[0].line, 2)
      assert.isNull(done.rejections[0].id)
    }
    assert.include((await at.snapshot(record("b0"), "5", "{bad")).message, "line 2")
    assert.lengthOf(await at.ids(), 3)
  })

  it("does not retire the backup of a line that has an id, and is no record", async () => {
    const at = await server()
    await at.snapshot(...numbered(4))
    const done = await at.snapshot(record("b0"), broken("b1"), { id: "b2" })
    assert.deepStrictEqual(counts(done), { ...nothing, unchanged: 1, retired: 1, rejected: 2 })
    assert.deepStrictEqual(
      done.rejections.map(({ line, id }: { line: number; id: string }) => [line, id]),
      [
        [2, "b1"],
        [3, "b2"]
      ]
    )
    assert.deepStrictEqual(await at.ids(), ["b0", "b1", "b2"])
    assert.strictEqual((await at.last()).rejected, 2)
  })

  it("imports the first good line of an id, wherever a line of it is that is none", async () => {
    const at = await server()
    const far = numbered(1500, 100)
    const bodies = [
      [record("a", { name: "0" }), broken("a")],
      [broken("a"), record("a", { name: "1" })],
      [record("a", { name: "2" }), ...far, broken("a")],
      [broken("a"), ...far, record("a", { name: "3" })]
    ]
    for (const [n, body] of bodies.entries()) {
      const done = await at.snapshot(...body)
      assert.strictEqual(done.rejected, 1)
      assert.strictEqual((await at.get("/backups/a")).body.backup.name, `${n}`)
    }
  })

  it("counts the first of the lines with one id, and rejects the others", async () => {
    const at = await server()
    const far = numbered(1500, 100)
    for (const between of [[], far]) {
      const done = await at.snapshot(
        record("a", { name: "first" }),
        ...between,
        record("a", { name: "second" }),
        record("a", { name: "first" })
      )
      assert.strictEqual(done.rejected, 2)
      assert.deepStrictEqual(
        done.rejections.map(({ line, id }: { line: number; id: string }) => [line, id]),
        [
          [between.length + 2, "a"],
          [between.length + 3, "a"]
        ]
      )
      assert.strictEqual((await at.get("/backups/a")).body.backup.name, "first")
    }
    assert.deepStrictEqual(await at.events("a"), ["appeared"])
  })

  it("counts every rejected line and names the first hundred", async () => {
    const at = await server()
    const done = await at.imported("source=pg&mode=merge", ...Array.from({ length: 1234 }, (_, n) => broken(`b${n}`)))
    assert.strictEqual(done.rejected, 1234)
    assert.deepStrictEqual(
      done.rejections.map(({ line }: { line: number }) => line),
      Array.from({ length: 100 }, (_, n) => n + 1)
    )
  })

  it("takes a broken chain as it is, and a cycle", async () => {
    const at = await server()
    const done = await at.snapshot(
      record("child", { parent_id: "nowhere" }),
      record("a", { parent_id: "b" }),
      record("b", { parent_id: "a" }),
      record("self", { parent_id: "self" })
    )
    assert.strictEqual(done.created, 4)
    assert.strictEqual((await at.delete("a")).status, 202)
    assert.deepStrictEqual(await at.ids(), ["child", "self"])
  })
})

describe("orphans", () => {
  it("are the backups that stay while their parent goes: of the source, of another one, and registered by a person", async () => {
    const at = await server()
    const family = [record("p"), record("c1", { parent_id: "p" }), record("c2", { parent_id: "p" })]
    await at.snapshot(...family)
    await at.imported("source=other&mode=merge", record("c3", { parent_id: "p" }))
    await at.put("c4", { parent_id: "p" })
    for (const dry of ["&dry_run=true", ""]) {
      const done = await at.imported(`source=pg&mode=snapshot${dry}`, record("c1", { parent_id: "p" }))
      assert.deepStrictEqual([done.retired, done.orphaned], [2, 3], dry)
      assert.sameDeepMembers(
        done.orphans,
        ["c1", "c3", "c4"].map((id) => ({ id, name: `name of ${id}`, parent_id: "p" }))
      )
    }
  })

  it("are told also of a backup that its source lacks and another one has", async () => {
    const at = await server()
    for (const child of ["a", "z"]) {
      const parent = `parent of ${child}`
      const orphan = record(child, { parent_id: parent })
      await at.imported(`source=one ${child}&mode=snapshot`, record(parent), orphan, record(`other than ${child}`))
      await at.imported(`source=two ${child}&mode=snapshot`, orphan)
      for (const dry of ["&dry_run=true", ""]) {
        const done = await at.imported(`source=one ${child}&mode=snapshot${dry}`, record(`other than ${child}`))
        assert.deepStrictEqual([done.retired, done.orphaned], [1, 1], child + dry)
      }
      assert.deepInclude(await at.ids(), child)
    }
  })

  it("are counted all, and the first hundred named", async () => {
    const at = await server()
    const children = Array.from({ length: 150 }, (_, n) => record(`c${n}`, { parent_id: "p" }))
    await at.snapshot(record("p"), ...children)
    const done = await at.snapshot(...children)
    assert.deepStrictEqual([done.retired, done.orphaned, done.orphans.length], [1, 150, 100])
  })
})

describe("a merge", () => {
  it("adds and changes, and retires nothing, whatever it lacks", async () => {
    const at = await server()
    await at.snapshot(...numbered(3))
    const done = await at.imported("source=pg", record("b0", { name: "new" }), record("b9"))
    assert.strictEqual(done.mode, "merge")
    assert.deepStrictEqual(counts(done), { ...nothing, created: 1, updated: 1 })
    assert.deepStrictEqual(await at.ids(), ["b0", "b1", "b2", "b9"])
    assert.deepStrictEqual(counts(await at.snapshot(record("b9"))), { ...nothing, unchanged: 1, retired: 3 })
  })
})
