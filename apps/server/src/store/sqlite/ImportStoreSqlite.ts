import { randomUUID } from "node:crypto"
import {
  type AccountId,
  type BackupId,
  type BatchResult,
  type Begun,
  type Difference,
  type HistoryEvent,
  type Import,
  type ImportEnd,
  type ImportMode,
  ImportStore,
  type Instant,
  type Origin,
  type Orphan,
  type Overtaken,
  type RetireResult,
  type RunningImport,
  type SourcedBackup,
  type SourceName,
  type StoreUnavailable
} from "@backup-catalog/core"
import type { SqlClient, SqlError } from "@effect/sql"
import { Array as Arr, Clock, Effect, Layer, Option } from "effect"
import { type Changes, changesOf, noteEvents, noteLoss, settle } from "./events.ts"
import { SqliteReader, type SqlReads } from "./SqliteReader.ts"
import { makeTransactions } from "./transactions.ts"
import { makeUpsert, type Planned } from "./upsertRows.ts"
import type { WriteTurn } from "./WriteTurn.ts"
import { present } from "./writes.ts"

/** Origins looked at in one step of retiring. */
const RETIRED_AT_ONCE = 2000

interface ImportRow {
  readonly number: bigint
  readonly id: string
  readonly source: SourceName
  readonly mode: ImportMode
  readonly status: Import["status"]
  readonly started: bigint
  readonly finished: bigint | null
  readonly created: bigint
  readonly updated: bigint
  readonly unchanged: bigint
  readonly retired: bigint
  readonly rejected: bigint
  readonly orphaned: bigint
  readonly message: string | null
  readonly held: bigint
}

const importsFrom = (from: string) => `
  SELECT imports.number, imports.id, sources.name AS source, mode, status, started, finished, created, updated,
    unchanged, retired, rejected, orphaned, message,
    sources.running IS imports.number AND sources.heard >= ? AS held
  FROM ${from} ON sources.number = imports.source`

const IMPORTS = importsFrom("imports CROSS JOIN sources")

const ABANDONED = "It broke off before its end, and nothing was retired after that."

const toImport = (row: ImportRow): Import => {
  const cut = row.status === "RUNNING" && row.held === 0n
  return {
    id: row.id,
    source: row.source,
    mode: row.mode,
    status: cut ? "INTERRUPTED" : row.status,
    started: row.started as Instant,
    finished: Option.map(Option.fromNullable(row.finished), (at) => at as Instant),
    created: Number(row.created),
    updated: Number(row.updated),
    unchanged: Number(row.unchanged),
    retired: Number(row.retired),
    rejected: Number(row.rejected),
    orphaned: Number(row.orphaned),
    message: Option.fromNullable(row.message ?? (cut ? ABANDONED : null))
  }
}

interface OriginRow {
  readonly id: string
  readonly native_id: string | null
  readonly native_parent_id: string | null
  readonly suspect: string | null
}

const ORIGINS = `
  SELECT origins.id, native_id, native_parent_id, suspect FROM json_each(?) AS input
  CROSS JOIN origins ON origins.source = ? AND origins.id = input.value`

/** Origins written by one statement. */
const ORIGINS_AT_ONCE = 250

const putOriginsSql = (count: number) => `
  INSERT INTO origins (source, id, native_id, native_parent_id, suspect, appeared, import)
  VALUES ${Array(count).fill("(?, ?, ?, ?, ?, ?, ?)").join(", ")}
  ON CONFLICT (source, id) DO UPDATE SET native_id = excluded.native_id,
    native_parent_id = excluded.native_parent_id, suspect = excluded.suspect,
    appeared = coalesce(excluded.appeared, appeared)`

// What another source has as well is not this one's alone to retire.
const SHARED = `
  SELECT DISTINCT gone.value AS id FROM json_each(?) AS gone
  CROSS JOIN origins INDEXED BY origins_by_id ON origins.id = gone.value
  CROSS JOIN sources ON sources.number = origins.source AND sources.account = ? AND sources.number <> ?`

const KEEP_APPEARANCE = `
  INSERT INTO events (account, id, at, event, import)
  SELECT ?, id, appeared, 'appeared', import FROM origins
  WHERE source = ? AND id IN (SELECT value FROM json_each(?)) AND appeared IS NOT NULL`

