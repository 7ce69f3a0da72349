import { SqlClient } from "@effect/sql"
import { Effect } from "effect"

/** Tokens are kept as SHA-256 hashes only; times are microseconds since 1970. */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    CREATE TABLE tokens (
      hash BLOB NOT NULL PRIMARY KEY,
      account TEXT NOT NULL,
      role TEXT NOT NULL,
      created INTEGER NOT NULL,
      expires INTEGER
    ) WITHOUT ROWID, STRICT`
})
