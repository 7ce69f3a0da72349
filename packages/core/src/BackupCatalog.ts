import { Context, type Effect, type Stream } from "effect"
import type { AccountId, Backup, BackupId } from "./Backup.ts"
import type { BackupFilter } from "./BackupFilter.ts"
import type { CatalogError } from "./CatalogError.ts"
import type { Page, PageRequest } from "./Page.ts"

/**
 * The catalog of backups: the same service whether a store is below it or a server far away, so that a program
 * written against it runs on either.
 */
export class BackupCatalog extends Context.Tag("@backup-catalog/core/BackupCatalog")<
  BackupCatalog,
  {
    /** One page of the backups of an account that a filter keeps, newest first. */
    readonly list: (account: AccountId, filter: BackupFilter, page: PageRequest) => Effect.Effect<Page, CatalogError>
    /** One backup; `ItemNotFound` when the account has none with this id. */
    readonly get: (account: AccountId, id: BackupId) => Effect.Effect<Backup, CatalogError>
    /** Every backup of an account that a filter keeps, page after page, each once. */
    readonly stream: (account: AccountId, filter: BackupFilter) => Stream.Stream<Backup, CatalogError>
  }
>() {}