const RETIRE = `
  INSERT OR REPLACE INTO retired
  SELECT account, created, id, updated, instance_id, status, datastore, parent_id, size_bytes, record, ?
  FROM backups WHERE account = ? AND id IN (SELECT value FROM json_each(?))`

interface GoneRow {
  readonly id: BackupId
  readonly name: string
  readonly instance_id: string | null
}

const GONE = `
  SELECT backups.id, record ->> '$.name' AS name, instance_id FROM json_each(?) AS gone
  CROSS JOIN backups ON backups.account = ? AND backups.id = gone.value`

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
}

const overtaken: Overtaken = { kind: "overtaken" }

const originValues = ({ id, nativeId, nativeParentId, suspect }: SourcedBackup): OriginRow => ({
  id,
  native_id: Option.getOrNull(nativeId),
  native_parent_id: Option.getOrNull(nativeParentId),
  suspect: Option.getOrNull(suspect)
})

const record = ({ nativeId: _, nativeParentId: __, suspect: ___, ...backup }: SourcedBackup) => backup

/** What was planned, with what its origin changes as well. */
const withChanges = (planned: Planned, changes: Changes): Planned =>
  planned.outcome.kind === "updated"
    ? { ...planned, outcome: { kind: "updated", changes: { ...planned.outcome.changes, ...changes } } }
    : planned

const isSameOrigin = (a: OriginRow, b: OriginRow): boolean =>
  a.native_id === b.native_id && a.native_parent_id === b.native_parent_id && a.suspect === b.suspect

/** One backup of a batch: what writing it means, and its origin with what is new of it. */
interface Arrived {
  readonly planned: Planned
  readonly origin: OriginRow
  readonly known: boolean
  readonly originChanges: Changes
}

const changedOf = ({ planned: { outcome }, originChanges }: Arrived): Changes | undefined => {
  const changes = { ...(outcome.kind === "updated" ? outcome.changes : {}), ...originChanges }
  return outcome.kind === "created" || Object.keys(changes).length === 0 ? undefined : changes
}

const differenceOf = (arrived: Arrived): ReadonlyArray<Difference> => {
  const { id, name, instanceId } = arrived.planned.backup
  const common = { id, name, instanceId }
  if (arrived.planned.outcome.kind === "created") return [{ change: "created", ...common, members: [] }]
  const changes = changedOf(arrived)
  return changes === undefined ? [] : [{ change: "updated", ...common, members: Object.keys(changes) }]
}

