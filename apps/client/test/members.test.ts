import { runInNewContext } from "node:vm"
import { Effect, Either } from "effect"
import { assert, describe, it } from "vitest"
import { parseBackupInput } from "../src/BackupInput.ts"
import { parseOptions } from "../src/HttpCatalogOptions.ts"
import {
  type BackupInput,
  BadRequest,
  type Client,
  createClient,
  InvalidOption,
  type ListFilter
} from "../src/index.ts"
import { checkSignInEffect, signIn } from "../src/keystone/index.ts"
import { parsePolicyInput } from "../src/PlainPolicy.ts"
import { lineOfInput, type SourcedInput } from "../src/SourcedInput.ts"
import { badServer, clientOf, failure, listOf, sendJson, TOKEN } from "./badServer.ts"

const LIST = "/v1.0/1234/backups"

class OfMysql {
  get datastore() {
    return "mysql"
  }
}

class SecondPage {
  limit = 2
  get marker() {
    return "m"
  }
}

class Exported {
  readonly id = "a"
  readonly name = "nightly"
  readonly status = "COMPLETED"
  readonly created = "2026-01-02T03:04:05Z"
  get instanceId() {
    return "db-1"
  }
  get nativeId() {
    return "20260102"
  }
  get datastore() {
    return new (class {
      get type() {
        return "MySQL"
      }
    })()
  }
}

/** Lists nothing, and tells what was asked. */
const asked = async (ask: (client: Client) => Promise<unknown>): Promise<ReadonlyArray<string>> => {
  await using server = await badServer(sendJson(200, { ...listOf([]), coverage: [], imports: [] }))
  await ask(clientOf(server.url))
  return server.seen.map(({ url }) => url)
}

/** What nothing was asked for, and why. */
const refusal = async (ask: (client: Client) => Promise<unknown>): Promise<string> => {
  await using server = await badServer(sendJson(200, { ...listOf([]), coverage: [], imports: [] }))
  const error = await failure(ask(clientOf(server.url)))
  assert.instanceOf(error, BadRequest)
  assert.lengthOf(server.seen, 0)
  return error.message
}

