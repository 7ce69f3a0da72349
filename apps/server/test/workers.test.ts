import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { copyFileSync, readdirSync, readFileSync } from "node:fs"
import { connect, createServer } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import Database from "better-sqlite3"
import { afterEach, assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../testing/eventually.ts"
import { ended, firstLine, logLines, runProgram, spawnProgram } from "./support/program.ts"
import { temporaryFolder } from "./support/server.ts"

const ACCOUNT = "1234"
const METRICS_TOKEN = "metrics-token-of-this-test"
const children = new Set<ReturnType<typeof spawnProgram>>()

afterEach(() => {
  for (const child of children) child.kill("SIGKILL")
  children.clear()
})

/** The processes that a process has started, by their numbers. */
const startedBy = (pid: number | undefined): ReadonlyArray<number> => {
  const table = execFileSync("ps", ["-eo", "pid=,ppid="]).toString().trim().split("\n")
  return table
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child = 0, parent]) => (parent === pid ? [child] : []))
}

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const aBackup = { name: "n", status: "COMPLETED", created: "2026-01-01T00:00:00", updated: "2026-01-01T00:01:00" }

const serve = async (...args: ReadonlyArray<string>) => {
  const folder = temporaryFolder(onTestFinished)
  const store = `sqlite:${join(folder, "catalog.sqlite")}`
  const token = (await runProgram(["token", "create", "--account", ACCOUNT, "--store", store])).stdout.trim()
  const child = spawnProgram(["serve", "--port", "0", "--store", store, "--workers", "3", ...args], {
    CATALOG_METRICS_TOKEN: METRICS_TOKEN
  })
  children.add(child)
  const all = ended(child)
  const base = `${(await firstLine(child)).replace("listening on ", "")}/v1.0/${ACCOUNT}`
  // Each on a connection of its own, so that they come to different workers.
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { "X-Auth-Token": token, Connection: "close", ...init.headers }
    const answer = await fetch(base + path, { ...init, headers })
    return { status: answer.status, headers: answer.headers, body: JSON.parse(await answer.text()) }
  }
  const put = (id: string, name = "n") =>
    ask(`/backups/${id}`, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ backup: { ...aBackup, name } })
    })
  return { child, all, base, token, folder, ask, put }
}

const LISTED = 'backup_catalog_requests_total{route="/v1.0/:accountId/backups",method="GET",status="200",role="member"}'

const scrape = async (base: string): Promise<string> => {
  const headers = { Authorization: `Bearer ${METRICS_TOKEN}`, Connection: "close" }
  return (await fetch(new URL("/metrics", base), { headers })).text()
}

