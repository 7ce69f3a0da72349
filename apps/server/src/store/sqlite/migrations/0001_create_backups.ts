import { SqlClient } from "@effect/sql"
import { Effect } from "effect"

/**
 * `record` is the JSON record as it is sent, `id` last; the other columns are what lists are ordered and filtered by,
 * and what the record cannot hold: `created` and `updated` in microseconds, `size_bytes` where bytes are known.
 */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    CREATE TABLE backups (
      account TEXT NOT NULL,
      created INTEGER NOT NULL,
      id TEXT NOT NULL,
      updated INTEGER NOT NULL,
      instance_id TEXT,
      status TEXT NOT NULL,
      datastore TEXT,
      parent_id TEXT,
      size_bytes INTEGER,
      record TEXT NOT NULL,
      PRIMARY KEY (account, created DESC, id DESC)
    ) WITHOUT ROWID, STRICT`
  yield* sql`CREATE UNIQUE INDEX backups_by_id ON backups (account, id)`
  yield* sql`CREATE INDEX backups_by_instance ON backups (account, instance_id, created DESC, id DESC)`
  yield* sql`CREATE INDEX backups_by_status ON backups (account, status, created DESC, id DESC)`
  yield* sql`CREATE INDEX backups_by_datastore ON backups (account, datastore, created DESC, id DESC)`
})
