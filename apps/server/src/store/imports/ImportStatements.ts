import type { AccountId, Backup, BackupId, ImportMode, Position, SourceName } from "@backup-catalog/core"
import type { ImportEnd, RunningImport, StoreUnavailable } from "@backup-catalog/core/store"
import type { SqlError } from "@effect/sql"
import type { Effect } from "effect"
import type { BackupRow, WrittenRow } from "../backupRows.ts"
import type { Step, WriteStatements } from "../backupWrites.ts"
import type { OriginRow } from "../origins.ts"
import type { ImportRow } from "./importRows.ts"

/** What there is of a backup that an import brings: its row, and what the source has said of it if it `known`s it. */
export interface KnownRow extends BackupRow, OriginRow {
  readonly id: BackupId
  readonly known: bigint | boolean
}

/** A backup that an import has not brought. */
export interface GoneRow extends Position {
  readonly name: string
  readonly instance_id: string | null
}

/** A backup whose parent goes. */
export interface OrphanRow extends Position {
  readonly name: string
  readonly parent_id: BackupId
}

/** An import that holds a source, or has held it for as long as something was heard of it. */
export interface Holder {
  readonly number: bigint
  readonly started: bigint
  readonly held: bigint | boolean
}

/** What a source says of a backup that was there. */
export interface WrittenOrigin extends OriginRow {
  readonly id: BackupId
  readonly created: bigint
}

/**
 * What an import brings of a backup, by its index in the batch, as it would be written: the backup itself, which takes
 * three times as much memory while it waits for the store, is read from that again where it is needed.
 */
export interface Incoming {
  readonly index: number
  readonly id: BackupId
  readonly row: WrittenRow
  readonly origin: OriginRow
}

/**
 * What there was of backups that an import brings, each as a list of indexes such as `0,2`: those that it has brought
 * before, those that the source has just as it says, and the others that were there.
 */
export type Met = Readonly<Record<"repeated" | "same" | "others", string | null>>

/** The imports of a source that are kept, besides those that changed something. */
export const KEPT_IMPORTS = 1000

