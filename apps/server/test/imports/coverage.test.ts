import { MaxAge } from "@backup-catalog/core"
import { FastCheck as fc } from "effect"
import { assert, describe, it, onTestFinished } from "vitest"
import { type Asked, type ImportServer, lines, record, startImportServer } from "./support/ImportServer.ts"

const HOUR = 3_600_000
const SEED = 20_260_110

const server = () => startImportServer(onTestFinished)

const ago = (millis: number): string => new Date(Date.now() - millis).toISOString()

const verdictOf = async (at: ImportServer, instance: string): Promise<string> => {
  const [entry] = await at.coverage(`?instance_id=${encodeURIComponent(instance)}`)
  return entry?.verdict
}

const setPolicy = (at: ImportServer, policy: object): Promise<Asked> =>
  at.ask("PUT", "/policy", { headers: { "Content-Type": "application/json" }, body: JSON.stringify({ policy }) })

const fresh = (id: string, members: object = {}) => record(id, { created: ago(HOUR), ...members })

describe("the coverage of an instance", () => {
  it("is fresh, and names the newest usable backup and the newest of all", async () => {
    const at = await server()
    await at.snapshot(
      fresh("full", { created: ago(3 * HOUR), datastore: { type: "MySQL", version: "8.0" } }),
      fresh("inc", { created: ago(2 * HOUR), parent_id: "full" }),
      fresh("failed", { status: "FAILED" }),
      fresh("building", { status: "BUILDING", created: ago(0) })
    )
    const [entry] = await at.coverage()
    assert.deepInclude(entry, { instance_id: "db-1", verdict: "fresh", max_age: "26h", failures_since: 1 })
    assert.deepInclude(entry.newest_usable, { id: "inc", name: "name of inc", status: "COMPLETED" })
    assert.deepInclude(entry.newest, { id: "building", status: "BUILDING" })
    assert.isAtLeast(entry.age, 7200)
    assert.isBelow(entry.age, 7300)
  })

  it("is that of the datastore of its newest backup, of which a good one of another datastore tells nothing", async () => {
    const at = await server()
    const [postgres, redis] = [{ datastore: { type: "PostgreSQL" } }, { datastore: { type: "Redis" } }]
    const failed = fresh("failed", { status: "FAILED", ...postgres })
    const old = fresh("old", { created: ago(30 * HOUR), datastore: { type: "POSTGRESQL" } })
    const dump = fresh("dump", { created: ago(2 * HOUR), ...redis })
    await at.snapshot(old, dump, failed)
    const [entry] = await at.coverage("?datastore=postgresql")
    assert.deepInclude(entry, { verdict: "stale", datastore: { type: "PostgreSQL", version: null, version_id: null } })
    assert.strictEqual(entry.newest_usable.id, "old")
    assert.isEmpty(await at.coverage("?datastore=redis"))
    await at.snapshot(dump, failed)
    assert.strictEqual(await verdictOf(at, "db-1"), "stale")
    await at.snapshot(dump, failed, fresh("unnamed", { created: ago(3 * HOUR) }))
    assert.strictEqual(await verdictOf(at, "db-1"), "fresh", "one that names none may be of it")
    await at.snapshot(old, dump)
    assert.strictEqual((await at.coverage("?datastore=redis"))[0].verdict, "fresh")
    const called = (type: string) => ({ instance_id: "db-2", datastore: { type } })
    await at.imported(
      "source=other",
      fresh("good", { created: ago(2 * HOUR), ...called("Percona Server") }),
      fresh("bad", { status: "FAILED", ...called("MySQL") })
    )
    assert.strictEqual(await verdictOf(at, "db-2"), "fresh", "one server by two names")
    await at.imported("source=other", fresh("bad-1", { status: "FAILED", ...called("Redis") }))
    const [never] = await at.coverage("?instance_id=db-2")
    assert.deepInclude(never, { verdict: "never", reason: "The catalog never had a usable Redis backup of it." })
  })

  it("goes by the policy of the account, and then the server's, as soon as it is set", async () => {
    const at = await startImportServer(onTestFinished, {
      policy: { maxAge: MaxAge.make("30m"), rules: [], metrics: false }
    })
    await at.snapshot(fresh("a"))
    assert.strictEqual(await verdictOf(at, "db-1"), "stale")
    assert.strictEqual((await setPolicy(at, { rules: [{ instance: "db-?", max_age: "2h" }] })).status, 200)
    assert.strictEqual(await verdictOf(at, "db-1"), "fresh")
    const { body } = await at.get("/policy")
    assert.deepStrictEqual(body.policy, { rules: [{ instance: "db-?", max_age: "2h" }], metrics: false })
    assert.strictEqual(body.default.max_age, "30m")
    assert.strictEqual((await setPolicy(at, { max_age: "59s" })).status, 400)
    assert.strictEqual((await setPolicy(at, { maxAge: "2h" })).status, 400, "what is not known is not passed over")
    assert.strictEqual(await verdictOf(at, "db-1"), "fresh")
  })

  it("goes by a policy of before patterns were checked, without the rules that no name can fit", async () => {
    const at = await server()
    await at.snapshot(fresh("a", { created: ago(3 * HOUR) }))
    const dead = [
      { instance: "db\t*", max_age: "1h" },
      { datastore: "my\ud800", max_age: "1h" }
    ]
    const rules = [{ instance: "db-?", max_age: "2h" }]
    assert.strictEqual((await setPolicy(at, { rules: dead })).status, 400)
    await setPolicy(at, { rules, metrics: true })
    const stored = JSON.stringify({ rules: [...dead, ...rules], metrics: true })
    await at.change(`UPDATE policies SET policy = '${stored}'`)
    assert.strictEqual(await verdictOf(at, "db-1"), "stale")
    assert.deepStrictEqual((await at.get("/policy")).body.policy, { rules, metrics: true })
  })

  it("goes by the age that is asked for, with the verdict that a policy of that age has", async () => {
    const at = await server()
    await at.snapshot(
      fresh("full", { created: ago(5 * HOUR) }),
      fresh("inc", { created: ago(4 * HOUR), parent_id: "gone" }),
      fresh("old", { instance_id: "db-2", created: ago(50 * HOUR), suspect: "its checksum is wrong" }),
      fresh("later", { instance_id: "db-2", created: ago(49 * HOUR), parent_id: "old" })
    )
    assert.strictEqual(await verdictOf(at, "db-1"), "fresh")
    for (const [age, verdicts] of [
      ["1h", ["broken-chain", "stale"]],
      ["26h", ["fresh", "stale"]],
      ["7d", ["fresh", "suspect"]]
    ] as const) {
      const asked = await at.coverage(`?max_age=${age}`)
      assert.deepStrictEqual(
        asked.map(({ verdict }) => verdict),
        [...verdicts]
      )
      await setPolicy(at, { max_age: age })
      const byPolicy = await at.coverage()
      assert.deepStrictEqual(
        asked.map((entry) => ({ ...entry, age: undefined })),
        byPolicy.map((entry) => ({ ...entry, age: undefined }))
      )
    }
    assert.lengthOf(await at.coverage("?max_age=1h&verdict=broken-chain"), 1)
    const { status, body } = await at.get("/coverage?max_age=soon")
    assert.strictEqual(status, 400)
    assert.match(body.badRequest.message, /^The query parameter max_age must be a duration from 1m to 36500d/)
  })

  it("is suspect while the newest usable backup is", async () => {
    const at = await server()
    await at.snapshot(fresh("a", { suspect: "its checksum is wrong" }))
    const [entry] = await at.coverage()
    assert.strictEqual(entry.verdict, "suspect")
    assert.include(entry.reason, "its checksum is wrong")
    await at.snapshot(fresh("a", { suspect: "its checksum is wrong" }), fresh("b", { created: ago(0) }))
    assert.strictEqual(await verdictOf(at, "db-1"), "fresh")
    await at.imported("source=other", fresh("b", { created: ago(0), suspect: "it is empty" }))
    assert.strictEqual(await verdictOf(at, "db-1"), "suspect", "one source is enough")
    await at.imported("source=other", record("f", { instance_id: "f", created: ago(-HOUR) }))
    assert.strictEqual(await verdictOf(at, "f"), "suspect", "dated in the future")
  })

  it("is a broken chain when the full one goes, and names it as its tool does", async () => {
    const at = await server()
    const full = fresh("full", { created: ago(30 * HOUR), native_id: "20260102F" })
    const inc = fresh("inc", { parent_id: "full", native_parent_id: "20260102F" })
    await at.snapshot(full, inc)
    assert.strictEqual(await verdictOf(at, "db-1"), "fresh")
    const done = await at.snapshot(inc)
    assert.deepStrictEqual(
      done.orphans.map(({ id }: Asked["body"]) => id),
      ["inc"]
    )
    const [entry] = await at.coverage()
    assert.strictEqual(entry.verdict, "broken-chain")
    assert.include(entry.reason, "20260102F (full)")
    assert.isNull(entry.newest_usable)
    assert.match(entry.reason, /which it builds on, is missing\.$/)
    const reasonWith = async (...records: ReadonlyArray<Asked["body"]>) => {
      await at.snapshot(...records)
      const [{ verdict, reason }] = await at.coverage()
      assert.strictEqual(verdict, "broken-chain")
      return reason
    }
    assert.match(await reasonWith({ ...full, status: "FAILED" }, inc), /builds on, is not COMPLETED but FAILED\.$/)
    assert.match(await reasonWith({ ...full, parent_id: "inc" }, inc), /builds on, builds on itself\.$/)
    await at.snapshot(full, inc)
    assert.strictEqual(await verdictOf(at, "db-1"), "fresh")
  })

  it("names the missing link as its tool names it by now, also when nothing else has changed", async () => {
    const at = await server()
    const inc = fresh("inc", { parent_id: "gone", native_parent_id: "20260102F" })
    await at.snapshot(inc)
    const done = await at.snapshot({ ...inc, native_parent_id: "20260103F" })
    assert.deepInclude(done, { updated: 1, unchanged: 0 })
    assert.include((await at.coverage())[0].reason, "20260103F (gone)")
  })

  it("never was, as long as no backup of it ended well, also when the failed ones are gone", async () => {
    const at = await server()
    await at.snapshot(
      fresh("a", { status: "FAILED" }),
      fresh("b", { status: "BUILDING" }),
      fresh("x", { instance_id: "x" })
    )
    assert.strictEqual(await verdictOf(at, "db-1"), "never")
    await at.snapshot(fresh("x", { instance_id: "x" }))
    assert.strictEqual(await verdictOf(at, "db-1"), "never")
  })

  it.each([
    ["is retired", (at: ImportServer) => at.snapshot(fresh("x", { instance_id: "x" }))],
    ["is deleted", (at: ImportServer) => at.delete("a")],
    ["is of another instance now", (at: ImportServer) => at.put("a", { instance_id: "x" })],
    ["turns out to be of another instance", (at: ImportServer) => at.snapshot(fresh("a", { instance_id: "x" }))],
    ["turns out to have failed", (at: ImportServer) => at.snapshot(fresh("a", { status: "FAILED" }))]
  ])("is stale when its last good backup %s", async (_, lose) => {
    const at = await server()
    await at.snapshot(fresh("a"))
    assert.strictEqual(await verdictOf(at, "db-1"), "fresh")
    await lose(at)
    const [entry] = await at.coverage("?instance_id=db-1")
    assert.strictEqual(entry.verdict, "stale")
    assert.match(entry.reason, /it lost the last one at \d{4}-/)
  })

  it("stays until a person removes it, who cannot while it has backups", async () => {
    const at = await server()
    await at.snapshot(fresh("a"))
    const remove = () => at.ask("DELETE", "/coverage/db-1")
    assert.strictEqual((await remove()).status, 422)
    await at.import("source=pg&mode=snapshot&allow_empty=true", "")
    assert.strictEqual(await verdictOf(at, "db-1"), "stale")
    assert.strictEqual((await remove()).status, 202)
    assert.deepStrictEqual(await at.coverage(), [])
    assert.strictEqual((await remove()).status, 404)
    await at.snapshot(fresh("a"))
    assert.strictEqual(await verdictOf(at, "db-1"), "fresh", "it is back as soon as it has a backup again")
  })

  it("has no list of backups any more when it was removed, also for whoever has asked before", async () => {
    const at = await server()
    await at.snapshot(fresh("a"), fresh("b", { instance_id: "db-2" }))
    await at.snapshot(fresh("b", { instance_id: "db-2" }))
    const list = (headers = {}) => at.ask("GET", "/instances/db-1/backups", { headers })
    // The third answer is one that was remembered.
    for (let n = 0; n < 3; n++) assert.deepStrictEqual((await list()).body, { backups: [] })
    const tag = { "If-None-Match": (await list()).headers.get("etag") ?? "" }
    assert.strictEqual((await list(tag)).status, 304)
    assert.strictEqual((await at.ask("DELETE", "/coverage/db-1")).status, 202)
    assert.strictEqual((await list()).status, 404)
    assert.strictEqual((await list(tag)).status, 404)
  })

  it("ends with an empty page where the backups of a datastore are deleted while it is walked", async () => {
    const at = await server()
    const gone = { datastore: { type: "GoneDB" } }
    await at.snapshot(fresh("a", { instance_id: "db-1", ...gone }), fresh("b", { instance_id: "db-2", ...gone }))
    const { body } = await at.get("/coverage?datastore=gonedb&limit=1")
    const next: string = body.links[0].href
    for (const id of ["a", "b"]) assert.strictEqual((await at.ask("DELETE", `/backups/${id}`)).status, 202)
    const last = await at.get(next.slice(next.indexOf("/coverage?")))
    assert.strictEqual(last.status, 200, last.text)
    assert.deepStrictEqual(last.body.coverage, [])
    assert.strictEqual((await at.get("/coverage?datastore=gonedb")).status, 404)
  })

  it("is listed by id, in pages, by verdict and by datastore, also where ids are odd", async () => {
    const at = await server()
    const names = ["a/b", "db-1", "DB-1", "ä", "😀", "\uffee", "%", "a b", "x".repeat(255)]
    await at.snapshot(
      ...names.map((name, n) =>
        fresh(`b${n}`, {
          instance_id: name,
          status: n % 2 === 0 ? "COMPLETED" : "FAILED",
          datastore: { type: n % 3 === 0 ? "MySQL" : "redis" }
        })
      )
    )
    const whole = await at.coverage()
    assert.deepStrictEqual(
      whole.map((entry) => entry.instance_id),
      [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    )
    const walk = async (query: string): Promise<ReadonlyArray<unknown>> => {
      const seen: Array<unknown> = []
      let target: string | undefined = `/coverage?${query}`
      while (target !== undefined) {
        const { body }: Asked = await at.get(target)
        seen.push(...body.coverage)
        const next: string | undefined = body.links?.[0]?.href
        target = next?.slice(next.indexOf("/coverage?"))
      }
      return seen.map((entry) => ({ ...(entry as object), age: undefined }))
    }
    const expected = whole.map((entry) => ({ ...entry, age: undefined }))
    assert.deepStrictEqual(await walk("limit=1"), expected)
    assert.deepStrictEqual(
      await walk("limit=1&verdict=never"),
      expected.filter(({ verdict }) => verdict === "never")
    )
    assert.deepStrictEqual(await walk("limit=2&verdict=never&verdict=fresh"), expected)
    assert.deepStrictEqual(
      await walk("limit=1&datastore=mysql"),
      expected.filter(({ datastore }) => datastore.type === "MySQL")
    )
    assert.lengthOf((await at.get(`/coverage?marker=${encodeURIComponent("a/b")}`)).body.coverage, 5)
    for (const marker of ["none", "i1.", "i1.!", "p1.0.YQ"]) {
      assert.strictEqual((await at.get(`/coverage?marker=${marker}`)).status, 400, marker)
    }
    for (const name of names) assert.lengthOf(await at.coverage(`?instance_id=${encodeURIComponent(name)}`), 1)
    for (const name of names) {
      assert.strictEqual((await at.ask("DELETE", `/coverage/${encodeURIComponent(name)}`)).status, 422, name)
    }
  })

  it("says on each page how many backups name no instance, whatever was asked for", async () => {
    const at = await server()
    const answered = async (query = "") => (await at.get(`/coverage${query}`)).body
    assert.deepStrictEqual(await answered(), { coverage: [], without_instance: 0 })
    await at.snapshot(
      fresh("a", { datastore: { type: "MySQL" } }),
      fresh("b", { instance_id: "db-2" }),
      fresh("lost", { instance_id: null }),
      fresh("failed", { instance_id: null, status: "FAILED" })
    )
    await at.imported("source=other", fresh("third", { instance_id: null }))
    for (const query of [
      "",
      "?limit=1",
      "?limit=1&marker=db-1",
      "?instance_id=db-2",
      "?instance_id=none",
      "?datastore=mysql",
      "?verdict=never"
    ]) {
      assert.strictEqual((await answered(query)).without_instance, 3, query)
    }
    await at.put("third")
    await at.delete("failed")
    assert.strictEqual((await answered()).without_instance, 1)
    await at.snapshot(fresh("a"), fresh("b", { instance_id: "db-2" }))
    assert.strictEqual((await answered()).without_instance, 0, "what was retired is not there")
    assert.strictEqual((await at.ask("GET", "/coverage", { by: "other" })).body.without_instance, 0)
  })

  it("counts at most 1,000 that name no instance", async () => {
    const at = await server()
    const some = (n: number) => Array.from({ length: n }, (_, i) => fresh(`b${i}`, { instance_id: null }))
    for (const [there, said] of [
      [999, 999],
      [1000, 1000],
      [1001, 1000]
    ] as const) {
      await at.snapshot(...some(there))
      assert.strictEqual((await at.get("/coverage")).body.without_instance, said)
    }
  })

  it("is found behind thousands of backups that are not usable", async () => {
    const at = await server()
    const chain = Array.from({ length: 3000 }, (_, n) =>
      fresh(`c${n}`, { created: ago(HOUR - n * 100), parent_id: n === 0 ? "missing" : `c${n - 1}` })
    )
    await at.snapshot(fresh("good", { created: ago(2 * HOUR) }), ...chain)
    const [entry] = await at.coverage()
    assert.deepInclude(entry, { verdict: "fresh" })
    assert.strictEqual(entry.newest_usable.id, "good")
  })
})

interface Node {
  readonly id: string
  readonly instance_id: string | null
  readonly parent_id: string | null
  readonly status: string
  readonly hours: number
  readonly suspect: string | null
}

const ids = Array.from({ length: 12 }, (_, n) => `b${n}`)

const forest = fc
  .array(
    fc.record({
      id: fc.constantFrom(...ids),
      instance_id: fc.constantFrom("x", "y", "z", null),
      parent_id: fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...ids, "missing") }, fc.constant(null)),
      status: fc.constantFrom("COMPLETED", "COMPLETED", "COMPLETED", "COMPLETED", "FAILED", "SAVING", "DELETE_FAILED"),
      hours: fc.integer({ min: 0, max: 50 }).map((n) => n + 0.5),
      suspect: fc.constantFrom(null, null, null, "odd")
    }),
    { maxLength: 20 }
  )
  .map((nodes): ReadonlyArray<Node> => [...new Map(nodes.map((node) => [node.id, node])).values()])

