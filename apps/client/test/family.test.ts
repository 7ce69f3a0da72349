import { afterAll, assert, beforeAll, describe, it } from "vitest"
import {
  BadRequest,
  ConnectionFailed,
  createClient,
  Forbidden,
  ItemNotFound,
  PreconditionFailed,
  ServiceUnavailable,
  Unauthorized,
  UnexpectedAnswer,
  UnprocessableEntity
} from "../src/index.ts"
import { badServer, clientOf, failure, type Handler, TOKEN } from "./badServer.ts"
import { type RealServer, realServer } from "./realServer.ts"

let server: RealServer
let client: ReturnType<typeof createClient>

const input = {
  id: "full",
  name: "nightly",
  status: "COMPLETED",
  created: "2026-01-02T03:04:05.678901Z",
  updated: new Date("2026-01-02T03:05:00Z"),
  sizeInBytes: 1_000_000_007,
  instanceId: "db/1 ä",
  datastore: { type: "MySQL", version: "8.0" }
} as const

beforeAll(async () => {
  server = await realServer("--rate-limit", "1000")
  client = createClient({ url: server.url, account: "1234", token: await server.token("1234") })
})
afterAll(() => server[Symbol.asyncDispose]())

describe("writing through the client", () => {
  it("registers, updates, lists the increments, and deletes with them", async () => {
    const first = await client.backups.upsert(input, { ifAbsent: true })
    assert.isTrue(first.created)
    assert.strictEqual(first.backup.sizeInBytes, 1_000_000_007)
    assert.strictEqual(first.backup.datastore?.version, "8.0")
    assert.instanceOf(await failure(client.backups.upsert(input, { ifAbsent: true })), PreconditionFailed)
    assert.isFalse((await client.backups.upsert({ ...input, description: "kept" })).created)
    const again = await client.backups.upsert({ ...(await client.backups.get("full")), name: "renamed" })
    assert.deepStrictEqual([again.backup.name, again.backup.description], ["renamed", "kept"])
    const exact = await client.backups.list({ createdSince: input.created }).toArray({ max: 10 })
    assert.deepStrictEqual(
      exact.map(({ id }) => id),
      ["full"],
      "the microseconds are kept"
    )

    for (const [id, parentId] of [
      ["increment 1", "full"],
      ["increment 2", "increment 1"],
      ["increment 3", "increment 2"]
    ] as const) {
      await client.backups.upsert({ ...input, id, parentId })
    }
    const descendants = client.backups.descendants("full", { pageSize: 2 })
    const ids = ["increment 3", "increment 2", "increment 1"]
    assert.deepStrictEqual(
      (await descendants.toArray({ max: 10 })).map(({ id }) => id),
      ids
    )
    assert.instanceOf(await failure(client.backups.upsert({ ...input, parentId: "increment 3" })), UnprocessableEntity)
    const ofInstance = client.backups.forInstance(input.instanceId, { datastore: "mysql" }, { pageSize: 3 })
    assert.deepStrictEqual((await ofInstance.toArray({ max: 10 })).map(({ id }) => id).sort(), ["full", ...ids].sort())
    assert.instanceOf(await failure(client.backups.forInstance("nobody").page()), ItemNotFound)

    await client.backups.delete("increment 2")
    assert.deepStrictEqual(
      (await descendants.toArray({ max: 10 })).map(({ id }) => id),
      ["increment 1"]
    )
    await client.backups.delete("full")
    assert.instanceOf(await failure(client.backups.delete("full")), ItemNotFound)
    assert.deepStrictEqual(await client.backups.list().toArray({ max: 1 }), [])
  })

  it("registers what exists elsewhere", async () => {
    const registered = await client.backups.register({
      name: "elsewhere",
      remoteLocation: "http://swift.example/c/o",
      datastoreVersionId: "v-1",
      size: 1.5
    })
    assert.strictEqual(registered.status, "RESTORED")
    assert.strictEqual(registered.size, 1.5)
    assert.deepStrictEqual(await client.backups.get(registered.id), registered)
    await client.backups.delete(registered.id)
  })

  it("knows what the account may still ask", async () => {
    const [before] = await client.limits()
    assert.strictEqual(before?.value, 1000)
    await client.backups.list().page()
    const [after] = await client.limits()
    assert.isBelow(after?.remaining ?? 1000, 1000)
  })

  it("lists other accounts for nobody but an admin", async () => {
    assert.instanceOf(await failure(client.backups.list({}, { allProjects: true }).page()), Forbidden)
    assert.instanceOf(await failure(client.backups.list({}, { projectId: "99" }).page()), Forbidden)
    const admin = createClient({ url: server.url, account: "1234", token: await server.token("1234", "admin") })
    const other = createClient({ url: server.url, account: "99", token: await server.token("99") })
    await other.backups.upsert({ ...input, id: "theirs" })
    await client.backups.upsert({ ...input, id: "mine" })
    const all = await admin.backups.list({}, { allProjects: true, pageSize: 1 }).toArray({ max: 10 })
    assert.deepStrictEqual(
      all.map(({ id, projectId }) => [id, projectId]),
      [
        ["theirs", "99"],
        ["mine", "1234"]
      ]
    )
    const theirs = await admin.backups.list({}, { projectId: "99" }).toArray({ max: 10 })
    assert.deepStrictEqual(
      theirs.map(({ id }) => id),
      ["theirs"]
    )
    await client.backups.delete("mine")
  })

  it("asks nothing when the backup cannot be one, and names the member", async () => {
    for (const [wrong, about] of [
      [{ ...input, name: "" }, "name"],
      [{ ...input, created: "yesterday" }, "created"],
      [{ ...input, created: new Date(Number.NaN) }, "created"],
      [{ ...input, sizeInBytes: 1.5 }, "sizeInBytes"],
      [{ ...input, sizeInBytes: -1 }, "sizeInBytes"],
      [{ ...input, instanceId: "" }, "instanceId"],
      [{ ...input, status: "DONE" as "COMPLETED" }, "status"],
      [{ ...input, parent: "x" } as typeof input, "parent"],
      [{ ...input, projectId: "a/b" }, "projectId"]
    ] as const) {
      const error = await failure(client.backups.upsert(wrong))
      assert.instanceOf(error, BadRequest)
      assert.include(String(error), `Nothing was asked: `)
      assert.include(String(error), about)
    }
    for (const wrong of [{ size: -1 }, { name: "" }, { remoteLocation: "" }]) {
      const restorable = { name: "x", remoteLocation: "y", datastoreVersionId: "z", size: 1, ...wrong }
      assert.instanceOf(await failure(client.backups.register(restorable)), BadRequest)
    }
    assert.instanceOf(await failure(client.backups.list({}, { projectId: "a/b" }).page()), BadRequest)
  })
})

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  [status, { "Content-Type": "application/json", ...headers }, JSON.stringify(body)] as const

