import Database from "better-sqlite3"
import { Effect, Either } from "effect"
import { assert, describe, it, onTestFinished } from "vitest"
import { make } from "../../src/store/sqlite/SqliteReader.ts"

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
})