/** The chain of a backup, from it upwards, by following parents until one is missing or comes again. */
const isUsable = (nodes: ReadonlyMap<string, Node>, node: Node): boolean => {
  const met: Array<string> = []
  let one: Node | undefined = node
  for (;;) {
    if (one === undefined || one.status !== "COMPLETED" || met.includes(one.id)) return false
    if (one.parent_id === null) return true
    met.push(one.id)
    one = nodes.get(one.parent_id)
  }
}

interface Expected {
  readonly verdict: string
  readonly usable: string | null
  readonly newest: string | null
  readonly failures: number
}

const expectedOf = (all: ReadonlyArray<Node>, instance: string, hadOne: boolean): Expected => {
  const nodes = new Map(all.map((node) => [node.id, node]))
  const own = all
    .filter((node) => node.instance_id === instance)
    .sort((a, b) => a.hours - b.hours || Buffer.compare(Buffer.from(b.id), Buffer.from(a.id)))
  const at = own.findIndex((node) => isUsable(nodes, node))
  const usable = own[at]
  const newer = at === -1 ? own : own.slice(0, at)
  const isBroken = newer.some(({ status }) => status === "COMPLETED")
  const verdict = (): string => {
    if (usable !== undefined && usable.hours <= 26) return usable.suspect === null ? "fresh" : "suspect"
    if (isBroken) return "broken-chain"
    return usable === undefined && !hadOne ? "never" : "stale"
  }
  return {
    verdict: verdict(),
    usable: usable?.id ?? null,
    newest: own[0]?.id ?? null,
    failures: newer.filter(({ status }) => status === "FAILED").length
  }
}

