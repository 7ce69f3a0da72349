import { storeLaws } from "@backup-catalog/core/testing"
import { layer } from "@effect/vitest"
import { Effect, Layer, Logger, LogLevel, Redacted } from "effect"
import Pg from "pg"
import { afterAll, afterEach, assert, beforeAll, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import * as BackupStorePostgres from "../../src/store/postgres/BackupStorePostgres.ts"
import * as Postgres from "../../src/store/postgres/Postgres.ts"
import { defaultLimits } from "../../src/store/postgres/PostgresLimits.ts"
import * as Replicas from "../../src/store/postgres/Replicas.ts"
import { Collector } from "../support/Collector.ts"
import { emptyDatabase, query } from "../support/postgres.ts"
import { type Cluster, type PrimaryCluster, startCluster } from "../support/postgresCluster.ts"
import { ended, firstLine, runProgram, spawnProgram } from "../support/program.ts"
import { prepare } from "../support/server.ts"

const ACCOUNT = "1234"

/** Each list is read anew, and any number of them. */
const QUIET = ["--page-memory", "0", "--rate-limit", "0"]

/** Who has the store, and may do nothing else. */
const OWNER = { name: "catalog", password: "of-catalog" }

let primary: PrimaryCluster
let replica: Cluster

beforeAll(async () => {
  primary = await startCluster(
    ["shared_preload_libraries=pg_stat_statements", "max_standby_streaming_delay=0"].flatMap((one) => ["-c", one])
  )
  await query(primary.url, "CREATE EXTENSION pg_stat_statements")
  await query(primary.url, `CREATE ROLE ${OWNER.name} LOGIN PASSWORD '${OWNER.password}'`)
  replica = await primary.replica()
})

afterAll(async () => {
  await replica.stop()
  await primary.stop()
})

const children = new Set<ReturnType<typeof spawnProgram>>()

afterEach(() => {
  for (const child of children) child.kill("SIGKILL")
  children.clear()
})

/** The same database of another server. */
const at = (server: Cluster, store: string): string => {
  const url = new URL(store)
  url.port = new URL(server.url).port
  return url.href
}

/** An empty store, of which there is a copy. */
const newStore = async () => {
  const url = new URL(await emptyDatabase(onTestFinished, primary.url, `OWNER ${OWNER.name}`))
  Object.assign(url, { username: OWNER.name, password: OWNER.password })
  const store = url.href
  await prepare(store, {}, { good: { account: ACCOUNT }, other: { account: "99" } })
  return store
}

/** How many pages a server has read of a store since it was asked last. */
const pagesOf = async (server: Cluster, store: string): Promise<number> => {
  const name = new URL(store).pathname.slice(1)
  const [row] = await query(
    server.url,
    `SELECT coalesce(sum(calls), 0)::int AS pages FROM pg_stat_statements JOIN pg_database ON oid = dbid
     WHERE datname = $1 AND query LIKE '%string_agg%'`,
    [name]
  )
  await query(server.url, "SELECT pg_stat_statements_reset(0, oid) FROM pg_database WHERE datname = $1", [name])
  return Number(row?.pages)
}

const METRICS_TOKEN = "metrics-token-of-this-test"

const serveWith = async (
  env: NodeJS.ProcessEnv,
  store: string,
  replicas: ReadonlyArray<string>,
  ...args: ReadonlyArray<string>
) => {
  const child = spawnProgram(["serve", "--port", "0", "--public-url", "http://catalog", ...QUIET, ...args], {
    CATALOG_STORE: store,
    CATALOG_STORE_READ: replicas.join(" "),
    CATALOG_METRICS_TOKEN: METRICS_TOKEN,
    ...env
  })
  children.add(child)
  let log = ""
  child.stderr?.on("data", (chunk) => {
    log += chunk
  })
  const all = ended(child)
  const url = (await firstLine(child)).replace("listening on ", "")
  const listOf = (account: string, token: string, search = "", headers: Record<string, string> = {}, method = "GET") =>
    fetch(`${url}/v1.0/${account}/backups${search}`, { method, headers: { "X-Auth-Token": token, ...headers } })
  const list = (search = "", headers: Record<string, string> = {}) => listOf(ACCOUNT, "good", search, headers)
  const ids = async (search?: string) => {
    const answer = await list(search)
    assert.strictEqual(answer.status, 200)
    return ((await answer.json()) as { backups: Array<{ id: string }> }).backups.map(({ id }) => id)
  }
  const put = async (id: string, account = ACCOUNT, more: object = {}) => {
    const answer = await fetch(`${url}/v1.0/${account}/backups/${id}`, {
      method: "PUT",
      headers: { "X-Auth-Token": account === ACCOUNT ? "good" : "other", "Content-Type": "application/json" },
      body: JSON.stringify({
        backup: {
          ...{ name: "n", status: "COMPLETED", created: "2026-01-02T03:04:05", updated: "2026-01-02T03:04:05" },
          ...more
        }
      })
    })
    assert.oneOf(answer.status, [200, 201])
  }
  /** What was said of replicas, in order. */
  const said = (): ReadonlyArray<string> =>
    log.split("\n").flatMap((line) => {
      const [, level, what] = /"level":"(\w+)".*"msg":"the replica \S+ is (.*)"/.exec(line) ?? []
      return what === undefined ? [] : [`${level} ${what}`]
    })
  /** Waits until something is said of a replica, since something was done. */
  const told = async (what: RegExp, act?: () => unknown) => {
    const before = act === undefined ? 0 : said().length
    await act?.()
    await eventually(`the log says ${what} of a replica`, (see) =>
      see(said().slice(before)).some((line) => what.test(line))
    )
  }
  const metrics = async () =>
    (
      await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${METRICS_TOKEN}`, Connection: "close" } })
    ).text()
  /** A number of the metrics that are about replicas; undefined where there is none. */
  const metric = async (name: string, label: string): Promise<number | undefined> => {
    const start = `backup_catalog_replica_${name}{${label}} `
    const line = (await metrics()).split("\n").find((one) => one.startsWith(start))
    return line === undefined ? undefined : Number(line.slice(start.length))
  }
  return { child, all, list, listOf, ids, put, said, told, metrics, metric }
}

const serve = (store: string, replicas: ReadonlyArray<string>, ...args: ReadonlyArray<string>) =>
  serveWith({}, store, replicas, ...args)

const USED = /^info used for lists$/
const LEFT_OUT = /^warn left out: /

/** Waits until the replica has all that the primary has, also of transactions that have not ended. */
const replayed = async () => {
  const [row] = await query(primary.url, "SELECT pg_switch_wal()::text AS position")
  await eventually("the replica has all that the primary has", async () => {
    const [here] = await query(replica.url, "SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS there", [row?.position])
    return here?.there === true
  })
}

const pause = async () => {
  await query(replica.url, "SELECT pg_wal_replay_pause()")
  onTestFinished(async () => void (await query(replica.url, "SELECT pg_wal_replay_resume()")))
  await eventually("the replica pauses", async (see) => {
    const [row] = await query(replica.url, "SELECT pg_get_wal_replay_pause_state() AS state")
    return see(row)?.state === "paused"
  })
}

/**
 * Does something until that takes so many pages of the primary, and of the replica, and no others. Where a machine
 * stands still for a moment, the primary is asked instead.
 */
const untilItReads = (store: string, expected: readonly [own: number, copied: number], act: () => Promise<unknown>) =>
  eventually(`${expected[0]} pages are read of the primary and ${expected[1]} of the replica`, async (see) => {
    for (const server of [primary, replica]) await pagesOf(server, store)
    await act()
    return see([await pagesOf(primary, store), await pagesOf(replica, store)]).join() === expected.join()
  })

const tenLists = (list: () => Promise<unknown>) => async () => {
  for (let n = 0; n < 10; n++) await list()
}

const read = async (answer: Response) => [answer.status, answer.headers.get("etag"), await answer.text()] as const

describe("a server with a replica of its store", () => {
  it("reads lists from the replica alone, and answers what the primary would", async () => {
    const store = await newStore()
    const [server, other] = [await serve(store, [at(replica, store)]), await serve(store, [])]
    for (let n = 0; n < 10; n++) await server.put(`b${n}`)
    await server.told(USED)
    for (const search of ["", "?limit=3", "?status=COMPLETED", "?datastore=mysql", "?marker=b4"]) {
      let [mine, theirs]: Array<unknown> = []
      await untilItReads(store, [0, 1], async () => {
        mine = await read(await server.list(search))
      })
      await untilItReads(store, [1, 0], async () => {
        theirs = await read(await other.list(search))
      })
      assert.deepStrictEqual(mine, theirs)
    }
  })

  it("takes one statement of the primary for each list, also through the router", async () => {
    const store = await newStore()
    const server = await serve(store, [at(replica, store)])
    await server.put("a")
    await server.told(USED)
    const name = new URL(store).pathname.slice(1)
    const statements = async () =>
      query(
        primary.url,
        `SELECT query, calls::int FROM pg_stat_statements JOIN pg_database ON oid = dbid
         WHERE datname = $1 AND query NOT LIKE '%pg_current_wal_lsn%'`,
        [name]
      )
    await untilItReads(store, [0, 3], async () => {
      for (const method of ["GET", "GET", "HEAD"]) await server.listOf(ACCOUNT, "good", "", {}, method)
    })
    // What was asked of it last, since it was asked for its pages.
    await pagesOf(primary, store)
    for (const method of ["GET", "GET", "HEAD"]) await server.listOf(ACCOUNT, "good", "", {}, method)
    const [only, ...others] = await statements()
    assert.match(String(only?.query), /FROM tokens WHERE hash/)
    assert.deepStrictEqual([only?.calls, others], [3, []])
  })

  it("never shows a list that is older than a write, whichever server wrote", async () => {
    const store = await newStore()
    const one = await serve(store, [at(replica, store)], "--max-lag", "1h")
    const two = await serve(store, [at(replica, store)], "--max-lag", "1h", "--workers", "2")
    await one.put("a")
    await one.put("theirs", "99")
    const [, tag] = await read(await one.list())
    for (const server of [one, two]) await server.told(USED)
    await untilItReads(store, [0, 2], () => Promise.all([one.ids(), two.ids()]))
    await pause()
    for (let n = 0; n < 5; n++) {
      await one.put(`b${n}`)
      for (const server of [one, two]) assert.lengthOf(await server.ids(), n + 2)
    }
    // The replica was asked, and what it has is too old.
    await untilItReads(store, [2, 2], () => Promise.all([one.ids(), two.ids()]))
    const [status, newest, body] = await read(await two.list("", { "If-None-Match": tag ?? "" }))
    assert.deepStrictEqual([status, JSON.parse(body).backups.length], [200, 6])
    assert.strictEqual((await one.list("", { "If-None-Match": newest ?? "" })).status, 304)
    // It has all of an account that nobody has written to since.
    await untilItReads(store, [0, 1], () => one.listOf("99", "other"))
    for (const server of [one, two]) assert.notInclude(server.said().join(), "behind")
  })

  it("lets the primary decide what is unknown: datastores, markers, instances, tokens", async () => {
    const store = await newStore()
    const server = await serve(store, [at(replica, store)], "--max-lag", "1h")
    await server.put("a")
    await server.told(USED)
    await untilItReads(store, [0, 1], server.ids)
    await pause()
    await server.put("b", ACCOUNT, { datastore: { type: "of our own", version: "1" }, instance_id: "new" })
    assert.deepStrictEqual(await server.ids("?datastore=of%20our%20own"), ["b"])
    assert.deepStrictEqual(await server.ids("?marker=b"), ["a"])
    assert.strictEqual((await server.list("?datastore=of%20nobody")).status, 404)
    await query(store, "DELETE FROM tokens WHERE account = $1", [ACCOUNT])
    assert.strictEqual((await server.list()).status, 401)
  })

  it("leaves out one that is too far behind, and never one whose primary has nothing to do", async () => {
    const store = await newStore()
    const server = await serve(store, [at(replica, store)], "--max-lag", "1s")
    await server.put("a")
    await server.told(USED)
    await new Promise((resolve) => setTimeout(resolve, 2500))
    await untilItReads(store, [0, 1], server.ids)
    assert.notInclude(server.said().join(), "behind")
    await pause()
    await server.put("b")
    await server.told(/^warn left out: it is more than 1000 ms behind$/)
    await untilItReads(store, [1, 0], server.ids)
    assert.deepStrictEqual((await server.ids()).toSorted(), ["a", "b"])
    await server.told(USED, () => query(replica.url, "SELECT pg_wal_replay_resume()"))
    await untilItReads(store, [0, 1], server.ids)
    assert.deepStrictEqual((await server.ids()).toSorted(), ["a", "b"])
  })

  it.each(["kill", "shutDown", "freeze"] as const)("fails no list when the replica goes by %s", async (how) => {
    const store = await newStore()
    const server = await serve(store, [at(replica, store)])
    for (let n = 0; n < 50; n++) await server.put(`b${n}`)
    await server.told(USED)
    let running = true
    let lists = 0
    const reader = async () => {
      while (running) {
        assert.lengthOf(await server.ids(), 50)
        lists++
      }
    }
    const load = Promise.all([reader(), reader(), reader(), reader()])
    const someMore = async () => {
      const before = lists
      await eventually("50 more lists are read", (see) => see(lists) > before + 50)
    }
    for (const _ of [1, 2]) {
      await someMore()
      await server.told(LEFT_OUT, () => replica[how]())
      await someMore()
      await server.told(USED, () => (how === "freeze" ? replica.thaw() : replica.start()))
    }
    await someMore()
    running = false
    await load
    await untilItReads(store, [0, 1], server.ids)
    // Each change is said once.
    for (const [n, line] of server.said().entries()) assert.match(line, n % 2 === 0 ? USED : LEFT_OUT)
    server.child.kill("SIGTERM")
    const { code, stdout, stderr } = await server.all
    assert.strictEqual(code, 0)
    assert.notInclude(stdout + stderr, new URL(store).password)
  })

  it("reads from several, and does without those that are not there when it starts", async () => {
    const store = await newStore()
    const second = await primary.replica()
    onTestFinished(second.stop)
    await second.kill()
    const server = await serve(store, [at(replica, store), at(second, store)])
    await server.put("a")
    await server.told(LEFT_OUT)
    await untilItReads(store, [0, 10], tenLists(server.ids))
    await server.told(USED, () => second.start())
    await untilItReads(store, [0, 5], tenLists(server.ids))
  })

  it("asks the primary when the replica is slow, and still uses it afterwards", async () => {
    const store = await newStore()
    const server = await serve(store, [at(replica, store)], "--max-lag", "1h")
    await server.put("a")
    await server.told(USED)
    // The replica has replayed the lock, and not that it was given back.
    const other = new Pg.Client(store)
    await other.connect()
    onTestFinished(() => other.end())
    await other.query("BEGIN")
    await other.query("LOCK TABLE backups IN ACCESS EXCLUSIVE MODE")
    await other.query("INSERT INTO accounts (account, version) VALUES ('another', 0)")
    await replayed()
    await pause()
    await other.query("COMMIT")
    await untilItReads(store, [1, 0], server.ids)
    assert.deepStrictEqual(await server.ids(), ["a"])
    await query(replica.url, "SELECT pg_wal_replay_resume()")
    await untilItReads(store, [0, 1], server.ids)
  })

  it("asks the primary when the replica breaks a read off to go on replaying, and still uses it afterwards", async () => {
    const store = await newStore()
    const server = await serve(store, [at(replica, store)], "--max-lag", "1h")
    await server.put("a")
    await server.told(USED)
    const [one, two] = [new Pg.Client(store), new Pg.Client(store)]
    for (const client of [one, two]) {
      await client.connect()
      onTestFinished(() => client.end())
    }
    const conflicts = async () => {
      const name = new URL(store).pathname.slice(1)
      const sql = "SELECT confl_lock::int AS conflicts FROM pg_stat_database_conflicts WHERE datname = $1"
      return Number((await query(replica.url, sql, [name]))[0]?.conflicts)
    }
    await eventually("the replica takes a table from a list", async (see) => {
      // A page that waits for an index has its tables, and one of them is then taken from it.
      await one.query("BEGIN")
      await one.query("REINDEX INDEX backups_by_status")
      await replayed()
      const [before, began] = [await conflicts(), performance.now()]
      const answer = server.ids()
      await eventually("a list waits for the index", async () => {
        const sql = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%string_agg%'"
        return (await query(replica.url, sql)).length > 0
      })
      await two.query("BEGIN")
      await two.query("LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE")
      await replayed()
      await two.query("ROLLBACK")
      await one.query("ROLLBACK")
      assert.deepStrictEqual(await answer, ["a"])
      // Later than that, the primary was asked for another reason.
      const took = performance.now() - began
      return took < 900 && see({ took, before, after: await conflicts() }).after > before
    })
    await untilItReads(store, [0, 1], server.ids)
    assert.notInclude(server.said().join(), "recovery")
  })

  it("no longer reads from one that was promoted, whatever is written to it", async () => {
    const store = await newStore()
    const second = await primary.replica()
    onTestFinished(second.stop)
    const server = await serve(store, [at(second, store)])
    await server.put("a")
    await server.told(USED)
    await query(second.url, "SELECT pg_promote()")
    await query(at(second, store), "DELETE FROM backups")
    await query(at(second, store), "UPDATE accounts SET version = version + 1")
    assert.deepStrictEqual(await server.ids(), ["a"])
    await server.told(/^warn left out: it is no replica, it takes writes itself$/)
    await pagesOf(second, store)
    await tenLists(server.ids)()
    assert.strictEqual(await pagesOf(second, store), 0)
  })

  it("shows in the metrics how each replica is and what it gave, and why the primary gave the rest", async () => {
    const store = await newStore()
    const collector = new Collector()
    const endpoint = await collector.start()
    onTestFinished(() => collector.stop())
    const sent = { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${endpoint}/v1/metrics`, OTEL_METRIC_EXPORT_INTERVAL: "50" }
    const server = await serveWith(sent, store, [at(replica, store)], "--max-lag", "1h")
    const label = `replica="${new URL(replica.url).host}"`
    const fallbacks = (reason: string) => server.metric("fallbacks_total", `reason="${reason}"`)
    await server.put("a")
    await server.told(USED)
    assert.strictEqual(await server.metric("used", label), 1)
    await eventually("the lag is small", async (see) => (see(await server.metric("lag_seconds", label)) ?? 9) < 5)

    const before = (await server.metric("pages_total", label)) ?? Number.NaN
    await untilItReads(store, [0, 3], async () => {
      for (let n = 0; n < 3; n++) await server.ids()
    })
    assert.isAtLeast((await server.metric("pages_total", label)) ?? 0, before + 3)

    await pause()
    await server.put("b")
    await server.ids()
    assert.isAtLeast((await fallbacks("outdated")) ?? 0, 1)
    await eventually("the lag is great", async (see) => (see(await server.metric("lag_seconds", label)) ?? 0) > 5)
    assert.strictEqual(await server.metric("used", label), 1, "that is not too far here")
    await query(replica.url, "SELECT pg_wal_replay_resume()")
    await eventually("the lag is small", async (see) => (see(await server.metric("lag_seconds", label)) ?? 9) < 5)

    await server.told(LEFT_OUT, async () => {
      await replica.freeze()
      await eventually("a list has failed on the replica", async (see) => {
        await server.ids()
        return (see(await fallbacks("failed")) ?? 0) > 0
      })
    })
    assert.strictEqual(await server.metric("used", label), 0)
    const [unused = Number.NaN, pages] = [await fallbacks("unused"), await server.metric("pages_total", label)]
    await server.ids()
    assert.strictEqual(await fallbacks("unused"), unused + 1)
    const text = await server.metrics()
    await server.told(USED, () => replica.thaw())
    for (const part of ["@", OWNER.password, "postgres:"]) assert.notInclude(text, part)
    assert.match(text, /^# TYPE backup_catalog_replica_pages_total counter$/m)
    assert.strictEqual(await server.metric("pages_total", label), pages)
    await eventually("the collector has the number of pages", (see) => {
      const last = see(collector.points.findLast(({ name }) => name === "backup_catalog_replica_pages_total"))
      return last?.value === pages && `replica="${last?.attributes.replica}"` === label
    })
  })

  it("shows in the metrics of several workers what all of them have, and of no replica nothing", async () => {
    const store = await newStore()
    const place = at(replica, store)
    const server = await serve(store, [place, place], "--max-lag", "1h", "--workers", "2")
    const labels = ["", " (2)"].map((more) => `replica="${new URL(replica.url).host}${more}"`)
    const numbers = async (name: string) => Promise.all(labels.map((label) => server.metric(name, label)))
    await server.put("a")
    await eventually("both are used", async (see) => see(await numbers("used")).join() === "1,1")
    const sum = async () => (await numbers("pages_total")).reduce<number>((all, one) => all + (one ?? Number.NaN), 0)
    const before = await sum()
    let given = 0
    await untilItReads(store, [0, 10], async () => {
      const first = await sum()
      await tenLists(server.ids)()
      given = (await sum()) - first
    })
    assert.strictEqual(given, 10)
    assert.isAtLeast(await sum(), before + 10)
    assert.notInclude(await (await serve(store, [])).metrics(), "backup_catalog_replica")
  })

  it("is 503 without the primary, and goes on by itself when that is back", async () => {
    const store = await newStore()
    const server = await serve(store, [at(replica, store)])
    await server.put("a")
    await server.told(USED)
    await primary.kill()
    assert.strictEqual((await server.list()).status, 503)
    await primary.start()
    await eventually("lists are 200", async (see) => see((await server.list()).status) === 200)
    assert.deepStrictEqual(await server.ids(), ["a"])
  })
})

