import { Data } from "effect"

/** A store cannot be opened; the reason is half a sentence. */
export class StoreNotOpened extends Data.TaggedError("StoreNotOpened")<{
  /** What it is called, without a password. */
  readonly store: string
  readonly reason: string
}> {}

/** A store was written by a newer version of this program, which knows more versions of the schema. */
export class StoreNewer extends Data.TaggedError("StoreNewer")<{
  readonly store: string
  readonly schema: number
  readonly known: number
}> {}

/** A store has the schema of an older version of this program, and is not to be written. */
export class StoreOlder extends Data.TaggedError("StoreOlder")<{
  readonly store: string
  readonly schema: number
  readonly known: number
}> {}

/** There is no store where one must be: no file, an empty one, or a database without its tables. */
export class StoreMissing extends Data.TaggedError("StoreMissing")<{
  readonly store: string
  readonly what: "file" | "empty file" | "database"
}> {}

/** A store of a kind that has no replicas is to be read from some. */
export class NoReplicas extends Data.TaggedError("NoReplicas")<{ readonly store: string }> {}

/** A store does not say how far it is, so that nobody knows how far its replicas are behind. */
export class PositionUnknown extends Data.TaggedError("PositionUnknown")<{
  readonly store: string
  readonly reason: string
}> {}

/** What is called a replica is none of the store. */
export class NotAReplica extends Data.TaggedError("NotAReplica")<{
  readonly replica: string
  readonly store: string
  readonly reason: string
}> {}

/** Why a store cannot be used. */
export type StoreRefused =
  | StoreNotOpened
  | StoreNewer
  | StoreOlder
  | StoreMissing
  | NoReplicas
  | PositionUnknown
  | NotAReplica
