import type { AccountId, BackupId, EncodedPage, Instant, Position, Slice } from "@backup-catalog/core"
import type { BackupRow } from "../rows.ts"
import type { SqlReads } from "./SqliteReader.ts"
import { sliceSql } from "./sliceSql.ts"

const ID_MEMBER = ',"id":'

/** The id of the last of some records: inside a JSON text every quote is escaped, so this member name is unmistakable. */
const lastId = (records: Buffer): BackupId => {
  const start = records.lastIndexOf(ID_MEMBER) + ID_MEMBER.length
  return JSON.parse(records.toString("utf8", start, records.length - 1)) as BackupId
}

const follows = (reads: SqlReads, slice: Slice, after: Position): boolean => {
  const { sql, params } = sliceSql("1", { ...slice, after, limit: 1 })
  return reads.get(sql, params) !== undefined
}

const positionOf = (reads: SqlReads, account: AccountId, id: BackupId): Position => {
  const row = reads.get<BackupRow>("SELECT created FROM backups WHERE account = ? AND id = ?", [account, id])
  if (row === undefined) throw new Error("a record in the store has another id than its row")
  return { created: row.created as Instant, id }
}

/** The version of an account: 0 before anything was written to it. */
export const versionOf = (reads: SqlReads, account: AccountId): bigint =>
  reads.get<{ version: bigint }>("SELECT version FROM accounts WHERE account = ?", [account])?.version ?? 0n

/** A slice as it travels. */
export const encodedPage = (reads: SqlReads, slice: Slice): EncodedPage => {
  const version = versionOf(reads, slice.account)
  const { sql, params } = sliceSql("record", slice)
  // One row of ready bytes: the records never become JavaScript strings.
  const page = reads.get<{ records: Buffer | null; count: bigint }>(
    `SELECT CAST(group_concat(record, ',\n') AS BLOB) AS records, count(*) AS count FROM (${sql})`,
    params
  )
  const records = page?.records ?? Buffer.alloc(0)
  if (page === undefined || page.count < slice.limit) return { records, last: undefined, version }
  const last = positionOf(reads, slice.account, lastId(records))
  return { records, last: follows(reads, slice, last) ? last : undefined, version }
}
