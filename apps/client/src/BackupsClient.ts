import {
  type AccountId,
  AccountScope,
  type BackupCatalog,
  BackupId,
  BadRequest,
  type CatalogError,
  describeParseError,
  InstanceId,
  type Page,
  PageRequest,
  pages,
  Registration,
  TooMany
} from "@backup-catalog/core"
import { Effect, Schema, Stream } from "effect"
import { type BackupInput, parseBackupInput } from "./BackupInput.ts"
import { iterate } from "./iterate.ts"
import { type ListFilter, parseListFilter } from "./ListFilter.ts"
import { type PlainBackup, toPlain } from "./PlainBackup.ts"
import { runPromise } from "./runPromise.ts"
import { unknownName } from "./unknownName.ts"

/** How a list is read. */
export interface ListOptions {
  /** Ends whatever is under way; what waits for it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** How many records each request asks for, when all pages are read. Default: what the server sets, 1,000. */
  readonly pageSize?: number | undefined
}

/** Which page to read. */
export interface PageOptions {
  /** How many records at most: a whole number from 1. Default: what the server sets, 1,000. */
  readonly limit?: number | undefined
  /** The `next` of the page before, or the id of a backup; the page begins behind it. */
  readonly marker?: string | undefined
}

/** One page of a list; `next` is there only when more follow, and is the `marker` of the following page. */
export interface BackupPage {
  readonly backups: ReadonlyArray<PlainBackup>
  readonly next?: string
}

/**
 * A list of backups, newest first. Nothing is asked before it is read, and each way of reading it begins anew:
 * `for await` gives every backup of all pages, holding one page at a time.
 */
export interface BackupList extends AsyncIterable<PlainBackup> {
  [Symbol.asyncIterator](): AsyncIterableIterator<PlainBackup>
  /** One page. */
  readonly page: (options?: PageOptions) => Promise<BackupPage>
  /** All backups of all pages; more than `max` of them is a `TooMany`, nothing is cut off. */
  readonly toArray: (options: { readonly max: number }) => Promise<Array<PlainBackup>>
}

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

/** What can end a request at once: it then rejects with the signal's reason. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined
}

/** The backups of an account. */
export interface BackupsClient {
  /** The backups that a filter keeps, or all of them. A filter that is invalid is a `BadRequest` of what reads the list. */
  readonly list: (filter?: ListFilter, options?: ListOptions & ScopeOptions) => BackupList
  /** The backups of an instance that a filter keeps; `ItemNotFound` when the account has no backup of it. */
  readonly forInstance: (
    instanceId: string,
    filter?: Omit<ListFilter, "instanceId">,
    options?: ListOptions
  ) => BackupList
  /** The backups that descend from another, its increments and theirs: those that `delete` takes along. */
  readonly descendants: (id: string, options?: ListOptions) => BackupList
  /** One backup; `ItemNotFound` when the account has none with this id. */
  readonly get: (id: string, options?: RequestOptions) => Promise<PlainBackup>
  /**
   * Registers a backup, or updates the one with its id: what the backup does not name is then not known any more.
   * `created` tells which. With `ifAbsent` an id that is there already is `PreconditionFailed`. A parent that is
   * missing, of another instance, or a descendant is `UnprocessableEntity`.
   */
  readonly upsert: (
    backup: BackupInput,
    options?: RequestOptions & { readonly ifAbsent?: boolean | undefined }
  ) => Promise<{ readonly backup: PlainBackup; readonly created: boolean }>
  /** Registers a backup that exists elsewhere, with a new id and the status `RESTORED`. */
  readonly register: (backup: Restorable, options?: RequestOptions) => Promise<PlainBackup>
  /**
   * Removes a backup and its descendants from the catalog; never the bytes. `UnprocessableEntity` while one of them is
   * being made, and then all stay.
   */
  readonly delete: (id: string, options?: RequestOptions) => Promise<void>
}

const refused = (what: string) =>
  Effect.mapError(
    (error: Parameters<typeof describeParseError>[0]) =>
      new BadRequest({ message: `Nothing was asked: ${describeParseError(error, what)}.` })
  )

const decodeId = Schema.decodeUnknown(BackupId)
const decodeInstanceId = Schema.decodeUnknown(InstanceId)
const decodeScope = Schema.decodeUnknown(Schema.typeSchema(AccountScope))
const decodeRestorable = Schema.decodeUnknown(Registration)
const decodePageRequest = Schema.decodeUnknown(Schema.typeSchema(PageRequest), { onExcessProperty: "error" })

const defined = (options: object): object =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

const parsePageRequest = (options: PageOptions): Effect.Effect<PageRequest, BadRequest> =>
  refused("what is asked of the page")(decodePageRequest(defined(options)))

const parseScope = ({ allProjects, projectId }: ScopeOptions): Effect.Effect<AccountScope, BadRequest> =>
  refused("whose backups are asked for")(decodeScope(defined({ allProjects, projectId })))

// A misspelt option would silently not count, and another question be answered.
const checked = <Options extends object>(
  options: Options,
  known: Readonly<Record<keyof Options, true>>,
  what = "option"
): Effect.Effect<Options, BadRequest> =>
  Effect.suspend(() => {
    if (typeof options !== "object" || options === null) {
      return new BadRequest({ message: `Nothing was asked: the ${what}s must be an object.` })
    }
    const unknown = unknownName(options, Object.keys(known))
    return unknown === undefined
      ? Effect.succeed(options)
      : new BadRequest({
          message: `Nothing was asked: the ${what} ${unknown.name} ${unknown.predicate}.`
        })
  })

