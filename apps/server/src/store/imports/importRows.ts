import type { Import, ImportMode, Instant, SourceName } from "@backup-catalog/core"
import { Option } from "effect"

/** An import as it is kept; `held` where it runs, and something was heard of it not too long ago. */
export interface ImportRow {
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
  readonly held: bigint | boolean
}

/** What is said of an import that ended without saying so. */
export const ABANDONED = "It broke off before its end, and nothing was retired after that."

/** The import of a row. */
export const toImport = (row: ImportRow): Import => {
  const cut = row.status === "RUNNING" && !row.held
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
