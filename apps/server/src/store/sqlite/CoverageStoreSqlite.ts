import { type AccountId, Datastore, type InstanceId, type Policy } from "@backup-catalog/core"
import { type CoverageScope, CoverageStore } from "@backup-catalog/core/store"
import { Effect, Layer, Option, Schema } from "effect"
import {
  type FactReads,
  factsOf,
  GLANCE_COLUMNS,
  type GlanceRow,
  type InstanceRow,
  type LinkRow,
  ROWS_PER_READ
} from "../instanceFacts.ts"
import { decodePolicy, encodePolicy } from "../policyText.ts"
import { withoutInstanceSql } from "./instancesSql.ts"
import { LIMIT } from "./limit.ts"
import { OF_BACKUP } from "./origins.ts"
import { SqliteReader, type SqlReads } from "./SqliteReader.ts"
import { makeTransactions, type TransactionNeeds } from "./transactions.ts"

const NEWEST = `
  SELECT ${GLANCE_COLUMNS} FROM backups INDEXED BY backups_by_instance
  WHERE account = ? AND instance_id = ? AND (created, id) < (?, ?) ORDER BY created DESC, id DESC ${LIMIT}`

const DATASTORE = (table: string) => `
  SELECT record ->> '$.datastore' AS datastore FROM ${table} INDEXED BY ${table}_by_instance
  WHERE account = ? AND instance_id = ? AND datastore IS NOT NULL ORDER BY created DESC, id DESC LIMIT 1`

const NAME = "SELECT record ->> '$.name' AS name FROM backups WHERE account = ? AND id = ?"

const LINK = "SELECT status, parent_id FROM backups WHERE account = ? AND id = ?"

const FAILURES = `
  SELECT count(*) AS failures FROM backups INDEXED BY backups_by_instance
  WHERE account = ? AND instance_id = ? AND (created, id) > (?, ?) AND status = 'FAILED'`

const ORIGIN = (column: string) => `
  SELECT ${column} AS text FROM backups ${OF_BACKUP}
  WHERE backups.account = ? AND backups.id = ? AND ${column} IS NOT NULL LIMIT 1`

const INSTANCES = `
  SELECT instance_id, gone FROM instances WHERE account = ? AND instance_id > ? ORDER BY instance_id ${LIMIT}`

const INSTANCE = "SELECT instance_id, gone FROM instances WHERE account = ? AND instance_id = ? AND instance_id > ?"

const decodeDatastore = Schema.decodeSync(Schema.parseJson(Datastore))

const readsOf = (sql: SqlReads, account: AccountId): FactReads => ({
  newest: (instance, { created, id }) => sql.all<GlanceRow>(NEWEST, [account, instance, created, id, ROWS_PER_READ]),
  nameOf: (id) => sql.value<string>(NAME, [account, id]) ?? "",
  linkOf: (id) => sql.get<LinkRow>(LINK, [account, id]),
  saidOf: (column, id) => sql.value<string>(ORIGIN(column), [account, id]),
  failuresSince: (instance, { created, id }) =>
    Number(sql.value<bigint>(FAILURES, [account, instance, created, id]) ?? 0n),
  datastoreOf: (instance) => {
    const found =
      sql.value<string>(DATASTORE("backups"), [account, instance]) ??
      sql.value<string>(DATASTORE("retired"), [account, instance])
    return found === undefined ? undefined : decodeDatastore(found)
  }
})

const make = Effect.gen(function* () {
  const reader = yield* SqliteReader
  const { run, first, transaction, raiseVersion } = yield* makeTransactions

  const facts = (account: AccountId, { instanceId }: CoverageScope, after: InstanceId | undefined, limit: number) =>
    reader.snapshot((sql) => {
      const rows =
        instanceId === undefined
          ? sql.all<InstanceRow>(INSTANCES, [account, after ?? "", limit + 1])
          : sql.all<InstanceRow>(INSTANCE, [account, instanceId, after ?? ""])
      const reads = readsOf(sql, account)
      return { facts: rows.slice(0, limit).map((row) => factsOf(reads, row)), more: rows.length > limit }
    })

  const withoutInstance = (account: AccountId, most: number) =>
    Effect.map(
      reader.read((sql) => sql.value<bigint>(withoutInstanceSql, [account, most])),
      (count) => Number(count ?? 0n)
    )

  const forget = (account: AccountId, instance: InstanceId) =>
    Effect.gen(function* () {
      const known = yield* first(INSTANCE, [account, instance, ""])
      if (known === undefined) return "unknown" as const
      const backup = yield* first(
        "SELECT 1 FROM backups INDEXED BY backups_by_instance WHERE account = ? AND instance_id = ? LIMIT 1",
        [account, instance]
      )
      if (backup !== undefined) return "hasBackups" as const
      yield* run("DELETE FROM instances WHERE account = ? AND instance_id = ?", [account, instance])
      // The list of its backups, which was empty, is not there any more.
      yield* raiseVersion(account)
      return "forgotten" as const
    }).pipe((effect) => transaction("forget", effect))

  const policy = (account: AccountId) =>
    Effect.map(
      reader.read((sql) => sql.value<string>("SELECT policy FROM policies WHERE account = ?", [account])),
      (policy) => Option.map(Option.fromNullable(policy), decodePolicy)
    )

  const setPolicy = (account: AccountId, given: Policy) =>
    transaction(
      "setPolicy",
      run("INSERT OR REPLACE INTO policies (account, policy, metrics) VALUES (?, ?, ?)", [
        account,
        encodePolicy(given),
        given.metrics ? 1 : 0
      ])
    )

  const withMetrics = Effect.map(
    reader.read((sql) =>
      sql.all<{ account: AccountId; policy: string }>(
        "SELECT account, policy FROM policies WHERE metrics = 1 ORDER BY account",
        []
      )
    ),
    (rows) => rows.map((row) => ({ account: row.account, policy: decodePolicy(row.policy) }))
  )

  return CoverageStore.of({ facts, withoutInstance, forget, policy, setPolicy, withMetrics })
})

/** What the SQLite store knows of instances, and the policies of accounts. */
export const layer: Layer.Layer<CoverageStore, never, TransactionNeeds | SqliteReader> = Layer.effect(
  CoverageStore,
  make
)
