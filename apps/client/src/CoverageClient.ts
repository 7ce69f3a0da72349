import {
  type AccountId,
  type BackupGlance,
  type BackupStatus,
  BadRequest,
  type CatalogError,
  type CoverageCatalog,
  type CoverageEntry,
  type CoverageFilter,
  formatInstantMicros,
  MAX_EMPTY_COVERAGE,
  type PageRequest,
  type Verdict
} from "@backup-catalog/core"
import { CoverageParams } from "@backup-catalog/core/http"
import { Effect, Option, Schema } from "effect"
import { checked, defined, listOptions, parseInstanceId, type RequestOptions, refused, request } from "./asked.ts"
import { type PlainDatastore, toPlainDatastore } from "./PlainBackup.ts"
import { type ListOptions, makeList, nextOf, type PlainList } from "./PlainList.ts"
import { type PlainPolicies, type PolicyInput, parsePolicyInput, toPlainPolicy } from "./PlainPolicy.ts"
import type { Known } from "./readMembers.ts"

/** A backup, as far as the coverage tells of it. */
export interface PlainGlance {
  readonly id: string
  readonly name: string
  readonly status: BackupStatus
  /** `2014-06-19T15:56:58.000000Z`. */
  readonly created: string
}

/** What the catalog says of the backups of one instance, as plain data. */
export interface PlainCoverage {
  readonly instanceId: string
  readonly datastore: PlainDatastore | null
  readonly verdict: Verdict
  /** Why, in one sentence. */
  readonly reason: string
  /** How old its newest usable backup may be: `26h`. */
  readonly maxAge: string
  /** How old it is, in seconds. */
  readonly age: number | null
  readonly newestUsable: PlainGlance | null
  readonly newest: PlainGlance | null
  /** Backups that failed and are newer than the newest usable one. */
  readonly failuresSince: number
}

/** One page of the coverage; it may be short, and even empty, and still have a `next`. */
export interface CoveragePage {
  readonly coverage: ReadonlyArray<PlainCoverage>
  /**
   * How many backups of the account name no instance, and so are in no verdict, whatever was asked for; 1,000 are as
   * many or more. Null where the server does not say it.
   */
  readonly withoutInstance: number | null
  readonly next?: string
}

/** Which instances a coverage has: every member that is given must hold. */
export interface CoverageListFilter {
  readonly instanceId?: string | undefined
  /** A type of datastore, without regard to case. */
  readonly datastore?: string | undefined
  /** One verdict, or several of which any will do. */
  readonly verdict?: Verdict | ReadonlyArray<Verdict> | undefined
  /** How old the newest usable backups may be, `90m`, `26h`, `7d`; else what the policies say. */
  readonly maxAge?: string | undefined
}

/** Which instances have a good recent backup, by id ascending. */
export type CoverageList = PlainList<PlainCoverage, CoveragePage>

/** How old the newest usable backup of an instance may be. */
export interface PolicyClient {
  /** The account's own policy, and what holds where it says nothing. */
  readonly get: (options?: RequestOptions) => Promise<PlainPolicies>
  /** Replaces the account's own policy. */
  readonly set: (policy: PolicyInput, options?: RequestOptions) => Promise<PlainPolicies>
}

/** What the catalog expects of instances. */
export interface CoverageClient {
  readonly coverage: (filter?: CoverageListFilter, options?: ListOptions) => CoverageList
  readonly policy: PolicyClient
  /** Stops expecting backups of an instance that has none; `UnprocessableEntity` while it has some. */
  readonly forgetInstance: (instanceId: string, options?: RequestOptions) => Promise<void>
}

const toGlance = ({ id, name, status, created }: BackupGlance): PlainGlance => ({
  id,
  name,
  status,
  created: formatInstantMicros(created)
})

const toPlainCoverage = (entry: CoverageEntry): PlainCoverage => ({
  instanceId: entry.instanceId,
  datastore: Option.getOrNull(Option.map(entry.datastore, toPlainDatastore)),
  verdict: entry.verdict,
  reason: entry.reason,
  maxAge: entry.maxAge,
  age: Option.getOrNull(entry.age),
  newestUsable: Option.getOrNull(Option.map(entry.newestUsable, toGlance)),
  newest: Option.getOrNull(Option.map(entry.newest, toGlance)),
  failuresSince: entry.failuresSince
})

const filterNames: Known<CoverageListFilter> = {
  instanceId: true,
  datastore: true,
  verdict: true,
  maxAge: true
}

const { instanceId, datastore, verdicts, maxAge } = CoverageParams.fields
const decodeFilter = Schema.decodeUnknown(Schema.Struct({ instanceId, datastore, verdicts, maxAge }))

const refusedFilter = refused("the filter", {
  instance_id: "instanceId",
  "verdict[0]": "verdict",
  max_age: "maxAge"
})

const parseFilter = (filter: CoverageListFilter): Effect.Effect<CoverageFilter, CatalogError> =>
  Effect.flatMap(checked(filter, filterNames, "filter"), ({ instanceId, datastore, verdict, maxAge }) =>
    // No verdict at all would mean any, and list what nobody asked for.
    Array.isArray(verdict) && verdict.length === 0
      ? new BadRequest({ message: "Nothing was asked: the filter verdict must have at least one verdict." })
      : refusedFilter(
          decodeFilter(
            defined({
              instance_id: instanceId,
              datastore,
              verdict: verdict === undefined || Array.isArray(verdict) ? verdict : [verdict],
              max_age: maxAge
            })
          )
        )
  )

/** The coverage of an account as Promises. */
export const makeCoverage = (catalog: typeof CoverageCatalog.Service, account: AccountId): CoverageClient => ({
  coverage: (filter = {}, options = {}) =>
    makeList(
      {
        known: listOptions,
        read: () =>
          Effect.map(parseFilter(filter), (parsed) => (page: PageRequest) => catalog.list(account, parsed, page)),
        toPage: (page): CoveragePage => ({
          coverage: page.coverage.map(toPlainCoverage),
          withoutInstance: page.withoutInstance ?? null,
          ...nextOf(page)
        }),
        itemsOf: ({ coverage }) => coverage,
        items: "instances",
        maxEmpty: MAX_EMPTY_COVERAGE
      },
      options
    ),
  policy: {
    get: (options = {}) => request(options, Effect.map(catalog.policy(account), toPlainPolicy)),
    set: (policy, options = {}) =>
      request(
        options,
        Effect.flatMap(parsePolicyInput(policy), (parsed) =>
          Effect.map(catalog.setPolicy(account, parsed), toPlainPolicy)
        )
      )
  },
  forgetInstance: (id, options = {}) =>
    request(
      options,
      Effect.flatMap(parseInstanceId(id), (instance) => catalog.forget(account, instance))
    )
})
