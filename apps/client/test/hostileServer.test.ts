import type { IncomingMessage } from "node:http"
import { faults } from "@backup-catalog/core"
import type { AccountOperation } from "@backup-catalog/core/http"
import { assert, describe, it } from "vitest"
import * as exported from "../src/index.ts"
import { ConnectionFailed, TimedOut, UnexpectedAnswer } from "../src/index.ts"
import { badServer, clientOf, failure, type Handler, sendJson, TOKEN } from "./badServer.ts"

type Client = ReturnType<typeof clientOf>

const input = { id: "a", name: "n", status: "COMPLETED", created: "2026-01-02T03:04:05" } as const
const restorable = { name: "x", remoteLocation: "y", datastoreVersionId: "z", size: 1 }

// The client has no methods for these two.
type Operation = Exclude<AccountOperation, "listInstances" | "showInstance">

const operations: Readonly<
  Record<Operation | `${Operation} ${string}`, (client: Client, patience?: number) => Promise<unknown>>
> = {
  list: ({ backups }) => backups.list().page(),
  "list of all accounts": ({ backups }) => backups.list({}, { allProjects: true }).page(),
  "list of retired": ({ backups }) => backups.list({ include: "retired" }).page(),
  listOfInstance: ({ backups }) => backups.forInstance("db-1").page(),
  listDescendants: ({ backups }) => backups.descendants("a").page(),
  show: ({ backups }) => backups.get("a"),
  upsert: ({ backups }) => backups.upsert(input),
  "upsert if absent": ({ backups }) => backups.upsert(input, { ifAbsent: true }),
  register: ({ backups }) => backups.register(restorable),
  remove: ({ backups }) => backups.delete("a"),
  limits: (client) => client.limits(),
  history: ({ backups }) => backups.history("a").page(),
  runImport: ({ imports }, patience) => imports.run("s", { ndjson: new Uint8Array(10) }, { patience }),
  "runImport of records": ({ imports }, patience) => imports.run("s", { records: [input] }, { patience }),
  listImports: ({ imports }) => imports.list().page(),
  showImport: ({ imports }) => imports.get("i"),
  listCoverage: (client) => client.coverage().page(),
  showPolicy: ({ policy }) => policy.get(),
  setPolicy: ({ policy }) => policy.set({ maxAge: "1h" }),
  forgetInstance: (client) => client.forgetInstance("db-1")
}

const successOf: Readonly<Record<string, number>> = { PUT: 200, POST: 202, DELETE: 202 }

/** The status of a success, so that the rest of the answer is looked at. */
const success = ({ method, url }: IncomingMessage): number =>
  method === "POST" && url?.includes("/imports?") ? 200 : (successOf[method ?? ""] ?? 200)

const type = { "Content-Type": "application/json" }

const endless: Handler = (response, request) => {
  response.writeHead(success(request), type)
  const more = () => {
    while (!response.destroyed && response.write(" ".repeat(65_536))) {}
  }
  response.on("drain", more)
  more()
}

const trickling: Handler = (response, request) => {
  response.writeHead(success(request), type)
  const drops = setInterval(() => response.write(" "), 10)
  response.on("close", () => clearInterval(drops))
}