const make = (lease: number) =>
  Effect.gen(function* () {
    const reader = yield* SqliteReader
    const transactions = yield* makeTransactions
    const { rows, first, run, changes, transaction, snapshot, durably, raiseVersion } = transactions
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

    const begin = (account: AccountId, source: SourceName, mode: ImportMode, dryRun: boolean) =>
      Effect.gen(function* () {
        const id = randomUUID()
        const taken = yield* dryRun ? findSource(account, source) : takeSource(account, source, mode, id)
        if (typeof taken === "bigint") return { kind: "busy", started: taken } satisfies Begun
        if (taken === undefined) return yield* Effect.dieMessage("a source that was just made is not there")
        const { number } = taken
        const sighted = `temp.sighted_${dryRun ? `dry_${-number}` : number}`
        yield* run(`CREATE TABLE ${sighted} (id TEXT NOT NULL PRIMARY KEY, brought INTEGER NOT NULL) WITHOUT ROWID`, [])
        const counted = yield* first<{ known: bigint }>("SELECT count(*) AS known FROM origins WHERE source = ?", [
          taken.source
        ])
        const row: ImportRow = {
          ...{ number, id, source, mode, status: "RUNNING", started: yield* present, finished: null, message: null },
          ...{ created: 0n, updated: 0n, unchanged: 0n, retired: 0n, rejected: 0n, orphaned: 0n, held: 1n }
        }
        holds.set(number, { source: taken.source, row, sighted })
        return {
          kind: "begun",
          import: { number, account, id, dryRun, known: Number(counted?.known ?? 0n) }
        } satisfies Begun
      }).pipe((effect) => (dryRun ? snapshot(effect) : transaction("beginImport", effect)))

    /** Notes ids as brought, and gives the places of those that were brought before. */
    const seeAll = Effect.fnUntraced(function* (sighted: string, ids: ReadonlyArray<string>) {
      const json = JSON.stringify(ids)
      const before = yield* rows<{ id: string }>(
        `SELECT sighted.id FROM json_each(?) AS input
         CROSS JOIN ${sighted} AS sighted ON sighted.id = input.value AND brought = 1`,
        [json]
      )
      yield* run(`INSERT OR REPLACE INTO ${sighted} SELECT value, 1 FROM json_each(?)`, [json])
      const seen = new Set(before.map(({ id }) => id))
      const repeated = new Set<number>()
      for (const [n, id] of ids.entries()) {
        if (seen.has(id)) repeated.add(n)
        seen.add(id)
      }
      return repeated
    })

    const arrive = Effect.fnUntraced(function* (
      account: AccountId,
      { source }: Hold,
      backups: ReadonlyArray<SourcedBackup>
    ) {
      const planned = yield* upsert.plan(account, backups.map(record), false)
      // What was not in the store has no origin either.
      const there = planned.flatMap(({ backup, outcome }) => (outcome.kind === "created" ? [] : [backup.id]))
      const found = there.length === 0 ? [] : yield* rows<OriginRow>(ORIGINS, [JSON.stringify(there), source])
      const before = new Map(found.map((row) => [row.id, row]))
      return backups.map((backup, n): Arrived => {
        const origin = originValues(backup)
        const known = before.get(backup.id)
        const originChanges =
          known === undefined || isSameOrigin(known, origin) ? {} : changesOf({ ...known }, { ...origin })
        return {
          planned: withChanges(planned[n] as Planned, originChanges),
          origin,
          known: known !== undefined,
          originChanges
        }
      })
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
      const moved = arrived.filter(({ known, originChanges }) => !known || Object.keys(originChanges).length > 0)
      if (moved.length === 0) return
      for (const some of Arr.chunksOf(moved, ORIGINS_AT_ONCE)) {
        yield* run(
          putOriginsSql(some.length),
          some.flatMap(({ planned, origin: { id, native_id, native_parent_id, suspect } }) => {
            const appeared = planned.outcome.kind === "created" ? at : null
            return [source, id, native_id, native_parent_id, suspect, appeared, number]
          })
        )
      }
      const changed = moved.flatMap(({ planned, origin, known, originChanges }) =>
        known && planned.outcome.kind === "unchanged" ? [{ id: origin.id, changes: originChanges }] : []
      )
      if (changed.length > 0) yield* noteEvents(transactions, account, "changed", changed, at, number)
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
          const repeated = yield* seeAll(
            hold.sighted,
            backups.map(({ id }) => id)
          )
          const arrived = yield* arrive(
            running.account,
            hold,
            backups.filter((_, n) => !repeated.has(n))
          )
          const created = arrived.filter(({ planned }) => planned.outcome.kind === "created").length
          const updated = arrived.filter((one) => changedOf(one) !== undefined).length
          const counts = { created, updated, unchanged: arrived.length - created - updated }
          if (!running.dryRun) {
            yield* writeArrived(running, hold, arrived)
            yield* count(running.number, counts)
          }
          return { ...counts, repeated, differences: running.dryRun ? arrived.flatMap(differenceOf) : [] }
        })
      )

    const sight = (running: RunningImport, ids: ReadonlyArray<string>) =>
      Effect.suspend(() =>
        snapshot(
          run(`INSERT OR IGNORE INTO ${holdOf(running).sighted} SELECT value, 0 FROM json_each(?)`, [
            JSON.stringify(ids)
          ])
        )
      )

    /** The backups of the account whose parent is among those that go, and that do not go themselves. */
    const orphansOf = (account: AccountId, hold: Hold, gone: string) =>
      rows<OrphanRow>(
        `SELECT child.id, child.record ->> '$.name' AS name, child.parent_id FROM json_each(?) AS gone
         CROSS JOIN backups AS child INDEXED BY backups_by_parent
           ON child.account = ? AND child.parent_id = gone.value
         WHERE child.id NOT IN (SELECT value FROM json_each(?)) AND (
           child.id IN (SELECT id FROM ${hold.sighted})
           OR NOT EXISTS (SELECT 1 FROM origins WHERE origins.source = ? AND origins.id = child.id)
           OR EXISTS (SELECT 1 FROM sources CROSS JOIN origins ON origins.source = sources.number
             WHERE sources.account = ? AND sources.number <> ? AND origins.id = child.id))`,
        [gone, account, gone, hold.source, account, hold.source]
      )

    const remove = Effect.fnUntraced(function* ({ account, number }: RunningImport, ids: ReadonlyArray<string>) {
      const at = yield* present
      const json = JSON.stringify(ids)
      yield* noteLoss(transactions, account, ids, at)
      yield* run(RETIRE, [at, account, json])
      yield* run("DELETE FROM backups WHERE account = ? AND id IN (SELECT value FROM json_each(?))", [account, json])
      yield* settle(transactions, account, ids)
      yield* noteEvents(
        transactions,
        account,
        "retired",
        ids.map((id) => ({ id })),
        at,
        number
      )
      yield* raiseVersion(account)
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
      yield* run(KEEP_APPEARANCE, [running.account, source, json])
      yield* run("DELETE FROM origins WHERE source = ? AND id IN (SELECT value FROM json_each(?))", [source, json])
      yield* count(running.number, { retired: gone.length, orphaned: orphans.length })
    })

    const retire = (running: RunningImport, after: BackupId | undefined) =>
      step<RetireResult>(running, "retire", (hold) =>
        Effect.gen(function* () {
          const looked = yield* rows<{ id: BackupId; sighted: bigint }>(
            `SELECT id, id IN (SELECT id FROM ${hold.sighted}) AS sighted FROM origins
             WHERE source = ? AND id > ? ORDER BY id LIMIT ?`,
            [hold.source, after ?? "", RETIRED_AT_ONCE]
          )
          const next = looked.length < RETIRED_AT_ONCE ? undefined : looked.at(-1)?.id
          const missing = looked.flatMap(({ id, sighted }) => (sighted === 0n ? [id] : []))
          if (missing.length === 0) return { ...toRetired(running, [], []), next }
          const departing = yield* departure(running, hold, missing)
          if (!running.dryRun) yield* depart(running, hold, missing, departing)
          return { ...toRetired(running, departing.gone, departing.orphans), next }
        })
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

    const read = <A>(reads: (sql: SqlReads, heardSince: bigint) => A) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        reader.snapshot((sql) => reads(sql, BigInt(Math.trunc(now)) - BigInt(lease)))
      )

    const list = (account: AccountId, source: SourceName | undefined, after: bigint | undefined, limit: number) =>
      read((sql, heardSince) => {
        const [from, of, params] =
          source === undefined
            ? ["imports INDEXED BY imports_by_account CROSS JOIN sources", "imports.account = ?", [account]]
            : [
                "sources CROSS JOIN imports INDEXED BY imports_by_source",
                "sources.account = ? AND sources.name = ?",
                [account, source]
              ]
        const found = sql.all<ImportRow>(
          `${importsFrom(from)} WHERE ${of} AND imports.number < ?
           ORDER BY imports.number DESC LIMIT ?`,
          [heardSince, ...params, after ?? 2n ** 62n, limit + 1]
        )
        const shown = found.slice(0, limit)
        return { imports: shown.map(toImport), next: found.length > limit ? shown.at(-1)?.number : undefined }
      })

    const placeOf = (account: AccountId, id: string) =>
      reader.read((sql) =>
        Option.map(
          Option.fromNullable(
            sql.get<{ number: bigint }>("SELECT number FROM imports WHERE account = ? AND id = ?", [account, id])
          ),
          ({ number }) => number
        )
      )

    const get = (account: AccountId, id: string) =>
      read((sql, heardSince) =>
        Option.map(
          Option.fromNullable(
            sql.get<ImportRow>(`${IMPORTS} WHERE imports.account = ? AND imports.id = ?`, [heardSince, account, id])
          ),
          toImport
        )
      )

    return ImportStore.of({
      lease,
      begin,
      write,
      sight,
      retire,
      keep,
      end,
      list,
      placeOf,
      get,
      history: (account, id, before, limit) => reader.snapshot((sql) => historyOf(sql, account, id, before, limit))
    })
  })

