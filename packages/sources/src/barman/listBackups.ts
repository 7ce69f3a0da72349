import { Predicate, Schema } from "effect"
import { decodeEntry, maybe, someText } from "../decodeEntry.ts"
import type { Problem } from "../Importer.ts"
import { plainText } from "../recordText.ts"
import { Bytes, EpochSeconds } from "../toolNumbers.ts"
import type { BarmanBackup, BarmanRead } from "./BarmanBackup.ts"
import { serversOf } from "./jsonOutput.ts"

const ListedBackup = Schema.Struct({
  backup_id: someText,
  status: maybe(Schema.String),
  backup_name: maybe(Schema.String),
  /** `end_time` beside it is without a zone, in that of the database server. */
  end_time_timestamp: maybe(EpochSeconds),
  /** The files of the backup, and the WAL that it needs. */
  size_bytes: maybe(Bytes),
  retention_status: maybe(Schema.String)
})

// barman-cloud-backup-list lists backups too, as its own record of each, under the name of no server.
const isListed = (entry: unknown): boolean =>
  Predicate.isRecord(entry) && typeof entry.backup_id === "string" && !Object.hasOwn(entry, "begin_wal")

/** Whether a value is the answer of `barman -f json list-backups`, and has a backup or else no server with anything. */
export const isBackupList = (value: unknown): boolean => {
  const lists = serversOf(value)?.map(([, list]) => list)
  return (
    lists !== undefined &&
    (lists.some((list) => Array.isArray(list) && list.some(isListed)) ||
      lists.every((list) => Array.isArray(list) && list.length === 0))
  )
}

/** Whether a value is the answer of `list-backups --minimal`, which has only ids. */
export const isMinimalList = (value: unknown): boolean =>
  serversOf(value)?.some(
    ([, list]) => Array.isArray(list) && list.length > 0 && list.every((id) => typeof id === "string")
  ) ?? false

const retentionOf = (status: string | null | undefined): string | undefined =>
  status === undefined || status === null || status === "-" ? undefined : `retention: ${status}`

/** The backups in the answer of `barman -f json list-backups`. */
export const readBackupList = (value: unknown): BarmanRead => {
  const problems: Array<Problem> = []
  const backups: Array<BarmanBackup> = []
  let complete = true
  const servers = serversOf(value) ?? []
  for (const [server, list] of servers) {
    const at = plainText(server)
    if (!Array.isArray(list)) {
      problems.push({ place: at, message: "it is no list of backups, so it was left out" })
      complete = false
      continue
    }
    list.forEach((entry: unknown, n) => {
      const place = `${at}[${n}]`
      const { value: backup, problems: broken } = decodeEntry(ListedBackup, entry, place)
      problems.push(...broken)
      if (backup === undefined) complete = false
      else {
        backups.push({
          place,
          server,
          id: backup.backup_id,
          status: backup.status ?? undefined,
          name: backup.backup_name,
          stop: backup.end_time_timestamp,
          bytes: backup.size_bytes,
          notes: [retentionOf(backup.retention_status)]
        })
      }
    })
  }
  if (servers.length === 0) {
    problems.push({ place: "", message: "Barman names no server, so nothing is known of the backups that it had" })
    complete = false
  }
  return { backups, problems, complete }
}
