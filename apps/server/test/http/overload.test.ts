import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import Database from "better-sqlite3"
import { Redacted } from "effect"
import { assert, describe, it, onTestFinished } from "vitest"
import type { AdmissionLimits } from "../../src/limits/Admission.ts"
import { prepare, start, temporaryFolder } from "../support/server.ts"
import { get, sendForAll } from "../support/socket.ts"

const METRICS_TOKEN = "metrics-token-of-this-test"
const LIST = "/v1.0/1234/backups"

const serving = async (admission: AdmissionLimits) => {
  const path = join(temporaryFolder(onTestFinished), "catalog.sqlite")
  const store = `sqlite:${path}`
  await prepare(store, {}, { t: { account: "1234" } })
  const metrics = { token: Redacted.make(METRICS_TOKEN), maxInstances: 10 }
  const [url, stop] = await start({ store, admission, metrics })
  onTestFinished(stop)
  return { url, path }
}

/** Begins a request whose body does not come. */
const hold = async (url: string, method: string, path: string, type: string): Promise<Socket> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  await once(socket, "connect")
  socket.on("error", () => {})
  socket.write(
    `${method} ${path} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: t\r\nContent-Type: ${type}\r\nContent-Length: 10\r\n\r\n`
  )
  return socket
}

/** Keeps the store's writers waiting until the function that it gives is called. */
const lock = (path: string): (() => void) => {
  const database = new Database(path)
  onTestFinished(() => void database.close())
  database.exec("BEGIN IMMEDIATE")
  return () => void database.exec("ROLLBACK")
}

const remove = (url: string, id: string) =>
  fetch(`${url}${LIST}/${id}`, { method: "DELETE", headers: { "X-Auth-Token": "t" } })

const metricsOf = async (url: string): Promise<string> =>
  (await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${METRICS_TOKEN}` } })).text()

const inFlight = async (url: string, count: number): Promise<void> => {
  while (!(await metricsOf(url)).includes(`\nbackup_catalog_requests_in_flight ${count + 1}\n`)) await setTimeout(10)
}

const PIPELINED = 200
const pipeline = `GET ${LIST} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: t\r\n\r\n`.repeat(PIPELINED - 1)
const last = `GET ${LIST} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: t\r\nConnection: close\r\n\r\n`

describe("a server with too much to do", () => {
  it("answers 503 above its number of requests in flight, whatever was asked, and goes on when one has ended", async () => {
    const { url, path: file } = await serving({ maxRequests: 2, maxDelay: 0 })
    const unlock = lock(file)
    const waiting = [remove(url, "a"), remove(url, "b")]
    await inFlight(url, 2)
    for (const [path, token] of [
      [LIST, "t"],
      [LIST, "nobody's"],
      ["/nothing-here", "t"]
    ] as const) {
      const { status, headers, body } = await get(url, path, token)
      assert.strictEqual(status, 503, path)
      assert.strictEqual(headers["retry-after"], "1")
      assert.strictEqual(headers["content-type"], "application/json")
      assert.isString(headers["x-request-id"])
      assert.deepInclude(JSON.parse(body).serviceUnavailable, { code: 503 })
    }
    assert.strictEqual((await get(url, "/healthz", "")).status, 200)
    assert.strictEqual((await get(url, "/readyz", "")).status, 200)
    const refused = await hold(url, "PUT", `${LIST}/c`, "application/json")
    const answer = (await refused.toArray()).join("")
    assert.match(answer, /^HTTP\/1\.1 503 /)
    assert.include(answer, "\r\nConnection: close\r\n")
    assert.include(await metricsOf(url), '\nbackup_catalog_overloaded_total{reason="requests"} 4\n')
    unlock()
    for (const one of waiting) assert.strictEqual((await one).status, 404)
    assert.strictEqual((await get(url, LIST, "t")).status, 200)
  })

  it("does not count those whose body is still to come", async () => {
    const { url } = await serving({ maxRequests: 1, maxDelay: 0 })
    await hold(url, "POST", "/v1.0/1234/imports?source=a", "application/x-ndjson")
    await hold(url, "PUT", `${LIST}/a`, "application/json")
    await inFlight(url, 2)
    assert.strictEqual((await get(url, LIST, "t")).status, 200)
  })

  it("refuses what does not fit into turns that have been too long for some time, and only then", async () => {
    const { url } = await serving({ maxRequests: 0, maxDelay: 1 })
    const statuses = async () => (await sendForAll(url, pipeline + last)).map(({ status }) => status)
    assert.deepEqual(new Set(await statuses()), new Set([200]))
    let refused = 0
    for (const end = Date.now() + 60_000; refused === 0 && Date.now() < end; ) {
      const answers = (await Promise.all([statuses(), statuses(), statuses()])).flat()
      assert.strictEqual(answers.length, 3 * PIPELINED)
      assert.isEmpty(answers.filter((status) => status !== 200 && status !== 503))
      assert.include(answers, 200)
      refused = answers.filter((status) => status === 503).length
    }
    assert.isAbove(refused, 0)
    assert.include(await metricsOf(url), `\nbackup_catalog_overloaded_total{reason="delay"} ${refused}\n`)
    assert.strictEqual((await get(url, "/healthz", "")).status, 200)
    await setTimeout(1100)
    assert.deepEqual(new Set(await statuses()), new Set([200]))
  })

  it("answers all of a burst", async () => {
    const { url } = await serving({ maxRequests: 1000, maxDelay: 1 })
    const answers = await Promise.all(Array.from({ length: 200 }, () => get(url, LIST, "t")))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  })
})
