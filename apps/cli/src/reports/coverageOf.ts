import {
  type AccountId,
  BadRequest,
  type CatalogError,
  CoverageCatalog,
  type CoverageEntry,
  type CoverageFilter,
  type InstanceId,
  ItemNotFound,
  MAX_EMPTY_COVERAGE,
  type MaxAge,
  namePattern,
  walkPages
} from "@backup-catalog/core"
import { Chunk, Effect, Stream } from "effect"
import { withoutOperation } from "../catalog/withoutOperation.ts"

/** Which instances are meant, and how old their backups may be where that is not left to the catalog. */
export interface Wanted {
  /** Ids, and names with `*` and `?`; all instances when there are none. */
  readonly instances: ReadonlyArray<InstanceId>
  readonly datastore: string | undefined
  readonly maxAge: MaxAge | undefined
}

/** What was found: the instances by id, and those that were asked for by name and are not among them. */
export interface Found {
  readonly coverage: ReadonlyArray<CoverageEntry>
  readonly unknown: ReadonlyArray<string>
  /** The datastore whose instances were asked for. */
  readonly datastore: string | undefined
  /** How many backups name no instance; undefined where not all was asked for, or the catalog does not say it. */
  readonly withoutInstance: number | undefined
}

const isPattern = (name: string): boolean => /[*?]/.test(name)

/** What a catalog says that cannot be asked so: it is no catalog that judges, or one of before ages could be given. */
const explained =
  ({ maxAge }: CoverageFilter) =>
  (error: CatalogError): CatalogError => {
    if (error instanceof BadRequest && maxAge !== undefined && error.message.includes("max_age")) {
      return new BadRequest({
        ...error,
        message: `The catalog at this address is too old for --max-age, and judges by the policy of the account alone; it says: ${error.message}`
      })
    }
    return error
  }

/**
 * What a catalog says that does not have what it was asked about, or no coverage at all: which of the two, a question
 * about nothing in particular tells.
 */
export const orJudgesNone =
  (account: AccountId) =>
  (error: CatalogError): Effect.Effect<never, CatalogError, CoverageCatalog> =>
    error instanceof ItemNotFound
      ? Effect.flatMap(CoverageCatalog, (catalog) => catalog.list(account, {}, { limit: 1 })).pipe(
          Effect.matchEffect({
            onSuccess: () => Effect.fail(error),
            onFailure: ({ code }) =>
              Effect.fail(code === error.code ? withoutOperation("judges no backups")(error) : error)
          })
        )
      : Effect.fail(error)

const walk = Effect.fnUntraced(function* (account: AccountId, filter: CoverageFilter) {
  const catalog = yield* CoverageCatalog
  let withoutInstance: number | undefined
  const entries = yield* walkPages(
    (marker) =>
      Effect.tap(catalog.list(account, filter, marker === undefined ? {} : { marker }), (page) => {
        withoutInstance = page.withoutInstance
      }),
    ({ coverage }) => coverage,
    { maxEmpty: MAX_EMPTY_COVERAGE }
  ).pipe(
    Stream.flattenIterables,
    Stream.runCollect,
    Effect.map(Chunk.toReadonlyArray),
    Effect.mapError(explained(filter)),
    Effect.catchAll(orJudgesNone(account))
  )
  return { entries, withoutInstance }
})

const entriesOf = Effect.fnUntraced(function* (account: AccountId, { instances, ...filter }: Wanted) {
  if (instances.length === 0 || instances.some(isPattern)) {
    const { entries } = yield* walk(account, filter)
    const wanted = instances.map(namePattern)
    return wanted.length === 0 ? entries : entries.filter(({ instanceId }) => wanted.some((fits) => fits(instanceId)))
  }
  const each = yield* Effect.forEach(new Set(instances), (instanceId) => walk(account, { ...filter, instanceId }))
  return each.flatMap(({ entries }) => entries)
})

const find = (account: AccountId, wanted: Wanted) => {
  // What names no instance is counted of the whole account.
  if (wanted.instances.length === 0 && wanted.datastore === undefined) return walk(account, { maxAge: wanted.maxAge })
  return Effect.map(entriesOf(account, wanted), (entries) => ({ entries, withoutInstance: undefined }))
}

/** The coverage of the instances that are meant. */
export const coverageOf = Effect.fnUntraced(function* (account: AccountId, wanted: Wanted) {
  const { instances } = wanted
  const { entries, withoutInstance } = yield* find(account, wanted)
  const unknown = instances.filter((name) => {
    const fits = namePattern(name)
    return !entries.some(({ instanceId }) => fits(instanceId))
  })
  return { coverage: entries, unknown, datastore: wanted.datastore, withoutInstance } satisfies Found
})
