import { type AccountId, type BackupId, type InstanceId, runningStatuses } from "@backup-catalog/core"
import { Effect } from "effect"
import { type BackupRow, READ_COLUMNS, WRITTEN_COLUMNS } from "../backupRows.ts"
import type { WriteStatements } from "../backupWrites.ts"
import type { SqlParams } from "../SqlText.ts"
import { CHAIN } from "./chainSql.ts"
import { inParts } from "./inParts.ts"
import { moveOrigins, OF_BACKUP, SOME_BACKUPS } from "./origins.ts"
import type { Transactions } from "./transactions.ts"

const RUNNING = [...runningStatuses].map((status) => `'${status}'`).join(", ")

// CROSS fixes the order of the loops: the other one walks the whole account for every batch.
const ROWS = `SELECT backups.id, ${READ_COLUMNS} FROM ${SOME_BACKUPS}`

const INSTANCE = "SELECT instance_id FROM backups WHERE account = ? AND id = ?"

const CHILD_ELSEWHERE = `
  SELECT 1 FROM backups INDEXED BY backups_by_parent
  WHERE account = ? AND parent_id = ? AND id <> parent_id AND instance_id IS NOT ? LIMIT 1`

const RUNNING_OF = `
  SELECT backups.id FROM ${SOME_BACKUPS} WHERE status IN (${RUNNING}) ORDER BY input.key LIMIT 1`

const CHILDREN = `
  SELECT child.id FROM json_each(?) AS input
  CROSS JOIN backups AS child INDEXED BY backups_by_parent ON child.account = ? AND child.parent_id = input.value`

const PUT = (rows: string): string => `
  INSERT INTO backups (${WRITTEN_COLUMNS}) VALUES ${rows}
  ON CONFLICT (account, id) DO UPDATE SET
    created = excluded.created, updated = excluded.updated, instance_id = excluded.instance_id,
    status = excluded.status, datastore = excluded.datastore, datastore_version = excluded.datastore_version,
    parent_id = excluded.parent_id, size_bytes = excluded.size_bytes, record = excluded.record`

// Without the index SQLite walks all that the account has retired.
/** Takes account and the ids as JSON. */
export const UNRETIRE =
  "DELETE FROM retired INDEXED BY retired_by_id WHERE account = ? AND id IN (SELECT value FROM json_each(?))"

const EXPECT = "INSERT OR IGNORE INTO instances (account, instance_id) SELECT ?, value FROM json_each(?)"

const NOTE = `
  INSERT INTO events (account, id, at, event, import, changes)
  SELECT ?, value ->> 0, ?, ?, ?, value ->> 1 FROM json_each(?)`

const LOST = `
  UPDATE instances SET gone = ? WHERE (account, instance_id) IN (
    SELECT backups.account, backups.instance_id FROM ${SOME_BACKUPS} WHERE status = 'COMPLETED')`

const SETTLE = `
  INSERT INTO events (account, id, at, event, import)
  SELECT sources.account, origins.id, min(origins.appeared), 'appeared', origins.import
  FROM ${SOME_BACKUPS} ${OF_BACKUP} WHERE origins.appeared IS NOT NULL GROUP BY origins.id`

const UNCLAIM = `
  DELETE FROM origins WHERE (source, created, id) IN (
    SELECT origins.source, origins.created, origins.id FROM ${SOME_BACKUPS} ${OF_BACKUP})`

// Without the index SQLite walks the whole account for every part.
/** Takes account and the ids as JSON. */
export const REMOVE =
  "DELETE FROM backups INDEXED BY backups_by_id WHERE account = ? AND id IN (SELECT value FROM json_each(?))"

const json = (ids: ReadonlyArray<string>) => JSON.stringify(ids)

/** What writes of backups are made of, in SQLite. */
export const makeWriteStatements = (transactions: Transactions): WriteStatements => {
  const { rows, first, run, runMany, transaction, raiseVersion } = transactions

  const exists = (text: string, params: SqlParams) => Effect.map(first(text, params), (row) => row !== undefined)

  const removeRows = (account: AccountId, ids: ReadonlyArray<BackupId>) =>
    inParts(ids, (some) =>
      run(SETTLE, [json(some), account]).pipe(
        Effect.zipRight(run(UNCLAIM, [json(some), account])),
        Effect.zipRight(run(REMOVE, [account, json(some)]))
      )
    )

  const idsOf = (text: string, params: SqlParams) =>
    Effect.map(rows<{ id: BackupId }>(text, params), (found) => found.map(({ id }) => id))

  const treeOf = Effect.fnUntraced(function* (account: AccountId, id: BackupId) {
    const tree = new Set<BackupId>()
    let level: ReadonlyArray<BackupId> = yield* idsOf("SELECT id FROM backups WHERE account = ? AND id = ?", [
      account,
      id
    ])
    while (level.length > 0) {
      for (const one of level) tree.add(one)
      const below: Array<BackupId> = []
      yield* inParts(level, (some) =>
        Effect.map(idsOf(CHILDREN, [json(some), account]), (found) => {
          // A cycle comes back to what is there.
          for (const one of found) if (!tree.has(one)) below.push(one)
        })
      )
      level = below
    }
    return [...tree]
  })

  const runningOf = Effect.fnUntraced(function* (account: AccountId, ids: ReadonlyArray<BackupId>) {
    let running: BackupId | undefined
    yield* inParts(ids, (some) =>
      running === undefined
        ? Effect.map(idsOf(RUNNING_OF, [json(some), account]), ([found]) => {
            running = found
          })
        : Effect.void
    )
    return running
  })

  return {
    transaction: (name, _, write) => transaction(name, write),
    rowsOf: (account, ids) => rows<BackupRow & { readonly id: BackupId }>(ROWS, [json(ids), account]),
    instanceOf: (account, id) =>
      Effect.map(first<{ instance_id: InstanceId | null }>(INSTANCE, [account, id]), (row) => row?.instance_id),
    descends: (account, id, from) =>
      exists(`${CHAIN} SELECT 1 FROM chain WHERE id = ? LIMIT 1`, [account, id, account, from]),
    hasChildElsewhere: (account, id, instance) => exists(CHILD_ELSEWHERE, [account, id, instance]),
    treeOf,
    runningOf,
    putRows: Effect.fnUntraced(function* (account, planned) {
      for (const { backup, outcome } of planned) {
        if (outcome.kind === "updated" && "created" in outcome.changes) {
          yield* moveOrigins(transactions, account, backup.id, backup.created)
        }
      }
      yield* runMany(
        PUT,
        planned.map(({ row }) => row.values)
      )
    }),
    removeRows,
    unretire: (account, ids) => run(UNRETIRE, [account, json(ids)]),
    expect: (account, instances) => run(EXPECT, [account, json(instances)]),
    noteLoss: (account, ids, at) => inParts(ids, (some) => run(LOST, [at, json(some), account])),
    noteEvents: (account, event, all, at, byImport) =>
      inParts(all, (some) => {
        const values = some.map(({ id, changes }) => [id, changes === undefined ? null : JSON.stringify(changes)])
        return run(NOTE, [account, at, event, byImport, JSON.stringify(values)])
      }),
    raiseVersion
  }
}
