import {
  type AccountId,
  type Backup,
  type BackupId,
  compareText,
  type HistoryEvent,
  type InstanceId,
  instantFromMillis
} from "@backup-catalog/core"
import {
  type BackupStore,
  type ChainProblem,
  type ExistingBackup,
  keepPrecision,
  type PutResult,
  type Registered,
  type Removed,
  type StoreUnavailable
} from "@backup-catalog/core/store"
import type { SqlError } from "@effect/sql"
import { Clock, Effect, Option } from "effect"
import { type BackupRow, isSameRow, readableBackup, toRow, type WrittenRow } from "./backupRows.ts"
import { type Changes, type Happened, recordChanges } from "./recordChanges.ts"

/** What writing a backup means: that there was none, that it was as it is, or from what to what its members change. */
export type Outcome =
  | { readonly kind: "created" }
  | { readonly kind: "unchanged" }
  | { readonly kind: "updated"; readonly changes: Changes }

const created: Outcome = { kind: "created" }

const unchanged: Outcome = { kind: "unchanged" }

/** A backup as it is to be in the store, and what that means. */
export interface Planned {
  readonly backup: Backup
  readonly row: WrittenRow
  readonly outcome: Outcome
}

/** A step within a transaction. */
export type Step<A> = Effect.Effect<A, SqlError.SqlError>

/** What writes of backups are made of, in the language of a store. */
export interface WriteStatements {
  /** One transaction that may write to an account, whose errors are the store's own. */
  readonly transaction: <A>(name: string, account: AccountId, write: Step<A>) => Effect.Effect<A, StoreUnavailable>
  /** The rows of some backups, of those that are there. */
  readonly rowsOf: (
    account: AccountId,
    ids: ReadonlyArray<BackupId>
  ) => Step<ReadonlyArray<BackupRow & { readonly id: BackupId }>>
  /** The instance of a backup; undefined when there is no such backup. */
  readonly instanceOf: (account: AccountId, id: BackupId) => Step<InstanceId | null | undefined>
  /** Whether a backup is another one, or descends from it. */
  readonly descends: (account: AccountId, id: BackupId, from: BackupId) => Step<boolean>
  /** Whether a backup has an increment, other than itself, that is not of this instance. */
  readonly hasChildElsewhere: (account: AccountId, id: BackupId, instance: InstanceId | null) => Step<boolean>
  /** A backup and all that descend from it, the backup first. */
  readonly treeOf: (account: AccountId, id: BackupId) => Step<ReadonlyArray<BackupId>>
  /** The first of some backups that still runs. */
  readonly runningOf: (account: AccountId, ids: ReadonlyArray<BackupId>) => Step<BackupId | undefined>
  /** Adds or replaces the rows of what was planned. */
  readonly putRows: (account: AccountId, planned: ReadonlyArray<Planned>) => Step<void>
  /** Takes backups away, from all their sources, and keeps when they had appeared. */
  readonly removeRows: (account: AccountId, ids: ReadonlyArray<BackupId>) => Step<void>
  /** Forgets that backups were retired: they are back. */
  readonly unretire: (account: AccountId, ids: ReadonlyArray<BackupId>) => Step<void>
  /** Remembers instances, for good. */
  readonly expect: (account: AccountId, instances: ReadonlyArray<InstanceId>) => Step<void>
  /** Notes that instances are about to lose backups that ended well, to whatever becomes of them. */
  readonly noteLoss: (account: AccountId, ids: ReadonlyArray<BackupId>, at: bigint) => Step<void>
  /** Notes that the same thing happened to some backups: at an instant, through an import or none. */
  readonly noteEvents: (
    account: AccountId,
    event: HistoryEvent["event"],
    some: ReadonlyArray<Happened>,
    at: bigint,
    byImport: bigint | null
  ) => Step<void>
  /** Gives the account a new version: something of it has changed. */
  readonly raiseVersion: (account: AccountId) => Step<void>
}

/** The present, as events note it. */
export const present = Effect.map(Clock.currentTimeMillis, instantFromMillis)

/**
 * What writing a backup would mean, by the row that is there. What it holds less exactly than the one before, and does
 * not contradict, stays as it was if the precision is to be `kept`. One that cannot be read is replaced.
 */
export const plan = (
  account: AccountId,
  backup: Backup,
  row: WrittenRow,
  before: BackupRow | undefined,
  precision: "given" | "kept"
): Planned => {
  if (before === undefined) return { backup, row, outcome: created }
  if (isSameRow(before, row)) return { backup, row, outcome: unchanged }
  const old = readableBackup(before)
  const kept = precision === "given" || Option.isNone(old) ? backup : keepPrecision(old.value, backup)
  const keptRow = kept === backup ? row : toRow(account, kept)
  const outcome: Outcome = isSameRow(before, keptRow)
    ? unchanged
    : { kind: "updated", changes: recordChanges(old, kept) }
  return { backup: kept, row: keptRow, outcome }
}

/** Writes what was planned, and what happened; what an import brings appears by its origin, which it writes itself. */
export const writePlanned = Effect.fnUntraced(function* (
  statements: WriteStatements,
  account: AccountId,
  planned: ReadonlyArray<Planned>,
  at: bigint,
  byImport: bigint | null
) {
  const changed = planned.filter(({ outcome }) => outcome.kind !== "unchanged")
  if (changed.length === 0) return
  const updated = changed.flatMap(({ backup: { id }, outcome }) =>
    outcome.kind === "updated" ? [{ id, changes: outcome.changes }] : []
  )
  const leaving = updated.flatMap(({ id, changes }) => ("instance_id" in changes || "status" in changes ? [id] : []))
  if (leaving.length > 0) yield* statements.noteLoss(account, leaving, at)
  yield* statements.putRows(account, changed)
  const created = changed.flatMap(({ backup: { id }, outcome }) => (outcome.kind === "created" ? [id] : []))
  if (created.length > 0) yield* statements.unretire(account, created)
  if (created.length > 0 && byImport === null) {
    yield* statements.noteEvents(
      account,
      "appeared",
      created.map((id) => ({ id })),
      at,
      null
    )
  }
  if (updated.length > 0) yield* statements.noteEvents(account, "changed", updated, at, byImport)
  const instances = new Set(changed.flatMap(({ backup }) => Option.toArray(backup.instanceId)))
  if (instances.size > 0) yield* statements.expect(account, [...instances])
  yield* statements.raiseVersion(account)
})

