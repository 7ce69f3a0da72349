import {
  type AccountId,
  CoverageCatalog,
  type CoverageEntry,
  type CoverageFilter,
  foldDatastore,
  type InstanceId,
  type PageRequest,
  Policy
} from "@backup-catalog/core"
import { Effect, Option, Schema } from "effect"
import type { Connection } from "./Connection.ts"
import { tooManyOf, unfitOf } from "./mismatch.ts"

const mismatchOf = (
  coverage: ReadonlyArray<CoverageEntry>,
  { instanceId, datastore, verdicts = [], maxAge }: CoverageFilter
): string | undefined =>
  unfitOf("coverage", coverage, {
    instanceId: (entry) => instanceId === undefined || entry.instanceId === instanceId,
    datastore: (entry) =>
      datastore === undefined ||
      Option.exists(entry.datastore, ({ type }) => foldDatastore(type) === foldDatastore(datastore)),
    verdicts: (entry) => verdicts.length === 0 || verdicts.includes(entry.verdict),
    maxAge: (entry) => maxAge === undefined || entry.maxAge === maxAge
  })

const encodePolicy = Schema.encodeSync(Policy)

// As text, since an equivalence of schemas is as large as all of this file.
const samePolicy = (one: Policy, other: Policy): boolean =>
  JSON.stringify(encodePolicy(one)) === JSON.stringify(encodePolicy(other))

const paramsOf = ({ instanceId, datastore, verdicts, maxAge }: CoverageFilter) => ({
  ...(instanceId === undefined ? {} : { instanceId }),
  ...(datastore === undefined ? {} : { datastore }),
  ...(verdicts === undefined || verdicts.length === 0 ? {} : { verdicts }),
  ...(maxAge === undefined ? {} : { maxAge })
})

/** The coverage of a catalog over HTTP. */
export const makeCoverageCatalog = ({ call, read, write, next, unless }: Connection): typeof CoverageCatalog.Service =>
  CoverageCatalog.of({
    list: Effect.fn("CoverageCatalog.list")((accountId: AccountId, filter: CoverageFilter, page: PageRequest) =>
      call((api) =>
        api.coverage.listCoverage({ path: { accountId }, urlParams: { ...paramsOf(filter), ...page } })
      ).pipe(
        Effect.tap(({ coverage }) =>
          unless(tooManyOf("coverage", coverage, page) ?? mismatchOf(coverage, filter), undefined)
        ),
        Effect.flatMap(({ links, ...page }) =>
          Effect.map(next(links, `/v1.0/${accountId}/coverage`), (following) => ({ ...page, ...following }))
        ),
        read
      )
    ),

    forget: Effect.fn("CoverageCatalog.forget")((accountId: AccountId, instanceId: InstanceId) =>
      write(call((api) => api.coverage.forgetInstance({ path: { accountId, instanceId } })))
    ),

    policy: Effect.fn("CoverageCatalog.policy")((accountId: AccountId) =>
      read(call((api) => api.coverage.showPolicy({ path: { accountId } })))
    ),

    setPolicy: Effect.fn("CoverageCatalog.setPolicy")((accountId: AccountId, policy: Policy) =>
      call((api) => api.coverage.setPolicy({ path: { accountId }, payload: { policy } })).pipe(
        Effect.flatMap((answer) =>
          unless(samePolicy(answer.policy, policy) ? undefined : "the policy in it is not the one that was set", answer)
        ),
        // Done twice it is the same.
        read
      )
    )
  })
