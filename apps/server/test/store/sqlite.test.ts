import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { storeLaws } from "@backup-catalog/core/testing"
import { layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as BackupStoreSqlite from "../../src/store/sqlite/BackupStoreSqlite.ts"
import * as Sqlite from "../../src/store/sqlite/Sqlite.ts"

const temporary = Layer.unwrapScoped(
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "backup-catalog-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
    ),
    (folder) => BackupStoreSqlite.layer.pipe(Layer.provideMerge(Sqlite.layer(join(folder, "catalog.sqlite"))))
  )
)

layer(temporary)("the SQLite store", (it) => {
  for (const { name, check } of storeLaws) {
    it.effect(name, () => check)
  }
})
