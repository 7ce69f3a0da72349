import { join } from "node:path"
import { Redacted } from "effect"
import { assert, describe, it, onTestFinished } from "vitest"
import { prepare, start, temporaryFolder } from "../support/server.ts"

const TOKEN = "metrics-token-of-this-test"

const line = (id: string, instance: string | null, age: number) => {
  const created = new Date(Date.now() - age * 3_600_000).toISOString().slice(0, 19)
  return JSON.stringify({ id, name: id, status: "COMPLETED", created, updated: created, instance_id: instance })
}

const serving = async (maxInstances: number, token: string | null = TOKEN) => {
  const store = `sqlite:${join(temporaryFolder(onTestFinished), "catalog.sqlite")}`
  await prepare(store, {}, { a: { account: "acme" }, b: { account: "globex" } })
  const metrics = { token: token === null ? undefined : Redacted.make(token), maxInstances }
  const [url, stop] = await start({ store, metrics })
  onTestFinished(stop)
  const send = (account: string, method: string, path: string, type: string, body: string) =>
    fetch(`${url}/v1.0/${account}${path}`, {
      method,
      headers: { "X-Auth-Token": account === "acme" ? "a" : "b", "Content-Type": type },
      body
    })
  for (const account of ["acme", "globex"]) {
    const body = [line("x", `${account}-"new"\\`, 1), line("y", `${account}-old`, 100), line("z", null, 1)].join("\n")
    assert.strictEqual((await send(account, "POST", "/imports?source=s", "application/x-ndjson", body)).status, 200)
  }
  const allow = (account: string) =>
    send(account, "PUT", "/policy", "application/json", JSON.stringify({ policy: { metrics: true } }))
  /** All backups and instances of an account. */
  const remove = async (account: string) => {
    await send(account, "POST", "/imports?source=s&mode=snapshot&allow_empty=true", "application/x-ndjson", "")
    for (const name of [`${account}-"new"\\`, `${account}-old`]) {
      const path = `/v1.0/${account}/coverage/${encodeURIComponent(name)}`
      const headers = { "X-Auth-Token": account === "acme" ? "a" : "b" }
      assert.strictEqual((await fetch(url + path, { method: "DELETE", headers })).status, 202)
    }
  }
  const scrape = (authorization?: string) =>
    fetch(`${url}/metrics`, authorization === undefined ? {} : { headers: { Authorization: authorization } })
  return { allow, remove, scrape }
}

