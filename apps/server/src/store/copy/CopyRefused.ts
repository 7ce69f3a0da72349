import { Data } from "effect"

/** A store cannot be read. */
export class StoreUnreadable extends Data.TaggedError("StoreUnreadable")<{
  readonly store: string
  readonly reason: string
}> {}

/** The temporary copy that a store would be read from cannot be made. */
export class TemporaryCopyFailed extends Data.TaggedError("TemporaryCopyFailed")<{
  readonly store: string
  /** Where it would be. */
  readonly folder: string
  readonly reason: string
}> {}

/** PostgreSQL did not do what it was asked. */
export class PostgresGaveUp extends Data.TaggedError("PostgresGaveUp")<{ readonly reason: string }> {}

/** Rows of a store are not good: some are named, a sentence each, and how many more there are. */
export class RowsFaulty extends Data.TaggedError("RowsFaulty")<{
  readonly faults: ReadonlyArray<string>
  readonly more: number
}> {}

/** The store that is copied into is not empty. */
export class StoreOccupied extends Data.TaggedError("StoreOccupied")<{
  readonly store: string
  /** A table that has rows. */
  readonly table: string
}> {}

/** Somebody else has written to the store that is copied into, which was empty. */
export class StoreFilled extends Data.TaggedError("StoreFilled")<{ readonly store: string }> {}

/** What arrived is not what was sent. */
export class CopyDiffers extends Data.TaggedError("CopyDiffers")<{
  readonly store: string
  readonly tables: ReadonlyArray<string>
}> {}

/** Why a store is not read, or not copied. */
export type CopyRefused =
  | StoreUnreadable
  | TemporaryCopyFailed
  | PostgresGaveUp
  | RowsFaulty
  | StoreOccupied
  | StoreFilled
  | CopyDiffers
