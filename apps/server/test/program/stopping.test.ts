import { once } from "node:events"
import { readdirSync } from "node:fs"
import { Agent, request } from "node:http"
import { connect } from "node:net"
import { join } from "node:path"
import Database from "better-sqlite3"
import { assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import { logLines } from "../support/program.ts"
import { temporaryFolder } from "../support/server.ts"
import { get } from "../support/socket.ts"
import { DEMO_TOKEN, freshStore, serve } from "./support.ts"

/** The status of each answer of a connection, of which none may be cut off. */
const wholeAnswers = (text: string): ReadonlyArray<number> => {
  const statuses: Array<number> = []
  for (let at = 0; at < text.length; ) {
    const body = text.indexOf("\r\n\r\n", at) + 4
    const head = /^HTTP\/1\.1 (\d{3}) .*\r\nContent-Length: (\d+)\r\n/s.exec(text.slice(at, body))
    assert.isNotNull(head, text.slice(at, at + 100))
    at = body + Number(head?.[2])
    assert.isAtMost(at, text.length, "the last answer is cut off")
    statuses.push(Number(head?.[1]))
  }
  return statuses
}

/** Whether nobody listens at a URL. */
const isRefused = (url: string): Promise<boolean> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  return new Promise<boolean>((resolve) =>
    socket.once("error", () => resolve(true)).once("connect", () => resolve(false))
  ).finally(() => socket.destroy())
}

