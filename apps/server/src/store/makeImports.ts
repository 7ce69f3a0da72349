import { randomInt, randomUUID } from "node:crypto"
import type {
  AccountId,
  Backup,
  BackupId,
  BatchResult,
  Begun,
  Difference,
  ImportEnd,
  ImportMode,
  ImportStore,
  Instant,
  Orphan,
  Overtaken,
  Placed,
  Position,
  RetireResult,
  RunningImport,
  SourcedBackup,
  SourceName,
  StoreUnavailable
} from "@backup-catalog/core"
import { Effect, FiberRef, Option } from "effect"
import { readBackup, toRow } from "./backupRows.ts"
import { type Outcome, type Planned, plan, present, removeBackups, type Step, writePlanned } from "./backupWrites.ts"
import { ChangedChildren } from "./ChangedChildren.ts"
import type { GoneRow, ImportStatements, Incoming, KnownRow, OrphanRow } from "./ImportStatements.ts"
import { ABANDONED, type ImportRow, toImport } from "./importRows.ts"
import { type OriginRow, toOrigin } from "./origins.ts"
import { type Changes, changesOf } from "./recordChanges.ts"

/** One backup of a batch that was there: what it means, and its origin where that is still to be written. */
interface Arrived {
  readonly planned: Planned
  readonly origin: OriginRow | undefined
}

/** Backups of one write, as they are sent, without those that are in it twice, of which the first one counts. */
interface Batch<Given> {
  readonly incoming: ReadonlyArray<Incoming>
  readonly given: Given
  readonly repeated: ReadonlySet<number>
}

/** A source, as an import that runs has it. */
interface Hold {
  readonly source: bigint
  readonly row: ImportRow
  /**
   * Of a dry run: what would have another parent, which changes how many orphans there are, and what would only look
   * different.
   */
  readonly moved: ChangedChildren
  readonly renamed: ChangedChildren
}

type Counts = Readonly<Record<"created" | "updated" | "unchanged", number>>

const nothingCounted: Counts = { created: 0, updated: 0, unchanged: 0 }

const sumOf = (a: Counts, b: Counts): Counts => ({
  created: a.created + b.created,
  updated: a.updated + b.updated,
  unchanged: a.unchanged + b.unchanged
})

/** What steps in one transaction have in common: whether the import holds its source, and what they have done. */
interface Common {
  readonly isHeld: boolean
  counts: Counts
}

const overtaken: Overtaken = { kind: "overtaken" }

const full: Begun = { kind: "full" }

const nothingYet = { created: 0n, updated: 0n, unchanged: 0n, retired: 0n, rejected: 0n, orphaned: 0n, held: true }

/** What a source says anew of a backup that it has. */
const originChanges = (before: OriginRow, { native_id, native_parent_id, suspect }: OriginRow): Changes => {
  const { native_id: id, native_parent_id: parent, suspect: doubt } = before
  return changesOf(
    { native_id: id, native_parent_id: parent, suspect: doubt },
    { native_id, native_parent_id, suspect }
  )
}

/** What was planned, with what its origin changes as well. */
const withChanges = (planned: Planned, changes: Changes): Planned => {
  const { outcome } = planned
  if (outcome.kind === "created" || Object.keys(changes).length === 0) return planned
  const all = outcome.kind === "updated" ? { ...outcome.changes, ...changes } : changes
  return { ...planned, outcome: { kind: "updated", changes: all } }
}

/** What a backup means, by what was there of it. */
const toArrived = (account: AccountId, { row, origin }: Incoming, before: KnownRow): Arrived => {
  const planned = plan(account, readBackup(row), row, before, false)
  if (!before.known) return { planned, origin }
  const changes = originChanges(before, origin)
  const isSame = Object.keys(changes).length === 0
  return { planned: withChanges(planned, changes), origin: isSame ? undefined : origin }
}

/** A backup of a batch that is not as it was, and what it would become; new where there is no outcome. */
interface Different {
  readonly backup: Backup
  readonly outcome: Outcome | undefined
}

