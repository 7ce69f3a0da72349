import {
  type AccountId,
  type Backup,
  BackupCatalog,
  type BackupGlance,
  type BackupId,
  CoverageCatalog,
  type CoverageEntry,
  type CoverageFilter,
  fitsPattern,
  type HistoryPage,
  ImportCatalog,
  type InstanceId,
  judgeByAge,
  MAX_EMPTY_COVERAGE,
  type MaxAge,
  suspectLink,
  walkPages
} from "@backup-catalog/core"
import { Chunk, Effect, Option, Stream } from "effect"
import { withoutOperation } from "./withoutOperation.ts"

/** How many backups are asked about at once. */
const AT_ONCE = 8

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
    // Of a datastore it may be that there is none.
    Effect.mapError((error) => (filter.datastore === undefined ? withoutOperation("judges no backups")(error) : error))
  )
  return { entries, withoutInstance }
})

const entriesOf = Effect.fnUntraced(function* (account: AccountId, { instances, datastore }: Wanted) {
  if (instances.length === 0 || instances.some(isPattern)) {
    const { entries } = yield* walk(account, { datastore })
    return instances.length === 0
      ? entries
      : entries.filter(({ instanceId }) => instances.some((name) => fitsPattern(name, instanceId)))
  }
  const each = yield* Effect.forEach(new Set(instances), (instanceId) => walk(account, { instanceId, datastore }))
  return each.flatMap(({ entries }) => entries)
})

const find = (account: AccountId, wanted: Wanted) => {
  // What names no instance is counted of the whole account.
  if (wanted.instances.length === 0 && wanted.datastore === undefined) return walk(account, {})
  return Effect.map(entriesOf(account, wanted), (entries) => ({ entries, withoutInstance: undefined }))
}

const wasOld = ({ verdict }: CoverageEntry): boolean => verdict === "stale" || verdict === "broken-chain"

/** Why a backup may not be good, because of itself or of one that it builds on, where the entry does not tell. */
const suspicion = Effect.fnUntraced(function* (account: AccountId, { id }: BackupGlance) {
  const backups = yield* BackupCatalog
  const imports = yield* ImportCatalog
  const seen = new Set<BackupId>()
  for (let link: BackupId | undefined = id; link !== undefined && !seen.has(link); ) {
    seen.add(link)
    const { origins }: HistoryPage = yield* imports.history(account, link, { limit: 1 })
    const why: Option.Option<string> = Option.firstSomeOf(origins.map(({ suspect }) => suspect))
    if (Option.isSome(why)) return link === id ? why : Option.some(suspectLink(link, why.value))
    const { parentId }: Backup = yield* backups.get(account, link)
    link = Option.getOrUndefined(parentId)
  }
  return Option.none<string>()
})

const judgeAnew = (account: AccountId, entry: CoverageEntry, maxAge: MaxAge) =>
  Effect.gen(function* () {
    const judged = judgeByAge(entry, maxAge)
    if (!wasOld(entry) || judged.verdict !== "fresh" || Option.isNone(entry.newestUsable)) return judged
    return judgeByAge(entry, maxAge, yield* suspicion(account, entry.newestUsable.value))
  })

/** The coverage of the instances that are meant, judged anew where another age was given. */
export const coverageOf = Effect.fnUntraced(function* (account: AccountId, wanted: Wanted) {
  const { instances, maxAge } = wanted
  const { entries, withoutInstance } = yield* find(account, wanted)
  const coverage =
    maxAge === undefined
      ? entries
      : yield* Effect.forEach(entries, (entry) => judgeAnew(account, entry, maxAge), { concurrency: AT_ONCE })
  const unknown = instances.filter((name) => !entries.some(({ instanceId }) => fitsPattern(name, instanceId)))
  return { coverage, unknown, datastore: wanted.datastore, withoutInstance } satisfies Found
})
