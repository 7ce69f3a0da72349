import { SqlClient } from "@effect/sql"
import { Effect } from "effect"

/**
 * Origins in the order of the backups that they are of, instead of that of ids, which is none: what an import brings
 * comes beside what it has just brought; `moved` is the newest import when that order last changed. The version of a
 * datastore in a column, instead of read from every record that is written.
 */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    CREATE TABLE ordered (
      source INTEGER NOT NULL,
      created INTEGER NOT NULL,
      id TEXT NOT NULL,
      native_id TEXT,
      native_parent_id TEXT,
      suspect TEXT,
      appeared INTEGER,
      import INTEGER NOT NULL,
      moved INTEGER,
      PRIMARY KEY (source, created, id)
    ) WITHOUT ROWID, STRICT`
  yield* sql`
    INSERT INTO ordered
    SELECT source, backups.created, origins.id, native_id, native_parent_id, suspect, appeared, import, NULL
    FROM origins
    CROSS JOIN sources ON sources.number = origins.source
    CROSS JOIN backups ON backups.account = sources.account AND backups.id = origins.id
    ORDER BY source, backups.created, origins.id`
  yield* sql`DROP TABLE origins`
  yield* sql`ALTER TABLE ordered RENAME TO origins`
  yield* sql`CREATE INDEX origins_by_backup ON origins (created, id)`

  yield* sql`DROP INDEX backups_by_datastore_version`
  yield* sql`ALTER TABLE backups ADD COLUMN datastore_version TEXT`
  yield* sql`
    UPDATE backups SET datastore_version = record ->> '$.datastore.version_id'
    WHERE record ->> '$.datastore.version_id' IS NOT NULL`
  yield* sql`
    CREATE INDEX backups_by_datastore_version ON backups (account, datastore_version, created, id)
    WHERE datastore_version IS NOT NULL`
})
