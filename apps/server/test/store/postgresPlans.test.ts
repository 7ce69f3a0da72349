import { AccountId, BackupId, InstanceId, type Instant } from "@backup-catalog/core"
import { Effect, Layer, Redacted } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { descendantsSql } from "../../src/store/postgres/BackupStorePostgres.ts"
import { CHAIN, TREE } from "../../src/store/postgres/chainSql.ts"
import { CHAINS } from "../../src/store/postgres/factReads.ts"
import { addInstancesSql, instancesSql, withoutInstanceSql } from "../../src/store/postgres/instancesSql.ts"
import { defaultLimits } from "../../src/store/postgres/PostgresLimits.ts"
import { makePool } from "../../src/store/postgres/PostgresPool.ts"
import { numbered } from "../../src/store/postgres/PostgresQueries.ts"
import { eventsSql, fatesSql } from "../../src/store/postgres/PruningPostgres.ts"
import { rowById } from "../../src/store/postgres/rowById.ts"
import { sliceAcrossSql, sliceSql } from "../../src/store/postgres/sliceSql.ts"
import { texts } from "../../src/store/postgres/storable.ts"
import { RUNNING_OF } from "../../src/store/postgres/writeStatements.ts"
import type { SqlText } from "../../src/store/SqlText.ts"
import { storeLayer } from "../../src/store/StoreLive.ts"
import { everyFilter } from "../support/everyFilter.ts"
import { emptyDatabase, query } from "../support/postgres.ts"
import { addressOf } from "../support/server.ts"

const account = AccountId.make("a7")

const filters = everyFilter(
  {
    datastore: "redis",
    instanceId: InstanceId.make("db-1"),
    createdSince: 0n as Instant,
    createdBefore: 40_000n as Instant
  },
  [0, 1, 3]
)

const backupsOf = (owner: string, count: number) => `
  INSERT INTO backups (account, created, id, updated, status, record)
  SELECT ${owner}, n, 'b' || n, n, 'COMPLETED', repeat('x', 300) FROM generate_series(1, ${count}) AS n`

// Ten accounts of 3,000, and of each a thirtieth in redis, a tenth failed, and an instance in 50.
const FILL = `
  INSERT INTO accounts SELECT 'a' || n, 1 FROM generate_series(0, 9) AS n;
  INSERT INTO backups (account, created, id, updated, instance_id, status, datastore, record)
  SELECT 'a' || n % 10, n, 'b' || n, n, 'db-' || n / 10 % 50, CASE WHEN n / 10 % 10 = 0 THEN 'FAILED' ELSE 'COMPLETED' END,
    CASE WHEN n / 10 % 30 = 0 THEN 'redis' ELSE 'mysql' END, repeat('x', 300)
  FROM generate_series(1, 30000) AS n;
  ANALYZE`

// Of many accounts that are small in the statistics, one that has grown since.
const GROW = `
  ALTER TABLE backups SET (autovacuum_enabled = off);
  ${backupsOf("'s' || n % 300", 60_000)};
  ANALYZE;
  ${backupsOf("'grown'", 20_000)}`

let url = ""
const ends: Array<() => Promise<void>> = []

const newStore = async (filled: string) => {
  const url = await emptyDatabase((end) => ends.push(end))
  await Effect.runPromise(Effect.scoped(Layer.build(storeLayer(addressOf(url)))))
  await query(url, filled)
  return url
}

beforeAll(async () => {
  url = await newStore(FILL)
})
afterAll(async () => {
  for (const end of ends) await end()
})

/** The plan of a statement as the server has it carried out, with the rows that each step came to. */
const planOf = async (text: SqlText, store = url): Promise<string> => {
  const { sql, params } = numbered(text)
  const explain = `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) ${sql}`
  const rows = Effect.flatMap(makePool(Redacted.make(store), defaultLimits), ({ pool }) =>
    Effect.promise(() => pool.query<{ "QUERY PLAN": string }>(explain, [...params]))
  )
  return (await Effect.runPromise(Effect.scoped(rows))).rows.map((row) => row["QUERY PLAN"]).join("\n")
}

