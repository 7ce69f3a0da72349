import { SqlClient, type SqlError } from "@effect/sql"
import { Effect } from "effect"

/** Makes a table that is keyed by account first. */
export type CreateTable = (name: string, columns: string) => Effect.Effect<void, SqlError.SqlError, SqlClient.SqlClient>

/** Makes tables of so many partitions by account, or of none for 0. */
export const createTable =
  (partitions: number): CreateTable =>
  (name, columns) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql.unsafe(`CREATE TABLE ${name} (${columns}) ${partitions > 0 ? "PARTITION BY HASH (account)" : ""}`)
      for (let n = 0; n < partitions; n++) {
        yield* sql.unsafe(
          `CREATE TABLE ${name}_${n} PARTITION OF ${name} FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${n})`
        )
      }
    })
