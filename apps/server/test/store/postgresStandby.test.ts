import { createServer, type Socket, connect as tcp } from "node:net"
import { join } from "node:path"
import { AccountId, BackupId, InstanceId } from "@backup-catalog/core"
import { BackupStore, CoverageStore, ImportStore } from "@backup-catalog/core/store"
import { Effect, Exit, Layer, Redacted } from "effect"
import { afterAll, assert, beforeAll, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import { hashToken } from "../../src/auth/token.ts"
import * as BackupStorePostgres from "../../src/store/postgres/BackupStorePostgres.ts"
import * as CoverageStorePostgres from "../../src/store/postgres/CoverageStorePostgres.ts"
import * as ImportStorePostgres from "../../src/store/postgres/ImportStorePostgres.ts"
import * as Postgres from "../../src/store/postgres/Postgres.ts"
import { defaultLimits, noReplicas } from "../../src/store/postgres/PostgresLimits.ts"
import * as Replicas from "../../src/store/postgres/Replicas.ts"
import * as TokensPostgres from "../../src/store/postgres/TokensPostgres.ts"
import { Tokens } from "../../src/store/Tokens.ts"
import { query } from "../support/postgres.ts"
import { type Cluster, type PrimaryCluster, startCluster } from "../support/postgresCluster.ts"
import { ended, firstLine, logLines, runProgram, spawnProgram } from "../support/program.ts"
import { prepare, temporaryFolder } from "../support/server.ts"

const REASON = "it is a standby, which may be behind and takes no writes; the store must be the primary"

let primary: PrimaryCluster
let standby: Cluster

beforeAll(async () => {
  primary = await startCluster()
  await prepare(primary.url, {}, { good: { account: "1234" } })
  standby = await primary.replica()
})

afterAll(async () => {
  await standby?.stop()
  await primary?.stop()
})

const untilAnswered = (url: string, path: string, status: number) =>
  eventually(`${path} is ${status}`, async (see) => see(await statusOf(url, path)) === status)

/** An address that leads to a server, and from then on, with new connections, to the one that it is told. */
const moving = async (first: Cluster) => {
  let port = Number(new URL(first.url).port)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const other = tcp(port, "127.0.0.1")
    for (const one of [socket, other]) {
      sockets.add(one)
      one.on("error", () => {})
    }
    socket.pipe(other).pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  onTestFinished(() => {
    cut()
    server.close()
  })
  const url = new URL(first.url)
  const address = server.address()
  url.port = String(typeof address === "object" ? address?.port : undefined)
  return {
    url: url.href,
    to: (cluster: Cluster) => {
      port = Number(new URL(cluster.url).port)
      cut()
    }
  }
}

const put = (url: string, id: string) =>
  fetch(`${url}/v1.0/1234/backups/${id}`, {
    method: "PUT",
    headers: { "X-Auth-Token": "good", "Content-Type": "application/json" },
    body: JSON.stringify({
      backup: { name: "n", status: "COMPLETED", created: "2026-01-02T03:04:05", updated: "2026-01-02T03:04:05" }
    })
  })

const statusOf = async (url: string, path: string) =>
  (await fetch(`${url}${path}`, { headers: { "X-Auth-Token": "good" } })).status

describe("a standby in the place of the store", () => {
  it("is refused at the start in one sentence, and may be read by verify", async () => {
    for (const args of [
      ["serve", "--port", "0"],
      ["token", "list"]
    ]) {
      const { code, stderr } = await runProgram(args, undefined, { CATALOG_STORE: standby.url })
      assert.strictEqual(code, 1)
      assert.strictEqual(stderr.replace(/postgres:\/\/\S+/, "URL"), `The store URL cannot be opened: ${REASON}.\n`)
    }
    const file = `sqlite:${join(temporaryFolder(onTestFinished), "catalog.db")}`
    await prepare(file, {}, { good: { account: "1234" } })
    const copied = await runProgram(["copy", "--from", file, "--to", standby.url])
    assert.strictEqual(copied.code, 1)
    assert.include(copied.stderr, REASON)
    assert.notInclude(copied.stderr, "--store")
    const verified = await runProgram(["verify"], undefined, { CATALOG_STORE: standby.url })
    assert.strictEqual(verified.code, 0, verified.stderr)
  })

  it("is 503 to everybody, and in the log, when it comes to be there, until the primary is there again", async () => {
    const store = await moving(primary)
    const child = spawnProgram(["serve", "--port", "0"], { CATALOG_STORE: store.url })
    const all = ended(child)
    const url = (await firstLine(child)).replace("listening on ", "")
    assert.strictEqual((await put(url, "a")).status, 201)
    assert.strictEqual(await statusOf(url, "/readyz"), 200)
    store.to(standby)
    await untilAnswered(url, "/v1.0/1234/backups", 503)
    for (const path of ["/readyz", "/v1.0/1234/backups", "/v1.0/1234/backups/a", "/v1.0/1234/coverage"]) {
      for (let tries = 0; tries < 5; tries++) assert.strictEqual(await statusOf(url, path), 503, path)
    }
    store.to(primary)
    await untilAnswered(url, "/readyz", 200)
    assert.strictEqual(await statusOf(url, "/v1.0/1234/backups"), 200)
    child.kill("SIGTERM")
    const lines = logLines((await all).stderr)
    assert.isTrue(lines.some(({ level, msg }) => level === "error" && String(msg).includes("does not answer")))
    assert.lengthOf(
      lines.filter(({ msg }) => msg === `the store is not ready: ${REASON}`),
      1
    )
  })

  it("is refused by everything that is read, also where there is nothing, and also on a connection that was to the primary", async () => {
    await eventually(
      "the standby has the token",
      async (see) => see(await query(standby.url, "SELECT FROM tokens")).length === 1
    )
    const address = { url: Redacted.make(standby.url), name: "the test's" }
    const layer = Layer.mergeAll(
      TokensPostgres.layer,
      CoverageStorePostgres.layer,
      ImportStorePostgres.layer,
      Layer.provide(BackupStorePostgres.layer, Replicas.layer(address, noReplicas))
    ).pipe(Layer.provide(Postgres.layer(address, defaultLimits, true, true)))
    const account = AccountId.make("1234")
    const id = BackupId.make("unknown")
    const instance = InstanceId.make("unknown")
    const slice = { account: AccountId.make("1234"), filter: {}, after: undefined, limit: 10 }
    const exits = await Effect.runPromise(
      Effect.gen(function* () {
        const store = yield* BackupStore
        const tokens = yield* Tokens
        const coverage = yield* CoverageStore
        const imports = yield* ImportStore
        return yield* Effect.forEach(
          [
            tokens.find(hashToken("good")),
            tokens.find(hashToken("unknown")),
            store.version(slice.account),
            store.listEncoded(slice),
            store.listEncoded({ ...slice, filter: { include: "retired" } }),
            store.ready,
            store.list(slice),
            store.list({ ...slice, filter: { include: "retired" } }),
            store.listAcross(slice),
            store.listDescendants({ account, ancestor: id, after: undefined, limit: 10 }),
            store.get(account, id),
            store.findAcross(id),
            store.hasDatastore(account, "mysql"),
            store.hasDatastoreAcross("mysql"),
            store.findDatastoreVersion(account, "unknown"),
            store.listInstances(account, undefined, 10),
            store.getInstance(account, instance),
            store.knowsInstance(account, instance),
            store.isEmpty,
            tokens.list,
            coverage.facts(account, {}, undefined, 10),
            coverage.withoutInstance(account, 10),
            coverage.policy(account),
            coverage.withMetrics,
            imports.list(account, undefined, undefined, 10),
            imports.get(account, "unknown"),
            imports.numberOf(account, "unknown"),
            imports.history(account, id, undefined, 10)
          ],
          (one) =>
            Effect.exit(Effect.mapError(one as Effect.Effect<unknown, { reason: string }>, ({ reason }) => reason))
        )
      }).pipe(Effect.provide(layer))
    )
    for (const [n, exit] of exits.entries()) assert.deepStrictEqual(exit, Exit.fail(REASON), `read ${n}`)
  })
})

describe("a store that its user may no longer write to", () => {
  it("is not ready, and is again when that is mended", async () => {
    const child = spawnProgram(["serve", "--port", "0"], { CATALOG_STORE: primary.url })
    onTestFinished(() => void child.kill("SIGKILL"))
    const url = (await firstLine(child)).replace("listening on ", "")
    const elsewhere = Object.assign(new URL(primary.url), { pathname: "/template1" }).href
    const set = async (value: string) => {
      await query(elsewhere, `ALTER DATABASE postgres SET default_transaction_read_only = ${value}`)
      await query(
        elsewhere,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'backup-catalog'"
      )
    }
    await set("on")
    onTestFinished(() => set("off"))
    await untilAnswered(url, "/readyz", 503)
    assert.strictEqual(await statusOf(url, "/readyz"), 503)
    assert.strictEqual(await statusOf(url, "/v1.0/1234/backups"), 200)
    await set("off")
    await untilAnswered(url, "/readyz", 200)
  })
})
