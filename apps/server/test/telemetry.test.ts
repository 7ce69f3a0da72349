import type { ServerResponse } from "node:http"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import Database from "better-sqlite3"
import { afterEach, assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../testing/eventually.ts"
import { IdentityServer, OWN_PASSWORD, scopedTo } from "./auth/support/IdentityServer.ts"
import { type CollectedSpan, Collector } from "./support/Collector.ts"
import { ended, firstLine, runProgram, spawnProgram } from "./support/program.ts"
import { temporaryFolder } from "./support/server.ts"

const LIST = "/v1.0/:accountId/backups"
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
const SPAN = "00f067aa0ba902b7"
const SAMPLED = `00-${TRACE}-${SPAN}-01`
const children = new Set<ReturnType<typeof spawnProgram>>()

afterEach(() => {
  for (const child of children) child.kill("SIGKILL")
  children.clear()
})

const listening = async (): Promise<readonly [Collector, string]> => {
  const collector = new Collector()
  const url = await collector.start()
  onTestFinished(() => collector.stop())
  return [collector, url]
}

/** Sends spans while the server runs. */
const WHILE_IT_RUNS = { OTEL_BSP_SCHEDULE_DELAY: "50" }

/**
 * A running server that sends its spans when it stops, with a token, what it writes, and what it takes to ask and to
 * stop it.
 */
const serve = async (env: NodeJS.ProcessEnv, ...args: ReadonlyArray<string>) => {
  const store = `sqlite:${join(temporaryFolder(onTestFinished), "catalog.sqlite")}`
  const token = (await runProgram(["token", "create", "--account", "shop", "--store", store])).stdout.trim()
  const child = spawnProgram(["serve", "--port", "0", "--store", store, "--rate-limit", "0", ...args], {
    OTEL_BSP_SCHEDULE_DELAY: "60000",
    OTEL_METRIC_EXPORT_INTERVAL: "50",
    ...env
  })
  children.add(child)
  const all = ended(child)
  const url = (await firstLine(child)).replace("listening on ", "")
  const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { "X-Auth-Token": token, ...headers } })
  const stop = async () => {
    child.kill("SIGTERM")
    return all
  }
  /** Leaves records in the store that nobody can read. */
  const breakStore = () => {
    const database = new Database(store.slice("sqlite:".length))
    database.exec("UPDATE backups SET record = '{}'")
    database.close()
  }
  return { url, ask, stop, token, breakStore }
}

const record = JSON.stringify({
  backup: { name: "n", status: "COMPLETED", created: "2026-01-02T03:04:05", updated: "2026-01-02T03:04:05" }
})
const PUT = { method: "PUT", body: record }
const JSON_TYPE = { "Content-Type": "application/json" }

const named = (spans: ReadonlyArray<CollectedSpan>, name: string) => spans.filter((span) => span.name === name)

