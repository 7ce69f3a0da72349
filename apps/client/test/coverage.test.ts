import { afterAll, assert, beforeAll, describe, it } from "vitest"
import {
  BadRequest,
  type Client,
  createClient,
  ItemNotFound,
  UnexpectedAnswer,
  UnprocessableEntity,
  type Verdict
} from "../src/index.ts"
import { badServer, clientOf, failure, importResult, pastImport, record, sendJson } from "./badServer.ts"
import { type RealServer, realServer } from "./realServer.ts"

let server: RealServer
let client: Client

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString().slice(0, 19)
const datastore = { type: "PostgreSQL", version: "17", version_id: null }

beforeAll(async () => {
  server = await realServer()
  client = createClient({ url: server.url, account: "1234", token: await server.token("1234") })
  await server.load("1234", [
    { ...record("a1"), instance_id: "db-a", created: hoursAgo(2), datastore },
    { ...record("b1"), instance_id: "db-b", created: hoursAgo(50) },
    { ...record("b2"), instance_id: "db-b", created: hoursAgo(1), status: "FAILED" },
    { ...record("c1"), instance_id: "db-c", created: hoursAgo(1), status: "FAILED" },
    { ...record("n1"), instance_id: null },
    { ...record("n2"), instance_id: null }
  ])
})
afterAll(() => server[Symbol.asyncDispose]())

describe("the coverage", () => {
  it("says of every instance whether it has a good recent backup", async () => {
    const all = await client.coverage().toArray({ max: 9 })
    assert.deepEqual(
      all.map(({ instanceId, verdict, maxAge, failuresSince, newestUsable, newest }) => ({
        instanceId,
        verdict,
        maxAge,
        failuresSince,
        usable: newestUsable?.id,
        newest: newest?.id
      })),
      [
        { instanceId: "db-a", verdict: "fresh", maxAge: "26h", failuresSince: 0, usable: "a1", newest: "a1" },
        { instanceId: "db-b", verdict: "stale", maxAge: "26h", failuresSince: 1, usable: "b1", newest: "b2" },
        { instanceId: "db-c", verdict: "never", maxAge: "26h", failuresSince: 1, usable: undefined, newest: "c1" }
      ]
    )
    assert.deepEqual(all[0]?.datastore, { type: "PostgreSQL", version: "17", versionId: null })
    assert.closeTo(all[0]?.age ?? 0, 7200, 600)
  })

  it("is that of an instance, a datastore, a verdict or several", async () => {
    const instances = async (filter: Parameters<typeof client.coverage>[0]) =>
      (await client.coverage(filter).toArray({ max: 9 })).map(({ instanceId }) => instanceId)
    assert.deepEqual(await instances({ instanceId: "db-b" }), ["db-b"])
    assert.deepEqual(await instances({ instanceId: "db-x" }), [])
    assert.deepEqual(await instances({ datastore: "postgresql" }), ["db-a"])
    assert.deepEqual(await instances({ verdict: "never" }), ["db-c"])
    assert.deepEqual(await instances({ verdict: ["fresh", "stale"] }), ["db-a", "db-b"])
  })

  it("is judged by the age that is asked for", async () => {
    const verdictOf = async (maxAge: string) => {
      const [entry] = await client.coverage({ instanceId: "db-b", maxAge }).toArray({ max: 9 })
      return [entry?.verdict, entry?.maxAge]
    }
    assert.deepEqual(await verdictOf("7d"), ["fresh", "7d"])
    assert.deepEqual(await verdictOf("26h"), ["stale", "26h"])
  })

  it("is read page after page", async () => {
    const ids: Array<string> = []
    for await (const { instanceId } of client.coverage({}, { pageSize: 1 })) ids.push(instanceId)
    assert.deepEqual(ids, ["db-a", "db-b", "db-c"])
  })

  it("says with each page how many backups name no instance", async () => {
    const first = await client.coverage().page({ limit: 1 })
    assert.strictEqual(first.withoutInstance, 2)
    const { next = "" } = first
    assert.strictEqual((await client.coverage().page({ limit: 1, marker: next })).withoutInstance, 2)
    assert.strictEqual((await client.coverage({ verdict: "never" }).page()).withoutInstance, 2)
  })

  it("is refused with what is not known", async () => {
    for (const [filter, named] of [
      [{ verdict: "rotten" }, "verdict"],
      [{ maxAge: "soon" }, "maxAge"],
      [{ instance: "db-a" }, "instance"]
    ] as const) {
      const error = await failure(client.coverage(filter as never).page())
      assert.instanceOf(error, BadRequest)
      assert.include(error.message, named)
    }
  })
})

