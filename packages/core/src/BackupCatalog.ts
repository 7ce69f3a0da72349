import { Context, type Effect, type Stream } from "effect"
import type { AccountScope } from "./AccountScope.ts"
import type { AccountId, Backup, BackupId, InstanceId } from "./Backup.ts"
import type { BackupFilter } from "./BackupFilter.ts"
import type { CatalogError } from "./CatalogError.ts"
import type { Page, PageRequest } from "./Page.ts"
import type { Registration } from "./Registration.ts"

/** What came of an upsert: the record as the catalog has it now, and whether it was not there before. */
export interface Upserted {
  readonly backup: Backup
  readonly created: boolean
}

/**
 * The catalog of backups: the same service whether a store is below it or a server far away, so that a program
 * written against it runs on either.
 */
export class BackupCatalog extends Context.Tag("@backup-catalog/core/BackupCatalog")<
  BackupCatalog,
  {
    /** One page of the backups of an account, or of a scope, that a filter keeps, newest first. */
    readonly list: (
      account: AccountId,
      filter: BackupFilter,
      page: PageRequest,
      scope?: AccountScope
    ) => Effect.Effect<Page, CatalogError>
    /** Every backup of an account, or of a scope, that a filter keeps, page after page, each once. */
    readonly stream: (
      account: AccountId,
      filter: BackupFilter,
      scope?: AccountScope
    ) => Stream.Stream<Backup, CatalogError>
    /** One page of the backups of an instance; `ItemNotFound` when the account never had a backup of it. */
    readonly listOfInstance: (
      account: AccountId,
      instance: InstanceId,
      filter: BackupFilter,
      page: PageRequest
    ) => Effect.Effect<Page, CatalogError>
    /** One page of the backups that descend from another: those that are deleted with it. */
    readonly listDescendants: (account: AccountId, id: BackupId, page: PageRequest) => Effect.Effect<Page, CatalogError>
    /** One backup; `ItemNotFound` when the account has none with this id. */
    readonly get: (account: AccountId, id: BackupId) => Effect.Effect<Backup, CatalogError>
    /**
     * Registers a backup, or updates the one with its id. `BadRequest` when it says that it is of another account;
     * `UnprocessableEntity` when its parent is missing, of another instance, itself or a descendant; with `ifAbsent`,
     * `PreconditionFailed` when there is one already.
     */
    readonly upsert: (
      account: AccountId,
      backup: Backup,
      options?: { readonly ifAbsent?: boolean }
    ) => Effect.Effect<Upserted, CatalogError>
    /** Registers a backup that exists elsewhere, with a new id and the status `RESTORED`. */
    readonly register: (account: AccountId, registration: Registration) => Effect.Effect<Backup, CatalogError>
    /**
     * Removes a backup and all that descend from it from the catalog; never the bytes. `UnprocessableEntity` while
     * one of them is being made, and then all stay.
     */
    readonly remove: (account: AccountId, id: BackupId) => Effect.Effect<void, CatalogError>
  }
>() {}
