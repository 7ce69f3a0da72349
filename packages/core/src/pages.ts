import { Effect, Fiber, Option, Stream } from "effect"
import type { Backup } from "./Backup.ts"
import type { BackupCatalog } from "./BackupCatalog.ts"
import { UnexpectedAnswer } from "./CatalogError.ts"
import { circleFinder } from "./circleFinder.ts"
import { handedOver } from "./handedOver.ts"
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
 * fail with `UnexpectedAnswer`. A page that is under way when nobody wants it any more is interrupted.
 */
export const walkPages = <P extends { readonly next?: Marker }, A, E, R>(
  page: (marker: Marker | undefined) => Effect.Effect<P, E, R>,
  itemsOf: (page: P) => ReadonlyArray<A>,
  { maxEmpty = MAX_EMPTY, ahead = false }: WalkOptions = {}
): Stream.Stream<ReadonlyArray<A>, E | UnexpectedAnswer, R> =>
  Stream.unwrapScoped(
    Effect.map(Effect.scope, (scope) => {
      const isCircle = circleFinder()
      let empty = 0
      let isFirst = true
      let coming: Effect.Effect<P, E> | undefined
      const endless = (marker: Marker | undefined, items: ReadonlyArray<A>, next: Marker): string | undefined => {
        empty = items.length === 0 ? empty + 1 : 0
        if (empty > maxEmpty) {
          return `The list has ${empty} empty pages in a row, each with a next link; it may never end.`
        }
        return isCircle(marker, next)
          ? "The next links of the list lead in a circle; what was read so far is not the whole list."
          : undefined
      }
      const send = (next: Marker) => {
        const { run, take } = handedOver(page(next))
        return Effect.map(Effect.forkIn(run, scope), (fiber) => {
          coming = Effect.map(Fiber.join(fiber), take)
        })
      }
      const arrive = (marker: Marker | undefined) => {
        const arriving = coming ?? page(marker)
        coming = undefined
        return arriving
      }
      return Stream.paginateEffect(undefined as Marker | undefined, (marker) =>
        Effect.flatMap(
          arrive(marker),
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
