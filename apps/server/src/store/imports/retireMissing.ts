import type { BackupId, Difference, Orphan, Position } from "@backup-catalog/core"
import type { ImportStore, RetireResult, RunningImport, Told } from "@backup-catalog/core/store"
import { Effect, Option } from "effect"
import { present, removeBackups } from "../backupWrites.ts"
import { changesOf } from "../recordChanges.ts"
import type { Hold, Holds } from "./Holds.ts"
import type { GoneRow, ImportStatements, OrphanRow } from "./ImportStatements.ts"

/** What goes of some backups that an import has not brought, and what that does to others. */
interface Departure {
  readonly ids: ReadonlyArray<BackupId>
  /** Which stay, as another source has them. */
  readonly kept: ReadonlyArray<BackupId>
  readonly gone: ReadonlyArray<GoneRow>
  readonly orphans: ReadonlyArray<OrphanRow>
}

const nothingGoes: Departure = { ids: [], kept: [], gone: [], orphans: [] }

const retiredDifference = ({ created, id, name, instance_id }: GoneRow): Told<Difference> => ({
  at: { created, id },
  told: { change: "retired", id, name, instanceId: Option.fromNullable(instance_id), members: [] }
})

const toOrphan = ({ created, id, name, parent_id }: OrphanRow): Told<Orphan> => ({
  at: { created, id },
  told: { id, name, parentId: parent_id }
})

const toResult = (
  { dryRun }: RunningImport,
  { gone, orphans }: Departure,
  next: Position | undefined
): RetireResult => ({
  retired: gone.length,
  orphaned: orphans.length,
  orphans: orphans.map(toOrphan),
  differences: dryRun ? gone.map(retiredDifference) : [],
  next
})

/** How snapshots retire, some at a time, what they have not brought. */
export const makeRetire = <Given>(
  statements: ImportStatements<Given>,
  holds: Holds
): typeof ImportStore.Service.retire => {
  const departureOf = Effect.fnUntraced(function* (
    running: RunningImport,
    { source, moved, renamed }: Hold,
    missing: ReadonlyArray<BackupId>
  ) {
    const { account } = running
    const kept = yield* statements.sharedOf(account, source, missing)
    const stays = new Set(kept)
    const ids = missing.filter((id) => !stays.has(id))
    const gone = yield* statements.goneOf(account, ids)
    const stored = yield* statements.orphansOf(running, source, ids)
    return { ids, kept, gone, orphans: moved.orphansOf(renamed.orphansOf(stored, ids), ids) } satisfies Departure
  })

  /** Notes what the source no longer says of backups that stay. */
  const takeBack = Effect.fnUntraced(function* (
    { account, number }: RunningImport,
    source: bigint,
    kept: ReadonlyArray<BackupId>,
    at: bigint
  ) {
    const suspected = (yield* statements.knownOf(account, source, kept)).filter(({ suspect }) => suspect !== null)
    if (suspected.length === 0) return
    const events = suspected.map(({ id, suspect }) => ({ id, changes: changesOf({ suspect }, { suspect: null }) }))
    yield* statements.noteEvents(account, "changed", events, at, number)
    yield* statements.raiseVersion(account)
  })

  const depart = Effect.fnUntraced(function* (
    running: RunningImport,
    { source }: Hold,
    missing: ReadonlyArray<BackupId>,
    { ids, kept, gone, orphans }: Departure
  ) {
    const { account, number } = running
    const at = yield* present
    if (ids.length > 0) {
      yield* statements.retireRows(account, ids, at)
      yield* removeBackups(statements, account, "retired", ids, at, number)
    }
    if (kept.length > 0) yield* takeBack(running, source, kept, at)
    yield* statements.leave(account, source, missing)
    yield* statements.count(account, number, { retired: gone.length, orphaned: orphans.length })
  })

  return (running, after) =>
    holds.step(running, "retire", (hold) =>
      Effect.gen(function* () {
        const { missing, next } = yield* statements.lookThrough(running, hold.source, after)
        if (missing.length === 0) return toResult(running, nothingGoes, next)
        const departure = yield* departureOf(running, hold, missing)
        if (!running.dryRun) yield* depart(running, hold, missing, departure)
        return toResult(running, departure, next)
      })
    )
}
