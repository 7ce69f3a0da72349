import { readFileSync } from "node:fs"
import { type Backup, BackupId, BackupOrder, encodeBackup, InstanceId, type Instant } from "@backup-catalog/core"
import { ListAnswer } from "@backup-catalog/core/http"
import { Option, Schema } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { prepare, start } from "../support/server.ts"
import { get, sendLines, sendRaw } from "../support/socket.ts"
import { emptyStore } from "../support/TestStore.ts"

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8"))

const DEMO_TOKEN = "87c6033c-9ff6-405f-943e-2deb73f278b7"

const exampleRequest = (target: string): ReadonlyArray<string> => [
  `GET ${target} HTTP/1.1`,
  "User-Agent: python-troveclient",
  "Host: ord.databases.api.rackspacecloud.com",
  `X-Auth-Token: ${DEMO_TOKEN}`,
  "Accept: application/json",
  "Content-Type: application/json"
]

const statuses = ["COMPLETED", "FAILED", "NEW"] as const
const backup = (n: number): Backup => ({
  id: BackupId.make(`backup-${String(n).padStart(4, "0")}`),
  name: `nightly ${n}`,
  description: Option.none(),
  status: statuses[n % 3] ?? "NEW",
  created: (1_700_000_000_000_000n + BigInt(Math.floor(n / 4)) * 1_000_000n + BigInt(n % 2)) as Instant,
  updated: 1_800_000_000_000_000n as Instant,
  size: Option.some({ unit: "bytes", value: BigInt(n) * 1_000_003n }),
  instanceId: Option.some(InstanceId.make(`db-${n % 5}`)),
  parentId: Option.none(),
  locationRef: Option.none(),
  datastore:
    n % 2 === 0
      ? Option.some({ type: "PostgreSQL", version: Option.some("15"), versionId: Option.none() })
      : Option.none()
})
const many = Array.from({ length: 2500 }, (_, n) => backup(n))

// Of one, two, three and four bytes in UTF-8, each alone in a page of one; é is one byte in V8.
const alphabets = ["plain", "é", "Ωμέγα", "日本語", "😀"].map((name, n) => ({
  ...backup(n),
  name,
  description: Option.some(`${name.repeat(50)} "quoted" \\ and\nbroken`)
}))

const idsOf = (body: string): ReadonlyArray<string> => JSON.parse(body).backups.map(({ id }: { id: string }) => id)
const nextOf = (body: string): string | undefined =>
  JSON.parse(body).links?.find(({ rel }: { rel: string }) => rel === "next")?.href

