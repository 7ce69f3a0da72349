import { type AccountId, type BackupId, foldDatastore, type InstanceId, type Instant } from "@backup-catalog/core"
import { BackupStore, type DescendantSlice, type Slice, type SliceAcross } from "@backup-catalog/core/store"
import { Effect, FiberRef, Layer, Option } from "effect"
import { type BackupRow, READ_COLUMNS, toBackup } from "../backupRows.ts"
import { makeWrites } from "../backupWrites.ts"
import {
  type AcrossRow,
  encodeMerged,
  mergeRetired,
  type NewestBackupRow,
  type RetiredRow,
  toInstancePage,
  toPage,
  toPageAcross
} from "../listRows.ts"
import { LATER_THAN_ALL } from "../positions.ts"
import type { SqlParams } from "../SqlText.ts"
import { TREE } from "./chainSql.ts"
import { checkedVersion } from "./checkedVersion.ts"
import { encodedPage } from "./encodedPage.ts"
import { FITNESS, type Fitness, refuseUnfit } from "./fitness.ts"
import { INSTANCE, instancesSql } from "./instancesSql.ts"
import { numbered, PostgresQueries } from "./PostgresQueries.ts"
import { Replicas } from "./Replicas.ts"
import { rowById } from "./rowById.ts"
import { sliceAcrossSql, sliceSql } from "./sliceSql.ts"
import { makeTransactions, type TransactionNeeds } from "./transactions.ts"
import { makeWriteStatements } from "./writeStatements.ts"

const GET = rowById(READ_COLUMNS, "backups", "$2")

const FIND_ACROSS = `
  SELECT accounts.account, found.created FROM accounts
  CROSS JOIN LATERAL (${rowById("created", "backups", "$1", "accounts.account")}) AS found
  LIMIT 2`

const HAS_DATASTORE = `
  SELECT 1 WHERE EXISTS (SELECT 1 FROM backups WHERE account = $1 AND datastore = $2)
    OR EXISTS (SELECT 1 FROM retired WHERE account = $1 AND datastore = $2)`

const HAS_DATASTORE_ACROSS = `
  SELECT 1 FROM accounts CROSS JOIN LATERAL (
    SELECT 1 FROM backups WHERE backups.account = accounts.account AND datastore = $1 LIMIT 1
  ) AS found LIMIT 1`

const DATASTORE_VERSION = `
  SELECT ${READ_COLUMNS} FROM backups WHERE account = $1 AND datastore_version = $2
  ORDER BY created DESC, id DESC LIMIT 1`

/** What descends from a backup behind a place, newest first; takes account, id and the place. */
export const descendantsSql = (limit: number): string => `${TREE}
  SELECT found.* FROM tree CROSS JOIN LATERAL (
    ${rowById(`id, ${READ_COLUMNS}`, "backups", "tree.id")}
  ) AS found
  WHERE tree.id <> $2 AND (created, found.id) < ($3, $4) ORDER BY created DESC, found.id DESC LIMIT ${limit}`

const KNOWS_INSTANCE = "SELECT 1 FROM instances WHERE account = $1 AND instance_id = $2"

const VERSION = "SELECT version FROM accounts WHERE account = $1"

const READY = `${FITNESS}, EXISTS (SELECT 1 FROM backups) AS some`

