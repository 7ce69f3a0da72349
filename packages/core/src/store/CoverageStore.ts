import { Context, type Effect, type Option } from "effect"
import type { AccountId, InstanceId } from "../Backup.ts"
import type { InstanceFacts } from "../Coverage.ts"
import type { Policy } from "../Policy.ts"
import type { StoreUnavailable } from "./BackupStore.ts"

/** Which instances coverage is asked of: one, or all. */
export interface CoverageScope {
  readonly instanceId?: InstanceId | undefined
}

/**
 * What a store knows of the instances of an account: every one that it ever had a backup of, until a person removes it.
 */
export class CoverageStore extends Context.Tag("@backup-catalog/core/CoverageStore")<
  CoverageStore,
  {
    /** The facts of at most `limit` instances, by id ascending, behind `after`; and whether more follow. */
    readonly facts: (
      account: AccountId,
      scope: CoverageScope,
      after: InstanceId | undefined,
      limit: number
    ) => Effect.Effect<{ readonly facts: ReadonlyArray<InstanceFacts>; readonly more: boolean }, StoreUnavailable>
    /** How many backups of an account name no instance; `most` where there are so many or more. */
    readonly withoutInstance: (account: AccountId, most: number) => Effect.Effect<number, StoreUnavailable>
    /** No longer expects backups of an instance, unless there are some. */
    readonly forget: (
      account: AccountId,
      instance: InstanceId
    ) => Effect.Effect<"forgotten" | "unknown" | "hasBackups", StoreUnavailable>
    /** The policy of an account; none when it has none of its own. */
    readonly policy: (account: AccountId) => Effect.Effect<Option.Option<Policy>, StoreUnavailable>
    readonly setPolicy: (account: AccountId, policy: Policy) => Effect.Effect<void, StoreUnavailable>
    /** The accounts whose policy lets the server show metrics of them, by name, and their policies. */
    readonly withMetrics: Effect.Effect<
      ReadonlyArray<{ readonly account: AccountId; readonly policy: Policy }>,
      StoreUnavailable
    >
  }
>() {}
