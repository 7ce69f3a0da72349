import { Effect } from "effect"
import Pg from "pg"
import { assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import { defaultLimits } from "../../src/store/postgres/PostgresLimits.ts"
import { storeFailure } from "../../src/store/postgres/storeFailure.ts"
import { emptyDatabase, query } from "../support/postgres.ts"
import { startCluster } from "../support/postgresCluster.ts"
import { prepare, start } from "../support/server.ts"

const tokens = { good: { account: "1234" }, other: { account: "99" } } as const

const put = (url: string, id: string, account = "1234") =>
  fetch(`${url}/v1.0/${account}/backups/${id}`, {
    method: "PUT",
    headers: { "X-Auth-Token": account === "1234" ? "good" : "other", "Content-Type": "application/json" },
    body: JSON.stringify({
      backup: { name: "n", status: "COMPLETED", created: "2026-01-02T03:04:05", updated: "2026-01-02T03:04:05" }
    })
  })

const list = (url: string) => fetch(`${url}/v1.0/1234/backups?limit=1000`, { headers: { "X-Auth-Token": "good" } })

/** A server whose writes to an account wait for somebody else, until they are let go. */
const blocked = async (limits: Partial<typeof defaultLimits>) => {
  const store = await emptyDatabase(onTestFinished)
  await prepare(store, {}, tokens)
  const [url, stop] = await start({ store, postgres: { ...defaultLimits, ...limits } })
  onTestFinished(stop)
  assert.strictEqual((await put(url, "first")).status, 201)
  const other = new Pg.Client(store)
  await other.connect()
  onTestFinished(() => other.end())
  await other.query("BEGIN")
  await other.query("SELECT * FROM accounts WHERE account = '1234' FOR UPDATE")
  const waiting = (writes = 1) =>
    eventually(`${writes} wait for a lock`, async (see) => {
      const found = await query(
        store,
        "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
      )
      return see(found).length >= writes
    })
  return { url, store, other, waiting, letGo: () => other.query("ROLLBACK") }
}

const statuses = (answers: ReadonlyArray<Response>) => answers.map(({ status }) => status).sort()

describe("a store of PostgreSQL that is slow", () => {
  it("answers 503 at once to whom it would keep waiting for a connection, and the others when there is one", async () => {
    const { url, waiting, letGo } = await blocked({ connections: 1, queue: 2 })
    const write = put(url, "second")
    await waiting()
    const answered: Array<number> = []
    const lists = Array.from({ length: 10 }, async () => {
      const answer = await list(url)
      answered.push(answer.status)
      return answer
    })
    await eventually("8 lists are answered", (see) => see(answered).length >= 8)
    assert.deepStrictEqual(answered, Array(8).fill(503))
    await letGo()
    assert.strictEqual((await write).status, 201)
    assert.deepStrictEqual(statuses(await Promise.all(lists)), [200, 200, ...Array(8).fill(503)])
  })

  it("lets writes of one account wait for one another, and takes no connection from other accounts meanwhile", async () => {
    const { url, waiting, letGo } = await blocked({ connections: 2 })
    const writes = Array.from({ length: 8 }, (_, n) => put(url, `w${n}`))
    await waiting()
    assert.strictEqual((await list(url)).status, 200)
    assert.strictEqual((await put(url, "theirs", "99")).status, 201)
    await letGo()
    assert.deepStrictEqual(statuses(await Promise.all(writes)), Array(8).fill(201))
  })

  it("refuses only what finds every connection in use, where nothing may wait for one", async () => {
    const { url, other, waiting, letGo } = await blocked({ connections: 2, queue: 0 })
    assert.strictEqual((await put(url, "theirs", "99")).status, 201)
    const writes = [put(url, "second")]
    await waiting()
    assert.strictEqual((await list(url)).status, 200)
    await other.query("SELECT * FROM accounts WHERE account = '99' FOR UPDATE")
    writes.push(put(url, "ours", "99"))
    await waiting(2)
    assert.strictEqual((await list(url)).status, 503)
    await letGo()
    assert.deepStrictEqual(statuses(await Promise.all(writes)), [201, 201])
  })

  it("makes a connection again where it has closed all of them, and nothing may wait for one", async () => {
    const { url, store } = await blocked({ timeout: 1000, queue: 0 })
    const ours =
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'backup-catalog'"
    await eventually("every connection is closed", async (see) => see(await query(store, ours)).length === 0)
    assert.strictEqual((await list(url)).status, 200)
  })

  it("is 503 for a statement that takes too long, and for what waits behind it, and well again afterwards", async () => {
    const { url, letGo } = await blocked({ timeout: 300 })
    for (const answer of await Promise.all(["second", "third", "fourth"].map((id) => put(url, id)))) {
      assert.strictEqual(answer.status, 503)
      assert.match(answer.headers.get("retry-after") ?? "", /^\d+$/)
    }
    await letGo()
    assert.strictEqual((await put(url, "second")).status, 201)
  })
})

describe("a write to an account that somebody else writes to for long", () => {
  it("is 503 after the time of a statement, and within twice that however many wait for their turn before it", async () => {
    const timeout = 1000
    const { url, waiting, letGo } = await blocked({ timeout })
    const began = Date.now()
    const took = async (id: string) => {
      assert.strictEqual((await put(url, id)).status, 503)
      return Date.now() - began
    }
    const first = took("first")
    await waiting()
    const others = Array.from({ length: 6 }, (_, n) => took(`w${n}`))
    assert.isAtLeast(await first, timeout)
    // Seven times the time of a statement, if each waited for that in its turn.
    assert.isBelow(Math.max(...(await Promise.all(others))), 4 * timeout)
    await letGo()
    assert.strictEqual((await put(url, "second")).status, 201)
  })
})

describe("a PostgreSQL that allows a transaction less time than it takes", () => {
  it.each(["25P03", "25P04"])("is 503, also where a statement is told so (%s)", async (code) => {
    const store = await emptyDatabase(onTestFinished)
    await prepare(store, {}, tokens)
    const [url, stop] = await start({ store })
    onTestFinished(stop)
    await query(
      store,
      `CREATE FUNCTION end_it() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'terminating connection due to timeout' USING ERRCODE = '${code}'; END $$`
    )
    await query(store, "CREATE TRIGGER ended BEFORE INSERT ON backups FOR EACH ROW EXECUTE FUNCTION end_it()")
    assert.strictEqual((await put(url, "first")).status, 503)
  })
})

describe("a transaction of which nothing comes any more", () => {
  it("is undone by PostgreSQL also where a pooler leaves out what a connection asks for", async () => {
    const store = await emptyDatabase(onTestFinished)
    await prepare(store, {}, tokens)
    await query(
      store,
      `CREATE TABLE seen (most text);
       CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN INSERT INTO seen VALUES (current_setting('idle_in_transaction_session_timeout')); RETURN NEW; END $$;
       CREATE TRIGGER noted BEFORE INSERT ON backups FOR EACH ROW EXECUTE FUNCTION note()`
    )
    const [url, stop] = await start({ store: `${store}?idle_in_transaction_session_timeout=0` })
    onTestFinished(stop)
    for (const id of ["first", "second"]) assert.strictEqual((await put(url, id)).status, 201)
    assert.deepStrictEqual(await query(store, "SELECT most FROM seen"), [{ most: "15s" }, { most: "15s" }])
  })

  it("is said to have been closed, as the reason of the 503", async () => {
    const failure = await Effect.runPromise(
      Effect.flip(storeFailure(new Error("Client has encountered a connection error and is not queryable")))
    )
    assert.match(failure.reason, /^the connection was closed within a transaction/)
  })
})

describe("a PostgreSQL that is restarted under load", () => {
  it.each(["kill", "shutDown"] as const)(
    "by %s costs 503s, no write that was acknowledged, and nothing else",
    async (how) => {
      const cluster = await startCluster()
      onTestFinished(cluster.stop)
      await prepare(cluster.url, {}, tokens)
      const [url, stop] = await start({ store: cluster.url })
      onTestFinished(stop)
      const acknowledged: Array<string> = []
      const seen = new Map<number, number>()
      let running = true
      const note = ({ status }: Response) => seen.set(status, (seen.get(status) ?? 0) + 1)
      const writer = async (name: string) => {
        for (let n = 0; running; n++) {
          const answer = await put(url, `${name}-${n}`)
          note(answer)
          if (answer.status === 201) acknowledged.push(`${name}-${n}`)
          await answer.arrayBuffer()
        }
      }
      const reader = async () => {
        while (running) {
          const answer = await list(url)
          note(answer)
          await answer.arrayBuffer()
        }
      }
      const load = [writer("a"), writer("b"), writer("c"), reader(), reader()]
      const writesGoOn = async () => {
        const before = acknowledged.length
        await eventually("writes are acknowledged", (see) => see(acknowledged.length) > before + 20)
      }
      for (const _ of [1, 2]) {
        await writesGoOn()
        const refused = seen.get(503) ?? 0
        await cluster[how]()
        await eventually("requests are 503", (see) => (see(seen).get(503) ?? 0) > refused + 5)
        await cluster.start()
      }
      await writesGoOn()
      running = false
      await Promise.all(load)
      assert.sameMembers([...seen.keys()], [200, 201, 503])
      const rows = await query(cluster.url, "SELECT id FROM backups")
      const ids = new Set(rows.map(({ id }) => id))
      assert.deepStrictEqual(
        acknowledged.filter((id) => !ids.has(id)),
        []
      )
    }
  )
})
