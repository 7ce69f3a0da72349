import { randomUUID } from "node:crypto"
import {
  type AccountId,
  type BackupId,
  type BatchResult,
  type Begun,
  type Difference,
  type ImportEnd,
  type ImportMode,
  ImportStore,
  type Instant,
  type Orphan,
  type Overtaken,
  type Position,
  type RetireResult,
  type RunningImport,
  type SourcedBackup,
  type SourceName,
  type StoreUnavailable
} from "@backup-catalog/core"
import type { SqlClient, SqlError } from "@effect/sql"
import { Clock, Duration, Effect, Layer, Option } from "effect"
import { type Changes, changesOf, removeRows } from "./events.ts"
import { historyOf } from "./history.ts"
import { ABANDONED, IMPORTS, type ImportRow, makePastImports, toImport } from "./importRows.ts"
import { OF_BACKUP, type OriginRow, putOrigins, SOME_BACKUPS, toOrigin } from "./origins.ts"
import type { BackupRow } from "./rows.ts"
import { SqliteReader } from "./SqliteReader.ts"
import { makeTransactions, present } from "./transactions.ts"
import { makeUpsert, type Planned } from "./upsertRows.ts"
import type { WriteTurn } from "./WriteTurn.ts"

/** Origins looked at in one step of retiring. */
const RETIRED_AT_ONCE = 2000

/** After how long a transaction nothing is written, and for how long, in milliseconds: other processes look every 20 for a gap. */
const GAP = { after: 100, for: 25 }

const NOWHERE = -(2n ** 63n)

// In front of everything that is somewhere.
const START: Position = { created: NOWHERE as Instant, id: "" as BackupId }

// What there is of some backups: the row, its origin in a source, and whether an import has brought it.
const KNOWN = (sighted: string) => `
  SELECT backups.id, backups.created, updated, size_bytes, record, origins.source IS NOT NULL AS known,
    native_id, native_parent_id, suspect, coalesce(brought, 0) AS brought
  FROM ${SOME_BACKUPS}
  LEFT JOIN origins ON origins.source = ? AND origins.created = backups.created AND origins.id = backups.id
  LEFT JOIN ${sighted} AS sighted ON sighted.created = backups.created AND sighted.id = backups.id`

interface KnownRow extends BackupRow, OriginRow {
  readonly id: BackupId
  readonly known: bigint
  readonly brought: bigint
}

// What another source has as well is not this one's alone to retire.
const SHARED = `SELECT DISTINCT origins.id FROM ${SOME_BACKUPS} ${OF_BACKUP} WHERE sources.number <> ?`

const IN_SOURCE = `
  source = ? AND (created, id) IN (SELECT backups.created, backups.id FROM ${SOME_BACKUPS})`

const KEEP_APPEARANCE = `
  INSERT INTO events (account, id, at, event, import)
  SELECT ?, id, appeared, 'appeared', import FROM origins WHERE appeared IS NOT NULL AND ${IN_SOURCE}`

const RETIRE = `
  INSERT OR REPLACE INTO retired
  SELECT account, created, id, updated, instance_id, status, datastore, parent_id, size_bytes, record, ?
  FROM backups WHERE account = ? AND id IN (SELECT value FROM json_each(?))`

interface GoneRow {
  readonly id: BackupId
  readonly name: string
  readonly instance_id: string | null
}

const GONE = `SELECT backups.id, record ->> '$.name' AS name, instance_id FROM ${SOME_BACKUPS}`

const retiredDifference = ({ id, name, instance_id }: GoneRow): Difference => ({
  change: "retired",
  id,
  name,
  instanceId: Option.fromNullable(instance_id),
  members: []
})

interface OrphanRow {
  readonly id: BackupId
  readonly name: string
  readonly parent_id: BackupId
}

const toRetired = (
  { dryRun }: RunningImport,
  gone: ReadonlyArray<GoneRow>,
  orphans: ReadonlyArray<OrphanRow>
): Omit<RetireResult, "next"> => ({
  retired: gone.length,
  orphaned: orphans.length,
  orphans: orphans.map(({ id, name, parent_id }): Orphan => ({ id, name, parentId: parent_id })),
  differences: dryRun ? gone.map(retiredDifference) : []
})

/** The imports of a source that are kept, besides those that changed something. */
const KEPT = 1000