describe("GET /metrics", () => {
  it("shows the accounts whose policy allows it, and no others, to who has its token", async () => {
    const { allow, scrape } = await serving(100)
    const before = await (await scrape(`Bearer ${TOKEN}`)).text()
    assert.notInclude(before, "acme")
    await allow("acme")
    const answer = await scrape(`Bearer ${TOKEN}`)
    assert.strictEqual(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8")
    const text = await answer.text()
    assert.include(
      text,
      'backup_catalog_verdict{account="acme",instance_id="acme-\\"new\\"\\\\",datastore="",verdict="fresh"} 1\n'
    )
    assert.include(
      text,
      'backup_catalog_verdict{account="acme",instance_id="acme-old",datastore="",verdict="stale"} 1\n'
    )
    assert.include(text, "\nbackup_catalog_coverage_complete 1\n")
    assert.include(text, '\nbackup_catalog_backups_without_instance{account="acme"} 1\n')
    assert.notInclude(text, "globex")
  })

  it("shows what the server did, by words of its own and never those of a caller", async () => {
    const { scrape } = await serving(100)
    const url = new URL((await scrape()).url)
    const ask = (path: string, method = "GET", token = "a") =>
      fetch(new URL(path, url), { method, headers: { "X-Auth-Token": token } }).then((answer) => answer.text())
    // A page is remembered when it is asked for the second time.
    for (let n = 0; n < 3; n++) await ask("/v1.0/acme/backups")
    await ask("/v1.0/acme/backups/x")
    await ask("/v1.0/acme/backups", "GET", "nobody's")
    await ask("/v1.0/acme/backups", "PROPFIND")
    await ask("/a-path-of-a-caller")
    await ask("/a-path-of-a-caller", "PATCH")
    const text = await (await scrape(`Bearer ${TOKEN}`)).text()
    const requests = (labels: string, count: number) =>
      assert.include(text, `\nbackup_catalog_requests_total{${labels}} ${count}\n`)
    requests('route="/v1.0/:accountId/backups",method="GET",status="200",role="member"', 3)
    requests('route="/v1.0/:accountId/backups/:backupId",method="GET",status="200",role="member"', 1)
    requests('route="/v1.0/:accountId/backups",method="GET",status="401",role="none"', 1)
    requests('route="/v1.0/:accountId/backups",method="other",status="405",role="none"', 1)
    requests('route="none",method="GET",status="404",role="none"', 1)
    requests('route="none",method="PATCH",status="404",role="none"', 1)
    assert.include(text, '\nbackup_catalog_request_duration_seconds_count{route="/v1.0/:accountId/backups"} 5\n')
    assert.include(text, '\nbackup_catalog_pages_total{remembered="true"} 1\n')
    assert.include(text, '\nbackup_catalog_tokens_total{remembered="true"} 2\n')
    assert.match(text, /\nbackup_catalog_tokens_total\{remembered="false"\} \d+\n/)
    assert.match(text, /\nbackup_catalog_page_memory_bytes [1-9]\d+\n/)
    assert.match(text, /\nbackup_catalog_store_schema\{kind="sqlite"\} \d+\n/)
    assert.notInclude(text, "backup_catalog_store_connections")
    assert.include(text, '\nbackup_catalog_overloaded_total{reason="delay"} 0\n')
    assert.match(text, /\nbackup_catalog_requests_in_flight 1\n/)
    assert.match(text, /\nnodejs_eventloop_lag_p99_seconds \d/)
    assert.match(text, /\nprocess_resident_memory_bytes \d+\n/)
    for (const word of ["a-path-of-a-caller", "PROPFIND", "nobody's", TOKEN]) assert.notInclude(text, word)
  })

  it("has the names that Prometheus wants: _total of counters, and of nothing else", async () => {
    const { scrape } = await serving(100)
    const text = await (await scrape(`Bearer ${TOKEN}`)).text()
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
    assert.isAbove(types.length, 20)
    for (const [, name = "", type] of types) assert.strictEqual(name.endsWith("_total"), type === "counter", name)
  })

  it("says when it does not show every instance", async () => {
    for (const [most, complete] of [
      [2, 0],
      [3, 0],
      [4, 1]
    ] as const) {
      const { allow, scrape } = await serving(most)
      await allow("acme")
      await allow("globex")
      const text = await (await scrape(`Bearer ${TOKEN}`)).text()
      assert.include(text, `\nbackup_catalog_coverage_complete ${complete}\n`)
      assert.strictEqual(text.match(/^backup_catalog_max_age_seconds\{/gm)?.length, most)
    }
  })

  it("shows as many accounts at most, also those without an instance", async () => {
    for (const [most, complete] of [
      [1, 0],
      [2, 1]
    ] as const) {
      const { allow, remove, scrape } = await serving(most)
      for (const account of ["acme", "globex"]) {
        await allow(account)
        await remove(account)
      }
      const text = await (await scrape(`Bearer ${TOKEN}`)).text()
      assert.include(text, `\nbackup_catalog_coverage_complete ${complete}\n`)
      assert.strictEqual(
        text.match(/^backup_catalog_backups_without_instance\{account="(?:acme|globex)"\} 0$/gm)?.length,
        most
      )
    }
  })

  it("is 401 without its token, and 404 where the server has none", async () => {
    const { scrape } = await serving(100)
    for (const authorization of [
      undefined,
      "Bearer wrong-token-of-this-test",
      "Bearer a",
      `Basic ${TOKEN}`,
      "Bearer"
    ]) {
      const answer = await scrape(authorization)
      assert.strictEqual(answer.status, 401, String(authorization))
      assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer /)
      assert.property(await answer.json(), "unauthorized")
    }
    const { scrape: without } = await serving(100, null)
    assert.strictEqual((await without(`Bearer ${TOKEN}`)).status, 404)
  })
})
