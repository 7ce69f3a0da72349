import {
  type AccountId,
  AccountScope,
  type BackupCatalog,
  type BadRequest,
  type CatalogError,
  type ImportCatalog,
  type Page,
  type PageRequest,
  Registration
} from "@backup-catalog/core"
import { Effect, Schema } from "effect"
import {
  asking,
  checked,
  listOptions,
  parseBackupId,
  parseInstanceId,
  type RequestOptions,
  refused,
  request,
  requestOptions
} from "./asked.ts"
import { type BackupHistory, makeHistory } from "./BackupHistory.ts"
import { type BackupInput, parseBackupInput } from "./BackupInput.ts"
import { type ListFilter, parseListFilter } from "./ListFilter.ts"
import { type PlainBackup, toPlain } from "./PlainBackup.ts"
import { type ListOptions, makeList, nextOf, type PlainList } from "./PlainList.ts"
import { aBoolean, type Known } from "./readMembers.ts"

/** One page of a list; `next` is there only when more follow, and is the `marker` of the following page. */
export interface BackupPage {
  readonly backups: ReadonlyArray<PlainBackup>
  readonly next?: string
}

/** A list of backups, newest first. */
export type BackupList = PlainList<PlainBackup, BackupPage>

/** Lists of other accounts, for a token of the role admin. */
export interface ScopeOptions {
  /** The backups of all accounts; each then has its `projectId`. */
  readonly allProjects?: boolean | undefined
  /** The backups of this account. */
  readonly projectId?: string | undefined
}

/** A backup that exists elsewhere. */
export interface Restorable {
  readonly name: string
  readonly description?: string | null | undefined
  /** Where its bytes are. */
  readonly remoteLocation: string
  /** The version of a datastore that they are of, by its id. */
  readonly datastoreVersionId: string
  /** Gigabytes of 2^30 bytes. */
  readonly size: number
}

/** How a backup is put into the catalog. */
type UpsertOptions = RequestOptions & { readonly ifAbsent?: boolean | undefined }

/** The backups of an account. */
export interface BackupsClient {
  /**
   * The backups that a filter keeps, or all of them. What filter and options say is read now; one that is invalid is a
   * `BadRequest` of what reads the list.
   */
  readonly list: (filter?: ListFilter, options?: ListOptions & ScopeOptions) => BackupList
  /** The backups of an instance that a filter keeps; `ItemNotFound` when the account never had one. */
  readonly forInstance: (
    instanceId: string,
    filter?: Omit<ListFilter, "instanceId">,
    options?: ListOptions
  ) => BackupList
  /** The backups that descend from another, its increments and theirs: those that `delete` takes along. */
  readonly descendants: (id: string, options?: ListOptions) => BackupList
  /** What happened to a backup, newest first, and where it comes from; `ItemNotFound` when the account never had it. */
  readonly history: (id: string, options?: ListOptions) => BackupHistory
  /** One backup; `ItemNotFound` when the account has none with this id. */
  readonly get: (id: string, options?: RequestOptions) => Promise<PlainBackup>
  /**
   * Registers a backup, or updates the one with its id: what the backup does not name is then not known any more.
   * `created` tells which, as the last answer has it: where the answer to a first attempt was lost, what that one
   * created was there already for the next. With `ifAbsent` an id that is there already is `PreconditionFailed`. A
   * parent that is missing, of another instance, or a descendant is `UnprocessableEntity`. A backup with `retiredAt` is
   * a `BadRequest`.
   */
  readonly upsert: (
    backup: BackupInput,
    options?: UpsertOptions
  ) => Promise<{ readonly backup: PlainBackup; readonly created: boolean }>
  /** Registers a backup that exists elsewhere, with a new id and the status `RESTORED`. */
  readonly register: (backup: Restorable, options?: RequestOptions) => Promise<PlainBackup>
  /**
   * Removes a backup and its descendants from the catalog; never the bytes. `UnprocessableEntity` while one of them is
   * being made, and then all stay.
   */
  readonly delete: (id: string, options?: RequestOptions) => Promise<void>
}

