import { type AccountId, BackupId, type Instant } from "@backup-catalog/core"
import { Effect, Schema } from "effect"
import { READ_COLUMNS, WRITTEN_COLUMNS } from "../backupRows.ts"
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
import { IMPORT, NOW } from "./pastImports.ts"
import { rowById } from "./rowById.ts"
import { bigints, texts } from "./storable.ts"
import type { Transactions } from "./transactions.ts"
import { columnsOf, makeWriteStatements, NEXT_NUMBER } from "./writeStatements.ts"

/** Backups brought at once: each statement is a round trip, and lists wait for one to be made ready. */
const BATCH_SIZE = 1000

/** Origins looked at in one step of retiring. */
const ORIGINS_PER_STEP = 2000

/** Ids of what an import has met that are removed by one statement. */
const IDS_PER_STATEMENT = 20_000

/** For how long nothing is heard of a dry run until it is over, in milliseconds. */
const DRY_LEASE = 3_600_000

const ADD_SOURCE = `
  INSERT INTO sources (account, number, name)
  SELECT $1, coalesce(max(number), 0) + 1, $2 FROM sources WHERE account = $1
  ON CONFLICT (account, name) DO NOTHING`

const HOLDER = `
  SELECT imports.number, started, heard BETWEEN ${NOW} - $3::bigint AND ${NOW} + $3::bigint AS held
  FROM sources JOIN imports ON imports.account = $1 AND imports.number = sources.running
  WHERE sources.account = $1 AND name = $2`

const ENTER = `
  INSERT INTO imports (account, number, id, source, mode, status, started)
  SELECT $1, (SELECT coalesce(max(number), 0) + 1 FROM imports WHERE account = $1), $2, number, $3, 'RUNNING', $4
  FROM sources WHERE account = $1 AND name = $5
  RETURNING number, source`

// A sync every few minutes that finds nothing new is not worth a row for ever.
const PRUNE = `
  DELETE FROM imports WHERE account = $1 AND source = $2 AND created = 0 AND updated = 0 AND retired = 0 AND number < (
    SELECT number FROM imports WHERE account = $1 AND source = $2 ORDER BY number DESC LIMIT 1 OFFSET ${KEPT_IMPORTS})`

const OPEN = `
  INSERT INTO sightings (account, import, heard) VALUES ($1, $2, ${NOW})`

const STALE = `
  SELECT import FROM sightings WHERE account = $1 AND (
    import > 0 AND NOT EXISTS (SELECT 1 FROM sources WHERE account = $1 AND running = sightings.import)
    OR import < 0 AND heard < ${NOW} - ${DRY_LEASE})`

const BOUND = `
  SELECT id FROM sighted WHERE account = $1 AND import = $2 ORDER BY id LIMIT 1 OFFSET ${IDS_PER_STATEMENT}`

const CLOSE = "DELETE FROM sighted WHERE account = $1 AND import = $2"

// Each by its key: by all of them at once, a table that was never analysed is walked through for every batch.
const KNOWN = `
  SELECT found.*, said.id IS NOT NULL AS known, native_id, native_parent_id, suspect
  FROM unnest($3::text[]) AS wanted (id) CROSS JOIN LATERAL (
    ${rowById(`id, ${READ_COLUMNS}`, "backups", "wanted.id")}
  ) AS found LEFT JOIN LATERAL (
    SELECT id, native_id, native_parent_id, suspect FROM origins
    WHERE account = $1 AND source = $2 AND id = wanted.id LIMIT 1
  ) AS said ON true`

// A source has nothing of what is nowhere, but a dry run may have met it.
const incoming = (mayBeMet: string) => `
  SELECT given.*, there.created IS NOT NULL AS is_there,
    coalesce(sighted.brought, false) OR coalesce(said.import = $3, false) AS is_brought,
    said.id IS NOT NULL AND there.created = given.created AND there.updated = given.updated
      AND there.size_bytes IS NOT DISTINCT FROM given.size_bytes AND there.record = given.record
      AND said.native_id IS NOT DISTINCT FROM given.native_id
      AND said.native_parent_id IS NOT DISTINCT FROM given.native_parent_id
      AND said.suspect IS NOT DISTINCT FROM given.suspect AS is_same
  FROM unnest($4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::bigint[], $9::text[], $10::text[], $11::text[],
      $12::text[], $13::text[], $14::bigint[], $15::text[], $16::text[], $17::text[], $18::text[])
    AS given (n, ${WRITTEN_COLUMNS}, native_id, native_parent_id, suspect)
  LEFT JOIN LATERAL (
    ${rowById(READ_COLUMNS, "backups", "given.id")}
  ) AS there ON true LEFT JOIN LATERAL (
    SELECT id, import, native_id, native_parent_id, suspect FROM origins
    WHERE there.created IS NOT NULL AND account = $1 AND source = $2 AND id = given.id LIMIT 1
  ) AS said ON true LEFT JOIN LATERAL (
    SELECT brought FROM sighted WHERE ${mayBeMet} AND account = $1 AND import = $3 AND id = given.id LIMIT 1
  ) AS sighted ON true`