describe("members are read by their names, wherever an object has them", () => {
  const filters: ReadonlyArray<readonly [what: string, filter: ListFilter, query: string]> = [
    ["of a class", new OfMysql(), "datastore=mysql"],
    ["inherited", Object.create({ datastore: "mysql" }), "datastore=mysql"],
    ["without a prototype", Object.assign(Object.create(null), { datastore: "mysql" }), "datastore=mysql"],
    ["frozen", Object.freeze({ datastore: "mysql" }), "datastore=mysql"],
    ["behind a Proxy", new Proxy({ datastore: "mysql" }, {}), "datastore=mysql"],
    ["not enumerable", Object.defineProperty({}, "datastore", { value: "mysql" }), "datastore=mysql"],
    ["of another realm", runInNewContext('({ datastore: "mysql" })'), "datastore=mysql"],
    [
      "a Date of another realm",
      runInNewContext("({ createdSince: new Date(Date.UTC(2026, 0, 2)) })"),
      "created_since=2026-01-02T00"
    ],
    [
      "of a class with a name of its own",
      Object.assign(new OfMysql(), { status: "FAILED" as const, [Symbol.toStringTag]: "Filter" }),
      "datastore=mysql&status=FAILED"
    ]
  ]
  it("options that are an AbortController, and a filter of a class with nothing of its own but a name", async () => {
    const controller = new AbortController()
    controller.abort("enough")
    await using server = await badServer(sendJson(200, listOf([])))
    const { backups } = createClient({ url: server.url, account: "1234", token: "t" })
    const error = await backups.get("b1", controller).then(
      () => undefined,
      (reason: unknown) => reason
    )
    assert.strictEqual(error, "enough")
    class Named extends OfMysql {
      get [Symbol.toStringTag]() {
        return "Named"
      }
    }
    const [url] = await asked((client) => client.backups.list(new Named()).page())
    assert.include(url, `${LIST}?datastore=mysql`)
  })

  it.each(filters)("a filter: %s", async (_, filter, query) => {
    const [url] = await asked(({ backups }) => backups.list(filter).page())
    assert.include(url, `${LIST}?${query}`)
  })

  it("options of pages, of lists and of requests", async () => {
    assert.deepEqual(await asked(({ backups }) => backups.list().page(new SecondPage())), [`${LIST}?limit=2&marker=m`])
    const small = Object.create({ pageSize: 7 })
    assert.deepEqual(await asked(({ backups }) => backups.list({}, small).toArray({ max: 1 })), [`${LIST}?limit=7`])
    const aborted = { signal: AbortSignal.abort("enough") }
    await using server = await badServer(sendJson(200, listOf([])))
    const client = clientOf(server.url)
    assert.strictEqual(await failure(client.backups.get("a", Object.create(aborted))), "enough")
    assert.strictEqual(await failure(client.backups.list({}, Object.create(aborted)).page()), "enough")
  })

  it("filters of the coverage and of imports", async () => {
    assert.include((await asked((client) => client.coverage(new OfMysql()).page()))[0], "datastore=mysql")
    const ofSource = Object.create({ source: "pg" })
    assert.include((await asked(({ imports }) => imports.list(ofSource).page()))[0], "source=pg")
  })

  it("records, with what is in them", () => {
    const line = JSON.parse(Either.getOrThrow(lineOfInput(new Exported())))
    assert.deepInclude(line, { id: "a", instance_id: "db-1", native_id: "20260102" })
    assert.deepInclude(line.datastore, { type: "MySQL" })
    const inherited: SourcedInput = Object.create({ ...new Exported(), instanceId: "db-2" })
    assert.include(Either.getOrThrow(lineOfInput(inherited)), "db-2")
    const foreign = runInNewContext(
      `({ id: "a", name: "n", status: "COMPLETED", created: new Date(0), datastore: { type: "MySQL" } })`
    )
    assert.strictEqual(Effect.runSync(parseBackupInput(foreign)).created, 0n)
  })

  it("policies and their rules", () => {
    const rules = [Object.create({ instance: "db-*", maxAge: "1h" })]
    const policy = Effect.runSync(parsePolicyInput(Object.create({ rules, metrics: true })))
    assert.deepEqual<unknown>(policy, { rules: [{ instance: "db-*", maxAge: "1h" }], metrics: true })
  })

  it("options of a client and of a sign-in", async () => {
    class Options {
      url = "http://localhost"
      account = "1234"
      token = TOKEN
      get keepBytes() {
        return 5
      }
      get retries() {
        return -1
      }
    }
    assert.throws(() => createClient(new Options()), InvalidOption, "The option retries must be")
    const { account: _, ...options } = new Options()
    const settings = Effect.runSync(parseOptions(Object.create({ ...options, keepBytes: 5 })))
    assert.strictEqual(settings.keepBytes, 5)
    const error = Effect.runSync(Effect.flip(checkSignInEffect(Object.create({ authUrl: "nonsense" }), { env: {} })))
    assert.strictEqual(error.option, "authUrl")
  })
})

describe("what is no object with members is refused in a sentence, and nothing is asked", () => {
  const others: ReadonlyArray<readonly [what: string, other: unknown]> = [
    ["Array", []],
    ["Array", [["datastore", "mysql"]]],
    ["Map", new Map([["datastore", "mysql"]])],
    ["Set", new Set()],
    ["URLSearchParams", new URLSearchParams("datastore=mysql")],
    ["Promise", Promise.resolve({ datastore: "mysql" })],
    ["Date", new Date()],
    ["AbortSignal", new AbortController().signal],
    ["Map", runInNewContext('new Map([["datastore", "mysql"]])')],
    ["Array", new Proxy([], {})],
    ["string", "mysql"],
    ["function", () => ({})],
    ["null", null]
  ]
  it.each(others)("%s", async (what, other) => {
    const given = other as never
    for (const ask of [
      ({ backups }: Client) => backups.list(given).page(),
      ({ backups }: Client) => backups.list({}, given).page(),
      ({ backups }: Client) => backups.list().page(given),
      ({ backups }: Client) => backups.forInstance("a", given).page(),
      ({ backups }: Client) => backups.history("a", given).page(),
      ({ backups }: Client) => backups.get("a", given),
      ({ backups }: Client) => backups.upsert(given),
      ({ backups }: Client) => backups.upsert({ ...new Exported(), datastore: other === null ? ("" as never) : given }),
      ({ imports }: Client) => imports.list(given).page(),
      ({ imports }: Client) => imports.run("a", { records: [] }, given),
      (client: Client) => client.coverage(given).page(),
      (client: Client) => client.policy.set(given)
    ]) {
      assert.match(await refusal(ask), new RegExp(`must be an object, not (?:${what}|string)`))
    }
    assert.throws(() => createClient(given), InvalidOption, `The options must be an object, not ${what}.`)
    assert.instanceOf(await failure(signIn(given)), InvalidOption)
    assert.instanceOf(await failure(signIn({}, given)), InvalidOption)
  })

  it("and a member of its own that is not known is refused as ever", async () => {
    const misspelt = Object.assign(new OfMysql(), { instance_id: "a" })
    assert.include(await refusal(({ backups }) => backups.list(misspelt as never).page()), "instance_id is not known")
  })
})

