import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { CreateTable } from "./createTable.ts"

/**
 * `record` is the JSON record as it is sent; the other columns are what lists are ordered and filtered by, and what the
 * record cannot hold: `created` and `updated` in microseconds, `size_bytes` where bytes are known.
 *
 * `accounts` has the version of each account that was ever written to; who writes to an account locks its row first.
 */
export default (create: CreateTable) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* create(
      "accounts",
      `
      account text COLLATE "C" NOT NULL PRIMARY KEY,
      version bigint NOT NULL`
    )
    yield* create(
      "backups",
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
      PRIMARY KEY (account, created, id)`
    )
    yield* sql`CREATE UNIQUE INDEX backups_by_id ON backups (account, id)`
    yield* sql`CREATE INDEX backups_by_instance ON backups (account, instance_id, created, id)`
    yield* sql`CREATE INDEX backups_by_status ON backups (account, status, created, id)`
    yield* sql`CREATE INDEX backups_by_datastore ON backups (account, datastore, created, id)`
    yield* sql`
    CREATE INDEX backups_by_datastore_version ON backups (account, datastore_version, created, id)
    WHERE datastore_version IS NOT NULL`
    yield* sql`CREATE INDEX backups_by_parent ON backups (account, parent_id) WHERE parent_id IS NOT NULL`
    // Of a sum, so that nobody walks through other accounts who asks for one: only the order of all asks for it.
    yield* sql`CREATE INDEX backups_by_created ON backups ((created + 0), id, account)`
  })
