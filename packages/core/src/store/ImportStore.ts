import { Context, type Effect, type Option } from "effect"
import type { AccountId, BackupId } from "../Backup.ts"
import type { Position } from "../BackupOrder.ts"
import type {
  Difference,
  HistoryEvent,
  Import,
  ImportMode,
  ImportStatus,
  Origin,
  Orphan,
  SourcedBackup,
  SourceName
} from "../Import.ts"
import type { StoreUnavailable } from "./BackupStore.ts"

/** An import that has begun, by a number that only the store knows the meaning of. */
export interface RunningImport {
  readonly number: bigint
  readonly account: AccountId
  readonly id: string
  readonly dryRun: boolean
}

/**
 * How beginning an import ended: with a running one, because another one of the source still runs, or because the
 * source would be one more than the account may have.
 */
export type Begun =
  | { readonly kind: "begun"; readonly import: RunningImport }
  | { readonly kind: "busy"; readonly started: Import["started"] }
  | { readonly kind: "full" }

/** What one batch of an import did. */
export interface BatchResult {
  readonly created: number
  readonly updated: number
  readonly unchanged: number
  /** Those of the batch that the import had brought before: the first one counts. */
  readonly repeated: ReadonlySet<number>
  /** Of a dry run, what it would have done. */
  readonly differences: ReadonlyArray<Difference>
}

/** What is told of a backup, and where that is in the order of the account. */
export interface Told<A> {
  readonly at: Position
  readonly told: A
}

/** What one step of retiring did, oldest first, and where the next one goes on; none when it was the last. */
export interface RetireResult {
  readonly retired: number
  readonly orphaned: number
  readonly orphans: ReadonlyArray<Told<Orphan>>
  readonly differences: ReadonlyArray<Told<Difference>>
  readonly next: Position | undefined
}

/** How an import ended. */
export interface ImportEnd {
  readonly status: Exclude<ImportStatus, "RUNNING">
  readonly message: Option.Option<string>
  readonly rejected: number
}

/** Another import of the source has taken over, or nothing was heard of this one for too long. */
export type Overtaken = { readonly kind: "overtaken" }

/** The history of a backup: where it comes from, and what happened to it, newest first. */
export interface History {
  readonly origins: ReadonlyArray<Origin>
  readonly events: ReadonlyArray<HistoryEvent>
  readonly next: bigint | undefined
}

/**
 * Where imports write to, beside the `BackupStore` of the same store, and what they leave behind: the past imports and
 * the history of backups.
 *
 * Only one import of a source runs at a time, whichever process runs it: whoever holds the source is heard of by
 * `write`, `retire` and `keep`, and loses it after `lease` milliseconds of silence. Every step is one transaction that
 * looks first whether it still holds the source, so that two never interleave. A dry run holds nothing and writes
 * nothing.
 */
export class ImportStore extends Context.Tag("@backup-catalog/core/ImportStore")<
  ImportStore,
  {
    readonly lease: number
    /**
     * How many backups are best written at once, for the time and for the memory that they take; as many again are made
     * ready meanwhile.
     */
    readonly batchSize: number
    /**
     * An account has the sources that imports ever began of, dry runs aside, and may have so many; no two at once make
     * it more.
     */
    readonly begin: (
      account: AccountId,
      source: SourceName,
      mode: ImportMode,
      dryRun: boolean,
      maxSources: number
    ) => Effect.Effect<Begun, StoreUnavailable>
    /** Runs some steps of an import in one transaction: all of them take place, or none. */
    readonly together: <A, E>(
      running: RunningImport,
      steps: Effect.Effect<A, E>
    ) => Effect.Effect<A, E | StoreUnavailable>
    /** Whether another write waits for the transaction that runs. */
    readonly isAwaited: (running: RunningImport) => boolean
    /**
     * Adds or replaces some backups by id. They are read, and made ready one after the other, when it is called, not
     * when it is run; indexes in the result are counted in that order.
     */
    readonly write: (
      running: RunningImport,
      backups: Iterable<SourcedBackup>
    ) => Effect.Effect<BatchResult | Overtaken, StoreUnavailable>
    /** Notes ids that the source has although their lines cannot be imported: they are not retired. */
    readonly sight: (running: RunningImport, ids: ReadonlyArray<string>) => Effect.Effect<void, StoreUnavailable>
    /** How many backups the source has. */
    readonly known: (running: RunningImport) => Effect.Effect<number, StoreUnavailable>
    /**
     * Retires some of the source's backups that this import has not brought, behind `after`; in what order it goes
     * through them is the store's own. What another source of the account has as well stays.
     */
    readonly retire: (
      running: RunningImport,
      after: Position | undefined
    ) => Effect.Effect<RetireResult | Overtaken, StoreUnavailable>
    /** Says that the import is still at it; false when it no longer holds its source. */
    readonly keep: (running: RunningImport) => Effect.Effect<boolean, StoreUnavailable>
    readonly end: (running: RunningImport, end: ImportEnd) => Effect.Effect<Import, StoreUnavailable>
    /**
     * At most `limit` of the account's imports, newest first, behind a number; and the number of the last, when more
     * follow.
     */
    readonly list: (
      account: AccountId,
      source: SourceName | undefined,
      after: bigint | undefined,
      limit: number
    ) => Effect.Effect<{ readonly imports: ReadonlyArray<Import>; readonly next: bigint | undefined }, StoreUnavailable>
    /** The number of an import, by which they are in order. */
    readonly numberOf: (account: AccountId, id: string) => Effect.Effect<Option.Option<bigint>, StoreUnavailable>
    readonly get: (account: AccountId, id: string) => Effect.Effect<Option.Option<Import>, StoreUnavailable>
    /** What happened to a backup, newest first, behind `before`; none when the account never had it. */
    readonly history: (
      account: AccountId,
      id: BackupId,
      before: bigint | undefined,
      limit: number
    ) => Effect.Effect<Option.Option<History>, StoreUnavailable>
  }
>() {}
