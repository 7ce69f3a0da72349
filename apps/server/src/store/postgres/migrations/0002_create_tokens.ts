import { SqlClient } from "@effect/sql"
import { Effect } from "effect"

/** Tokens are kept as SHA-256 hashes only; times are microseconds since 1970. */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    CREATE TABLE tokens (
      hash bytea NOT NULL PRIMARY KEY,
      account text COLLATE "C" NOT NULL,
      role text COLLATE "C" NOT NULL,
      created bigint NOT NULL,
      expires bigint
    )`
})
