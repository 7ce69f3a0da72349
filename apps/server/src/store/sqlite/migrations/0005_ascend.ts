import { SqlClient } from "@effect/sql"
import { Effect } from "effect"

/**
 * The same table and indexes with ascending keys: new backups are the newest, and come at the end of a page instead of
 * in front of it, which left pages half empty. Lists walk backwards, at the same cost.
 */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    CREATE TABLE ascending (
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
      PRIMARY KEY (account, created, id)
    ) WITHOUT ROWID, STRICT`
  yield* sql`
    INSERT INTO ascending
    SELECT account, created, id, updated, instance_id, status, datastore, parent_id, size_bytes, record
    FROM backups ORDER BY account, created, id`
  yield* sql`DROP TABLE backups`
  yield* sql`ALTER TABLE ascending RENAME TO backups`
  yield* sql`CREATE UNIQUE INDEX backups_by_id ON backups (account, id)`
  yield* sql`CREATE INDEX backups_by_instance ON backups (account, instance_id, created, id)`
  yield* sql`CREATE INDEX backups_by_status ON backups (account, status, created, id)`
  yield* sql`CREATE INDEX backups_by_datastore ON backups (account, datastore, created, id)`
  yield* sql`CREATE INDEX backups_by_parent ON backups (account, parent_id) WHERE parent_id IS NOT NULL`
  yield* sql`
    CREATE INDEX backups_by_datastore_version
    ON backups (account, record ->> '$.datastore.version_id', created, id)
    WHERE record ->> '$.datastore.version_id' IS NOT NULL`
  yield* sql`CREATE INDEX backups_by_created ON backups (created, id, account)`
})
