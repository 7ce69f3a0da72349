import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { closeSync, constants, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { Agent, request } from "node:http"
import { connect } from "node:net"
import { join } from "node:path"
import Database from "better-sqlite3"
import { afterEach, assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../testing/eventually.ts"
import { ended, firstLine, logLines, runProgram, spawnProgram } from "./support/program.ts"
import { temporaryFolder } from "./support/server.ts"
import { get, sendLines, sendRaw } from "./support/socket.ts"

const answerFile = new URL("fixtures/list-all.json", import.meta.url).pathname
const DEMO_TOKEN = "87c6033c-9ff6-405f-943e-2deb73f278b7"

const children = new Set<ReturnType<typeof spawnProgram>>()
const serve = async (args: ReadonlyArray<string>, env?: NodeJS.ProcessEnv, stderr?: "pipe" | number) => {
  const child = spawnProgram(["serve", "--port", "0", ...args], env, stderr)
  children.add(child)
  const all = ended(child)
  const line = await firstLine(child)
  return { child, all, line, url: line.replace("listening on ", "") }
}
afterEach(() => {
  for (const child of children) child.kill("SIGKILL")
  children.clear()
})

const freshStore = (): string => `sqlite:${join(temporaryFolder(onTestFinished), "catalog.sqlite")}`

/** How long a process has worked, in hundredths of a second. */
const processorTicks = (pid: number | undefined): number => {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, "utf8").split(" ").slice(13, 15)
  return Number(user) + Number(system)
}

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
    const { child, all, url } = await serve(["--store", freshStore(), "--demo"])
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
    assert.isBelow(Date.now() - stopped, 3000)
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
    const { child, all, url } = await serve(["--store", freshStore(), "--demo", "--rate-limit", "0"], env)
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
    const { child, all, url } = await serve(["--store", freshStore(), "--demo"])
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
    assert.isBelow(Date.now() - stopped, 5000)
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

  it("loses nothing that was loaded when it is killed, and its store opens again", async () => {
    const store = freshStore()
    const first = await serve(["--store", store, "--demo"])
    first.child.kill("SIGKILL")
    await first.all
    const second = await serve(["--store", store, "--demo"])
    assert.strictEqual(JSON.parse((await get(second.url, "/v1.0/1234/backups", DEMO_TOKEN)).body).backups.length, 6)
  })

  it("takes its settings from the environment, flags first", async () => {
    const store = freshStore()
    const env = {
      CATALOG_STORE: store,
      CATALOG_PAGE_SIZE: "2",
      CATALOG_DEMO: "true",
      CATALOG_PUBLIC_URL: "https://backups.example.com/db/",
      CATALOG_LOG: "silent",
      CATALOG_GRACE: "",
      CATALOG_PORT: ""
    }
    const { url } = await serve(["--max-page-size", "3"], env)
    const { body } = await get(url, "/v1.0/1234/backups", DEMO_TOKEN)
    assert.strictEqual(JSON.parse(body).backups.length, 2)
    assert.match(
      JSON.parse(body).links[0].href,
      /^https:\/\/backups\.example\.com\/db\/v1\.0\/1234\/backups\?marker=p1\./
    )
    const over = await get(url, "/v1.0/1234/backups?limit=4", DEMO_TOKEN)
    assert.strictEqual(over.status, 413)
    assert.include(over.body, "maximum 3")
  })

  it("refuses wrong settings with one sentence that names them and exit code 2", async () => {
    const store = freshStore()
    const cases: ReadonlyArray<readonly [ReadonlyArray<string>, RegExp, NodeJS.ProcessEnv?]> = [
      [["--port", "70000"], /--port must be a whole number from 0 to 65535; not 70000/],
      [["--port", "http"], /--port must be .* not http/],
      [["--page-size", "5", "--max-page-size", "4"], /--page-size must be a whole number from 1 to 4; not 5/],
      [["--max-page-size", "0"], /--max-page-size must be/],
      [["--max-header-bytes", "10"], /--max-header-bytes must be/],
      [["--grace", "soon"], /--grace must be a duration from 0s to 1h, in ms, s, m, h, d or w; not soon\./],
      [["--grace", "30d"], /--grace must be a duration from 0s to 1h/],
      [["--request-timeout", "1 minute"], /--request-timeout must be a duration/],
      [
        ["--public-url", "backups.example.com"],
        /--public-url must be an http or https URL.*; not backups\.example\.com\./
      ],
      [["--public-url", "https://a:secret@b.example.com"], /--public-url must be .* without credentials, .*\.com\.$/m],
      [
        ["--store", "postgres://u:secret@db"],
        /--store must be of the form postgres:\/\/USER:PASSWORD@HOST:PORT\/DATABASE/
      ],
      [
        ["--store", "postgres://u:secret@db/x?sslmode=verify_full"],
        /The sslmode of --store must be one of disable, prefer, require, verify-ca, verify-full, no-verify\.\n/
      ],
      [["--store", "mysql://u:secret@db/x"], /--store must be sqlite: and the path of a file/],
      [["--store-connections", "0"], /--store-connections must be a whole number from 1 to 1000; not 0/],
      [["--store-queue", "-1"], /--store-queue must be a whole number from 0/],
      [["--store-timeout", "soon"], /--store-timeout must be a duration from 100ms to 1h/],
      [["--store-prepare", "maybe"], /--store-prepare must be one of on off; not maybe/],
      [["--store-partitions", "2000"], /--store-partitions must be a whole number from 0 to 1024/],
      [["--store", "sqlite::memory:"], /--store must be sqlite:/],
      [["--demo", "--host", "0.0.0.0"], /--demo lets everybody in/],
      [["--rate-limit", "-1"], /--rate-limit/],
      [["--rate-limit", "many"], /--rate-limit must be a whole number from 0 to 1000000; not many/],
      [["--max-body-bytes", "10"], /--max-body-bytes must be/],
      [["--max-sources", "0"], /--max-sources must be a whole number from 1 to 100000; not 0/],
      [[], /CATALOG_MAX_SOURCES must be .* not 100001/, { CATALOG_MAX_SOURCES: "100001" }],
      [["--max-sources", "100002"], /--max-sources must be .* not 100002/, { CATALOG_MAX_SOURCES: "100001" }],
      [["--max-sources=100002"], /--max-sources must be .* not 100002/, { CATALOG_MAX_SOURCES: "100001" }],
      [[], /CATALOG_STORE must be .* not somewhere/, { CATALOG_STORE: "somewhere" }],
      [[], /CATALOG_STORE_READ must be of the form/, { CATALOG_STORE_READ: "somewhere" }],
      [[], /CATALOG_MAX_AGE must be .* not old/, { CATALOG_MAX_AGE: "old" }],
      [[], /CATALOG_LOG must be one of .* not INFO/, { CATALOG_LOG: "INFO" }],
      [["--auth", "ldap"], /--auth must be one of tokens keystone; not ldap/],
      [["--log", "loud"], /--log must be one of debug info/],
      [["--auth", "keystone"], /--keystone-url/],
      [
        ["--keystone-url", "https://keystone.example.com/v3"],
        /--keystone-url is for --auth keystone, .* leave the URL out\./
      ],
      [[], /CATALOG_KEYSTONE_URL is for --auth keystone/, { CATALOG_KEYSTONE_URL: "https://keystone.example.com/v3" }],
      [["--keystone-timeout", "5s"], /--keystone-timeout must be a duration from 100ms to 2s/],
      [["--token-cache", "10m"], /--token-cache must be a duration from 0s to 5m/],
      [["--invalid-token-cache", "10m"], /--invalid-token-cache must be a duration from 0s to 5m/],
      [["--token-cache-size", "0"], /--token-cache-size must be a whole number from 1 to/],
      [["--nonsense"], /The option --nonsense is not known\./],
      [["--nonsense=secret"], /The option --nonsense is not known\./],
      [["-x"], /The option -x is not known\./],
      [["--demo", "maybe"], /The argument maybe is one too many\./],
      [["postgres://a:secret@b/c"], /There is one argument too many\./],
      [["--demo=maybe"], /The option --demo takes no value\./],
      [["--demo="], /The option --demo takes no value\./],
      [["--port="], /The option --port is empty; leave it out, or give it a value\./],
      [[], /CATALOG_DEMO must be one of true false; not maybe/, { CATALOG_DEMO: "maybe" }],
      [[], /CATALOG_PORT must be .* not none/, { CATALOG_PORT: "none" }]
    ]
    for (const [args, message, env] of cases) {
      const { code, stderr, stdout } = await runProgram(["serve", ...args], undefined, { CATALOG_STORE: store, ...env })
      assert.match(stderr, message)
      assert.strictEqual(stderr.trim().split("\n").length, 1, stderr)
      assert.strictEqual(code, 2, args.join(" "))
      assert.strictEqual(stdout, "")
    }
  })

  it("limits lists to 100 a minute unless told otherwise, and not at all in the demo; and bodies as it is told", async () => {
    const limitsOf = async (url: string, token: string) =>
      JSON.parse((await get(url, "/v1.0/1234/limits", token)).body).limits.map(
        ({ verb, value }: { verb: string; value?: number }) => [verb, value]
      )
    const demo = await serve(["--store", freshStore(), "--demo"])
    assert.deepStrictEqual(await limitsOf(demo.url, DEMO_TOKEN), [["ABSOLUTE", undefined]])
    const limited = await serve(["--store", freshStore(), "--demo"], { CATALOG_RATE_LIMIT: "7" })
    assert.deepStrictEqual(await limitsOf(limited.url, DEMO_TOKEN), [
      ["ABSOLUTE", undefined],
      ["GET", 7]
    ])
    const store = freshStore()
    const token = (await runProgram(["token", "create", "--account", "1234", "--store", store])).stdout.trim()
    const usual = await serve(["--store", store, "--max-body-bytes", "1024"])
    assert.deepStrictEqual(await limitsOf(usual.url, token), [
      ["ABSOLUTE", undefined],
      ["GET", 100]
    ])
    const large = await sendLines(
      usual.url,
      [
        "POST /v1.0/1234/backups HTTP/1.1",
        "Host: x",
        `X-Auth-Token: ${token}`,
        "Content-Type: application/json",
        "Content-Length: 1025"
      ],
      " ".repeat(1025)
    )
    assert.strictEqual(large.status, 413)
    assert.include(large.body, "1024 bytes")
  })

  it("has pages of the greatest size when that is smaller than the usual one", async () => {
    const { url } = await serve(["--store", freshStore(), "--demo", "--max-page-size", "4"])
    assert.strictEqual(JSON.parse((await get(url, "/v1.0/1234/backups", DEMO_TOKEN)).body).backups.length, 4)
  })

  it("fills the demo once when several start at the same time, and again where a filling was cut short", async () => {
    const store = freshStore()
    const servers = await Promise.all([1, 2, 3].map(() => serve(["--store", store, "--demo"])))
    for (const { url } of servers) {
      assert.strictEqual(JSON.parse((await get(url, "/v1.0/1234/backups", DEMO_TOKEN)).body).backups.length, 6)
    }
    const database = new Database(store.slice("sqlite:".length))
    database.exec("DELETE FROM backups")
    database.close()
    const { url } = await serve(["--store", store, "--demo"])
    assert.strictEqual(JSON.parse((await get(url, "/v1.0/1234/backups", DEMO_TOKEN)).body).backups.length, 6)
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

  it("refuses a port in use with one sentence", async () => {
    const { url } = await serve(["--store", freshStore()])
    const { port } = new URL(url)
    const { code, stderr } = await runProgram(["serve", "--port", port, "--store", freshStore()])
    assert.strictEqual(code, 1)
    assert.strictEqual(
      stderr.trim(),
      `Port ${port} of 127.0.0.1 is in use already; choose another with --port, or 0 for any.`
    )
  })

  it("never serves the demo's token to others, nor fills a store that has data", async () => {
    const store = freshStore()
    const { child, all } = await serve(["--store", store, "--demo"])
    child.kill("SIGTERM")
    await all
    const open = await runProgram(["serve", "--store", store, "--host", "0.0.0.0", "--port", "0"])
    assert.strictEqual(open.code, 2)
    assert.match(open.stderr, /has the demo's token, which everybody knows/)
    const other = freshStore()
    await runProgram(["load", "--store", other, "--account", "real", answerFile])
    const full = await runProgram(["serve", "--store", other, "--demo", "--port", "0"])
    assert.strictEqual(full.code, 2)
    assert.match(full.stderr, /--demo is for an empty store/)
  })
})

describe("the program", () => {
  it("explains itself in 80 columns, and every command by its own --help", async () => {
    const overview = await runProgram(["--help"])
    assert.strictEqual(overview.code, 0)
    for (const line of overview.stdout.split("\n")) assert.isAtMost(line.length, 80)
    for (const command of [["serve"], ["token", "create"], ["token", "list"], ["token", "revoke"], ["load"]]) {
      assert.include(overview.stdout, `  ${command.join(" ")}  `)
      const { code, stdout } = await runProgram([...command, "--help"])
      assert.strictEqual(code, 0)
      assert.include(stdout, `Usage:\n  backup-catalog-server ${command.join(" ")} `)
      assert.match(stdout, /^ {2}--store STORE {2,}\S/m)
      for (const line of stdout.split("\n")) assert.isAtMost(line.length, 80)
    }
    const { stdout: narrow } = await runProgram(["--help"], undefined, { COLUMNS: "60" })
    for (const line of narrow.split("\n")) assert.isAtMost(line.length, 60)
  })

  it("says in the help of a command what must be given, and how an option may be", async () => {
    const { stdout } = await runProgram(["token", "create", "--help"])
    assert.match(stdout, / {2}backup-catalog-server token create --account ACCOUNT \[OPTION\]…\n/)
    assert.match(stdout, /^ {2}--role reader\|member\|admin\n {26}What it may do: /m)
    assert.match(stdout, /\[default:\s+member\]/)
    assert.match((await runProgram(["load", "--help"])).stdout, / load FILE --account ACCOUNT \[OPTION\]…\n/)
    assert.match((await runProgram(["serve", "--help"])).stdout, / serve \[OPTION\]…\n[\s\S]*^ {2}--demo {2,}Fill /m)
  })

  it("has the settings of serve under titles, with what their values are, and at the end the variables without an option", async () => {
    const { stdout } = await runProgram(["serve", "--help"])
    const titles = [...stdout.matchAll(/^(\S.*):$/gm)].map(([, title]) => title)
    assert.deepStrictEqual(titles, [
      "Usage",
      "Listening",
      "Store",
      "PostgreSQL",
      "Keystone",
      "Limits",
      "Imports and coverage",
      "Logging",
      "Variables without an option",
      "Examples"
    ])
    for (const shown of ["--public-url URL", "--max-requests N", "--grace DURATION", "--store-prepare on|off"]) {
      assert.include(stdout, `\n  ${shown} `)
    }
    for (const variable of ["CATALOG_METRICS_TOKEN", "OS_*", "OTEL_*"]) assert.include(stdout, `\n  ${variable} `)
    assert.notInclude(stdout, "VALUE")
  })

  it("takes an empty text for the public URL as none, whatever the variable says", async () => {
    const { url } = await serve(["--store", freshStore(), "--demo", "--page-size", "1", "--public-url", ""], {
      CATALOG_PUBLIC_URL: "https://backups.example.com"
    })
    const { body } = await get(url, "/v1.0/1234/backups", DEMO_TOKEN)
    assert.notInclude(body, "backups.example.com")
  })

  it("says of an option what is wrong with it, also where it comes twice or has no value", async () => {
    for (const [args, said] of [
      [
        ["serve", "--port", "0", "--port=1"],
        "The option --port is given twice and takes one value. See backup-catalog-server serve --help.\n"
      ],
      [["token", "create", "--account", "a", "--role", "king"], "--role must be one of reader member admin; not king."],
      [
        ["token", "create", "--account"],
        "The option --account needs a value: ACCOUNT. See backup-catalog-server token create --help.\n"
      ],
      [
        ["serve", "--store-read", "a", "--store-read", "--port"],
        "The option --store-read needs a value; if --port is meant to be it, write --store-read=--port. See "
      ]
    ] as const) {
      const { code, stderr } = await runProgram(args)
      assert.strictEqual(code, 2)
      assert.strictEqual(stderr.slice(0, said.length), said)
    }
  })

  it("takes no empty text for a file", async () => {
    for (const command of [["backup"], ["load", "--account", "acme"]]) {
      const { code, stdout, stderr } = await runProgram([...command, "--store", freshStore(), ""])
      assert.deepStrictEqual([code, stdout], [2, ""])
      assert.match(stderr, /^The argument FILE is missing: [^\n]+ See backup-catalog-server \w+ --help\.\n$/)
    }
  })

  it("wants a command that exists", async () => {
    for (const [args, message] of [
      [[], /No command is given/],
      [["restore"], /^The command restore is not known; there are serve, token create, /],
      [["token"], /^The command token is not known; there are token create, token list, token revoke\. /],
      [["-v"], /^The option -v is not known\. See backup-catalog-server --help\.\n$/],
      [
        ["--store=postgres://a:secret@b/c", "serve"],
        /^The option --store is not known\. Options of a command come after it\. See /
      ],
      [["--wizard"], /^The option --wizard is not known\. See /]
    ] as const) {
      const { code, stdout, stderr } = await runProgram(args)
      assert.strictEqual(code, 2)
      assert.match(stderr, message)
      assert.strictEqual(stdout, "")
    }
  })
})

describe("token", () => {
  it("is printed once with nothing else, kept only as a hash, listed by a name, and revoked at once", async () => {
    const store = freshStore()
    const created = await runProgram([
      "token",
      "create",
      "--account",
      "acme",
      "--role",
      "reader",
      "--expires",
      "30d",
      "--store",
      store
    ])
    assert.match(created.stdout, /^bct_[A-Za-z0-9_-]{43}\n$/)
    assert.strictEqual(created.stderr, "")
    const token = created.stdout.trim()
    const { url } = await serve(["--store", store])
    assert.strictEqual((await get(url, "/v1.0/acme/backups", token)).status, 200)
    assert.strictEqual((await get(url, "/v1.0/other/backups", token)).status, 403)
    const file = Buffer.concat(["", "-wal"].map((suffix) => readFileSync(`${store.slice(7)}${suffix}`)))
    assert.isFalse(file.includes(token))
    const listed = await runProgram(["token", "list", "--store", store])
    const name = /^([0-9a-f]{12}) {2}acme +reader /m.exec(listed.stdout)?.[1]
    assert.isDefined(name)
    assert.strictEqual((await runProgram(["token", "revoke", name ?? "", "--store", store])).code, 0)
    assert.strictEqual((await get(url, "/v1.0/acme/backups", token)).status, 401)
    assert.strictEqual((await runProgram(["token", "revoke", name ?? "", "--store", store])).code, 1)
  })

  it("is not looked for where there is no store, nor in a database of another program", async () => {
    const folder = temporaryFolder(onTestFinished)
    const typo = join(folder, "typo.sqlite")
    for (const args of [["list"], ["revoke", "0123456789ab"]]) {
      const { code, stderr } = await runProgram(["token", ...args, "--store", `sqlite:${typo}`])
      assert.strictEqual(code, 1)
      assert.strictEqual(stderr.trim(), `There is no store at ${typo}; --store says where it is.`)
      assert.isFalse(existsSync(typo))
    }
    for (const [args, env, name] of [
      [["token", "list"], { CATALOG_STORE: `sqlite:${typo}` }, "CATALOG_STORE"],
      [["copy", "--from", `sqlite:${typo}`, "--to", "postgres://a@b/c"], {}, "--from"]
    ] as const) {
      const { code, stderr } = await runProgram(args, undefined, env)
      assert.deepStrictEqual([code, stderr], [1, `There is no store at ${typo}; ${name} says where it is.\n`])
    }
    const foreign = join(folder, "foreign.sqlite")
    const database = new Database(foreign)
    database.exec("CREATE TABLE backups (a)")
    database.close()
    const before = readFileSync(foreign)
    const { code, stderr } = await runProgram(["token", "create", "--account", "a", "--store", `sqlite:${foreign}`])
    assert.strictEqual(code, 1)
    assert.strictEqual(stderr.trim(), `The store ${foreign} cannot be opened: it is a database of another program.`)
    assert.isTrue(before.equals(readFileSync(foreign)))
  })

  it("stops being good when it expires", async () => {
    const store = freshStore()
    const { stdout } = await runProgram(["token", "create", "--account", "acme", "--expires", "30d", "--store", store])
    const { url } = await serve(["--store", store])
    assert.strictEqual((await get(url, "/v1.0/acme/backups", stdout.trim())).status, 200)
    const database = new Database(store.slice("sqlite:".length))
    const month = 30 * 86_400_000_000
    assert.strictEqual(database.prepare("UPDATE tokens SET expires = expires - ?").run(month).changes, 1)
    database.close()
    assert.strictEqual((await get(url, "/v1.0/acme/backups", stdout.trim())).status, 401)
  })

  it("refuses what it cannot make", async () => {
    for (const [args, message] of [
      [["--account", "a b"], /--account must have 1 to 255 characters/],
      [["--account", "a", "--role", "king"], /reader/],
      [["--account", "a", "--expires", "never"], /--expires must be a duration/],
      [["--account", "a", "--expires", "0s"], /--expires must be a duration from 1s/],
      [["--account", "a", "--expires", "99999999d"], /--expires must be a duration from 1s to 36500d/],
      [[], /--account/]
    ] as const) {
      const { code, stderr, stdout } = await runProgram(["token", "create", "--store", freshStore(), ...args])
      assert.strictEqual(code, 2)
      assert.match(stderr, message)
      assert.strictEqual(stdout, "")
    }
  })
})
