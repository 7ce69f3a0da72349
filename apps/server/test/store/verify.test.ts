import { chmodSync, copyFileSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import Database from "better-sqlite3"
import { Effect } from "effect"
import { assert, describe, it, onTestFinished } from "vitest"
import { untouchedFile } from "../../src/store/copy/untouchedFile.ts"
import { emptyDatabase, query } from "../support/postgres.ts"
import { runProgram, runUnprivileged } from "../support/program.ts"
import { temporaryFolder } from "../support/server.ts"

/** A store that no process has open. */
const closedStore = async (): Promise<string> => {
  const path = join(temporaryFolder(onTestFinished), "catalog.sqlite")
  assert.strictEqual((await runProgram(["migrate", "--store", `sqlite:${path}`])).code, 0)
  return path
}

/** Gives a store the schema of an older version. */
const age = (path: string): void => {
  const database = new Database(path)
  database.exec("CREATE INDEX origins_by_backup ON origins (created, id)")
  database.exec("DELETE FROM effect_sql_migrations WHERE migration_id = 7")
  database.close()
}

/** All that is in the folder of a file. */
const traces = (path: string) =>
  readdirSync(dirname(path)).map((name) => {
    const file = join(dirname(path), name)
    return [name, statSync(file).mtimeMs, readFileSync(file).toString("base64")]
  })

const older = (path: string) =>
  `The store ${path} has schema 6 of an older version, and stays as it is; a copy with schema 7 is checked.\n`

describe("verify", () => {
  it("leaves a store of an older version as it is, for the older version to open", async () => {
    const path = await closedStore()
    age(path)
    const copy = join(dirname(path), "copy.sqlite")
    assert.strictEqual((await runProgram(["backup", "--store", `sqlite:${path}`, copy])).code, 0)
    const before = traces(path)
    assert.lengthOf(before, 2)
    const { code, stdout, stderr } = await runProgram([
      ...["verify", "--store", `sqlite:${copy}`],
      ...["--against", `sqlite:${path}`]
    ])
    assert.deepStrictEqual([code, stderr], [0, older(copy) + older(path)])
    assert.match(stdout, /\nBoth stores have the same\.\n$/)
    assert.deepStrictEqual(traces(path), before)
    const schema = new Database(copy, { readonly: true })
    assert.strictEqual(schema.prepare("SELECT max(migration_id) FROM effect_sql_migrations").pluck().get(), 6)
    schema.close()
  })

  it("reads what it may not write", async () => {
    const path = await closedStore()
    const copy = join(dirname(path), "copy.sqlite")
    assert.strictEqual((await runProgram(["backup", "--store", `sqlite:${path}`, copy])).code, 0)
    const writer = new Database(path)
    writer.exec("INSERT INTO accounts (account, version) VALUES ('acme', 1)")
    const snapshot = join(dirname(path), "snapshot.sqlite")
    copyFileSync(path, snapshot)
    copyFileSync(`${path}-wal`, `${snapshot}-wal`)
    writer.close()
    for (const file of readdirSync(dirname(path))) chmodSync(join(dirname(path), file), 0o444)
    chmodSync(dirname(path), 0o555)
    onTestFinished(() => chmodSync(dirname(path), 0o755))
    const before = traces(path)
    for (const [file, accounts] of [
      [path, 1],
      [copy, 0],
      [snapshot, 1]
    ] as const) {
      const { code, stdout, stderr } = await runUnprivileged(["verify", "--store", `sqlite:${file}`])
      assert.deepStrictEqual([code, stderr], [0, ""], file)
      assert.match(stdout, new RegExp(`^accounts +${accounts} `))
    }
    assert.deepStrictEqual(traces(path), before)
  })

  it("reads a store that somebody has open, also through a link", async () => {
    const path = await closedStore()
    const writer = new Database(path)
    onTestFinished(() => void writer.close())
    writer.exec("INSERT INTO accounts (account, version) VALUES ('acme', 1)")
    const link = join(temporaryFolder(onTestFinished), "link.sqlite")
    symlinkSync(path, link)
    for (const file of [path, link]) {
      const { code, stdout } = await runProgram(["verify", "--store", `sqlite:${file}`])
      assert.strictEqual(code, 0)
      assert.match(stdout, /^accounts +1 /)
    }
  })

  it("reads a store in its place that somebody opens while it is copied, and copies it again where nobody stays", async () => {
    for (const stays of [true, false]) {
      const path = await closedStore()
      const found = Effect.runPromise(Effect.scoped(untouchedFile(path)))
      const writer = new Database(path)
      onTestFinished(() => void writer.close())
      writer.exec("INSERT INTO accounts (account, version) VALUES ('acme', 1)")
      if (!stays) writer.close()
      assert.strictEqual((await found) === path, stays)
    }
  })

  it("says which temporary copy cannot be made, and what says where it goes", async () => {
    const path = await closedStore()
    const env = { TMPDIR: join(dirname(path), "none") }
    const { code, stderr } = await runProgram(["verify", "--store", `sqlite:${path}`], undefined, env)
    const sentence = `A temporary copy of the store ${path} in ${env.TMPDIR} cannot be made: no such file or directory; TMPDIR says where.\n`
    assert.deepStrictEqual([code, stderr], [1, sentence])
  })

  it("takes a file without tables for no store", async () => {
    const path = join(temporaryFolder(onTestFinished), "none.sqlite")
    const database = new Database(path)
    database.pragma("user_version = 1")
    database.close()
    const { code, stderr } = await runProgram(["verify", "--store", `sqlite:${path}`])
    assert.deepStrictEqual([code, stderr], [1, `There is no store in ${path}; --store says where it is.\n`])
  })

  it("leaves a PostgreSQL store of an older version as it is, and says so", async () => {
    const store = await emptyDatabase(onTestFinished)
    await runProgram(["migrate"], undefined, { CATALOG_STORE: store })
    await query(store, "DELETE FROM effect_sql_migrations WHERE migration_id = 3")
    const { code, stderr } = await runProgram(["verify"], undefined, { CATALOG_STORE: store })
    assert.strictEqual(code, 1)
    assert.match(
      stderr,
      /^The store postgres:\S+ was written by an older version of this program \(schema 2, this one knows 3\), and is not changed here; check it with that version, or let migrate bring it up to date\.\n$/
    )
    const applied = await query(store, "SELECT max(migration_id)::int AS schema FROM effect_sql_migrations")
    assert.deepStrictEqual(applied, [{ schema: 2 }])
  })

  it.each([
    ["SQLite", async () => `sqlite:${join(temporaryFolder(onTestFinished), "catalog.sqlite")}`],
    ["PostgreSQL", () => emptyDatabase(onTestFinished)]
  ])("names an instance that is lost to the coverage once, and migrate adds it: %s", async (_, make) => {
    const env = { CATALOG_STORE: await make() }
    const at = { status: "COMPLETED", created: "2026-01-01T00:00:00", updated: "2026-01-01T00:00:00" }
    const records = ["b1", "b2", "b3"].map((id) => ({
      id,
      name: id,
      ...at,
      instance_id: id === "b3" ? "orders" : "crm"
    }))
    const loaded = await runProgram(["load", "--account", "acme", "-"], JSON.stringify(records), env)
    assert.strictEqual(loaded.code, 0, loaded.stderr)
    const lose = "DELETE FROM instances WHERE instance_id = 'crm'"
    if (env.CATALOG_STORE.startsWith("sqlite:")) {
      const database = new Database(env.CATALOG_STORE.replace("sqlite:", ""))
      database.exec(lose)
      database.close()
    } else {
      await query(env.CATALOG_STORE, lose)
    }
    const { code, stderr } = await runProgram(["verify"], undefined, env)
    assert.strictEqual(code, 1)
    assert.strictEqual(
      stderr,
      'The record of "b1" of the account acme in backups has the instance crm, which is not in instances; migrate adds it.\n'
    )
    const healed = await runProgram(["migrate"], undefined, env)
    assert.strictEqual(
      healed.stdout,
      "The store is there, and its schema is up to date.\nInstances that have backups and were not in the coverage: 1 added.\n"
    )
    const verified = await runProgram(["verify"], undefined, env)
    assert.deepStrictEqual([verified.code, verified.stderr], [0, ""])
    assert.match(verified.stdout, /^instances +2 /m)
  })
})