const differenceOf = ({ backup, outcome }: Different): ReadonlyArray<Difference> => {
  const { id, name, instanceId } = backup
  if (outcome?.kind === "unchanged") return []
  const members = outcome?.kind === "updated" ? Object.keys(outcome.changes) : []
  return [{ change: outcome?.kind ?? "created", id, name, instanceId, members }]
}

/** The places of a list, such as `0,2`. */
const placesOf = (list: string | null | undefined): ReadonlySet<number> =>
  new Set(list === null || list === undefined ? [] : list.split(",").map(Number))

const differentOf = (
  { incoming }: Pick<Batch<unknown>, "incoming">,
  { same, repeated }: Readonly<Record<"same" | "repeated", ReadonlySet<number>>>,
  arrived: ReadonlyArray<Arrived>
): ReadonlyArray<Different> => {
  const outcomes = new Map(arrived.map(({ planned }) => [planned.backup.id, planned.outcome]))
  return incoming.flatMap(({ place, id, row }) =>
    same.has(place) || repeated.has(place) ? [] : [{ backup: readBackup(row), outcome: outcomes.get(id) }]
  )
}

/** Whether a backup has another parent than what is there. */
const isMoved = ({ backup: { parentId }, outcome }: Different): boolean =>
  outcome === undefined ? Option.isSome(parentId) : outcome.kind === "updated" && "parent_id" in outcome.changes

/** Whether a backup keeps its parent, and is told of by another name or in another place than what is there. */
const isRenamed = ({ outcome }: Different): boolean =>
  outcome?.kind === "updated" &&
  !("parent_id" in outcome.changes) &&
  ("name" in outcome.changes || "created" in outcome.changes)

const retiredDifference = ({ created, id, name, instance_id }: GoneRow): Placed<Difference> => ({
  at: { created, id },
  told: { change: "retired", id, name, instanceId: Option.fromNullable(instance_id), members: [] }
})

const toOrphan = ({ created, id, name, parent_id }: OrphanRow): Placed<Orphan> => ({
  at: { created, id },
  told: { id, name, parentId: parent_id }
})

const toRetired = (
  { dryRun }: RunningImport,
  gone: ReadonlyArray<GoneRow>,
  orphans: ReadonlyArray<OrphanRow>
): Omit<RetireResult, "next"> => ({
  retired: gone.length,
  orphaned: orphans.length,
  orphans: orphans.map(toOrphan),
  differences: dryRun ? gone.map(retiredDifference) : []
})

