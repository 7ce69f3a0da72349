import { Context, Effect, Layer, Option } from "effect"
import type { AccountId, Backup, BackupId } from "./Backup.ts"
import { BackupCatalog } from "./BackupCatalog.ts"
import { type BackupFilter, foldDatastore, wellKnownDatastores } from "./BackupFilter.ts"
import type { Position } from "./BackupOrder.ts"
import { BackupStore, type Slice, type StoreUnavailable } from "./BackupStore.ts"
import { BadRequest, type Fault, ItemNotFound, OverLimit, ServiceUnavailable } from "./Fault.ts"
import { type Marker, markerFromPosition, positionFromMarker } from "./Marker.ts"
import type { Page, PageRequest } from "./Page.ts"
import { streamOf } from "./pages.ts"

/** How long a page is when the caller does not say, and how long it may be. */
export interface PageLimits {
  readonly pageSize: number
  readonly maxPageSize: number
}

/** A page whose records are already as they travel. */
export interface EncodedListPage {
  readonly records: string | Uint8Array
  readonly next: Marker | undefined
}

const unavailable = (error: StoreUnavailable) =>
  Effect.logError("the store does not answer", error.cause).pipe(
    Effect.zipRight(
      new ServiceUnavailable({
        message: "The backup store does not answer; nothing was changed. Try again in a few seconds.",
        retryAfter: 5
      })
    )
  )

const make = (limits: PageLimits) =>
  Effect.map(BackupStore, (store) => {
    const get = Effect.fn("BackupCatalog.get")(
      function* (account: AccountId, id: BackupId) {
        const found = yield* store.get(account, id)
        if (Option.isNone(found)) {
          return yield* new ItemNotFound({ message: `The account has no backup with the id ${id}.` })
        }
        return found.value
      },
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    const resolve = (account: AccountId, marker: Marker): Effect.Effect<Position, BadRequest | StoreUnavailable> => {
      const position = positionFromMarker(marker)
      if (position !== undefined) return Effect.succeed(position)
      return Effect.flatMap(
        store.get(account, marker as string as BackupId),
        Option.match({
          onNone: () =>
            new BadRequest({
              message:
                "The query parameter marker must be what a next link carries, or the id of a backup of the account."
            }),
          onSome: ({ created, id }) => Effect.succeed({ created, id })
        })
      )
    }

    const plan = Effect.fnUntraced(function* (account: AccountId, filter: BackupFilter, page: PageRequest) {
      const after = page.marker === undefined ? undefined : yield* resolve(account, page.marker)
      const limit = page.limit ?? limits.pageSize
      if (limit > limits.maxPageSize) {
        return yield* new OverLimit({
          message: `The query parameter limit must be at most ${limits.maxPageSize}; ask for further pages instead.`,
          details: `maximum ${limits.maxPageSize}`
        })
      }
      if (
        filter.datastore !== undefined &&
        !wellKnownDatastores.has(foldDatastore(filter.datastore)) &&
        !(yield* store.hasDatastore(account, filter.datastore))
      ) {
        return yield* new ItemNotFound({
          message: `The datastore ${filter.datastore} is neither a known one nor one that the account has a backup of.`
        })
      }
      return { account, filter, after, limit } satisfies Slice
    })

    const list = Effect.fn("BackupCatalog.list")(
      function* (account: AccountId, filter: BackupFilter, page: PageRequest) {
        const { backups, more } = yield* Effect.flatMap(plan(account, filter, page), store.list)
        const last = backups.at(-1)
        return (more && last !== undefined ? { backups, next: markerFromPosition(last) } : { backups }) satisfies Page
      },
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    const listEncoded = Effect.fnUntraced(
      function* (account: AccountId, filter: BackupFilter, page: PageRequest) {
        const { records, last } = yield* Effect.flatMap(plan(account, filter, page), store.listEncoded)
        return { records, next: last === undefined ? undefined : markerFromPosition(last) }
      },
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    return Context.make(BackupCatalog, BackupCatalog.of({ list, get, stream: streamOf(list) })).pipe(
      Context.add(StoreCatalog, StoreCatalog.of({ get, listEncoded }))
    )
  })

/** The catalog over a store for those who send its answers on: it fails with faults only, and need not decode a list. */
export class StoreCatalog extends Context.Tag("@backup-catalog/core/StoreCatalog")<
  StoreCatalog,
  {
    readonly get: (account: AccountId, id: BackupId) => Effect.Effect<Backup, Fault>
    /** The same checks and the same page as `BackupCatalog.list`, with the records as they travel. */
    readonly listEncoded: (
      account: AccountId,
      filter: BackupFilter,
      page: PageRequest
    ) => Effect.Effect<EncodedListPage, Fault>
  }
>() {
  /** `BackupCatalog` over a store, and beside it the `StoreCatalog`. */
  static readonly layer = (limits: PageLimits): Layer.Layer<BackupCatalog | StoreCatalog, never, BackupStore> =>
    Layer.effectContext(make(limits))
}
