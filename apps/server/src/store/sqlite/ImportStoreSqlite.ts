import { ImportStore } from "@backup-catalog/core"
import { Effect, Layer } from "effect"
import { LEASE } from "../imports/importLease.ts"
import { makeImports } from "../imports/makeImports.ts"
import { historyOf } from "./history.ts"
import { makeImportStatements } from "./importStatements.ts"
import { makePastImports } from "./pastImports.ts"
import { SqliteReader } from "./SqliteReader.ts"
import type { SqliteWriter } from "./SqliteWriter.ts"
import type { StoreFile } from "./StoreFile.ts"
import { makeTransactions } from "./transactions.ts"
import type { WriteTurn } from "./WriteTurn.ts"

const make = (lease: number) =>
  Effect.gen(function* () {
    const reader = yield* SqliteReader
    const statements = yield* makeImportStatements(yield* makeTransactions)
    return ImportStore.of({
      ...makeImports(lease, statements),
      ...makePastImports(reader, lease),
      history: (account, id, before, limit) => reader.snapshot((sql) => historyOf(sql, account, id, before, limit))
    })
  })

/** Imports into SQLite, and what they leave behind. */
export const layer: Layer.Layer<ImportStore, never, SqliteWriter | SqliteReader | StoreFile | WriteTurn> = Layer.effect(
  ImportStore,
  make(LEASE)
)