describe("the coverage of any backups", () => {
  it("is what following every parent finds", { timeout: 240_000 }, async () => {
    const at = await server()
    const came = new Set<string>()
    const now = Date.now()
    let had = new Set<string>()
    let seen = new Set<string>()
    const check = async (nodes: ReadonlyArray<Node>) => {
      const body = lines(
        ...nodes.map(({ hours, ...node }) => ({
          ...record(node.id),
          ...node,
          created: new Date(now - hours * HOUR).toISOString()
        }))
      )
      const done = await at.import("source=pg&mode=snapshot&allow_empty=true", body)
      assert.strictEqual(done.status, 200, done.text)
      for (const { instance_id } of nodes) if (instance_id !== null) seen.add(instance_id)
      const coverage = await at.coverage()
      const found = Object.fromEntries(
        coverage.map((entry): [string, Expected] => [
          entry.instance_id,
          {
            verdict: entry.verdict,
            usable: entry.newest_usable?.id ?? null,
            newest: entry.newest?.id ?? null,
            failures: entry.failures_since
          }
        ])
      )
      const expected = Object.fromEntries(
        [...seen].map((instance) => [instance, expectedOf(nodes, instance, had.has(instance))])
      )
      assert.deepStrictEqual(found, expected)
      // What ended well now is what is gone when it is not there the next time.
      for (const { instance_id, status } of nodes) {
        if (instance_id !== null && status === "COMPLETED") had.add(instance_id)
      }
      for (const { verdict } of Object.values(expected)) came.add(verdict)
    }
    const run = fc.asyncProperty(fc.array(forest, { minLength: 1, maxLength: 4 }), async (forests) => {
      await at.import("source=pg&mode=snapshot&allow_empty=true", "")
      for (const instance of seen) await at.ask("DELETE", `/coverage/${instance}`)
      had = new Set()
      seen = new Set()
      for (const nodes of forests) await check(nodes)
    })
    await fc.assert(run, { numRuns: 60, seed: SEED })
    assert.sameMembers([...came], ["fresh", "suspect", "stale", "never", "broken-chain"])
  })
})
