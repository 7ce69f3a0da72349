import type { HistoryEvent, Instant, Origin, SourceName } from "@backup-catalog/core"
import { Option } from "effect"
import type { OriginRow } from "./origins.ts"

/** What happened to a backup, with the import through which it did, where there is one. */
export interface HistoryRow {
  readonly at: bigint
  readonly event: HistoryEvent["event"]
  readonly changes: string | null
  readonly import?: string | null
  readonly source?: SourceName | null
}

/** The event of a row. */
export const toHistoryEvent = ({ at, event, changes, import: id, source }: HistoryRow): HistoryEvent => ({
  event,
  at: at as Instant,
  import: id == null || source == null ? Option.none() : Option.some({ id, source }),
  changes: changes === null ? {} : (JSON.parse(changes) as HistoryEvent["changes"])
})

/** What a source says of a backup, with the name of the source. */
export interface OriginOfSource extends OriginRow {
  readonly source: SourceName
}

/** The origins of rows. */
export const toOrigins = (rows: ReadonlyArray<OriginOfSource>): ReadonlyArray<Origin> =>
  rows.map((row) => ({
    source: row.source,
    nativeId: Option.fromNullable(row.native_id),
    nativeParentId: Option.fromNullable(row.native_parent_id),
    suspect: Option.fromNullable(row.suspect)
  }))