describe.each([
  ["in front of the router", true],
  ["through the router", false]
] as const)("the list %s", (_, leanList) => {
  let url = ""
  const ends: Array<() => unknown> = []

  beforeAll(async () => {
    const store = (await emptyStore((clean) => ends.push(clean))).address
    const [, stopDemo] = await start({ store, demo: true })
    await stopDemo()
    await prepare(
      store,
      { many, full: many.slice(0, 10), alphabets },
      {
        many: { account: "many" },
        admin: { account: "many", role: "admin" },
        full: { account: "full" },
        alphabets: { account: "alphabets" },
        old: { account: "many", expires: 1 }
      }
    )
    const [started, stop] = await start({ store, leanList })
    url = started
    ends.unshift(stop)
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })

  it("answers the two example requests of the description with its two example answers", async () => {
    for (const [target, file] of [
      ["/v1.0/1234/backups", "list-all.json"],
      ["/v1.0/1234/backups?datastore=mysql", "list-mysql.json"]
    ] as const) {
      const answer = await sendLines(url, exampleRequest(target))
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(answer.headers["content-type"], "application/json")
      assert.match(answer.headers["x-request-id"] ?? "", /^req-[0-9a-f-]{36}$/)
      assert.deepStrictEqual(JSON.parse(answer.body), fixture(file))
    }
  })

  it("is called in its answer as its caller calls it, if that is a proper id", async () => {
    const ask = (id: string) =>
      sendLines(url, [
        "GET /v1.0/1234/backups HTTP/1.1",
        "Host: x",
        `X-Auth-Token: ${DEMO_TOKEN}`,
        `X-Request-Id: ${id}`
      ])
    for (const id of ["of-the-caller_1.2", "12345678", "a".repeat(128)]) {
      assert.strictEqual((await ask(id)).headers["x-request-id"], id)
    }
    for (const id of ["1234567", "a".repeat(129), '"quoted\\"', ".of-the-caller", "über-dem-Aufrufer"]) {
      assert.match((await ask(id)).headers["x-request-id"] ?? "", /^req-[0-9a-f-]{36}$/)
    }
  })

  it("answers HEAD as GET, without a body", async () => {
    const whole = await get(url, "/v1.0/1234/backups", DEMO_TOKEN)
    const head = await sendLines(url, ["HEAD /v1.0/1234/backups HTTP/1.1", "Host: x", `X-Auth-Token: ${DEMO_TOKEN}`])
    assert.strictEqual(head.status, 200)
    assert.strictEqual(head.body, "")
    assert.strictEqual(head.headers["content-length"], String(Buffer.byteLength(whole.body)))
    assert.strictEqual(head.headers["content-type"], "application/json")
  })

  it("has every alphabet, in pages of any length, as long as it says", async () => {
    const expected = [...alphabets].sort(BackupOrder).map((one) => encodeBackup(one))
    for (const limit of [1, 2, 32, 33, 1000]) {
      const found: Array<unknown> = []
      let path: string | undefined = `/v1.0/alphabets/backups?limit=${limit}`
      while (path !== undefined) {
        const { body, headers } = await get(url, path, "alphabets")
        assert.strictEqual(headers["content-length"], String(Buffer.byteLength(body)), path)
        found.push(...JSON.parse(body).backups)
        const next = nextOf(body)
        path = next === undefined ? undefined : new URL(next).pathname + new URL(next).search
      }
      assert.deepStrictEqual(found, expected, `limit ${limit}`)
    }
  })

  it("is what the API definition says, record for record", async () => {
    const { body } = await get(url, "/v1.0/many/backups", "many")
    const decoded = Schema.decodeUnknownSync(ListAnswer)(JSON.parse(body))
    assert.deepStrictEqual(
      decoded.backups.map(({ id }) => id),
      idsOf(body)
    )
    const [newest] = decoded.backups
    const expected = many.find(({ id }) => id === newest?.id)
    assert.isDefined(expected)
    const { backups } = JSON.parse(body)
    if (expected) assert.deepStrictEqual(backups[0], encodeBackup(expected))
    assert.sameMembers(Object.keys(backups[0]), [
      "id",
      "name",
      "description",
      "status",
      "created",
      "updated",
      "size",
      "instance_id",
      "parent_id",
      "locationRef",
      ...(newest?.datastore._tag === "Some" ? ["datastore"] : [])
    ])
  })

  const queries = [
    "",
    "?limit=7",
    "?limit=1000",
    "?datastore=POSTGRESQL&limit=100",
    "?status=FAILED&status=NEW&limit=300"
  ]

  const expectedOf = (query: string) =>
    many
      .filter(({ datastore }) => !query.includes("POSTGRESQL") || datastore._tag === "Some")
      .filter(({ status }) => !query.includes("status") || status !== "COMPLETED")
      .sort((a, b) => (a.created === b.created ? (a.id < b.id ? 1 : -1) : a.created < b.created ? 1 : -1))
      .map(({ id }) => id)

  const walk = async (query: string, follow: (next: URL) => string) => {
    let target: string | undefined = `/v1.0/many/backups${query}`
    const walked: Array<string> = []
    let pages = 0
    while (target !== undefined && pages++ < 500) {
      const { body, status } = await get(url, target, "many")
      assert.strictEqual(status, 200)
      walked.push(...idsOf(body))
      const next = nextOf(body)
      assert.isTrue(next === undefined || next.startsWith(`${url}/v1.0/many/backups?`), next)
      target = next && follow(new URL(next))
    }
    return walked
  }

  it("walks all pages by their next links, each record once, newest first", async () => {
    for (const query of queries) {
      const walked = await walk(query, ({ pathname, search }) => {
        assert.match(/marker=([^&]*)/.exec(search)?.[1] ?? "", /^[A-Za-z0-9._~-]+$/)
        return pathname + search
      })
      assert.deepStrictEqual(walked, expectedOf(query))
    }
  })

  it("walks the same list for a client that gives back nothing but the marker", async () => {
    for (const query of queries) {
      const walked = await walk(query, (next) => `${next.pathname}?marker=${next.searchParams.get("marker")}`)
      assert.deepStrictEqual(walked, expectedOf(query))
    }
  })

  it("has no next link on a last page that is exactly full", async () => {
    assert.isUndefined(nextOf((await get(url, "/v1.0/full/backups?limit=10", "full")).body))
    assert.isDefined(nextOf((await get(url, "/v1.0/full/backups?limit=9", "full")).body))
    const last = await get(
      url,
      `/v1.0/full/backups?limit=5&marker=${idsOf((await get(url, "/v1.0/full/backups?limit=5", "full")).body)[4]}`,
      "full"
    )
    assert.strictEqual(idsOf(last.body).length, 5)
    assert.isUndefined(nextOf(last.body))
  })

  it("keeps what every filter says", async () => {
    const cases: ReadonlyArray<readonly [string, (backup: Backup) => boolean]> = [
      ["instance_id=db-3", ({ instanceId }) => Option.contains(instanceId, InstanceId.make("db-3"))],
      ["instance_id=never-seen", () => false],
      ["status=FAILED", ({ status }) => status === "FAILED"],
      ["created_since=2023-11-14T22:13:21Z", ({ created }) => created >= 1_700_000_001_000_000n],
      ["created_since=2023-11-14T22:13:21.000001Z", ({ created }) => created >= 1_700_000_001_000_001n],
      ["created_before=2023-11-14T23:13:21%2B01:00", ({ created }) => created < 1_700_000_001_000_000n],
      [
        "datastore=postgresql&instance_id=db-2&status=NEW&status=COMPLETED",
        (b) =>
          Option.isSome(b.datastore) && Option.contains(b.instanceId, InstanceId.make("db-2")) && b.status !== "FAILED"
      ],
      ["datastore=mysql", () => false]
    ]
    for (const [query, keeps] of cases) {
      const { status, body } = await get(url, `/v1.0/many/backups?${query}&limit=1000`, "many")
      assert.strictEqual(status, 200, query)
      const expected = many.filter(keeps).map(({ id }) => id)
      const got = idsOf(body)
      assert.strictEqual(got.length, Math.min(1000, expected.length), query)
      assert.isTrue(
        got.every((id) => expected.includes(BackupId.make(id))),
        query
      )
    }
  })

  it.each(["", "&include=retired", "&all_projects=true"])("begins behind a time and a marker%s", async (search) => {
    const ask = async (query: string) =>
      idsOf((await get(url, `/v1.0/many/backups?limit=1000&${query}${search}`, "admin")).body)
    const before = "created_before=2023-11-14T22:13:25Z"
    const [all, later] = [await ask(before), await ask("marker=backup-0018")]
    assert.includeMembers([...all], ["backup-0019", "backup-0018", "backup-0016"])
    assert.deepStrictEqual(await ask(`${before}&marker=backup-0042`), all)
    assert.includeMembers([...later], ["backup-0016"])
    assert.deepStrictEqual(await ask(`${before}&marker=backup-0018`), later)
  })

  it("never shows an account to another one's token", async () => {
    assert.strictEqual((await get(url, "/v1.0/many/backups", "full")).status, 403)
    const marker = idsOf((await get(url, "/v1.0/many/backups?limit=1&marker=backup-0042", "many")).body)[0] ?? ""
    assert.notInclude(
      many.slice(0, 10).map(({ id }): string => id),
      marker
    )
    assert.strictEqual((await get(url, `/v1.0/full/backups?marker=${marker}`, "full")).status, 400)
  })

  it("takes one marker, wherever it is in the query, and what is wrong besides it is told", async () => {
    const id = "backup-0005"
    const expected = idsOf((await get(url, `/v1.0/full/backups?marker=${id}&limit=3`, "full")).body)
    assert.lengthOf(expected, 3)
    for (const search of [`limit=3&marker=${id}`, `&limit=3&&marker=${id}`, `limit=3&%6Darker=${id}`]) {
      assert.deepStrictEqual(idsOf((await get(url, `/v1.0/full/backups?${search}`, "full")).body), expected, search)
    }
    for (const [search, name] of [
      [`marker=${id}&marker=${id}`, "marker"],
      [`%6Darker=${id}&marker=${id}`, "marker"],
      [`limit=0&marker=${id}`, "limit"],
      [`nothing=1&marker=${id}`, "nothing"],
      ["limit=3&marker=", "marker"],
      [`limit=3&marker=${"a".repeat(2049)}`, "marker"]
    ] as const) {
      const { status, body } = await get(url, `/v1.0/full/backups?${search}`, "full")
      assert.strictEqual(status, 400, search)
      assert.include(JSON.parse(body).badRequest.message, `The query parameter ${name} `)
    }
  })

  it("answers requests that come behind each other on one connection in their order", async () => {
    const { hostname, port } = new URL(url)
    const request = (query: string) =>
      `GET /v1.0/many/backups?${query} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nX-Auth-Token: many\r\n`
    const text = await sendRaw(
      url,
      `${request("limit=1")}\r\n${request("limit=0")}\r\n${request("limit=2")}Connection: close\r\n\r\n`
    )
    assert.deepStrictEqual(
      [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
      ["200", "400", "200"]
    )
  })
})
