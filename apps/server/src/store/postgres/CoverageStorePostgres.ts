import type { AccountId, InstanceId, Policy } from "@backup-catalog/core"
import { type CoverageScope, CoverageStore } from "@backup-catalog/core/store"
import { Effect, Layer, Option } from "effect"
import type { InstanceRow } from "../instanceFacts.ts"
import { decodePolicy, encodePolicy } from "../policyText.ts"
import { factsOfAll } from "./factReads.ts"
import { withoutInstanceSql } from "./instancesSql.ts"
import { PostgresQueries } from "./PostgresQueries.ts"
import { makeTransactions, type TransactionNeeds } from "./transactions.ts"

const INSTANCE = "SELECT instance_id, gone FROM instances WHERE account = $1 AND instance_id = $2"

const HAS_BACKUPS = "SELECT 1 FROM backups WHERE account = $1 AND instance_id = $2 LIMIT 1"

const SET_POLICY = `
  INSERT INTO policies (account, policy, metrics) VALUES ($1, $2, $3)
  ON CONFLICT (account) DO UPDATE SET policy = excluded.policy, metrics = excluded.metrics`

const make = Effect.gen(function* () {
  const { all, first, write } = yield* PostgresQueries
  const transactions = yield* makeTransactions

  const facts = (account: AccountId, { instanceId }: CoverageScope, after: InstanceId | undefined, limit: number) =>
    transactions.snapshot(
      Effect.gen(function* () {
        const found = yield* transactions.rows<InstanceRow>(
          `SELECT instance_id, gone FROM instances WHERE account = $1 AND instance_id > $2
           ${instanceId === undefined ? "" : "AND instance_id = $3"} ORDER BY instance_id LIMIT ${limit + 1}`,
          [account, after ?? "", ...(instanceId === undefined ? [] : [instanceId])]
        )
        return {
          facts: yield* factsOfAll(transactions, account, found.slice(0, limit)),
          more: found.length > limit
        }
      })
    )

  const withoutInstance = (account: AccountId, most: number) =>
    Effect.map(first<{ backups: bigint }>(withoutInstanceSql(most), [account]), (row) => Number(row?.backups ?? 0n))

  const forget = (account: AccountId, instance: InstanceId) =>
    transactions.transaction(
      "forget",
      account,
      Effect.gen(function* () {
        if ((yield* transactions.first(INSTANCE, [account, instance])) === undefined) return "unknown" as const
        if ((yield* transactions.first(HAS_BACKUPS, [account, instance])) !== undefined) return "hasBackups" as const
        yield* transactions.run("DELETE FROM instances WHERE account = $1 AND instance_id = $2", [account, instance])
        // The list of its backups, which was empty, is not there any more.
        yield* transactions.raiseVersion(account)
        return "forgotten" as const
      })
    )

  const policy = (account: AccountId) =>
    Effect.map(first<{ policy: string }>("SELECT policy FROM policies WHERE account = $1", [account]), (row) =>
      Option.map(Option.fromNullable(row), (found) => decodePolicy(found.policy))
    )

  const setPolicy = (account: AccountId, given: Policy) =>
    Effect.asVoid(write(SET_POLICY, [account, encodePolicy(given), String(given.metrics)]))

  const withMetrics = Effect.map(
    all<{ account: AccountId; policy: string }>(
      "SELECT account, policy FROM policies WHERE metrics ORDER BY account",
      []
    ),
    (rows) => rows.map((row) => ({ account: row.account, policy: decodePolicy(row.policy) }))
  )

  return CoverageStore.of({
    facts,
    withoutInstance,
    forget,
    policy,
    setPolicy,
    withMetrics
  })
})

/** What the PostgreSQL store knows of instances, and the policies of accounts. */
export const layer: Layer.Layer<CoverageStore, never, TransactionNeeds | PostgresQueries> = Layer.effect(
  CoverageStore,
  make
)