const SEE = `
  INSERT INTO sighted (account, import, id, brought) SELECT $1, $3, id, true FROM incoming`

const SEEN = "ON CONFLICT (account, import, id) DO UPDATE SET brought = true WHERE NOT sighted.brought"

const MET = `
  SELECT string_agg(n::text, ',') FILTER (WHERE is_brought) AS repeated,
    string_agg(n::text, ',') FILTER (WHERE is_same AND NOT is_brought) AS same,
    string_agg(n::text, ',') FILTER (WHERE NOT is_same AND NOT is_brought) AS others
  FROM incoming`

// What it has added, the import has brought by being its first; what was deleted meanwhile is new again.
const BRING = `
  WITH incoming AS MATERIALIZED (${incoming("there.created IS NOT NULL")}), added AS (
    INSERT INTO backups (${WRITTEN_COLUMNS}) SELECT ${WRITTEN_COLUMNS} FROM incoming WHERE NOT is_there
  ), origin AS (
    INSERT INTO origins (account, source, id, native_id, native_parent_id, suspect, appeared, import)
    SELECT $1, $2, id, native_id, native_parent_id, suspect, $19::bigint, $3 FROM incoming WHERE NOT is_there
  ), returned AS (
    DELETE FROM retired WHERE account = $1 AND id = ANY(ARRAY(SELECT id FROM incoming WHERE NOT is_there))
  ), expected AS (
    INSERT INTO instances (account, instance_id)
    SELECT DISTINCT $1, instance_id FROM incoming WHERE NOT is_there AND instance_id IS NOT NULL
    ON CONFLICT (account, instance_id) DO NOTHING
  ), seen AS (${SEE} WHERE is_there ${SEEN})
  ${MET} WHERE is_there`

const LOOK = `
  WITH incoming AS MATERIALIZED (${incoming("true")}), seen AS (${SEE} ${SEEN})
  ${MET} WHERE is_there OR is_brought`

const SIGHT = `
  INSERT INTO sighted (account, import, id, brought) SELECT $1, $2, id, false FROM unnest($3::text[]) AS met (id)
  ON CONFLICT (account, import, id) DO NOTHING`

const PUT_ORIGINS = `
  INSERT INTO origins (account, source, id, native_id, native_parent_id, suspect, import)
  SELECT $1, $2, written.*, $3 FROM unnest($4::text[], $5::text[], $6::text[], $7::text[]) AS written
  ON CONFLICT (account, source, id) DO UPDATE SET native_id = excluded.native_id,
    native_parent_id = excluded.native_parent_id, suspect = excluded.suspect`

const LOOK_THROUGH = `
  SELECT looked.id, looked.import = $3 OR EXISTS (
    SELECT 1 FROM sighted WHERE account = $1 AND import = $3 AND sighted.id = looked.id) AS sighted
  FROM (
    SELECT id, import FROM origins WHERE account = $1 AND source = $2 AND id > $4 ORDER BY id LIMIT ${ORIGINS_PER_STEP}
  ) AS looked ORDER BY id`

// What another source has as well is not this one's alone to retire.
const SHARED = "SELECT DISTINCT id FROM origins WHERE account = $1 AND source <> $2 AND id = ANY($3::text[])"

const GONE = `
  SELECT created, id, record, instance_id FROM backups WHERE account = $1 AND id = ANY($2::text[]) ORDER BY created, id`

