import type { SqlClient } from "@effect/sql"
import { Effect, Layer } from "effect"
import { LostInstances } from "../LostInstances.ts"
import type { AccountTurns } from "./AccountTurns.ts"
import type { PostgresPool } from "./PostgresPool.ts"
import { makeTransactions } from "./transactions.ts"

const ADD = `
  INSERT INTO instances (account, instance_id)
  SELECT DISTINCT account, instance_id FROM backups WHERE instance_id IS NOT NULL
  ON CONFLICT (account, instance_id) DO NOTHING RETURNING 1`

/** Adds to a PostgreSQL store the instances that are not in its coverage. */
export const layer: Layer.Layer<LostInstances, never, SqlClient.SqlClient | PostgresPool | AccountTurns> = Layer.effect(
  LostInstances,
  Effect.map(makeTransactions, ({ inOne, rows }) => ({ add: Effect.map(inOne(rows(ADD, [])), ({ length }) => length) }))
)
