import type { AccountId, BackupId, Position } from "@backup-catalog/core"
import type { RunningImport } from "@backup-catalog/core/store"
import { Clock, Duration, Effect } from "effect"
import { WRITTEN_COLUMNS } from "../backupRows.ts"
import {
  type GoneRow,
  type Holder,
  type ImportStatements,
  type Incoming,
  KEPT_IMPORTS,
  type KnownRow,
  type Met,
  type OrphanRow
} from "../imports/ImportStatements.ts"
import type { ImportRow } from "../imports/importRows.ts"
import { EARLIER_THAN_ALL, LATER_THAN_ALL } from "../positions.ts"
import type { SqlParams } from "../SqlText.ts"
import { WRITE_GAP } from "../writeGap.ts"
import { OF_BACKUP, SOME_BACKUPS } from "./origins.ts"
import { IMPORTS } from "./pastImports.ts"
import type { Transactions } from "./transactions.ts"
import { makeWriteStatements } from "./writeStatements.ts"

/** After how much time in transactions a gap is left, in milliseconds. */
const GAP_AFTER = 500

/** Backups brought at once: more take more memory, and hardly less time. */
const BATCH_SIZE = 500

/** Origins looked at in one step of retiring. */
const ORIGINS_PER_STEP = 2000

const NOWHERE = -(2n ** 63n)

const sightedBy = (number: bigint) => `temp.sighted_${number < 0n ? `dry_${-number}` : number}`

const OF_SOURCE =
  "LEFT JOIN origins ON origins.source = ? AND origins.created = backups.created AND origins.id = backups.id"

// What there is of some backups: the row, and its origin in a source.
const KNOWN = `
  SELECT backups.id, backups.created, updated, size_bytes, record, origins.source IS NOT NULL AS known,
    native_id, native_parent_id, suspect
  FROM ${SOME_BACKUPS} ${OF_SOURCE}`

const ARRIVED = `${WRITTEN_COLUMNS}, native_id, native_parent_id, suspect`

const INCOMING = `
  CREATE TABLE IF NOT EXISTS temp.incoming (
    n INTEGER PRIMARY KEY, account TEXT, created INTEGER, id TEXT, updated INTEGER, instance_id TEXT, status TEXT,
    datastore TEXT, datastore_version TEXT, parent_id TEXT, size_bytes INTEGER, record TEXT,
    native_id TEXT, native_parent_id TEXT, suspect TEXT, there INTEGER)`

// With where it is in the order, if it is there.
const FILL = (rows: string) => `
  INSERT INTO temp.incoming (n, ${ARRIVED}, there) SELECT input.*, backups.created FROM (VALUES ${rows}) AS input
  LEFT JOIN backups ON backups.account = input.column2 AND backups.id = input.column4`

// Of a statement that fails at the first row which cannot be written SQLite keeps no copy of the pages that it changes.
const ADD = `
  INSERT OR FAIL INTO backups (${WRITTEN_COLUMNS}) SELECT ${WRITTEN_COLUMNS} FROM temp.incoming WHERE there IS NULL`

const ADD_ORIGINS = `
  INSERT OR FAIL INTO origins (source, created, id, native_id, native_parent_id, suspect, appeared, import)
  SELECT ?, created, id, native_id, native_parent_id, suspect, ?, ? FROM temp.incoming WHERE there IS NULL`

const UNRETIRE = `
  DELETE FROM retired WHERE account = ? AND id IN (SELECT id FROM temp.incoming WHERE there IS NULL)`

const EXPECT = `
  INSERT OR IGNORE INTO instances (account, instance_id)
  SELECT DISTINCT account, instance_id FROM temp.incoming WHERE there IS NULL AND instance_id IS NOT NULL`

// What is compared here never becomes an object, which costs more than finding it.
const MEET = (sighted: string) => `
  SELECT group_concat(n) FILTER (WHERE brought) AS repeated,
    group_concat(n) FILTER (WHERE same AND NOT brought) AS same,
    group_concat(n) FILTER (WHERE NOT same AND NOT brought) AS others
  FROM (
    SELECT n, coalesce(sighted.brought OR origins.import = ?, 0) AS brought,
      CASE WHEN there IS NOT NULL THEN origins.source IS NOT NULL
        AND backups.created = input.created AND backups.updated = input.updated
        AND backups.size_bytes IS input.size_bytes AND backups.record = input.record
        AND origins.native_id IS input.native_id AND origins.native_parent_id IS input.native_parent_id
        AND origins.suspect IS input.suspect END AS same
    FROM temp.incoming AS input
    LEFT JOIN backups ON backups.account = input.account AND backups.created = there AND backups.id = input.id
    LEFT JOIN origins ON origins.source = ? AND origins.created = there AND origins.id = input.id
    LEFT JOIN ${sighted} AS sighted ON sighted.created = coalesce(there, ${NOWHERE}) AND sighted.id = input.id
  )`

