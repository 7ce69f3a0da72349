import type { AccountId, BackupId } from "@backup-catalog/core"
import { Effect, Option } from "effect"
import { type HistoryRow, type OriginOfSource, toHistoryEvent, toOrigins } from "../historyRows.ts"
import { ABOVE_ALL } from "../positions.ts"
import { rowById } from "./rowById.ts"
import type { Transactions } from "./transactions.ts"

interface PlacedRow extends HistoryRow {
  readonly place: bigint
}

// What is still there appeared by its origin; of several, by the first, and before all that happened at the same time.
const HAPPENED = `
  SELECT at, number, event, import, changes FROM events WHERE account = $1 AND id = $2
  UNION ALL (
    SELECT appeared, 0, 'appeared', import, NULL FROM origins
    WHERE account = $1 AND id = $2 AND appeared IS NOT NULL ORDER BY appeared, source LIMIT 1)`

const eventsSql = (limit: number) => `
  SELECT place, at, event, changes, imports.id AS import, sources.name AS source
  FROM (
    SELECT *, row_number() OVER (ORDER BY at, number) AS place FROM (${HAPPENED}) AS happened
  ) AS placed
  LEFT JOIN imports ON imports.account = $1 AND imports.number = placed.import
  LEFT JOIN sources ON sources.account = $1 AND sources.number = imports.source
  WHERE place <= $3 ORDER BY place DESC LIMIT ${limit}`

const ORIGINS = `
  SELECT sources.name AS source, native_id, native_parent_id, suspect
  FROM origins JOIN sources ON sources.account = $1 AND sources.number = origins.source
  WHERE origins.account = $1 AND origins.id = $2 ORDER BY sources.name`

const KNOWN = `
  SELECT 1 WHERE (${rowById("1", "backups", "$2")}) IS NOT NULL
    OR EXISTS (SELECT 1 FROM events WHERE account = $1 AND id = $2)`

/** What happened to a backup. Places are counted from the oldest, which stay where they are when more happens. */
export const historyOf = (
  { rows, first, snapshot }: Transactions,
  account: AccountId,
  id: BackupId,
  before: bigint | undefined,
  limit: number
) =>
  snapshot(
    Effect.gen(function* () {
      const found = yield* rows<PlacedRow>(eventsSql(limit), [account, id, before ?? ABOVE_ALL])
      const origins = yield* rows<OriginOfSource>(ORIGINS, [account, id])
      const isKnown = found.length > 0 || origins.length > 0 || (yield* first(KNOWN, [account, id])) !== undefined
      if (!isKnown) return Option.none()
      const start = (found.at(-1)?.place ?? 1n) - 1n
      return Option.some({
        origins: toOrigins(origins),
        events: found.map(toHistoryEvent),
        next: start > 0n ? start : undefined
      })
    })
  )