describe("what a list is asked for is what was said when it was made", () => {
  it("one object may be changed for each of several lists", async () => {
    const filter: { datastore?: string } = {}
    const options: { pageSize?: number } = {}
    const urls = await asked(async ({ backups }) => {
      const lists = ["mysql", "postgresql"].map((datastore, n) => {
        filter.datastore = datastore
        options.pageSize = n + 1
        return backups.list(filter, options)
      })
      for (const list of lists) await list.toArray({ max: 1 })
    })
    assert.deepEqual(urls, [`${LIST}?datastore=mysql&limit=1`, `${LIST}?datastore=postgresql&limit=2`])
  })

  it("and what is changed between two pages changes nothing, nor does a Date", async () => {
    const status: Array<"COMPLETED" | "FAILED"> = ["COMPLETED"]
    const createdSince = new Date(Date.UTC(2014, 0, 1))
    await using server = await badServer(
      sendJson(200, listOf(["a"], "?marker=m")),
      sendJson(200, listOf(["b"], "?marker=n")),
      sendJson(200, listOf(["c"]))
    )
    const list = clientOf(server.url).backups.list({ status, createdSince })
    createdSince.setTime(Date.UTC(2015, 0, 1))
    for await (const _ of list) status[0] = "FAILED"
    assert.lengthOf(server.seen, 3)
    for (const { url } of server.seen) {
      assert.include(url, "status=COMPLETED&created_since=2014-01-01T00")
    }
  })

  it("so it is with the other lists", async () => {
    const verdict: Array<"stale" | "never"> = ["stale"]
    const filter = { source: "pg" }
    const named = { datastore: "mysql" }
    const urls = await asked(async ({ backups, coverage, imports }) => {
      const lists = [coverage({ verdict }), imports.list(filter), backups.forInstance("a", named)]
      verdict[0] = "never"
      filter.source = named.datastore = "other"
      for (const list of lists) await list.page()
    })
    assert.lengthOf(urls, 3)
    for (const [n, said] of ["verdict=stale", "source=pg", "datastore=mysql"].entries()) assert.include(urls[n], said)
  })

  it("so it is with what is written", async () => {
    const bodies: Array<string> = []
    await using server = await badServer(async (response, request) => {
      let body = ""
      for await (const piece of request) body += piece
      bodies.push(body)
      sendJson(200, {})(response)
    })
    const client = clientOf(server.url)
    const backup: { -readonly [Member in keyof BackupInput]: BackupInput[Member] } = {
      ...new Exported(),
      name: "first"
    }
    const policy = { rules: [{ instance: "first", maxAge: "1h" }] }
    const writing = [failure(client.backups.upsert(backup)), failure(client.policy.set(policy))]
    backup.name = "second"
    policy.rules[0] = { instance: "second", maxAge: "1h" }
    await Promise.all(writing)
    assert.lengthOf(bodies, 2)
    for (const body of bodies) assert.include(body, "first")
  })

  it("and one that is invalid is told by what reads the list, also what a getter throws", async () => {
    const boom = new Error("boom")
    const throwing = {
      get datastore(): string {
        throw boom
      }
    }
    const list = clientOf("http://localhost").backups.list(throwing)
    for (const read of [() => list.page(), () => list.toArray({ max: 1 }), () => list[Symbol.asyncIterator]().next()]) {
      assert.strictEqual(await failure(read()), boom)
    }
    const filter = { datastore: "" }
    const wrong = clientOf("http://localhost").backups.list(filter)
    filter.datastore = "mysql"
    assert.instanceOf(await failure(wrong.page()), BadRequest)
  })
})

