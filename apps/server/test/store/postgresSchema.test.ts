import { randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { AccountId } from "@backup-catalog/core"
import { BackupStore } from "@backup-catalog/core/store"
import { SqlError } from "@effect/sql"
import { Effect, Exit, Redacted } from "effect"
import Pg from "pg"
import { assert, describe, inject, it, onTestFinished } from "vitest"
import { inPostgres } from "../../src/store/copy/openPostgres.ts"
import { tables as ofCopies } from "../../src/store/copy/tables.ts"
import { TABLES as OF_THE_STORE } from "../../src/store/postgres/fitness.ts"
import { newest } from "../../src/store/postgres/Postgres.ts"
import { defaultLimits } from "../../src/store/postgres/PostgresLimits.ts"
import { isExhausted, reasonOf } from "../../src/store/postgres/storeFailure.ts"
import { existingStoreLayer, storeLayer } from "../../src/store/StoreLive.ts"
import { emptyDatabase, query } from "../support/postgres.ts"
import { saidOf } from "../support/saidOf.ts"
import { addressOf } from "../support/server.ts"

const use = Effect.flatMap(BackupStore, (store) =>
  store.list({ account: AccountId.make("a"), filter: {}, after: undefined, limit: 1 })
)

const open = (url: string, limits = defaultLimits) =>
  Effect.runPromiseExit(Effect.provide(use, storeLayer(addressOf(url), limits)))

const TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"

const withParts = (
  url: string,
  parts: Partial<Pick<URL, "port" | "pathname" | "username" | "password" | "hostname">>
): string => Object.assign(new URL(url), parts).href

describe("the schema of the PostgreSQL store", () => {
  it("comes up by itself, once, with the numbers of the migrations in order", async () => {
    const url = await emptyDatabase(onTestFinished)
    assert.isTrue(Exit.isSuccess(await open(url)))
    assert.isTrue(Exit.isSuccess(await open(url)))
    assert.deepStrictEqual(
      await query(url, "SELECT migration_id, name FROM effect_sql_migrations ORDER BY migration_id"),
      [
        { migration_id: 1, name: "create_backups" },
        { migration_id: 2, name: "create_tokens" },
        { migration_id: 3, name: "create_imports" }
      ]
    )
  })

  it("is in the table of the documentation that says which servers may go on beside it", () => {
    const document = readFileSync(new URL("../../../../docs/backing-up.md", import.meta.url), "utf8")
    const [, upgrades = ""] = document.split("\n## Upgrades\n")
    const numbers = [...upgrades.matchAll(/^\| (\d+) /gm)].map(([, number]) => Number(number))
    assert.strictEqual(numbers.at(-1), newest)
  })

  it("has no other tables than a copy of it, but for those of running imports", () => {
    assert.sameMembers(OF_THE_STORE, [...ofCopies.map(({ name }) => name), "sightings", "sighted"])
  })

  it("comes up once when several open an empty database at the same time", async () => {
    const url = await emptyDatabase(onTestFinished)
    const exits = await Promise.all(Array.from({ length: 6 }, () => open(url)))
    assert.isTrue(exits.every(Exit.isSuccess), String(exits.find(Exit.isFailure)))
  })

  it("has its tables in partitions by account where that was asked for when it was made", async () => {
    const url = await emptyDatabase(onTestFinished)
    assert.isTrue(Exit.isSuccess(await open(url, { ...defaultLimits, partitions: 3 })))
    assert.isTrue(Exit.isSuccess(await open(url)))
    const partitioned = await query(
      url,
      `SELECT parent.relname AS name, count(*)::int AS partitions, pg_get_partkeydef(parent.oid) AS key
       FROM pg_inherits JOIN pg_class AS parent ON parent.oid = inhparent WHERE parent.relkind = 'p'
       GROUP BY parent.oid, parent.relname`
    )
    assert.includeDeepMembers(
      partitioned,
      ["accounts", "backups", "imports", "origins", "events", "retired", "instances"].map((name) => ({
        name,
        partitions: 3,
        key: "HASH (account)"
      }))
    )
  })

  it("is not made in more partitions than PostgreSQL has locks for, and the sentence says how many those must be", async () => {
    const url = await emptyDatabase(onTestFinished)
    const exit = saidOf(await open(url, { ...defaultLimits, partitions: 1024 }))
    // The tests' PostgreSQL has 200 connections, and 64 locks for each.
    assert.include(exit, "1024 partitions need max_locks_per_transaction = 308 in PostgreSQL and its standbys")
    assert.include(exit, "and it is 64, which is enough for 211.")
    assert.deepStrictEqual(await query(url, TABLES), [])
    const partitions = 2
    assert.isTrue(Exit.isSuccess(await open(url, { ...defaultLimits, partitions })))
    const [made] = await query(
      url,
      `SELECT count(*)::int AS relations FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
       WHERE pg_class.oid >= 16384 AND nspname IN ('public', 'pg_toast')`
    )
    // What is counted on: 60 for each partition, and 100 besides.
    assert.isAtMost(Number(made?.relations), 60 * partitions + 50)
    assert.isAtLeast(Number(made?.relations), 55 * partitions)
  })

  it("says PostgreSQL's hint, and does not try again, where that is out of something", async () => {
    const failure = Object.assign(new Pg.DatabaseError("out of shared memory", 20, "error"), {
      code: "53200",
      hint: "You might need to increase max_locks_per_transaction."
    })
    const wrapped = new SqlError.SqlError({ cause: failure, message: "Failed to execute statement" })
    assert.strictEqual(reasonOf(wrapped), "out of shared memory (You might need to increase max_locks_per_transaction)")
    assert.isTrue(isExhausted(wrapped))
    assert.isFalse(isExhausted(new Error("out of shared memory")))
  })

  it("orders every text by its bytes, whatever the order of the database, and has the account first in every key", async () => {
    const url = await emptyDatabase(onTestFinished)
    await open(url)
    assert.deepStrictEqual(
      await query(
        url,
        `SELECT table_name, column_name FROM information_schema.columns
         WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'`
      ),
      [{ table_name: "effect_sql_migrations", column_name: "name" }]
    )
    const keys = await query(
      url,
      "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT IN ('effect_sql_migrations', 'tokens')"
    )
    const others = keys.map(({ indexdef }) => String(indexdef)).filter((key) => !/\(account\b/.test(key))
    assert.lengthOf(others, 1, others.join("\n"))
    assert.include(others[0], "backups_by_created")
  })

  it("is refused with a sentence when it is newer than the program", async () => {
    const url = await emptyDatabase(onTestFinished)
    await open(url)
    await query(url, "INSERT INTO effect_sql_migrations (migration_id, name) VALUES (99, 'from_the_future')")
    assert.include(
      saidOf(await open(url)),
      "was written by a newer version of this program (schema 99, this one knows 3)"
    )
  })

  it("is not made in a database of another program, which stays as it is", async () => {
    const url = await emptyDatabase(onTestFinished)
    await query(url, "CREATE TABLE customers (id int)")
    assert.include(saidOf(await open(url)), "it is a database of another program")
    assert.deepStrictEqual(await query(url, TABLES), [{ tablename: "customers" }])
    const other = await emptyDatabase(onTestFinished)
    await query(
      other,
      `CREATE TABLE effect_sql_migrations (migration_id int, name text);
       INSERT INTO effect_sql_migrations VALUES (1, 'create_users')`
    )
    assert.include(saidOf(await open(other)), "it is a database of another program")
  })

  it.each(["orders", "accounts"])(
    "is not made beside a table that its user must not read (%s), and nothing is written there",
    async (name) => {
      const server = inject("postgres")
      const role = `catalog_${randomUUID().replaceAll("-", "")}`
      const { password } = new URL(server)
      await query(server, `CREATE ROLE ${role} LOGIN PASSWORD '${password}'`)
      onTestFinished(async () => void (await query(server, `DROP ROLE ${role}`)))
      const url = await emptyDatabase(onTestFinished, server, `OWNER ${role}`)
      await query(url, `CREATE TABLE ${name} (id int)`)
      const exit = await open(withParts(url, { username: role }))
      assert.include(saidOf(exit), "it is a database of another program")
      assert.deepStrictEqual(await query(url, TABLES), [{ tablename: name }])
    }
  )

  it("is made beside the tables of an extension, and of another program in a schema of its own", async () => {
    const url = await emptyDatabase(onTestFinished)
    await query(
      url,
      `CREATE EXTENSION pg_stat_statements; CREATE TABLE spatial_ref_sys (srid int);
       ALTER EXTENSION pg_stat_statements ADD TABLE spatial_ref_sys;
       CREATE SCHEMA theirs; CREATE TABLE theirs.accounts (id int)`
    )
    assert.isTrue(Exit.isSuccess(await open(url)))
    assert.isTrue(Exit.isSuccess(await open(url)))
  })

  it("is refused with a sentence where something else has the name of a table, and made when that is gone", async () => {
    const url = await emptyDatabase(onTestFinished)
    await query(url, "CREATE VIEW accounts AS SELECT 1 AS account")
    const exit = await open(url)
    assert.match(saidOf(exit), /^The store \S+ cannot be opened: relation "accounts" already exists\./)
    await query(url, "DROP VIEW accounts")
    assert.isTrue(Exit.isSuccess(await open(url)))
  })

  it("is refused with a sentence and without its password where nobody answers, or it is not let in", async () => {
    const server = inject("postgres")
    const { password } = new URL(server)
    for (const [url, reason] of [
      [withParts(server, { port: "1" }), "ECONNREFUSED"],
      [withParts(server, { pathname: "/not_there" }), "database .*not_there.* does not exist"],
      [withParts(server, { password: `${password}x` }), "password authentication failed"],
      [withParts(server, { hostname: "no-such-host.invalid" }), "ENOTFOUND|EAI_AGAIN"]
    ] as const) {
      const exit = await open(url)
      assert.match(saidOf(exit), new RegExp(`cannot be opened: .*(${reason})`))
      for (const shown of [saidOf(exit), String(exit), JSON.stringify(exit)]) assert.notInclude(shown, password)
    }
  })

  it("is refused where its user may not do all that it does, unless it is only read", async () => {
    const server = inject("postgres")
    const role = `catalog_${randomUUID().replaceAll("-", "")}`
    const { password } = new URL(server)
    await query(server, `CREATE ROLE ${role} LOGIN PASSWORD '${password}'`)
    onTestFinished(async () => void (await query(server, `DROP ROLE ${role}`)))
    const url = await emptyDatabase(onTestFinished, server)
    await open(url)
    await query(url, `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`)
    const reader = withParts(url, { username: role })
    const tables = (await query(url, TABLES)).map(({ tablename }) => tablename)
    assert.sameMembers(tables, [...OF_THE_STORE, "effect_sql_migrations"])
    for (const privilege of ["INSERT", "UPDATE", "DELETE"]) {
      const needs = `its user needs SELECT, INSERT, UPDATE and DELETE on ${OF_THE_STORE.join(", ")}`
      assert.include(saidOf(await open(reader)), needs)
      await query(url, `GRANT ${privilege} ON ALL TABLES IN SCHEMA public TO ${role}`)
    }
    await query(url, `REVOKE DELETE ON origins FROM ${role}`)
    assert.include(saidOf(await open(reader)), "DELETE on origins")
    await query(url, `GRANT DELETE ON origins TO ${role}`)
    assert.isTrue(Exit.isSuccess(await open(reader)))
    await query(url, `ALTER ROLE ${role} SET default_transaction_read_only = on`)
    assert.include(
      saidOf(await open(reader)),
      "it takes no writes of this user; default_transaction_read_only must be off."
    )
    const address = { url: Redacted.make(reader), name: "the test's" }
    const read = inPostgres(address, defaultLimits, true, ({ first }) => Effect.orDie(first("SELECT 1 AS one", [])))
    assert.deepStrictEqual(await Effect.runPromise(read), { one: 1 })
  })

  it("is refused in a database that is not in UTF-8", async () => {
    const url = await emptyDatabase(
      onTestFinished,
      inject("postgres"),
      "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc TEMPLATE template0"
    )
    assert.include(saidOf(await open(url)), "its encoding is LATIN1, and it must be UTF8")
  })

  it("is not made by what only makes sense on a store that exists", async () => {
    const url = await emptyDatabase(onTestFinished)
    const exit = await Effect.runPromiseExit(Effect.provide(use, existingStoreLayer(addressOf(url), defaultLimits)))
    assert.include(saidOf(exit), "There is no store in")
    assert.deepStrictEqual(await query(url, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'"), [])
  })
})
