import { type AccountId, type BackupId, foldDatastore, type InstanceId, type Instant } from "@backup-catalog/core"
import { BackupStore, type DescendantSlice, type Slice, type SliceAcross } from "@backup-catalog/core/store"
import { Effect, Layer, Option } from "effect"
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
import { createdOf, encodedPage, versionOf } from "./encodedPage.ts"
import { instanceSql, instancesSql } from "./instancesSql.ts"
import { LIMIT } from "./limit.ts"
import { SqliteReader } from "./SqliteReader.ts"
import { retiredSql, sliceAcrossSql, sliceSql } from "./sliceSql.ts"
import { makeTransactions, type TransactionNeeds } from "./transactions.ts"
import { makeWriteStatements } from "./writeStatements.ts"

const GET = `SELECT ${READ_COLUMNS} FROM backups WHERE account = ? AND id = ?`

const FIND_ACROSS = `
  SELECT accounts.account, backups.created FROM accounts
  CROSS JOIN backups ON backups.account = accounts.account AND backups.id = ? LIMIT 2`

const HAS_DATASTORE = `
  SELECT 1 FROM backups INDEXED BY backups_by_datastore WHERE account = ? AND datastore = ?
  UNION ALL SELECT 1 FROM retired INDEXED BY retired_by_datastore WHERE account = ? AND datastore = ? LIMIT 1`

const HAS_DATASTORE_ACROSS = `
  SELECT 1 FROM accounts CROSS JOIN backups INDEXED BY backups_by_datastore
    ON backups.account = accounts.account AND backups.datastore = ? LIMIT 1`

const DATASTORE_VERSION = `
  SELECT ${READ_COLUMNS} FROM backups INDEXED BY backups_by_datastore_version
  WHERE account = ? AND datastore_version = ?
  ORDER BY created DESC, id DESC LIMIT 1`

const DESCENDANTS = `${TREE}
  SELECT ${READ_COLUMNS} FROM tree CROSS JOIN backups ON backups.account = ? AND backups.id = tree.id
  WHERE tree.id <> ? AND (created, backups.id) < (?, ?) ORDER BY created DESC, backups.id DESC ${LIMIT}`

const KNOWS_INSTANCE = "SELECT 1 FROM instances WHERE account = ? AND instance_id = ?"

const make = Effect.gen(function* () {
  const reader = yield* SqliteReader
  const { put, register, remove } = makeWrites(makeWriteStatements(yield* makeTransactions))

  const exists = (sql: string, params: SqlParams) => reader.read((reads) => reads.get(sql, params) !== undefined)

  const all = <Row extends BackupRow>(sql: string, params: SqlParams) =>
    reader.read((reads) => reads.all<Row>(sql, params))

  const one = (sql: string, params: SqlParams) =>
    Effect.flatMap(
      reader.read((reads) => reads.get<BackupRow>(sql, params)),
      (row) => (row === undefined ? Effect.succeedNone : Effect.asSome(toBackup(row)))
    )

  const listPresent = (slice: Slice) => {
    const { sql, params } = sliceSql(READ_COLUMNS, { ...slice, limit: slice.limit + 1 })
    return Effect.flatMap(all(sql, params), (rows) => toPage(rows, slice.limit))
  }

  /** Two walks in the same order, each to the limit, merged. */
  const listAll = Effect.fnUntraced(function* (slice: Slice) {
    const wanted = { ...slice, limit: slice.limit + 1 }
    const [present, retired, version] = yield* reader.snapshot((reads) => {
      const here = sliceSql(READ_COLUMNS, wanted)
      const gone = retiredSql(`retired, ${READ_COLUMNS}`, wanted)
      return [
        reads.all<BackupRow>(here.sql, here.params),
        reads.all<RetiredRow>(gone.sql, gone.params),
        versionOf(reads, slice.account)
      ] as const
    })
    return { ...(yield* mergeRetired(present, retired, slice.limit)), version }
  })

  const list = (slice: Slice) => (slice.filter.include === undefined ? listPresent(slice) : listAll(slice))

  const listEncoded = (slice: Slice) =>
    slice.filter.include === undefined
      ? reader.snapshot((reads) => encodedPage(reads, slice))
      : Effect.map(listAll(slice), (page) => encodeMerged(page, page.version))

  const listAcross = (slice: SliceAcross) => {
    const { sql, params } = sliceAcrossSql(`account, ${READ_COLUMNS}`, { ...slice, limit: slice.limit + 1 })
    return Effect.flatMap(all<AcrossRow>(sql, params), (rows) => toPageAcross(rows, slice.limit))
  }

  const listDescendants = ({ account, ancestor, after = LATER_THAN_ALL, limit }: DescendantSlice) =>
    Effect.flatMap(
      all(DESCENDANTS, [account, ancestor, account, account, ancestor, after.created, after.id, limit + 1]),
      (rows) => toPage(rows, limit)
    )

  const findAcross = (id: BackupId) =>
    Effect.map(
      reader.read((reads) => reads.all<{ account: AccountId; created: bigint }>(FIND_ACROSS, [id])),
      (rows) => rows.map(({ account, created }) => ({ account, created: created as Instant, id }))
    )

  const listInstances = (account: AccountId, after: InstanceId | undefined, limit: number) => {
    const { sql, params } = instancesSql(account, after, limit + 1)
    return Effect.flatMap(all<NewestBackupRow>(sql, params), (rows) => toInstancePage(rows, limit))
  }

  const getInstance = (account: AccountId, id: InstanceId) =>
    Effect.map(
      one(instanceSql, [account, id]),
      Option.map(({ datastore }) => ({ id, datastore }))
    )

  return BackupStore.of({
    list,
    listEncoded,
    atOnce: {
      listEncoded: (slice, behind) =>
        slice.filter.include === undefined
          ? reader.snapshotAtOnce((reads) => {
              if (behind === undefined) return encodedPage(reads, slice)
              const created = createdOf(reads, slice.account, behind)
              return created === undefined
                ? undefined
                : encodedPage(reads, { ...slice, after: { created, id: behind } })
            })
          : undefined,
      version: (account) => reader.snapshotAtOnce((reads) => versionOf(reads, account))
    },
    listAcross,
    listDescendants,
    get: (account, id) => one(GET, [account, id]),
    findAcross,
    hasDatastore: (account, type) =>
      exists(HAS_DATASTORE, [account, foldDatastore(type), account, foldDatastore(type)]),
    hasDatastoreAcross: (type) => exists(HAS_DATASTORE_ACROSS, [foldDatastore(type)]),
    findDatastoreVersion: (account, versionId) => one(DATASTORE_VERSION, [account, versionId]),
    listInstances,
    getInstance,
    knowsInstance: (account, id) => exists(KNOWS_INSTANCE, [account, id]),
    version: (account) => reader.read((reads) => versionOf(reads, account)),
    put,
    register,
    remove,
    isEmpty: Effect.negate(exists("SELECT 1 FROM backups LIMIT 1", [])),
    ready: Effect.asVoid(exists("SELECT 1 FROM backups LIMIT 1", []))
  })
})

/** Backups in SQLite: what `migrations` creates, read by `SqliteReader`, written by `SqliteWriter`. */
export const layer: Layer.Layer<BackupStore, never, TransactionNeeds | SqliteReader> = Layer.effect(BackupStore, make)
