import type { StoreUnavailable } from "@backup-catalog/core/store"
import { Context, type Effect } from "effect"

/** Instances that have backups and are not in the coverage, as a server of before there was one leaves them. */
export class LostInstances extends Context.Tag("@backup-catalog/server/LostInstances")<
  LostInstances,
  {
    /** Adds them; gives how many there were. */
    readonly add: Effect.Effect<number, StoreUnavailable>
  }
>() {}
