import { afterEach, assert, describe, it, onTestFinished } from "vitest"
import { Collector } from "../support/Collector.ts"
import { emptyDatabase, query } from "../support/postgres.ts"
import { startCluster } from "../support/postgresCluster.ts"
import { ended, firstLine, runProgram, spawnProgram } from "../support/program.ts"
import { get } from "../support/socket.ts"

const children = new Set<ReturnType<typeof spawnProgram>>()
const serve = async (store: string, env: NodeJS.ProcessEnv = {}) => {
  const child = spawnProgram(["serve", "--port", "0", "--log", "debug", "--public-url", "http://catalog"], {
    CATALOG_STORE: store,
    ...env
  })
  children.add(child)
  const all = ended(child)
  return { child, all, url: (await firstLine(child)).replace("listening on ", "") }
}
afterEach(() => {
  for (const child of children) child.kill("SIGKILL")
  children.clear()
})

describe("the program on PostgreSQL", () => {
  it("is several servers of one catalog, begun at once on an empty database", async () => {
    const store = await emptyDatabase(onTestFinished)
    const [one, other] = await Promise.all([serve(store), serve(store)])
    const env = { CATALOG_STORE: store }
    const token = (await runProgram(["token", "create", "--account", "1234"], undefined, env)).stdout.trim()
    const record = { name: "n", status: "COMPLETED", created: "2026-01-02T03:04:05", updated: "2026-01-02T03:04:05" }
    const records = JSON.stringify([{ id: "a", ...record }])
    const loaded = await runProgram(["load", "--account", "1234", "-"], records, env)
    assert.strictEqual(loaded.code, 0, loaded.stderr)
    const put = await fetch(`${one.url}/v1.0/1234/backups/b`, {
      method: "PUT",
      headers: { "X-Auth-Token": token, "Content-Type": "application/json" },
      body: JSON.stringify({ backup: record })
    })
    assert.strictEqual(put.status, 201)
    const lists = await Promise.all([one, other].map(({ url }) => get(url, "/v1.0/1234/backups", token)))
    assert.strictEqual(lists[0]?.status, 200)
    assert.strictEqual(lists[1]?.body, lists[0]?.body)
    assert.strictEqual(lists[0]?.headers.etag, lists[1]?.headers.etag)
    for (const { child, all } of [one, other]) {
      child.kill("SIGTERM")
      assert.strictEqual((await all).code, 0)
    }
  })

  it("adds to the coverage what an older server left out of many instances of several accounts", async () => {
    const store = await emptyDatabase(onTestFinished)
    const env = { CATALOG_STORE: store }
    assert.strictEqual((await runProgram(["migrate"], undefined, env)).code, 0)
    await query(
      store,
      `INSERT INTO accounts VALUES ('a', 1), ('b', 1), ('c', 1);
       INSERT INTO backups (account, created, id, updated, instance_id, status, record)
       SELECT account, n, 'b' || n, n, 'db-' || n / 2, 'COMPLETED', '{}'
       FROM generate_series(0, 3999) AS n, (VALUES ('a'), ('b')) AS of (account);
       INSERT INTO instances (account, instance_id) VALUES ('a', 'db-7')`
    )
    const { code, stdout } = await runProgram(["migrate"], undefined, env)
    assert.strictEqual(code, 0)
    assert.include(stdout, "Instances that have backups and were not in the coverage: 3,999 added.\n")
    assert.deepStrictEqual(await query(store, "SELECT count(*)::int AS instances FROM instances"), [
      { instances: 4000 }
    ])
  })

  it("sets what PGOPTIONS says", async () => {
    const store = await emptyDatabase(onTestFinished)
    await query(store, "CREATE SCHEMA own")
    const env = { CATALOG_STORE: store, PGOPTIONS: "-c search_path=own" }
    const { code, stderr } = await runProgram(["token", "create", "--account", "1234"], undefined, env)
    assert.strictEqual(code, 0, stderr)
    assert.lengthOf(await query(store, "SELECT FROM own.tokens"), 1)
  })

  it("shows its connections in its metrics, and what it asks in its traces", async () => {
    const store = await emptyDatabase(onTestFinished)
    const collector = new Collector()
    onTestFinished(() => collector.stop())
    const metricsToken = "metrics-token-of-this-test"
    const { child, all, url } = await serve(store, {
      CATALOG_METRICS_TOKEN: metricsToken,
      OTEL_EXPORTER_OTLP_ENDPOINT: await collector.start()
    })
    const create = ["token", "create", "--account", "1234"]
    const token = (await runProgram(create, undefined, { CATALOG_STORE: store })).stdout.trim()
    assert.strictEqual((await get(url, "/v1.0/1234/backups", token)).status, 200)
    const scrape = await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${metricsToken}` } })
    const text = await scrape.text()
    assert.include(text, '\nbackup_catalog_store_connections{state="most"} 10\n')
    assert.include(text, '\nbackup_catalog_store_connections{state="waiting"} 0\n')
    assert.match(text, /\nbackup_catalog_store_connections\{state="(?:used|idle)"\} [1-9]/)
    assert.match(text, /\nbackup_catalog_store_schema\{kind="postgres"\} \d+\n/)
    child.kill("SIGTERM")
    assert.strictEqual((await all).code, 0)
    const list = collector.spans.find(({ name }) => name === "GET /v1.0/:accountId/backups")
    const read = collector.spans.find(({ name }) => name === "BackupStore.listEncoded")
    assert.strictEqual(read?.parentSpanId, list?.spanId)
    assert.strictEqual(read?.attributes["db.system.name"], "postgresql")
    const { password } = new URL(store)
    for (const { body } of collector.requests) assert.notInclude(body, password)
  })

  it("says in one sentence why it does not start, and ends with 1", async () => {
    const store = await emptyDatabase(onTestFinished)
    await query(store, "CREATE TABLE customers (id int)")
    const { password } = new URL(store)
    for (const [url, reason] of [
      [store, /^The store postgres:\S+ cannot be opened: it is a database of another program\.\n$/],
      [store.replace(password, "wrong"), /^The store postgres:\S+ cannot be opened: .+\.\n$/],
      [
        Object.assign(new URL(store), { port: "1" }).href,
        /^The store postgres:\S+ cannot be opened: .*ECONNREFUSED.*\.\n$/
      ],
      [
        `${store}?sslmode=verify-full&sslrootcert=/none/ca.pem`,
        /^The store postgres:\S+ cannot be opened: ENOENT: .*'\/none\/ca\.pem'\.\n$/
      ]
    ] as const) {
      const { code, stdout, stderr } = await runProgram(["serve", "--port", "0"], undefined, { CATALOG_STORE: url })
      assert.strictEqual(code, 1)
      assert.match(stderr, reason)
      assert.notInclude(stdout + stderr, password)
    }
  })

  it("never writes the password, also when it loses its connections", async () => {
    const cluster = await startCluster()
    onTestFinished(cluster.stop)
    const { password } = new URL(cluster.url)
    const { child, all, url } = await serve(cluster.url)
    assert.strictEqual((await get(url, "/readyz")).status, 200)
    await cluster.kill()
    for (let n = 0; n < 5; n++) assert.strictEqual((await get(url, "/readyz")).status, 503)
    assert.strictEqual((await get(url, "/v1.0/1234/backups", "any")).status, 503)
    assert.strictEqual((await get(url, "/v1.0/1234/backups/a", "any")).status, 503)
    assert.strictEqual((await get(url, "/healthz")).status, 200)
    await cluster.start()
    assert.strictEqual((await get(url, "/v1.0/1234/backups", "any")).status, 401)
    child.kill("SIGTERM")
    const { code, stdout, stderr } = await all
    assert.strictEqual(code, 0)
    assert.match(stderr, /"level":"error".*ECONNREFUSED/)
    assert.notInclude(stdout + stderr, password)
  })
})