describe("the policy of an account", () => {
  it("is what was set, until it is set again", async () => {
    assert.deepEqual((await client.policy.get()).policy, { maxAge: null, rules: [], metrics: false })
    const policy = { maxAge: "1h", rules: [{ instance: "db-?", datastore: "mysql", maxAge: "7d" }], metrics: true }
    assert.deepEqual((await client.policy.set(policy)).policy, policy)
    const { policy: got } = await client.policy.get()
    assert.deepEqual(got, policy)
    const verdicts = await client.coverage().toArray({ max: 9 })
    assert.deepEqual(
      verdicts.map(({ verdict, maxAge }): [Verdict, string] => [verdict, maxAge]),
      [
        ["stale", "1h"],
        ["fresh", "7d"],
        ["never", "7d"]
      ]
    )
    await client.policy.set({ ...got, maxAge: null, rules: null, metrics: false })
    assert.deepEqual((await client.policy.get()).policy, { maxAge: null, rules: [], metrics: false })
  })

  it("is refused with what is not known, and with what is no age", async () => {
    for (const [policy, named] of [
      [{ max_age: "1h" }, "max_age"],
      [{ maxAge: "soon" }, "maxAge"],
      [{ rules: [{ maxAge: "1h", instances: "db" }] }, "instances"],
      [{ rules: [{ instance: "db" }] }, "maxAge"],
      [{ rules: 7 }, "rules"]
    ] as const) {
      const error = await failure(client.policy.set(policy as never))
      assert.instanceOf(error, BadRequest)
      assert.include(error.message, named)
    }
  })
})

it("an instance is forgotten when it has no backups, and not before", async () => {
  assert.instanceOf(await failure(client.forgetInstance("db-c")), UnprocessableEntity)
  assert.instanceOf(await failure(client.forgetInstance("db-x")), ItemNotFound)
  await client.backups.delete("c1")
  assert.lengthOf(await client.coverage({ instanceId: "db-c" }).toArray({ max: 1 }), 1)
  await client.forgetInstance("db-c")
  assert.lengthOf(await client.coverage({ instanceId: "db-c" }).toArray({ max: 1 }), 0)
})

describe("an answer to another question than was asked is an UnexpectedAnswer that says so", () => {
  const entry = {
    instance_id: "db-1",
    datastore: null,
    verdict: "fresh",
    reason: "Its newest usable backup is x.",
    max_age: "26h",
    age: 7,
    newest_usable: null,
    newest: null,
    failures_since: 0
  }
  const policy = { policy: { rules: [] }, default: { rules: [] } }
  const retired = { ...record("a"), retired_at: "2026-11-23T02:00:00" }
  const empty = { ndjson: new Uint8Array() }

  const cases: ReadonlyArray<readonly [what: string, answer: object, ask: (client: Client) => Promise<unknown>]> = [
    ["another instance", { coverage: [entry] }, (to) => to.coverage({ instanceId: "db-2" }).page()],
    ["another datastore", { coverage: [entry] }, (to) => to.coverage({ datastore: "mysql" }).page()],
    ["another verdict", { coverage: [entry] }, (to) => to.coverage({ verdict: "stale" }).page()],
    ["more instances than asked for", { coverage: [entry, entry] }, (to) => to.coverage().page({ limit: 1 })],
    ["another source", { imports: [pastImport] }, (to) => to.imports.list({ source: "redis" }).page()],
    [
      "more imports than asked for",
      { imports: [pastImport, pastImport] },
      (to) => to.imports.list().page({ limit: 1 })
    ],
    ["another import", { import: pastImport }, (to) => to.imports.get("i2")],
    ["another policy", policy, (to) => to.policy.set({ maxAge: "1h" })],
    ["the result of another source", { import: importResult }, (to) => to.imports.run("redis", empty)],
    [
      "the result of another mode",
      { import: importResult },
      (to) => to.imports.run("pg-main", empty, { mode: "snapshot" })
    ],
    ["the result of no dry run", { import: importResult }, (to) => to.imports.run("pg-main", empty, { dryRun: true })],
    ["what was retired, unasked", { backups: [retired] }, (to) => to.backups.list().page()]
  ]
  it.each(cases)("%s", async (_, answer, ask) => {
    await using odd = await badServer(sendJson(200, answer))
    const error = await failure(ask(clientOf(odd.url, { retries: 0 })))
    assert.instanceOf(error, UnexpectedAnswer)
    assert.match(error.message, /another question|not the one that was set/)
  })

  it("and is the answer when it is to that very question", async () => {
    await using right = await badServer(sendJson(200, { import: importResult }), sendJson(200, { coverage: [entry] }))
    assert.strictEqual((await clientOf(right.url).imports.run("pg-main", empty)).id, "i1")
    assert.lengthOf(await clientOf(right.url).coverage({ instanceId: "db-1", verdict: "fresh" }).toArray({ max: 1 }), 1)
  })
})

it("a server that does not say how many backups name no instance is read as ever, and one that says nonsense is not", async () => {
  await using older = await badServer(sendJson(200, { coverage: [] }))
  assert.isNull((await clientOf(older.url).coverage().page()).withoutInstance)
  for (const without_instance of [-1, 1.5, "3", null]) {
    await using odd = await badServer(sendJson(200, { coverage: [], without_instance }))
    const error = await failure(clientOf(odd.url, { retries: 0 }).coverage().page())
    assert.instanceOf(error, UnexpectedAnswer, String(without_instance))
  }
})

it("pages of the coverage may be empty more than a hundred times, and still lead on", async () => {
  const leading = (n: number) => sendJson(200, { coverage: [], links: [{ rel: "next", href: `?marker=m${n}` }] })
  await using sparse = await badServer(
    ...Array.from({ length: 150 }, (_, n) => leading(n)),
    sendJson(200, { coverage: [] })
  )
  assert.deepEqual(await clientOf(sparse.url).coverage({ verdict: "never" }).toArray({ max: 1 }), [])
  assert.lengthOf(sparse.seen, 151)
})
