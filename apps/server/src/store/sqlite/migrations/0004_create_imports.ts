import { SqlClient } from "@effect/sql"
import { Effect } from "effect"

/**
 * What imports need and leave behind. Times are microseconds since 1970, but `heard` is milliseconds.
 *
 * `sources` has who holds a source and when it was last heard of; `origins` one row for each backup that a source has,
 * with when it appeared (null where it was there before); `retired` what no source has any more, as `backups` had it;
 * `events` what happened to backups, but for the appearance of what is still in `origins`; `instances` every instance
 * that there was a backup of, and when it last lost one that had ended well.
 */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    CREATE TABLE sources (
      number INTEGER PRIMARY KEY,
      account TEXT NOT NULL,
      name TEXT NOT NULL,
      running INTEGER,
      heard INTEGER
    ) STRICT`
  yield* sql`CREATE UNIQUE INDEX sources_by_name ON sources (account, name)`
  yield* sql`
    CREATE TABLE imports (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL,
      source INTEGER NOT NULL,
      account TEXT NOT NULL,
      mode TEXT NOT NULL,
      status TEXT NOT NULL,
      started INTEGER NOT NULL,
      finished INTEGER,
      created INTEGER NOT NULL DEFAULT 0,
      updated INTEGER NOT NULL DEFAULT 0,
      unchanged INTEGER NOT NULL DEFAULT 0,
      retired INTEGER NOT NULL DEFAULT 0,
      rejected INTEGER NOT NULL DEFAULT 0,
      orphaned INTEGER NOT NULL DEFAULT 0,
      message TEXT
    ) STRICT`
  yield* sql`CREATE UNIQUE INDEX imports_by_id ON imports (account, id)`
  yield* sql`CREATE INDEX imports_by_account ON imports (account, number DESC)`
  yield* sql`CREATE INDEX imports_by_source ON imports (source, number DESC)`
  yield* sql`
    CREATE TABLE origins (
      source INTEGER NOT NULL,
      id TEXT NOT NULL,
      native_id TEXT,
      native_parent_id TEXT,
      suspect TEXT,
      appeared INTEGER,
      import INTEGER NOT NULL,
      PRIMARY KEY (source, id)
    ) WITHOUT ROWID, STRICT`
  yield* sql`CREATE INDEX origins_by_id ON origins (id, source)`
  yield* sql`
    CREATE TABLE retired (
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
      retired INTEGER NOT NULL,
      PRIMARY KEY (account, created, id)
    ) WITHOUT ROWID, STRICT`
  yield* sql`CREATE UNIQUE INDEX retired_by_id ON retired (account, id)`
  yield* sql`CREATE INDEX retired_by_datastore ON retired (account, datastore, created, id)`
  yield* sql`CREATE INDEX retired_by_status ON retired (account, status, created, id)`
  yield* sql`CREATE INDEX retired_by_instance ON retired (account, instance_id, created, id)`
  yield* sql`
    CREATE TABLE events (
      number INTEGER PRIMARY KEY,
      account TEXT NOT NULL,
      id TEXT NOT NULL,
      at INTEGER NOT NULL,
      event TEXT NOT NULL,
      import INTEGER,
      changes TEXT
    ) STRICT`
  yield* sql`CREATE INDEX events_by_backup ON events (account, id, at, number)`
  yield* sql`
    CREATE TABLE instances (
      account TEXT NOT NULL,
      instance_id TEXT NOT NULL,
      gone INTEGER,
      PRIMARY KEY (account, instance_id)
    ) WITHOUT ROWID, STRICT`
  yield* sql`
    INSERT INTO instances (account, instance_id)
    SELECT DISTINCT account, instance_id FROM backups WHERE instance_id IS NOT NULL`
  yield* sql`
    CREATE TABLE policies (
      account TEXT NOT NULL PRIMARY KEY,
      policy TEXT NOT NULL,
      metrics INTEGER NOT NULL
    ) WITHOUT ROWID, STRICT`
})
