import { readFile } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, inject, it } from "vitest"
import { askOnce } from "../support/ask.ts"
import { type Catalog, newToken, startCatalog } from "../support/Catalog.ts"
import { type Daemon, documented, freePort, startDaemon } from "../support/Deployment.ts"
import { type Home, homeOfPostgres, writeIn } from "../support/Home.ts"
import { type PostgreSQL, startPostgreSQL } from "../support/PostgreSQL.ts"
import { until } from "../support/until.ts"

const cloud = inject("cloud")
const ACCOUNT = "shop"
const POOL_SIZE = 3

let home: Home
let postgres: PostgreSQL
let pgbouncer: Daemon
let haproxy: Daemon
let servers: readonly [Catalog, Catalog]
let store: string
let url: string
let token: string
/** Where HAProxy tells about itself. */
let admin: string

const logsOf = (name: string) => join(cloud.logs, `deployed ${name}`)

const start = (name: string, flags: ReadonlyArray<string>) =>
  startCatalog({ store, logs: logsOf(name), flags: ["--rate-limit", "0", ...flags] })

const inAMoment = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

beforeAll(async () => {
  home = await homeOfPostgres()
  postgres = await startPostgreSQL(home, "/bin/true")
  await postgres.query("CREATE ROLE catalog LOGIN PASSWORD 'secret'")
  await postgres.query("CREATE DATABASE catalog OWNER catalog")
  const users = await writeIn(
    home,
    "userlist.txt",
    await documented("/etc/pgbouncer/userlist.txt", [[/PASSWORD/, "secret"]])
  )
  const pool = await freePort()
  const ini = await documented("/etc/pgbouncer/pgbouncer.ini", [
    [/host=\S+/, `host=${home.folder}`],
    [/6432/, String(pool)],
    [/auth_file = .*/, `auth_file = ${users}\nunix_socket_dir =`],
    // Fewer than the servers' connections, so that these have to share.
    [/default_pool_size = \d+/, `default_pool_size = ${POOL_SIZE}`]
  ])
  pgbouncer = await startDaemon(home, "pgbouncer", (file) => [file], ini, pool)

  store = `postgres://catalog:secret@127.0.0.1:${pool}/catalog`
  token = await newToken(store, ACCOUNT)
  const flags = ["--store-prepare", "off", "--workers", "2"]
  servers = await Promise.all([start("one", flags), start("two", flags)])

  const port = await freePort()
  const [one, two] = servers.map((server) => new URL(server.url).host)
  admin = join(home.folder, "haproxy.sock")
  const cfg = await documented("/etc/haproxy/haproxy.cfg", [
    [/^/, `global\n  stats socket ${admin}\n\n`],
    [/bind .*/, `bind 127.0.0.1:${port}`],
    [/server one \S+/, `server one ${one}`],
    [/server two \S+/, `server two ${two}`],
    // Shorter than an import waits for its turn, which is as silent as the end of a large one.
    [/timeout server 70s/, "timeout server 5s"]
  ])
  haproxy = await startDaemon(home, "haproxy", (file) => ["-db", "-f", file], cfg, port)
  url = `http://127.0.0.1:${port}`
})
afterAll(async () => {
  await haproxy?.stop()
  await Promise.all(servers?.map((server) => server.stop()) ?? [])
  await pgbouncer?.stop()
  await postgres?.stop()
  await home?.remove()
})

const ask = (question?: Parameters<typeof askOnce>[3]) => askOnce(url, ACCOUNT, token, question)

const put = (id: string, server = url) => {
  const at = "2026-01-02T03:04:05"
  return askOnce(server, ACCOUNT, token, {
    method: "PUT",
    path: `/backups/${id}`,
    body: { backup: { name: id, status: "COMPLETED", created: at, updated: at } }
  })
}

const importInto = (server: string, source: string, name: string, count: number) => {
  const at = "2025-01-02T03:04:05"
  const lines = Array.from({ length: count }, (_, n) =>
    JSON.stringify({ id: `${name}${n}`, name: `${name}${n}`, status: "COMPLETED", created: at, updated: at })
  )
  return fetch(`${server}/v1.0/${ACCOUNT}/imports?source=${source}&mode=snapshot`, {
    method: "POST",
    headers: { "X-Auth-Token": token, "Content-Type": "application/x-ndjson" },
    body: lines.join("\n")
  })
}

/** How many connections HAProxy keeps to each server without a client. */
const keptForAnybody = async (): Promise<ReadonlyArray<number>> => {
  const socket = connect(admin).setEncoding("utf8")
  socket.write("show servers conn servers\n")
  const [names = "", ...lines] = (await socket.toArray()).join("").trim().split("\n")
  const column = names.replace("# ", "").split(" ").indexOf("idle_cur")
  return lines.map((line) => Number(line.split(" ")[column]))
}

const listed = async (): Promise<ReadonlyArray<string>> => {
  const { status, body } = await ask()
  assert.strictEqual(status, 200, body)
  return JSON.parse(body).backups.map(({ id }: { id: string }) => id)
}

