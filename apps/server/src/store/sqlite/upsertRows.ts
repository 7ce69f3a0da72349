import { type AccountId, type Backup, type BackupId, keepPrecision } from "@backup-catalog/core"
import { Array as Arr, Effect, Option } from "effect"
import { type Changes, noteEvents, noteLoss, recordChanges } from "./events.ts"
import { BACKUP_COLUMNS, type BackupRow, COLUMNS, isSameRow, toBackup, toRow, type WrittenRow } from "./rows.ts"
import type { Transactions } from "./transactions.ts"

/** Rows written by one statement; SQLite takes 32,766 values. */
const ROWS_AT_ONCE = 250

const ROW = `(${COLUMNS.replace(/\w+/g, "?")})`

const putSql = (rows: number): string => `
  INSERT INTO backups (${COLUMNS}) VALUES ${Array(rows).fill(ROW).join(", ")}
  ON CONFLICT (account, id) DO UPDATE SET
    created = excluded.created, updated = excluded.updated, instance_id = excluded.instance_id,
    status = excluded.status, datastore = excluded.datastore, parent_id = excluded.parent_id,
    size_bytes = excluded.size_bytes, record = excluded.record`

// CROSS fixes the order of the loops: the other one walks the whole account for every batch.
const KNOWN = `
  SELECT backups.id, ${BACKUP_COLUMNS} FROM json_each(?) AS input
  CROSS JOIN backups ON backups.account = ? AND backups.id = input.value`

const RETURNED = "DELETE FROM retired WHERE account = ? AND id IN (SELECT value FROM json_each(?))"

const EXPECT = "INSERT OR IGNORE INTO instances (account, instance_id) SELECT ?, value FROM json_each(?)"

/** What writing a backup means: that there was none, that it was as it is, or from what to what its members change. */
export type Outcome =
  | { readonly kind: "created" | "unchanged" }
  | { readonly kind: "updated"; readonly changes: Changes }

/** A backup as it is to be in the store, and what that means. */
export interface Planned {
  readonly backup: Backup
  readonly row: WrittenRow
  readonly outcome: Outcome
}

/** Writes of several backups at once, by what is there before. */
export const makeUpsert = (transactions: Transactions) => {
  const { rows, run, raiseVersion } = transactions

  const planOne = Effect.fnUntraced(function* (
    account: AccountId,
    backup: Backup,
    before: BackupRow | undefined,
    exactly: boolean
  ) {
    const row = toRow(account, backup)
    if (before === undefined) return { backup, row, outcome: { kind: "created" } } satisfies Planned
    if (isSameRow(before, row)) return { backup, row, outcome: { kind: "unchanged" } } satisfies Planned
    const old = yield* toBackup(before)
    const kept = exactly ? backup : keepPrecision(old, backup)
    const keptRow = exactly ? row : toRow(account, kept)
    const outcome: Outcome = isSameRow(before, keptRow)
      ? { kind: "unchanged" }
      : { kind: "updated", changes: recordChanges(old, kept) }
    return { backup: kept, row: keptRow, outcome } satisfies Planned
  })

  /**
   * What writing these backups, each id once, would mean. What a record holds less exactly than the one before, and
   * does not contradict, stays as it was, unless it is to be written `exactly`.
   */
  const plan = Effect.fnUntraced(function* (account: AccountId, backups: ReadonlyArray<Backup>, exactly: boolean) {
    const ids = JSON.stringify(backups.map(({ id }) => id))
    const found = yield* rows<BackupRow & { readonly id: BackupId }>(KNOWN, [ids, account])
    const before = new Map(found.map((row) => [row.id, row]))
    return yield* Effect.forEach(backups, (backup) => planOne(account, backup, before.get(backup.id), exactly))
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
    const updated = changed.flatMap(({ backup, outcome }) =>
      outcome.kind === "updated" ? [{ id: backup.id, changes: outcome.changes }] : []
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
    for (const some of Arr.chunksOf(changed, ROWS_AT_ONCE)) {
      yield* run(
        putSql(some.length),
        some.flatMap(({ row }) => row.values)
      )
      // Lists are answered meanwhile.
      yield* Effect.yieldNow()
    }
    const created = changed.flatMap(({ backup, outcome }) => (outcome.kind === "created" ? [{ id: backup.id }] : []))
    if (created.length > 0) yield* run(RETURNED, [account, JSON.stringify(created.map(({ id }) => id))])
    if (created.length > 0 && byImport === null) yield* noteEvents(transactions, account, "appeared", created, at, null)
    if (updated.length > 0) yield* noteEvents(transactions, account, "changed", updated, at, byImport)
    const instances = new Set(changed.flatMap(({ backup }) => Option.toArray(backup.instanceId)))
    if (instances.size > 0) yield* run(EXPECT, [account, JSON.stringify([...instances])])
    yield* raiseVersion(account)
  })

  return { plan, write }
}