const record = {
  id: "a",
  name: "n",
  description: null,
  status: "COMPLETED",
  created: "2026-01-02T03:04:05",
  updated: "2026-01-02T03:04:05",
  size: null,
  instance_id: null,
  parent_id: null,
  locationRef: null
}

const answer =
  ([status, headers, body]: readonly [number, Record<string, string>, string]): Handler =>
  (response) =>
    response.writeHead(status, headers).end(body)

const hangUp: Handler = (response) => response.destroy()

const unavailable = answer(json({ serviceUnavailable: { code: 503, message: "away" } }, 503, { "Retry-After": "0" }))

describe("a size", () => {
  it("that was read and changed is what is meant, or refused where it is not clear", async () => {
    await client.backups.upsert({ ...input, id: "sized" })
    const read = await client.backups.get("sized")
    assert.strictEqual((await client.backups.upsert(read)).backup.sizeInBytes, 1_000_000_007)
    for (const change of [
      { size: 2 },
      { size: null },
      { sizeInBytes: 5 },
      { sizeInBytes: 1_000_000_008 },
      { sizeInBytes: null }
    ]) {
      const error = await failure(client.backups.upsert({ ...read, ...change }))
      assert.instanceOf(error, BadRequest)
      assert.include(String(error), "size and sizeInBytes")
    }
    const { sizeInBytes: _, ...rest } = read
    assert.strictEqual((await client.backups.upsert({ ...rest, size: 2 })).backup.size, 2)
    assert.isNull((await client.backups.upsert({ ...rest, size: null })).backup.sizeInBytes)
    await client.backups.delete("sized")
  })

  it("that is beyond what a number tells exactly, or no whole number of bytes, is written back as it was read", async () => {
    for (const size of [2 ** 23, (2 ** 53 + 2) / 2 ** 30, 2 ** 33, 0.141026]) {
      await client.backups.upsert({ ...input, id: "huge", sizeInBytes: undefined, size })
      const read = await client.backups.get("huge")
      assert.strictEqual(read.size, size)
      assert.strictEqual((await client.backups.upsert(read)).backup.size, size)
      const records = client.backups.list({ instanceId: input.instanceId })
      assert.deepInclude(await client.imports.run("huge", { records }), { rejected: 0 })
      assert.strictEqual((await client.backups.get("huge")).size, size)
    }
    const most = await client.backups.upsert({ ...input, id: "huge", sizeInBytes: 2n ** 63n - 1n })
    assert.strictEqual(most.backup.sizeInBytes, 2 ** 63)
    for (const sizeInBytes of [2 ** 63 + 2048, 2n ** 63n + 1n, -1n, 0.5, Number.POSITIVE_INFINITY]) {
      const error = await failure(client.backups.upsert({ ...input, id: "huge", sizeInBytes }))
      assert.include(String(error), "sizeInBytes must be a whole number from 0 to 2^63.")
    }
    await client.backups.delete("huge")
  })
})

