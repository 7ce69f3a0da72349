import { Effect, Layer } from "effect"
import { StoreStatus } from "../StoreStatus.ts"
import { newest } from "./Postgres.ts"
import { PostgresPool } from "./PostgresPool.ts"
import { Replicas } from "./Replicas.ts"

/**
 * The status of the PostgreSQL store: its connections are those of this process, and so is what it knows of replicas.
 */
export const layer: Layer.Layer<StoreStatus, never, PostgresPool | Replicas> = Layer.effect(
  StoreStatus,
  Effect.map(Effect.all([PostgresPool, Replicas]), ([{ pool, limits }, { status }]) => ({
    kind: "postgres",
    schema: newest,
    connections: () => ({
      used: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
      most: limits.connections
    }),
    replicas: status
  }))
)