// A sync every few minutes that finds nothing new is not worth a row for ever.
const PRUNE = `
  DELETE FROM imports WHERE source = ? AND created = 0 AND updated = 0 AND retired = 0 AND number < (
    SELECT number FROM imports INDEXED BY imports_by_source WHERE source = ? ORDER BY number DESC LIMIT 1 OFFSET ${KEPT})`

/** What one running import has in this process. */
interface Hold {
  readonly source: bigint
  readonly row: ImportRow
  readonly sighted: string
  /** The number that the first import has which began with this one or after it. */
  readonly since: bigint
}

const overtaken: Overtaken = { kind: "overtaken" }

const record = ({ nativeId: _, nativeParentId: __, suspect: ___, ...backup }: SourcedBackup) => backup

/** What a source says anew of a backup that it has. */
const originChanges = (before: KnownRow | undefined, { native_id, native_parent_id, suspect }: OriginRow): Changes => {
  if (before === undefined || before.known === 0n) return {}
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

/** One backup of a batch: what writing it means, and its origin where that is to be written. */
interface Arrived {
  readonly planned: Planned
  readonly origin: OriginRow | undefined
}

const differenceOf = ({ planned: { backup, outcome } }: Arrived): ReadonlyArray<Difference> => {
  if (outcome.kind === "unchanged") return []
  const { id, name, instanceId } = backup
  const members = outcome.kind === "updated" ? Object.keys(outcome.changes) : []
  return [{ change: outcome.kind, id, name, instanceId, members }]
}

const make = (lease: number) =>
  Effect.gen(function* () {
    const reader = yield* SqliteReader
    const transactions = yield* makeTransactions
    const { rows, first, run, runMany, changes, transaction, snapshot, durably } = transactions
    const upsert = makeUpsert(transactions)
    const holds = new Map<bigint, Hold>()
    // One after the other: they share what makes them durable.
    const ending = (yield* Effect.makeSemaphore(1)).withPermits(1)
    let dryRuns = 0n

    const holdOf = (running: RunningImport): Hold => {
      const hold = holds.get(running.number)
      if (hold === undefined) throw new Error("an import was used that never began, or has ended")
      return hold
    }

    const stillHeld = (running: RunningImport, { source }: Hold) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.zipRight(
          run("UPDATE sources SET heard = ? WHERE number = ? AND running = ?", [now, source, running.number]),
          Effect.map(changes, (count) => count > 0)
        )
      )

    /** Runs a step while the import holds its source; a dry run has nothing to hold, and writes to its own table only. */
    const step = <A>(
      running: RunningImport,
      name: string,
      body: (hold: Hold) => Effect.Effect<A, SqlError.SqlError>
    ): Effect.Effect<A | Overtaken, StoreUnavailable> =>
      Effect.suspend(() => {
        const hold = holdOf(running)
        if (running.dryRun) return snapshot(body(hold))
        return transaction(
          name,
          Effect.if(stillHeld(running, hold), {
            onTrue: (): Effect.Effect<A | Overtaken, SqlError.SqlError> => body(hold),
            onFalse: () => Effect.succeed(overtaken)
          })
        )
      })

    /** Takes the source for a new import, and ends one of it that nothing was heard of; or says since when one runs. */
    const takeSource = Effect.fnUntraced(function* (
      account: AccountId,
      source: SourceName,
      mode: ImportMode,
      id: string
    ) {
      const now = yield* Clock.currentTimeMillis
      const started = yield* present
      yield* run("INSERT OR IGNORE INTO sources (account, name) VALUES (?, ?)", [account, source])
      const held = yield* first<{ number: bigint; heard: bigint; started: bigint }>(
        `SELECT imports.number, heard, started FROM sources CROSS JOIN imports ON imports.number = sources.running
         WHERE sources.account = ? AND name = ?`,
        [account, source]
      )
      if (held !== undefined && Number(held.heard) > now - lease) return held.started as Instant
      if (held !== undefined) {
        yield* run("UPDATE imports SET status = 'INTERRUPTED', finished = ?, message = ? WHERE number = ?", [
          started,
          ABANDONED,
          held.number
        ])
      }
      const entered = yield* first<{ number: bigint; source: bigint }>(
        `INSERT INTO imports (id, source, account, mode, status, started)
         SELECT ?, number, account, ?, 'RUNNING', ? FROM sources WHERE account = ? AND name = ?
         RETURNING number, source`,
        [id, mode, started, account, source]
      )
      yield* run(PRUNE, [entered?.source ?? null, entered?.source ?? null])
      yield* run("UPDATE sources SET running = ?, heard = ? WHERE number = ?", [
        entered?.number ?? null,
        now,
        entered?.source ?? null
      ])
      return entered
    })

    const findSource = (account: AccountId, source: SourceName) =>
      Effect.map(
        first<{ number: bigint }>("SELECT number FROM sources WHERE account = ? AND name = ?", [account, source]),
        (found) => ({ number: -++dryRuns, source: found?.number ?? 0n })
      )

    /** What a running import has in this process, from here on. */
    const hold = Effect.fnUntraced(function* (row: ImportRow, source: bigint, dryRun: boolean) {
      const { number } = row
      const sighted = `temp.sighted_${dryRun ? `dry_${-number}` : number}`
      yield* run(
        `CREATE TABLE ${sighted} (
          created INTEGER NOT NULL, id TEXT NOT NULL, brought INTEGER NOT NULL, PRIMARY KEY (created, id)
        ) WITHOUT ROWID`,
        []
      )
      const next = yield* first<{ number: bigint }>("SELECT coalesce(max(number), 0) + 1 AS number FROM imports", [])
      holds.set(number, { source, row, sighted, since: dryRun ? (next?.number ?? 1n) : number })
    })

    const begin = (account: AccountId, source: SourceName, mode: ImportMode, dryRun: boolean) =>
      Effect.gen(function* () {
        const id = randomUUID()
        const taken = yield* dryRun ? findSource(account, source) : takeSource(account, source, mode, id)
        if (typeof taken === "bigint") return { kind: "busy", started: taken } satisfies Begun
        if (taken === undefined) return yield* Effect.dieMessage("a source that was just made is not there")
        const { number } = taken
        const row: ImportRow = {
          ...{ number, id, source, mode, status: "RUNNING", started: yield* present, finished: null, message: null },
          ...{ created: 0n, updated: 0n, unchanged: 0n, retired: 0n, rejected: 0n, orphaned: 0n, held: 1n }
        }
        yield* hold(row, taken.source, dryRun)
        return { kind: "begun", import: { number, account, id, dryRun } } satisfies Begun
      }).pipe((effect) => (dryRun ? snapshot(effect) : transaction("beginImport", effect)))

    /**
     * Notes backups as brought, by where they are in the order. What a dry run would add is nowhere yet: it is noted,
     * and looked for, in front of everything.
     */
    const seeAll = ({ sighted }: Hold, places: ReadonlyArray<readonly [created: bigint, id: string]>) =>
      runMany(
        (values) => `INSERT OR REPLACE INTO ${sighted} (created, id, brought) VALUES ${values}`,
        places.map(([created, id]) => [created, id, 1])
      )

    const newcomers = Effect.fnUntraced(function* ({ sighted }: Hold, ids: ReadonlyArray<string>) {
      const found = yield* rows<{ id: BackupId }>(
        `SELECT id FROM ${sighted} WHERE created = ? AND brought = 1 AND id IN (SELECT value FROM json_each(?))`,
        [NOWHERE, JSON.stringify(ids)]
      )
      return found.map(({ id }) => id)
    })

    /** What some backups mean, each by what is there of it. */
    const arriveAll = (
      account: AccountId,
      backups: ReadonlyArray<SourcedBackup>,
      before: ReadonlyMap<BackupId, KnownRow>
    ) =>
      Effect.forEach(backups, (backup) => {
        const known = before.get(backup.id)
        const origin = toOrigin(backup)
        const changes = originChanges(known, origin)
        const isSame = known?.known === 1n && Object.keys(changes).length === 0
        return Effect.map(
          upsert.plan(account, record(backup), known, false),
          (planned): Arrived => ({ planned: withChanges(planned, changes), origin: isSame ? undefined : origin })
        )
      })

    const arrive = Effect.fnUntraced(function* (
      { account, dryRun }: RunningImport,
      hold: Hold,
      backups: ReadonlyArray<SourcedBackup>
    ) {
      const ids = backups.map(({ id }) => id)
      const found = yield* rows<KnownRow>(KNOWN(hold.sighted), [JSON.stringify(ids), account, hold.source])
      const before = new Map(found.map((row) => [row.id, row]))
      const brought = found.flatMap(({ id, brought }) => (brought === 1n ? [id] : []))
      const seen = new Set([...brought, ...(dryRun ? yield* newcomers(hold, ids) : [])])
      const repeated = new Set<number>()
      for (const [n, id] of ids.entries()) {
        if (seen.has(id)) repeated.add(n)
        seen.add(id)
      }
      const fresh = backups.filter((_, n) => !repeated.has(n))
      const arrived = yield* arriveAll(account, fresh, before)
      yield* seeAll(
        hold,
        arrived.map(({ planned: { backup, row } }) => [
          dryRun ? (before.get(backup.id)?.created ?? NOWHERE) : row.created,
          backup.id
        ])
      )
      return { arrived, repeated }
    })

    const writeArrived = Effect.fnUntraced(function* (
      { account, number }: RunningImport,
      { source }: Hold,
      arrived: ReadonlyArray<Arrived>
    ) {
      const at = yield* present
      yield* upsert.write(
        account,
        arrived.map(({ planned }) => planned),
        at,
        number
      )
      const origins = arrived.flatMap(({ planned: { row, backup, outcome }, origin }) => {
        if (origin === undefined) return []
        const appeared = outcome.kind === "created" ? at : null
        const { native_id, native_parent_id, suspect } = origin
        return [[source, row.created, backup.id, native_id, native_parent_id, suspect, appeared, number]]
      })
      yield* putOrigins(transactions, origins)
    })

    const count = (number: bigint, counts: Readonly<Record<string, number>>) => {
      const names = Object.keys(counts)
      return run(`UPDATE imports SET ${names.map((name) => `${name} = ${name} + ?`).join(", ")} WHERE number = ?`, [
        ...Object.values(counts),
        number
      ])
    }

    const write = (running: RunningImport, backups: ReadonlyArray<SourcedBackup>) =>
      step<BatchResult>(running, "writeImport", (hold) =>
        Effect.gen(function* () {
          const { arrived, repeated } = yield* arrive(running, hold, backups)
          const counted = (kind: string) => arrived.filter(({ planned }) => planned.outcome.kind === kind).length
          const counts = { created: counted("created"), updated: counted("updated"), unchanged: counted("unchanged") }
          if (!running.dryRun) {
            yield* writeArrived(running, hold, arrived)
            yield* count(running.number, counts)
          }
          return { ...counts, repeated, differences: running.dryRun ? arrived.flatMap(differenceOf) : [] }
        })
      )

    // What is not in the store cannot be retired.
    const sight = (running: RunningImport, ids: ReadonlyArray<string>) =>
      Effect.suspend(() =>
        snapshot(
          run(
            `INSERT OR IGNORE INTO ${holdOf(running).sighted} SELECT backups.created, backups.id, 0 FROM ${SOME_BACKUPS}`,
            [JSON.stringify(ids), running.account]
          )
        )
      )

    /** The backups of the account whose parent is among those that go, and that do not go themselves. */
    const orphansOf = (account: AccountId, hold: Hold, gone: string) =>
      rows<OrphanRow>(
        `SELECT child.id, child.record ->> '$.name' AS name, child.parent_id FROM json_each(?) AS gone
         CROSS JOIN backups AS child INDEXED BY backups_by_parent
           ON child.account = ? AND child.parent_id = gone.value
         WHERE child.id NOT IN (SELECT value FROM json_each(?)) AND (
           EXISTS (SELECT 1 FROM ${hold.sighted} AS sighted
             WHERE sighted.created = child.created AND sighted.id = child.id)
           OR NOT EXISTS (SELECT 1 FROM origins
             WHERE origins.source = ? AND origins.created = child.created AND origins.id = child.id)
           OR EXISTS (SELECT 1 FROM backups ${OF_BACKUP}
             WHERE backups.account = ? AND backups.id = child.id AND sources.number <> ?))`,
        [gone, account, gone, hold.source, account, hold.source]
      )

    const remove = Effect.fnUntraced(function* ({ account, number }: RunningImport, ids: ReadonlyArray<string>) {
      const at = yield* present
      yield* run(RETIRE, [at, account, JSON.stringify(ids)])
      yield* removeRows(transactions, account, "retired", ids, at, number)
    })

    /** What goes of some backups that this import has not brought, and what that does to others. */
    const departure = Effect.fnUntraced(function* (
      { account }: RunningImport,
      hold: Hold,
      missing: ReadonlyArray<BackupId>
    ) {
      const shared = yield* rows<{ id: BackupId }>(SHARED, [JSON.stringify(missing), account, hold.source])
      const kept = new Set(shared.map(({ id }) => id))
      const ids = missing.filter((id) => !kept.has(id))
      const json = JSON.stringify(ids)
      return { ids, gone: yield* rows<GoneRow>(GONE, [json, account]), orphans: yield* orphansOf(account, hold, json) }
    })

    const depart = Effect.fnUntraced(function* (
      running: RunningImport,
      { source }: Hold,
      missing: ReadonlyArray<BackupId>,
      { ids, gone, orphans }: Effect.Effect.Success<ReturnType<typeof departure>>
    ) {
      if (ids.length > 0) yield* remove(running, ids)
      const json = JSON.stringify(missing)
      const left = [source, json, running.account]
      yield* run(KEEP_APPEARANCE, [running.account, ...left])
      yield* run(`DELETE FROM origins WHERE ${IN_SOURCE}`, left)
      yield* count(running.number, { retired: gone.length, orphaned: orphans.length })
    })

    const retire = (running: RunningImport, after: Position = START) =>
      step<RetireResult>(running, "retire", (hold) =>
        Effect.gen(function* () {
          const looked = yield* rows<Position & { sighted: bigint }>(
            `SELECT created, id, coalesce(moved, 0) >= ? OR EXISTS (SELECT 1 FROM ${hold.sighted} AS sighted
               WHERE sighted.created = origins.created AND sighted.id = origins.id) AS sighted
             FROM origins WHERE source = ? AND (created, id) > (?, ?) ORDER BY created, id LIMIT ?`,
            [hold.since, hold.source, after.created, after.id, RETIRED_AT_ONCE]
          )
          const next = looked.length < RETIRED_AT_ONCE ? undefined : looked.at(-1)
          const missing = looked.flatMap(({ id, sighted }) => (sighted === 0n ? [id] : []))
          if (missing.length === 0) return { ...toRetired(running, [], []), next }
          const departing = yield* departure(running, hold, missing)
          if (!running.dryRun) yield* depart(running, hold, missing, departing)
          return { ...toRetired(running, departing.gone, departing.orphans), next }
        })
      )

    const known = (running: RunningImport) =>
      snapshot(
        Effect.map(
          Effect.suspend(() =>
            first<{ known: bigint }>("SELECT count(*) AS known FROM origins WHERE source = ?", [holdOf(running).source])
          ),
          (row) => Number(row?.known ?? 0n)
        )
      )

    const keep = (running: RunningImport) =>
      running.dryRun
        ? Effect.succeed(true)
        : Effect.map(
            step(running, "keepImport", () => Effect.succeed(true)),
            (held) => held === true
          )

    const end = (running: RunningImport, { status, message, rejected }: ImportEnd) =>
      Effect.suspend(() => {
        const hold = holdOf(running)
        const text = Option.getOrNull(message)
        const body = Effect.gen(function* () {
          const finished = yield* present
          yield* run(`DROP TABLE IF EXISTS ${hold.sighted}`, [])
          if (running.dryRun) return toImport({ ...hold.row, status, finished, message: text })
          yield* run(
            "UPDATE imports SET status = ?, finished = ?, rejected = ?, message = ? WHERE number = ? AND status = 'RUNNING'",
            [status, finished, rejected, text, running.number]
          )
          yield* run("UPDATE sources SET running = NULL WHERE number = ? AND running = ?", [
            hold.source,
            running.number
          ])
          const row = yield* first<ImportRow>(`${IMPORTS} WHERE imports.number = ?`, [0, running.number])
          return toImport(row ?? hold.row)
        })
        return Effect.tap(running.dryRun ? snapshot(body) : ending(durably(transaction("endImport", body))), () =>
          Effect.sync(() => holds.delete(running.number))
        )
      })

    const together = <A, E>(running: RunningImport, steps: Effect.Effect<A, E>) =>
      running.dryRun
        ? steps
        : Effect.flatMap(Effect.timed(transaction("import", steps)), ([took, result]) =>
            Effect.delay(Effect.succeed(result), Duration.toMillis(took) > GAP.after ? GAP.for : 0)
          )

    return ImportStore.of({
      lease,
      begin,
      together,
      write,
      sight,
      known,
      retire,
      keep,
      end,
      ...makePastImports(reader, lease),
      history: (account, id, before, limit) => reader.snapshot((sql) => historyOf(sql, account, id, before, limit))
    })
  })

/** For how long nothing may be heard of an import before another one of its source may begin, in milliseconds. */
const LEASE = 5000

/** Imports into SQLite, and what they leave behind. */
export const layer: Layer.Layer<ImportStore, never, SqlClient.SqlClient | SqliteReader | WriteTurn> = Layer.effect(
  ImportStore,
  make(LEASE)
)
