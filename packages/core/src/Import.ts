import { Schema } from "effect"
import { Backup, BackupId } from "./Backup.ts"
import { InstantFromWire, InstantToStore } from "./Instant.ts"
import { nullIfNone } from "./nullIfNone.ts"
import { lineOf } from "./Text.ts"

/** A text of 1 to so many characters without control characters, such as a tool prints an id. */
const line = (most: number) =>
  lineOf(most).annotations({ message: () => `must have 1 to ${most} characters, and no control characters` })

/** The name of a source: where backups come from, such as `pg-main`; 1 to 255 characters, unique within its account. */
export const SourceName = line(255).pipe(
  Schema.brand("SourceName"),
  Schema.annotations({
    identifier: "SourceName",
    jsonSchema: { type: "string", minLength: 1, maxLength: 255, pattern: String.raw`^[^\u0000-\u001f\u007f-\u009f]*$` }
  })
)
export type SourceName = typeof SourceName.Type

/** What an import says: `snapshot`, this is all that the source has; `merge`, this is some of it. */
export const importModes = ["snapshot", "merge"] as const

/** What an import says of its source. */
export const ImportMode = Schema.Literal(...importModes).annotations({
  identifier: "ImportMode",
  message: () => ({ message: `must be ${importModes.join(" or ")}`, override: true })
})
export type ImportMode = typeof ImportMode.Type

/** What an import is asked to do. */
export interface ImportRequest {
  readonly source: SourceName
  readonly mode: ImportMode
  /** Whether a snapshot without any backup may retire all that the source had. */
  readonly allowEmpty: boolean
  readonly dryRun: boolean
}

/**
 * How an import stands: `INTERRUPTED` when its body never arrived whole, or what ran it is gone; `REFUSED` when it
 * would have retired everything unasked.
 */
export const importStatuses = ["RUNNING", "COMPLETED", "INTERRUPTED", "REFUSED"] as const

/** How an import stands. */
export const ImportStatus = Schema.Literal(...importStatuses).annotations({ identifier: "ImportStatus" })
export type ImportStatus = typeof ImportStatus.Type

const absentIfNone = { as: "Option", nullable: true } as const

const Count = Schema.Int.pipe(Schema.nonNegative())

/**
 * One import of a source, as far as it came: how many backups it created, changed, found as they were and retired, how
 * many of its lines it rejected, and how many of the account's backups lost their parent by what was retired.
 */
export const Import = Schema.Struct({
  id: Schema.String,
  source: SourceName,
  mode: ImportMode,
  status: ImportStatus,
  started: InstantFromWire,
  finished: Schema.optionalWith(InstantFromWire, nullIfNone),
  created: Count,
  updated: Count,
  unchanged: Count,
  retired: Count,
  rejected: Count,
  orphaned: Count,
  /** Why it is not `COMPLETED`, or why it retired nothing. */
  message: Schema.optionalWith(Schema.String, nullIfNone)
}).annotations({ identifier: "Import" })
export type Import = typeof Import.Type

/** The most rejected lines that an answer names; all are counted. */
export const MAX_REJECTIONS = 100

/** The most orphaned backups that an answer names; all are counted. */
export const MAX_ORPHANS = 100

/** The most differences that a dry run names; all are counted. */
export const MAX_DIFFERENCES = 1000

/** The largest line of an import, in bytes. */
export const MAX_LINE_BYTES = 1024 * 1024

/** A line that was not imported. */
export const Rejection = Schema.Struct({
  line: Count,
  id: Schema.optionalWith(Schema.String, nullIfNone),
  reason: Schema.String
}).annotations({ identifier: "Rejection" })
export type Rejection = typeof Rejection.Type

/** A backup whose parent was retired. */
export const Orphan = Schema.Struct({
  id: BackupId,
  name: Schema.String,
  parentId: BackupId.pipe(Schema.propertySignature, Schema.fromKey("parent_id"))
}).annotations({ identifier: "Orphan" })
export type Orphan = typeof Orphan.Type