describe("a misspelt option", () => {
  it("asks nothing, since without it another question would be answered", async () => {
    const odd = (options: object) => options as never
    for (const [run, about] of [
      [() => client.backups.upsert({ ...input, id: "odd" }, odd({ ifabsent: true })), "ifabsent"],
      [() => client.backups.list({}, odd({ allProject: true })).page(), "allProject"],
      [() => client.backups.list({}, odd({ pagesize: 1 })).toArray({ max: 1 }), "pagesize"],
      [() => client.backups.forInstance("x", {}, odd({ allProjects: true })).page(), "allProjects"],
      [() => client.backups.get("x", odd({ sgnal: 1 })), "sgnal"],
      [() => client.backups.delete("x", odd({ recursive: false })), "recursive"],
      [() => client.backups.register(odd({ name: "x", location: "y" })), "location"],
      [() => client.backups.upsert({ ...input, datastore: odd({ type: "a", vesrion: "1" }) }), "vesrion"],
      [() => client.backups.upsert(odd(null as never)), "object"],
      [() => client.backups.list(odd(null as never)).page(), "object"],
      [() => client.backups.list({}, odd(null as never)).page(), "object"],
      [() => client.backups.list().toArray(odd(undefined as never)), "max"]
    ] as const) {
      const error = await failure(run())
      assert.instanceOf(error, BadRequest, about)
      assert.include(String(error), about)
    }
  })
})

describe("a write whose answer does not come", () => {
  it("is sent again only where twice is the same as once", async () => {
    await using wellIn2 = await badServer(hangUp, answer(json({ backup: record })))
    assert.isFalse((await clientOf(wellIn2.url).backups.upsert({ ...input, id: "a" })).created)

    const restorable = { name: "x", remoteLocation: "y", datastoreVersionId: "z", size: 1 }
    for (const write of [
      (url: string) => clientOf(url).backups.upsert({ ...input, id: "a" }, { ifAbsent: true }),
      (url: string) => clientOf(url).backups.register(restorable),
      (url: string) => clientOf(url).backups.delete("a")
    ]) {
      await using silent = await badServer(hangUp)
      assert.instanceOf(await failure(write(silent.url)), ConnectionFailed)
      assert.strictEqual(silent.seen.length, 1)
      // The catalog's own refusal says that nothing was done.
      await using busy = await badServer(unavailable)
      assert.instanceOf(await failure(write(busy.url)), ServiceUnavailable)
      assert.isAbove(busy.seen.length, 1)
    }
  })

  it("or is another than it can be, is an UnexpectedAnswer", async () => {
    for (const [status, body] of [
      [204, undefined],
      [202, { backup: record }],
      [200, { backup: { ...record, id: "b" } }],
      [200, { backups: [] }]
    ] as const) {
      await using odd = await badServer(answer(json(body ?? "", status)))
      assert.instanceOf(await failure(clientOf(odd.url).backups.upsert({ ...input, id: "a" })), UnexpectedAnswer)
    }
    await using odd = await badServer(answer(json({}, 200)))
    assert.instanceOf(await failure(clientOf(odd.url).backups.delete("a")), UnexpectedAnswer)
  })
})

describe("a list of other accounts", () => {
  it("whose records do not say whose they are is an UnexpectedAnswer: the server may not know the question", async () => {
    for (const [scope, project] of [
      [{ allProjects: true }, undefined],
      [{ projectId: "99" }, undefined],
      [{ projectId: "99" }, "1234"]
    ] as const) {
      const backups = [{ ...record, ...(project && { project_id: project }) }]
      await using ignorant = await badServer(answer(json({ backups })))
      const error = await failure(clientOf(ignorant.url).backups.list({}, scope).page())
      assert.instanceOf(error, UnexpectedAnswer)
      assert.include(String(error), "project_id")
    }
  })
})

