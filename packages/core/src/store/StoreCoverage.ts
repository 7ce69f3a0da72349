import { Clock, Context, Effect, Layer, Option } from "effect"
import type { AccountId, InstanceId } from "../Backup.ts"
import { foldDatastore } from "../BackupFilter.ts"
import { type CoverageEntry, judge, MAX_WITHOUT_INSTANCE } from "../Coverage.ts"
import type { CoverageCatalog, CoverageFilter, PolicyInForce } from "../CoverageCatalog.ts"
import type { AccountCoverage } from "../coverageMetrics.ts"
import { type Fault, ItemNotFound, UnprocessableEntity } from "../Fault.ts"
import { instanceFromMarker, markerFromInstance } from "../Marker.ts"
import type { PageRequest } from "../Page.ts"
import { type MaxAgeOf, maxAgesOf, noPolicy, type Policy } from "../Policy.ts"
import { BackupStore } from "./BackupStore.ts"
import { CoverageStore } from "./CoverageStore.ts"
import { mustBeDatastore } from "./mustBeDatastore.ts"
import type { OnStore } from "./OnStore.ts"
import { limitOf, type PageLimits } from "./PageLimits.ts"
import { resolveInstance } from "./resolveInstance.ts"
import { takeTurns } from "./takeTurns.ts"
import { unavailable } from "./unavailable.ts"

/** The most instances that are looked at for one page: where a verdict is rare, the next link leads on. */
const MAX_LOOKED_AT = 5000

/** How many instances are read in one go, which the event loop waits for. */
const INSTANCES_PER_READ = 25

/**
 * All coverage that the server may show; `complete` is false where there were more instances or accounts than were
 * asked for.
 */
export interface Observed {
  readonly accounts: ReadonlyArray<AccountCoverage>
  readonly complete: boolean
}

const has = ({ verdicts = [], datastore }: CoverageFilter, entry: CoverageEntry): boolean =>
  (verdicts.length === 0 || verdicts.includes(entry.verdict)) &&
  (datastore === undefined ||
    Option.exists(entry.datastore, ({ type }) => foldDatastore(type) === foldDatastore(datastore)))

const make = (limits: PageLimits, server: Policy) =>
  Effect.map(Effect.all([CoverageStore, BackupStore]), ([store, backups]) => {
    const policyOf = (account: AccountId) =>
      Effect.map(
        store.policy(account),
        Option.getOrElse(() => noPolicy)
      )

    const judgeAll = Effect.fnUntraced(function* (
      account: AccountId,
      maxAgeOf: MaxAgeOf,
      filter: CoverageFilter,
      after: InstanceId | undefined,
      limit: number
    ) {
      const now = yield* Clock.currentTimeMillis
      const turn = takeTurns()
      const found: Array<CoverageEntry> = []
      let last = after
      for (let seen = 0; seen < MAX_LOOKED_AT; seen += INSTANCES_PER_READ) {
        const { facts, more } = yield* store.facts(account, filter, last, INSTANCES_PER_READ)
        for (const one of facts) {
          const datastore = Option.getOrUndefined(one.datastore)?.type
          const entry = judge(one, filter.maxAge ?? maxAgeOf(one.instanceId, datastore), now)
          if (has(filter, entry) && found.push(entry) > limit) return { found: found.slice(0, limit), next: last }
          last = one.instanceId
          yield* turn
        }
        if (!more) return { found, next: undefined }
      }
      return { found, next: last }
    })

    const list = Effect.fn("CoverageCatalog.list")(
      function* (account: AccountId, filter: CoverageFilter, page: PageRequest) {
        const after =
          page.marker === undefined
            ? undefined
            : yield* resolveInstance(page.marker, (id) => backups.knowsInstance(account, id))
        const limit = yield* limitOf(limits, page)
        const isUnderWay = () => page.marker !== undefined && instanceFromMarker(page.marker) !== undefined
        const hasDatastore = (datastore: string) => backups.hasDatastore(account, datastore)
        yield* mustBeDatastore(filter.datastore, isUnderWay, hasDatastore, "the account has")
        const maxAgeOf = maxAgesOf(yield* policyOf(account), server)
        const { found, next } = yield* judgeAll(account, maxAgeOf, filter, after, limit)
        return {
          coverage: found,
          withoutInstance: yield* store.withoutInstance(account, MAX_WITHOUT_INSTANCE),
          ...(next === undefined ? {} : { next: markerFromInstance(next) })
        }
      },
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    const forget = Effect.fn("CoverageCatalog.forget")(
      function* (account: AccountId, instance: InstanceId) {
        const result = yield* store.forget(account, instance)
        if (result === "unknown") {
          return yield* new ItemNotFound({ message: `The account never had a backup of an instance ${instance}.` })
        }
        if (result === "hasBackups") {
          return yield* new UnprocessableEntity({
            message: `There are backups of the instance ${instance}; it can be removed when there are none.`
          })
        }
      },
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    const policy = Effect.fn("CoverageCatalog.policy")(
      (account: AccountId) => Effect.map(policyOf(account), (own): PolicyInForce => ({ policy: own, default: server })),
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    const setPolicy = Effect.fn("CoverageCatalog.setPolicy")(
      (account: AccountId, own: Policy) =>
        Effect.as(store.setPolicy(account, own), { policy: own, default: server } satisfies PolicyInForce),
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    const observed = Effect.fn("StoreCoverage.observed")(
      function* (most: number) {
        const accounts: Array<AccountCoverage> = []
        let left = most
        for (const { account, policy: own } of yield* store.withMetrics) {
          if (left === 0 || accounts.length === most) return { accounts, complete: false }
          const maxAgeOf = maxAgesOf(own, server)
          const coverage: Array<CoverageEntry> = []
          let after: InstanceId | undefined
          do {
            const { found, next } = yield* judgeAll(account, maxAgeOf, {}, after, left)
            coverage.push(...found)
            left -= found.length
            after = next
          } while (after !== undefined && left > 0)
          accounts.push({
            account,
            coverage,
            withoutInstance: yield* store.withoutInstance(account, MAX_WITHOUT_INSTANCE)
          })
          if (after !== undefined) return { accounts, complete: false }
        }
        return { accounts, complete: true }
      },
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    return StoreCoverage.of({ list, forget, policy, setPolicy, observed })
  })

/** The coverage over a store for those who send its answers on: what fails, fails with a fault. */
export class StoreCoverage extends Context.Tag("@backup-catalog/core/StoreCoverage")<
  StoreCoverage,
  { readonly [Name in keyof typeof CoverageCatalog.Service]: OnStore<(typeof CoverageCatalog.Service)[Name]> } & {
    /**
     * The coverage of the accounts whose policy lets the server show metrics, of at most so many instances and
     * accounts.
     */
    readonly observed: (most: number) => Effect.Effect<Observed, Fault>
  }
>() {
  /** The coverage over a store, by the server's policy where an account has none. */
  static readonly layer = (
    limits: PageLimits,
    server: Policy
  ): Layer.Layer<StoreCoverage, never, CoverageStore | BackupStore> => Layer.effect(StoreCoverage, make(limits, server))
}