// What it has added, the import has brought by being its first; what a dry run would add is nowhere.
const SEE = (sighted: string) => `
  INSERT OR REPLACE INTO ${sighted} (created, id, brought) SELECT coalesce(there, ${NOWHERE}), id, 1 FROM temp.incoming`

const FOLLOW = (sighted: string) => (rows: string) =>
  `INSERT OR REPLACE INTO ${sighted} (created, id, brought) VALUES ${rows}`

const PUT_ORIGINS = (rows: string) => `
  INSERT INTO origins (source, created, id, native_id, native_parent_id, suspect, import) VALUES ${rows}
  ON CONFLICT (source, created, id) DO UPDATE SET native_id = excluded.native_id,
    native_parent_id = excluded.native_parent_id, suspect = excluded.suspect`

type Given = ReadonlyArray<SqlParams>

const toIncomingValues = ({ index, row, origin }: Incoming): SqlParams => [
  index,
  ...row.values,
  origin.native_id,
  origin.native_parent_id,
  origin.suspect
]

const LAST_LOOKED_AT = `
  SELECT created, id FROM origins WHERE source = ? AND (created, id) > (?, ?)
  ORDER BY created, id LIMIT 1 OFFSET ${ORIGINS_PER_STEP - 1}`

// What moved while the import ran may have been met where it was.
const MISSING = (sighted: string) => `
  SELECT id FROM origins WHERE source = ? AND (created, id) > (?, ?) AND (created, id) <= (?, ?)
    AND import <> ? AND coalesce(moved < ?, true) AND NOT EXISTS (SELECT 1 FROM ${sighted} AS sighted
      WHERE sighted.created = origins.created AND sighted.id = origins.id)
  ORDER BY created, id`

// What another source has as well is not this one's alone to retire.
const SHARED = `SELECT DISTINCT origins.id FROM ${SOME_BACKUPS} ${OF_BACKUP} WHERE sources.number <> ?`

const IN_SOURCE = `
  source = ? AND (created, id) IN (SELECT backups.created, backups.id FROM ${SOME_BACKUPS})`

const KEEP_APPEARANCE = `
  INSERT INTO events (account, id, at, event, import)
  SELECT ?, id, appeared, 'appeared', import FROM origins WHERE appeared IS NOT NULL AND ${IN_SOURCE}`

// Without the index SQLite walks the whole account.
/** Takes when they are retired, account and the ids as JSON. */
export const RETIRE = `
  INSERT OR REPLACE INTO retired
  SELECT account, created, id, updated, instance_id, status, datastore, parent_id, size_bytes, record, ?
  FROM backups INDEXED BY backups_by_id WHERE account = ? AND id IN (SELECT value FROM json_each(?))`

const GONE = `
  SELECT backups.created, backups.id, record ->> '$.name' AS name, instance_id FROM ${SOME_BACKUPS}
  ORDER BY backups.created, backups.id`

const ORPHANS = (sighted: string) => `
  SELECT child.created, child.id, child.record ->> '$.name' AS name, child.parent_id FROM json_each(?) AS gone
  CROSS JOIN backups AS child INDEXED BY backups_by_parent
    ON child.account = ? AND child.parent_id = gone.value
  WHERE child.id NOT IN (SELECT value FROM json_each(?)) AND (
    EXISTS (SELECT 1 FROM ${sighted} AS sighted
      WHERE sighted.created = child.created AND sighted.id = child.id)
    OR NOT EXISTS (SELECT 1 FROM origins WHERE origins.source = ? AND origins.created = child.created
      AND origins.id = child.id AND origins.import <> ?)
    OR EXISTS (SELECT 1 FROM backups ${OF_BACKUP}
      WHERE backups.account = ? AND backups.id = child.id AND sources.number <> ?))
  ORDER BY child.created, child.id`

