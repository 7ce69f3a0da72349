import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import Database from "better-sqlite3"
import { assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../testing/eventually.ts"
import { hangsUp, IdentityServer, OWN_PASSWORD, scopedTo } from "./auth/support/IdentityServer.ts"
import { Collector } from "./support/Collector.ts"
import { ended, firstLine, runProgram, spawnProgram } from "./support/program.ts"
import { temporaryFolder } from "./support/server.ts"
import { get, sendBytes, sendLines } from "./support/socket.ts"

const body = JSON.stringify({
  backup: { name: "n", status: "COMPLETED", created: "2026-01-02T03:04:05", updated: "2026-01-02T03:04:05" }
})

const filesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

/** Uses a running server in every way that ends well or badly, with a token that is good and one that is not. */
const useInEveryWay = async (url: string, store: string, good: string, bad: string): Promise<void> => {
  const backups = "/v1.0/shop/backups"
  const put = (path: string, token: string, text: string) =>
    sendLines(
      url,
      [
        `PUT ${path} HTTP/1.1`,
        "Host: x",
        `X-Auth-Token: ${token}`,
        "Content-Type: application/json",
        `Content-Length: ${Buffer.byteLength(text)}`
      ],
      text
    )
  assert.strictEqual((await put(`${backups}/one`, good, body)).status, 201)
  for (const token of [good, bad, `${good}x`, `${bad}, ${good}`]) {
    for (const path of [
      backups,
      `${backups}?limit=0`,
      `${backups}/none`,
      `${backups}/one`,
      "/v1.0/bank/backups",
      "/v1.0/shop/flavors"
    ]) {
      await get(url, path, token)
    }
    await put(`${backups}/one`, token, "{")
    await put(`${backups}/one`, token, JSON.stringify({ backup: { token } }))
    await sendBytes(url, `GET ${backups} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${token}\u0000\r\n\r\n`)
    await sendBytes(
      url,
      `GET ${backups} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${token}\r\nX-Pad: ${"x".repeat(20_000)}\r\n\r\n`
    )
  }
  const database = new Database(store)
  database.prepare("UPDATE backups SET record = '{}'").run()
  assert.strictEqual((await get(url, `${backups}/one`, good)).status, 500)
  database.exec("ALTER TABLE backups RENAME TO elsewhere")
  // Asked for the first time: a page that was asked for before is remembered, and nobody has written through the
  // server.
  assert.strictEqual((await get(url, `${backups}?limit=7`, good)).status, 500)
  database.exec("ALTER TABLE elsewhere RENAME TO backups")
  database.close()
}

/** What the collector of the traces wants to see. */
const COLLECTORS = "key-of-the-collector"

const start = async (folder: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}) => {
  const collector = new Collector()
  onTestFinished(() => collector.stop())
  const child = spawnProgram(["serve", "--port", "0", "--log", "debug", ...args], {
    OTEL_EXPORTER_OTLP_ENDPOINT: await collector.start(),
    OTEL_EXPORTER_OTLP_HEADERS: `x-key=${COLLECTORS}`,
    NODE_OPTIONS: `--report-on-signal --report-uncaught-exception --report-on-fatalerror --report-directory=${folder}`,
    ...env
  })
  onTestFinished(() => void child.kill("SIGKILL"))
  const all = ended(child)
  const url = (await firstLine(child)).replace("listening on ", "")
  return { child, all, url, collector }
}

/**
 * Has a program report on itself and end, and reads all that it leaves behind: its output, its files, and what it sent
 * to the collector.
 */
const leftBehind = async (
  { child, all, collector }: Awaited<ReturnType<typeof start>>,
  folder: string
): Promise<Readonly<Record<string, string>>> => {
  child.kill("SIGUSR2")
  await eventually("there is a report", (see) => see(filesIn(folder)).find((file) => file.endsWith(".json")))
  child.kill("SIGTERM")
  const { stdout, stderr, code } = await all
  assert.strictEqual(code, 0)
  const written = Object.fromEntries(filesIn(folder).map((file) => [file, readFileSync(file, "latin1")]))
  assert.include(stderr, "a request failed by a defect")
  assert.isAbove(Object.keys(written).length, 1)
  const sent = collector.requests.map(({ url, body }, n) => [`${url} ${n}`, body] as const)
  const traces = collector.spans.map(({ name }) => name)
  for (const name of ["PUT /v1.0/:accountId/backups/:backupId", "GET /v1.0/:accountId/backups"])
    assert.include(traces, name)
  assert.isTrue(collector.spans.some(({ status }) => status.message === "500"))
  assert.isNotEmpty(collector.points)
  for (const { headers } of collector.requests) assert.strictEqual(headers["x-key"], COLLECTORS)
  return { stdout, stderr, ...written, ...Object.fromEntries(sent) }
}