/** What imports do, step by step, over the statements of a store. */
export const makeImports = <Given>(
  lease: number,
  statements: ImportStatements<Given>
): Omit<typeof ImportStore.Service, "list" | "placeOf" | "get" | "history"> => {
  const { transaction, look } = statements
  const holds = new Map<string, Hold>()
  const shared = FiberRef.unsafeMake<Common | undefined>(undefined)

  const holdOf = (running: RunningImport): Hold => {
    const hold = holds.get(running.id)
    if (hold === undefined) throw new Error("an import was used that never began, or has ended")
    return hold
  }

  const hear = (running: RunningImport, { source }: Hold) => statements.hear(running.account, source, running.number)

  /** Runs a step while the import holds its source; a dry run has nothing to hold. */
  const step = <A>(
    running: RunningImport,
    name: string,
    body: (hold: Hold) => Step<A>
  ): Effect.Effect<A | Overtaken, StoreUnavailable> =>
    Effect.flatMap(FiberRef.get(shared), (within) => {
      const hold = holdOf(running)
      if (running.dryRun) return look(running.account, running.number, body(hold))
      return transaction(
        name,
        running.account,
        Effect.if(within === undefined ? hear(running, hold) : Effect.succeed(within.isHeld), {
          onTrue: (): Step<A | Overtaken> => body(hold),
          onFalse: () => Effect.succeed(overtaken)
        })
      )
    })

  /** Notes what parts have done. */
  const tally = Effect.fnUntraced(function* ({ account, number }: RunningImport, counts: Counts) {
    if (counts.created > 0) yield* statements.raiseVersion(account)
    yield* statements.count(account, number, counts)
  })

  /** Runs steps in one transaction, of which each part need not look who holds the source, and count, by itself. */
  const together = <A, E>(running: RunningImport, steps: Effect.Effect<A, E>) => {
    const whole = Effect.gen(function* () {
      const within = { isHeld: yield* hear(running, holdOf(running)), counts: nothingCounted }
      const result = yield* Effect.locally(steps, shared, within)
      if (!within.isHeld) return result
      yield* tally(running, within.counts)
      // It may have taken most of a lease.
      yield* hear(running, holdOf(running))
      return result
    })
    return running.dryRun ? steps : statements.together("import", running.account, whole)
  }

  /** Takes the source for a new import, and ends one of it that nothing was heard of; or says since when one runs. */
  const takeSource = Effect.fnUntraced(function* (
    account: AccountId,
    source: SourceName,
    mode: ImportMode,
    id: string
  ) {
    const started = yield* present
    yield* statements.addSource(account, source)
    const holder = yield* statements.holderOf(account, source, lease)
    if (holder?.held) return holder.started as Instant
    if (holder !== undefined) yield* statements.interrupt(account, holder.number, started, ABANDONED)
    const entered = yield* statements.enter(account, source, id, mode, started)
    if (entered === undefined) return yield* Effect.dieMessage("a source that was just made is not there")
    yield* statements.prune(account, entered.source)
    yield* statements.take(account, entered.source, entered.number)
    return entered
  })

  const start = Effect.fnUntraced(function* (
    account: AccountId,
    { id, number, source }: Readonly<Record<"number" | "source", bigint> & { id: string }>,
    asked: { readonly source: SourceName; readonly mode: ImportMode }
  ) {
    yield* statements.open(account, number)
    const common = { number, id, ...asked, started: yield* present }
    holds.set(id, {
      source,
      row: { ...common, status: "RUNNING", finished: null, message: null, ...nothingYet },
      moved: new ChangedChildren(),
      renamed: new ChangedChildren()
    })
    return { kind: "begun", import: { number, account, id, dryRun: number < 0n } } satisfies Begun
  })

  /**
   * Begins with a source, by its number if the account has it, unless it would be one more than the account may have.
   */
  const unlessFull = (
    account: AccountId,
    source: SourceName,
    maxSources: number,
    body: (known: bigint | undefined) => Step<Begun>
  ): Step<Begun> =>
    Effect.flatMap(statements.sourceOf(account, source), (known) =>
      known === undefined
        ? Effect.if(statements.hasSources(account, maxSources), {
            onTrue: () => Effect.succeed(full),
            onFalse: () => body(known)
          })
        : body(known)
    )

  const beginDryRun = (account: AccountId, source: SourceName, mode: ImportMode, maxSources: number) => {
    const number = -BigInt(randomInt(1, 2 ** 47))
    const body = unlessFull(account, source, maxSources, (known = 0n) =>
      start(account, { id: randomUUID(), number, source: known }, { source, mode })
    )
    return look(account, number, body)
  }

  const beginToWrite = (account: AccountId, source: SourceName, mode: ImportMode, maxSources: number) => {
    const id = randomUUID()
    const body = unlessFull(account, source, maxSources, () =>
      Effect.flatMap(takeSource(account, source, mode, id), (taken) =>
        typeof taken === "bigint"
          ? Effect.succeed<Begun>({ kind: "busy", started: taken })
          : start(account, { id, ...taken }, { source, mode })
      )
    )
    return transaction("beginImport", account, body)
  }

  const begin = (
    account: AccountId,
    source: SourceName,
    mode: ImportMode,
    dryRun: boolean,
    maxSources: number
  ): Effect.Effect<Begun, StoreUnavailable> =>
    Effect.zipLeft(
      dryRun ? beginDryRun(account, source, mode, maxSources) : beginToWrite(account, source, mode, maxSources),
      Effect.forkDaemon(Effect.ignore(statements.sweep(account)))
    )

  const toBatch = (account: AccountId, backups: Iterable<SourcedBackup>): Batch<Given> => {
    const ids = new Set<BackupId>()
    const repeated = new Set<number>()
    const incoming: Array<Incoming> = []
    for (const backup of backups) {
      const place = incoming.length + repeated.size
      if (ids.has(backup.id)) repeated.add(place)
      else incoming.push({ place, id: backup.id, row: toRow(account, backup), origin: toOrigin(backup) })
      ids.add(backup.id)
    }
    return { incoming, given: statements.give(incoming), repeated }
  }

  // Most backups are new, or are as they were: only the others are looked at one by one.
  const arrive = Effect.fnUntraced(function* (account: AccountId, source: bigint, others: ReadonlyArray<Incoming>) {
    if (others.length === 0) return []
    const rows = yield* statements.knownOf(
      account,
      source,
      others.map(({ id }) => id)
    )
    const before = new Map(rows.map((row) => [row.id, row]))
    return others.flatMap((one) => {
      const row = before.get(one.id)
      return row === undefined ? [] : [toArrived(account, one, row)]
    })
  })

  /** Writes what has changed of what was there; what was not there has been added. */
  const writeChanged = Effect.fnUntraced(function* (
    running: RunningImport,
    { source }: Hold,
    arrived: ReadonlyArray<Arrived>,
    at: bigint
  ) {
    const { account, number } = running
    const changed = arrived.flatMap(({ planned }) => (planned.outcome.kind === "updated" ? [planned] : []))
    yield* writePlanned(statements, account, changed, at, number)
    const moved = changed.filter(({ outcome }) => outcome.kind === "updated" && "created" in outcome.changes)
    if (moved.length > 0)
      yield* statements.follow(
        running,
        moved.map(({ backup }) => backup)
      )
    const origins = arrived.flatMap(({ planned: { row, backup }, origin }) =>
      origin === undefined ? [] : [{ ...origin, id: backup.id, created: row.created }]
    )
    if (origins.length > 0) yield* statements.putOrigins(account, source, number, origins)
  })

  /**
   * Notes what a dry run would change of the children of a parent that may go: the rows of the store tell nothing of
   * it.
   */
  const noteChildren = Effect.fnUntraced(function* (
    { account }: RunningImport,
    { source, row, moved, renamed }: Hold,
    different: ReadonlyArray<Different>
  ) {
    const some = row.mode === "snapshot" ? different.filter((one) => isMoved(one) || isRenamed(one)) : []
    if (some.length === 0) return
    const parents = new Set(some.flatMap(({ backup }) => Option.toArray(backup.parentId)))
    const known = yield* statements.knownOf(account, source, [...parents])
    const mayGo = new Set(known.flatMap((one) => (one.known ? [one.id] : [])))
    const isUnderThem = ({ backup }: Different) => Option.exists(backup.parentId, (id) => mayGo.has(id))
    const note = (children: ChangedChildren, which: ReadonlyArray<Different>) =>
      children.note(
        which.map(({ backup }) => backup),
        mayGo
      )
    // Of what is new under a parent that stays, there is nothing to tell: an import of a new source has only that.
    note(
      moved,
      some.filter((one) => isMoved(one) && (one.outcome !== undefined || isUnderThem(one)))
    )
    note(
      renamed,
      some.filter((one) => isRenamed(one) && isUnderThem(one))
    )
  })

  const write = (running: RunningImport, backups: Iterable<SourcedBackup>) => {
    const batch = toBatch(running.account, backups)
    return step<BatchResult>(running, "writeImport", (hold) =>
      Effect.gen(function* () {
        const { dryRun } = running
        const at = yield* present
        const { incoming, given } = batch
        const met = yield* statements.bring(running, hold.source, given, at)
        const [before, same, others] = [placesOf(met?.repeated), placesOf(met?.same), placesOf(met?.others)]
        const arrived = yield* arrive(
          running.account,
          hold.source,
          incoming.filter(({ place }) => others.has(place))
        )
        const updated = arrived.filter(({ planned }) => planned.outcome.kind === "updated").length
        const counts = {
          created: incoming.length - before.size - same.size - arrived.length,
          updated,
          unchanged: same.size + arrived.length - updated
        }
        const repeated = new Set([...batch.repeated, ...before])
        if (dryRun) {
          const different = differentOf(batch, { same, repeated }, arrived)
          yield* noteChildren(running, hold, different)
          return { ...counts, repeated, differences: different.flatMap(differenceOf) }
        }
        yield* writeChanged(running, hold, arrived, at)
        const within = yield* FiberRef.get(shared)
        if (within === undefined) yield* tally(running, counts)
        else within.counts = sumOf(within.counts, counts)
        return { ...counts, repeated, differences: [] }
      })
    )
  }

  /** What goes of some backups that this import has not brought, and what that does to others. */
  const departure = Effect.fnUntraced(function* (
    running: RunningImport,
    { source, moved, renamed }: Hold,
    missing: ReadonlyArray<BackupId>
  ) {
    const { account } = running
    const kept = new Set(yield* statements.sharedOf(account, source, missing))
    const ids = missing.filter((id) => !kept.has(id))
    const gone = yield* statements.goneOf(account, ids)
    const stored = yield* statements.orphansOf(running, source, ids)
    return { ids, gone, orphans: moved.orphansOf(renamed.orphansOf(stored, ids), ids) }
  })

  const depart = Effect.fnUntraced(function* (
    { account, number }: RunningImport,
    { source }: Hold,
    missing: ReadonlyArray<BackupId>,
    { ids, gone, orphans }: Effect.Effect.Success<ReturnType<typeof departure>>
  ) {
    if (ids.length > 0) {
      const at = yield* present
      yield* statements.retireRows(account, ids, at)
      yield* removeBackups(statements, account, "retired", ids, at, number)
    }
    yield* statements.leave(account, source, missing)
    yield* statements.count(account, number, { retired: gone.length, orphaned: orphans.length })
  })

  const retire = (running: RunningImport, after: Position | undefined) =>
    step<RetireResult>(running, "retire", (hold) =>
      Effect.gen(function* () {
        const { missing, next } = yield* statements.lookThrough(running, hold.source, after)
        if (missing.length === 0) return { ...toRetired(running, [], []), next }
        const departing = yield* departure(running, hold, missing)
        if (!running.dryRun) yield* depart(running, hold, missing, departing)
        return { ...toRetired(running, departing.gone, departing.orphans), next }
      })
    )

  const keep = (running: RunningImport) =>
    running.dryRun
      ? Effect.as(look(running.account, running.number, Effect.void), true)
      : Effect.map(
          step(running, "keepImport", () => Effect.succeed(true)),
          (held) => held === true
        )

  const ended = Effect.fnUntraced(function* (
    { account, number }: RunningImport,
    { source, row }: Hold,
    { status, message, rejected }: ImportEnd
  ) {
    const finished = yield* present
    yield* statements.finish(account, number, { status, finished, rejected, message: Option.getOrNull(message) })
    yield* statements.release(account, source, number)
    return toImport((yield* statements.importOf(account, number)) ?? row)
  })

  const end = (running: RunningImport, given: ImportEnd) =>
    Effect.suspend(() => {
      const hold = holdOf(running)
      const { account, number } = running
      const { status } = given
      const message = Option.getOrNull(given.message)
      const result = running.dryRun
        ? Effect.map(present, (finished) => toImport({ ...hold.row, status, finished, message }))
        : statements.lasting("endImport", account, ended(running, hold, given))
      return result.pipe(
        // What is left of it is found by the next one that begins.
        Effect.tap(() => Effect.ignore(statements.close(account, number))),
        Effect.tap(() => Effect.sync(() => holds.delete(running.id)))
      )
    })

  return {
    lease,
    atOnce: statements.atOnce,
    begin,
    isAwaited: ({ account }) => statements.isAwaited(account),
    together,
    write,
    sight: (running, ids) =>
      Effect.suspend(() => {
        holdOf(running)
        return running.dryRun
          ? look(running.account, running.number, statements.sight(running, ids))
          : transaction("sight", running.account, statements.sight(running, ids))
      }),
    known: (running) =>
      Effect.suspend(() => {
        const { source } = holdOf(running)
        return look(running.account, running.number, statements.known(running.account, source))
      }),
    retire,
    keep,
    end
  }
}