interface EventRow {
  readonly at: bigint
  readonly event: HistoryEvent["event"]
  readonly number: bigint | null
  readonly changes: string | null
}

const SOURCES_OF = `
  FROM origins INDEXED BY origins_by_id CROSS JOIN sources ON sources.number = origins.source
  WHERE origins.id = ? AND sources.account = ?`

// What is still there appeared by its origin; of several, by the first.
const APPEARED = `
  SELECT min(appeared) AS at, 'appeared' AS event, origins.import AS number, NULL AS changes ${SOURCES_OF}
    AND appeared IS NOT NULL HAVING min(appeared) IS NOT NULL`

const COUNT =
  "SELECT count(*) AS events, count(*) FILTER (WHERE at < ?) AS older FROM events WHERE account = ? AND id = ?"

const EVENTS = `
  SELECT at, event, import AS number, changes FROM events WHERE account = ? AND id = ?
  ORDER BY at, number LIMIT ? OFFSET ?`

const BY_IMPORT = `
  SELECT imports.id AS import, sources.name AS source FROM imports
  CROSS JOIN sources ON sources.number = imports.source WHERE imports.number = ?`

const toEvent =
  (sql: SqlReads) =>
  (row: EventRow): HistoryEvent => ({
    event: row.event,
    at: row.at as Instant,
    import: Option.map(
      Option.fromNullable(
        row.number === null ? undefined : sql.get<{ import: string; source: SourceName }>(BY_IMPORT, [row.number])
      ),
      ({ import: id, source }) => ({ id, source })
    ),
    changes: row.changes === null ? {} : (JSON.parse(row.changes) as HistoryEvent["changes"])
  })