const assertNowhere = (secrets: ReadonlyArray<string>, texts: Readonly<Record<string, string>>) => {
  for (const [where, text] of Object.entries(texts)) {
    for (const secret of secrets) assert.isFalse(text.includes(secret), `${secret} is in ${where}`)
  }
}

describe("a secret", () => {
  it("of this store is in nothing that a run leaves behind: not in its output, its files, or a report of a crash", async () => {
    const folder = temporaryFolder(onTestFinished)
    const path = join(folder, "catalog.sqlite")
    const store = `sqlite:${path}`
    const good = (await runProgram(["token", "create", "--account", "shop", "--store", store])).stdout.trim()
    const bad = "bct_this-one-is-nobodys-and-secret-all-the-same"
    const program = await start(folder, ["--store", store])
    await useInEveryWay(program.url, path, good, bad)
    assertNowhere([good, bad, COLLECTORS], await leftBehind(program, folder))
  })

  it("of Keystone's callers, and of the server itself, is in none of it either", async () => {
    const folder = temporaryFolder(onTestFinished)
    const path = join(folder, "catalog.sqlite")
    const identity = new IdentityServer(Date.now)
    await identity.start()
    onTestFinished(() => identity.stop())
    const good = "gAAAAABoneOfKeystonesOwnTokens"
    const bad = "gAAAAABanotherOneThatIsNobodys"
    const inOneDay = Date.now() + 86_400_000
    identity.callers.set(good, { expires: inOneDay, ...scopedTo("shop", "member") })
    const program = await start(
      folder,
      ["--store", `sqlite:${path}`, "--auth", "keystone", "--keystone-url", identity.url],
      {
        OS_USERNAME: "backup-catalog",
        OS_PASSWORD: OWN_PASSWORD,
        OS_USER_DOMAIN_NAME: "Default",
        OS_PROJECT_NAME: "service",
        OS_PROJECT_DOMAIN_NAME: "Default"
      }
    )
    await useInEveryWay(program.url, path, good, bad)
    identity.misbehave = () => hangsUp
    assert.strictEqual((await get(program.url, "/v1.0/shop/backups", `${bad}-later`)).status, 503)
    assert.isAbove(identity.count("POST"), 0)
    assertNowhere([good, bad, OWN_PASSWORD, "own-token-", COLLECTORS], await leftBehind(program, folder))
  })
})

describe("serve --auth keystone", () => {
  const env = {
    OS_USERNAME: "u",
    OS_PASSWORD: "p",
    OS_USER_DOMAIN_NAME: "Default",
    OS_PROJECT_NAME: "service",
    OS_PROJECT_DOMAIN_NAME: "Default"
  }

  it("refuses settings that cannot be with one sentence and exit code 2", async () => {
    const url = ["--keystone-url", "http://127.0.0.1:1/v3"]
    for (const [args, about, variables] of [
      [[], "--keystone-url", env],
      [["--keystone-url", "ftp://x"], "--keystone-url", env],
      [url, "OS_PASSWORD", { ...env, OS_PASSWORD: "" }],
      [[...url, "--keystone-timeout", "3s"], "--keystone-timeout", env],
      [[...url, "--token-cache", "6m"], "--token-cache", env],
      [[...url, "--invalid-token-cache", "x"], "--invalid-token-cache", env],
      [[...url, "--token-cache-size", "0"], "--token-cache-size", env],
      [[...url, "--demo"], "--demo", env]
    ] as const) {
      const store = `sqlite:${join(temporaryFolder(onTestFinished), "catalog.sqlite")}`
      const { code, stderr } = await runProgram(
        ["serve", "--auth", "keystone", "--store", store, "--port", "0", ...args],
        undefined,
        variables
      )
      assert.strictEqual(code, 2, stderr)
      assert.include(stderr, about)
      assert.strictEqual(stderr.trim().split("\n").length, 1, stderr)
    }
  })
})