const restorable: Readonly<Record<keyof Restorable, true>> = {
  name: true,
  description: true,
  remoteLocation: true,
  datastoreVersionId: true,
  size: true
}

const parseRestorable = (backup: Restorable) =>
  Effect.flatMap(
    checked(backup, restorable, "member"),
    ({ name, description, remoteLocation, datastoreVersionId, size }) =>
      refused("the backup")(
        decodeRestorable({
          name,
          description: description ?? null,
          restore_from: { remote_location: remoteLocation, local_datastore_version_id: datastoreVersionId, size }
        })
      )
  )

const plainPage = ({ backups, next }: Page): BackupPage => ({
  backups: backups.map(toPlain),
  ...(next === undefined ? {} : { next })
})

const isMax = (max: unknown): max is number => typeof max === "number" && Number.isSafeInteger(max) && max >= 0

const collect = (
  all: Stream.Stream<ReadonlyArray<PlainBackup>, CatalogError>,
  max: unknown
): Effect.Effect<Array<PlainBackup>, CatalogError | TooMany> => {
  if (!isMax(max)) return new BadRequest({ message: "Nothing was asked: max must be a whole number, 0 or more." })
  return all.pipe(
    Stream.flattenIterables,
    Stream.take(max + 1),
    Stream.runCollect,
    Effect.flatMap((backups) =>
      backups.length > max
        ? new TooMany({
            max,
            message: `There are more than ${max} backups; allow more with max, narrow the filter, or read them one by one.`
          })
        : Effect.succeed([...backups])
    )
  )
}

const requestOptions: Readonly<Record<keyof RequestOptions, true>> = { signal: true }
const listOptions: Readonly<Record<keyof ListOptions, true>> = { signal: true, pageSize: true }
const scopedOptions: Readonly<Record<keyof (ListOptions & ScopeOptions), true>> = {
  ...listOptions,
  allProjects: true,
  projectId: true
}

type ReadPage = (page: PageRequest) => Effect.Effect<Page, CatalogError>

const listOf = (read: Effect.Effect<ReadPage, CatalogError>, options: ListOptions): BackupList => {
  // Options that are none are refused by what reads the list.
  const { signal, pageSize }: ListOptions = options ?? {}
  const pageAt = (options: PageOptions) =>
    Effect.flatMap(Effect.all([read, parsePageRequest(options)]), ([readPage, page]) => readPage(page))
  const all = pages((marker) => pageAt({ limit: pageSize, marker })).pipe(Stream.map((backups) => backups.map(toPlain)))
  return {
    [Symbol.asyncIterator]: () => iterate(all, signal),
    page: (options = {}) => runPromise(Effect.map(pageAt(options), plainPage), signal),
    toArray: async (options) => runPromise(collect(all, options?.max), signal)
  }
}

/** The Promise API of a catalog for one account. */
export const makeBackups = (catalog: typeof BackupCatalog.Service, account: AccountId): BackupsClient => {
  const backupId = (id: string) => refused("the id")(decodeId(id))

  const request = <A>(
    options: RequestOptions,
    known: Readonly<Record<string, true>>,
    asked: Effect.Effect<A, CatalogError>
  ) => runPromise(Effect.zipRight(checked(options, known), asked), options?.signal)

  return {
    list: (filter = {}, options = {}) =>
      listOf(
        Effect.gen(function* () {
          const scope = yield* parseScope(yield* checked(options, scopedOptions))
          const parsed = yield* parseListFilter(filter)
          return (page: PageRequest) => catalog.list(account, parsed, page, scope)
        }),
        options
      ),
    forInstance: (instanceId, filter = {}, options = {}) =>
      listOf(
        Effect.gen(function* () {
          yield* checked(options, listOptions)
          const instance = yield* refused("the id of the instance")(decodeInstanceId(instanceId))
          const parsed = yield* parseListFilter(filter)
          return (page: PageRequest) => catalog.listOfInstance(account, instance, parsed, page)
        }),
        options
      ),
    descendants: (id, options = {}) =>
      listOf(
        Effect.gen(function* () {
          yield* checked(options, listOptions)
          const ancestor = yield* backupId(id)
          return (page: PageRequest) => catalog.listDescendants(account, ancestor, page)
        }),
        options
      ),
    get: (id, options = {}) =>
      request(
        options,
        requestOptions,
        Effect.map(
          Effect.flatMap(backupId(id), (one) => catalog.get(account, one)),
          toPlain
        )
      ),
    upsert: (backup, options = {}) =>
      request(
        options,
        { ...requestOptions, ifAbsent: true },
        Effect.map(
          Effect.flatMap(parseBackupInput(backup), (parsed) =>
            catalog.upsert(account, parsed, { ifAbsent: options.ifAbsent === true })
          ),
          ({ backup: written, created }) => ({ backup: toPlain(written), created })
        )
      ),
    register: (backup, options = {}) =>
      request(
        options,
        requestOptions,
        Effect.map(
          Effect.flatMap(parseRestorable(backup), (parsed) => catalog.register(account, parsed)),
          toPlain
        )
      ),
    delete: (id, options = {}) =>
      request(
        options,
        requestOptions,
        Effect.flatMap(backupId(id), (one) => catalog.remove(account, one))
      )
  }
}
