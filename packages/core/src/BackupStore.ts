import { Context, Data, type Effect, type Option } from "effect"
import type { AccountId, Backup, BackupId } from "./Backup.ts"
import type { BackupFilter } from "./BackupFilter.ts"
import type { Position } from "./BackupOrder.ts"

/** The store does not answer, for a reason outside the program: a full disk, a lock, a lost connection. */
export class StoreUnavailable extends Data.TaggedError("StoreUnavailable")<{
  readonly cause: unknown
}> {
  override readonly message = "the backup store does not answer"
  /** What the driver says of it, for whoever runs the store; never for a caller of the API. */
  get reason(): string {
    return this.cause instanceof Error ? this.cause.message : String(this.cause)
  }
}

/** A slice of the order: at most `limit` of the account's backups that `filter` keeps, all of them behind `after`. */
export interface Slice {
  readonly account: AccountId
  readonly filter: BackupFilter
  readonly after: Position | undefined
  readonly limit: number
}

/** The backups of a slice in their order, and whether more follow behind the last. */
export interface StoredPage {
  readonly backups: ReadonlyArray<Backup>
  readonly more: boolean
}

/** The same slice as it travels: the text of its records with commas between them, or the UTF-8 bytes of that text. */
export interface EncodedPage {
  readonly records: string | Uint8Array
  /** The last record's position, when more follow behind it. */
  readonly last: Position | undefined
}

/** What writing some records did. A record is unchanged when it was there already, member for member. */
export interface PutResult {
  readonly created: number
  readonly updated: number
  readonly unchanged: number
}

/**
 * Where backups are kept: the port that every store implements and `storeLaws` holds to the in-memory one.
 *
 * Everything is asked for one account and never shows another's.
 */
export class BackupStore extends Context.Tag("@backup-catalog/core/BackupStore")<
  BackupStore,
  {
    readonly list: (slice: Slice) => Effect.Effect<StoredPage, StoreUnavailable>
    readonly listEncoded: (slice: Slice) => Effect.Effect<EncodedPage, StoreUnavailable>
    readonly get: (account: AccountId, id: BackupId) => Effect.Effect<Option.Option<Backup>, StoreUnavailable>
    /** Whether the account has a backup of this datastore type, without regard to case. */
    readonly hasDatastore: (account: AccountId, type: string) => Effect.Effect<boolean, StoreUnavailable>
    /** Adds or replaces backups by id, all of them or none. Of two with one id, the later one counts. */
    readonly put: (account: AccountId, backups: ReadonlyArray<Backup>) => Effect.Effect<PutResult, StoreUnavailable>
    /** Removes a backup; false when there was none. */
    readonly remove: (account: AccountId, id: BackupId) => Effect.Effect<boolean, StoreUnavailable>
    /** Whether there is no backup of any account. */
    readonly isEmpty: Effect.Effect<boolean, StoreUnavailable>
    /** Succeeds while the store answers. */
    readonly ready: Effect.Effect<void, StoreUnavailable>
  }
>() {}
