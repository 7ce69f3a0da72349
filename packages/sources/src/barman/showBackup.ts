import type { Instant } from "@backup-catalog/core"
import { Predicate, Schema } from "effect"
import type { Problem } from "../Importer.ts"
import { decodeEntry, maybe, someText } from "../reading/decodeEntry.ts"
import { Bytes, EpochSeconds } from "../reading/toolNumbers.ts"
import { plainText } from "../records/recordText.ts"
import { type BarmanBackup, type BarmanRead, isOfSnapshots } from "./BarmanBackup.ts"
import { isAtWork } from "./barmanStatus.ts"
import { type BarmanTime, readBarmanTime, TimeText } from "./barmanTime.ts"
import { serversOf } from "./jsonOutput.ts"
import { lackOfParent } from "./suspicion.ts"

const ShownBackup = Schema.Struct({
  backup_id: someText,
  status: maybe(Schema.String),
  backup_name: maybe(Schema.String),
  /** Since Barman 3.11. */
  backup_type: maybe(Schema.String),
  error: maybe(Schema.String),
  postgresql_version: maybe(Schema.Int),
  /** Of a backup by snapshots of disks, also before Barman told the method. */
  snapshots_info: Schema.optional(Schema.Unknown),
  base_backup_information: maybe(
    Schema.Struct({
      begin_time: maybe(TimeText),
      begin_time_timestamp: maybe(EpochSeconds),
      end_time: maybe(TimeText),
      end_time_timestamp: maybe(EpochSeconds),
      /** Those files that no older backup has as the same files; `backup_size_bytes` in newer versions. */
      incremental_size_bytes: maybe(Bytes),
      backup_size_bytes: maybe(Bytes),
      disk_usage_bytes: maybe(Bytes),
      backup_method: maybe(Schema.String)
    })
  ),
  catalog_information: maybe(
    Schema.Struct({
      /** `previous_backup` beside it is only the one before in time. */
      parent_backup_id: maybe(someText),
      retention_policy: maybe(Schema.String)
    })
  )
})

const isShown = (entry: unknown): boolean =>
  Predicate.isRecord(entry) && typeof entry.backup_id === "string" && typeof entry.status === "string"

/** Whether a value is the answer of `barman -f json show-backup`. */
export const isShownBackup = (value: unknown): boolean => serversOf(value)?.some(([, entry]) => isShown(entry)) ?? false

/** The text's time where it has a zone and so microseconds, else the seconds beside it. */
const timeOf = (text: string | null | undefined, seconds: Instant | null | undefined): BarmanTime | undefined => {
  const time = text === null || text === undefined ? undefined : readBarmanTime(text)
  return typeof time === "bigint" ? time : (seconds ?? time)
}

const retentionOf = (policy: string | null | undefined): string | undefined =>
  policy === undefined || policy === null || policy === "not enforced" ? undefined : `retention: ${policy}`

/** The backup in the answer of `barman -f json show-backup`; never all that there is. */
export const readShownBackup = (value: unknown): BarmanRead => {
  const problems: Array<Problem> = []
  const backups: Array<BarmanBackup> = []
  let complete = true
  for (const [server, entry] of serversOf(value) ?? []) {
    const { value: backup, problems: broken } = decodeEntry(ShownBackup, entry, plainText(server), [
      "backup_type",
      "catalog_information.parent_backup_id"
    ])
    problems.push(...broken)
    if (backup === undefined) {
      complete = false
      continue
    }
    const status = backup.status ?? undefined
    if (isAtWork({ status })) {
      complete = false
      const message =
        `the status is ${status}, and only a list of all backups tells whether it still is, so the backup ` +
        `was left out: import what \`barman diagnose\` prints`
      problems.push({ place: plainText(server), message })
      continue
    }
    const base = backup.base_backup_information
    const parent = backup.catalog_information?.parent_backup_id
    const lack = lackOfParent(backup.backup_type, parent)
    if (lack !== undefined) {
      const place = `${plainText(server)}.catalog_information.parent_backup_id`
      problems.push({ place, message: `it is missing, so ${lack}` })
    }
    backups.push({
      place: plainText(server),
      server,
      id: backup.backup_id,
      status,
      name: backup.backup_name,
      start: timeOf(base?.begin_time, base?.begin_time_timestamp),
      stop: timeOf(base?.end_time, base?.end_time_timestamp),
      bytes:
        isOfSnapshots(base?.backup_method) || Predicate.isRecord(backup.snapshots_info)
          ? undefined
          : (base?.incremental_size_bytes ?? base?.backup_size_bytes ?? base?.disk_usage_bytes),
      version: backup.postgresql_version,
      parent,
      suspect: lack,
      notes: [
        base?.backup_method ?? undefined,
        backup.error ?? undefined,
        retentionOf(backup.catalog_information?.retention_policy)
      ]
    })
  }
  problems.push({
    place: "",
    message: "this is one backup, as `barman show-backup` prints it, and not the list of all"
  })
  return { backups, problems, complete, isPart: true }
}