describe("answers that are kept", () => {
  it("are used again when the server says that nothing has changed, and only for the same question", async () => {
    const tagged = answer(json({ backups: [record] }, 200, { ETag: '"one"' }))
    const same: Handler = (response, request) =>
      request.headers["if-none-match"] === '"one"' ? response.writeHead(304).end() : tagged(response, request)
    await using keeping = await badServer(tagged, same)
    const { backups } = clientOf(keeping.url, { keepBytes: 1_000_000 })
    const first = await backups.list().page()
    assert.deepStrictEqual(await backups.list().page(), first)
    await backups
      .list({ datastore: "mysql" })
      .page()
      .catch(() => undefined)
    assert.deepStrictEqual(
      keeping.seen.map(({ headers }) => headers["if-none-match"]),
      [undefined, '"one"', undefined]
    )
  })

  it("are none unless asked for, and none that is larger than the room", async () => {
    for (const keepBytes of [undefined, 0, 100]) {
      await using forgetting = await badServer(answer(json({ backups: [record] }, 200, { ETag: '"one"' })))
      const { backups } = clientOf(forgetting.url, { keepBytes })
      for (const _ of [1, 2]) await backups.list().page()
      assert.isTrue(forgetting.seen.every(({ headers }) => headers["if-none-match"] === undefined))
    }
  })

  it("are right with the real server, before and after a change", async () => {
    const keeping = createClient({
      url: server.url,
      account: "1234",
      token: await server.token("1234"),
      keepBytes: 1_000_000
    })
    const read = async () => (await keeping.backups.list().toArray({ max: 100 })).map(({ id, name }) => [id, name])
    await client.backups.upsert({ ...input, id: "kept" })
    for (const _ of [1, 2, 3]) assert.deepStrictEqual(await read(), [["kept", "nightly"]])
    await client.backups.upsert({ ...input, id: "kept", name: "changed" })
    assert.deepStrictEqual(await read(), [["kept", "changed"]])
    await client.backups.delete("kept")
    assert.deepStrictEqual(await read(), [])
  })
})

describe("a token that is refused", () => {
  const refused = answer(json({ unauthorized: { code: 401, message: "no" } }, 401))

  it("is given back once, and the request sent with the next", async () => {
    await using server = await badServer(refused, answer(json({ backup: record })))
    let token = TOKEN
    const given: Array<string> = []
    const { backups } = clientOf(server.url, {
      token: () => token,
      invalidate: (old) => {
        given.push(String(old))
        token = `${TOKEN}-new`
      }
    })
    assert.strictEqual((await backups.get("a")).id, "a")
    assert.deepStrictEqual(given, ["<redacted>"])
    assert.deepStrictEqual(
      server.seen.map(({ headers }) => headers["x-auth-token"]),
      [TOKEN, `${TOKEN}-new`]
    )
  })

  it("is waited for while it is replaced, and what fails then is Unauthorized", async () => {
    await using server = await badServer(refused, answer(json({ backup: record })))
    let token = TOKEN
    const { backups } = clientOf(server.url, {
      token: () => token,
      invalidate: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        token = `${TOKEN}-new`
      }
    })
    await backups.get("a")
    assert.strictEqual(server.seen[1]?.headers["x-auth-token"], `${TOKEN}-new`)
    await using other = await badServer(refused)
    for (const invalidate of [
      () => {
        throw new Error("boom")
      },
      () => Promise.reject(new Error("boom"))
    ]) {
      const error = await failure(clientOf(other.url, { invalidate }).backups.get("a"))
      assert.instanceOf(error, Unauthorized)
      assert.include((error as Unauthorized).details ?? "", "boom")
    }
    assert.throws(() => clientOf(other.url, { invalidate: 3 as never }), /invalidate must be a function/)
  })

  it("a second time is Unauthorized", async () => {
    await using server = await badServer(refused)
    let invalidated = 0
    const { backups } = clientOf(server.url, { invalidate: () => void invalidated++ })
    assert.instanceOf(await failure(backups.get("a")), Unauthorized)
    assert.strictEqual(server.seen.length, 2)
    assert.strictEqual(invalidated, 1)
  })
})
