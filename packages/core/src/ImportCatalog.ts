import { Context, type Effect } from "effect"
import type { AccountId, BackupId } from "./Backup.ts"
import type { CatalogError } from "./CatalogError.ts"
import type { HistoryEvent, Import, Origin, SourceName } from "./Import.ts"
import type { Marker } from "./Marker.ts"
import type { PageRequest } from "./Page.ts"

/** One page of the imports of an account, newest first; `next` is there only when more follow. */
export interface ImportPage {
  readonly imports: ReadonlyArray<Import>
  readonly next?: Marker
}

/** One page of what happened to a backup, newest first, and where it comes from. */
export interface HistoryPage {
  readonly origins: ReadonlyArray<Origin>
  readonly history: ReadonlyArray<HistoryEvent>
  readonly next?: Marker
}

/** What imports left behind: themselves, and the history of each backup. */
export class ImportCatalog extends Context.Tag("@backup-catalog/core/ImportCatalog")<
  ImportCatalog,
  {
    /** One page of the imports of an account, or of one source of it. */
    readonly list: (
      account: AccountId,
      filter: { readonly source?: SourceName | undefined },
      page: PageRequest
    ) => Effect.Effect<ImportPage, CatalogError>
    /** One import; `ItemNotFound` when the account has none with this id. */
    readonly get: (account: AccountId, id: string) => Effect.Effect<Import, CatalogError>
    /** One page of what happened to a backup; `ItemNotFound` when the account never had it. */
    readonly history: (account: AccountId, id: BackupId, page: PageRequest) => Effect.Effect<HistoryPage, CatalogError>
  }
>() {}