const ORPHANS = `
  SELECT child.created, child.id, child.record, child.parent_id FROM backups AS child
  WHERE child.account = $1 AND child.parent_id = ANY($4::text[]) AND child.id <> ALL($4::text[]) AND (
    EXISTS (SELECT 1 FROM sighted WHERE account = $1 AND import = $3 AND sighted.id = child.id)
    OR NOT EXISTS (
      SELECT 1 FROM origins WHERE account = $1 AND source = $2 AND origins.id = child.id AND origins.import <> $3)
    OR EXISTS (SELECT 1 FROM origins WHERE account = $1 AND source <> $2 AND origins.id = child.id))
  ORDER BY child.created, child.id`

const UNRETIRE = "DELETE FROM retired WHERE account = $1 AND id = ANY($2::text[])"

const RETIRE = `
  INSERT INTO retired (${WRITTEN_COLUMNS}, retired)
  SELECT ${WRITTEN_COLUMNS}, $3 FROM backups WHERE account = $1 AND id = ANY($2::text[])`

const KEEP_APPEARANCE = `
  INSERT INTO events (account, id, at, number, event, import)
  SELECT $1, left_by.id, left_by.appeared, ${NEXT_NUMBER("left_by.id")}, 'appeared', left_by.import
  FROM origins AS left_by
  WHERE account = $1 AND source = $2 AND id = ANY($3::text[]) AND appeared IS NOT NULL`

const LEAVE = "DELETE FROM origins WHERE account = $1 AND source = $2 AND id = ANY($3::text[])"

const FINISH = `
  UPDATE imports SET status = $3, finished = $4, rejected = $5, message = $6
  WHERE account = $1 AND number = $2 AND status = 'RUNNING'`

interface RecordRow {
  readonly record: string
}

// Not by PostgreSQL, whose JSON can have no U+0000 in it.
const named = <Row extends RecordRow>(rows: ReadonlyArray<Row>) =>
  rows.map(({ record, ...row }) => ({ ...row, name: (JSON.parse(record) as { readonly name: string }).name }))

type Given = ReadonlyArray<Buffer>

/** Backups as the arrays that `incoming` takes, one of indexes and one of each column. */
const arraysOf = (some: ReadonlyArray<Incoming>): Given => [
  bigints(some.map(({ index }) => BigInt(index))),
  ...columnsOf(some),
  texts(some.map(({ origin }) => origin.native_id)),
  texts(some.map(({ origin }) => origin.native_parent_id)),
  texts(some.map(({ origin }) => origin.suspect))
]

const isBackupId = Schema.is(BackupId)

const nowhere = 0n as Instant

