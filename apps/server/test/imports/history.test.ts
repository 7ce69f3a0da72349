import { assert, describe, it, onTestFinished, vi } from "vitest"
import { ACCOUNT, type Asked, record, startImportServer } from "./support/ImportServer.ts"

const server = () => startImportServer(onTestFinished)

const DAY = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/

describe("the history of a backup", () => {
  it("tells what happened, newest first, through which import, and each member from what to what", async () => {
    const at = await server()
    const first = await at.snapshot(record("a", { native_id: "n-1" }))
    const second = await at.snapshot(record("a", { native_id: "n-2", name: "new", size: 1, suspect: "odd" }))
    const third = await at.snapshot(record("b"))
    const { history, origins } = await at.history("a")
    assert.deepStrictEqual(
      history.map(({ at: _, ...event }: Asked["body"]) => event),
      [
        { event: "retired", import: { id: third.id, source: "pg" }, changes: {} },
        {
          event: "changed",
          import: { id: second.id, source: "pg" },
          changes: {
            name: { from: "name of a", to: "new" },
            size: { from: 0.5, to: 1 },
            native_id: { from: "n-1", to: "n-2" },
            suspect: { from: null, to: "odd" }
          }
        },
        { event: "appeared", import: { id: first.id, source: "pg" }, changes: {} }
      ]
    )
    for (const event of history) assert.match(event.at, DAY)
    assert.deepStrictEqual(origins, [])
  })

  it("tells of what the source says besides the record", async () => {
    const at = await server()
    await at.snapshot(record("a"))
    const done = await at.snapshot(record("a", { suspect: "odd" }))
    assert.deepStrictEqual([done.updated, done.unchanged], [1, 0])
    assert.deepStrictEqual((await at.history("a")).history[0].changes, { suspect: { from: null, to: "odd" } })
    assert.strictEqual((await at.snapshot(record("a", { suspect: "odd" }))).unchanged, 1)
    assert.strictEqual((await at.snapshot(record("a"))).updated, 1)
    assert.deepStrictEqual((await at.history("a")).history[0].changes, { suspect: { from: "odd", to: null } })
  })

  it("names where a backup comes from, by every source that has it", async () => {
    const at = await server()
    await at.imported("source=z", record("a", { native_id: "z-a", native_parent_id: "z-p" }))
    await at.imported("source=b", record("a", { suspect: "why not" }))
    await at.put("p")
    assert.deepStrictEqual((await at.history("a")).origins, [
      { source: "b", native_id: null, native_parent_id: null, suspect: "why not" },
      { source: "z", native_id: "z-a", native_parent_id: "z-p", suspect: null }
    ])
    assert.deepStrictEqual((await at.history("p")).origins, [])
  })

  it("tells of what a person did, through no import", async () => {
    const at = await server()
    await at.put("a")
    await at.put("a", { name: "other" })
    await at.put("a", { name: "other" })
    await at.put("child", { parent_id: "a" })
    await at.delete("a")
    await at.put("a")
    const { history } = await at.history("a")
    assert.deepStrictEqual(
      history.map((event: Asked["body"]) => [event.event, event.import]),
      [
        ["appeared", null],
        ["deleted", null],
        ["changed", null],
        ["appeared", null]
      ]
    )
    assert.deepStrictEqual(await at.events("child"), ["appeared", "deleted"])
  })

  it("goes in pages that neither lack nor repeat anything, also while more happens", async () => {
    const at = await server()
    for (let n = 0; n < 7; n++) await at.snapshot(record("a", { name: `${n}` }))
    const whole = (await at.history("a")).history
    assert.lengthOf(whole, 7)
    for (const limit of [1, 3, 7]) {
      const seen: Array<unknown> = []
      let target: string | undefined = `/backups/a/history?limit=${limit}`
      while (target !== undefined) {
        const { body }: Asked = await at.get(target)
        assert.isAtMost(body.history.length, limit)
        seen.push(...body.history)
        const next: string | undefined = body.links?.[0]?.href
        target = next?.slice(next.indexOf("/backups/a/history"))
        await at.snapshot(record("a", { name: `later ${limit} ${seen.length}` }))
      }
      assert.deepStrictEqual(seen.slice(-7), whole)
      assert.strictEqual(new Set(seen.map((event) => JSON.stringify(event))).size, seen.length)
    }
  })

  it("keeps the order when what is told by an origin becomes an event of its own", async () => {
    const at = await server()
    await at.snapshot(record("a"), record("b"))
    for (let n = 0; n < 3; n++) {
      await at.snapshot(record("b"))
      await at.snapshot(record("a", { name: `${n}` }), record("b"))
    }
    assert.deepStrictEqual(await at.events("a"), [
      ...["appeared", "retired", "appeared", "retired", "appeared", "retired", "appeared"]
    ])
  })

  it("cuts a long text, and never in the middle of a character", async () => {
    const at = await server()
    const long = `${"x".repeat(999)}${"😀".repeat(100)}`
    await at.snapshot(record("a", { description: long }))
    await at.snapshot(record("a", { description: `${long}!` }))
    await at.snapshot(record("a", { description: "short" }))
    const { history } = await at.history("a")
    assert.strictEqual(history[0].changes.description.from, `${"x".repeat(999)}…`)
    assert.strictEqual(history[0].changes.description.to, "short")
    assert.sameMembers(Object.keys(history[1].changes), ["description"])
  })

  it("is 404 for a backup that never was, and 400 for a marker that is none", async () => {
    const at = await server()
    await at.snapshot(record("a"))
    assert.strictEqual((await at.get("/backups/none/history")).status, 404)
    for (const marker of ["a", "none", "h1.", "h1.-1", "h1.x", "p1.0.YQ", "h1.9999999999999999999"]) {
      assert.strictEqual((await at.get(`/backups/a/history?marker=${marker}`)).status, 400, marker)
    }
    for (const marker of ["h1.0", "h1.1", "h1.999999999999999999"]) {
      assert.strictEqual((await at.get(`/backups/a/history?marker=${marker}`)).status, 200, marker)
    }
  })
})

