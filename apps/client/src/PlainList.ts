import { BadRequest, type CatalogError, type Marker, type PageRequest, TooMany, walkPages } from "@backup-catalog/core"
import { Effect, Exit, Stream } from "effect"
import { checked, parsePageRequest } from "./asked.ts"
import { iterate, iteratePages } from "./iterate.ts"
import type { Known } from "./readMembers.ts"
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
  /** The `next` of the page before, or the id of one of the list; the page begins behind it. */
  readonly marker?: string | undefined
}

/**
 * A list of which nothing is asked before it is read, and which each way of reading begins anew: `for await` gives
 * everything of all pages. From the second page on, the one behind it is asked for while it is read; more than these
 * two are never held.
 */
export interface PlainList<Item, Page> extends AsyncIterable<Item> {
  [Symbol.asyncIterator](): AsyncIterableIterator<Item>
  /**
   * Everything of all pages, page by page: for what is done with many at once, and the fastest way through a long list.
   * A page may be empty.
   */
  readonly pages: () => AsyncIterable<ReadonlyArray<Item>>
  /** One page. */
  readonly page: (options?: PageOptions) => Promise<Page>
  /** Everything of all pages; more than `max` is a `TooMany`, nothing is cut off. */
  readonly toArray: (options: { readonly max: number }) => Promise<Array<Item>>
}

/** What a list is made of: its pages, and the items that each one has. */
export interface ListSource<Options, Found extends { readonly next?: Marker }, Item, Page> {
  /** The names of its options. */
  readonly known: Known<Options>
  /** What asks for a page, where what was asked is valid; it asks nobody itself. */
  readonly read: (
    options: Options
  ) => Effect.Effect<(page: PageRequest) => Effect.Effect<Found, CatalogError>, CatalogError>
  readonly toPage: (found: Found) => Page
  readonly itemsOf: (page: Page) => ReadonlyArray<Item>
  /** What the items are, for a sentence: `backups`. */
  readonly items: string
  /** How many pages in a row may be empty and still lead on, where that is not 100. */
  readonly maxEmpty?: number
}

const isMax = (max: unknown): max is number => typeof max === "number" && Number.isSafeInteger(max) && max >= 0

const collect = <A>(
  all: Stream.Stream<ReadonlyArray<A>, CatalogError>,
  max: unknown,
  what: string
): Effect.Effect<Array<A>, CatalogError | TooMany> => {
  if (!isMax(max)) return new BadRequest({ message: "Nothing was asked: max must be a whole number, 0 or more." })
  const items: Array<A> = []
  return Effect.as(
    Stream.runForEach(all, (page) => {
      for (const item of page) items.push(item)
      return items.length > max
        ? new TooMany({
            max,
            message: `There are more than ${max} ${what}; allow more with max, narrow the filter, or read them one by one.`
          })
        : Effect.void
    }),
    items
  )
}

/**
 * The list of a source, of what the options, and all else that was asked, say now; what is wrong with it is told by
 * what reads the list.
 */
export const makeList = <Options extends ListOptions, Found extends { readonly next?: Marker }, Item, Page>(
  { known, read, toPage, itemsOf, items, maxEmpty }: ListSource<Options, Found, Item, Page>,
  options: Options
): PlainList<Item, Page> => {
  // Now: an object that is changed later would make the pages of one walk those of two questions.
  const given = Effect.runSyncExit(checked(options, known))
  const reading = Effect.runSyncExit(Effect.flatMap(given, read))
  const { signal, pageSize }: ListOptions = Exit.isSuccess(given) ? given.value : {}
  const pageAt = (page: PageOptions) =>
    Effect.flatMap(Effect.all([reading, parsePageRequest(page)]), ([readPage, asked]) => readPage(asked))
  const all = walkPages(
    (marker) => pageAt({ limit: pageSize, marker }),
    (found) => itemsOf(toPage(found)),
    { maxEmpty, ahead: true }
  )
  return {
    [Symbol.asyncIterator]: () => iterate(all, signal),
    pages: () => ({ [Symbol.asyncIterator]: () => iteratePages(all, signal) }),
    page: (page = {}) => runPromise(Effect.map(pageAt(page), toPage), signal),
    toArray: async (of) => runPromise(collect(all, of?.max, items), signal)
  }
}

/** The `next` of a page, as a member where there is one. */
export const nextOf = ({ next }: { readonly next?: Marker }): { readonly next?: string } =>
  next === undefined ? {} : { next }
