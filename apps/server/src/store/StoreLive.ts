import type { BackupStore } from "@backup-catalog/core"
import { Effect, Layer } from "effect"
import type { Tokens } from "../auth/Tokens.ts"
import type { CommandError } from "../CommandError.ts"
import { sqlitePath } from "../settings.ts"
import * as BackupStoreSqlite from "./sqlite/BackupStoreSqlite.ts"
import * as Sqlite from "./sqlite/Sqlite.ts"
import * as TokensSqlite from "./sqlite/TokensSqlite.ts"

/** The backups and tokens of a store that is there already. */
export const existingStoreLayer = (store: string): Layer.Layer<BackupStore | Tokens, CommandError> =>
  Layer.unwrapEffect(Effect.as(Effect.flatMap(sqlitePath(store), Sqlite.mustExist), storeLayer(store)))

/** The backups and tokens of a store setting, `sqlite:PATH`; made when it is not there. */
export const storeLayer = (store: string): Layer.Layer<BackupStore | Tokens, CommandError> =>
  Layer.unwrapEffect(
    Effect.map(sqlitePath(store), (path) =>
      Layer.merge(BackupStoreSqlite.layer, TokensSqlite.layer).pipe(Layer.provide(Sqlite.layer(path)))
    )
  )