/** What imports are made of, in the language of a store, besides writes of backups. */
export interface ImportStatements<Given> extends Omit<WriteStatements, "transaction"> {
  /** How many backups are best brought at once. */
  readonly batchSize: number
  /** One transaction that may write to an account; within another one, a part of that. */
  readonly transaction: <A, E = never>(
    name: string,
    account: AccountId,
    write: Effect.Effect<A, E | SqlError.SqlError>
  ) => Effect.Effect<A, Exclude<E, SqlError.SqlError> | StoreUnavailable>
  /** A transaction of which no part is done twice: one that fails is not tried anew. */
  readonly together: ImportStatements<Given>["transaction"]
  /** Whether another write to an account waits in this process for the transaction that runs. */
  readonly isAwaited: (account: AccountId) => boolean
  /** A transaction that is on the disk, with all before it, when it has ended. */
  readonly lasting: ImportStatements<Given>["transaction"]
  /** A step of a dry run, which writes nothing but what it has met. */
  readonly look: <A>(account: AccountId, number: bigint, step: Step<A>) => Effect.Effect<A, StoreUnavailable>
  readonly addSource: (account: AccountId, source: SourceName) => Step<void>
  readonly sourceOf: (account: AccountId, source: SourceName) => Step<bigint | undefined>
  /** Whether an account has at least so many sources. */
  readonly hasSources: (account: AccountId, count: number) => Step<boolean>
  /** Who holds a source; held, when something was heard of it within so many milliseconds. */
  readonly holderOf: (account: AccountId, source: SourceName, lease: number) => Step<Holder | undefined>
  readonly interrupt: (account: AccountId, number: bigint, finished: bigint, message: string) => Step<void>
  readonly enter: (
    account: AccountId,
    source: SourceName,
    id: string,
    mode: ImportMode,
    started: bigint
  ) => Step<{ readonly number: bigint; readonly source: bigint } | undefined>
  /** Removes imports of a source that changed nothing, but for the newest of the source. */
  readonly prune: (account: AccountId, source: bigint) => Step<void>
  readonly take: (account: AccountId, source: bigint, number: bigint) => Step<void>
  /** Notes that something was heard of an import; false when it does not hold its source. */
  readonly hear: (account: AccountId, source: bigint, number: bigint) => Step<boolean>
  readonly release: (account: AccountId, source: bigint, number: bigint) => Step<void>
  /** Makes a place for what an import meets, and does away with it. */
  readonly open: (account: AccountId, number: bigint) => Step<void>
  readonly close: (account: AccountId, number: bigint) => Effect.Effect<void, StoreUnavailable>
  /** Does away with what was met by imports of an account that ended without doing so. */
  readonly sweep: (account: AccountId) => Effect.Effect<void, StoreUnavailable>
  /** The values of some backups as `bring` sends them. */
  readonly give: (some: ReadonlyArray<Incoming>) => Given
  /**
   * Adds those of some backups, none twice, that are not there, with their origins, which appear at an instant, and
   * says what there was of the others; a dry run adds none. From then on the import has brought all of them.
   */
  readonly bring: (running: RunningImport, source: bigint, given: Given, at: bigint) => Step<Met | undefined>
  /** What there is of some backups, and what the source has said of them. */
  readonly knownOf: (account: AccountId, source: bigint, ids: ReadonlyArray<BackupId>) => Step<ReadonlyArray<KnownRow>>
  /** Notes that backups which the import has brought have moved in the order. */
  readonly follow: (running: RunningImport, moved: ReadonlyArray<Backup>) => Step<void>
  /** Notes ids of which the source has something that is no backup. */
  readonly sight: (running: RunningImport, ids: ReadonlyArray<string>) => Step<void>
  readonly putOrigins: (
    account: AccountId,
    source: bigint,
    number: bigint,
    origins: ReadonlyArray<WrittenOrigin>
  ) => Step<void>
  /** Adds to the counts of an import. */
  readonly count: (account: AccountId, number: bigint, counts: Readonly<Record<string, number>>) => Step<void>
  /** How many backups a source has. */
  readonly known: (account: AccountId, source: bigint) => Step<number>
  /**
   * Some of the backups that a source has and the import has not met, behind a place; and where to go on, when more
   * follow.
   */
  readonly lookThrough: (
    running: RunningImport,
    source: bigint,
    after: Position | undefined
  ) => Step<{
    readonly missing: ReadonlyArray<BackupId>
    readonly next: Position | undefined
  }>
  /** Which of some backups another source has as well. */
  readonly sharedOf: (account: AccountId, source: bigint, ids: ReadonlyArray<BackupId>) => Step<ReadonlyArray<BackupId>>
  /** Those of some backups that are there, oldest first. */
  readonly goneOf: (account: AccountId, ids: ReadonlyArray<BackupId>) => Step<ReadonlyArray<GoneRow>>
  /** The backups of the account whose parent is among those that go, and that do not go themselves, oldest first. */
  readonly orphansOf: (
    running: RunningImport,
    source: bigint,
    gone: ReadonlyArray<BackupId>
  ) => Step<ReadonlyArray<OrphanRow>>
  /** Keeps backups as retired that are about to be removed. */
  readonly retireRows: (account: AccountId, ids: ReadonlyArray<BackupId>, at: bigint) => Step<void>
  /** Takes backups from a source, and keeps when they had appeared by it. */
  readonly leave: (account: AccountId, source: bigint, ids: ReadonlyArray<BackupId>) => Step<void>
  readonly finish: (
    account: AccountId,
    number: bigint,
    end: {
      readonly status: ImportEnd["status"]
      readonly finished: bigint
      readonly rejected: number
      readonly message: string | null
    }
  ) => Step<void>
  readonly importOf: (account: AccountId, number: bigint) => Step<ImportRow | undefined>
}
