import { Effect, Option, Stream } from "effect"
import type { Backup } from "./Backup.ts"
import type { BackupCatalog } from "./BackupCatalog.ts"
import { UnexpectedAnswer } from "./CatalogError.ts"
import type { Marker } from "./Marker.ts"
import type { Page } from "./Page.ts"

/** How many pages in a row may be empty and still lead on. */
const MAX_EMPTY = 100

/** The same of coverage, for `walkPages`: a verdict may be rare among very many instances. */
export const MAX_EMPTY_COVERAGE = 10_000

/**
 * The pages of any list, one after the other, until one has no `next`; `itemsOf` is what a page has.
 *
 * A `next` that leads back to an earlier page would go on for ever, and so may `maxEmpty` empty pages in a row (100
 * unless given): both fail with `UnexpectedAnswer`. Found with one remembered marker (Brent's algorithm), so that a walk
 * of any length takes no memory.
 */
export const walkPages = <P extends { readonly next?: Marker }, A, E, R>(
  page: (marker: Marker | undefined) => Effect.Effect<P, E, R>,
  itemsOf: (page: P) => ReadonlyArray<A>,
  maxEmpty = MAX_EMPTY
): Stream.Stream<ReadonlyArray<A>, E | UnexpectedAnswer, R> =>
  Stream.suspend(() => {
    let remembered: Marker | undefined
    let steps = 0
    let stride = 1
    let empty = 0
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
    return Stream.paginateEffect(undefined as Marker | undefined, (marker) =>
      Effect.flatMap(
        page(marker),
        (found): Effect.Effect<readonly [ReadonlyArray<A>, Option.Option<Marker>], UnexpectedAnswer> => {
          const items = itemsOf(found)
          const { next } = found
          if (next === undefined) return Effect.succeed([items, Option.none()])
          const message = endless(marker, items, next)
          return message === undefined
            ? Effect.succeed([items, Option.some(next)])
            : new UnexpectedAnswer({ code: 200, message })
        }
      )
    )
  })

/** The pages of a list of backups, as `walkPages` gives them. */
export const pages = <E, R>(
  page: (marker: Marker | undefined) => Effect.Effect<Page, E, R>
): Stream.Stream<ReadonlyArray<Backup>, E | UnexpectedAnswer, R> => walkPages(page, ({ backups }) => backups)

/** The stream of a catalog, from its list. */
export const streamOf =
  (list: typeof BackupCatalog.Service.list): typeof BackupCatalog.Service.stream =>
  (account, filter, scope = {}) =>
    Stream.flattenIterables(pages((marker) => list(account, filter, marker === undefined ? {} : { marker }, scope)))