describe("an option of a request that cannot be used is a BadRequest that names it", () => {
  const odd = (options: object) => options as never
  const records = { records: [] }
  const cases: ReadonlyArray<readonly [about: string, ask: (client: Client) => Promise<unknown>]> = [
    ["the option signal must be an AbortSignal", ({ backups }) => backups.get("a", odd({ signal: {} }))],
    ["the option signal must be an AbortSignal", ({ backups }) => backups.list({}, odd({ signal: 5 })).page()],
    ["the option signal must be an AbortSignal", (client) => client.limits(odd({ signal: new AbortController() }))],
    [
      "the option pageSize must be a whole number, 1 or more",
      ({ backups }) => backups.list({}, odd({ pageSize: "7" })).page()
    ],
    [
      "the option ifAbsent must be true or false",
      ({ backups }) => backups.upsert(new ExportedBackup(), odd({ ifAbsent: "true" }))
    ],
    ["the option dryRun must be true or false", ({ imports }) => imports.run("a", records, odd({ dryRun: 1 }))],
    ["the option allowEmpty must be true or false", ({ imports }) => imports.run("a", records, odd({ allowEmpty: 1 }))],
    [
      "the member gzip of what is imported must be true or false",
      ({ imports }) => imports.run("a", odd({ ndjson: new Uint8Array(), gzip: "yes" }))
    ],
    [
      "the member gzp of what is imported is not known; known are records ndjson gzip",
      ({ imports }) => imports.run("a", odd({ ndjson: new Uint8Array(), gzp: true }))
    ],
    [
      "what is imported must be { records }",
      ({ imports }) => imports.run("a", odd({ ...records, ndjson: new Uint8Array() }))
    ],
    ["the filter verdict must have at least one verdict", (client) => client.coverage({ verdict: [] }).page()],
    ["verdict must be one of", (client) => client.coverage(odd({ verdict: "old" })).page()],
    ["verdict[1] must be one of", (client) => client.coverage(odd({ verdict: ["stale", "old"] })).page()],
    ["maxAge must be a duration", (client) => client.coverage({ maxAge: "26" }).page()],
    ["instanceId must have 1 to 255 characters", (client) => client.coverage({ instanceId: "" }).page()],
    ["maxAge must be a duration", (client) => client.policy.set({ maxAge: "26" })],
    ["rules[0].maxAge must be a duration", (client) => client.policy.set({ rules: [{ maxAge: "26" }] })],
    ["rules must be an array", (client) => client.policy.set(odd({ rules: "26h" }))],
    ["metrics must be true or false", (client) => client.policy.set(odd({ metrics: "yes" }))],
    ["remoteLocation must have 1 to", ({ backups }) => backups.register({ ...restorable, remoteLocation: "" })],
    ["datastoreVersionId must have 1 to", ({ backups }) => backups.register({ ...restorable, datastoreVersionId: "" })],
    ["size must be a number of gigabytes", ({ backups }) => backups.register({ ...restorable, size: -1 })]
  ]
  const restorable = { name: "n", remoteLocation: "swift://b/n", datastoreVersionId: "8.0", size: 1 }
  class ExportedBackup {
    id = "a"
    name = "n"
    status = "COMPLETED" as const
    created = new Date()
  }
  it.each(cases)("%s", async (about, ask) => {
    assert.include(await refusal(ask), `Nothing was asked: ${about}`)
  })

  it("where null is nothing", async () => {
    const nothing = odd({ signal: null, pageSize: null })
    assert.deepEqual(await asked(({ backups }) => backups.list({}, nothing).toArray({ max: 1 })), [LIST])
  })

  it("and one of a sign-in is an InvalidOption", async () => {
    for (const [option, options, context] of [
      ["signal", {}, { signal: {} }],
      ["sginal", {}, { sginal: undefined }],
      ["fetch", { authUrl: "http://localhost", fetch: 1 }, {}]
    ] as const) {
      const error = await failure(signIn(odd(options), odd(context)))
      assert.instanceOf(error, InvalidOption)
      assert.strictEqual(error.option, option)
    }
  })
})
