import { join } from "node:path"
import { AccountId, BackupId, InstanceId, type Instant } from "@backup-catalog/core"
import { BackupStore } from "@backup-catalog/core/store"
import { arbitrary } from "@backup-catalog/core/testing"
import Database from "better-sqlite3"
import { Effect, FastCheck as fc } from "effect"
import { assert, describe, it, onTestFinished } from "vitest"
import type { SqlParams } from "../../src/store/SqlText.ts"
import { storeLayer } from "../../src/store/StoreLive.ts"
import { RETIRE } from "../../src/store/sqlite/importStatements.ts"
import { instancesSql, withoutInstanceSql } from "../../src/store/sqlite/instancesSql.ts"
import { eventsSql, FORGET, fatesSql } from "../../src/store/sqlite/PruningSqlite.ts"
import { sliceAcrossSql, sliceSql } from "../../src/store/sqlite/sliceSql.ts"
import { REMOVE, UNRETIRE } from "../../src/store/sqlite/writeStatements.ts"
import { everyFilter } from "../support/everyFilter.ts"
import { temporaryFolder } from "../support/server.ts"

const filters = everyFilter(
  {
    datastore: "mysql",
    instanceId: InstanceId.make("db-1"),
    createdSince: 0n as Instant,
    createdBefore: 10n as Instant
  },
  [0, 1, 2, 3]
)

const openStore = async () => {
  const path = join(temporaryFolder(onTestFinished), "catalog.sqlite")
  const backups = fc.sample(arbitrary.backups, { numRuns: 1, seed: 7 })[0] ?? []
  await Effect.runPromise(
    Effect.flatMap(BackupStore, (store) => store.put(AccountId.make("a"), backups)).pipe(
      Effect.provide(storeLayer({ kind: "sqlite", path }))
    )
  )
  return new Database(path, { readonly: true })
}

const planOf = (database: Database.Database, sql: string, params: SqlParams): ReadonlyArray<string> =>
  database
    .prepare<Array<unknown>, { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...params)
    .map(({ detail }) => detail)

describe("every list query", () => {
  it("walks an index in the order of the list: no scan of the table, no sorting but of merged statuses", async () => {
    const database = await openStore()
    for (const filter of filters) {
      for (const after of [undefined, { created: 5n as Instant, id: BackupId.make("x") }]) {
        for (const columns of ["record", "1", "created, updated, size_bytes, record"]) {
          const { sql, params } = sliceSql(columns, { account: AccountId.make("a"), filter, after, limit: 20 })
          const plan = planOf(database, sql, params)
          const searches = plan.filter((detail) => detail.includes("backups"))
          assert.isNotEmpty(searches)
          for (const detail of searches)
            assert.match(
              detail,
              /^SEARCH backups USING (PRIMARY KEY|(COVERING )?INDEX backups_by_\w+) \(account=\?/,
              sql
            )
          const merged = plan.some((detail) => detail.includes("UNION ALL"))
          assert.strictEqual(
            plan.some((detail) => detail.includes("TEMP B-TREE")),
            merged,
            `${sql}\n${plan.join("\n")}`
          )
          if (filter.instanceId !== undefined)
            assert.isTrue(searches.every((detail) => detail.includes("instance_id=?")))
        }
      }
    }
    database.close()
  })

  it("of all accounts walks the index of their common order, and never sorts but the backups of an instance", async () => {
    const database = await openStore()
    for (const filter of filters) {
      for (const after of [
        undefined,
        { created: 5n as Instant, id: BackupId.make("x"), account: AccountId.make("a") }
      ]) {
        const { sql, params } = sliceAcrossSql("account, record", { filter, after, limit: 20 })
        const plan = planOf(database, sql, params)
        if (filter.instanceId === undefined) {
          assert.lengthOf(plan, 1)
          assert.match(plan[0] ?? "", /^(SCAN|SEARCH) backups USING INDEX backups_by_created/)
        } else {
          assert.isTrue(
            plan.some((detail) =>
              /^SEARCH backups USING INDEX backups_by_instance \(account=\? AND instance_id=\?/.test(detail)
            ),
            plan.join("\n")
          )
        }
      }
    }
    database.close()
  })

  it("of instances jumps from one to the next through an index", async () => {
    const database = await openStore()
    const { sql, params } = instancesSql(AccountId.make("a"), undefined, 20)
    const searches = planOf(database, sql, params).filter((detail) => /backups|newest/.test(detail))
    assert.isAtLeast(searches.length, 4)
    for (const detail of searches)
      assert.match(detail, /^SEARCH \w+ USING (COVERING )?INDEX backups_by_\w+ \(account=\?/)
    database.close()
  })

  it("of what names no instance counts in the index alone, and stops at the most", async () => {
    const database = await openStore()
    assert.include(
      planOf(database, withoutInstanceSql, [AccountId.make("a"), 1000]),
      "SEARCH backups USING COVERING INDEX backups_by_instance (account=? AND instance_id=?)"
    )
    database.close()
  })
})

describe("what is written by ids", () => {
  it("finds each in an index of ids, and does not walk the account", async () => {
    const database = await openStore()
    for (const [sql, params] of [
      ...[REMOVE, UNRETIRE, ...FORGET].map((sql) => [sql, ["a", "[]"]] as const),
      [RETIRE, [1n, "a", "[]"]] as const
    ]) {
      const plan = planOf(database, sql, params)
      assert.match(plan[0] ?? "", /^SEARCH .*\(account=\? AND id=\?\)/, sql)
    }
    database.close()
  })
})

describe("what prune looks at", () => {
  it("is found by keys of the account, event by event in the order of an index", async () => {
    const database = await openStore()
    for (const [sql, params] of [
      [eventsSql, [1n, "a", "", 0n, 0n]],
      [fatesSql, [1n, "a", "[]"]]
    ] as const) {
      const searches = planOf(database, sql, params).filter((detail) =>
        /^(SCAN|SEARCH) (?!entry\b|json_each)/.test(detail)
      )
      assert.isAtLeast(searches.length, 4)
      for (const detail of searches) assert.match(detail, /^SEARCH .*\(account=\?/)
    }
    assert.include(
      planOf(database, eventsSql, [1n, "a", "", 0n, 0n]),
      "SEARCH events USING INDEX events_by_backup (account=? AND (id,at)>(?,?))"
    )
    database.close()
  })
})
