import type { BackupStore, CoverageStore, ImportStore } from "@backup-catalog/core"
import { Effect, Layer } from "effect"
import type { Tokens } from "../auth/Tokens.ts"
import type { CommandError } from "../CommandError.ts"
import { sqlitePath } from "../settings.ts"
import type { StoreState } from "./StoreState.ts"
import * as BackupStoreSqlite from "./sqlite/BackupStoreSqlite.ts"
import * as CoverageStoreSqlite from "./sqlite/CoverageStoreSqlite.ts"
import * as ImportStoreSqlite from "./sqlite/ImportStoreSqlite.ts"
import * as Sqlite from "./sqlite/Sqlite.ts"
import * as StoreStateSqlite from "./sqlite/StoreStateSqlite.ts"
import * as TokensSqlite from "./sqlite/TokensSqlite.ts"

/** Everything that a store keeps, and whether it has changed. */
export type Stores = BackupStore | ImportStore | CoverageStore | Tokens | StoreState

/** What a store keeps that is there already. */
export const existingStoreLayer = (store: string): Layer.Layer<Stores, CommandError> =>
  Layer.unwrapEffect(Effect.as(Effect.flatMap(sqlitePath(store), Sqlite.mustExist), storeLayer(store)))

/** What a store setting, `sqlite:PATH`, keeps; made when it is not there. */
export const storeLayer = (store: string): Layer.Layer<Stores, CommandError> =>
  Layer.unwrapEffect(
    Effect.map(sqlitePath(store), (path) =>
      Layer.mergeAll(
        BackupStoreSqlite.layer,
        Layer.provide(ImportStoreSqlite.layer, Sqlite.bulkClient(path)),
        CoverageStoreSqlite.layer,
        TokensSqlite.layer,
        StoreStateSqlite.layer
      ).pipe(Layer.provide(Sqlite.layer(path)))
    )
  )
