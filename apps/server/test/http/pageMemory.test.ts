import { join } from "node:path"
import { BackupId, type Instant } from "@backup-catalog/core"
import Database from "better-sqlite3"
import { Option } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import { makePageMemory } from "../../src/http/PageMemory.ts"
import { runProgram } from "../support/program.ts"
import { prepare, start, temporaryFolder } from "../support/server.ts"
import { get, type RawAnswer, sendLines } from "../support/socket.ts"

const backup = (n: number) => ({
  id: BackupId.make(`b${n}`),
  name: `nightly ${n}`,
  description: Option.none(),
  status: "COMPLETED" as const,
  created: (1_700_000_000_000_000n + BigInt(n) * 1_000_000n) as Instant,
  updated: 1_800_000_000_000_000n as Instant,
  size: Option.none(),
  instanceId: Option.none(),
  parentId: Option.none(),
  locationRef: Option.none(),
  datastore: Option.none()
})

const record = (id: string) =>
  JSON.stringify({
    id,
    name: "new",
    status: "COMPLETED",
    created: "2026-01-01T00:00:00",
    updated: "2026-01-01T00:00:00"
  })

const namesOf = ({ body }: RawAnswer): ReadonlyArray<string> =>
  JSON.parse(body).backups.map(({ name }: { name: string }) => name)
const idsOf = ({ body }: RawAnswer): ReadonlyArray<string> =>
  JSON.parse(body).backups.map(({ id }: { id: string }) => id)

describe.each([
  ["in front of the router", true],
  ["through the router", false]
] as const)("a list that is remembered, %s", (_, leanList) => {
  let url = ""
  let store = ""
  const ends: Array<() => unknown> = []

  beforeAll(async () => {
    store = `sqlite:${join(
      temporaryFolder((clean) => ends.push(clean)),
      "catalog.sqlite"
    )}`
    const backups = [backup(1), backup(2), backup(3)]
    await prepare(
      store,
      { one: backups, two: [backup(1)], three: backups, four: backups },
      {
        one: { account: "one" },
        two: { account: "two" },
        three: { account: "three" },
        four: { account: "four" },
        revoked: { account: "one" }
      }
    )
    const [started, stop] = await start({ store, leanList })
    url = started
    ends.unshift(stop)
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })

  const send = (method: string, target: string, token: string, body = "", type = "application/json") =>
    sendLines(
      url,
      [
        `${method} ${target} HTTP/1.1`,
        "Host: x",
        `X-Auth-Token: ${token}`,
        ...(body === "" ? [] : [`Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`])
      ],
      body
    )

  it("is the same to the byte, and nothing is read for it, until its account changes", async () => {
    const target = "/v1.0/two/backups?limit=7"
    await get(url, target, "two")
    const first = await get(url, target, "two")
    const database = new Database(store.slice("sqlite:".length))
    // Behind the back of the catalog, which is the only way to tell: its own writes are a new version.
    database.exec("UPDATE backups SET record = replace(record, 'nightly', 'altered') WHERE account = 'two'")
    database.close()
    const again = await get(url, target, "two")
    assert.strictEqual(again.body, first.body)
    for (const name of ["etag", "content-type", "cache-control", "content-length"]) {
      assert.strictEqual(again.headers[name], first.headers[name], name)
    }
    assert.notStrictEqual(again.headers["x-request-id"], first.headers["x-request-id"])
    assert.deepStrictEqual(namesOf(await get(url, "/v1.0/two/backups?limit=8", "two")), ["altered 1"])
    assert.strictEqual((await send("PUT", "/v1.0/two/backups/new", "two", `{"backup":${record("new")}}`)).status, 201)
    assert.deepStrictEqual(namesOf(await get(url, target, "two")), ["new", "altered 1"])
  })

  it("is made anew after a write of this process, a deletion, and a retirement", async () => {
    const lists = ["/v1.0/three/backups", "/v1.0/three/backups?include=retired", "/v1.0/three/backups?limit=1"]
    const seen = async () => {
      const found = []
      for (const target of lists) {
        const answer = await get(url, target, "three")
        assert.strictEqual((await get(url, target, "three")).body, answer.body)
        found.push(idsOf(answer).join(" "))
      }
      return found
    }
    assert.deepStrictEqual(await seen(), ["b3 b2 b1", "b3 b2 b1", "b3"])
    assert.strictEqual((await send("DELETE", "/v1.0/three/backups/b3", "three")).status, 202)
    assert.deepStrictEqual(await seen(), ["b2 b1", "b2 b1", "b2"])
    const bring = async (...ids: ReadonlyArray<string>) => {
      const target = "/v1.0/three/imports?source=tool&mode=snapshot"
      const lines = ids.map((id) => `${record(id)}\n`).join("")
      assert.strictEqual((await send("POST", target, "three", lines, "application/x-ndjson")).status, 200)
    }
    await bring("x", "y")
    assert.deepStrictEqual(await seen(), ["y x b2 b1", "y x b2 b1", "y"])
    await bring("x")
    assert.deepStrictEqual(await seen(), ["x b2 b1", "y x b2 b1", "x"])
  })

  it("is made anew after a write of another process", async () => {
    const target = "/v1.0/four/backups"
    const before = await get(url, target, "four")
    assert.strictEqual((await get(url, target, "four")).body, before.body)
    const loaded = await runProgram(["load", "--store", store, "--account", "four", "-"], record("loaded"))
    assert.strictEqual(loaded.code, 0, loaded.stderr)
    const after = await get(url, target, "four")
    assert.deepStrictEqual(idsOf(after), ["loaded", "b3", "b2", "b1"])
    assert.notStrictEqual(after.headers.etag, before.headers.etag)
  })

  it("is for the tokens of its account only, and for as long as they are good", async () => {
    const target = "/v1.0/one/backups?limit=2"
    for (const token of ["one", "revoked", "one", "revoked"]) {
      assert.strictEqual((await get(url, target, token)).status, 200, token)
    }
    assert.strictEqual((await get(url, target, "two")).status, 403)
    assert.strictEqual((await get(url, target, "nobody")).status, 401)
    assert.strictEqual((await get(url, target)).status, 401)
    const listed = await runProgram(["token", "list", "--store", store])
    const { hash } = await import("node:crypto")
    const name = hash("sha256", "revoked", "hex").slice(0, 12)
    assert.include(listed.stdout, name)
    assert.strictEqual((await runProgram(["token", "revoke", "--store", store, name])).code, 0)
    assert.strictEqual((await get(url, target, "revoked")).status, 401)
    assert.strictEqual((await get(url, target, "one")).status, 200)
  })

  it("is not for a token that has expired meanwhile", async () => {
    const target = "/v1.0/one/backups?limit=2"
    await prepare(store, {}, { short: { account: "one", expires: Date.now() + 86_400_000 } })
    const status = async () => (await get(url, target, "short")).status
    assert.deepStrictEqual([await status(), await status()], [200, 200])
    const soon = BigInt(Date.now() + 1000) * 1000n
    const database = new Database(store.slice("sqlite:".length))
    assert.strictEqual(database.prepare("UPDATE tokens SET expires = ? WHERE expires IS NOT NULL").run(soon).changes, 1)
    database.close()
    const last = await eventually("it is refused", async (see) => {
      const now = see(await status())
      return now !== 200 && now
    })
    assert.strictEqual(last, 401)
  })

  it("has the links of the host that it was asked at", async () => {
    const at = async (host: string) => {
      const lines = ["GET /v1.0/one/backups?limit=1 HTTP/1.1", `Host: ${host}`, "X-Auth-Token: one"]
      return JSON.parse((await sendLines(url, lines)).body).links[0].href as string
    }
    for (const host of ["a.example.com", "b.example.com", "a.example.com"]) {
      assert.match(await at(host), new RegExp(`^http://${host}/`))
    }
  })
})