describe("two servers behind HAProxy, with PgBouncer and PostgreSQL, as docs/deploy.md has them", () => {
  it("are one catalog, over fewer connections than they have themselves", async () => {
    await Promise.all(Array.from({ length: 60 }, (_, n) => put(`b${n}`)))
    const lists = await Promise.all(Array.from({ length: 60 }, listed))
    for (const ids of lists)
      assert.sameMembers(
        [...ids],
        Array.from({ length: 60 }, (_, n) => `b${n}`)
      )
    const connections = await postgres.query("SELECT count(*) FROM pg_stat_activity WHERE datname = 'catalog'")
    assert.isAtMost(Number(connections), POOL_SIZE)
    assert.isAtLeast(Number(connections), 1)
  })

  it("close no connection that HAProxy keeps for whoever comes next, for it keeps none", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask()))
    for (const { headers } of answers) assert.isNull(headers.get("keep-alive"))
    assert.deepStrictEqual(await keptForAnybody(), [0, 0])
  })

  it("import what one of them is sent", async () => {
    const answer = await importInto(url, "nightly", "i", 5000)
    const text = await answer.text()
    assert.strictEqual(answer.status, 200, text)
    assert.include(JSON.parse(text).import, { created: 5000, rejected: 0 })
  })

  it("are waited for by HAProxy while an import is silent", async () => {
    const path = `/v1.0/${ACCOUNT}/imports?source=silent`
    const init = (body: ReadableStream<Uint8Array> | string): RequestInit => ({
      method: "POST",
      headers: { "X-Auth-Token": token, "Content-Type": "application/x-ndjson" },
      body,
      duplex: "half"
    })
    let finish = () => {}
    const slow = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode("\n"))
        finish = () => controller.close()
      }
    })
    const first = fetch(`${servers[0].url}${path}`, init(slow))
    await until("an import under way", async () => {
      const { body } = await ask({ path: "/imports?source=silent" })
      return JSON.parse(body).imports.length === 1 || undefined
    })
    const waiting = await fetch(`${url}${path}`, init(""))
    assert.strictEqual(waiting.status, 422, await waiting.text())
    finish()
    assert.strictEqual((await first).status, 200)
  })

  it("lose no request when one of them is killed", async () => {
    const acknowledged: Array<string> = []
    const failures: Array<string> = []
    let isOver = false
    const note = (what: string, { status, body }: Awaited<ReturnType<typeof ask>>) => {
      if (status !== 200 && status !== 201) failures.push(`${what}: ${status} ${body}`)
    }
    const read = async () => {
      while (!isOver) note("list", await ask({ path: "/backups?limit=20" }))
    }
    const write = async (writer: string) => {
      for (let n = 0; !isOver; n++) {
        const id = `${writer}-${n}`
        const answer = await put(id)
        note(id, answer)
        acknowledged.push(id)
      }
    }
    const work = [read(), read(), read(), write("first"), write("second")]
    const count = async (more: number) => {
      const enough = acknowledged.length + more
      while (acknowledged.length < enough && failures.length === 0) await new Promise((soon) => setTimeout(soon, 20))
    }
    await count(40)
    await servers[0].kill()
    await count(100)
    isOver = true
    await Promise.all(work)
    assert.deepStrictEqual(failures, [])
    const { body } = await ask({ path: "/backups?created_since=2026-01-01T00:00:00Z" })
    const ids = new Set(JSON.parse(body).backups.map(({ id }: { id: string }) => id))
    assert.deepStrictEqual(
      acknowledged.filter((id) => !ids.has(id)),
      []
    )
  })

  it("answer what they are asked also with prepared statements, which this PgBouncer does not keep", async () => {
    const names = ["prepared one", "prepared two"]
    const prepared = await Promise.all(names.map((name) => start(name, [])))
    try {
      const limits = [1, 7, 50, 200, 1000]
      const walk = async ({ url }: Catalog, order: ReadonlyArray<number>) => {
        for (const limit of order) {
          const { status, body } = await askOnce(url, ACCOUNT, token, { path: `/backups?limit=${limit}` })
          assert.strictEqual(status, 200, body)
          assert.lengthOf(JSON.parse(body).backups, limit)
        }
      }
      const orders = [limits, limits.toReversed()]
      await Promise.all(
        Array.from({ length: 20 }, () => prepared.map((server, n) => walk(server, orders[n] ?? limits))).flat()
      )
    } finally {
      await Promise.all(prepared.map((server) => server.stop()))
    }
    const logs = await Promise.all(names.map((name) => readFile(join(logsOf(name), "stderr"), "utf8")))
    assert.include(logs.join(""), "--store-prepare off")
  })

  it("lose an account for no longer than a transaction may pause to a server that stops within one", async () => {
    const stopped = await start("stopped", ["--store-prepare", "off", "--store-timeout", "1s"])
    const importing = importInto(stopped.url, "weekly", "w", 50_000).catch(() => {})
    try {
      const paused =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = 'catalog' AND state = 'idle in transaction' AND backend_xid IS NOT NULL"
      for (;;) {
        process.kill(stopped.pid, "SIGSTOP")
        await inAMoment(200)
        if ((await postgres.query(paused)) !== "0") break
        process.kill(stopped.pid, "SIGCONT")
        await inAMoment(30)
      }
      // Not through HAProxy, whose patience is too short here for a write that waits for its account.
      const write = () => put("after", servers[1].url)
      await until("a write to the account", async () => ((await write()).status < 300 ? true : undefined))
    } finally {
      await stopped.kill()
      await importing
    }
  })
})
