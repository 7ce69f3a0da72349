import { readFileSync } from "node:fs"
import {
  AccountId,
  BackupCatalog,
  type BackupFilter,
  BackupId,
  type CatalogError,
  decodeBackup,
  encodeBackup,
  Marker
} from "@backup-catalog/core"
import { BackupStore, StoreCatalog } from "@backup-catalog/core/store"
import { BackupStoreMemory } from "@backup-catalog/core/testing"
import { Cause, Effect, Either, Exit, Layer, Stream } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { layer } from "../src/effect.ts"
import {
  BadRequest,
  createClient,
  Forbidden,
  ItemNotFound,
  OverLimit,
  type PlainBackup,
  Unauthorized
} from "../src/index.ts"
import { failure, record } from "./badServer.ts"
import { DEMO_TOKEN, type RealServer, realServer } from "./realServer.ts"

const ids = (backups: ReadonlyArray<{ readonly id: string }>) => backups.map(({ id }) => id)

const STRANGE_IDS = [
  "a/b",
  "../a",
  "a?b=c",
  "a#b",
  "100%",
  "%2F",
  "%2e%2e",
  "a b+c",
  "ünï/✓/日本語",
  "🗄️",
  "a;b,c:d@e&f=g",
  "\\",
  "'\"<>",
  "..."
]

const MANY = 2_500
const manyRecords = Array.from({ length: MANY }, (_, n) => ({
  ...record(`many-${String(n).padStart(5, "0")}`),
  // Threes share a time, so that pages also break between ties.
  created: new Date(Date.UTC(2020, 0, 1) + Math.floor(n / 3) * 1000).toISOString().slice(0, 19),
  status: n % 5 === 0 ? "FAILED" : "COMPLETED",
  datastore: n % 2 === 0 ? { type: "MySQL", version: "5.1", version_id: null } : { type: "redis" }
}))
const manyInOrder = ids(manyRecords).reverse()

let server: RealServer
let token: string
const clientFor = (account: string, token: string, url = server.url) => createClient({ url, account, token })
const many = () => clientFor("many", token).backups

beforeAll(async () => {
  server = await realServer("--demo")
  await server.load("many", manyRecords)
  await server.load(
    "strange",
    STRANGE_IDS.map((id) => record(id))
  )
  token = await server.token("many")
})
afterAll(() => server[Symbol.asyncDispose]())