// A sync every few minutes that finds nothing new is not worth a row for ever.
const PRUNE = `
  DELETE FROM imports WHERE source = ? AND created = 0 AND updated = 0 AND retired = 0 AND number < (
    SELECT number FROM imports INDEXED BY imports_by_source WHERE source = ?
    ORDER BY number DESC LIMIT 1 OFFSET ${KEPT_IMPORTS})`

/** What imports are made of, in SQLite. */
export const makeImportStatements = Effect.fnUntraced(function* (transactions: Transactions) {
  const { rows, first, run, runMany, snapshot, durably } = transactions
  // One after the other: they share what makes them durable.
  const ending = (yield* Effect.makeSemaphore(1)).withPermits(1)
  // The number that the first import has which began with this one or after it.
  const since = new Map<bigint, bigint>()
  // How long transactions have taken since the last gap, in milliseconds.
  let held = 0

  const transaction: ImportStatements<Given>["transaction"] = (name, _, write) => transactions.transaction(name, write)

  const open = Effect.fnUntraced(function* (_: AccountId, number: bigint) {
    yield* run(
      `CREATE TABLE ${sightedBy(number)} (
        created INTEGER NOT NULL, id TEXT NOT NULL, brought INTEGER NOT NULL, PRIMARY KEY (created, id)
      ) WITHOUT ROWID`,
      []
    )
    yield* run(INCOMING, [])
    const next = yield* first<{ number: bigint }>("SELECT coalesce(max(number), 0) + 1 AS number FROM imports", [])
    since.set(number, number < 0n ? (next?.number ?? 1n) : number)
  })

  /** Adds what is in `incoming` and nowhere else. */
  const addNew = Effect.fnUntraced(function* ({ account, number }: RunningImport, source: bigint, at: bigint) {
    yield* run(ADD, [])
    yield* run(ADD_ORIGINS, [source, at, number])
    yield* run(UNRETIRE, [account])
    yield* run(EXPECT, [])
  })

  const statements: ImportStatements<Given> = {
    ...makeWriteStatements(transactions),
    batchSize: BATCH_SIZE,
    transaction,
    together: (name, account, write) =>
      Effect.flatMap(Effect.timed(transaction(name, account, write)), ([took, result]) => {
        held += Duration.toMillis(took)
        if (held <= GAP_AFTER) return Effect.succeed(result)
        held = 0
        return Effect.delay(Effect.succeed(result), WRITE_GAP)
      }),
    isAwaited: transactions.isAwaited,
    lasting: (name, account, write) => ending(durably(transaction(name, account, write))),
    look: (_, __, step) => snapshot(step),
    addSource: (account, source) =>
      run("INSERT OR IGNORE INTO sources (account, name) VALUES (?, ?)", [account, source]),
    sourceOf: (account, source) =>
      Effect.map(
        first<{ number: bigint }>("SELECT number FROM sources WHERE account = ? AND name = ?", [account, source]),
        (row) => row?.number
      ),
    hasSources: (account, count) =>
      Effect.map(
        first("SELECT number FROM sources WHERE account = ? LIMIT 1 OFFSET ?", [account, count - 1]),
        (row) => row !== undefined
      ),
    holderOf: (account, source, lease) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        first<Holder>(
          `SELECT imports.number, started, heard BETWEEN ? AND ? AS held
           FROM sources CROSS JOIN imports ON imports.number = sources.running
           WHERE sources.account = ? AND name = ?`,
          // What was heard in the future is from before the clock was set back, and no sign of life.
          [now - lease, now + lease, account, source]
        )
      ),
    interrupt: (_, number, finished, message) =>
      run("UPDATE imports SET status = 'INTERRUPTED', finished = ?, message = ? WHERE number = ?", [
        finished,
        message,
        number
      ]),
    enter: (account, source, id, mode, started) =>
      first<{ number: bigint; source: bigint }>(
        `INSERT INTO imports (id, source, account, mode, status, started)
         SELECT ?, number, account, ?, 'RUNNING', ? FROM sources WHERE account = ? AND name = ?
         RETURNING number, source`,
        [id, mode, started, account, source]
      ),
    prune: (_, source) => run(PRUNE, [source, source]),
    take: (_, source, number) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        run("UPDATE sources SET running = ?, heard = ? WHERE number = ?", [number, now, source])
      ),
    hear: (_, source, number) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.map(
          first("UPDATE sources SET heard = ? WHERE number = ? AND running = ? RETURNING number", [
            now,
            source,
            number
          ]),
          (row) => row !== undefined
        )
      ),
    release: (_, source, number) =>
      run("UPDATE sources SET running = NULL WHERE number = ? AND running = ?", [source, number]),
    open,
    close: (_, number) => {
      since.delete(number)
      return snapshot(run(`DROP TABLE IF EXISTS ${sightedBy(number)}`, []))
    },
    sweep: () => Effect.void,
    give: (some) => some.map(toIncomingValues),
    bring: Effect.fnUntraced(function* (running, source, given, at) {
      const { number, dryRun } = running
      const sighted = sightedBy(number)
      yield* runMany(FILL, given)
      if (!dryRun) yield* addNew(running, source, at)
      const met = yield* first<Met>(MEET(sighted), [number, source])
      yield* run(dryRun ? SEE(sighted) : `${SEE(sighted)} WHERE there IS NOT NULL`, [])
      yield* run("DELETE FROM temp.incoming", [])
      return met
    }),
    knownOf: (account, source, ids) => rows<KnownRow>(KNOWN, [JSON.stringify(ids), account, source]),
    follow: ({ number }, moved) =>
      runMany(
        FOLLOW(sightedBy(number)),
        moved.map(({ created, id }) => [created, id, 1])
      ),
    // What is not in the store cannot be retired.
    sight: ({ account, number }, ids) =>
      run(`INSERT OR IGNORE INTO ${sightedBy(number)} SELECT backups.created, backups.id, 0 FROM ${SOME_BACKUPS}`, [
        JSON.stringify(ids),
        account
      ]),
    putOrigins: (_, source, number, origins) =>
      runMany(
        PUT_ORIGINS,
        origins.map(({ created, id, native_id, native_parent_id, suspect }) => [
          ...[source, created, id, native_id, native_parent_id, suspect, number]
        ])
      ),
    count: (_, number, counts) => {
      const names = Object.keys(counts)
      return run(`UPDATE imports SET ${names.map((name) => `${name} = ${name} + ?`).join(", ")} WHERE number = ?`, [
        ...Object.values(counts),
        number
      ])
    },
    known: (_, source) =>
      Effect.map(first<{ known: bigint }>("SELECT count(*) AS known FROM origins WHERE source = ?", [source]), (row) =>
        Number(row?.known ?? 0n)
      ),
    lookThrough: Effect.fnUntraced(function* ({ number }, source, after = EARLIER_THAN_ALL) {
      const next = yield* first<Position>(LAST_LOOKED_AT, [source, after.created, after.id])
      const end = next ?? LATER_THAN_ALL
      const missing = yield* rows<{ id: BackupId }>(MISSING(sightedBy(number)), [
        ...[source, after.created, after.id, end.created, end.id, number],
        since.get(number) ?? null
      ])
      return { missing: missing.map(({ id }) => id), next }
    }),
    sharedOf: (account, source, ids) =>
      Effect.map(rows<{ id: BackupId }>(SHARED, [JSON.stringify(ids), account, source]), (found) =>
        found.map(({ id }) => id)
      ),
    goneOf: (account, ids) => rows<GoneRow>(GONE, [JSON.stringify(ids), account]),
    orphansOf: ({ account, number }, source, gone) => {
      const json = JSON.stringify(gone)
      return rows<OrphanRow>(ORPHANS(sightedBy(number)), [json, account, json, source, number, account, source])
    },
    retireRows: (account, ids, at) => run(RETIRE, [at, account, JSON.stringify(ids)]),
    leave: (account, source, ids) => {
      const left = [source, JSON.stringify(ids), account]
      return Effect.zipRight(
        run(KEEP_APPEARANCE, [account, ...left]),
        run(`DELETE FROM origins WHERE ${IN_SOURCE}`, left)
      )
    },
    finish: (_, number, { status, finished, rejected, message }) =>
      run(
        "UPDATE imports SET status = ?, finished = ?, rejected = ?, message = ? WHERE number = ? AND status = 'RUNNING'",
        [status, finished, rejected, message, number]
      ),
    importOf: (_, number) => first<ImportRow>(`${IMPORTS} WHERE imports.number = ?`, [0, 0, number])
  }
  return statements
})