describe("serve", () => {
  it("says where it listens in its first line, answers, and ends with 0 on SIGTERM and SIGINT", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const { child, all, line, url } = await serve(["--store", freshStore(), "--demo"])
      assert.match(line, /^listening on http:\/\/127\.0\.0\.1:\d+$/)
      assert.strictEqual(JSON.parse((await get(url, "/v1.0/1234/backups", DEMO_TOKEN)).body).backups.length, 6)
      child.kill(signal)
      assert.strictEqual((await all).code, 0)
    }
  })

  it("says in the store of an import that it cut off that it was interrupted, and of no defect in its log", async () => {
    const store = freshStore()
    const { child, all, url } = await serve(["--store", store, "--demo", "--grace", "100ms"])
    const sent = request(`${url}/v1.0/1234/imports?source=slow&mode=snapshot`, {
      method: "POST",
      headers: { "X-Auth-Token": DEMO_TOKEN, "Content-Type": "application/x-ndjson" }
    })
    sent.on("error", () => {})
    sent.write('{"id"')
    await eventually("the import runs", async (see) => {
      const { imports } = JSON.parse((await get(url, "/v1.0/1234/imports", DEMO_TOKEN)).body)
      return see(imports)[0]?.status === "RUNNING"
    })
    child.kill("SIGTERM")
    const { code, stderr } = await all
    assert.strictEqual(code, 0)
    const lines = logLines(stderr).filter(({ method, status }) => method !== "GET" || status !== 200)
    assert.deepStrictEqual(
      lines.map(({ level, status }) => [level, status]),
      [["info", 499]]
    )
    const again = await serve(["--store", store, "--demo"])
    const { imports } = JSON.parse((await get(again.url, "/v1.0/1234/imports", DEMO_TOKEN)).body)
    assert.deepStrictEqual(
      imports.map(({ status, message }: Record<string, unknown>) => [status, message]),
      [["INTERRUPTED", "It broke off before the end of the body; import again."]]
    )
  })

  it("leaves all of its store in the one file when it stops", async () => {
    const folder = temporaryFolder(onTestFinished)
    const path = join(folder, "catalog.sqlite")
    const { child, all } = await serve(["--store", `sqlite:${path}`, "--demo"])
    assert.include(readdirSync(folder), "catalog.sqlite-wal")
    child.kill("SIGTERM")
    assert.strictEqual((await all).code, 0)
    assert.deepStrictEqual(readdirSync(folder), ["catalog.sqlite"])
    const store = new Database(path, { readonly: true })
    assert.strictEqual(store.prepare("SELECT count(*) FROM backups").pluck().get(), 6)
    store.close()
  })

  it("finishes what is in flight when it is told to stop, answers late comers with 503, and closes idle connections at once", async () => {
    const { child, all, url } = await serve(["--store", freshStore(), "--demo", "--grace", "1m"])
    const { hostname, port } = new URL(url)
    const agent = new Agent({ keepAlive: true })
    await new Promise((resolve) =>
      request(`${url}/healthz`, { agent }, (answer) => answer.resume().on("end", resolve)).end()
    )
    // A request whose chunked body has begun is in flight until the chunk arrives.
    const socket = connect(Number(port), hostname)
    await once(socket, "connect")
    const head = `Host: ${hostname}\r\nX-Auth-Token: ${DEMO_TOKEN}\r\n`
    socket.write(`GET /v1.0/1234/backups HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n`)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const stopped = Date.now()
    child.kill("SIGTERM")
    await eventually("it no longer listens", () => isRefused(url))
    const answers: Array<Buffer> = []
    socket.on("data", (chunk) => answers.push(chunk))
    socket.write(`0\r\n\r\nGET /healthz HTTP/1.1\r\n${head}\r\n`)
    await once(socket, "close")
    const text = Buffer.concat(answers).toString()
    assert.include(text, "HTTP/1.1 200 OK")
    assert.include(text, "restored_backup")
    if (text.includes("HTTP/1.1 503")) assert.match(text, /"serviceUnavailable".*shutting down/)
    assert.strictEqual((await all).code, 0)
    assert.isBelow(Date.now() - stopped, 20_000)
  })

  it("answers what it has read when it is told to stop, also what still waits to be begun", async () => {
    const count = 300
    const { child, all, url } = await serve(["--store", freshStore(), "--demo", "--rate-limit", "0"])
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    await once(socket, "connect")
    const answers: Array<Buffer> = []
    socket.once("data", () => child.kill("SIGTERM"))
    socket.on("data", (chunk) => answers.push(chunk))
    socket.write(`GET /v1.0/1234/backups HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${DEMO_TOKEN}\r\n\r\n`.repeat(count))
    await once(socket, "close")
    assert.strictEqual(
      Buffer.concat(answers)
        .toString()
        .match(/HTTP\/1\.1 200 OK/g)?.length,
      count
    )
    assert.strictEqual((await all).code, 0)
  })

  it("lets callers read their answers to the end when it is told to stop, however slowly they do", async () => {
    const token = "metrics-token-of-this-test"
    const env = { CATALOG_METRICS_TOKEN: token }
    // On a busy machine so many at once would be too much, and some of them refused.
    const patient = ["--rate-limit", "0", "--max-delay", "0s"]
    const { child, all, url } = await serve(["--store", freshStore(), "--demo", ...patient], env)
    const backup = {
      name: "long",
      description: "x".repeat(16_384),
      status: "COMPLETED",
      created: "2026-01-01T00:00:00",
      updated: "2026-01-01T00:00:00"
    }
    for (const id of ["long", "longer"]) {
      const registered = await fetch(`${url}/v1.0/1234/backups/${id}`, {
        method: "PUT",
        headers: { "X-Auth-Token": DEMO_TOKEN, "Content-Type": "application/json" },
        body: JSON.stringify({ backup })
      })
      assert.strictEqual(registered.status, 201)
    }
    // Their answers are more than the buffers of the system hold; they themselves are read at once.
    const count = 600
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    await once(socket, "connect")
    socket.pause()
    socket.write(`GET /v1.0/1234/backups HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${DEMO_TOKEN}\r\n\r\n`.repeat(count))
    await eventually("all of them are begun or answered", async (see) => {
      const text = await (await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${token}` } })).text()
      const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0)
      const begun = number(/^backup_catalog_requests_in_flight (\d+)$/m) - 1
      const answered = number(
        /^backup_catalog_requests_total\{route="[^"]*backups",method="GET",status="200".*\} (\d+)$/m
      )
      return see({ begun, answered }).begun + answered === count && begun > 0
    })
    child.kill("SIGTERM")
    await eventually("it no longer listens", () => isRefused(url))
    const answers: Array<Buffer> = []
    socket.on("data", (chunk) => answers.push(chunk))
    socket.resume()
    await once(socket, "close")
    assert.deepStrictEqual(wholeAnswers(Buffer.concat(answers).toString("latin1")), Array(count).fill(200))
    assert.strictEqual((await all).code, 0)
  })

  it("survives callers that ask for a tunnel and break off, and ends without those that never do", async () => {
    const { child, all, url } = await serve(["--store", freshStore(), "--demo", "--grace", "1m"])
    const { hostname, port } = new URL(url)
    const askForTunnel = async () => {
      const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
      socket.on("error", () => {})
      await once(socket, "connect")
      socket.write("CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n")
      return socket
    }
    for (let n = 0; n < 20; n++) {
      const socket = await askForTunnel()
      await new Promise((resolve) => setTimeout(resolve, n % 4))
      socket.resetAndDestroy()
    }
    assert.strictEqual((await get(url, "/healthz", "")).status, 200)
    const open = await askForTunnel()
    onTestFinished(() => void open.destroy())
    await once(open, "data")
    const stopped = Date.now()
    child.kill("SIGTERM")
    assert.strictEqual((await all).code, 0)
    assert.isBelow(Date.now() - stopped, 20_000)
  })

  it("cuts off what takes longer than the grace", async () => {
    const { child, all, url } = await serve(["--store", freshStore(), "--demo", "--grace", "300ms"])
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    socket.on("error", () => {})
    await once(socket, "connect")
    socket.write(
      `GET /v1.0/1234/backups HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${DEMO_TOKEN}\r\nTransfer-Encoding: chunked\r\n\r\n`
    )
    await new Promise((resolve) => setTimeout(resolve, 200))
    child.kill("SIGTERM")
    await once(socket, "close")
    assert.strictEqual((await all).code, 0)
  })

  it("loses nothing that was loaded when it is killed, and its store opens again", async () => {
    const store = freshStore()
    const first = await serve(["--store", store, "--demo"])
    first.child.kill("SIGKILL")
    await first.all
    const second = await serve(["--store", store, "--demo"])
    assert.strictEqual(JSON.parse((await get(second.url, "/v1.0/1234/backups", DEMO_TOKEN)).body).backups.length, 6)
  })
})