const withReplica = Layer.unwrapScoped(
  Effect.gen(function* () {
    const cleanings: Array<() => Promise<void>> = []
    yield* Effect.addFinalizer(() => Effect.promise(() => Promise.all(cleanings.map((clean) => clean()))))
    const url = yield* Effect.promise(() => emptyDatabase((clean) => cleanings.push(clean), primary.url))
    const [address, copy] = [url, at(replica, url)].map((one) => ({ url: Redacted.make(one), name: "the test's" }))
    if (address === undefined || copy === undefined) return yield* Effect.dieMessage("no address")
    yield* Effect.promise(() => query(replica.url, "SELECT pg_stat_statements_reset()"))
    const isUsed = Effect.flatMap(Replicas.Replicas, ({ status }) =>
      Effect.promise(() => eventually("the replica is used", (see) => see(status?.())?.each.every(({ used }) => used)))
    )
    return BackupStorePostgres.layer.pipe(
      Layer.provide(Layer.effectDiscard(isUsed)),
      Layer.provide(Replicas.layer(address, { addresses: [copy], maxLag: 3_600_000 })),
      Layer.provide(Postgres.layer(address, defaultLimits, false)),
      Layer.provide(Logger.minimumLogLevel(LogLevel.None))
    )
  })
)

// Replicas are looked at by the clock.
layer(withReplica, { excludeTestServices: true })("the PostgreSQL store with a replica", (it) => {
  for (const { name, check } of storeLaws) {
    it.effect(name, () => check)
  }

  it.effect("has read some of it from the replica", () =>
    Effect.promise(async () => {
      const sql = "SELECT coalesce(sum(calls), 0)::int AS pages FROM pg_stat_statements WHERE query LIKE '%string_agg%'"
      assert.isAbove(Number((await query(replica.url, sql))[0]?.pages), 0)
    })
  )
})

