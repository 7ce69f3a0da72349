import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { AccountId, type Instant } from "@backup-catalog/core"
import Database from "better-sqlite3"
import { Effect, Tracer } from "effect"
import Pg from "pg"
import { assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import { Pruning } from "../../src/store/Pruning.ts"
import { defaultLimits } from "../../src/store/postgres/PostgresLimits.ts"
import { existingStoreLayer } from "../../src/store/StoreLive.ts"
import { ended, runProgram, spawnProgram } from "../support/program.ts"
import { addressOf } from "../support/server.ts"
import { ACCOUNT, type Asked, type ImportServer, record, startImportServer } from "./support/ImportServer.ts"

const DAY = 86_400_000_000n

const server = () => startImportServer(onTestFinished)

const prune = (at: ImportServer, ...args: ReadonlyArray<string>) =>
  runProgram(["prune", "--store", at.kept.address, "--before", "365d", ...args])

/** Lets all that has happened so far have happened so many days earlier. */
const age = (at: ImportServer, days: number): Promise<void> => {
  const by = BigInt(days) * DAY
  return at.change(`
    UPDATE retired SET retired = retired - ${by};
    UPDATE events SET at = at - ${by};
    UPDATE origins SET appeared = appeared - ${by};
    UPDATE imports SET started = started - ${by}, finished = finished - ${by}`)
}

const numbered = (count: number) => Array.from({ length: count }, (_, n) => record(`b${n}`, { instance_id: `i${n}` }))

/** What was retired that no instance is known by. */
const plain = (id: string) => record(id, { datastore: undefined })

const withDatastore = (id: string, members: object = {}) =>
  record(id, { datastore: { type: "Redis", version: "8" }, ...members })

/** Each id that was retired has a history, and none that is neither there nor retired. */
const assertWhole = async (at: ImportServer): Promise<ReadonlyArray<string>> => {
  const retired = await at.retired()
  const { events = [] } = await at.contents(["events"])
  const ids = new Set(events.map((row) => (Array.isArray(row) ? String(row[2]) : String((row as { id: string }).id))))
  const there = new Set(await at.ids())
  assert.sameMembers(
    [...ids].filter((id) => !there.has(id)),
    [...retired]
  )
  return retired
}

/** Begins a transaction that keeps others from writing; what is given goes on with it. */
const beginToWrite = async (at: ImportServer): Promise<(sql: string) => Promise<unknown>> => {
  const { address } = at.kept
  if (address.startsWith("sqlite:")) {
    const database = new Database(address.slice("sqlite:".length))
    database.exec("BEGIN IMMEDIATE")
    return async (sql) => database.exec(sql).close()
  }
  const client = new Pg.Client(address)
  await client.connect()
  await client.query(`BEGIN; SELECT 1 FROM accounts WHERE account = '${ACCOUNT}' FOR UPDATE`)
  return (sql) => client.query(sql).finally(() => client.end())
}

/** Waits until a program has forgotten some of so many retired backups. */
const untilSomeIsGone = (at: ImportServer, child: ChildProcess, of: number) =>
  eventually(`fewer than ${of} are left`, async (see) => {
    assert.isNull(child.exitCode)
    return see((await at.contents(["retired"])).retired?.length ?? 0) < of
  })

/** A program that has begun to forget so many retired backups, and what it ends with; `last` is still in the list. */
const inTheMiddle = async (count: number) => {
  const at = await server()
  await at.snapshot(...numbered(count))
  await at.snapshot(record("last"))
  await age(at, 400)
  const child = spawnProgram(["prune", "--store", at.kept.address, "--before", "365d"])
  const all = ended(child)
  await untilSomeIsGone(at, child, count)
  return { at, child, all }
}

/** Prunes in this process, where it can be seen whether that waits for its turn to write. */
const pruneHere = (at: ImportServer) => {
  const begun: Array<string> = []
  const over: Array<string> = []
  const seen = Effect.map(Effect.tracer, (tracer) =>
    Tracer.make({
      context: (run, fiber) => tracer.context(run, fiber),
      span: (...args) => {
        const span = tracer.span(...args)
        const end = span.end.bind(span)
        begun.push(span.name)
        return Object.assign(span, {
          end: (...how: Parameters<typeof end>) => {
            over.push(span.name)
            end(...how)
          }
        })
      }
    })
  )
  const before = (BigInt(Date.now()) * 1000n - 365n * DAY) as Instant
  const pruned = Effect.gen(function* () {
    const { prune } = yield* Pruning
    return yield* Effect.withTracer(prune(AccountId.make(ACCOUNT), before, false), yield* seen)
  }).pipe(Effect.provide(existingStoreLayer(addressOf(at.kept.address), defaultLimits)), Effect.runPromise)
  const name = "transaction prune"
  return { waits: () => begun.includes(name) && !over.includes(name), pruned }
}

describe("prune", () => {
  it("forgets what was retired or deleted before a time, with its history, and nothing else", async () => {
    const at = await server()
    await at.snapshot(plain("old"), plain("stays"), plain("late"))
    await at.put("deleted")
    await at.put("deletedLate")
    await at.put("changed")
    await at.put("changed", { name: "other" })
    await at.delete("deleted")
    await at.snapshot(plain("stays"), plain("late"))
    await at.ask("PUT", "/backups/other", {
      by: "other",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ backup: { ...record("other"), id: undefined } })
    })
    await at.ask("DELETE", "/backups/other", { by: "other" })
    await age(at, 400)
    await at.snapshot(plain("stays"))
    await at.delete("deletedLate")
    const kept = ["backups", "origins", "sources", "imports", "instances", "policies", "tokens"]
    const before = await at.contents(kept)
    const histories = await Promise.all(["stays", "late", "deletedLate", "changed"].map((id) => at.history(id)))
    const tags = async () => [
      (await at.get("/backups?include=retired")).headers.get("etag"),
      (await at.get("/backups", "other")).headers.get("etag")
    ]
    const [tag, otherTag] = await tags()
    const dry = await prune(at, "--account", ACCOUNT, "--dry-run")
    assert.match(
      dry.stdout,
      /^Account 1234: 1 retired, 1 deleted, 0 imports would be forgotten\.\nIn all, gone before \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: 1 retired, 1 deleted, 0 imports would be forgotten\.\n$/
    )
    assert.deepStrictEqual(await at.retired(), ["late", "old"])
    assert.deepStrictEqual(await tags(), [tag, otherTag])

    const { code, stdout, stderr } = await prune(at, "--account", ACCOUNT)
    assert.strictEqual(code, 0, stderr)
    assert.match(
      stdout,
      /^Account 1234: 1 retired, 1 deleted, 0 imports forgotten\.\nIn all, .*: 1 retired, 1 deleted, /
    )
    assert.deepStrictEqual(await at.contents(kept), before)
    assert.deepStrictEqual(await at.retired(), ["late"])
    for (const id of ["old", "deleted"]) assert.strictEqual((await at.get(`/backups/${id}/history`)).status, 404)
    assert.deepStrictEqual(
      await Promise.all(["stays", "late", "deletedLate", "changed"].map((id) => at.history(id))),
      histories
    )
    const after = await tags()
    assert.notStrictEqual(after[0], tag)
    assert.strictEqual(after[1], otherTag)
    assert.strictEqual((await at.get("/backups/other/history", "other")).status, 200)
    assert.strictEqual((await runProgram(["verify", "--store", at.kept.address])).code, 0)

    const all = await prune(at)
    assert.match(all.stdout, /^Account 99: 0 retired, 1 deleted, 0 imports forgotten\.\nIn all, /)
    assert.strictEqual((await at.get("/backups/other/history", "other")).status, 404)
    assert.match((await prune(at)).stdout, /^In all, gone before \S+: 0 retired, 0 deleted, 0 imports forgotten\.\n$/)
  })

  it("leaves the coverage as it is: the newest retired one tells what an instance is until it is taken out", async () => {
    const at = await server()
    await at.snapshot(
      withDatastore("older", { created: "2026-01-01T00:00:00Z" }),
      withDatastore("newer"),
      record("unknown", { created: "2026-01-03T00:00:00Z" }),
      record("child", { instance_id: "db-2", parent_id: "newer" })
    )
    await at.snapshot(record("child", { instance_id: "db-2", parent_id: "newer" }))
    await age(at, 400)
    const [coverage, chain] = [await at.coverage("?datastore=redis"), await at.coverage("?instance_id=db-2")]
    assert.lengthOf(coverage, 1)
    assert.strictEqual(chain[0].verdict, "broken-chain")
    assert.match((await prune(at)).stdout, /^Account 1234: 2 retired, 0 deleted, /)
    assert.deepStrictEqual(await at.retired(), ["newer"])
    const without = ({ age: _, ...entry }: Asked["body"]) => entry
    assert.deepStrictEqual((await at.coverage("?datastore=redis")).map(without), coverage.map(without))
    assert.deepStrictEqual((await at.coverage("?instance_id=db-2")).map(without), chain.map(without))
    assert.strictEqual((await at.ask("DELETE", "/coverage/db-1")).status, 202)
    assert.match((await prune(at)).stdout, /^Account 1234: 1 retired, 0 deleted, /)
    assert.deepStrictEqual(await assertWhole(at), [])
  })

  it("forgets past imports that nothing names any more, but for the last 1,000 of a source", async () => {
    const at = await server()
    const brought = await at.snapshot(plain("there"), plain("retired"))
    const changed = await at.snapshot({ ...plain("there"), name: "new" }, plain("retired"))
    const added = await at.snapshot({ ...plain("there"), name: "new" }, plain("retired"), plain("too"))
    const retiring = await at.snapshot({ ...plain("there"), name: "new" })
    // More than are kept, each of which changed something.
    await at.change(`
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)
      INSERT INTO imports (number, id, source, account, mode, status, started, finished, created)
      SELECT 10 + i, 'import ' || i, 1, '${ACCOUNT}', 'merge', 'COMPLETED', 1, 2, 1 FROM n`)
    await age(at, 400)
    assert.match((await prune(at, "--dry-run")).stdout, /^Account 1234: 2 retired, 0 deleted, 102 imports would be /)
    assert.match((await prune(at)).stdout, /^Account 1234: 2 retired, 0 deleted, 102 imports forgotten/)
    for (const [{ id }, status] of [
      [brought, 200],
      [changed, 200],
      [added, 404],
      [retiring, 404]
    ] as const) {
      assert.strictEqual((await at.get(`/imports/${id}`)).status, status)
    }
    assert.deepStrictEqual(
      (await at.history("there")).history.map((event: Asked["body"]) => event.import?.id),
      [changed.id, brought.id]
    )
    assert.lengthOf((await at.get("/imports?limit=2000")).body.imports, 1002)
    assert.strictEqual((await at.get("/imports/import%20100")).status, 404)
    assert.strictEqual((await at.get("/imports/import%20101")).status, 200)
    assert.match((await prune(at)).stdout, /^In all, /)
    assert.strictEqual((await at.snapshot(plain("there"), plain("retired"))).created, 1)
  })

  it("counts a backup once whose history is longer than what is looked at at a time", async () => {
    const at = await server()
    for (const id of ["a", "b", "c"]) {
      await at.put(id)
      await at.delete(id)
    }
    await at.change(`
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
      INSERT INTO events (number, account, id, at, event) SELECT 100 + i, '${ACCOUNT}', 'b', i, 'changed' FROM n`)
    await age(at, 400)
    assert.match((await prune(at, "--dry-run")).stdout, /^Account 1234: 0 retired, 3 deleted, /)
    assert.match((await prune(at)).stdout, /^Account 1234: 0 retired, 3 deleted, /)
    assert.deepStrictEqual((await at.contents(["events"])).events, [])
  })

  it("leaves to an import what that brings back meanwhile", async () => {
    const at = await server()
    const all = numbered(12_000)
    await at.snapshot(...all)
    await at.snapshot(record("last"))
    await age(at, 400)
    const child = spawnProgram(["prune", "--store", at.kept.address, "--before", "365d"])
    const end = ended(child)
    await untilSomeIsGone(at, child, 12_000)
    const back = await at.snapshot(record("last"), ...all.toReversed())
    const pruned = await end
    assert.strictEqual(pruned.code, 0, pruned.stderr)
    assert.deepInclude(back, { status: "COMPLETED", created: 12_000, retired: 0 })
    assert.lengthOf(await at.ids(), 12_001)
    assert.deepStrictEqual(await assertWhole(at), [])
    for (const { id } of all.filter((_, n) => n % 500 === 1)) {
      const events = await at.events(String(id))
      assert.include([1, 3], events.length)
      assert.strictEqual(events.at(-1), "appeared")
    }
  })

  it("looks again at what it is about to forget, and leaves what has come back", async () => {
    const at = await server()
    await at.snapshot(plain("a"), plain("b"))
    await at.snapshot(plain("a"))
    await at.ask("DELETE", "/backups/a")
    await age(at, 400)
    const { events } = await at.contents(["events"])
    const writing = await beginToWrite(at)
    const { waits, pruned } = pruneHere(at)
    await eventually("it has found what to forget, and waits for its turn", waits)
    const columns = "account, created, id, updated, instance_id, status, datastore, parent_id, size_bytes, record"
    await writing(`INSERT INTO backups (${columns}) SELECT ${columns} FROM retired; DELETE FROM retired; COMMIT`)
    assert.deepStrictEqual(await pruned, { retired: 0, deleted: 1, imports: 0 })
    assert.deepStrictEqual(await at.ids(), ["b"])
    assert.deepStrictEqual(await at.events("b"), ["appeared", "retired"])
    assert.lengthOf((await at.contents(["events"])).events ?? [], (events?.length ?? 0) - 2)
  })

  it("loses nothing when it is killed, and is completed by the next, also by two at once", async () => {
    const { at, child, all } = await inTheMiddle(20_000)
    child.kill("SIGKILL")
    await all
    const left = (await assertWhole(at)).length
    assert.isAbove(left, 0)
    assert.isBelow(left, 20_000)
    const both = await Promise.all([prune(at), prune(at)])
    assert.deepStrictEqual(
      both.map(({ code }) => code),
      [0, 0]
    )
    const counts = both.map(({ stdout }) => Number(/In all, .*: ([\d,]+) retired/.exec(stdout)?.[1]?.replace(",", "")))
    assert.strictEqual((counts[0] ?? 0) + (counts[1] ?? 0), left)
    assert.deepStrictEqual(await assertWhole(at), [])
    assert.deepStrictEqual(await at.ids(), ["last"])
    assert.strictEqual((await runProgram(["verify", "--store", at.kept.address])).code, 0)
  })

  it("says so when it is told to stop, and goes on the next time", async () => {
    const { at, child, all } = await inTheMiddle(8000)
    child.kill("SIGTERM")
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
    const { code, stderr } = await all
    assert.strictEqual(code, 130)
    assert.strictEqual(stderr, "Stopped; what was forgotten so far is gone, and running it again goes on.\n")
    assert.strictEqual((await prune(at)).code, 0)
    assert.deepStrictEqual(await assertWhole(at), [])
  })

  it("refuses times that are none, to come, or too short ago, and accounts and stores that there are none of", async () => {
    const at = await server()
    const run = (...args: ReadonlyArray<string>) => runProgram(["prune", "--store", at.kept.address, ...args])
    for (const [args, code, said] of [
      [
        [],
        2,
        /^The option --before is missing\. It takes WHEN\. What went before [^\n]+ See backup-catalog-server prune --help\.\n$/
      ],
      [["--before", "2y"], 2, /^--before must be how long ago it was \(104w 730d\), .*; not 2y\.\n$/],
      [
        ["--before", "24m"],
        2,
        /^--before must be at least 7d ago, so that nothing is forgotten too soon; not 24m\.\n$/
      ],
      [["--before", "2999-01-01"], 2, /^--before must be at least 7d ago/],
      [["--before", "365d", "--account", "a/b"], 2, /^--account must have 1 to 255 characters/],
      [["--before", "365d", "--account", "1235"], 1, /^There is no account 1235 in this store\.\n$/],
      [["--before", "2026-01-01T00:00:00Z"], 0, /^$/],
      [["--before", "52w"], 0, /^$/]
    ] as const) {
      const ran = await run(...args)
      assert.strictEqual(ran.code, code, ran.stderr)
      assert.match(ran.stderr, said)
    }
    const missing = await runProgram(["prune", "--store", "sqlite:/nowhere/at/all.sqlite", "--before", "365d"])
    assert.strictEqual(missing.code, 1)
    assert.match(missing.stderr, /^There is no store at /)
  })
})