/** How many events a backup has, and a slice of them, oldest first, with the one that only its origin has in its place. */
const eventsOf = (sql: SqlReads, account: AccountId, id: BackupId) => {
  const appeared = sql.get<EventRow>(APPEARED, [id, account])
  const counted = sql.get<{ events: bigint; older: bigint }>(COUNT, [appeared?.at ?? 0n, account, id])
  const place = appeared === undefined ? Number.POSITIVE_INFINITY : Number(counted?.older ?? 0n)
  const slice = (start: number, end: number): ReadonlyArray<EventRow> => {
    const within = appeared !== undefined && place >= start && place < end
    const rows = sql.all<EventRow>(EVENTS, [
      ...[account, id],
      Math.max(0, end - start - (within ? 1 : 0)),
      start - (start > place ? 1 : 0)
    ])
    return within ? [...rows.slice(0, place - start), appeared, ...rows.slice(place - start)] : rows
  }
  return { count: Number(counted?.events ?? 0n) + (appeared === undefined ? 0 : 1), slice }
}

/** What happened to a backup. Places are counted from the oldest, which stay where they are when more happens. */
const historyOf = (sql: SqlReads, account: AccountId, id: BackupId, before: bigint | undefined, limit: number) => {
  const { count, slice } = eventsOf(sql, account, id)
  const origins = sql.all<OriginRow & { source: SourceName }>(
    `SELECT sources.name AS source, native_id, native_parent_id, suspect ${SOURCES_OF} ORDER BY sources.name`,
    [id, account]
  )
  const there = sql.get("SELECT 1 FROM backups WHERE account = ? AND id = ?", [account, id])
  if (count === 0 && there === undefined && origins.length === 0) return Option.none()
  const end = Math.min(Number(before ?? count), count)
  const start = Math.max(0, end - limit)
  return Option.some({
    origins: origins.map(
      (row): Origin => ({
        source: row.source,
        nativeId: Option.fromNullable(row.native_id),
        nativeParentId: Option.fromNullable(row.native_parent_id),
        suspect: Option.fromNullable(row.suspect)
      })
    ),
    events: slice(start, end).map(toEvent(sql)).reverse(),
    next: start > 0 ? BigInt(start) : undefined
  })
}

/** For how long nothing may be heard of an import before another one of its source may begin, in milliseconds. */
export const LEASE = 5000

/** Imports into SQLite, and what they leave behind. */
export const layer: Layer.Layer<ImportStore, never, SqlClient.SqlClient | SqliteReader | WriteTurn> = Layer.effect(
  ImportStore,
  make(LEASE)
)
