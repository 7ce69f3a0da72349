import {
  type CatalogError,
  formatInstantMicros,
  type HistoryEvent,
  type HistoryPage,
  type Origin,
  type PageRequest
} from "@backup-catalog/core"
import { type Effect, Option } from "effect"
import { listOptions } from "./asked.ts"
import { type ListOptions, makeList, nextOf, type PlainList } from "./PlainList.ts"

/** Where a backup comes from, as plain data. */
export interface PlainOrigin {
  /** The name of the source. */
  readonly source: string
  /** The id that the tool itself gave it. */
  readonly nativeId: string | null
  /** The tool's own id of its parent, also where there is no such backup. */
  readonly nativeParentId: string | null
  /** Why it may not be good although it ended well. */
  readonly suspect: string | null
}

/** One thing that happened to a backup, as plain data. */
export interface PlainHistoryEvent {
  readonly event: HistoryEvent["event"]
  /** `2014-06-19T15:56:58.000000Z`. */
  readonly at: string
  /** The import that did it; null for what a person or a program did. */
  readonly import: { readonly id: string; readonly source: string } | null
  /** What changed, by the names that the API has: `{ parent_id: { from: null, to: "a" } }`. */
  readonly changes: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>
}

/**
 * One page of the history of a backup; `next` is there only when more follow, and is the `marker` of the following
 * page.
 */
export interface BackupHistoryPage {
  readonly origins: ReadonlyArray<PlainOrigin>
  readonly history: ReadonlyArray<PlainHistoryEvent>
  readonly next?: string
}

/** What happened to a backup, newest first; a page also says where it comes from. */
export type BackupHistory = PlainList<PlainHistoryEvent, BackupHistoryPage>

const toPlainOrigin = ({ source, nativeId, nativeParentId, suspect }: Origin): PlainOrigin => ({
  source,
  nativeId: Option.getOrNull(nativeId),
  nativeParentId: Option.getOrNull(nativeParentId),
  suspect: Option.getOrNull(suspect)
})

const toPlainEvent = ({ event, at, import: through, changes }: HistoryEvent): PlainHistoryEvent => ({
  event,
  at: formatInstantMicros(at),
  import: Option.getOrNull(through),
  changes
})

/** The history that pages are read of. */
export const makeHistory = (
  read: Effect.Effect<(page: PageRequest) => Effect.Effect<HistoryPage, CatalogError>, CatalogError>,
  options: ListOptions
): BackupHistory =>
  makeList(
    {
      known: listOptions,
      read: () => read,
      toPage: (page: HistoryPage): BackupHistoryPage => ({
        origins: page.origins.map(toPlainOrigin),
        history: page.history.map(toPlainEvent),
        ...nextOf(page)
      }),
      itemsOf: ({ history }) => history,
      items: "events"
    },
    options
  )