const decodeScope = Schema.decodeUnknown(Schema.typeSchema(AccountScope))
const decodeRestorable = Schema.decodeUnknown(Registration)

const parseScope = (scope: ScopeOptions): Effect.Effect<AccountScope, BadRequest> =>
  refused("whose backups are asked for")(decodeScope(scope))

const restorable: Known<Restorable> = {
  name: true,
  description: true,
  remoteLocation: true,
  datastoreVersionId: true,
  size: true
}

const refusedRestorable = refused("the backup", {
  "restore_from.remote_location": "remoteLocation",
  "restore_from.local_datastore_version_id": "datastoreVersionId",
  "restore_from.size": "size"
})

const parseRestorable = (backup: Restorable) =>
  Effect.flatMap(
    checked(backup, restorable, "member"),
    ({ name, description, remoteLocation, datastoreVersionId, size }) =>
      refusedRestorable(
        decodeRestorable({
          name,
          description: description ?? null,
          restore_from: { remote_location: remoteLocation, local_datastore_version_id: datastoreVersionId, size }
        })
      )
  )

const scopedOptions: Known<ListOptions & ScopeOptions> = { ...listOptions, allProjects: true, projectId: true }

const upsertOptions: Known<UpsertOptions> = { ...requestOptions, ifAbsent: aBoolean }

type ReadPage = (page: PageRequest) => Effect.Effect<Page, CatalogError>

const listOf = <Options extends ListOptions>(
  known: Known<Options>,
  read: (options: Options) => Effect.Effect<ReadPage, CatalogError>,
  options: Options
): BackupList =>
  makeList(
    {
      known,
      read,
      toPage: (page: Page): BackupPage => ({ backups: page.backups.map(toPlain), ...nextOf(page) }),
      itemsOf: ({ backups }) => backups,
      items: "backups"
    },
    options
  )

/** The Promise API of a catalog for one account. */
export const makeBackups = (
  catalog: typeof BackupCatalog.Service,
  imports: typeof ImportCatalog.Service,
  account: AccountId
): BackupsClient => {
  return {
    history: (id, options = {}) =>
      makeHistory(
        Effect.map(parseBackupId(id), (backup) => (page: PageRequest) => imports.history(account, backup, page)),
        options
      ),
    list: (filter = {}, options = {}) =>
      listOf(
        scopedOptions,
        Effect.fnUntraced(function* ({ signal: _, pageSize: __, ...given }) {
          const scope = yield* parseScope(given)
          const parsed = yield* parseListFilter(filter)
          return (page: PageRequest) => catalog.list(account, parsed, page, scope)
        }),
        options
      ),
    forInstance: (instanceId, filter = {}, options = {}) =>
      listOf(
        listOptions,
        Effect.fnUntraced(function* () {
          const instance = yield* parseInstanceId(instanceId)
          const parsed = yield* parseListFilter(filter)
          return (page: PageRequest) => catalog.listOfInstance(account, instance, parsed, page)
        }),
        options
      ),
    descendants: (id, options = {}) =>
      listOf(
        listOptions,
        () =>
          Effect.map(
            parseBackupId(id),
            (ancestor) => (page: PageRequest) => catalog.listDescendants(account, ancestor, page)
          ),
        options
      ),
    get: (id, options = {}) =>
      request(
        options,
        Effect.map(
          Effect.flatMap(parseBackupId(id), (one) => catalog.get(account, one)),
          toPlain
        )
      ),
    upsert: (backup, options = {}) =>
      asking(checked(options, upsertOptions), ({ ifAbsent = false }) =>
        Effect.map(
          Effect.flatMap(parseBackupInput(backup), (parsed) => catalog.upsert(account, parsed, { ifAbsent })),
          ({ backup: written, created }) => ({ backup: toPlain(written), created })
        )
      ),
    register: (backup, options = {}) =>
      request(
        options,
        Effect.map(
          Effect.flatMap(parseRestorable(backup), (parsed) => catalog.register(account, parsed)),
          toPlain
        )
      ),
    delete: (id, options = {}) =>
      request(
        options,
        Effect.flatMap(parseBackupId(id), (one) => catalog.remove(account, one))
      )
  }
}
