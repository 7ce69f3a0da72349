import { Effect, Fiber, Option, Stream } from "effect"
import type { Backup } from "./Backup.ts"
import type { BackupCatalog } from "./BackupCatalog.ts"
import { UnexpectedAnswer } from "./CatalogError.ts"
import type { Marker } from "./Marker.ts"
import type { Page } from "./Page.ts"

/** How many pages in a row may be empty and still lead on. */
const MAX_EMPTY = 100

/** The same of coverage, for `walkPages`: a verdict may be rare among very many instances. */
export const MAX_EMPTY_COVERAGE = 10_000

/** How a list is walked. */
export interface WalkOptions {
  /** How many pages in a row may be empty and still lead on. Default 100. */
  readonly maxEmpty?: number | undefined
  /**
   * Whether the next page is asked for while the last one is being used: one page ahead at most, and only once a second
   * page was wanted. Default: not before all of the last one was used.
   */
  readonly ahead?: boolean | undefined
}

/**
 * The pages of any list, one after the other, until one has no `next`; `itemsOf` is what a page has.
 *
 * A `next` that leads back to an earlier page would go on for ever, and so may `maxEmpty` empty pages in a row: both
 * fail with `UnexpectedAnswer`. Found with one remembered marker (Brent's algorithm), so that a walk of any length
 * takes no memory. A page that is under way when nobody wants it any more is interrupted.
 */
export const walkPages = <P extends { readonly next?: Marker }, A, E, R>(
  page: (marker: Marker | undefined) => Effect.Effect<P, E, R>,
  itemsOf: (page: P) => ReadonlyArray<A>,
  { maxEmpty = MAX_EMPTY, ahead = false }: WalkOptions = {}
): Stream.Stream<ReadonlyArray<A>, E | UnexpectedAnswer, R> =>
  Stream.unwrapScoped(
    Effect.map(Effect.scope, (scope) => {
      let remembered: Marker | undefined
      let steps = 0
      let stride = 1
      let empty = 0
      let isFirst = true
      let coming: Fiber.Fiber<void, E> | undefined
      let arrived = Option.none<P>()
      const endless = (marker: Marker | undefined, items: ReadonlyArray<A>, next: Marker): string | undefined => {
        empty = items.length === 0 ? empty + 1 : 0
        if (empty > maxEmpty) {
          return `The list has ${empty} empty pages in a row, each with a next link; it may never end.`
        }
        if (next === remembered || next === marker) {
          return "The next links of the list lead in a circle; what was read so far is not the whole list."
        }
        if (++steps === stride) {
          remembered = next
          steps = 0
          stride *= 2
        }
        return undefined
      }
      // Not as the result of the fiber: sets of fibers that have ended keep them until the next full collection, and
      // hundreds of pages with them.
      const arrive = (found: P) => {
        arrived = Option.some(found)
      }
      const send = (next: Marker) =>
        Effect.map(Effect.forkIn(Effect.map(page(next), arrive), scope), (fiber) => {
          coming = fiber
        })
      const take = (marker: Marker | undefined) => {
        if (coming === undefined) return page(marker)
        const sent = coming
        coming = undefined
        return Effect.map(Fiber.join(sent), () => {
          const found = Option.getOrThrow(arrived)
          arrived = Option.none()
          return found
        })
      }
      return Stream.paginateEffect(undefined as Marker | undefined, (marker) =>
        Effect.flatMap(
          take(marker),
          (found): Effect.Effect<readonly [ReadonlyArray<A>, Option.Option<Marker>], UnexpectedAnswer, R> => {
            const items = itemsOf(found)
            const { next } = found
            if (next === undefined) return Effect.succeed([items, Option.none()])
            const message = endless(marker, items, next)
            if (message !== undefined) return new UnexpectedAnswer({ code: 200, message })
            // Many want the first page alone.
            const early = ahead && !isFirst
            isFirst = false
            return Effect.as(early ? send(next) : Effect.void, [items, Option.some(next)])
          }
        )
      )
    })
  )

/** The pages of a list of backups, as `walkPages` gives them. */
export const pages = <E, R>(
  page: (marker: Marker | undefined) => Effect.Effect<Page, E, R>,
  options: WalkOptions = {}
): Stream.Stream<ReadonlyArray<Backup>, E | UnexpectedAnswer, R> => walkPages(page, ({ backups }) => backups, options)

/** The stream of a catalog, from its list, walked as `pages` walks. */
export const streamOf =
  (list: typeof BackupCatalog.Service.list, options: WalkOptions = {}): typeof BackupCatalog.Service.stream =>
  (account, filter, scope = {}) =>
    Stream.flattenIterables(
      pages((marker) => list(account, filter, marker === undefined ? {} : { marker }, scope), options)
    )
