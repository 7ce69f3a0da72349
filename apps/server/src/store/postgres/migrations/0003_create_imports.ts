import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { CreateTable } from "./createTable.ts"

/**
 * What imports need and leave behind. Times are microseconds since 1970, but `heard` is milliseconds. Numbers are
 * counted within the account, and events within the backup, by whoever holds the row of the account.
 *
 * `sources` has who holds a source and when it was last heard of; `sighted` the ids that an import has met so far, and
 * `sightings` the imports that have some, with numbers below 0 where they only look; `origins` one row for each backup
 * that a source has, with when it appeared (null where it was there before); `retired` what no source has any more, as
 * `backups` had it; `events` what happened to backups, but for the appearance of what is still in `origins`;
 * `instances` every instance that there was a backup of, and when it last lost one that had ended well.
 */
export default (create: CreateTable) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* create(
      "sources",
      `
      account text COLLATE "C" NOT NULL,
      number bigint NOT NULL,
      name text COLLATE "C" NOT NULL,
      running bigint,
      heard bigint,
      PRIMARY KEY (account, number)`
    )
    yield* sql`CREATE UNIQUE INDEX sources_by_name ON sources (account, name)`
    yield* create(
      "imports",
      `
      account text COLLATE "C" NOT NULL,
      number bigint NOT NULL,
      id text COLLATE "C" NOT NULL,
      source bigint NOT NULL,
      mode text COLLATE "C" NOT NULL,
      status text COLLATE "C" NOT NULL,
      started bigint NOT NULL,
      finished bigint,
      created bigint NOT NULL DEFAULT 0,
      updated bigint NOT NULL DEFAULT 0,
      unchanged bigint NOT NULL DEFAULT 0,
      retired bigint NOT NULL DEFAULT 0,
      rejected bigint NOT NULL DEFAULT 0,
      orphaned bigint NOT NULL DEFAULT 0,
      message text COLLATE "C",
      PRIMARY KEY (account, number)`
    )
    yield* sql`CREATE UNIQUE INDEX imports_by_id ON imports (account, id)`
    yield* sql`CREATE INDEX imports_by_source ON imports (account, source, number)`
    yield* create(
      "sightings",
      `
      account text COLLATE "C" NOT NULL,
      import bigint NOT NULL,
      heard bigint NOT NULL,
      PRIMARY KEY (account, import)`
    )
    yield* create(
      "sighted",
      `
      account text COLLATE "C" NOT NULL,
      import bigint NOT NULL,
      id text COLLATE "C" NOT NULL,
      brought boolean NOT NULL,
      PRIMARY KEY (account, import, id)`
    )
    yield* create(
      "origins",
      `
      account text COLLATE "C" NOT NULL,
      source bigint NOT NULL,
      id text COLLATE "C" NOT NULL,
      native_id text COLLATE "C",
      native_parent_id text COLLATE "C",
      suspect text COLLATE "C",
      appeared bigint,
      import bigint NOT NULL,
      PRIMARY KEY (account, source, id)`
    )
    yield* sql`CREATE INDEX origins_by_id ON origins (account, id, source)`
    yield* create(
      "retired",
      `
      account text COLLATE "C" NOT NULL,
      created bigint NOT NULL,
      id text COLLATE "C" NOT NULL,
      updated bigint NOT NULL,
      instance_id text COLLATE "C",
      status text COLLATE "C" NOT NULL,
      datastore text COLLATE "C",
      datastore_version text COLLATE "C",
      parent_id text COLLATE "C",
      size_bytes bigint,
      record text COLLATE "C" NOT NULL,
      retired bigint NOT NULL,
      PRIMARY KEY (account, created, id)`
    )
    yield* sql`CREATE UNIQUE INDEX retired_by_id ON retired (account, id)`
    yield* sql`CREATE INDEX retired_by_datastore ON retired (account, datastore, created, id)`
    yield* sql`CREATE INDEX retired_by_status ON retired (account, status, created, id)`
    yield* sql`CREATE INDEX retired_by_instance ON retired (account, instance_id, created, id)`
    yield* create(
      "events",
      `
      account text COLLATE "C" NOT NULL,
      id text COLLATE "C" NOT NULL,
      at bigint NOT NULL,
      number bigint NOT NULL,
      event text COLLATE "C" NOT NULL,
      import bigint,
      changes text COLLATE "C",
      PRIMARY KEY (account, id, at, number)`
    )
    yield* create(
      "instances",
      `
      account text COLLATE "C" NOT NULL,
      instance_id text COLLATE "C" NOT NULL,
      gone bigint,
      PRIMARY KEY (account, instance_id)`
    )
    yield* create(
      "policies",
      `
      account text COLLATE "C" NOT NULL PRIMARY KEY,
      policy text COLLATE "C" NOT NULL,
      metrics boolean NOT NULL`
    )
  })
