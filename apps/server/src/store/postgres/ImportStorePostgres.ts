import { ImportStore } from "@backup-catalog/core/store"
import { Effect, Layer } from "effect"
import { LEASE } from "../imports/importLease.ts"
import { makeImports } from "../imports/makeImports.ts"
import { historyOf } from "./history.ts"
import { makeImportStatements } from "./importStatements.ts"
import { PostgresQueries } from "./PostgresQueries.ts"
import { makePastImports } from "./pastImports.ts"
import { makeTransactions, type TransactionNeeds } from "./transactions.ts"

/** Imports into PostgreSQL, and what they leave behind. */
export const layer: Layer.Layer<ImportStore, never, TransactionNeeds | PostgresQueries> = Layer.effect(
  ImportStore,
  Effect.gen(function* () {
    const queries = yield* PostgresQueries
    const transactions = yield* makeTransactions
    return ImportStore.of({
      ...makeImports(LEASE, makeImportStatements(transactions)),
      ...makePastImports(queries, LEASE),
      history: (account, id, before, limit) => historyOf(transactions, account, id, before, limit)
    })
  })
)
