import { Context, Data, type Effect, type Option } from "effect"
import type { AccountId, Backup, BackupId, InstanceId } from "../Backup.ts"
import type { BackupFilter } from "../BackupFilter.ts"
import type { Position, PositionAcross } from "../BackupOrder.ts"
import type { Instance } from "../Instance.ts"

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

/** A slice of the order of all accounts together. */
export interface SliceAcross {
  readonly filter: BackupFilter
  readonly after: PositionAcross | undefined
  readonly limit: number
}

/** A slice of the order of the backups that descend from another: its increments, theirs, and so on. */
export interface DescendantSlice {
  readonly account: AccountId
  readonly ancestor: BackupId
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
  /** The account's version that this page is of. */
  readonly version: bigint
}

/**
 * What a store can tell without waiting, one that is in this process: the same as the Effects of these names. Each is
 * undefined where something keeps it from telling; the Effect then says what.
 */
export interface AtOnce {
  /** Behind `behind`, where that is given and is a backup of the account, instead of the position of the slice. */
  readonly listEncoded: (slice: Slice, behind?: BackupId) => EncodedPage | undefined
  readonly version: (account: AccountId) => bigint | undefined
}

/** What writing some records did. A record is unchanged when it was there already, member for member. */
export interface PutResult {
  readonly created: number
  readonly updated: number
  readonly unchanged: number
}

/** Why a backup cannot be as it is asked for: each would make its chain of increments one that cannot be restored. */
export type ChainProblem = "parentMissing" | "parentOfOtherInstance" | "childOfOtherInstance" | "cycle"

/** A backup that is there, as whoever replaces or removes it sees it: one that cannot be read is there as well. */
export type ExistingBackup = Backup | "unreadable"

/**
 * What registering a backup did: wrote it, found it as it was, was refused by its caller, or found its chain
 * impossible.
 */
export type Registered =
  | { readonly kind: "created" | "updated" | "unchanged"; readonly backup: Backup }
  | { readonly kind: "refused" }
  | { readonly kind: "impossible"; readonly problem: ChainProblem }

/**
 * What removing a backup with its descendants did: how many went, or why none did: there is none, its caller refused it
 * as it is, or one of them still runs.
 */
export type Removed =
  | { readonly kind: "removed"; readonly count: number }
  | { readonly kind: "missing" | "refused" }
  | { readonly kind: "running"; readonly id: BackupId }

/**
 * Where backups are kept: the port that every store implements and `storeLaws` holds to the in-memory one.
 *
 * Everything is asked for one account and never shows another's, but for what has `Across` in its name. What a write
 * does happens in one transaction, and raises the version of its account when it changes anything.
 */
export class BackupStore extends Context.Tag("@backup-catalog/core/BackupStore")<
  BackupStore,
  {
    readonly list: (slice: Slice) => Effect.Effect<StoredPage, StoreUnavailable>
    readonly listEncoded: (slice: Slice) => Effect.Effect<EncodedPage, StoreUnavailable>
    /** Absent from a store that has to wait for what it reads. */
    readonly atOnce?: AtOnce
    /** The backups of all accounts together, each with its `projectId`. */
    readonly listAcross: (slice: SliceAcross) => Effect.Effect<StoredPage, StoreUnavailable>
    readonly listDescendants: (slice: DescendantSlice) => Effect.Effect<StoredPage, StoreUnavailable>
    readonly get: (account: AccountId, id: BackupId) => Effect.Effect<Option.Option<Backup>, StoreUnavailable>
    /** Where the backups of this id stand in the order of all accounts: at most two, which is one too many to tell. */
    readonly findAcross: (id: BackupId) => Effect.Effect<ReadonlyArray<PositionAcross>, StoreUnavailable>
    /** Whether the account has a backup of this datastore type, or had one that was retired, without regard to case. */
    readonly hasDatastore: (account: AccountId, type: string) => Effect.Effect<boolean, StoreUnavailable>
    readonly hasDatastoreAcross: (type: string) => Effect.Effect<boolean, StoreUnavailable>
    /** The newest backup of the account that has this version of a datastore, by its id. */
    readonly findDatastoreVersion: (
      account: AccountId,
      versionId: string
    ) => Effect.Effect<Option.Option<Backup>, StoreUnavailable>
    /** At most `limit` of the account's instances, by id ascending, behind `after`; and whether more follow. */
    readonly listInstances: (
      account: AccountId,
      after: InstanceId | undefined,
      limit: number
    ) => Effect.Effect<{ readonly instances: ReadonlyArray<Instance>; readonly more: boolean }, StoreUnavailable>
    readonly getInstance: (
      account: AccountId,
      id: InstanceId
    ) => Effect.Effect<Option.Option<Instance>, StoreUnavailable>
    /** Whether the account has, or ever had, a backup of an instance. */
    readonly knowsInstance: (account: AccountId, id: InstanceId) => Effect.Effect<boolean, StoreUnavailable>
    /** A number that every write to the account raises, and that never comes again; 0 before the first. */
    readonly version: (account: AccountId) => Effect.Effect<bigint, StoreUnavailable>
    /** Adds or replaces backups by id, all of them or none, as they are. Of two with one id, the later one counts. */
    readonly put: (account: AccountId, backups: ReadonlyArray<Backup>) => Effect.Effect<PutResult, StoreUnavailable>
    /**
     * Adds or replaces one backup, by what was there before: `next` gives what is to be there, with this id, or none
     * to leave it. Refused as impossible when its chain would not hold together, unless it is the chain that was there.
     */
    readonly register: (
      account: AccountId,
      id: BackupId,
      next: (before: Option.Option<ExistingBackup>) => Option.Option<Backup>
    ) => Effect.Effect<Registered, StoreUnavailable>
    /** Removes a backup, if it is as its caller allows, and all that descend from it; or none of them. */
    readonly remove: (
      account: AccountId,
      id: BackupId,
      allowed: (before: Option.Option<ExistingBackup>) => boolean
    ) => Effect.Effect<Removed, StoreUnavailable>
    /** Whether there is no backup of any account. */
    readonly isEmpty: Effect.Effect<boolean, StoreUnavailable>
    /** Succeeds while the store answers. */
    readonly ready: Effect.Effect<void, StoreUnavailable>
  }
>() {}