const visited = (plan: string): number =>
  [...plan.matchAll(/Rows Removed by Filter: (\d+)/g)].reduce((sum, [, rows]) => sum + Number(rows), 0)

describe("every list query of PostgreSQL", () => {
  it("goes by an index of the account, and looks at few rows besides those that it gives", async () => {
    for (const filter of filters) {
      for (const after of [undefined, { created: 25_000n as Instant, id: BackupId.make("x") }]) {
        const plan = await planOf(sliceSql("created, id, record", { account, filter, after, limit: 21 }))
        assert.notInclude(plan, "Seq Scan on backups", plan)
        assert.match(plan, /Index Cond: \(\(?account = /, plan)
        assert.isBelow(visited(plan), 1000, plan)
      }
    }
  })

  it("without a filter walks the order of the account, and nobody else's, and never sorts", async () => {
    const plan = await planOf(sliceSql("created, id, record", { account, filter: {}, after: undefined, limit: 21 }))
    assert.match(plan, /^Limit .*\n\s+->\s+Index Scan Backward using backups_pkey on backups \(actual rows=21/)
    assert.strictEqual(visited(plan), 0)
  })

  it("never sorts an account that the statistics know little of", async () => {
    const store = await newStore(GROW)
    const slice = { account: AccountId.make("grown"), filter: {}, after: undefined, limit: 1001 }
    const plan = await planOf(sliceSql("created, id, record", slice), store)
    assert.match(plan, /^Limit .*\n\s+->\s+Index Scan Backward using backups_pkey on backups \(actual rows=1001/)
  })

  it("of all accounts walks the index of their common order", async () => {
    for (const after of [undefined, { created: 5000n as Instant, id: BackupId.make("x"), account }]) {
      const plan = await planOf(sliceAcrossSql("account, id, created", { filter: {}, after, limit: 20 }))
      assert.match(plan, /^Limit .*\n\s+->\s+Index Scan Backward using backups_by_created on backups/)
      assert.notInclude(plan, "Sort")
    }
  })

  it("of instances jumps from one to the next through an index", async () => {
    for (const sql of [instancesSql(20), addInstancesSql(20)]) {
      const plan = await planOf({ sql, params: [account, ""] })
      assert.notInclude(plan, "Seq Scan on backups")
      for (const [, rows] of plan.matchAll(/backups_\w+ on backups.* \(actual rows=([\d.]+)/g)) {
        assert.isAtMost(Number(rows), 1, plan)
      }
    }
  })

  it("of what names no instance counts in the index, and stops at the most, whatever the statistics say", async () => {
    const sql = withoutInstanceSql(1000)
    const counted = async (plan: Promise<string>) => {
      const text = await plan
      assert.notInclude(text, "Seq Scan on backups")
      assert.match(text, /using backups_by_instance on backups .*\(actual rows=1000\b/, text)
      assert.notInclude(text, "Sort", text)
    }
    // Of one account, where the statistics know of none and where all are.
    await query(url, "UPDATE backups SET instance_id = NULL WHERE account = 'a7'")
    await counted(planOf({ sql, params: [account] }))
    await query(url, "UPDATE backups SET instance_id = NULL; ANALYZE backups")
    await counted(planOf({ sql, params: [account] }))
  })
})

// Of one account 20,000 retired ones and 20,000 that are there, in tables that were never analysed, or when they were
// small.
const GONE = `
  ALTER TABLE events SET (autovacuum_enabled = off);
  ALTER TABLE retired SET (autovacuum_enabled = off);
  ALTER TABLE backups SET (autovacuum_enabled = off);
  INSERT INTO retired (account, created, id, updated, instance_id, status, datastore, record, retired)
  SELECT 'a7', n, 'r' || n, n, 'db-' || n % 50, 'COMPLETED', 'mysql', repeat('x', 300), n FROM generate_series(1, 20000) AS n;
  INSERT INTO instances SELECT 'a7', 'db-' || n FROM generate_series(0, 49) AS n;
  INSERT INTO events (account, id, at, number, event)
  SELECT 'a7', p || n, n, e, 'changed' FROM generate_series(1, 20000) AS n, generate_series(1, 2) AS e, (VALUES ('r'), ('b')) AS x (p);
  ${backupsOf("'a7'", 20_000)}`

describe("what prune looks at in PostgreSQL", () => {
  it("is found by keys of the account, event by event in the order of an index, whatever the statistics say", async () => {
    const store = await newStore(GONE)
    const ids = texts(Array.from({ length: 2000 }, (_, n) => `r${n + 1}`))
    const seqScan = /Seq Scan on (backups|retired|events)/
    for (const analyse of ["SELECT 1", "ANALYZE"]) {
      await query(store, analyse)
      for (const after of ["", "r"]) {
        const text = await planOf({ sql: eventsSql, params: [account, 10_000n, after, 0n, 0n] }, store)
        assert.notMatch(text, seqScan, text)
        assert.match(text, /Index Scan using events_pkey on events .*\(actual rows=2000/, text)
        assert.isBelow(visited(text), 1000, text)
      }
      const again = await planOf({ sql: fatesSql, params: [account, 10_000n, ids] }, store)
      assert.notMatch(again, seqScan, again)
      assert.isBelow(visited(again), 1000, again)
    }
  })
})

// Chains of ten, each of whose links a source knows.
const chained = (owner: string, count: number) => `
  INSERT INTO backups (account, created, id, updated, instance_id, status, parent_id, record)
  SELECT '${owner}', n, 'c' || n, n, 'db-' || n / 10, 'COMPLETED', CASE WHEN n % 10 > 0 THEN 'c' || n - 1 END, repeat('x', 300)
  FROM generate_series(0, ${count - 1}) AS n;
  INSERT INTO origins (account, source, id, import)
  SELECT '${owner}', 1, 'c' || n, 1 FROM generate_series(0, ${count - 1}) AS n;`

const KNOW_NOTHING = `
  ALTER TABLE backups SET (autovacuum_enabled = off);
  ALTER TABLE origins SET (autovacuum_enabled = off);`

const statistics = {
  "that were never made": `${KNOW_NOTHING} ${chained("a7", 20_000)}`,
  "that are older than the account": `${KNOW_NOTHING} ${chained("a1", 200)} ANALYZE; ${chained("a7", 12_000)}`,
  "of many accounts, older than this one": `${KNOW_NOTHING}
    ${Array.from({ length: 100 }, (_, n) => chained(`s${n}`, 20)).join("")} ANALYZE; ${chained("a7", 12_000)}`,
  "of the account": `${chained("a7", 20_000)} ANALYZE;`
}

describe("a chain in PostgreSQL", () => {
  it.each(Object.entries(statistics))(
    "is walked link by link, each by its key, with statistics %s",
    async (_, filled) => {
      const store = await newStore(filled)
      const newest = texts(Array.from({ length: 250 }, (_, n) => `c${10 * n + 9}`))
      const walks: ReadonlyArray<readonly [sql: string, ...params: SqlText["params"]]> = [
        [CHAINS, account, newest],
        [`${CHAIN} SELECT 1 FROM chain WHERE id = $3`, account, "c19", "c10"],
        [`${TREE} SELECT id FROM tree`, account, "c10"],
        [RUNNING_OF, account, texts(["c10", "c11"])],
        [descendantsSql(20), account, "c10", 2n ** 62n, ""],
        [rowById("record", "backups", "$2"), account, "c10"]
      ]
      for (const [sql, ...params] of walks) {
        const plan = await planOf({ sql, params }, store)
        assert.notMatch(plan, /Seq Scan on (backups|origins)/, plan)
        const scans = [...plan.matchAll(/ using (\w+) on (?:backups|origins)\b.* \(actual rows=([\d.]+)/g)]
        assert.isNotEmpty(scans, plan)
        for (const [, index = "", rows] of scans) {
          assert.include(["backups_by_id", "backups_by_parent", "origins_by_id"], index, plan)
          assert.isAtMost(Number(rows), 1, plan)
        }
      }
    }
  )
})
