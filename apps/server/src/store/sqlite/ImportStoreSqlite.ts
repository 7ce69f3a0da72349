import { ImportStore } from "@backup-catalog/core/store"
import { Effect, Layer } from "effect"
import { LEASE } from "../imports/importLease.ts"
import { makeImports } from "../imports/makeImports.ts"
import { historyOf } from "./history.ts"
import { makeImportStatements } from "./importStatements.ts"
import { makePastImports } from "./pastImports.ts"
import { SqliteReader } from "./SqliteReader.ts"
import { makeTransactions, type TransactionNeeds } from "./transactions.ts"

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
export const layer: Layer.Layer<ImportStore, never, TransactionNeeds | SqliteReader> = Layer.effect(
  ImportStore,
  make(LEASE)
)