describe("several workers", () => {
  it("answer on one port, replace one that was killed, and end with 0 when they are told to stop", async () => {
    const { child, all, ask } = await serve()
    let said = ""
    child.stderr?.on("data", (chunk) => (said += chunk))
    const workers = startedBy(child.pid)
    assert.lengthOf(workers, 3)
    const [first = 0, ...others] = workers
    process.kill(first, "SIGKILL")
    await eventually(
      "there are three workers again",
      (see) => see(startedBy(child.pid)).filter((pid) => pid !== first).length === 3
    )
    for (let n = 0; n < 10; n++) assert.strictEqual((await ask("/backups")).status, 200)
    for (const pid of others) assert.isTrue(isThere(pid))
    const last = startedBy(child.pid)
    // Who looks into the log meanwhile sees it, not only who looks after the end.
    await eventually("the log says so", (see) => see(said).includes("another takes its place"))
    child.kill("SIGTERM")
    const { code, stderr } = await all
    assert.strictEqual(code, 0)
    assert.isFalse(last.some(isThere))
    const lines = logLines(stderr)
    assert.match(
      lines.find(({ level }) => level === "warn")?.msg,
      /^worker \d+ ended \(SIGKILL\); another takes its place$/
    )
    assert.lengthOf(
      lines.filter(({ msg }) => msg === "request"),
      10
    )
  })

  it("leave all of their store in the one file, also when all are told to stop at once, as by Ctrl-C", async () => {
    for (let n = 0; n < 5; n++) {
      const { child, all, folder } = await serve()
      for (const pid of [child.pid ?? 0, ...startedBy(child.pid)]) process.kill(pid, "SIGINT")
      assert.strictEqual((await all).code, 0)
      assert.deepStrictEqual(readdirSync(folder), ["catalog.sqlite"])
    }
  })

  it.each(["SIGTERM", "SIGINT"])(
    "finish what is in flight, also when all are told to stop at once by %s",
    async (signal) => {
      const { child, all, base, token } = await serve()
      const { hostname, port, pathname } = new URL(base)
      const body = JSON.stringify({ backup: aBackup })
      const head = `PUT ${pathname}/backups/late HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
      // One for each of them at least.
      const answers = Array.from({ length: 4 }, async () => {
        const socket = connect(Number(port), hostname)
        let answer = ""
        socket.on("data", (chunk) => (answer += chunk))
        socket.write(head)
        await new Promise((resolve) => setTimeout(resolve, 300))
        return { socket, end: once(socket, "close").then(() => answer) }
      })
      const open = await Promise.all(answers)
      for (const pid of [child.pid ?? 0, ...startedBy(child.pid)]) process.kill(pid, signal)
      await new Promise((resolve) => setTimeout(resolve, 300))
      for (const { socket } of open) socket.write(body)
      for (const { end } of open) assert.match(await end, /^HTTP\/1\.1 20[01] /)
      assert.strictEqual((await all).code, 0)
    }
  )

  it("leave a database of another program as it is, with what its last process left beside it", async () => {
    const folder = temporaryFolder(onTestFinished)
    const foreign = join(folder, "foreign.sqlite")
    const database = new Database(foreign)
    onTestFinished(() => void database.close())
    database.pragma("journal_mode = WAL")
    database.exec("CREATE TABLE backups (a)")
    const files = ["", "-wal"]
    for (const part of files) copyFileSync(`${foreign}${part}`, join(folder, `copy.sqlite${part}`))
    const bytes = () => files.map((part) => readFileSync(join(folder, `copy.sqlite${part}`)))
    const before = bytes()
    const { code, stderr } = await runProgram(["serve", "--workers", "2", "--store", `sqlite:${folder}/copy.sqlite`])
    assert.strictEqual(code, 1)
    assert.include(stderr, "it is a database of another program")
    assert.deepStrictEqual(bytes(), before)
  })

  it("end with their supervisor, however it ends", async () => {
    const { child, all } = await serve()
    const workers = startedBy(child.pid)
    child.kill("SIGKILL")
    await all
    await eventually("no worker is there any more", (see) => see(workers.filter(isThere)).length === 0)
  })

  it("let an account send what it may in all of them together, and tell it what is left", async () => {
    const { ask } = await serve("--rate-limit", "4")
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask("/backups")))
    const allowed = answers.filter(({ status }) => status === 200)
    assert.deepStrictEqual(allowed.map(({ headers }) => headers.get("ratelimit-remaining")).toSorted(), [
      "0",
      "1",
      "2",
      "3"
    ])
    assert.lengthOf(
      answers.filter(({ status }) => status === 413),
      4
    )
    const { limits } = (await ask("/limits")).body
    assert.deepInclude(limits[1], { value: 4, remaining: 0 })
  })

  it("see at once what another one of them has written", async () => {
    const { ask, put } = await serve("--rate-limit", "0")
    for (let n = 0; n < 20; n++) {
      const name = `name ${n}`
      assert.oneOf((await put("a", name)).status, [200, 201])
      const seen = await Promise.all(Array.from({ length: 6 }, () => ask("/backups")))
      for (const { body } of seen) assert.strictEqual(body.backups[0].name, name)
    }
  })

  it("show in any of them what all of them counted", async () => {
    const { base, ask } = await serve("--rate-limit", "0")
    for (let n = 0; n < 9; n++) await ask("/backups")
    for (let n = 0; n < 4; n++) assert.include(await scrape(base), `${LISTED} 9\n`)
  })

  it("keep what one that was killed had counted, as it has told every 5 seconds, but none of its gauges", async () => {
    const { child, base, ask } = await serve("--rate-limit", "0")
    const memory = (text: string) => Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1])
    const before = memory(await scrape(base))
    for (let n = 0; n < 9; n++) await ask("/backups")
    await new Promise((resolve) => setTimeout(resolve, 6000))
    const workers = startedBy(child.pid)
    for (const pid of workers.slice(1)) process.kill(pid, "SIGKILL")
    await eventually(
      "two others have taken their place",
      (see) => see(startedBy(child.pid)).filter((pid) => !workers.includes(pid)).length === 2
    )
    for (let n = 0; n < 3; n++) await ask("/backups")
    const text = await scrape(base)
    assert.include(text, `${LISTED} 12\n`)
    assert.include(text, 'backup_catalog_request_duration_seconds_count{route="/v1.0/:accountId/backups"} 12\n')
    assert.isBelow(memory(text), 1.5 * before)
    assert.notInclude(text, "does not answer")
  })

  it("show what the others have while one is stuck, and what that one had counted, and say so", async () => {
    const { child, base, ask } = await serve("--rate-limit", "0")
    for (let n = 0; n < 9; n++) await ask("/backups")
    await scrape(base)
    const [stuck = 0] = startedBy(child.pid)
    process.kill(stuck, "SIGSTOP")
    // The first connection that it is handed hears nothing.
    const text = await Promise.any(Array.from({ length: 4 }, () => scrape(base)))
    assert.include(text, `${LISTED} 9\n`)
    assert.match(
      text,
      new RegExp(
        `^# Worker ${stuck} does not answer: here is what it had counted \\d s ago, without its gauges\\.$`,
        "m"
      )
    )
    process.kill(stuck, "SIGCONT")
    const again = await scrape(base)
    assert.include(again, `${LISTED} 9\n`)
    assert.notInclude(again, "does not answer")
  })

  it("write beside an import that another one of them runs", async () => {
    const { base, token, put } = await serve()
    const lines = Array.from({ length: 40_000 }, (_, n) =>
      JSON.stringify({
        ...{ id: `b${n}`, name: "n", status: "COMPLETED", instance_id: `i${n % 50}` },
        ...{ created: "2026-01-01T00:00:00", updated: "2026-01-01T00:01:00" }
      })
    )
    let done = false
    const imported = fetch(`${base}/imports?source=s`, {
      method: "POST",
      headers: { "X-Auth-Token": token, "Content-Type": "application/x-ndjson" },
      body: lines.join("\n")
    })
      .then(async (answer) => JSON.parse(await answer.text()))
      .finally(() => {
        done = true
      })
    const written: Array<number> = []
    while (!done) written.push((await put(`p${written.length}`)).status)
    assert.deepInclude((await imported).import, { status: "COMPLETED", created: 40_000 })
    assert.isAbove(written.length, 3)
    assert.deepStrictEqual([...new Set(written)], [201])
  })

  it("run the program also where its file is named without its end", async () => {
    const program = fileURLToPath(new URL("../dist/main", import.meta.url))
    const store = `sqlite:${join(temporaryFolder(onTestFinished), "catalog.sqlite")}`
    const child = spawn(process.execPath, [program, "serve", "--workers", "2", "--port", "0", "--store", store])
    children.add(child)
    assert.match(await firstLine(child), /^listening on /)
  })

  it("say once why they cannot start, with the exit code that one process would have", async () => {
    const taken = createServer().listen(0, "127.0.0.1")
    await once(taken, "listening")
    onTestFinished(() => void taken.close())
    const address = taken.address()
    const port = typeof address === "object" ? address?.port : undefined
    const store = `sqlite:${join(temporaryFolder(onTestFinished), "catalog.sqlite")}`
    const { code, stderr } = await runProgram(["serve", "--workers", "2", "--port", String(port), "--store", store])
    assert.strictEqual(code, 1)
    assert.strictEqual(
      stderr,
      `Port ${port} of 127.0.0.1 is in use already; choose another with --port, or 0 for any.\n`
    )
    await runProgram(["token", "create", "--account", ACCOUNT, "--store", store])
    const demo = await runProgram(["serve", "--workers", "2", "--port", "0", "--store", store, "--demo"])
    assert.strictEqual(demo.code, 2)
    assert.match(demo.stderr, /^--demo is for an empty store, .*\n$/)
  })

  it("are 1 to 128, or auto", async () => {
    for (const workers of ["0", "129", "many", "Auto"]) {
      const { code, stderr } = await runProgram(["serve", "--workers", workers])
      assert.strictEqual(code, 2)
      assert.strictEqual(
        stderr,
        `--workers must be a whole number from 1 to 128, or auto for one a core; not ${workers}.\n`
      )
    }
  })
})
