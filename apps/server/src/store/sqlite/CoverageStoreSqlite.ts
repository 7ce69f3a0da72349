import {
  type AccountId,
  type BackupGlance,
  type BackupId,
  type BackupStatus,
  type BrokenChain,
  type CoverageScope,
  CoverageStore,
  Datastore,
  type InstanceFacts,
  type InstanceId,
  type Instant,
  Policy,
  suspectLink
} from "@backup-catalog/core"
import type { SqlClient } from "@effect/sql"
import { Effect, Layer, Option, Schema } from "effect"
import { OF_BACKUP } from "./origins.ts"
import { SqliteReader, type SqlReads } from "./SqliteReader.ts"
import { makeTransactions } from "./transactions.ts"
import type { WriteTurn } from "./WriteTurn.ts"

interface GlanceRow {
  readonly id: BackupId
  readonly name: string
  readonly status: BackupStatus
  readonly created: bigint
  readonly parent_id: BackupId | null
}

interface InstanceRow {
  readonly instance_id: InstanceId
  readonly gone: bigint | null
}

/** The rows of an instance that are read at once, newest first: mostly the first of them is usable. */
const ROWS_AT_ONCE = 20

const GLANCE = "id, record ->> '$.name' AS name, status, created, parent_id"

const NEWEST = `
  SELECT ${GLANCE} FROM backups INDEXED BY backups_by_instance
  WHERE account = ? AND instance_id = ? AND (created, id) < (?, ?) ORDER BY created DESC, id DESC LIMIT ?`

const DATASTORE = (table: string) => `
  SELECT record ->> '$.datastore' AS datastore FROM ${table} INDEXED BY ${table}_by_instance
  WHERE account = ? AND instance_id = ? AND datastore IS NOT NULL ORDER BY created DESC, id DESC LIMIT 1`

const LINK = "SELECT status, parent_id FROM backups WHERE account = ? AND id = ?"

const FAILURES = `
  SELECT count(*) AS failures FROM backups INDEXED BY backups_by_instance
  WHERE account = ? AND instance_id = ? AND (created, id) > (?, ?) AND status = 'FAILED'`

const ORIGIN = (column: string) => `
  SELECT ${column} AS text FROM backups ${OF_BACKUP}
  WHERE backups.account = ? AND backups.id = ? AND ${column} IS NOT NULL LIMIT 1`

const INSTANCES = `
  SELECT instance_id, gone FROM instances WHERE account = ? AND instance_id > ? ORDER BY instance_id LIMIT ?`

const INSTANCE = "SELECT instance_id, gone FROM instances WHERE account = ? AND instance_id = ? AND instance_id > ?"

const FUTURE = 2n ** 62n
const PAST = -(2n ** 62n)

const decodeDatastore = Schema.decodeSync(Schema.parseJson(Datastore))
const decodePolicy = Schema.decodeSync(Schema.parseJson(Policy))
const encodePolicy = Schema.encodeSync(Schema.parseJson(Policy))

const glance = ({ id, name, status, created }: GlanceRow): BackupGlance => ({
  id,
  name,
  status,
  created: created as Instant
})

/** The link of a chain that is not good, and what is incremental to it. */
interface BadLink {
  readonly bad: BackupId
  readonly below: BackupId
}

/** Where a chain of an account ends badly, for every backup that was looked at: the link that is not good, or none. */
const makeChains = (sql: SqlReads, account: AccountId) => {
  const known = new Map<BackupId, BadLink | undefined>()

  /** The first link from a parent upwards that is missing, not COMPLETED or met again; none when the chain is whole. */
  return (backup: GlanceRow): BadLink | undefined => {
    const walked: Array<BackupId> = []
    const settle = (result: BadLink | undefined) => {
      for (const id of walked) known.set(id, result)
      return result
    }
    const met = new Set<BackupId>([backup.id])
    let below = backup.id
    let link = backup.parent_id
    while (link !== null) {
      if (known.has(link)) return settle(known.get(link))
      if (met.has(link)) return settle({ bad: link, below })
      met.add(link)
      const row = sql.get<Pick<GlanceRow, "status" | "parent_id">>(LINK, [account, link])
      if (row === undefined || row.status !== "COMPLETED") return settle({ bad: link, below })
      walked.push(link)
      below = link
      link = row.parent_id
    }
    return settle(undefined)
  }
}

