import type { AccountId, BackupId, Instant, Position } from "@backup-catalog/core"
import type { EncodedPage, Slice } from "@backup-catalog/core/store"
import { condition, join } from "../SqlText.ts"
import type { SqlReads } from "./SqliteReader.ts"
import { sliceSql } from "./sliceSql.ts"

/**
 * Up to how many records a page is made a text: many are bytes, which are copied less and are no work for the
 * collector.
 */
const SHORT = 32

const AS_TEXT = condition("SELECT group_concat(record, ',\n') FROM (")
const AS_BYTES = condition("SELECT CAST(group_concat(record, ',\n') AS BLOB) FROM (")
const END = condition(")")

const ID_MEMBER = ',"id":'

/**
 * The id of the last of some records: inside a JSON text every quote is escaped, so this member name is unmistakable.
 */
const lastId = (records: Buffer | string): BackupId => {
  const start = records.lastIndexOf(ID_MEMBER) + ID_MEMBER.length
  const text =
    typeof records === "string" ? records.slice(start, -1) : records.toString("utf8", start, records.length - 1)
  return JSON.parse(text) as BackupId
}

const follows = (reads: SqlReads, slice: Slice, after: Position): boolean => {
  const { sql, params } = sliceSql("1", { ...slice, after, limit: 1 })
  return reads.value(sql, params) !== undefined
}

/** When a backup was created; undefined where the account has none of that id. */
export const createdOf = (reads: SqlReads, account: AccountId, id: BackupId): Instant | undefined =>
  reads.value("SELECT created FROM backups WHERE account = ? AND id = ?", [account, id])

const positionOf = (reads: SqlReads, account: AccountId, id: BackupId): Position => {
  const created = createdOf(reads, account, id)
  if (created === undefined) throw new Error("a record in the store has another id than its row")
  return { created, id }
}

/** The version of an account: 0 before anything was written to it. */
export const versionOf = (reads: SqlReads, account: AccountId): bigint =>
  reads.value("SELECT version FROM accounts WHERE account = ?", [account]) ?? 0n

/** A slice as it travels. */
export const encodedPage = (reads: SqlReads, slice: Slice): EncodedPage => {
  const version = versionOf(reads, slice.account)
  const { sql, params } = join([slice.limit > SHORT ? AS_BYTES : AS_TEXT, sliceSql("record", slice), END], "")
  const records = reads.value<Buffer | string | null>(sql, params)
  if (records === undefined || records === null) return { records: "", last: undefined, version }
  const last = positionOf(reads, slice.account, lastId(records))
  return { records, last: follows(reads, slice, last) ? last : undefined, version }
}