/** Takes some backups away, and notes what became of them. */
export const removeBackups = Effect.fnUntraced(function* (
  statements: WriteStatements,
  account: AccountId,
  event: "retired" | "deleted",
  ids: ReadonlyArray<BackupId>,
  at: bigint,
  byImport: bigint | null
) {
  yield* statements.noteLoss(account, ids, at)
  yield* statements.removeRows(account, ids)
  yield* statements.noteEvents(
    account,
    event,
    ids.map((id) => ({ id })),
    at,
    byImport
  )
  yield* statements.raiseVersion(account)
})

const keeps = (
  before: Option.Option<ExistingBackup>,
  backup: Backup,
  member: (backup: Backup) => Option.Option<string>
): boolean =>
  Option.exists(
    before,
    (old) => old !== "unreadable" && Option.getOrNull(member(old)) === Option.getOrNull(member(backup))
  )

const problemOf = Effect.fnUntraced(function* (
  statements: WriteStatements,
  account: AccountId,
  before: Option.Option<ExistingBackup>,
  backup: Backup
) {
  const { id, parentId, instanceId } = backup
  const stays = keeps(before, backup, (one) => one.instanceId)
  // A chain that is there as it is, by whatever way it came in, must not keep the rest of the record from changing.
  if (stays && keeps(before, backup, (one) => one.parentId)) return undefined
  const instance = Option.getOrNull(instanceId)
  if (Option.isSome(parentId)) {
    if (parentId.value === id) return "cycle"
    const parent = yield* statements.instanceOf(account, parentId.value)
    if (parent === undefined) return "parentMissing"
    if (parent !== instance) return "parentOfOtherInstance"
    if (yield* statements.descends(account, parentId.value, id)) return "cycle"
  }
  if (stays) return undefined
  return (yield* statements.hasChildElsewhere(account, id, instance)) ? "childOfOtherInstance" : undefined
})

/** What a store does to backups: each in a transaction of its own. */
export const makeWrites = (
  statements: WriteStatements
): Pick<typeof BackupStore.Service, "put" | "register" | "remove"> => {
  const { transaction } = statements

  const rowOf = (account: AccountId, id: BackupId) =>
    Effect.map(statements.rowsOf(account, [id]), ([row]): BackupRow | undefined => row)

  const existing = (row: BackupRow): ExistingBackup =>
    Option.getOrElse(readableBackup(row), () => "unreadable" as const)

  const put = (account: AccountId, backups: ReadonlyArray<Backup>) =>
    Effect.gen(function* () {
      const distinct = [...new Map(backups.map((backup) => [backup.id, backup])).values()]
      const found = yield* statements.rowsOf(
        account,
        distinct.map(({ id }) => id)
      )
      const before = new Map(found.map((row) => [row.id, row]))
      const planned = distinct.map((backup) =>
        plan(account, backup, toRow(account, backup), before.get(backup.id), "given")
      )
      yield* writePlanned(statements, account, planned, yield* present, null)
      const count = (kind: string) => planned.filter(({ outcome }) => outcome.kind === kind).length
      return {
        created: count("created"),
        updated: count("updated"),
        unchanged: count("unchanged")
      } satisfies PutResult
    }).pipe((effect) => transaction("put", account, effect))

  const register = (
    account: AccountId,
    id: BackupId,
    next: (before: Option.Option<ExistingBackup>) => Option.Option<Backup>
  ): Effect.Effect<Registered, StoreUnavailable> =>
    Effect.gen(function* () {
      const row = yield* rowOf(account, id)
      const before = Option.map(Option.fromNullable(row), existing)
      const decided = next(before)
      if (Option.isNone(decided)) return { kind: "refused" } as const
      const { projectId: _, retiredAt: __, ...backup } = decided.value
      const problem: ChainProblem | undefined = yield* problemOf(statements, account, before, backup)
      if (problem !== undefined) return { kind: "impossible", problem } as const
      const planned = plan(account, backup, toRow(account, backup), row, "given")
      yield* writePlanned(statements, account, [planned], yield* present, null)
      return { kind: planned.outcome.kind, backup } as const
    }).pipe((effect) => transaction("register", account, effect))

  const remove = (
    account: AccountId,
    id: BackupId,
    allowed: (before: Option.Option<ExistingBackup>) => boolean
  ): Effect.Effect<Removed, StoreUnavailable> =>
    Effect.gen(function* () {
      const row = yield* rowOf(account, id)
      if (row === undefined) return { kind: "missing" } as const
      if (!allowed(Option.some(existing(row)))) return { kind: "refused" } as const
      const ids = yield* statements.treeOf(account, id)
      const [, ...increments] = ids
      const running = yield* statements.runningOf(account, [id, ...increments.toSorted(compareText)])
      if (running !== undefined) return { kind: "running", id: running } as const
      yield* removeBackups(statements, account, "deleted", ids, yield* present, null)
      return { kind: "removed", count: ids.length } as const
    }).pipe((effect) => transaction("remove", account, effect))

  return { put, register, remove }
}
