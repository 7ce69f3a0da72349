import {
  type AccountId,
  type Backup,
  type BackupId,
  type ChainProblem,
  type PutResult,
  type Registered,
  type Removed,
  runningStatuses,
  type StoreUnavailable
} from "@backup-catalog/core"
import { Effect, Option } from "effect"
import { CHAIN, TREE } from "./chainSql.ts"
import { removeRows } from "./events.ts"
import { BACKUP_COLUMNS, type BackupRow, toBackup } from "./rows.ts"
import { makeTransactions, present } from "./transactions.ts"
import { makeUpsert } from "./upsertRows.ts"

const RUNNING = [...runningStatuses].map((status) => `'${status}'`).join(", ")

/** What the SQLite store does to backups: each in a transaction of its own. */
export const makeWrites = Effect.map(makeTransactions, (transactions) => {
  const { rows, first, transaction } = transactions
  const upsert = makeUpsert(transactions)

  const rowOf = (account: AccountId, id: BackupId) =>
    first<BackupRow>(`SELECT ${BACKUP_COLUMNS} FROM backups WHERE account = ? AND id = ?`, [account, id])

  const backupOf = (row: BackupRow | undefined) =>
    row === undefined ? Effect.succeedNone : Effect.asSome(toBackup(row))

  const sameParent = (before: Backup, { parentId, instanceId }: Backup): boolean =>
    Option.getOrNull(before.parentId) === Option.getOrNull(parentId) &&
    Option.getOrNull(before.instanceId) === Option.getOrNull(instanceId)

  const problemOf = Effect.fnUntraced(function* (account: AccountId, { id, parentId, instanceId }: Backup) {
    const exists = (text: string, params: ReadonlyArray<unknown>) =>
      Effect.map(first(`SELECT 1 FROM ${text} LIMIT 1`, params), (row) => row !== undefined)
    const instance = Option.getOrNull(instanceId)
    if (Option.isSome(parentId)) {
      if (parentId.value === id) return "cycle"
      const parent = [account, parentId.value]
      if (!(yield* exists("backups WHERE account = ? AND id = ?", parent))) return "parentMissing"
      if (yield* exists("backups WHERE account = ? AND id = ? AND instance_id IS NOT ?", [...parent, instance])) {
        return "parentOfOtherInstance"
      }
      const above = yield* first(`${CHAIN} SELECT 1 FROM chain WHERE id = ?`, [...parent, account, id])
      if (above !== undefined) return "cycle"
    }
    const child = "backups INDEXED BY backups_by_parent WHERE account = ? AND parent_id = ? AND instance_id IS NOT ?"
    return (yield* exists(child, [account, id, instance])) ? "childOfOtherInstance" : undefined
  })

  const put = (account: AccountId, backups: ReadonlyArray<Backup>) =>
    Effect.gen(function* () {
      const distinct = [...new Map(backups.map((backup) => [backup.id, backup])).values()]
      const planned = yield* upsert.planAll(account, distinct)
      yield* upsert.write(account, planned, yield* present, null)
      const count = (kind: string) => planned.filter(({ outcome }) => outcome.kind === kind).length
      return {
        created: count("created"),
        updated: count("updated"),
        unchanged: count("unchanged")
      } satisfies PutResult
    }).pipe((effect) => transaction("put", effect))

  const register = (
    account: AccountId,
    id: BackupId,
    next: (before: Option.Option<Backup>) => Option.Option<Backup>
  ): Effect.Effect<Registered, StoreUnavailable> =>
    Effect.gen(function* () {
      const row = yield* rowOf(account, id)
      const before = yield* backupOf(row)
      const decided = next(before)
      if (Option.isNone(decided)) return { kind: "refused" } as const
      const { projectId: _, retiredAt: __, ...backup } = decided.value
      // A chain that is there as it is, by whatever way it came in, must not keep the rest of the record from changing.
      const asBefore = Option.exists(before, (old) => sameParent(old, backup))
      const problem: ChainProblem | undefined = asBefore ? undefined : yield* problemOf(account, backup)
      if (problem !== undefined) return { kind: "impossible", problem } as const
      const planned = yield* upsert.plan(account, backup, row, true)
      yield* upsert.write(account, [planned], yield* present, null)
      return { kind: planned.outcome.kind, backup } as const
    }).pipe((effect) => transaction("register", effect))

  const remove = (
    account: AccountId,
    id: BackupId,
    allowed: (backup: Backup) => boolean
  ): Effect.Effect<Removed, StoreUnavailable> =>
    Effect.gen(function* () {
      const backup = yield* Effect.flatMap(rowOf(account, id), backupOf)
      if (Option.isNone(backup)) return { kind: "missing" } as const
      if (!allowed(backup.value)) return { kind: "refused" } as const
      const tree = [account, id, account, account]
      const running = yield* first<{ id: BackupId }>(
        `${TREE} SELECT id FROM backups WHERE account = ? AND id IN (SELECT id FROM tree) AND status IN (${RUNNING})
         ORDER BY id = ? DESC LIMIT 1`,
        [...tree, id]
      )
      if (running !== undefined) return { kind: "running", id: running.id } as const
      const gone = yield* rows<{ id: BackupId }>(`${TREE} SELECT id FROM tree`, tree.slice(0, 3))
      const ids = gone.map((one) => one.id)
      yield* removeRows(transactions, account, "deleted", ids, yield* present, null)
      return { kind: "removed", count: ids.length } as const
    }).pipe((effect) => transaction("remove", effect))

  return { put, register, remove }
})
