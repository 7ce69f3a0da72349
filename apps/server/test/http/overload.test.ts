import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { type Backup, BackupId, type Instant } from "@backup-catalog/core"
import { Option, Redacted } from "effect"
import { assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import type { AdmissionLimits } from "../../src/limits/Admission.ts"
import { defaults, prepare, start, temporaryFolder } from "../support/server.ts"
import { get, sendForAll } from "../support/socket.ts"

const METRICS_TOKEN = "metrics-token-of-this-test"
const LIST = "/v1.0/1234/backups"

const serving = async (
  admission: AdmissionLimits,
  backups: ReadonlyArray<Backup> = [],
  requestTimeout = defaults.limits.requestTimeout
) => {
  const store = `sqlite:${join(temporaryFolder(onTestFinished), "catalog.sqlite")}`
  await prepare(store, { long: backups }, { t: { account: "1234" }, long: { account: "long" } })
  const metrics = { token: Redacted.make(METRICS_TOKEN), maxInstances: 10 }
  const [url, stop] = await start({ store, admission, metrics, limits: { ...defaults.limits, requestTimeout } })
  onTestFinished(stop)
  return url
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

/** Asks for a list that is longer than what a connection holds, and never reads it, so that it stays in flight. */
const askAndNeverRead = async (url: string): Promise<Socket> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname).pause()
  onTestFinished(() => void socket.destroy())
  await once(socket, "connect")
  socket.on("error", () => {})
  socket.write(`GET /v1.0/long/backups HTTP/1.1\r\nHost: x\r\nX-Auth-Token: long\r\n\r\n`)
  return socket
}

// 16 MB of records.
const long = Array.from({ length: 1000 }, (_, n) => ({
  id: BackupId.make(`b${n}`),
  name: "long",
  description: Option.some("x".repeat(16_000)),
  status: "COMPLETED" as const,
  created: 1_700_000_000_000_000n as Instant,
  updated: 1_700_000_000_000_000n as Instant,
  size: Option.none(),
  instanceId: Option.none(),
  parentId: Option.none(),
  locationRef: Option.none(),
  datastore: Option.none()
}))

const metricsOf = async (url: string): Promise<string> =>
  (await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${METRICS_TOKEN}` } })).text()

const inFlight = (url: string, count: number): Promise<boolean> =>
  eventually(`${count} requests are in flight besides the one that asks`, async (see) => {
    const number = /^backup_catalog_requests_in_flight (\d+)$/m.exec(await metricsOf(url))?.[1]
    return see(Number(number)) === count + 1
  })

const PIPELINED = 200
const pipeline = `GET ${LIST} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: t\r\n\r\n`.repeat(PIPELINED - 1)
const last = `GET ${LIST} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: t\r\nConnection: close\r\n\r\n`

describe("a server with too much to do", () => {
  it("answers 503 above its number of requests in flight, whatever was asked, and goes on when one has ended", async () => {
    const url = await serving({ maxRequests: 2, maxDelay: 0 }, long)
    const first = await askAndNeverRead(url)
    await askAndNeverRead(url)
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
    first.destroy()
    await inFlight(url, 1)
    assert.strictEqual((await get(url, LIST, "t")).status, 200)
  })

  it("gives up whoever reads nothing of an answer for too long, and nobody who reads on", async () => {
    const timeout = 1000
    const url = await serving({ maxRequests: 4, maxDelay: 0 }, long, timeout)
    const stuck = await askAndNeverRead(url)
    const slow = await askAndNeverRead(url)
    await inFlight(url, 2)
    let read = 0
    let enough = 0
    let isWhole = false
    slow.on("data", (chunk: Buffer) => {
      read += chunk.length
      isWhole = chunk.subarray(-3).toString() === "]}\n"
      if (read >= enough) slow.pause()
    })
    const began = performance.now()
    while (!isWhole) {
      enough = read + 1_000_000
      slow.resume()
      await eventually("it has read some more", (see) => isWhole || see(read) >= enough)
      await setTimeout(timeout / 10)
    }
    assert.isAbove(performance.now() - began, timeout)
    assert.isAbove(read, 16_000_000)
    await inFlight(url, 0)
    stuck.resume()
    await once(stuck, "close")
    assert.isBelow(stuck.bytesRead, 16_000_000)
  })

  it("does not count those whose body is still to come", async () => {
    const url = await serving({ maxRequests: 1, maxDelay: 0 })
    await hold(url, "POST", "/v1.0/1234/imports?source=a", "application/x-ndjson")
    await hold(url, "PUT", `${LIST}/a`, "application/json")
    await inFlight(url, 2)
    assert.strictEqual((await get(url, LIST, "t")).status, 200)
  })

  it("has nothing in flight for a connection that has ended, also of what had waited for its turn on it", async () => {
    const behind = 50
    const url = await serving({ maxRequests: behind + 1, maxDelay: 0 }, long)
    const socket = await askAndNeverRead(url)
    socket.write(`GET ${LIST} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: t\r\n\r\n`.repeat(behind))
    await inFlight(url, behind + 1)
    assert.strictEqual((await get(url, LIST, "t")).status, 503)
    socket.resetAndDestroy()
    await inFlight(url, 0)
    assert.strictEqual((await get(url, LIST, "t")).status, 200)
  })

  it("answers callers who each wait for their answer, however long their answers take", async () => {
    const url = await serving({ maxRequests: 0, maxDelay: 60_000 }, long)
    const caller = async () => {
      for (let n = 0; n < 20; n++) assert.strictEqual((await get(url, LIST, "t")).status, 200)
    }
    await Promise.all(Array.from({ length: 50 }, caller))
  })

  it("refuses what has waited for more than some milliseconds once many have waited too long, and only then", async () => {
    const url = await serving({ maxRequests: 0, maxDelay: 1 })
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
    // A second without a refusal, and as long again as overload was taken to last.
    await setTimeout(5000)
    assert.deepEqual(new Set(await statuses()), new Set([200]))
  })

  it("answers all of a burst", async () => {
    const url = await serving({ maxRequests: 1000, maxDelay: 1 })
    const answers = await Promise.all(Array.from({ length: 200 }, () => get(url, LIST, "t")))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  })
})
