import { statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import Pg from "pg"
import { assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import { ImportServer, record } from "../imports/support/ImportServer.ts"
import { counts, filled } from "../support/filledStore.ts"
import { emptyDatabase, query } from "../support/postgres.ts"
import { ended, runProgram, spawnProgram } from "../support/program.ts"
import { start, temporaryFolder } from "../support/server.ts"

describe("copy", () => {
  it("moves all that a store has into PostgreSQL, where every answer is the same", async () => {
    const { server, store } = await filled()
    const target = await emptyDatabase(onTestFinished)
    const copied = await runProgram(["copy", "--from", store, "--to", target])
    assert.strictEqual(copied.code, 0, copied.stderr)
    const { backups, retired, ...rest } = counts(copied.stdout)
    assert.deepStrictEqual({ backups, retired }, { backups: "2,400", retired: "100" })
    assert.sameMembers(Object.keys(rest), [
      ...["accounts", "tokens", "sources", "imports", "origins", "events", "instances", "policies"]
    ])
    assert.notInclude(Object.values(rest), "0")

    const [url, stop] = await start({ store: target })
    onTestFinished(stop)
    const moved = new ImportServer(url, server.kept, stop)
    for (const path of [
      ...[
        "/backups?limit=200",
        "/backups?limit=200&include=retired",
        "/backups?datastore=mysql&limit=5",
        "/backups/b1",
        "/instances"
      ],
      ...["/backups/b1/history", "/backups/b2399/history", "/backups/b2450/history", "/imports", "/policy"],
      "/coverage?limit=3"
    ]) {
      const [one, other] = [await server.get(path), await moved.get(path)]
      assert.strictEqual(one.status, 200, path)
      assert.strictEqual(other.text.replaceAll(url, server.url), one.text, path)
    }
    // It goes on there.
    assert.deepInclude(await moved.snapshot(record("b0"), record("new")), { created: 1, retired: 2398 })
  })

  it("leaves two stores that prune forgets the same of, in partitions as well", async () => {
    const { server, store } = await filled()
    const earlier = (column: string) => `${column} = ${column} - 86400000000 * 400`
    await server.change(`
      UPDATE retired SET ${earlier("retired")}; UPDATE events SET ${earlier("at")};
      UPDATE imports SET ${earlier("started")}, ${earlier("finished")}`)
    const target = await emptyDatabase(onTestFinished)
    const copied = await runProgram(["copy", "--from", store, "--to", target, "--store-partitions", "3"])
    assert.strictEqual(copied.code, 0, copied.stderr)
    const pruned = await Promise.all(
      [store, target].map((address) => runProgram(["prune", "--store", address, "--before", "2026-01-01"]))
    )
    for (const { stdout, stderr } of pruned) {
      assert.match(stdout, /^Account 1234: 100 retired, 1 deleted, 0 imports forgotten\.\n/, stderr)
    }
    const verified = await runProgram(["verify", "--store", store, "--against", target])
    assert.deepStrictEqual(
      [counts(verified.stdout).retired, counts(verified.stdout).backups, verified.stderr],
      // Each has a version of its own by now.
      ["0", "2,400", "The two stores differ in accounts.\n"]
    )
  })

  it("leaves nothing behind when it cannot be all, and goes into an empty store only", async () => {
    const { store } = await filled()
    const target = await emptyDatabase(onTestFinished)
    await runProgram(["migrate"], undefined, { CATALOG_STORE: target })
    await query(target, "ALTER TABLE policies ADD CHECK (account = '')")
    const broken = await runProgram(["copy", "--from", store, "--to", target])
    assert.strictEqual(broken.code, 1)
    assert.match(broken.stderr, /^PostgreSQL gave up: .*policies.*\.\n$/m)
    for (const table of ["backups", "tokens", "accounts"]) {
      assert.deepStrictEqual(await query(target, `SELECT 1 FROM ${table}`), [])
    }
    await query(target, "ALTER TABLE policies DROP CONSTRAINT policies_account_check")
    assert.strictEqual((await runProgram(["copy", "--from", store, "--to", target])).code, 0)
    const again = await runProgram(["copy", "--from", store, "--to", target])
    assert.strictEqual(again.code, 1)
    assert.match(
      again.stderr,
      /^The store postgres:\S+ is not empty: it has accounts\. Copy into a database that nobody has used\.\n$/
    )
    const password = new URL(target).password
    assert.notInclude(again.stderr + broken.stderr, password)
  })

  it("keeps nothing when it is told to stop", async () => {
    const { store } = await filled()
    const target = await emptyDatabase(onTestFinished)
    await runProgram(["migrate"], undefined, { CATALOG_STORE: target })
    const other = new Pg.Client(target)
    await other.connect()
    onTestFinished(() => other.end())
    await other.query("BEGIN")
    await other.query("LOCK TABLE policies")
    const child = spawnProgram(["copy", "--from", store, "--to", target])
    const all = ended(child)
    await eventually("the copy waits for the table", async () => {
      assert.isNull(child.exitCode)
      const sql = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'policies'::regclass"
      return (await query(target, sql)).length > 0
    })
    child.kill("SIGTERM")
    await new Promise((resolve) => setTimeout(resolve, 300))
    await other.query("COMMIT")
    assert.strictEqual((await all).code, 130)
    for (const table of ["backups", "tokens", "accounts"]) {
      assert.deepStrictEqual(await query(target, `SELECT 1 FROM ${table}`), [])
    }
  })

  it("goes from SQLite to PostgreSQL, and no other way", async () => {
    const { code, stderr } = await runProgram(["copy", "--from", "sqlite:a.sqlite", "--to", "sqlite:b.sqlite"])
    assert.strictEqual(code, 2)
    assert.match(stderr, /^Copies go from sqlite: to postgres: only/)
  })
})

describe("verify", () => {
  it("finds two stores that have the same alike, and says in which tables others differ", async () => {
    const { server, store } = await filled()
    const target = await emptyDatabase(onTestFinished)
    await runProgram(["copy", "--from", store, "--to", target])
    const alike = await runProgram(["verify", "--store", store, "--against", target])
    assert.strictEqual(alike.code, 0, alike.stderr)
    assert.match(alike.stdout, /\nBoth stores have the same\.\n$/)
    assert.strictEqual((await server.put("b1", { name: "changed" })).status, 200)
    const differ = await runProgram(["verify", "--store", target, "--against", store])
    assert.strictEqual(differ.code, 1)
    assert.strictEqual(differ.stderr, "The two stores differ in accounts, backups, events.\n")
  })

  it("names a record that is not what it must be", async () => {
    const { server, store } = await filled()
    for (const [column, wrong, right] of [
      ["status", "'FAILED'", "'COMPLETED'"],
      ["datastore", "'mysql'", "NULL"],
      ["created", "created + 1000000", "created - 1000000"],
      ["size_bytes", "7", "NULL"],
      ["datastore_version", "'zz'", "NULL"]
    ]) {
      await server.kept.change(`UPDATE backups SET ${column} = ${wrong} WHERE id = 'b7'`)
      const { code, stderr } = await runProgram(["verify", "--store", store])
      assert.strictEqual(code, 1)
      assert.match(stderr, /^The record of "b7" of the account \S+ in backups has another \S+ than its row\.\n$/)
      assert.include(stderr, ` another ${column} `)
      await server.kept.change(`UPDATE backups SET ${column} = ${right} WHERE id = 'b7'`)
    }
    assert.strictEqual((await runProgram(["verify", "--store", store])).code, 0)
  })

  it("names in a sentence each what the server could not answer, and copy keeps nothing of it", async () => {
    const { server, store } = await filled()
    await server.kept.change(`
      INSERT INTO policies VALUES ('acme', '{nope', 1);
      UPDATE backups SET size_bytes = 7, datastore_version = 'zz' WHERE id = 'b8';
      UPDATE backups SET created = 9223372036854775807 WHERE id = 'b9';
      UPDATE events SET changes = '{"name":"from"}' WHERE number = (SELECT max(number) FROM events WHERE id = 'b1');
      UPDATE imports SET mode = 'some' WHERE number = 2;
      INSERT INTO imports (id, source, account, mode, status, started) SELECT 'other', source, 'acme', mode, status, started FROM imports WHERE number = 1;
      INSERT INTO tokens SELECT x'00', account, 'king', created, expires FROM tokens LIMIT 1;
      INSERT INTO origins (source, created, id, import) VALUES (99, 0, 'lost', 1);
      INSERT INTO events (account, id, at, event) VALUES ('nobody', 'b', 0, 'deleted')`)
    const wrong = [
      'The record of "b8" of the account 1234 in backups has another datastore_version, size_bytes than its row.',
      'The record of "b9" of the account 1234 in backups cannot be read.',
      "A token of the account 1234 in tokens cannot be read.",
      /^The import "\S{36}" of the account 1234 in imports cannot be read\.$/,
      'The import "other" of the account acme in imports has the source 1, which is not there.',
      'The origin of "lost" in origins has the source 99, which is not there.',
      'The event changed of "b1" of the account 1234 in events cannot be read.',
      'The event deleted of "b" of the account nobody in events has an account that is not there.',
      "The policy of the account acme in policies cannot be read."
    ]
    const target = await emptyDatabase(onTestFinished)
    for (const given of [
      ["verify", "--store", store],
      ["copy", "--from", store, "--to", target]
    ]) {
      const { code, stdout, stderr } = await runProgram(given)
      assert.deepStrictEqual([code, stdout], [1, ""])
      // A slow machine also says how far it is.
      const said = stderr.split("\n").filter((line) => line !== "" && !/^[\d,]+ rows copied …$/.test(line))
      assert.lengthOf(said, wrong.length, stderr)
      for (const [n, one] of wrong.entries()) {
        if (typeof one === "string") assert.strictEqual(said[n], one)
        else assert.match(said[n] ?? "", one)
      }
    }
    for (const table of ["backups", "tokens", "accounts"]) {
      assert.deepStrictEqual(await query(target, `SELECT 1 FROM ${table}`), [])
    }
  })

  it("names the same of PostgreSQL, 20 rows at most, and counts the others", async () => {
    const { store } = await filled()
    const target = await emptyDatabase(onTestFinished)
    assert.strictEqual((await runProgram(["copy", "--from", store, "--to", target])).code, 0)
    await query(target, "UPDATE policies SET policy = '{}x'")
    await query(target, "DELETE FROM imports")
    await query(target, "DELETE FROM sources")
    const { code, stderr } = await runProgram(["verify", "--store", target])
    assert.strictEqual(code, 1)
    const said = stderr.trimEnd().split("\n")
    assert.lengthOf(said, 21)
    for (const one of said.slice(0, 20)) {
      assert.match(one, /^The origin of "b\d+" of the account 1234 in origins has the source 1, which is not there\.$/)
    }
    assert.strictEqual(said[20], "There are 2380 more rows that are not good.")
  })

  it("says what is wrong with a file", async () => {
    const { code, stderr } = await runProgram(["verify", "--store", "sqlite:nowhere.sqlite"])
    assert.strictEqual(code, 1)
    assert.strictEqual(stderr, "There is no store at nowhere.sqlite; --store says where it is.\n")
  })

  it("takes a file in which nothing is for no store, and leaves it as it is", async () => {
    const path = join(temporaryFolder(onTestFinished), "empty.sqlite")
    writeFileSync(path, "")
    const { code, stderr } = await runProgram(["verify", "--store", `sqlite:${path}`])
    assert.strictEqual(code, 1)
    assert.strictEqual(stderr, `There is no store at ${path}: the file is empty.\n`)
    assert.strictEqual(statSync(path).size, 0)
  })
})
