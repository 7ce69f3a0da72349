import {
  type AccountId,
  type Backup,
  decodeBackupFast,
  encodeBackup,
  encodeStoredBackup,
  foldDatastore,
  type Instant
} from "@backup-catalog/core"
import { Effect, Either, Option } from "effect"
import type { SqlParams } from "./SqlText.ts"

/** What a backup is read from; integers as bigints. */
export interface BackupRow {
  readonly created: bigint
  readonly updated: bigint
  readonly size_bytes: bigint | null
  readonly record: string
}

/** The columns of a `BackupRow`. */
export const READ_COLUMNS = "created, updated, size_bytes, record"

/** The backup of a row; throws when it cannot be read. */
export const readBackup = (row: BackupRow): Backup => {
  const backup = Either.getOrThrowWith(decodeBackupFast(JSON.parse(row.record)), (error) => error)
  return {
    ...backup,
    created: row.created as Instant,
    updated: row.updated as Instant,
    size: row.size_bytes === null ? backup.size : Option.some({ unit: "bytes" as const, value: row.size_bytes })
  }
}

/** The backup of a row, to be replaced or removed, for which nobody needs to read it; none where it cannot be read. */
export const readableBackup: (row: BackupRow) => Option.Option<Backup> = Option.liftThrowable((row) => {
  const backup = readBackup(row)
  // A time that no calendar has is read, and cannot be written.
  encodeBackup(backup)
  return backup
})

/**
 * The backup of a row. One that cannot be read is a defect, not the caller's fault: it comes out as a 500 and in the
 * log.
 */
export const toBackup = (row: BackupRow): Effect.Effect<Backup> => Effect.sync(() => readBackup(row))

/** The columns that a backup is written to. */
export const WRITTEN_COLUMNS =
  "account, created, id, updated, instance_id, status, datastore, datastore_version, parent_id, size_bytes, record"

/** What a backup is written as: its row as it is read, and the values of `WRITTEN_COLUMNS`. */
export interface WrittenRow extends BackupRow {
  readonly values: SqlParams
}

/** The row of a backup of an account. */
export const toRow = (account: AccountId, backup: Backup): WrittenRow => {
  const { created, updated, id, status } = backup
  const size_bytes = Option.match(backup.size, {
    onNone: () => null,
    onSome: ({ unit, value }) => (unit === "bytes" ? value : null)
  })
  // With `id` last, where it is found without reading the rest.
  const record = JSON.stringify(encodeStoredBackup(backup))
  const instance = Option.getOrNull(backup.instanceId)
  const known = Option.getOrUndefined(backup.datastore)
  const datastore = known === undefined ? null : foldDatastore(known.type)
  const version = known === undefined ? null : Option.getOrNull(known.versionId)
  const parent = Option.getOrNull(backup.parentId)
  return {
    created,
    updated,
    size_bytes,
    record,
    values: [account, created, id, updated, instance, status, datastore, version, parent, size_bytes, record]
  }
}

/** Whether two rows are of the same backup, member for member. */
export const isSameRow = (a: BackupRow, b: BackupRow): boolean =>
  a.created === b.created && a.updated === b.updated && a.size_bytes === b.size_bytes && a.record === b.record
