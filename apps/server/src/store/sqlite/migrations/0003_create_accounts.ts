import { SqlClient } from "@effect/sql"
import { Clock, Effect } from "effect"

/**
 * `accounts` has the version of each account that was ever written to; what is there already begins with now.
 * The indexes are for finding the increments of a backup and the backups of a version of a datastore, and for the order
 * of all accounts together.
 */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const now = (yield* Clock.currentTimeMillis) * 1000
  yield* sql`
    CREATE TABLE accounts (
      account TEXT NOT NULL PRIMARY KEY,
      version INTEGER NOT NULL
    ) WITHOUT ROWID, STRICT`
  yield* sql`INSERT INTO accounts SELECT DISTINCT account, ${now} FROM backups`
  yield* sql`CREATE INDEX backups_by_parent ON backups (account, parent_id) WHERE parent_id IS NOT NULL`
  yield* sql`
    CREATE INDEX backups_by_datastore_version
    ON backups (account, record ->> '$.datastore.version_id', created DESC, id DESC)
    WHERE record ->> '$.datastore.version_id' IS NOT NULL`
  yield* sql`CREATE INDEX backups_by_created ON backups (created DESC, id DESC, account DESC)`
})
