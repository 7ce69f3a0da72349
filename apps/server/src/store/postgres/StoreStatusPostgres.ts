import { Effect, Layer } from "effect"
import { StoreStatus } from "../StoreStatus.ts"
import { newest } from "./Postgres.ts"
import { PostgresPool } from "./PostgresPool.ts"

/** The status of the PostgreSQL store: its connections are those of this process. */
export const layer: Layer.Layer<StoreStatus, never, PostgresPool> = Layer.effect(
  StoreStatus,
  Effect.map(PostgresPool, ({ pool, limits }) => ({
    kind: "postgres",
    schema: newest,
    connections: () => ({
      used: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
      most: limits.connections
    })
  }))
)
