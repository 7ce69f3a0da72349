import {
  type AccountId,
  type Backup,
  type BackupId,
  BackupStore,
  decodeBackup,
  type EncodedPage,
  encodeBackup,
  foldDatastore,
  type Instant,
  type Position,
  type Slice
} from "@backup-catalog/core"
import { SqlClient } from "@effect/sql"
import { Array as Arr, Effect, Either, Layer, Option } from "effect"
import { SqliteReader, type SqlParams, type SqlReads } from "./SqliteReader.ts"
import { sliceSql } from "./sliceSql.ts"
import { unavailable } from "./storeFailure.ts"

interface BackupRow {
  readonly created: bigint
  readonly updated: bigint
  readonly size_bytes: bigint | null
  readonly record: string
}

// A row that cannot be read is a defect, not the caller's fault: it must come out as a 500 and in the log.
const toBackup = (row: BackupRow): Effect.Effect<Backup> =>
  Either.match(decodeBackup(JSON.parse(row.record)), {
    onLeft: Effect.die,
    onRight: (backup) =>
      Effect.succeed({
        ...backup,
        created: row.created as Instant,
        updated: row.updated as Instant,
        size: row.size_bytes === null ? backup.size : Option.some({ unit: "bytes" as const, value: row.size_bytes })
      })
  })

/** The record as it is sent, with `id` last, where `lastId` finds it without reading the rest. */
const toRecord = (backup: Backup): string => {
  const { id, ...members } = encodeBackup(backup)
  return JSON.stringify({ ...members, id })
}

const ID_MEMBER = ',"id":'

/** The id of the last of some records: inside a JSON text every quote is escaped, so this member name is unmistakable. */
const lastId = (records: string | Buffer): BackupId => {
  const start = records.lastIndexOf(ID_MEMBER) + ID_MEMBER.length
  const member =
    typeof records === "string" ? records.slice(start, -1) : records.toString("utf8", start, records.length - 1)
  return JSON.parse(member) as BackupId
}

const COLUMNS = "account, created, id, updated, instance_id, status, datastore, parent_id, size_bytes, record"

const toRow = (account: AccountId, backup: Backup): SqlParams => [
  account,
  backup.created,
  backup.id,
  backup.updated,
  Option.getOrNull(backup.instanceId),
  backup.status,
  Option.match(backup.datastore, { onNone: () => null, onSome: ({ type }) => foldDatastore(type) }),
  Option.getOrNull(backup.parentId),
  Option.match(backup.size, { onNone: () => null, onSome: ({ unit, value }) => (unit === "bytes" ? value : null) }),
  toRecord(backup)
]

const follows = (reads: SqlReads, slice: Slice, after: Position): boolean => {
  const { sql, params } = sliceSql("1", { ...slice, after, limit: 1 })
  return reads.get(sql, params) !== undefined
}

const positionOf = (reads: SqlReads, account: AccountId, id: BackupId): Position => {
  const row = reads.get<BackupRow>("SELECT created FROM backups WHERE account = ? AND id = ?", [account, id])
  if (row === undefined) throw new Error("a record in the store has another id than its row")
  return { created: row.created as Instant, id }
}

/** Up to this many records a page is joined here, beyond it by SQLite: measured, docs/performance.md. */
const SHORT_PAGE = 100

const shortPage = (reads: SqlReads, slice: Slice): EncodedPage => {
  const { sql, params } = sliceSql("record", { ...slice, limit: slice.limit + 1 })
  const rows = reads.column<string>(sql, params)
  if (rows.length <= slice.limit) return { records: rows.join(",\n"), last: undefined }
  const records = rows.slice(0, slice.limit).join(",\n")
  return { records, last: positionOf(reads, slice.account, lastId(records)) }
}

const longPage = (reads: SqlReads, slice: Slice): EncodedPage => {
  const { sql, params } = sliceSql("record", slice)
  // One row of ready bytes: the records never become JavaScript strings.
  const page = reads.get<{ records: Buffer | null; count: bigint }>(
    `SELECT CAST(group_concat(record, ',\n') AS BLOB) AS records, count(*) AS count FROM (${sql})`,
    params
  )
  const records = page?.records ?? Buffer.alloc(0)
  if (page === undefined || page.count < slice.limit) return { records, last: undefined }
  const last = positionOf(reads, slice.account, lastId(records))
  return { records, last: follows(reads, slice, last) ? last : undefined }
}