/** What a dry run would have done to one backup, and to which of its members. */
export const Difference = Schema.Struct({
  change: Schema.Literal("created", "updated", "retired"),
  id: BackupId,
  name: Schema.String,
  instanceId: Schema.optionalWith(Schema.String, nullIfNone).pipe(Schema.fromKey("instance_id")),
  members: Schema.Array(Schema.String)
}).annotations({ identifier: "Difference" })
export type Difference = typeof Difference.Type

/** What came of an import. A dry run has an id that is listed nowhere, and the first of its differences. */
export const ImportResult = Schema.Struct({
  ...Import.fields,
  dryRun: Schema.Boolean.pipe(Schema.propertySignature, Schema.fromKey("dry_run")),
  rejections: Schema.Array(Rejection),
  orphans: Schema.Array(Orphan),
  differences: Schema.Array(Difference)
}).annotations({ identifier: "ImportResult" })
export type ImportResult = typeof ImportResult.Type

/** What a source knows of a backup besides its record. */
const native = {
  /** The id that the tool itself gave it. */
  nativeId: Schema.optionalWith(line(1024), absentIfNone).pipe(Schema.fromKey("native_id")),
  /** The tool's own id of its parent, also where there is no such backup. */
  nativeParentId: Schema.optionalWith(line(1024), absentIfNone).pipe(Schema.fromKey("native_parent_id")),
  /** Why it may not be good although it ended well, in one sentence. */
  suspect: Schema.optionalWith(line(1024), absentIfNone)
}

const { projectId: _, retiredAt: __, ...stored } = Backup.fields

/**
 * A record as a source brings it, which is one line of an import (docs/api.md, Lines): a record, and what else the
 * source knows.
 */
export const SourcedBackup = Schema.Struct({
  ...stored,
  created: InstantToStore,
  updated: InstantToStore,
  ...native
}).annotations({ identifier: "SourcedBackup" })
export type SourcedBackup = typeof SourcedBackup.Type

/**
 * What one line of an import has, by its size in bytes: a backup, or the reason why there is none, and then its id if
 * it can be read.
 */
export type ImportEntry = { readonly line: number; readonly bytes: number } & (
  | { readonly backup: SourcedBackup }
  | { readonly id: string | undefined; readonly reason: string }
)

/** A record of a source from a JSON value, or the reasons why it is none; members that are not known are left out. */
export const decodeSourcedBackup = Schema.decodeUnknownEither(SourcedBackup, { errors: "all" })

/** The line of an import that a record of a source travels as, without a line end. */
export const encodeSourcedBackup = (backup: SourcedBackup): string => JSON.stringify(encode(backup))

const encode = Schema.encodeSync(SourcedBackup)

/** Where a backup comes from. */
export const Origin = Schema.Struct({
  source: SourceName,
  nativeId: Schema.optionalWith(Schema.String, nullIfNone).pipe(Schema.fromKey("native_id")),
  nativeParentId: Schema.optionalWith(Schema.String, nullIfNone).pipe(Schema.fromKey("native_parent_id")),
  suspect: Schema.optionalWith(Schema.String, nullIfNone)
}).annotations({ identifier: "Origin" })
export type Origin = typeof Origin.Type

/** What can happen to a backup in the catalog. */
export const historyEvents = ["appeared", "changed", "retired", "deleted"] as const

/**
 * One thing that happened to a backup: what and when, through which import, and for a change each member from what to
 * what.
 */
export const HistoryEvent = Schema.Struct({
  event: Schema.Literal(...historyEvents),
  at: InstantFromWire,
  import: Schema.optionalWith(Schema.Struct({ id: Schema.String, source: SourceName }), nullIfNone),
  changes: Schema.Record({
    key: Schema.String,
    value: Schema.Struct({ from: Schema.Unknown, to: Schema.Unknown })
  })
}).annotations({ identifier: "HistoryEvent" })
export type HistoryEvent = typeof HistoryEvent.Type