/** What the sources of an account say of one of its backups, in a column; none when none of them says anything. */
const textOf = (sql: SqlReads, account: AccountId, column: "native_parent_id" | "suspect", id: BackupId) =>
  Option.map(Option.fromNullable(sql.get<{ text: string }>(ORIGIN(column), [account, id])), ({ text }) => text)

/** Why a backup with a whole chain may not be good: because of itself, or of one that it builds on. */
const suspicion = (sql: SqlReads, account: AccountId, usable: GlanceRow): Option.Option<string> => {
  const own = textOf(sql, account, "suspect", usable.id)
  if (Option.isSome(own)) return own
  let link = usable.parent_id
  while (link !== null) {
    const why = textOf(sql, account, "suspect", link)
    if (Option.isSome(why)) return Option.some(suspectLink(link, why.value))
    link = sql.get<Pick<GlanceRow, "parent_id">>(LINK, [account, link])?.parent_id ?? null
  }
  return Option.none()
}

const factsOf = (sql: SqlReads, account: AccountId, { instance_id: instanceId, gone }: InstanceRow): InstanceFacts => {
  const chainOf = makeChains(sql, account)
  let newest: GlanceRow | undefined
  let usable: GlanceRow | undefined
  let broken: BrokenChain | undefined
  let after: { readonly created: bigint; readonly id: string } | undefined = { created: FUTURE, id: "" }
  while (usable === undefined && after !== undefined) {
    const rows: ReadonlyArray<GlanceRow> = sql.all<GlanceRow>(NEWEST, [
      ...[account, instanceId, after.created, after.id],
      ROWS_AT_ONCE
    ])
    newest ??= rows[0]
    for (const row of rows) {
      if (row.status !== "COMPLETED") continue
      const bad = chainOf(row)
      if (bad === undefined) {
        usable = row
        break
      }
      broken ??= {
        backup: glance(row),
        link: bad.bad,
        nativeLink: textOf(sql, account, "native_parent_id", bad.below)
      }
    }
    after = rows.length < ROWS_AT_ONCE ? undefined : rows.at(-1)
  }
  const since = usable === undefined ? [PAST, ""] : [usable.created, usable.id]
  const failures = sql.get<{ failures: bigint }>(FAILURES, [account, instanceId, ...since])
  const datastore =
    sql.get<{ datastore: string | null }>(DATASTORE("backups"), [account, instanceId]) ??
    sql.get<{ datastore: string | null }>(DATASTORE("retired"), [account, instanceId])
  return {
    instanceId,
    datastore: Option.map(Option.fromNullable(datastore?.datastore), decodeDatastore),
    newest: Option.map(Option.fromNullable(newest), glance),
    newestUsable: Option.map(Option.fromNullable(usable), glance),
    suspect: usable === undefined ? Option.none() : suspicion(sql, account, usable),
    broken: Option.fromNullable(broken),
    failuresSince: Number(failures?.failures ?? 0n),
    lastGone: Option.map(Option.fromNullable(gone), (at) => at as Instant)
  }
}

const make = Effect.gen(function* () {
  const reader = yield* SqliteReader
  const { run, first, transaction } = yield* makeTransactions

  const facts = (account: AccountId, { instanceId }: CoverageScope, after: InstanceId | undefined, limit: number) =>
    reader.snapshot((sql) => {
      const rows =
        instanceId === undefined
          ? sql.all<InstanceRow>(INSTANCES, [account, after ?? "", limit + 1])
          : sql.all<InstanceRow>(INSTANCE, [account, instanceId, after ?? ""])
      return { facts: rows.slice(0, limit).map((row) => factsOf(sql, account, row)), more: rows.length > limit }
    })

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
      return "forgotten" as const
    }).pipe((effect) => transaction("forget", effect))

  const policy = (account: AccountId) =>
    Effect.map(
      reader.read((sql) => sql.get<{ policy: string }>("SELECT policy FROM policies WHERE account = ?", [account])),
      (row) => Option.map(Option.fromNullable(row), (found) => decodePolicy(found.policy))
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

  return CoverageStore.of({ facts, forget, policy, setPolicy, withMetrics })
})

/** What the SQLite store knows of instances, and the policies of accounts. */
export const layer: Layer.Layer<CoverageStore, never, SqlClient.SqlClient | SqliteReader | WriteTurn> = Layer.effect(
  CoverageStore,
  make
)