describe("the demo account of the description", () => {
  const example = (name: string): ReadonlyArray<{ readonly id: string }> =>
    JSON.parse(readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8")).backups

  it("has the six backups of the first example, as plain records", async () => {
    const backups = await clientFor("1234", DEMO_TOKEN).backups.list().toArray({ max: 6 })
    assert.sameMembers(ids(backups), ids(example("list-all.json")))
    const [newest] = backups
    const wire = example("list-all.json").find(({ id }) => id === newest?.id) as Record<string, string | number>
    assert.deepEqual<unknown>(JSON.parse(JSON.stringify(newest)), {
      id: wire.id,
      name: wire.name,
      description: wire.description ?? null,
      status: wire.status,
      created: `${wire.created}.000000Z`,
      updated: `${wire.updated}.000000Z`,
      size: wire.size,
      sizeInBytes: Math.round(Number(wire.size) * 2 ** 30),
      instanceId: wire.instance_id,
      parentId: wire.parent_id ?? null,
      locationRef: wire.locationRef,
      datastore: newest?.datastore
    })
    assert.isNotNull(newest?.datastore)
  })

  it("has the backups of the second example when filtered by mysql", async () => {
    const backups = await clientFor("1234", DEMO_TOKEN).backups.list({ datastore: "mysql" }).toArray({ max: 6 })
    assert.sameMembers(ids(backups), ids(example("list-mysql.json")))
  })
})

describe("a few thousand backups", () => {
  it("are iterated to the last, in order, each once", async () => {
    const walked: Array<PlainBackup> = []
    for await (const backup of many().list()) walked.push(backup)
    assert.deepEqual(ids(walked), manyInOrder)
  })

  it("are the same in small pages", async () => {
    const walked: Array<string> = []
    let pages = 0
    let marker: string | undefined
    do {
      const page = await many().list().page({ limit: 97, marker })
      assert.isAtMost(page.backups.length, 97)
      walked.push(...ids(page.backups))
      marker = page.next
      pages++
    } while (marker !== undefined)
    assert.deepEqual(walked, manyInOrder)
    assert.strictEqual(pages, Math.ceil(MANY / 97))
    assert.deepEqual(ids(await many().list({}, { pageSize: 500 }).toArray({ max: MANY })), manyInOrder)
  })

  it("may begin behind a backup's id", async () => {
    const page = await many().list().page({ limit: 2, marker: manyInOrder[9] })
    assert.deepEqual(ids(page.backups), manyInOrder.slice(10, 12))
  })

  it("are filtered by all filters at once", async () => {
    const createdSince = new Date(Date.UTC(2020, 0, 1, 0, 1))
    const createdBefore = "2020-01-01T01:02:00+01:00"
    const backups = await many()
      .list({ datastore: "mysql", instanceId: "db-1", status: ["FAILED", "NEW"], createdSince, createdBefore })
      .toArray({ max: 1000 })
    const expected = manyRecords
      .filter((_, n) => n % 10 === 0 && Math.floor(n / 3) >= 60 && Math.floor(n / 3) < 120)
      .reverse()
    assert.isAbove(expected.length, 10)
    assert.deepEqual(ids(backups), ids(expected))
    // A time that the client gave is a time that it takes.
    const again = { datastore: "mysql", createdSince: backups[0]?.created, createdBefore, status: "FAILED" } as const
    assert.deepEqual(await many().list(again).toArray({ max: 1 }), backups.slice(0, 1))
  })
})

describe("one backup", () => {
  it("is got by its id", async () => {
    const backup = await many().get("many-00007")
    assert.deepInclude(backup, { id: "many-00007", size: 0.5, sizeInBytes: 2 ** 29 })
    assert.deepEqual(backup.datastore, { type: "redis", version: null, versionId: null })
  })

  for (const id of STRANGE_IDS) {
    it(`is got by the id ${id}`, async () => {
      const { backups } = clientFor("strange", await strangeToken())
      assert.strictEqual((await backups.get(id)).id, id)
    })
  }

  let made: Promise<string> | undefined
  const strangeToken = () => (made ??= server.token("strange"))
})

describe("a fault is the class of its row", () => {
  it("401: an unknown token", async () => {
    const error = await failure(clientFor("many", "unknown").backups.list().page())
    assert.instanceOf(error, Unauthorized)
    assert.strictEqual(error.code, 401)
    assert.isNotEmpty(error.message)
    assert.match(error.requestId ?? "", /^[\w-]{8,}$/)
  })

  it("403: a token of another account", async () => {
    assert.instanceOf(await failure(clientFor("1234", token).backups.list().page()), Forbidden)
  })

  it("404: a backup, a datastore and a path that do not exist", async () => {
    assert.instanceOf(await failure(many().get("nothing")), ItemNotFound)
    const typo = await failure(many().list({ datastore: "mysqll" }).toArray({ max: 5 }))
    assert.instanceOf(typo, ItemNotFound)
    assert.include(typo.message, "mysqll")
    assert.instanceOf(await failure(clientFor("many", token, `${server.url}/db`).backups.get("a")), ItemNotFound)
  })

  it("400: a marker that nobody gave", async () => {
    const error = await failure(many().list().page({ marker: "nonsense" }))
    assert.instanceOf(error, BadRequest)
    assert.include(error.message, "marker")
  })

  it("413: a limit above the maximum, which is not tried again", async () => {
    const error = await failure(many().list().page({ limit: 1001 }))
    assert.instanceOf(error, OverLimit)
    assert.include(error.message, "1000")
    assert.isUndefined(error.retryAfter)
  })
})

describe("a program written against BackupCatalog", () => {
  const account = AccountId.make("many")

  const program = (filter: BackupFilter) =>
    Effect.gen(function* () {
      const catalog = yield* BackupCatalog
      const first = yield* catalog.list(account, filter, { limit: 7 })
      const second = first.next === undefined ? undefined : yield* catalog.list(account, filter, { marker: first.next })
      const streamed = yield* Stream.runCollect(catalog.stream(account, filter))
      const one = yield* catalog.get(account, BackupId.make("many-00042"))
      return {
        first: first.backups.map(encodeBackup),
        // Over HTTP a marker has the question with it.
        hasNext: first.next !== undefined,
        second: second?.backups.map(encodeBackup),
        streamed: [...streamed].map(encodeBackup),
        one: encodeBackup(one)
      }
    })

  const failing = Effect.flatMap(BackupCatalog, (catalog) =>
    Effect.all(
      [
        catalog.get(account, BackupId.make("nothing")),
        catalog.list(account, { datastore: "mysqll" }, {}),
        catalog.list(account, {}, { limit: 1001 }),
        catalog.list(account, {}, { marker: Marker.make("nonsense") }),
        Stream.runDrain(catalog.stream(account, { datastore: "mysqll" }))
      ].map((read: Effect.Effect<unknown, CatalogError>) => Effect.flip(read))
    )
  )

  const overMemory = Layer.mergeAll(
    Layer.effectDiscard(
      Effect.flatMap(BackupStore, (store) =>
        store.put(
          account,
          manyRecords.map((record) => Either.getOrThrow(decodeBackup(record)))
        )
      )
    ),
    StoreCatalog.layer({ pageSize: 1000, maxPageSize: 1000 })
  ).pipe(Layer.provide(BackupStoreMemory.layer))

  const overHttp = Layer.suspend(() => layer({ url: server.url, token }))

  for (const filter of [{}, { datastore: "REDIS" }, { statuses: ["FAILED"] }, { statuses: ["NEW"] }] as const) {
    it(`gives the same over HTTP as over a store: ${JSON.stringify(filter)}`, async () => {
      const far = await Effect.runPromise(Effect.provide(program(filter), overHttp))
      const near = await Effect.runPromise(Effect.provide(program(filter), overMemory))
      assert.deepEqual(far, near)
      assert.strictEqual(far.first.length, "statuses" in filter && filter.statuses[0] === "NEW" ? 0 : 7)
    })
  }

  it("fails with the same faults over HTTP as over a store", async () => {
    const summary = (errors: ReadonlyArray<CatalogError>) =>
      errors.map(({ _tag, code, message }) => [_tag, code, message])
    const far = await Effect.runPromise(Effect.provide(failing, overHttp))
    const near = await Effect.runPromise(Effect.provide(failing, overMemory))
    assert.deepEqual(summary(far), summary(near))
    assert.deepEqual(
      far.map(({ code }) => code),
      [404, 404, 413, 400, 404]
    )
  })

  it("fails to begin when an option cannot be used", async () => {
    const exit = await Effect.runPromiseExit(Effect.provide(program({}), layer({ url: "nowhere", token })))
    const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    assert.propertyVal(error, "_tag", "InvalidOption")
  })
})
