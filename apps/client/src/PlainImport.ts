import {
  formatInstantMicros,
  type Import,
  type ImportMode,
  type ImportResult,
  type ImportStatus
} from "@backup-catalog/core"
import { Option } from "effect"

/** One import of a source, as plain data. The counts are of backups, `rejected` is of lines. */
export interface PlainImport {
  readonly id: string
  /** The name of the source. */
  readonly source: string
  readonly mode: ImportMode
  readonly status: ImportStatus
  /** `2014-06-19T15:56:58.000000Z`. */
  readonly started: string
  /** As `started`; null while it runs. */
  readonly finished: string | null
  readonly created: number
  readonly updated: number
  readonly unchanged: number
  /** Those that the source no longer has. */
  readonly retired: number
  /** Lines that were not imported. */
  readonly rejected: number
  /** Those of the account that lost their parent by what was retired. */
  readonly orphaned: number
  /** Why it is not `COMPLETED`, or why it retired nothing. */
  readonly message: string | null
}

/** What came of an import: the first of what was rejected, orphaned and, for a dry run, would be different. */
export interface PlainImportResult extends PlainImport {
  readonly dryRun: boolean
  readonly rejections: ReadonlyArray<{ readonly line: number; readonly id: string | null; readonly reason: string }>
  readonly orphans: ReadonlyArray<{ readonly id: string; readonly name: string; readonly parentId: string }>
  readonly differences: ReadonlyArray<{
    readonly change: "created" | "updated" | "retired"
    readonly id: string
    readonly name: string
    readonly instanceId: string | null
    /** Which members would change, by the names that the API has. */
    readonly members: ReadonlyArray<string>
  }>
}

/** The plain form of an import. */
export const toPlainImport = (one: Import): PlainImport => ({
  id: one.id,
  source: one.source,
  mode: one.mode,
  status: one.status,
  started: formatInstantMicros(one.started),
  finished: Option.getOrNull(Option.map(one.finished, formatInstantMicros)),
  created: one.created,
  updated: one.updated,
  unchanged: one.unchanged,
  retired: one.retired,
  rejected: one.rejected,
  orphaned: one.orphaned,
  message: Option.getOrNull(one.message)
})

/** The plain form of what came of an import. */
export const toPlainImportResult = (result: ImportResult): PlainImportResult => ({
  ...toPlainImport(result),
  dryRun: result.dryRun,
  rejections: result.rejections.map(({ line, id, reason }) => ({ line, id: Option.getOrNull(id), reason })),
  orphans: result.orphans.map(({ id, name, parentId }) => ({ id, name, parentId })),
  differences: result.differences.map(({ instanceId, ...difference }) => ({
    ...difference,
    instanceId: Option.getOrNull(instanceId)
  }))
})
