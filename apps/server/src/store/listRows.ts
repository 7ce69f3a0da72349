import { type AccountId, BackupOrder, encodeBackup, type InstanceId, type Instant } from "@backup-catalog/core"
import type { EncodedPage, StoredPage } from "@backup-catalog/core/store"
import { Effect } from "effect"
import { type BackupRow, toBackup } from "./backupRows.ts"

/** What a backup that was retired is read from; `retired` in microseconds since 1970. */
export interface RetiredRow extends BackupRow {
  readonly retired: bigint
}

/** What a backup of any account is read from. */
export interface AcrossRow extends BackupRow {
  readonly account: AccountId
}

/** What an instance is read from: its newest backup. */
export interface NewestBackupRow extends BackupRow {
  readonly instance_id: InstanceId
}

/** The page that rows make, when one row more than the limit was asked for. */
export const toPage = (rows: ReadonlyArray<BackupRow>, limit: number): Effect.Effect<StoredPage> =>
  Effect.map(Effect.forEach(rows.slice(0, limit), toBackup), (backups) => ({ backups, more: rows.length > limit }))

/** The page that rows of several accounts make, likewise: each backup with the account that it is of. */
export const toPageAcross = (rows: ReadonlyArray<AcrossRow>, limit: number): Effect.Effect<StoredPage> =>
  Effect.map(toPage(rows, limit), ({ backups, more }) => ({
    backups: backups.map((backup, n) => ({ ...backup, ...(rows[n] && { projectId: rows[n].account }) })),
    more
  }))

const toInstance = (row: NewestBackupRow) =>
  Effect.map(toBackup(row), ({ datastore }) => ({ id: row.instance_id, datastore }))

/** The page of instances that rows make, likewise. */
export const toInstancePage = (rows: ReadonlyArray<NewestBackupRow>, limit: number) =>
  Effect.map(Effect.forEach(rows.slice(0, limit), toInstance), (instances) => ({
    instances,
    more: rows.length > limit
  }))

const toRetired = (row: RetiredRow) =>
  Effect.map(toBackup(row), (backup) => ({ ...backup, retiredAt: row.retired as Instant }))

/** The page that backups and retired ones make together, when of each one row more than the limit was asked for. */
export const mergeRetired = Effect.fnUntraced(function* (
  present: ReadonlyArray<BackupRow>,
  retired: ReadonlyArray<RetiredRow>,
  limit: number
) {
  const backups = [...(yield* Effect.forEach(present, toBackup)), ...(yield* Effect.forEach(retired, toRetired))].sort(
    BackupOrder
  )
  return { backups: backups.slice(0, limit), more: backups.length > limit }
})

/** A merged page as it travels, with the version of the account that it is of. */
export const encodeMerged = ({ backups, more }: StoredPage, version: bigint): EncodedPage => ({
  records: backups.map((backup) => JSON.stringify(encodeBackup(backup))).join(",\n"),
  last: more ? backups.at(-1) : undefined,
  version
})