/** What imports are made of, in PostgreSQL: the account is a key of every table in every statement. */
export const makeImportStatements = (transactions: Transactions): ImportStatements<Given> => {
  const { rows, first, run, inOne, together, transaction, isAwaited } = transactions

  /** Removes some of what an import has met; false when nothing is left. */
  const closeSome = (account: AccountId, number: bigint) =>
    inOne(
      Effect.flatMap(first<{ id: BackupId }>(BOUND, [account, number]), (bound) =>
        bound === undefined
          ? Effect.as(run(CLOSE, [account, number]), false)
          : Effect.as(run(`${CLOSE} AND id < $3`, [account, number, bound.id]), true)
      )
    )

  const close: ImportStatements<Given>["close"] = (account, number) =>
    Effect.zipRight(
      Effect.repeat(closeSome(account, number), { while: (more) => more }),
      inOne(run("DELETE FROM sightings WHERE account = $1 AND import = $2", [account, number]))
    )

  return {
    ...makeWriteStatements(transactions),
    batchSize: BATCH_SIZE,
    transaction,
    together,
    isAwaited,
    lasting: transaction,
    look: (account, number, step) =>
      inOne(
        Effect.zipRight(
          run(`UPDATE sightings SET heard = ${NOW} WHERE account = $1 AND import = $2`, [account, number]),
          step
        )
      ),
    addSource: (account, source) => run(ADD_SOURCE, [account, source]),
    sourceOf: (account, source) =>
      Effect.map(
        first<{ number: bigint }>("SELECT number FROM sources WHERE account = $1 AND name = $2", [account, source]),
        (row) => row?.number
      ),
    hasSources: (account, count) =>
      Effect.map(
        first("SELECT number FROM sources WHERE account = $1 LIMIT 1 OFFSET $2", [account, count - 1]),
        (row) => row !== undefined
      ),
    holderOf: (account, source, lease) => first<Holder>(HOLDER, [account, source, lease]),
    interrupt: (account, number, finished, message) =>
      run("UPDATE imports SET status = 'INTERRUPTED', finished = $3, message = $4 WHERE account = $1 AND number = $2", [
        account,
        number,
        finished,
        message
      ]),
    enter: (account, source, id, mode, started) => first(ENTER, [account, id, mode, started, source]),
    prune: (account, source) => run(PRUNE, [account, source]),
    take: (account, source, number) =>
      run(`UPDATE sources SET running = $3, heard = ${NOW} WHERE account = $1 AND number = $2`, [
        account,
        source,
        number
      ]),
    hear: (account, source, number) =>
      Effect.map(
        first(
          `UPDATE sources SET heard = ${NOW} WHERE account = $1 AND number = $2 AND running = $3 RETURNING number`,
          [account, source, number]
        ),
        (row) => row !== undefined
      ),
    release: (account, source, number) =>
      run("UPDATE sources SET running = NULL WHERE account = $1 AND number = $2 AND running = $3", [
        account,
        source,
        number
      ]),
    open: (account, number) => run(OPEN, [account, number]),
    close,
    sweep: (account) =>
      Effect.flatMap(inOne(rows<{ import: bigint }>(STALE, [account])), (stale) =>
        Effect.forEach(stale, (one) => close(account, one.import), { discard: true })
      ),
    give: arraysOf,
    bring: ({ account, number, dryRun }, source, given, at) =>
      first<Met>(dryRun ? LOOK : BRING, [account, source, number, ...given, ...(dryRun ? [] : [at])]),
    knownOf: (account, source, ids) => rows<KnownRow>(KNOWN, [account, source, texts(ids)]),
    // What it has met is known by its id.
    follow: () => Effect.void,
    // What is no id of a backup cannot be in the store, and not be retired.
    sight: ({ account, number }, ids) =>
      run(SIGHT, [account, number, texts([...new Set(ids.filter((id) => isBackupId(id)))])]),
    putOrigins: (account, source, number, origins) =>
      run(PUT_ORIGINS, [
        account,
        source,
        number,
        texts(origins.map(({ id }) => id)),
        texts(origins.map((one) => one.native_id)),
        texts(origins.map((one) => one.native_parent_id)),
        texts(origins.map(({ suspect }) => suspect))
      ]),
    count: (account, number, counts) => {
      const names = Object.keys(counts)
      return run(
        `UPDATE imports SET ${names.map((name, n) => `${name} = ${name} + $${n + 3}`).join(", ")}
         WHERE account = $1 AND number = $2`,
        [account, number, ...Object.values(counts)]
      )
    },
    known: (account, source) =>
      Effect.map(
        first<{ known: bigint }>("SELECT count(*) AS known FROM origins WHERE account = $1 AND source = $2", [
          account,
          source
        ]),
        (row) => Number(row?.known ?? 0n)
      ),
    lookThrough: ({ account, number }, source, after) =>
      Effect.map(
        rows<{ id: BackupId; sighted: boolean }>(LOOK_THROUGH, [account, source, number, after?.id ?? ""]),
        (looked) => {
          const last = looked.at(-1)
          const next = looked.length < ORIGINS_PER_STEP || last === undefined ? undefined : last
          const missing = looked.flatMap(({ id, sighted }) => (sighted ? [] : [id]))
          return { missing, next: next && { created: nowhere, id: next.id } }
        }
      ),
    sharedOf: (account, source, ids) =>
      Effect.map(rows<{ id: BackupId }>(SHARED, [account, source, texts(ids)]), (found) => found.map(({ id }) => id)),
    goneOf: (account, ids) => Effect.map(rows<Omit<GoneRow, "name"> & RecordRow>(GONE, [account, texts(ids)]), named),
    orphansOf: ({ account, number }, source, gone) =>
      Effect.map(rows<Omit<OrphanRow, "name"> & RecordRow>(ORPHANS, [account, source, number, texts(gone)]), named),
    retireRows: (account, ids, at) =>
      Effect.zipRight(run(UNRETIRE, [account, texts(ids)]), run(RETIRE, [account, texts(ids), at])),
    leave: (account, source, ids) =>
      Effect.zipRight(run(KEEP_APPEARANCE, [account, source, texts(ids)]), run(LEAVE, [account, source, texts(ids)])),
    finish: (account, number, { status, finished, rejected, message }) =>
      run(FINISH, [account, number, status, finished, rejected, message]),
    importOf: (account, number) => first<ImportRow>(`${IMPORT} AND imports.number = $3`, [account, 0, number])
  }
}
