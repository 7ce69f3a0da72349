import type { BackupStore, CoverageStore, ImportStore } from "@backup-catalog/core/store"
import { Effect, Layer } from "effect"
import type { LostInstances } from "./LostInstances.ts"
import type { Pruning } from "./Pruning.ts"
import * as BackupStorePostgres from "./postgres/BackupStorePostgres.ts"
import * as CoverageStorePostgres from "./postgres/CoverageStorePostgres.ts"
import * as ImportStorePostgres from "./postgres/ImportStorePostgres.ts"
import * as LostInstancesPostgres from "./postgres/LostInstancesPostgres.ts"
import * as Postgres from "./postgres/Postgres.ts"
import {
  defaultLimits,
  noReplicas,
  type PostgresAddress,
  type PostgresLimits,
  type ReplicaSettings
} from "./postgres/PostgresLimits.ts"
import * as PruningPostgres from "./postgres/PruningPostgres.ts"
import * as Replicas from "./postgres/Replicas.ts"
import * as StoreStatusPostgres from "./postgres/StoreStatusPostgres.ts"
import * as TokensPostgres from "./postgres/TokensPostgres.ts"
import type { StoreAddress } from "./StoreAddress.ts"
import { NoReplicas, type StoreRefused } from "./StoreRefused.ts"
import { StoreState } from "./StoreState.ts"
import { StoreStatus } from "./StoreStatus.ts"
import * as BackupStoreSqlite from "./sqlite/BackupStoreSqlite.ts"
import * as CoverageStoreSqlite from "./sqlite/CoverageStoreSqlite.ts"
import * as ImportStoreSqlite from "./sqlite/ImportStoreSqlite.ts"
import * as LostInstancesSqlite from "./sqlite/LostInstancesSqlite.ts"
import * as PruningSqlite from "./sqlite/PruningSqlite.ts"
import * as Sqlite from "./sqlite/Sqlite.ts"
import * as SqliteThread from "./sqlite/SqliteThread.ts"
import * as StoreStateSqlite from "./sqlite/StoreStateSqlite.ts"
import * as TokensSqlite from "./sqlite/TokensSqlite.ts"
import type { Tokens } from "./Tokens.ts"

/** Everything that a store keeps, and whether it has changed. */
export type Stores =
  | BackupStore
  | ImportStore
  | CoverageStore
  | Tokens
  | Pruning
  | LostInstances
  | StoreState
  | StoreStatus

const sqliteLayer = (path: string): Layer.Layer<Stores, StoreRefused> =>
  Layer.mergeAll(
    BackupStoreSqlite.layer,
    Layer.provide(Layer.merge(ImportStoreSqlite.layer, PruningSqlite.layer), SqliteThread.layer(path)),
    CoverageStoreSqlite.layer,
    TokensSqlite.layer,
    LostInstancesSqlite.layer,
    StoreStateSqlite.layer,
    Layer.succeed(StoreStatus, { kind: "sqlite", schema: Sqlite.newest, connections: undefined, replicas: undefined })
  ).pipe(Layer.provide(Sqlite.layer(path)))

const postgresLayer = (
  address: PostgresAddress,
  limits: PostgresLimits,
  mustExist: boolean,
  replicas: ReplicaSettings
): Layer.Layer<Stores, StoreRefused> =>
  Layer.mergeAll(
    BackupStorePostgres.layer,
    ImportStorePostgres.layer,
    CoverageStorePostgres.layer,
    TokensPostgres.layer,
    PruningPostgres.layer,
    LostInstancesPostgres.layer,
    StoreStatusPostgres.layer,
    // Looking would take a round trip, as reading does.
    Layer.succeed(StoreState, () => undefined)
  ).pipe(Layer.provide(Replicas.layer(address, replicas)), Layer.provide(Postgres.layer(address, limits, mustExist)))

/** What a store keeps that is there already. */
export const existingStoreLayer = (
  address: StoreAddress,
  limits: PostgresLimits
): Layer.Layer<Stores, StoreRefused> => {
  switch (address.kind) {
    case "sqlite":
      return Layer.unwrapEffect(Effect.as(Sqlite.mustExist(address.path), sqliteLayer(address.path)))
    case "postgres":
      return postgresLayer(address, limits, true, noReplicas)
  }
}

/**
 * What the store of an address keeps; made when it is not there. Lists may be read from replicas, which only PostgreSQL
 * has.
 */
export const storeLayer = (
  address: StoreAddress,
  limits: PostgresLimits = defaultLimits,
  replicas: ReplicaSettings = noReplicas
): Layer.Layer<Stores, StoreRefused> => {
  switch (address.kind) {
    case "sqlite":
      return replicas.addresses.length === 0
        ? sqliteLayer(address.path)
        : Layer.fail(new NoReplicas({ store: `sqlite:${address.path}` }))
    case "postgres":
      return postgresLayer(address, limits, false, replicas)
  }
}

/**
 * Leaves all of an SQLite store in its one file, as a process does that ends alone: of several that end at once, each
 * may take another one for the last.
 */
export const leaveOneFile = (address: StoreAddress): Effect.Effect<void> => {
  switch (address.kind) {
    case "sqlite":
      return Effect.ignore(Effect.try(() => Sqlite.gather(address.path)))
    case "postgres":
      return Effect.void
  }
}