describe("traces", () => {
  it("have a span for each request, below its caller's, and the store's below that", async () => {
    const [collector, endpoint] = await listening()
    const { ask, stop } = await serve({
      OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/`,
      OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=one%20two,authorization=Basic%20eDp5",
      OTEL_SERVICE_NAME: "catalog-of-this-test",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test,service.name=another"
    })
    const answer = await ask("/v1.0/shop/backups?limit=5", {
      traceparent: SAMPLED,
      "X-Request-Id": "request-of-this-test"
    })
    assert.strictEqual(answer.status, 200)
    await ask("/v1.0/shop/backups/one", { ...JSON_TYPE, traceparent: SAMPLED }, PUT)
    await ask("/v1.0/shop/backups/secret-id")
    await ask("/a-path-of-a-caller", {}, { method: "PATCH" })
    const { stderr } = await stop()

    const [list] = named(collector.spans, `GET ${LIST}`)
    assert.deepInclude(list, { traceId: TRACE, parentSpanId: SPAN, kind: 2, events: [] })
    assert.deepEqual(list?.status, { code: 0 })
    assert.deepEqual(list?.attributes, {
      "http.request.method": "GET",
      "http.route": LIST,
      "http.response.status_code": 200,
      "url.scheme": "http",
      "backup_catalog.request_id": "request-of-this-test"
    })
    assert.isTrue(BigInt(list?.startTimeUnixNano ?? 0) < BigInt(list?.endTimeUnixNano ?? 0))
    assert.strictEqual(answer.headers.get("traceresponse"), `00-${TRACE}-${list?.spanId}-01`)
    assert.include(stderr, `"id":"request-of-this-test","trace_id":"${TRACE}","method":"GET"`)
    for (const name of ["Tokens.find", "BackupStore.listEncoded"]) {
      const below = named(collector.spans, name).find(({ parentSpanId }) => parentSpanId === list?.spanId)
      assert.strictEqual(below?.traceId, TRACE, name)
      assert.strictEqual(below?.attributes["db.system.name"], "sqlite")
    }
    const [put] = named(collector.spans, `PUT ${LIST}/:backupId`)
    assert.deepInclude(put, { traceId: TRACE, parentSpanId: SPAN })
    const [register] = named(collector.spans, "BackupStore.register")
    const catalog = collector.spans.find(({ spanId }) => spanId === register?.parentSpanId)
    assert.deepInclude(catalog, { traceId: TRACE, name: "BackupCatalog.upsert", parentSpanId: put?.spanId })
    assert.strictEqual(named(collector.spans, "transaction register")[0]?.parentSpanId, register?.spanId)

    const [show] = named(collector.spans, `GET ${LIST}/:backupId`)
    assert.isUndefined(show?.parentSpanId)
    assert.notStrictEqual(show?.traceId, TRACE)
    assert.strictEqual(show?.attributes["http.response.status_code"], 404)
    // What the caller asked for in vain is no failure of the server.
    const get = named(collector.spans, "BackupCatalog.get")
    assert.strictEqual(get[0]?.parentSpanId, show?.spanId)
    for (const { status } of collector.spans) assert.deepEqual(status, { code: 0 })
    assert.strictEqual(named(collector.spans, "PATCH").length, 1)
    assert.deepInclude(list?.resource, {
      "service.name": "catalog-of-this-test",
      "deployment.environment.name": "test"
    })
    assert.isString(list?.resource["service.instance.id"])
    for (const { headers, body } of collector.requests) {
      for (const key of ["service.name", "service.version", "service.instance.id"]) {
        assert.strictEqual(body.split(`{"key":"${key}"`).length - 1, 1, key)
      }
      assert.strictEqual(headers["x-tenant"], "one two")
      assert.strictEqual(headers.authorization, "Basic eDp5")
      for (const word of ["secret-id", "a-path-of-a-caller", "limit=5", '"another"']) assert.notInclude(body, word)
    }
  })

  it("are errors where the server failed, and say of what kind, but not where in its code", async () => {
    const [collector, endpoint] = await listening()
    const { ask, stop, breakStore } = await serve({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })
    await ask("/v1.0/shop/backups/one", JSON_TYPE, PUT)
    breakStore()
    assert.strictEqual((await ask("/v1.0/shop/backups/one")).status, 500)
    await stop()
    const [show] = named(collector.spans, `GET ${LIST}/:backupId`)
    const [get] = named(collector.spans, "BackupCatalog.get")
    assert.strictEqual(get?.parentSpanId, show?.spanId)
    assert.deepEqual(show?.status, { code: 2, message: "500" })
    assert.deepEqual(get?.status, { code: 2, message: "defect" })
    for (const { attributes } of collector.spans) assert.notProperty(attributes, "code.stacktrace")
  })

  it("begin anew where a traceparent is none, and leave out what the caller does not record", async () => {
    const [collector, endpoint] = await listening()
    const { ask, stop } = await serve({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })
    const wrong = [
      `00-${TRACE.toUpperCase()}-${SPAN}-01`,
      `00-${"0".repeat(32)}-${SPAN}-01`,
      `00-${TRACE}-${"0".repeat(16)}-01`,
      `00-${TRACE}-${SPAN}-01-more`,
      `ff-${TRACE}-${SPAN}-01`,
      `00-${TRACE}-${SPAN}`,
      `${SAMPLED}, ${SAMPLED}`,
      "x"
    ]
    for (const traceparent of wrong) await ask("/v1.0/shop/backups", { traceparent })
    assert.isNull(
      (await ask("/v1.0/shop/backups?limit=9", { traceparent: `00-${TRACE}-${SPAN}-00` })).headers.get("traceresponse")
    )
    await ask("/v1.0/shop/backups/x", { traceparent: `00-${TRACE}-${SPAN}-00` })
    await ask("/v1.0/shop/backups", { traceparent: `cc-${TRACE}-${SPAN}-01-more` })
    const { stderr } = await stop()
    const requests = named(collector.spans, `GET ${LIST}`)
    assert.strictEqual(requests.length, wrong.length + 1)
    assert.strictEqual(requests.filter(({ traceId }) => traceId === TRACE).length, 1)
    assert.isEmpty(named(collector.spans, `GET ${LIST}/:backupId`))
    assert.isEmpty(named(collector.spans, "BackupStore.get"))
    assert.strictEqual(stderr.split(`"trace_id":"${TRACE}"`).length - 1, 3)
  })

  it("are sampled as OTEL_TRACES_SAMPLER says", async () => {
    const [collector, endpoint] = await listening()
    const { ask, stop } = await serve({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_METRICS_EXPORTER: "none",
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0"
    })
    await ask("/v1.0/shop/backups")
    await ask("/v1.0/shop/backups", { traceparent: SAMPLED })
    await stop()
    assert.deepEqual(
      named(collector.spans, `GET ${LIST}`).map(({ traceId }) => traceId),
      [TRACE]
    )
    assert.isEmpty(collector.points)
  })

  it("go on in what the server asks Keystone", async () => {
    const [collector, endpoint] = await listening()
    const identity = new IdentityServer(Date.now)
    await identity.start()
    onTestFinished(() => identity.stop())
    identity.callers.set("callers-token", { expires: Date.now() + 86_400_000, ...scopedTo("shop", "member") })
    const { ask, stop } = await serve(
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OS_USERNAME: "backup-catalog",
        OS_PASSWORD: OWN_PASSWORD,
        OS_USER_DOMAIN_NAME: "Default",
        OS_PROJECT_NAME: "service",
        OS_PROJECT_DOMAIN_NAME: "Default"
      },
      ...["--auth", "keystone", "--keystone-url", identity.url]
    )
    const headers = { "X-Auth-Token": "callers-token", traceparent: SAMPLED }
    assert.strictEqual((await ask("/v1.0/shop/backups", headers)).status, 200)
    await stop()
    const [list] = named(collector.spans, `GET ${LIST}`)
    const [check] = named(collector.spans, "GET /v3/auth/tokens")
    assert.deepInclude(check, { traceId: TRACE, parentSpanId: list?.spanId, kind: 3 })
    const sent = identity.calls.map((call) => call.headers.traceparent)
    assert.include(sent, `00-${TRACE}-${check?.spanId}-01`)
  })

  it("come from every worker", async () => {
    const [collector, endpoint] = await listening()
    const { ask, stop } = await serve({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...WHILE_IT_RUNS }, "--workers", "2")
    const instances = () => new Set(collector.spans.map(({ resource }) => resource["service.instance.id"]))
    await eventually("both workers have sent spans", async (see) => {
      await ask("/v1.0/shop/backups", { Connection: "close" })
      return see(instances()).size === 2
    })
    assert.strictEqual((await stop()).code, 0)
    assert.strictEqual(instances().size, 2)
  })

  it("come from workers that are told apart, where all are given one instance", async () => {
    const [collector, endpoint] = await listening()
    const { ask, stop } = await serve(
      { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_RESOURCE_ATTRIBUTES: "service.instance.id=shop" },
      "--workers",
      "2"
    )
    const instances = () => [...new Set(collector.points.map(({ resource }) => resource["service.instance.id"]))]
    await ask("/v1.0/shop/backups")
    await eventually("both workers have sent metrics", (see) => see(instances()).length === 2)
    assert.strictEqual((await stop()).code, 0)
    assert.sameMembers(instances(), ["shop-1", "shop-2"])
  })

  it("have the instance that is given, where there are no workers", async () => {
    const [collector, endpoint] = await listening()
    const { ask, stop } = await serve({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_RESOURCE_ATTRIBUTES: "service.instance.id=shop,service.version=one"
    })
    await ask("/v1.0/shop/backups")
    await stop()
    assert.deepInclude(collector.spans[0]?.resource, { "service.instance.id": "shop", "service.version": "one" })
    for (const { body } of collector.requests) assert.strictEqual(body.split(`"service.version"`).length - 1, 1)
  })

  it("are sent as protobuf where that is asked for", async () => {
    const [collector, endpoint] = await listening()
    const { ask, stop } = await serve({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${endpoint}/elsewhere`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf"
    })
    await ask("/v1.0/shop/backups", { traceparent: SAMPLED })
    await stop()
    const [request] = collector.requests
    assert.strictEqual(request?.url, "/elsewhere")
    assert.strictEqual(request?.headers["content-type"], "application/x-protobuf")
    assert.include(request?.body, `GET ${LIST}`)
  })
})

describe("metrics", () => {
  it("are sent again and again, with what is watched", async () => {
    const [collector, endpoint] = await listening()
    const { ask, stop } = await serve({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: "none" })
    const points = (name: string) => collector.points.filter((point) => point.name === name)
    await ask("/v1.0/shop/backups")
    await ask("/v1.0/shop/backups")
    await eventually(
      "both requests are counted",
      (see) => see(points("http.server.request.duration").at(-1))?.count === 2
    )
    await eventually("a page is held in memory", (see) =>
      see(points("backup_catalog_page_memory_bytes")).some(({ value }) => (value ?? 0) > 0)
    )
    await ask("/v1.0/shop/backups")
    await stop()
    const last = points("http.server.request.duration").at(-1)
    assert.deepInclude(last, { count: 3, unit: "s" })
    assert.deepEqual(last?.attributes, {
      "http.request.method": "GET",
      "http.route": LIST,
      "http.response.status_code": 200,
      "backup_catalog.role": "member",
      "url.scheme": "http"
    })
    const active = points("http.server.active_requests").at(-1)
    assert.deepInclude(active, { value: 0, unit: "{request}" })
    assert.deepEqual(active?.attributes, { "http.request.method": "GET", "url.scheme": "http" })
    assert.deepEqual(points("backup_catalog_store_schema").at(-1)?.attributes, { kind: "sqlite" })
    assert.deepInclude(points("backup_catalog_page_memory_bytes").at(-1), { unit: "By", attributes: {} })
    assert.sameMembers(
      [...new Set(collector.points.map(({ name }) => name))],
      [
        "http.server.request.duration",
        "http.server.active_requests",
        "backup_catalog.pages",
        "backup_catalog.tokens",
        "backup_catalog_page_memory_bytes",
        "backup_catalog_store_schema"
      ]
    )
    assert.isEmpty(collector.spans)
  })
})

describe("a collector", () => {
  it.each([
    ["is away", undefined],
    ["refuses", (response: ServerResponse) => response.writeHead(400).end()],
    ["never answers", () => {}]
  ])("that %s disturbs nobody, and is named in the log once", async (_, misbehave) => {
    const [collector, endpoint] = await listening()
    if (misbehave === undefined) collector.stop()
    else collector.misbehave = misbehave
    const { ask, stop } = await serve({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_TIMEOUT: "300",
      ...WHILE_IT_RUNS
    })
    for (let n = 0; n < 50; n++) assert.strictEqual((await ask("/v1.0/shop/backups")).status, 200)
    await setTimeout(1000)
    assert.strictEqual((await ask("/v1.0/shop/backups")).status, 200)
    const { code, stderr } = await stop()
    assert.strictEqual(code, 0)
    assert.include(stderr, `the collector at ${endpoint} does not take what it is sent`)
    assert.isAtMost(stderr.split("the collector at").length - 1, 2)
  })

  it("that redirects is not followed, and is named in the log", async () => {
    const [collector, endpoint] = await listening()
    const [elsewhere, other] = await listening()
    collector.misbehave = (response) => response.writeHead(307, { Location: `${other}/v1/traces` }).end()
    const { ask, stop } = await serve({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: "x-api-key=secret-of-this-test"
    })
    await ask("/v1.0/shop/backups")
    const { code, stderr } = await stop()
    assert.strictEqual(code, 0)
    assert.isNotEmpty(collector.requests)
    assert.isEmpty(elsewhere.requests)
    assert.include(
      stderr,
      `the collector at ${endpoint} does not take what it is sent, since it answered 307, and redirects are not followed`
    )
  })

  const partial = (message: string) => (response: ServerResponse) =>
    response
      .setHeader("Content-Type", "application/json")
      .end(JSON.stringify({ partialSuccess: { rejectedSpans: "5", errorMessage: message } }))

  it.each([
    ["says why", {}, partial("the quota is used up"), "rejects 5 of what it was sent: the quota is used up"],
    ["repeats a secret", {}, partial("wrong key: secret-of-this-test"), 'rejects 5 of what it was sent"'],
    [
      "speaks protobuf",
      { OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" },
      (response: ServerResponse) =>
        response
          .setHeader("Content-Type", "application/x-protobuf")
          .end(Buffer.concat([Buffer.from([0x0a, 10, 0x08, 0xac, 0x02, 0x12, 5]), Buffer.from("quota")])),
      "rejects 300 of what it was sent: quota"
    ]
  ])("that takes what it rejects and %s is named in the log once, and sent more", async (_, env, answer, sentence) => {
    const [collector, endpoint] = await listening()
    collector.misbehave = answer
    const { ask, stop } = await serve({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_METRICS_EXPORTER: "none",
      OTEL_EXPORTER_OTLP_HEADERS: "x-api-key=secret-of-this-test",
      ...WHILE_IT_RUNS,
      ...env
    })
    for (const sent of [1, 2]) {
      await ask("/v1.0/shop/backups")
      await eventually(`request ${sent} has come`, (see) => see(collector.requests.length) >= sent)
    }
    const { stderr } = await stop()
    assert.include(stderr, `the collector at ${endpoint} ${sentence}`)
    assert.strictEqual(stderr.split("the collector at").length - 1, 1)
    assert.notInclude(stderr, "secret-of-this-test")
  })

  it.each([
    ["does not end its answer", (response: ServerResponse) => response.writeHead(200).write("{")],
    [
      "answers without end",
      (response: ServerResponse) => {
        const more = () => {
          while (!response.destroyed && response.write(" ".repeat(65_536)));
        }
        response.writeHead(200, { "Content-Type": "application/json" }).on("drain", more)
        more()
      }
    ]
  ])("that takes what it is sent and %s is sent more", async (_, answer) => {
    const [collector, endpoint] = await listening()
    collector.misbehave = answer
    const { ask, stop } = await serve({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_TIMEOUT: "300",
      OTEL_METRICS_EXPORTER: "none",
      ...WHILE_IT_RUNS
    })
    for (const sent of [1, 2, 3]) {
      await ask("/v1.0/shop/backups")
      await eventually(`request ${sent} has come`, (see) => see(collector.requests.length) >= sent)
      await setTimeout(400)
    }
    const { code, stderr } = await stop()
    assert.strictEqual(code, 0)
    assert.notInclude(stderr, "the collector at")
  })

  it("that is down for a moment gets what was on its way when the server was told to stop", async () => {
    const [collector, endpoint] = await listening()
    collector.misbehave = (response) => {
      collector.misbehave = undefined
      response.writeHead(503).end()
    }
    const { ask, stop } = await serve({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_METRICS_EXPORTER: "none",
      ...WHILE_IT_RUNS
    })
    await ask("/v1.0/shop/backups", { traceparent: SAMPLED })
    await eventually("the collector has refused once", (see) => see(collector.misbehave) === undefined)
    assert.strictEqual((await stop()).code, 0)
    assert.strictEqual(named(collector.spans, `GET ${LIST}`).length, 1)
  })

  it("that never answers keeps the server from stopping for no longer than it may", async () => {
    const [collector, endpoint] = await listening()
    collector.misbehave = () => {}
    const { ask, stop } = await serve({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_TIMEOUT: "60000",
      OTEL_BSP_SCHEDULE_DELAY: "60000"
    })
    await ask("/v1.0/shop/backups")
    const told = performance.now()
    assert.strictEqual((await stop()).code, 0)
    assert.isBelow(performance.now() - told, 20_000)
    assert.isNotEmpty(collector.requests)
  })
})

describe("the variables of OpenTelemetry", () => {
  it("that are wrong are refused with one sentence and exit code 2", async () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" }
    for (const [about, env] of [
      ["OTEL_EXPORTER_OTLP_ENDPOINT", { OTEL_EXPORTER_OTLP_ENDPOINT: "127.0.0.1:4318" }],
      ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "ftp://x" }],
      ["OTEL_EXPORTER_OTLP_PROTOCOL", { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }],
      ["OTEL_EXPORTER_OTLP_HEADERS", { ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: "secret-of-this-test" }],
      ["OTEL_EXPORTER_OTLP_HEADERS", { ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: "x=secret-of-this-test%0A" }],
      ["OTEL_TRACES_SAMPLER", { ...endpoint, OTEL_TRACES_SAMPLER: "often" }],
      ["OTEL_TRACES_SAMPLER_ARG", { ...endpoint, OTEL_TRACES_SAMPLER_ARG: "2" }],
      ["OTEL_TRACES_SAMPLER_ARG", { ...endpoint, OTEL_TRACES_SAMPLER_ARG: " " }],
      ["OTEL_TRACES_EXPORTER", { ...endpoint, OTEL_TRACES_EXPORTER: "console" }],
      ["OTEL_METRICS_EXPORTER", { OTEL_METRICS_EXPORTER: "prometheus" }],
      ["OTEL_EXPORTER_OTLP_HEADERS", { ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: "Host=secret-of-this-test" }],
      ["OTEL_EXPORTER_OTLP_HEADERS", { ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: "a=b,content-length=3" }],
      ["OTEL_BSP_SCHEDULE_DELAY", { ...endpoint, OTEL_BSP_SCHEDULE_DELAY: "5s" }],
      ["OTEL_EXPORTER_OTLP_TIMEOUT", { ...endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: "0" }]
    ] as const) {
      const store = `sqlite:${join(temporaryFolder(onTestFinished), "catalog.sqlite")}`
      const { code, stderr } = await runProgram(["serve", "--port", "0", "--store", store], undefined, env)
      assert.strictEqual(code, 2, stderr)
      assert.include(stderr, about)
      assert.notInclude(stderr, "secret-of-this-test")
      assert.strictEqual(stderr.trim().split("\n").length, 1, stderr)
    }
  })

  it("do nothing where OTEL_SDK_DISABLED says so", async () => {
    const [collector, endpoint] = await listening()
    const { ask, stop } = await serve({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: "true" })
    const answer = await ask("/v1.0/shop/backups", { traceparent: SAMPLED })
    assert.isNull(answer.headers.get("traceresponse"))
    const { stderr } = await stop()
    assert.notInclude(stderr, "trace_id")
    assert.isEmpty(collector.requests)
  })
})
