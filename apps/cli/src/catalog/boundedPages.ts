import {
  type AccountId,
  type AccountScope,
  type Backup,
  BackupCatalog,
  type BackupFilter,
  type CatalogError,
  type Marker,
  pages
} from "@backup-catalog/core"
import { Effect, Stream } from "effect"

/** A part of a list. */
export interface Part {
  readonly backups: ReadonlyArray<Backup>
  /** Whether backups follow that are beyond the limit. */
  readonly more: boolean
  /**
   * Whether pages are counted from the beginning, as OpenStack's Trove does: what is deleted meanwhile shifts the rest.
   */
  readonly counted: boolean
}

const COUNT = /^\d+$/

// The most that a catalog gives in one page unless it is configured otherwise (docs/api.md, Pages).
const USUAL_MAXIMUM = 1000

/**
 * The list of an account, or of a scope, page by page, at most `limit` records in total, all of them when it is
 * undefined.
 *
 * No more records are asked for than are wanted. A catalog whose pages are smaller than that answers `OverLimit`,
 * and is from then on asked for pages of its own size.
 */
export const boundedPages = (
  account: AccountId,
  filter: BackupFilter,
  limit: number | undefined,
  scope: AccountScope = {}
): Stream.Stream<Part, CatalogError, BackupCatalog> =>
  Stream.unwrap(
    Effect.map(BackupCatalog, (catalog) => {
      let left = limit ?? Number.POSITIVE_INFINITY
      let more = false
      let refused = false
      let counted = false
      const page = (marker: Marker | undefined) => {
        const position = marker === undefined ? {} : { marker }
        const asked =
          refused || left > USUAL_MAXIMUM
            ? catalog.list(account, filter, position, scope)
            : catalog.list(account, filter, { ...position, limit: left }, scope).pipe(
                Effect.catchTag("OverLimit", (fault) => {
                  if (fault.retryAfter !== undefined) return fault
                  refused = true
                  return catalog.list(account, filter, position, scope)
                })
              )
        return Effect.map(asked, ({ backups, next }) => {
          const wanted = backups.slice(0, left)
          more = left <= backups.length && (backups.length > left || next !== undefined)
          left -= wanted.length
          if (next !== undefined && COUNT.test(next)) counted = true
          return left > 0 && next !== undefined ? { backups: wanted, next } : { backups: wanted }
        })
      }
      return pages(page, { ahead: true }).pipe(Stream.map((backups) => ({ backups, more, counted })))
    })
  )