describe("the memory for pages", () => {
  const page = (bytes: number) => ({
    version: 1n,
    tag: "tag",
    answer: { status: 200, headers: {}, body: Buffer.alloc(bytes) },
    state: undefined
  })

  const putTwice = ({ put }: ReturnType<typeof makePageMemory>, url: string, bytes: number) => {
    put(url, page(bytes))
    put(url, page(bytes))
  }

  it("holds a page that was asked for again, and none that was asked for once", () => {
    const memory = makePageMemory(1_000_000)
    for (let n = 0; n < 1000; n++) memory.put(`page ${n}`, page(10_000))
    assert.strictEqual(memory.size(), 0)
    memory.put("page 999", page(10_000))
    assert.isDefined(memory.get("page 999"))
  })

  it("knows so many characters of what was asked for once, and no more", () => {
    const memory = makePageMemory(128_000_000)
    const url = (n: number) => `${"x".repeat(10_000)}${n}`
    for (let n = 0; n < 250; n++) memory.put(url(n), page(1))
    for (const n of [249, 200]) memory.put(url(n), page(1))
    for (const n of [249, 200]) assert.isDefined(memory.get(url(n)))
    memory.put(url(0), page(1))
    assert.isUndefined(memory.get(url(0)))
  })

  it("never holds more bytes than it may, and lets those go that were not asked for the longest", () => {
    const memory = makePageMemory(1_000_000)
    for (let n = 0; n < 1000; n++) {
      putTwice(memory, `page ${n}`, 10_000)
      assert.isDefined(memory.get("page 0"))
      assert.isAtMost(memory.size(), 1_000_000)
    }
    assert.isAbove(memory.size(), 900_000)
    assert.isUndefined(memory.get("page 1"))
    assert.isDefined(memory.get("page 999"))
  })

  it("holds no page that would push out most others, and none at all when it may have no bytes", () => {
    const memory = makePageMemory(1_000_000)
    putTwice(memory, "long", 500_000)
    assert.isUndefined(memory.get("long"))
    const none = makePageMemory(0)
    putTwice(none, "short", 1)
    assert.isUndefined(none.get("short"))
    assert.strictEqual(none.size(), 0)
  })
})
