import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { createGzip, gzipSync } from "node:zlib"
import Database from "better-sqlite3"
import { assert, describe, it, onTestFinished } from "vitest"
import { firstLine, spawnProgram } from "../support/program.ts"
import { prepare, temporaryFolder } from "../support/server.ts"
import { ACCOUNT, NDJSON, record } from "./support/ImportServer.ts"

const RECORDS = 300_000
const GROWTH_ALLOWED = 120

const PATTERN = { resident: /^VmRSS:\s+(\d+) kB$/m, most: /^VmHWM:\s+(\d+) kB$/m }

/** Mebibytes that a process has, or had at most. */
const mebibytes = (pid: number, what: keyof typeof PATTERN): number =>
  Number(PATTERN[what].exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024

const inventory = (count: number): ReadableStream<Uint8Array> => {
  let n = 0
  return new ReadableStream({
    pull: (controller) => {
      const some = Array.from({ length: Math.min(500, count - n) }, () => JSON.stringify(record(`b${n++}`)))
      if (some.length > 0) controller.enqueue(new TextEncoder().encode(`${some.join("\n")}\n`))
      else controller.close()
    }
  })
}

const gzipped = (count: number): ReadableStream<Uint8Array> => {
  const gzip = createGzip({ level: 1 })
  return inventory(count).pipeThrough({
    readable: new ReadableStream<Uint8Array>({
      start: (controller) => {
        gzip.on("data", (chunk: Buffer) => controller.enqueue(new Uint8Array(chunk)))
        gzip.on("end", () => controller.close())
      }
    }),
    writable: new WritableStream<Uint8Array>({
      write: async (chunk) => {
        if (!gzip.write(chunk)) await once(gzip, "drain")
      },
      close: () => void gzip.end()
    })
  })
}

const serving = async () => {
  const path = join(temporaryFolder(onTestFinished), "catalog.sqlite")
  const store = `sqlite:${path}`
  await prepare(store, {}, { member: { account: ACCOUNT } })
  const server = spawnProgram(["serve", "--port", "0", "--store", store, "--log", "silent"], {
    // A small heap is collected often, so that what is resident is what is in use.
    NODE_OPTIONS: "--max-semi-space-size=4 --max-old-space-size=160"
  })
  onTestFinished(async () => {
    server.kill("SIGKILL")
    await once(server, "close")
  })
  const url = (await firstLine(server)).replace("listening on ", "")
  const importAll = async (query: string, body: ReadableStream<Uint8Array> | Uint8Array, headers: object = {}) => {
    const answer = await fetch(`${url}/v1.0/${ACCOUNT}/imports?mode=snapshot&${query}`, {
      method: "POST",
      headers: { "X-Auth-Token": "member", "Content-Type": NDJSON, ...headers },
      body,
      duplex: "half"
    } as RequestInit)
    const text = await answer.text()
    assert.strictEqual(answer.status, 200, text)
    return JSON.parse(text).import
  }
  return { path, pid: server.pid ?? 0, importAll }
}

// Only Linux says how much a process had at most.
describe.runIf(existsSync("/proc/self/status"))("the memory of a server", () => {
  it("does not grow with the size of an import, nor with what it retires", { timeout: 600_000 }, async () => {
    const { path, pid, importAll } = await serving()
    // Warm: code is compiled and caches are as full as they get.
    for (const count of [10_000, 9000, 10_000]) await importAll("source=warm", inventory(count))
    const first = mebibytes(pid, "resident")
    const whole = await importAll("source=pg", gzipped(RECORDS), { "Content-Encoding": "gzip" })
    assert.deepStrictEqual([whole.created, whole.unchanged], [RECORDS - 10_000, 10_000])
    assert.strictEqual((await importAll("source=pg", inventory(10))).retired, RECORDS - 10_000)
    const most = mebibytes(pid, "most")
    assert.isBelow(most - first, GROWTH_ALLOWED, `${first} MiB before, ${most} MiB at most`)
    const database = new Database(path, { readonly: true })
    onTestFinished(() => void database.close())
    assert.strictEqual(database.prepare("SELECT count(*) FROM backups").pluck().get(), 10_000)
  })

  it("does not grow with what lines have besides a record", { timeout: 300_000 }, async () => {
    const { importAll } = await serving()
    const line = `{"id":"a","x":[${Array(340_000).fill("{}").join()}]}\n`
    const body = new Uint8Array(gzipSync(line.repeat(40)))
    const done = await Promise.all(
      ["a", "b", "c", "d"].map((source) => importAll(`source=${source}`, body, { "Content-Encoding": "gzip" }))
    )
    assert.deepStrictEqual(
      done.map(({ rejected }) => rejected),
      [40, 40, 40, 40]
    )
  })
})
