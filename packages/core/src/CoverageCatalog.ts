import { Context, type Effect } from "effect"
import type { AccountId, InstanceId } from "./Backup.ts"
import type { CatalogError } from "./CatalogError.ts"
import type { CoveragePage, Verdict } from "./Coverage.ts"
import type { PageRequest } from "./Page.ts"
import type { MaxAge, Policy } from "./Policy.ts"

/**
 * Which instances a coverage has: every member that is given must hold; `verdicts` for any of its members. They are
 * judged by `maxAge` where it is given, whatever the policies say.
 */
export interface CoverageFilter {
  readonly instanceId?: InstanceId | undefined
  readonly datastore?: string | undefined
  readonly verdicts?: ReadonlyArray<Verdict> | undefined
  readonly maxAge?: MaxAge | undefined
}

/** An account's own policy, and what holds where it says nothing. */
export interface PolicyInForce {
  readonly policy: Policy
  readonly default: Policy
}

/** Which instances have a good recent backup, by which policy. */
export class CoverageCatalog extends Context.Tag("@backup-catalog/core/CoverageCatalog")<
  CoverageCatalog,
  {
    /** One page of the coverage of an account; it may be short, and even empty, and still lead on. */
    readonly list: (
      account: AccountId,
      filter: CoverageFilter,
      page: PageRequest
    ) => Effect.Effect<CoveragePage, CatalogError>
    /** Stops expecting backups of an instance that has none; `UnprocessableEntity` while it has some. */
    readonly forget: (account: AccountId, instance: InstanceId) => Effect.Effect<void, CatalogError>
    readonly policy: (account: AccountId) => Effect.Effect<PolicyInForce, CatalogError>
    /** Replaces the account's own policy. */
    readonly setPolicy: (account: AccountId, policy: Policy) => Effect.Effect<PolicyInForce, CatalogError>
  }
>() {}
