import { randomInt } from "node:crypto"
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
import { SqlClient } from "@effect/sql"
import { Array as Arr, Clock, Effect, Option } from "effect"
import { CHAIN, TREE } from "./chainSql.ts"
import { BACKUP_COLUMNS, type BackupRow, COLUMNS, toBackup, toRow } from "./rows.ts"
import { unavailable } from "./storeFailure.ts"

/** Rows written by one statement; SQLite takes 32,766 values. */
const ROWS_AT_ONCE = 250

const ROW = `(${COLUMNS.replace(/\w+/g, "?")})`

const putSql = (rows: number): string => `
  INSERT INTO backups (${COLUMNS}) VALUES ${Array(rows).fill(ROW).join(", ")}
  ON CONFLICT (account, id) DO UPDATE SET
    created = excluded.created, updated = excluded.updated, instance_id = excluded.instance_id,
    status = excluded.status, datastore = excluded.datastore, parent_id = excluded.parent_id,
    size_bytes = excluded.size_bytes, record = excluded.record
  WHERE (created, updated, size_bytes, record)
    IS NOT (excluded.created, excluded.updated, excluded.size_bytes, excluded.record)`

// CROSS fixes the order of the loops: the other one walks the whole account for every batch.
const KNOWN = `
  SELECT count(*) AS known FROM json_each(?) AS input
  CROSS JOIN backups ON backups.account = ? AND backups.id = input.value`

// A version that never comes again, also not when the store is put back to an earlier state, or the clock, and goes on
// from there: the time in steps of 2^-20 ms, and a number by chance on top of it.
const RAISE = `
  INSERT INTO accounts (account, version) VALUES (?, ? + ?)
  ON CONFLICT (account) DO UPDATE SET version = max(version, ?) + ?`

const RUNNING = [...runningStatuses].map((status) => `'${status}'`).join(", ")

/** What the SQLite store does to backups: each in a transaction of its own. */
export const makeWrites = Effect.map(SqlClient.SqlClient, (sql) => {
  const rows = <Row extends object>(text: string, params: ReadonlyArray<unknown>) => sql.unsafe<Row>(text, params)
  const first = <Row extends object>(text: string, params: ReadonlyArray<unknown>) =>
    Effect.map(rows<Row>(text, params), ([row]) => row)

  const transaction = <A, E>(name: string, write: Effect.Effect<A, E>) =>
    Effect.zipRight(
      // Waits for other writers here: SQLite refuses at once to turn a transaction that began by reading into a writing one.
      sql.unsafe("UPDATE backups SET id = id WHERE false"),
      write
    ).pipe(sql.withTransaction, Effect.withSpan(`BackupStore.${name}`))

  const raiseVersion = (account: AccountId) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const raised = [BigInt(Math.trunc(now)) << 20n, BigInt(randomInt(1, 2 ** 20))]
      return sql.unsafe(RAISE, [account, ...raised, ...raised])
    })

  const changes = Effect.map(first<{ changed: number }>("SELECT changes() AS changed", []), (row) => row?.changed ?? 0)

  /** Adds or replaces rows, and gives how many were not as they are now. */
  const write = Effect.fnUntraced(function* (account: AccountId, backups: ReadonlyArray<Backup>) {
    let changed = 0
    for (const some of Arr.chunksOf(backups, ROWS_AT_ONCE)) {
      yield* sql.unsafe(
        putSql(some.length),
        some.flatMap((backup) => toRow(account, backup))
      )
      changed += yield* changes
    }
    if (changed > 0) yield* raiseVersion(account)
    return changed
  })

  const read = (account: AccountId, id: BackupId) =>
    first<BackupRow>(`SELECT ${BACKUP_COLUMNS} FROM backups WHERE account = ? AND id = ?`, [account, id]).pipe(
      Effect.provideService(SqlClient.SafeIntegers, true),
      Effect.flatMap((row) => (row === undefined ? Effect.succeedNone : Effect.asSome(toBackup(row))))
    )

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

  const put = (account: AccountId, backups: ReadonlyArray<Backup>) => {
    const distinct = [...new Map(backups.map((backup) => [backup.id, backup])).values()]
    const ids = JSON.stringify(distinct.map(({ id }) => id))
    return Effect.gen(function* () {
      const known = (yield* first<{ known: number }>(KNOWN, [ids, account]))?.known ?? 0
      const changed = yield* write(account, distinct)
      const created = distinct.length - known
      return { created, updated: changed - created, unchanged: distinct.length - changed } satisfies PutResult
    }).pipe((effect) => transaction("put", effect), unavailable)
  }

  const register = (
    account: AccountId,
    id: BackupId,
    next: (before: Option.Option<Backup>) => Option.Option<Backup>
  ): Effect.Effect<Registered, StoreUnavailable> =>
    Effect.gen(function* () {
      const before = yield* read(account, id)
      const decided = next(before)
      if (Option.isNone(decided)) return { kind: "refused" } as const
      const { projectId: _, ...backup } = decided.value
      // A chain that is there as it is, by whatever way it came in, must not keep the rest of the record from changing.
      const asBefore = Option.exists(before, (old) => sameParent(old, backup))
      const problem: ChainProblem | undefined = asBefore ? undefined : yield* problemOf(account, backup)
      if (problem !== undefined) return { kind: "impossible", problem } as const
      const changed = yield* write(account, [backup])
      if (Option.isNone(before)) return { kind: "created", backup } as const
      return { kind: changed > 0 ? "updated" : "unchanged", backup } as const
    }).pipe((effect) => transaction("register", effect), unavailable)

  const remove = (
    account: AccountId,
    id: BackupId,
    allowed: (backup: Backup) => boolean
  ): Effect.Effect<Removed, StoreUnavailable> =>
    Effect.gen(function* () {
      const backup = yield* read(account, id)
      if (Option.isNone(backup)) return { kind: "missing" } as const
      if (!allowed(backup.value)) return { kind: "refused" } as const
      const tree = [account, id, account, account]
      const running = yield* first<{ id: BackupId }>(
        `${TREE} SELECT id FROM backups WHERE account = ? AND id IN (SELECT id FROM tree) AND status IN (${RUNNING})
         ORDER BY id = ? DESC LIMIT 1`,
        [...tree, id]
      )
      if (running !== undefined) return { kind: "running", id: running.id } as const
      yield* sql.unsafe(`${TREE} DELETE FROM backups WHERE account = ? AND id IN (SELECT id FROM tree)`, tree)
      const count = yield* changes
      yield* raiseVersion(account)
      return { kind: "removed", count } as const
    }).pipe((effect) => transaction("remove", effect), unavailable)

  return { put, register, remove }
})
