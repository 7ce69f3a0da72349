import type { AccountId, BackupId, HistoryEvent, SourceName } from "@backup-catalog/core"
import { Option } from "effect"
import { type OriginOfSource, toHistoryEvent, toOrigins } from "../historyRows.ts"
import { LIMIT } from "./limit.ts"
import { OF_BACKUP } from "./origins.ts"
import type { SqlReads } from "./SqliteReader.ts"

interface StoredEventRow {
  readonly at: bigint
  readonly event: HistoryEvent["event"]
  readonly number: bigint | null
  readonly changes: string | null
}

const SOURCES_OF = `FROM backups ${OF_BACKUP} WHERE backups.account = ? AND backups.id = ?`

// What is still there appeared by its origin; of several, by the first.
const APPEARED = `
  SELECT min(appeared) AS at, 'appeared' AS event, origins.import AS number, NULL AS changes ${SOURCES_OF}
    AND appeared IS NOT NULL HAVING min(appeared) IS NOT NULL`

const COUNT =
  "SELECT count(*) AS events, count(*) FILTER (WHERE at < ?) AS older FROM events WHERE account = ? AND id = ?"

const EVENTS = `
  SELECT at, event, import AS number, changes FROM events WHERE account = ? AND id = ?
  ORDER BY at, number ${LIMIT} OFFSET ?`

const BY_IMPORT = `
  SELECT imports.id AS import, sources.name AS source FROM imports
  CROSS JOIN sources ON sources.number = imports.source WHERE imports.number = ?`

const toEvent = (sql: SqlReads) => (row: StoredEventRow) =>
  toHistoryEvent({
    ...row,
    ...(row.number === null ? undefined : sql.get<{ import: string; source: SourceName }>(BY_IMPORT, [row.number]))
  })

/**
 * How many events a backup has, and a slice of them, oldest first, with the one that only its origin has in its place.
 */
const eventsOf = (sql: SqlReads, account: AccountId, id: BackupId) => {
  const appeared = sql.get<StoredEventRow>(APPEARED, [account, id])
  const counted = sql.get<{ events: bigint; older: bigint }>(COUNT, [appeared?.at ?? 0n, account, id])
  const place = appeared === undefined ? Number.POSITIVE_INFINITY : Number(counted?.older ?? 0n)
  const slice = (start: number, end: number): ReadonlyArray<StoredEventRow> => {
    const within = appeared !== undefined && place >= start && place < end
    const rows = sql.all<StoredEventRow>(EVENTS, [
      ...[account, id],
      Math.max(0, end - start - (within ? 1 : 0)),
      start - (start > place ? 1 : 0)
    ])
    return within ? [...rows.slice(0, place - start), appeared, ...rows.slice(place - start)] : rows
  }
  return { count: Number(counted?.events ?? 0n) + (appeared === undefined ? 0 : 1), slice }
}

/** What happened to a backup. Places are counted from the oldest, which stay where they are when more happens. */
export const historyOf = (
  sql: SqlReads,
  account: AccountId,
  id: BackupId,
  before: bigint | undefined,
  limit: number
) => {
  const { count, slice } = eventsOf(sql, account, id)
  const origins = sql.all<OriginOfSource>(
    `SELECT sources.name AS source, native_id, native_parent_id, suspect ${SOURCES_OF} ORDER BY sources.name`,
    [account, id]
  )
  const there = sql.get("SELECT 1 FROM backups WHERE account = ? AND id = ?", [account, id])
  if (count === 0 && there === undefined && origins.length === 0) return Option.none()
  const end = Math.min(Number(before ?? count), count)
  const start = Math.max(0, end - limit)
  return Option.some({
    origins: toOrigins(origins),
    events: slice(start, end).map(toEvent(sql)).reverse(),
    next: start > 0 ? BigInt(start) : undefined
  })
}
