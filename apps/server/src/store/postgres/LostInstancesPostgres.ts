import type { AccountId, InstanceId } from "@backup-catalog/core"
import { Effect, Layer } from "effect"
import { LostInstances } from "../LostInstances.ts"
import { addInstancesSql } from "./instancesSql.ts"
import { makeTransactions, type TransactionNeeds } from "./transactions.ts"

/** How many instances one statement looks at, which may not take longer than any other. */
const INSTANCES_PER_STATEMENT = 1000

/** Adds to a PostgreSQL store the instances that are not in its coverage. */
export const layer: Layer.Layer<LostInstances, never, TransactionNeeds> = Layer.effect(
  LostInstances,
  Effect.map(makeTransactions, ({ inOne, rows, first }) => {
    const addTo = Effect.fnUntraced(function* (account: AccountId) {
      let added = 0
      let after: InstanceId | "" | null | undefined = ""
      while (typeof after === "string") {
        const found: { added: number; last: InstanceId | null } | undefined = yield* inOne(
          first<{ added: number; last: InstanceId | null }>(addInstancesSql(INSTANCES_PER_STATEMENT), [account, after])
        )
        added += found?.added ?? 0
        after = found?.last
      }
      return added
    })
    return {
      add: Effect.gen(function* () {
        let added = 0
        for (const { account } of yield* inOne(rows<{ account: AccountId }>("SELECT account FROM accounts", []))) {
          added += yield* addTo(account)
        }
        return added
      })
    }
  })
)