describe("what is no replica of the store", () => {
  const start = async (store: string, read: string, ...args: ReadonlyArray<string>) => {
    const { code, stderr } = await runProgram(["serve", "--port", "0", "--store-read", read, ...args], undefined, {
      CATALOG_STORE: store
    })
    return [code, stderr.replaceAll(/postgres:\/\/\S+/g, "URL")]
  }

  it("is refused at the start in one sentence", async () => {
    const store = await newStore()
    const elsewhere = await emptyDatabase(onTestFinished)
    const beside = await newStore()
    await replayed()
    assert.deepStrictEqual(await start(store, elsewhere), [
      1,
      "URL is no replica of the store URL it is of another cluster of PostgreSQL.\n"
    ])
    assert.deepStrictEqual(await start(store, at(replica, beside)), [
      1,
      "URL is no replica of the store URL it is another database of the same cluster.\n"
    ])
    assert.deepStrictEqual(await start("sqlite:some.sqlite", at(replica, store)), [
      2,
      "--store-read names replicas of a PostgreSQL store; sqlite:some.sqlite is a file of SQLite, which has no replicas.\n"
    ])
    for (const wrong of ["secret", "sqlite:some.sqlite", "postgres://user:secret@", "https://user:secret@host/name"]) {
      assert.deepStrictEqual(await start(store, wrong), [
        2,
        "--store-read must be of the form URL special characters as %XX.\n"
      ])
    }
    for (const lag of ["999ms", "2h", "much"]) {
      assert.deepStrictEqual(await start(store, at(replica, store), "--max-lag", lag), [
        2,
        `--max-lag must be a duration from 1s to 1h, in ms, s, m, h, d or w; not ${lag}.\n`
      ])
    }
  })

  it("is the primary itself, which is left out", async () => {
    const store = await newStore()
    const server = await serve(store, [store])
    await server.told(/^warn left out: it is no replica, it takes writes itself$/)
    await server.put("a")
    assert.deepStrictEqual(await server.ids(), ["a"])
  })
})
