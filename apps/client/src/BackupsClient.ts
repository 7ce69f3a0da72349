import {
  type AccountId,
  type BackupCatalog,
  BackupId,
  BadRequest,
  type CatalogError,
  describeParseError,
  type Page,
  PageRequest,
  pages,
  TooMany
} from "@backup-catalog/core"
import { Effect, Schema, Stream } from "effect"
import { iterate } from "./iterate.ts"
import { type ListFilter, parseListFilter } from "./ListFilter.ts"
import { type PlainBackup, toPlain } from "./PlainBackup.ts"
import { runPromise } from "./runPromise.ts"

/** How a list is read. */
export interface ListOptions {
  /** Ends whatever is under way; what waits for it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** How many records each request asks for, when all pages are read. Default: what the server sets, 1,000. */
  readonly pageSize?: number | undefined
}

/** Which page to read. */
export interface PageOptions {
  /** How many records at most: a whole number from 1. Default: what the server sets, 1,000. */
  readonly limit?: number | undefined
  /** The `next` of the page before, or the id of a backup; the page begins behind it. */
  readonly marker?: string | undefined
}

/** One page of a list; `next` is there only when more follow, and is the `marker` of the following page. */
export interface BackupPage {
  readonly backups: ReadonlyArray<PlainBackup>
  readonly next?: string
}

/**
 * A list of backups, newest first. Nothing is asked before it is read, and each way of reading it begins anew:
 * `for await` gives every backup of all pages, holding one page at a time.
 */
export interface BackupList extends AsyncIterable<PlainBackup> {
  [Symbol.asyncIterator](): AsyncIterableIterator<PlainBackup>
  /** One page. */
  readonly page: (options?: PageOptions) => Promise<BackupPage>
  /** All backups of all pages; more than `max` of them is a `TooMany`, nothing is cut off. */
  readonly toArray: (options: { readonly max: number }) => Promise<Array<PlainBackup>>
}

/** The backups of an account. */
export interface BackupsClient {
  /** The backups that a filter keeps, or all of them. A filter that is invalid is a `BadRequest` of what reads the list. */
  readonly list: (filter?: ListFilter, options?: ListOptions) => BackupList
  /** One backup; `ItemNotFound` when the account has none with this id. */
  readonly get: (id: string, options?: { readonly signal?: AbortSignal | undefined }) => Promise<PlainBackup>
}

const refused = (what: string) =>
  Effect.mapError(
    (error: Parameters<typeof describeParseError>[0]) =>
      new BadRequest({ message: `Nothing was asked: ${describeParseError(error, what)}.` })
  )

const decodeId = Schema.decodeUnknown(BackupId)
const decodePageRequest = Schema.decodeUnknown(Schema.typeSchema(PageRequest), { onExcessProperty: "error" })

const parsePageRequest = (options: PageOptions): Effect.Effect<PageRequest, BadRequest> => {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  return refused("what is asked of the page")(decodePageRequest(given))
}

const plainPage = ({ backups, next }: Page): BackupPage => ({
  backups: backups.map(toPlain),
  ...(next === undefined ? {} : { next })
})

const isMax = (max: unknown): max is number => typeof max === "number" && Number.isSafeInteger(max) && max >= 0

const collect = (
  all: Stream.Stream<ReadonlyArray<PlainBackup>, CatalogError>,
  max: unknown
): Effect.Effect<Array<PlainBackup>, CatalogError | TooMany> => {
  if (!isMax(max)) return new BadRequest({ message: "Nothing was asked: max must be a whole number, 0 or more." })
  return all.pipe(
    Stream.flattenIterables,
    Stream.take(max + 1),
    Stream.runCollect,
    Effect.flatMap((backups) =>
      backups.length > max
        ? new TooMany({
            max,
            message: `There are more than ${max} backups; allow more with max, narrow the filter, or read them one by one.`
          })
        : Effect.succeed([...backups])
    )
  )
}

/** The Promise API of a catalog for one account. */
export const makeBackups = (catalog: typeof BackupCatalog.Service, account: AccountId): BackupsClient => ({
  list: (filter = {}, { signal, pageSize } = {}) => {
    const read = (options: PageOptions) =>
      Effect.flatMap(Effect.all([parseListFilter(filter), parsePageRequest(options)]), ([parsed, page]) =>
        catalog.list(account, parsed, page)
      )
    const all = pages((marker) => read({ limit: pageSize, marker })).pipe(Stream.map((backups) => backups.map(toPlain)))
    return {
      [Symbol.asyncIterator]: () => iterate(all, signal),
      page: (options = {}) => runPromise(Effect.map(read(options), plainPage), signal),
      toArray: async ({ max }) => runPromise(collect(all, max), signal)
    }
  },
  get: (id, { signal } = {}) =>
    runPromise(
      Effect.flatMap(refused("the id")(decodeId(id)), (backupId) => catalog.get(account, backupId)).pipe(
        Effect.map(toPlain)
      ),
      signal
    )
})
