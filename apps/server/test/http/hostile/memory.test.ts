import { type ChildProcess, execFileSync } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { firstLine, spawnProgram } from "../../support/program.ts"
import { prepare, temporaryFolder } from "../../support/server.ts"
import { get, sendRaw } from "../../support/socket.ts"
import { accounts, tokenRecords, tokens } from "./fixture.ts"
import { auth, bytes, HOST, JSON_TYPE, LIST, raw } from "./Row.ts"
import { themes } from "./rows.ts"

const ROUNDS = 5
const AT_ONCE = 8
const GROWTH_ALLOWED = 30 * 2 ** 20

// What the whole process takes, since what leaks need not be in the heap.
const residentBytes = ({ pid }: ChildProcess): number => {
  const status = `/proc/${pid}/status`
  const kilobytes = existsSync(status)
    ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, "utf8"))?.[1]
    : execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })
  return Number(kilobytes) * 1024
}

const sendAll = <A>(values: ReadonlyArray<A>, send: (value: A) => Promise<unknown>): Promise<unknown> => {
  const waiting = values[Symbol.iterator]()
  const sendNext = async () => {
    for (const value of waiting) await send(value)
  }
  return Promise.all(Array.from({ length: AT_ONCE }, sendNext))
}

const rows = Object.values(themes).flat()

const signed = [HOST, auth(tokens.member)]
const twenty = (request: Buffer): Buffer => bytes(request.toString().repeat(20))
const put = (header: string, body: string): Buffer =>
  raw(`PUT ${LIST}/full HTTP/1.1`, [...signed, JSON_TYPE, header], body)

/** Requests whose callers are gone when they are answered, or in the middle of them. */
const deserted: ReadonlyArray<Buffer> = [
  ...Array(20).fill([
    twenty(raw("GET /nowhere HTTP/1.1", [HOST])),
    twenty(raw(`GET ${LIST} HTTP/1.1`, [HOST])),
    twenty(raw(`GET ${LIST} HTTP/1.1`, signed)),
    twenty(raw(`GET ${LIST}/full HTTP/1.1`, signed)),
    twenty(raw("GET /docs HTTP/1.1", [HOST]))
  ]),
  ...Array(200).fill([put("Content-Length: 100", "{"), put("Transfer-Encoding: chunked", "zz\r\n")])
].flat()

const sendAndHangUp = async (url: string, request: Buffer): Promise<void> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  // The server may be first.
  socket.on("error", () => {})
  socket.write(request, () => socket.destroy())
  await once(socket, "close")
}

describe("a server that is sent nothing but hostile input", () => {
  const ends: Array<() => unknown> = []
  let server: ChildProcess
  let url = ""

  beforeAll(async () => {
    const folder = temporaryFolder((clean) => ends.push(clean))
    const store = `sqlite:${join(folder, "catalog.sqlite")}`
    await prepare(store, accounts, tokenRecords)
    server = spawnProgram(
      ["serve", "--port", "0", "--store", store, "--rate-limit", "0", "--log", "silent"],
      // A small heap is collected often, so that what is resident is what is in use.
      { NODE_OPTIONS: "--max-semi-space-size=4 --max-old-space-size=128" }
    )
    ends.unshift(async () => {
      server.kill("SIGKILL")
      await once(server, "close")
    })
    url = (await firstLine(server)).replace("listening on ", "")
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })

  it.each([
    ["that is answered", () => sendAll(rows, (row) => sendRaw(url, row.bytes))],
    ["whose callers hang up", () => sendAll(deserted, (request) => sendAndHangUp(url, request))]
  ])("does not grow by input %s", { timeout: 300_000 }, async (_, round) => {
    // Warm: code is compiled and caches are as full as they get.
    await round()
    const sizes = [residentBytes(server)]
    for (let n = 0; n < ROUNDS; n++) {
      await round()
      sizes.push(residentBytes(server))
    }
    const [first = 0] = sizes
    const grown = (sizes.at(-1) ?? 0) - first
    assert.isBelow(grown, GROWTH_ALLOWED, `resident bytes after each round: ${sizes.join(", ")}`)
    assert.strictEqual((await get(url, LIST, tokens.member)).status, 200)
  })
})
