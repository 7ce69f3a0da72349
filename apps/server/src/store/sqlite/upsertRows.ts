import { type AccountId, type Backup, type BackupId, keepPrecision } from "@backup-catalog/core"
import { Effect, Option } from "effect"
import { type Changes, noteEvents, noteLoss, recordChanges } from "./events.ts"
import { moveOrigins, SOME_BACKUPS } from "./origins.ts"
import { BACKUP_COLUMNS, type BackupRow, COLUMNS, isSameRow, toBackup, toRow, type WrittenRow } from "./rows.ts"
import type { Transactions } from "./transactions.ts"

const PUT = (rows: string): string => `
  INSERT INTO backups (${COLUMNS}) VALUES ${rows}
  ON CONFLICT (account, id) DO UPDATE SET
    created = excluded.created, updated = excluded.updated, instance_id = excluded.instance_id,
    status = excluded.status, datastore = excluded.datastore, datastore_version = excluded.datastore_version,
    parent_id = excluded.parent_id, size_bytes = excluded.size_bytes, record = excluded.record`

// CROSS fixes the order of the loops: the other one walks the whole account for every batch.
const KNOWN = `SELECT backups.id, ${BACKUP_COLUMNS} FROM ${SOME_BACKUPS}`

const RETURNED = "DELETE FROM retired WHERE account = ? AND id IN (SELECT value FROM json_each(?))"

const EXPECT = "INSERT OR IGNORE INTO instances (account, instance_id) SELECT ?, value FROM json_each(?)"

/** What writing a backup means: that there was none, that it was as it is, or from what to what its members change. */
export type Outcome =
  | { readonly kind: "created" }
  | { readonly kind: "unchanged" }
  | { readonly kind: "updated"; readonly changes: Changes }

/** A backup as it is to be in the store, and what that means. */
export interface Planned {
  readonly backup: Backup
  readonly row: WrittenRow
  readonly outcome: Outcome
}

/** Writes of several backups at once, by what is there before. */
export const makeUpsert = (transactions: Transactions) => {
  const { rows, run, runMany, raiseVersion } = transactions

  /**
   * What writing a backup would mean, by the row that is there. What it holds less exactly than the one before, and
   * does not contradict, stays as it was, unless it is to be written `exactly`.
   */
  const plan = (
    account: AccountId,
    backup: Backup,
    before: BackupRow | undefined,
    exactly: boolean
  ): Effect.Effect<Planned> => {
    const row = toRow(account, backup)
    if (before === undefined) return Effect.succeed({ backup, row, outcome: { kind: "created" } })
    if (isSameRow(before, row)) return Effect.succeed({ backup, row, outcome: { kind: "unchanged" } })
    return Effect.map(toBackup(before), (old) => {
      const kept = exactly ? backup : keepPrecision(old, backup)
      const keptRow = exactly ? row : toRow(account, kept)
      const outcome: Outcome = isSameRow(before, keptRow)
        ? { kind: "unchanged" }
        : { kind: "updated", changes: recordChanges(old, kept) }
      return { backup: kept, row: keptRow, outcome }
    })
  }

  /** What writing these backups exactly, each id once, would mean. */
  const planAll = Effect.fnUntraced(function* (account: AccountId, backups: ReadonlyArray<Backup>) {
    const ids = JSON.stringify(backups.map(({ id }) => id))
    const found = yield* rows<BackupRow & { readonly id: BackupId }>(KNOWN, [ids, account])
    const before = new Map(found.map((row) => [row.id, row]))
    return yield* Effect.forEach(backups, (backup) => plan(account, backup, before.get(backup.id), true))
  })

  /** Writes what was planned, and what happened; what an import brings appears by its origin, which it writes itself. */
  const write = Effect.fnUntraced(function* (
    account: AccountId,
    planned: ReadonlyArray<Planned>,
    at: bigint,
    byImport: bigint | null
  ) {
    const changed = planned.filter(({ outcome }) => outcome.kind !== "unchanged")
    if (changed.length === 0) return
    const updated = changed.flatMap(({ backup: { id, created }, outcome }) =>
      outcome.kind === "updated" ? [{ id, created, changes: outcome.changes }] : []
    )
    const leaving = updated.filter(({ changes }) => "instance_id" in changes || "status" in changes)
    if (leaving.length > 0) {
      yield* noteLoss(
        transactions,
        account,
        leaving.map(({ id }) => id),
        at
      )
    }
    for (const { id, created, changes } of updated) {
      if ("created" in changes) yield* moveOrigins(transactions, account, id, created)
    }
    yield* runMany(
      PUT,
      changed.map(({ row }) => row.values)
    )
    const created = changed.flatMap(({ backup: { id }, outcome }) => (outcome.kind === "created" ? [{ id }] : []))
    if (created.length > 0) yield* run(RETURNED, [account, JSON.stringify(created.map(({ id }) => id))])
    if (created.length > 0 && byImport === null) yield* noteEvents(transactions, account, "appeared", created, at, null)
    if (updated.length > 0) yield* noteEvents(transactions, account, "changed", updated, at, byImport)
    const instances = new Set(changed.flatMap(({ backup }) => Option.toArray(backup.instanceId)))
    if (instances.size > 0) yield* run(EXPECT, [account, JSON.stringify([...instances])])
    yield* raiseVersion(account)
  })

  return { plan, planAll, write }
}
