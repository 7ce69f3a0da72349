import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { closeSync, constants, openSync, readFileSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { assert, describe, it, onTestFinished } from "vitest"
import { logLines, runProgram } from "../support/program.ts"
import { temporaryFolder } from "../support/server.ts"
import { get, sendRaw } from "../support/socket.ts"
import { DEMO_TOKEN, freshStore, serve } from "./support.ts"

/** How long a process has worked, in hundredths of a second. */
const processorTicks = (pid: number | undefined): number => {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, "utf8").split(" ").slice(13, 15)
  return Number(user) + Number(system)
}

describe("serve", () => {
  it("answers on while its log cannot be written, and ends as ever", async () => {
    // A device that is a full disk (full(4)).
    const full = openSync("/dev/full", "w")
    onTestFinished(() => closeSync(full))
    const { child, all, url } = await serve(["--store", freshStore(), "--demo"], {}, full)
    for (let n = 0; n < 5; n++) {
      assert.strictEqual((await get(url, "/v1.0/1234/backups", DEMO_TOKEN)).status, 200)
      // Lines are written every 200 ms.
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    // Nor does it do anything but to try again with what comes.
    const before = processorTicks(child.pid)
    await new Promise((resolve) => setTimeout(resolve, 2000))
    assert.isBelow(processorTicks(child.pid) - before, 50)
    child.kill("SIGTERM")
    assert.strictEqual((await all).code, 0)
  })

  it("ends where its log cannot be written, also with lines that have just been logged", async () => {
    const full = openSync("/dev/full", "w")
    onTestFinished(() => closeSync(full))
    for (let n = 0; n < 4; n++) {
      const { child, all, url } = await serve(["--store", freshStore(), "--demo"], {}, full)
      await get(url, "/v1.0/1234/backups", DEMO_TOKEN)
      child.kill("SIGTERM")
      assert.strictEqual((await all).code, 0)
    }
  })

  it.each(["a pipe", "a socket"])("ends with 0 where its log is %s that nobody reads", async (what) => {
    const pipe = join(temporaryFolder(onTestFinished), "log")
    execFileSync("mkfifo", [pipe])
    // Both ends, so that there is somebody who could read.
    const held = openSync(pipe, constants.O_RDWR)
    onTestFinished(() => closeSync(held))
    const { child, all, url } = await serve(["--store", freshStore(), "--demo"], {}, what === "a pipe" ? held : "pipe")
    child.stderr?.pause()
    const account = "a".repeat(250)
    for (let n = 0; n < 1500; n++) await (await fetch(`${url}/v1.0/${account}/backups`)).text()
    const end = once(child, "exit")
    child.kill("SIGTERM")
    assert.deepStrictEqual(await end, [0, null])
    child.stderr?.resume()
    await all
  })

  it("holds 8 MiB of a log that nobody reads, and then says how many lines are lost", async () => {
    const { child, all, url } = await serve(["--store", freshStore(), "--demo"])
    child.stderr?.pause()
    const account = "a".repeat(250)
    const ask = async (worker: number) => {
      for (let n = 0; n < 2000; n++) {
        const headers = { "X-Request-Id": `${worker}-${n}-`.padEnd(128, "x") }
        await (await fetch(`${url}/v1.0/${account}/backups`, { headers })).text()
      }
    }
    await Promise.all(Array.from({ length: 8 }, (_, worker) => ask(worker)))
    child.stderr?.resume()
    await get(url, "/v1.0/1234/backups", DEMO_TOKEN)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    child.kill("SIGTERM")
    const { code, stderr } = await all
    assert.strictEqual(code, 0)
    const lines = logLines(stderr)
    const lost = lines.reduce((sum, { msg }) => sum + Number(/^(\d+) lines of this log/.exec(msg)?.[1] ?? 0), 0)
    const told = lines.filter(({ msg }) => msg === "request").length
    assert.isAbove(lost, 0)
    // A busy machine may have said besides that it is overloaded.
    assert.isAtLeast(told + lost, 8 * 2000 + 1)
    assert.isAtMost(told + lost, 8 * 2000 + 20)
    assert.isBelow(stderr.length, 8 * 2 ** 20 + 300_000)
  })

  it("logs a path that JSON has to escape as it was asked for", async () => {
    const { child, all, url } = await serve(["--store", freshStore(), "--demo"])
    const paths = ['/v1.0/1234/backups/"a"', "/v1.0/1234/backups/a\\b", "/v1.0/1234/backups/~!$"]
    for (const path of paths) {
      await sendRaw(url, Buffer.from(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`, "latin1"))
    }
    child.kill("SIGTERM")
    const { stderr } = await all
    const lines = logLines(stderr)
    assert.deepStrictEqual(
      lines.map(({ path, account }) => [path, account]),
      paths.map((path) => [path, "1234"])
    )
  })

  it("logs one JSON line a request with id, account, status and duration, and never a token or a query", async () => {
    const { child, all, url } = await serve(["--store", freshStore(), "--demo"])
    const good = await get(url, "/v1.0/1234/backups?datastore=mysql", DEMO_TOKEN)
    await get(url, "/v1.0/1234/backups", "not-a-good-token")
    await get(url, "/v1.0/1234/backups/nope?token=leaked", DEMO_TOKEN)
    child.kill("SIGTERM")
    const { stdout, stderr } = await all
    const lines = logLines(stderr)
    assert.deepStrictEqual(
      lines.map(({ status }) => status),
      [200, 401, 400]
    )
    assert.strictEqual(lines[0].id, good.headers["x-request-id"])
    assert.strictEqual(lines[0].account, "1234")
    assert.isAbove(lines[0].ms, 0)
    for (const secret of [DEMO_TOKEN, "not-a-good-token", "leaked", "mysql"]) assert.notInclude(stdout + stderr, secret)
  })

  it("logs what it cuts off", async () => {
    const records = Array.from({ length: 500 }, (_, n) => ({
      id: `long-${n}`,
      name: "long",
      description: "x".repeat(16_384),
      status: "COMPLETED",
      created: "2026-01-01T00:00:00",
      updated: "2026-01-01T00:00:00"
    }))
    const store = freshStore()
    const file = join(temporaryFolder(onTestFinished), "long.json")
    writeFileSync(file, JSON.stringify(records))
    const first = await serve(["--store", store, "--demo"])
    first.child.kill("SIGTERM")
    await first.all
    assert.strictEqual((await runProgram(["load", "--store", store, "--account", "1234", file])).code, 0)
    const { child, all, url } = await serve(["--store", store, "--demo", "--grace", "300ms"])
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    socket.on("error", () => {})
    await once(socket, "connect")
    socket.pause()
    socket.write(`GET /v1.0/1234/backups HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${DEMO_TOKEN}\r\n\r\n`)
    await new Promise((resolve) => setTimeout(resolve, 300))
    child.kill("SIGTERM")
    const { code, stderr } = await all
    socket.destroy()
    assert.strictEqual(code, 0)
    assert.match(stderr, /"path":"\/v1\.0\/1234\/backups","account":"1234"/)
  })

  it("says nothing of a caller that hangs up but the line with 499", async () => {
    const { child, all, url } = await serve(["--store", freshStore(), "--demo"])
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    await once(socket, "connect")
    const head = `Host: x\r\nX-Auth-Token: ${DEMO_TOKEN}\r\nTransfer-Encoding: chunked`
    socket.write(`GET /v1.0/1234/backups HTTP/1.1\r\n${head}\r\n\r\n`)
    await new Promise((resolve) => setTimeout(resolve, 200))
    socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 200))
    child.kill("SIGTERM")
    const { stderr } = await all
    const lines = logLines(stderr)
    assert.deepStrictEqual(
      lines.map(({ level, status }) => [level, status]),
      [["info", 499]]
    )
  })
})
