import { type BackupId, type InstanceId, runningStatuses } from "@backup-catalog/core"
import { Effect } from "effect"
import { type BackupRow, READ_COLUMNS, WRITTEN_COLUMNS } from "../backupRows.ts"
import type { Planned, WriteStatements } from "../backupWrites.ts"
import { CHAIN, TREE } from "./chainSql.ts"
import { rowById } from "./rowById.ts"
import { bigints, texts } from "./storable.ts"
import type { Transactions } from "./transactions.ts"

const RUNNING = [...runningStatuses].map((status) => `'${status}'`).join(", ")

// Each by its key: by all of them at once, a table that was never analysed is walked through for every batch.
const ROWS = `
  SELECT found.* FROM unnest($2::text[]) AS wanted (id) CROSS JOIN LATERAL (
    ${rowById(`id, ${READ_COLUMNS}`, "backups", "wanted.id")}
  ) AS found`

const INSTANCE = rowById("instance_id", "backups", "$2")

const DESCENDS = `${CHAIN} SELECT 1 FROM chain WHERE id = $3`

const CHILD_ELSEWHERE = `
  SELECT 1 FROM backups
  WHERE account = $1 AND parent_id = $2 AND id <> parent_id AND instance_id IS DISTINCT FROM $3 LIMIT 1`

/** The first of some backups that still runs; takes account and ids. */
export const RUNNING_OF = `
  SELECT wanted.id FROM unnest($2::text[]) WITH ORDINALITY AS wanted (id, place) CROSS JOIN LATERAL (
    ${rowById("status", "backups", "wanted.id")}
  ) AS backup WHERE status IN (${RUNNING})
  ORDER BY place LIMIT 1`

const PUT = `
  INSERT INTO backups (${WRITTEN_COLUMNS})
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::bigint[], $11::text[])
  ON CONFLICT (account, id) DO UPDATE SET
    created = excluded.created, updated = excluded.updated, instance_id = excluded.instance_id,
    status = excluded.status, datastore = excluded.datastore, datastore_version = excluded.datastore_version,
    parent_id = excluded.parent_id, size_bytes = excluded.size_bytes, record = excluded.record`

/** The number of the next event of a backup of the account. */
export const NEXT_NUMBER = (id: string) => `(
    SELECT coalesce(max(earlier.number), 0) + 1 FROM events AS earlier
    WHERE earlier.account = $1 AND earlier.id = ${id})`

// What is still there appeared by its origin; of several, by the first.
const SETTLE = `
  INSERT INTO events (account, id, at, number, event, import)
  SELECT $1, claim.id, claim.appeared, ${NEXT_NUMBER("claim.id")}, 'appeared', claim.import FROM (
    SELECT DISTINCT ON (id) id, appeared, import FROM origins
    WHERE account = $1 AND id = ANY($2::text[]) AND appeared IS NOT NULL ORDER BY id, appeared, source
  ) AS claim`

const UNCLAIM = "DELETE FROM origins WHERE account = $1 AND id = ANY($2::text[])"

const REMOVE = "DELETE FROM backups WHERE account = $1 AND id = ANY($2::text[])"

const UNRETIRE = "DELETE FROM retired WHERE account = $1 AND id = ANY($2::text[])"

const EXPECT = `
  INSERT INTO instances (account, instance_id) SELECT $1, * FROM unnest($2::text[])
  ON CONFLICT (account, instance_id) DO NOTHING`

const LOST = `
  UPDATE instances SET gone = $3 WHERE account = $1 AND instance_id IN (
    SELECT instance_id FROM backups WHERE account = $1 AND id = ANY($2::text[]) AND status = 'COMPLETED')`

const NOTE = `
  INSERT INTO events (account, id, at, number, event, import, changes)
  SELECT $1, happened.id, $3, ${NEXT_NUMBER("happened.id")}, $4, $5, happened.changes
  FROM unnest($2::text[], $6::text[]) AS happened (id, changes)`

const INTEGERS = new Set(["created", "updated", "size_bytes"])

const isInteger = WRITTEN_COLUMNS.split(", ").map((column) => INTEGERS.has(column))

/** `WRITTEN_COLUMNS` of what has rows, each as an array. */
export const columnsOf = (some: ReadonlyArray<Pick<Planned, "row">>): ReadonlyArray<Buffer> =>
  isInteger.map((integer, n) => {
    const values = some.map(({ row }) => row.values[n] ?? null)
    return integer ? bigints(values as ReadonlyArray<bigint | null>) : texts(values as ReadonlyArray<string | null>)
  })

/** What writes of backups are made of, in PostgreSQL: the account is a key of every table in every statement. */
export const makeWriteStatements = ({
  rows,
  first,
  run,
  transaction,
  raiseVersion
}: Transactions): WriteStatements => ({
  transaction,
  rowsOf: (account, ids) => rows<BackupRow & { readonly id: BackupId }>(ROWS, [account, texts(ids)]),
  instanceOf: (account, id) =>
    Effect.map(first<{ instance_id: InstanceId | null }>(INSTANCE, [account, id]), (row) => row?.instance_id),
  descends: (account, id, from) => Effect.map(first(DESCENDS, [account, id, from]), (row) => row !== undefined),
  hasChildElsewhere: (account, id, instance) =>
    Effect.map(first(CHILD_ELSEWHERE, [account, id, instance]), (row) => row !== undefined),
  treeOf: (account, id) =>
    Effect.map(rows<{ id: BackupId }>(`${TREE} SELECT id FROM tree`, [account, id]), (found) =>
      found.map((one) => one.id)
    ),
  runningOf: (account, ids) => Effect.map(first<{ id: BackupId }>(RUNNING_OF, [account, texts(ids)]), (row) => row?.id),
  putRows: (_, planned) => run(PUT, columnsOf(planned)),
  removeRows: (account, ids) =>
    Effect.forEach([SETTLE, UNCLAIM, REMOVE], (statement) => run(statement, [account, texts(ids)]), { discard: true }),
  unretire: (account, ids) => run(UNRETIRE, [account, texts(ids)]),
  expect: (account, instances) => run(EXPECT, [account, texts(instances)]),
  noteLoss: (account, ids, at) => run(LOST, [account, texts(ids), at]),
  noteEvents: (account, event, some, at, byImport) =>
    run(NOTE, [
      account,
      texts(some.map(({ id }) => id)),
      at,
      event,
      byImport,
      texts(some.map(({ changes }) => (changes === undefined ? null : JSON.stringify(changes))))
    ]),
  raiseVersion
})
