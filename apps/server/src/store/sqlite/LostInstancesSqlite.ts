import { SqlClient } from "@effect/sql"
import { Effect, Layer } from "effect"
import { LostInstances } from "../LostInstances.ts"
import { unavailable } from "./storeFailure.ts"

/** Adds to an SQLite store the instances that are not in its coverage. */
export const layer: Layer.Layer<LostInstances, never, SqlClient.SqlClient> = Layer.effect(
  LostInstances,
  Effect.map(SqlClient.SqlClient, (sql) => ({
    add: Effect.map(
      unavailable(sql`
        INSERT OR IGNORE INTO instances (account, instance_id)
        SELECT DISTINCT account, instance_id FROM backups INDEXED BY backups_by_instance WHERE instance_id IS NOT NULL
        RETURNING 1`),
      (added) => added.length
    )
  }))
)
