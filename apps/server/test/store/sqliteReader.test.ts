import { join } from "node:path"
import Database from "better-sqlite3"
import { Effect, Either } from "effect"
import { assert, describe, it, onTestFinished } from "vitest"
import { make } from "../../src/store/sqlite/SqliteReader.ts"
import { temporaryFolder } from "../support/server.ts"

/** A reader of a file, and who writes to it as another process would. */
const readerAndWriter = () => {
  const file = join(temporaryFolder(onTestFinished), "catalog.sqlite")
  const writer = new Database(file)
  writer.pragma("journal_mode = WAL")
  writer.exec("CREATE TABLE numbers (n INTEGER)")
  const database = new Database(file, { readonly: true })
  onTestFinished(() => {
    database.close()
    writer.close()
  })
  return { database, reader: make(database, () => {}), write: () => void writer.exec("INSERT INTO numbers VALUES (1)") }
}

const COUNT = "SELECT count(*) AS count FROM numbers"

describe("the reader of an SQLite store", () => {
  it("says what is wrong where SQLite has ended the transaction for it, and reads on", () => {
    const database = new Database(":memory:")
    onTestFinished(() => void database.close())
    const reader = make(database, () => {})
    const failed = reader.snapshot(() => {
      // As SQLite does by itself.
      database.exec("ROLLBACK")
      throw Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR_READ" })
    })
    const error = Either.getOrThrow(Either.flip(Effect.runSync(Effect.either(failed))))
    assert.strictEqual(error._tag, "StoreUnavailable")
    assert.strictEqual((error.cause as Error).message, "disk I/O error")
    assert.deepStrictEqual(Effect.runSync(reader.snapshot((sql) => sql.get("SELECT 1 AS one", []))), { one: 1n })
  })
  it("shows all who ask in one go of the event loop one moment, and who asks later what was written meanwhile", async () => {
    const { database, reader, write } = readerAndWriter()
    const count = () => reader.snapshotAtOnce((sql) => sql.get(COUNT, []))
    const commits = reader.commitsAtOnce()
    assert.deepStrictEqual(count(), { count: 0n })
    write()
    assert.deepStrictEqual(count(), { count: 0n })
    assert.strictEqual(reader.commitsAtOnce(), commits)
    await Promise.resolve()
    assert.isFalse(database.inTransaction)
    assert.deepStrictEqual(count(), { count: 1n })
    assert.notStrictEqual(reader.commitsAtOnce(), commits)
  })

  it("shows the store as it is now to who does not ask at once, whatever others were shown in the same go", () => {
    const { reader, write } = readerAndWriter()
    const count = () => reader.snapshotAtOnce((sql) => sql.get(COUNT, []))
    const now = () => [
      Effect.runSync(reader.read((sql) => sql.get(COUNT, []))),
      Effect.runSync(reader.snapshot((sql) => sql.get(COUNT, [])))
    ]
    const commits = reader.commitsAtOnce()
    assert.deepStrictEqual(count(), { count: 0n })
    write()
    assert.deepStrictEqual(now(), [{ count: 1n }, { count: 1n }])
    write()
    assert.deepStrictEqual(count(), { count: 2n })
    assert.notStrictEqual(reader.commitsAtOnce(), commits)
    write()
    assert.deepStrictEqual(now(), [{ count: 3n }, { count: 3n }])
  })

  it("tells nothing at once where SQLite fails, and reads on", () => {
    const { database, reader } = readerAndWriter()
    const failed = reader.snapshotAtOnce(() => {
      database.exec("ROLLBACK")
      throw new Error("disk I/O error")
    })
    assert.isUndefined(failed)
    assert.deepStrictEqual(
      reader.snapshotAtOnce((sql) => sql.get(COUNT, [])),
      { count: 0n }
    )
    assert.isUndefined(reader.snapshotAtOnce((sql) => sql.get("SELECT nothing", [])))
    assert.deepStrictEqual(
      reader.snapshotAtOnce((sql) => sql.get(COUNT, [])),
      { count: 0n }
    )
  })
})