describe("a list that includes what was retired", () => {
  it("has both in one order, page by page", async () => {
    const at = await server()
    const all = Array.from({ length: 25 }, (_, n) =>
      record(`b${n}`, { created: `2026-01-${String(1 + ((n * 7) % 20)).padStart(2, "0")}T00:00:00Z` })
    )
    await at.snapshot(...all)
    await at.snapshot(...all.filter((_, n) => n % 3 === 0))
    const whole = (await at.get("/backups?include=retired")).body.backups
    assert.lengthOf(whole, 25)
    const key = ({ created, id }: Asked["body"]) => `${created} ${id}`
    assert.deepStrictEqual(whole.map(key), whole.map(key).sort().reverse())
    assert.strictEqual(whole.filter((one: Asked["body"]) => one.retired_at !== undefined).length, 16)
    for (const limit of [1, 4]) {
      const seen: Array<unknown> = []
      let target: string | undefined = `/backups?include=retired&limit=${limit}`
      while (target !== undefined) {
        const { body }: Asked = await at.get(target)
        seen.push(...body.backups)
        const next: string | undefined = body.links?.[0]?.href
        target = next?.slice(next.indexOf("/backups?"))
      }
      assert.deepStrictEqual(seen, whole)
    }
    const filtered = (await at.get("/backups?include=retired&instance_id=db-1&status=COMPLETED&limit=30")).body.backups
    assert.deepStrictEqual(filtered, whole)
    const since = "2026-01-10T00:00:00"
    const later = (await at.get(`/backups?include=retired&created_since=${since}Z`)).body.backups
    assert.deepStrictEqual(
      later,
      whole.filter(({ created }: Asked["body"]) => created >= since)
    )
  })

  it("has of both what is of a status that is asked for", async () => {
    const at = await server()
    const all = ["COMPLETED", "FAILED", "DELETE_FAILED"].flatMap((status) =>
      ["stays", "goes"].map((name) => record(`${status} ${name}`, { status, name }))
    )
    await at.snapshot(...all)
    await at.snapshot(...all.filter(({ name }) => name === "stays"))
    const failed = ["FAILED goes", "FAILED stays"]
    assert.deepStrictEqual(await at.ids("?include=retired&status=FAILED"), failed)
    assert.deepStrictEqual(await at.ids("?include=retired&status=FAILED&status=COMPLETED"), [
      ...["COMPLETED goes", "COMPLETED stays"],
      ...failed
    ])
  })
})

