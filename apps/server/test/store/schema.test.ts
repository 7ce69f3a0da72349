import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { AccountId } from "@backup-catalog/core"
import { BackupStore } from "@backup-catalog/core/store"
import Database from "better-sqlite3"
import { Effect, Exit } from "effect"
import { assert, describe, it, onTestFinished } from "vitest"
import { storeLayer } from "../../src/store/StoreLive.ts"
import { saidOf } from "../support/saidOf.ts"
import { temporaryFolder } from "../support/server.ts"

const open = (path: string) =>
  Effect.runPromiseExit(
    Effect.flatMap(BackupStore, (store) =>
      store.list({ account: AccountId.make("a"), filter: {}, after: undefined, limit: 1 })
    ).pipe(Effect.provide(storeLayer({ kind: "sqlite", path })))
  )

describe("the schema of the SQLite store", () => {
  it("comes up by itself, once, with the numbers of the migrations in order, in WAL mode", async () => {
    const path = join(temporaryFolder(onTestFinished), "catalog.sqlite")
    assert.isTrue(Exit.isSuccess(await open(path)))
    assert.isTrue(Exit.isSuccess(await open(path)))
    const database = new Database(path, { readonly: true })
    assert.deepStrictEqual(
      database.prepare("SELECT migration_id, name FROM effect_sql_migrations ORDER BY migration_id").raw().all(),
      [
        [1, "create_backups"],
        [2, "create_tokens"],
        [3, "create_accounts"],
        [4, "create_imports"],
        [5, "ascend"],
        [6, "order_origins"],
        [7, "one_tree_of_origins"]
      ]
    )
    assert.strictEqual(database.pragma("journal_mode", { simple: true }), "wal")
    database.close()
  })

  it("comes up once when several open the file at the same time", async () => {
    const path = join(temporaryFolder(onTestFinished), "catalog.sqlite")
    const exits = await Promise.all(Array.from({ length: 5 }, () => open(path)))
    assert.isTrue(exits.every(Exit.isSuccess), String(exits.find(Exit.isFailure)))
  })

  it("gives the accounts of a store of before a version when it is upgraded, and loses nothing", async () => {
    const path = join(temporaryFolder(onTestFinished), "catalog.sqlite")
    await open(path)
    const database = new Database(path)
    database.exec(`
      DROP TABLE accounts; DROP INDEX backups_by_parent; DROP INDEX backups_by_created;
      DROP INDEX backups_by_datastore_version;
      DROP TABLE sources; DROP TABLE imports; DROP TABLE origins; DROP TABLE retired; DROP TABLE events;
      DROP TABLE instances; DROP TABLE policies;
      DELETE FROM effect_sql_migrations WHERE migration_id > 2;
      INSERT INTO backups (account, created, id, updated, status, record) VALUES
        ('a', 1, 'x', 1, 'NEW', '{"name":"n","status":"NEW","created":"1970-01-01T00:00:00","updated":"1970-01-01T00:00:00","id":"x"}'),
        ('b', 1, 'x', 1, 'NEW', '{"name":"n","status":"NEW","created":"1970-01-01T00:00:00","updated":"1970-01-01T00:00:00","id":"x"}')`)
    const rows = database.prepare("SELECT * FROM backups").all()
    database.close()
    assert.isTrue(Exit.isSuccess(await open(path)))
    const upgraded = new Database(path, { readonly: true })
    assert.deepStrictEqual(upgraded.prepare("SELECT * FROM backups").all(), rows)
    const versions = upgraded.prepare("SELECT account, version > 0 FROM accounts ORDER BY account").raw().all()
    assert.deepStrictEqual(versions, [
      ["a", 1],
      ["b", 1]
    ])
    upgraded.close()
  })

  it("comes up while another process is making the file", async () => {
    const path = join(temporaryFolder(onTestFinished), "catalog.sqlite")
    const other = new Database(path)
    other.exec("BEGIN IMMEDIATE")
    const exit = open(path)
    await new Promise((resolve) => setTimeout(resolve, 200))
    other.exec("COMMIT")
    other.close()
    assert.isTrue(Exit.isSuccess(await exit), String(await exit))
  })

  it("is waited for without stopping the process, and refused where another one does not let go of it", {
    timeout: 30_000
  }, async () => {
    const path = join(temporaryFolder(onTestFinished), "catalog.sqlite")
    const other = new Database(path)
    onTestFinished(() => void other.close())
    other.exec("BEGIN EXCLUSIVE")
    let ticks = 0
    const ticking = setInterval(() => ticks++, 20)
    const exit = await open(path)
    clearInterval(ticking)
    assert.include(saidOf(exit), "database is locked")
    assert.isAbove(ticks, 50)
  })

  it("is refused with a sentence when it is newer than the program", async () => {
    const path = join(temporaryFolder(onTestFinished), "catalog.sqlite")
    await open(path)
    const database = new Database(path)
    database.prepare("INSERT INTO effect_sql_migrations (migration_id, name) VALUES (99, 'from_the_future')").run()
    database.close()
    const exit = await open(path)
    assert.include(saidOf(exit), "was written by a newer version of this program (schema 99, this one knows 7)")
  })

  it("is refused with a sentence when the file is none of SQLite's, or cannot be there", async () => {
    const folder = temporaryFolder(onTestFinished)
    writeFileSync(join(folder, "other.txt"), "this is not a database, but long enough to look like one")
    assert.include(saidOf(await open(join(folder, "other.txt"))), "file is not a database")
    assert.include(saidOf(await open(join(folder, "no/such/folder.sqlite"))), "directory does not exist")
    assert.include(saidOf(await open(folder)), "cannot be opened")
  })
})