const make = Effect.gen(function* () {
  const queries = yield* PostgresQueries
  const replicas = yield* Replicas
  const transactions = yield* makeTransactions
  const { put, register, remove } = makeWrites(makeWriteStatements(transactions))

  const exists = (sql: string, params: SqlParams) => Effect.map(queries.first(sql, params), (row) => row !== undefined)

  const one = (sql: string, params: SqlParams) =>
    Effect.flatMap(queries.first<BackupRow>(sql, params), (row) =>
      row === undefined ? Effect.succeedNone : Effect.asSome(toBackup(row))
    )

  /** The version of an account, at some moment since the request began. */
  const version = (account: AccountId) =>
    Effect.flatMap(FiberRef.get(checkedVersion), (checked) =>
      checked?.account === account
        ? Effect.succeed(checked.version)
        : Effect.map(queries.first<{ version: bigint }>(VERSION, [account]), (row) => row?.version ?? 0n)
    )

  /**
   * A replica's page counts when it is of the very version that the account has here: then it is the page from here.
   */
  const encodedPresent = (slice: Slice) =>
    Effect.suspend(() => {
      const here = encodedPage(queries, slice)
      const there = replicas.ask((its) => encodedPage(its, slice))
      return there === undefined
        ? here
        : Effect.flatMap(version(slice.account), (current) =>
            Effect.flatMap(
              there(({ version }) => version === current),
              (page) => (page === undefined ? here : Effect.succeed(page))
            )
          )
    })

  const listPresent = (slice: Slice) => {
    const { sql, params } = numbered(sliceSql(`id, ${READ_COLUMNS}`, { ...slice, limit: slice.limit + 1 }))
    return Effect.flatMap(queries.all<BackupRow>(sql, params), (rows) => toPage(rows, slice.limit))
  }

  /** Two walks in the same order, each to the limit, merged. */
  const listAll = Effect.fnUntraced(function* (slice: Slice) {
    const wanted = { ...slice, limit: slice.limit + 1 }
    const here = numbered(sliceSql(`id, ${READ_COLUMNS}`, wanted))
    const gone = numbered(sliceSql(`id, retired, ${READ_COLUMNS}`, wanted, "retired"))
    const [present, retired, version] = yield* transactions.snapshot(
      Effect.all([
        transactions.rows<BackupRow>(here.sql, here.params),
        transactions.rows<RetiredRow>(gone.sql, gone.params),
        transactions.first<{ version: bigint }>(VERSION, [slice.account])
      ])
    )
    return { ...(yield* mergeRetired(present, retired, slice.limit)), version: version?.version ?? 0n }
  })

  const listAcross = (slice: SliceAcross) => {
    const { sql, params } = numbered(
      sliceAcrossSql(`account, id, ${READ_COLUMNS}`, { ...slice, limit: slice.limit + 1 })
    )
    return Effect.flatMap(queries.all<AcrossRow>(sql, params), (rows) => toPageAcross(rows, slice.limit))
  }

  const listDescendants = ({ account, ancestor, after = LATER_THAN_ALL, limit }: DescendantSlice) =>
    Effect.flatMap(
      queries.all<BackupRow>(descendantsSql(limit + 1), [account, ancestor, after.created, after.id]),
      (rows) => toPage(rows, limit)
    )

  const findAcross = (id: BackupId) =>
    Effect.map(queries.all<{ account: AccountId; created: bigint }>(FIND_ACROSS, [id]), (rows) =>
      rows.map(({ account, created }) => ({ account, created: created as Instant, id }))
    )

  const listInstances = (account: AccountId, after: InstanceId | undefined, limit: number) =>
    Effect.flatMap(queries.all<NewestBackupRow>(instancesSql(limit + 1), [account, after ?? ""]), (rows) =>
      toInstancePage(rows, limit)
    )

  const getInstance = (account: AccountId, id: InstanceId) =>
    Effect.map(
      one(INSTANCE, [account, id]),
      Option.map(({ datastore }) => ({ id, datastore }))
    )

  let told: string | undefined
  const tellOnce = (reason: string | undefined) =>
    Effect.suspend(() => {
      const isNews = reason !== undefined && reason !== told
      told = reason
      return isNews ? Effect.logWarning(`the store is not ready: ${reason}`) : Effect.void
    })

  const ready = Effect.flatMap(queries.first<Fitness>(READY, []), refuseUnfit).pipe(
    Effect.tapBoth({ onFailure: ({ reason }) => tellOnce(reason), onSuccess: () => tellOnce(undefined) })
  )

  return BackupStore.of({
    list: (slice) => (slice.filter.include === undefined ? listPresent(slice) : listAll(slice)),
    listEncoded: (slice) =>
      slice.filter.include === undefined
        ? encodedPresent(slice)
        : Effect.map(listAll(slice), (page) => encodeMerged(page, page.version)),
    listAcross,
    listDescendants,
    get: (account, id) => one(GET, [account, id]),
    findAcross,
    hasDatastore: (account, type) => exists(HAS_DATASTORE, [account, foldDatastore(type)]),
    hasDatastoreAcross: (type) => exists(HAS_DATASTORE_ACROSS, [foldDatastore(type)]),
    findDatastoreVersion: (account, versionId) => one(DATASTORE_VERSION, [account, versionId]),
    listInstances,
    getInstance,
    knowsInstance: (account, id) => exists(KNOWS_INSTANCE, [account, id]),
    version,
    put,
    register,
    remove,
    isEmpty: Effect.negate(exists("SELECT 1 FROM backups LIMIT 1", [])),
    ready
  })
})

/** Backups in PostgreSQL: what its migrations create, read by `PostgresQueries`, written through the SQL client. */
export const layer: Layer.Layer<BackupStore, never, TransactionNeeds | PostgresQueries | Replicas> = Layer.effect(
  BackupStore,
  make
)