const misbehaviours: ReadonlyArray<readonly [what: string, handler: Handler, errors: ReadonlyArray<unknown>]> = [
  [
    "sends a page of HTML",
    (response) => response.writeHead(200, { "Content-Type": "text/html" }).end("<p>"),
    [UnexpectedAnswer]
  ],
  [
    "sends an error of a proxy",
    (response) => response.writeHead(502, { "Content-Type": "text/html" }).end("<p>"),
    [UnexpectedAnswer]
  ],
  ["sends no Content-Type", (response) => response.writeHead(500).end("{}"), [UnexpectedAnswer]],
  [
    "sends another JSON",
    (response, request) => sendJson(success(request), { hello: [] })(response),
    [UnexpectedAnswer]
  ],
  ["sends half a JSON", (response, request) => sendJson(success(request), '{"backup":')(response), [UnexpectedAnswer]],
  [
    "sends a body that is nested as deep as no stack is",
    (response, request) => sendJson(success(request), "[".repeat(200_000))(response),
    [UnexpectedAnswer]
  ],
  ["sends a success of another kind", (response) => sendJson(206, {})(response), [UnexpectedAnswer]],
  ["says that nothing has changed", (response) => response.writeHead(304).end(), [UnexpectedAnswer]],
  [
    "redirects elsewhere",
    (response) => response.writeHead(307, { Location: "http://127.0.0.1:9/" }).end(),
    [UnexpectedAnswer]
  ],
  ["sends a body without end", endless, [UnexpectedAnswer, ConnectionFailed, TimedOut]],
  [
    "sends gigantic headers",
    (response) => sendJson(200, {}, { "X-Gigantic": "x".repeat(400_000) })(response),
    [ConnectionFailed]
  ],
  [
    "breaks off in the middle",
    (response, request) => {
      response.writeHead(success(request), { ...type, "Content-Length": "5000" })
      response.write("{")
      setTimeout(() => response.destroy(), 20)
    },
    [ConnectionFailed]
  ],
  ["hangs up", (response) => response.destroy(), [ConnectionFailed]],
  ["says nothing", () => {}, [TimedOut]],
  ["sends one byte after the other", trickling, [TimedOut]]
]

describe.each(misbehaviours)("a server that %s", (_, handler, errors) => {
  const deletions = new Set(["remove", "forgetInstance"])
  // What a server sends behind "deleted" is of no matter, as long as it ends.
  const harmless = new Set([
    "sends another JSON",
    "sends half a JSON",
    "sends a body that is nested as deep as no stack is"
  ])

  it.each(Object.entries(operations))(
    "is a typed error of %s, soon, and the connection is let go",
    async (name, run) => {
      await using server = await badServer(handler)
      // What answers is given the time that a busy machine may need.
      const timeout = errors.includes(TimedOut) ? 300 : 20_000
      const client = clientOf(server.url, { retries: 0, timeout, maxBodyBytes: 1_000_000 })
      if (deletions.has(name) && harmless.has(_)) return assert.isUndefined(await run(client, timeout))
      const error = await failure(run(client, timeout))
      assert.isTrue(
        errors.some((Class) => error instanceof (Class as typeof ConnectionFailed)),
        String(error)
      )
      assert.notInclude(JSON.stringify(error) + String(error), TOKEN)
      assert.strictEqual(server.seen.length, 1)
      await server.untilUnderWay(0)
    }
  )
})

describe("each fault of the catalog", () => {
  it.each(faults.map((Class) => [Class.fault, Class] as const))("%s is exported", (_, Class) => {
    assert.include(Object.values<unknown>(exported), Class)
  })

  it.each(faults.map((Class) => [Class.fault, Class] as const))(
    "%s is its class, whatever was asked",
    async (fault, Class) => {
      await using server = await badServer((response) =>
        sendJson(Class.code, { [fault]: { code: Class.code, message: "A sentence.", details: "More." } })(response)
      )
      for (const run of Object.values(operations)) {
        const error = await failure(run(clientOf(server.url, { retries: 0 })))
        assert.isTrue(error instanceof Class, String(error))
        assert.deepInclude(error, { message: "A sentence.", details: "More.", requestId: "req-1" })
      }
    }
  )
})

it("a server that sends rubbish a thousand times leaves nothing behind", async () => {
  await using server = await badServer((response, request) => sendJson(success(request), "x".repeat(200_000))(response))
  const client = clientOf(server.url, { retries: 0, keepBytes: 1_000_000 })
  const runs = async (times: number) => {
    for (let n = 0; n < times; n++)
      await Promise.all(Object.values(operations).map((run) => run(client).catch(() => {})))
  }
  await runs(20)
  const before = process.memoryUsage().rss
  await runs(100)
  assert.isBelow(process.memoryUsage().rss - before, 200 * 2 ** 20)
})