const encodedPage = (reads: SqlReads, slice: Slice): EncodedPage =>
  slice.limit <= SHORT_PAGE ? shortPage(reads, slice) : longPage(reads, slice)

/** Rows written by one statement; SQLite takes 32,766 values. */
const ROWS_AT_ONCE = 250

const ROW = `(${COLUMNS.replace(/\w+/g, "?")})`

const putSql = (rows: number): string => `
  INSERT INTO backups (${COLUMNS}) VALUES ${Array(rows).fill(ROW).join(", ")}
  ON CONFLICT (account, id) DO UPDATE SET
    created = excluded.created, updated = excluded.updated, instance_id = excluded.instance_id,
    status = excluded.status, datastore = excluded.datastore, parent_id = excluded.parent_id,
    size_bytes = excluded.size_bytes, record = excluded.record
  WHERE (created, updated, size_bytes, record)
    IS NOT (excluded.created, excluded.updated, excluded.size_bytes, excluded.record)`

const HAS_DATASTORE =
  "SELECT 1 FROM backups INDEXED BY backups_by_datastore WHERE account = ? AND datastore = ? LIMIT 1"

// CROSS fixes the order of the loops: the other one walks the whole account for every batch.
const KNOWN = `
  SELECT count(*) AS known FROM json_each(?) AS input
  CROSS JOIN backups ON backups.account = ? AND backups.id = input.value`

const make = Effect.gen(function* () {
  const reader = yield* SqliteReader
  const sql = yield* SqlClient.SqlClient

  const get = (account: AccountId, id: BackupId) =>
    Effect.flatMap(
      reader.read((sql) =>
        sql.get<BackupRow>("SELECT created, updated, size_bytes, record FROM backups WHERE account = ? AND id = ?", [
          account,
          id
        ])
      ),
      (row) => (row === undefined ? Effect.succeedNone : Effect.asSome(toBackup(row)))
    )

  const list = (slice: Slice) => {
    const { sql, params } = sliceSql("created, updated, size_bytes, record", { ...slice, limit: slice.limit + 1 })
    return Effect.flatMap(
      reader.read((reads) => reads.all<BackupRow>(sql, params)),
      (rows) =>
        Effect.map(Effect.forEach(rows.slice(0, slice.limit), toBackup), (backups) => ({
          backups,
          more: rows.length > slice.limit
        }))
    )
  }

  const put = (account: AccountId, backups: ReadonlyArray<Backup>) => {
    const distinct = [...new Map(backups.map((backup) => [backup.id, backup])).values()]
    const ids = JSON.stringify(distinct.map(({ id }) => id))
    return Effect.gen(function* () {
      // Waits for other writers here: SQLite refuses at once to turn a transaction that began by reading into a writing one.
      yield* sql.unsafe("UPDATE backups SET id = id WHERE false")
      const known = (yield* sql.unsafe<{ known: number }>(KNOWN, [ids, account]))[0]?.known ?? 0
      let changed = 0
      for (const rows of Arr.chunksOf(distinct, ROWS_AT_ONCE)) {
        yield* sql.unsafe(
          putSql(rows.length),
          rows.flatMap((backup) => toRow(account, backup))
        )
        changed += (yield* sql<{ changed: number }>`SELECT changes() AS changed`)[0]?.changed ?? 0
      }
      const created = distinct.length - known
      return { created, updated: changed - created, unchanged: distinct.length - changed }
    }).pipe(sql.withTransaction, unavailable, Effect.withSpan("BackupStore.put"))
  }

  return BackupStore.of({
    list,
    listEncoded: (slice) => reader.snapshot((reads) => encodedPage(reads, slice)),
    get,
    hasDatastore: (account, type) =>
      reader.read((reads) => reads.get(HAS_DATASTORE, [account, foldDatastore(type)]) !== undefined),
    put,
    remove: (account, id) =>
      unavailable(
        Effect.map(
          sql<{ id: string }>`DELETE FROM backups WHERE account = ${account} AND id = ${id} RETURNING id`,
          (rows) => rows.length > 0
        )
      ),
    isEmpty: reader.read((reads) => reads.get("SELECT 1 FROM backups LIMIT 1", []) === undefined),
    ready: Effect.asVoid(reader.read((reads) => reads.get("SELECT 1 FROM backups LIMIT 1", [])))
  })
})

/** Backups in SQLite: what `store/migrations` creates, read by `SqliteReader`, written through the SQL client. */
export const layer: Layer.Layer<BackupStore, never, SqlClient.SqlClient | SqliteReader> = Layer.effect(
  BackupStore,
  make
)
