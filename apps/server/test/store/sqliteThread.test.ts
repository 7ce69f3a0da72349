import { join } from "node:path"
import Database from "better-sqlite3"
import { Deferred, Effect, Fiber } from "effect"
import { assert, describe, it, onTestFinished } from "vitest"
import { layer } from "../../src/store/sqlite/SqliteThread.ts"
import { SqliteWriter } from "../../src/store/sqlite/SqliteWriter.ts"
import { temporaryFolder } from "../support/server.ts"

const PUT = "INSERT INTO numbers (n) VALUES (?)"

/** A database of numbers, and what runs over a thread that writes to it. */
const open = () => {
  const path = join(temporaryFolder(onTestFinished), "numbers.sqlite")
  const database = new Database(path)
  database.pragma("journal_mode = WAL")
  database.exec("CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT")
  onTestFinished(() => {
    database.close()
  })
  const numbers = () => database.prepare("SELECT n FROM numbers ORDER BY n").pluck().all()
  const run = <A, E>(use: (writer: typeof SqliteWriter.Service) => Effect.Effect<A, E>) =>
    Effect.runPromise(Effect.provide(Effect.flatMap(SqliteWriter, use), layer(path)))
  return { database, numbers, run }
}

describe("the thread of imports", () => {
  it("gives rows with integers as bigints, in the order of the statements", async () => {
    const { numbers, run } = open()
    const found = await run((writer) =>
      writer.withTransaction(
        Effect.zipRight(
          writer.runMany((rows) => `INSERT INTO numbers (n) VALUES ${rows}`, [[1], [2n ** 62n], [3]]),
          writer.rows("SELECT n FROM numbers ORDER BY n", [])
        )
      )
    )
    assert.deepStrictEqual(found, [{ n: 1n }, { n: 3n }, { n: 2n ** 62n }])
    assert.lengthOf(numbers(), 3)
  })

  it.each([
    ["fails", "INSERT INTO numbers (n) VALUES (1)"],
    ["fails, and makes SQLite end its transaction", "INSERT OR ROLLBACK INTO numbers (n) VALUES (1)"]
  ])("writes nothing of a transaction of which a statement %s, and all of the next one", async (_, failing) => {
    const { numbers, run } = open()
    const failure = await run((writer) =>
      Effect.gen(function* () {
        yield* writer.withTransaction(writer.run(PUT, [1]))
        const failed = writer.withTransaction(
          Effect.all([writer.run(PUT, [2]), writer.run(failing, []), writer.run(PUT, [3])])
        )
        const failure = yield* Effect.sandbox(failed).pipe(Effect.flip)
        yield* writer.withTransaction(writer.run(PUT, [4]))
        return failure
      })
    )
    assert.include(JSON.stringify(failure), "SQLITE_CONSTRAINT")
    assert.deepStrictEqual(numbers(), [1, 4])
  })

  it("tells the failure of a statement to the next one that waits for rows", async () => {
    const { numbers, run } = open()
    const failure = await run((writer) =>
      writer
        .withTransaction(
          Effect.gen(function* () {
            yield* writer.run("INSERT INTO nowhere VALUES (1)", [])
            yield* writer.rows("SELECT 1", [])
            return yield* Effect.dieMessage("nobody was told")
          })
        )
        .pipe(Effect.flip)
    )
    assert.match(String(failure.cause), /no such table: nowhere/)
    assert.deepStrictEqual(numbers(), [])
  })

  it("undoes a transaction that is interrupted, and lets nothing into it that is no part of it", async () => {
    const { numbers, run } = open()
    await run((writer) =>
      Effect.gen(function* () {
        const begun = yield* Deferred.make<void>()
        const transaction = yield* writer
          .withTransaction(
            writer
              .run(PUT, [1])
              .pipe(Effect.zipRight(Deferred.succeed(begun, undefined)), Effect.zipRight(Effect.never))
          )
          .pipe(Effect.fork)
        yield* Deferred.await(begun)
        const beside = yield* Effect.fork(writer.run(PUT, [2]))
        yield* Fiber.interrupt(transaction)
        yield* Fiber.join(beside)
      })
    )
    assert.deepStrictEqual(numbers(), [2])
  })

  it("says so when it cannot open the store, and opens it later", async () => {
    const path = join(temporaryFolder(onTestFinished), "numbers.sqlite")
    const failure = await Effect.runPromise(
      Effect.gen(function* () {
        const writer = yield* SqliteWriter
        const failure = yield* Effect.flip(writer.withTransaction(writer.run(PUT, [1])))
        new Database(path).exec("CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT").close()
        yield* writer.withTransaction(writer.run(PUT, [1]))
        return failure
      }).pipe(Effect.provide(layer(path)))
    )
    assert.strictEqual((failure.cause as { readonly code?: unknown }).code, "SQLITE_CANTOPEN")
    const database = new Database(path, { readonly: true })
    onTestFinished(() => void database.close())
    assert.deepStrictEqual(database.prepare("SELECT n FROM numbers").pluck().all(), [1])
  })

  it("does not wait while another connection writes, but says so by the code of SQLite", async () => {
    const { database, numbers, run } = open()
    database.exec("BEGIN IMMEDIATE")
    const failure = await run((writer) =>
      Effect.tap(Effect.flip(writer.withTransaction(writer.rows(`${PUT} RETURNING n`, [1]))), () =>
        Effect.sync(() => database.exec("COMMIT"))
      )
    )
    assert.strictEqual((failure.cause as { readonly code?: unknown }).code, "SQLITE_BUSY")
    assert.deepStrictEqual(numbers(), [])
  })
})