describe("the imports of an account", () => {
  it("are listed newest first, in pages, and by source", async () => {
    const at = await server()
    const ids: Array<string> = []
    for (let n = 0; n < 5; n++) {
      ids.unshift((await at.imported(`source=${n % 2 === 0 ? "even" : "odd"}`, record(`b${n}`))).id)
    }
    await at.imported("source=even&dry_run=true", record("x"))
    const whole = (await at.get("/imports")).body
    assert.deepStrictEqual(
      whole.imports.map(({ id }: Asked["body"]) => id),
      ids
    )
    const seen: Array<string> = []
    let target: string | undefined = "/imports?limit=1&source=even"
    while (target !== undefined) {
      const { body }: Asked = await at.get(target)
      seen.push(...body.imports.map(({ id }: Asked["body"]) => id))
      const next: string | undefined = body.links?.[0]?.href
      target = next?.slice(next.indexOf("/imports?"))
    }
    assert.deepStrictEqual(seen, [ids[0], ids[2], ids[4]])
    assert.deepStrictEqual((await at.get("/imports?source=none")).body.imports, [])
    assert.deepStrictEqual((await at.get(`/imports/${ids[1]}`)).body.import, whole.imports[1])
    assert.strictEqual((await at.get("/imports/none")).status, 404)
    for (const marker of ["none", "p1.0.YQ", ids[0]?.toUpperCase(), "h1.1"]) {
      assert.strictEqual((await at.get(`/imports?marker=${marker}`)).status, 400, marker)
    }
    assert.lengthOf((await at.get(`/imports?marker=${ids[0]}`)).body.imports, 4)
  })

  it("have no next link on a last page that is exactly full, of all sources or of one", async () => {
    const at = await server()
    for (const source of ["pg", "pg", "other"]) await at.imported(`source=${source}`, record("a"))
    for (const [query, there] of [
      ["", 3],
      ["&source=pg", 2]
    ] as const) {
      const { imports, links } = (await at.get(`/imports?limit=${there}${query}`)).body
      assert.lengthOf(imports, there)
      assert.isUndefined(links)
      assert.lengthOf((await at.get(`/imports?limit=${there - 1}${query}`)).body.links, 1)
    }
  })

  it("are kept when they changed something, by retiring alone as well, and else as the last 1,000 of a source", async () => {
    const at = await server()
    await at.snapshot(record("a"), record("b"))
    const retiring = await at.snapshot(record("a"))
    assert.deepInclude(retiring, { created: 0, updated: 0, retired: 1 })
    const idle = await at.snapshot(record("a"))
    await at.change(`
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
      INSERT INTO imports (number, id, source, account, mode, status, started, finished)
      SELECT 10 + i, 'import ' || i, 1, '${ACCOUNT}', 'merge', 'COMPLETED', 1, 2 FROM n`)
    await at.snapshot(record("a"))
    assert.strictEqual((await at.get(`/imports/${retiring.id}`)).status, 200)
    assert.strictEqual((await at.get(`/imports/${idle.id}`)).status, 404)
  })

  it.each([
    ["2300-01-01T00:00:00Z", "2300-01-01T00:00:00"],
    ["+020000-01-01T00:00:00Z", "9999-12-31T23:59:59"]
  ])("goes on with a clock that shows %s", async (now, told) => {
    const at = await server()
    vi.useFakeTimers({ toFake: ["Date"], now: new Date(now) })
    onTestFinished(() => void vi.useRealTimers())
    const done = await at.snapshot(record("a"))
    assert.deepStrictEqual([done.status, done.started, done.finished, done.created], ["COMPLETED", told, told, 1])
    assert.strictEqual((await at.snapshot(record("b"))).retired, 1)
    await at.put("p")
    await at.put("p", { name: "new" })
    assert.deepStrictEqual(
      (await at.history("p")).history.map(({ event, at: when }: Asked["body"]) => [event, when]),
      [
        ["changed", told],
        ["appeared", told]
      ]
    )
    assert.strictEqual((await at.get("/coverage")).status, 200)
  })
})
