import { Clock, Context, Effect, Layer, Option } from "effect"
import { type AccountScope, spansAccounts } from "../AccountScope.ts"
import type { AccountId, Backup, BackupId, InstanceId } from "../Backup.ts"
import { BackupCatalog, type Upserted } from "../BackupCatalog.ts"
import type { BackupFilter } from "../BackupFilter.ts"
import type { Position, PositionAcross } from "../BackupOrder.ts"
import type { BadRequest, Fault } from "../Fault.ts"
import type { Instance, InstancePage } from "../Instance.ts"
import { instantFromMillis } from "../Instant.ts"
import {
  backupIdFromMarker,
  type Marker,
  markerFromInstance,
  markerFromPosition,
  markerFromPositionAcross,
  positionAcrossFromMarker,
  positionFromMarker
} from "../Marker.ts"
import type { Page, PageRequest } from "../Page.ts"
import { streamOf } from "../pages.ts"
import { type Registration, registeredBackup } from "../Registration.ts"
import {
  type AtOnce,
  BackupStore,
  type EncodedPage,
  type ExistingBackup,
  type Slice,
  type StoreUnavailable
} from "./BackupStore.ts"
import {
  ambiguousMarker,
  impossibleChain,
  neverKnownInstance,
  ofOtherAccount,
  otherId,
  otherThanDemanded,
  retiredOfAll,
  stillRunning,
  unknownBackup,
  unknownInstance,
  unknownMarker
} from "./catalogFaults.ts"
import { keepPrecision } from "./keepPrecision.ts"
import { isWellKnown, mustBeDatastore } from "./mustBeDatastore.ts"
import type { OnStore } from "./OnStore.ts"
import { limitOf, type PageLimits } from "./PageLimits.ts"
import { resolveInstance } from "./resolveInstance.ts"
import { unavailable } from "./unavailable.ts"

/** A page whose records are already as they travel. */
export interface EncodedListPage {
  readonly records: string | Uint8Array
  readonly next: Marker | undefined
  /** The account's version that this page is of. */
  readonly version: bigint
}

/** What a caller demands of the record that a write is to replace; none for a record that is not there. */
export type WriteCondition = (before: Option.Option<ExistingBackup>) => boolean

/** A record as it is to be kept under an id, which it need not repeat. */
export type RecordToKeep = Omit<Backup, "id"> & Partial<Pick<Backup, "id">>

const pageOf = (backups: ReadonlyArray<Backup>, more: boolean): Page => {
  const last = backups.at(-1)
  return more && last !== undefined ? { backups, next: markerFromPosition(last) } : { backups }
}

const make = (limits: PageLimits) =>
  Effect.map(BackupStore, (store) => {
    const get = Effect.fn("BackupCatalog.get")(
      (account: AccountId, id: BackupId) =>
        Effect.flatMap(
          store.get(account, id),
          Effect.catchTag("NoSuchElementException", () => unknownBackup(id))
        ),
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    const resolve = (account: AccountId, marker: Marker): Effect.Effect<Position, BadRequest | StoreUnavailable> => {
      const position = positionFromMarker(marker)
      if (position !== undefined) return Effect.succeed(position)
      const backup = backupIdFromMarker(marker)
      if (backup === undefined) return unknownMarker("the account")
      return Effect.flatMap(
        store.get(account, backup),
        Option.match({
          onNone: () => unknownMarker("the account"),
          onSome: ({ created, id }) => Effect.succeed({ created, id })
        })
      )
    }

    const resolveAcross = (marker: Marker): Effect.Effect<PositionAcross, BadRequest | StoreUnavailable> => {
      const position = positionAcrossFromMarker(marker)
      if (position !== undefined) return Effect.succeed(position)
      const backup = backupIdFromMarker(marker)
      if (backup === undefined) return unknownMarker("one of the accounts")
      return Effect.flatMap(store.findAcross(backup), ([found, another]) => {
        if (found === undefined) return unknownMarker("one of the accounts")
        return another === undefined ? Effect.succeed(found) : ambiguousMarker
      })
    }

    const start = (
      account: AccountId,
      { marker }: PageRequest
    ): Effect.Effect<Position | undefined, BadRequest | StoreUnavailable> =>
      marker === undefined ? Effect.succeed(undefined) : resolve(account, marker)

    const place = (account: AccountId, page: PageRequest) =>
      Effect.zipWith(start(account, page), limitOf(limits, page), (after, limit) => ({ after, limit }))

    const plan = (account: AccountId, filter: BackupFilter, page: PageRequest) => {
      const isUnderWay = () => page.marker !== undefined && positionFromMarker(page.marker) !== undefined
      const has = (datastore: string) => store.hasDatastore(account, datastore)
      const known = mustBeDatastore(filter.datastore, isUnderWay, has, "the account has")
      return Effect.zipWith(place(account, page), known, (placed): Slice => ({ account, filter, ...placed }))
    }

    const listOwn = (account: AccountId, filter: BackupFilter, page: PageRequest) =>
      Effect.map(Effect.flatMap(plan(account, filter, page), store.list), ({ backups, more }) => pageOf(backups, more))

    const listOther = (account: AccountId, filter: BackupFilter, page: PageRequest) =>
      Effect.map(listOwn(account, filter, page), ({ backups, ...rest }) => ({
        ...rest,
        backups: backups.map((backup) => ({ ...backup, projectId: account }))
      }))

    const listAcross = Effect.fnUntraced(function* (filter: BackupFilter, page: PageRequest) {
      if (filter.include !== undefined) return yield* retiredOfAll
      const after = page.marker === undefined ? undefined : yield* resolveAcross(page.marker)
      const limit = yield* limitOf(limits, page)
      const isUnderWay = () => page.marker !== undefined && positionAcrossFromMarker(page.marker) !== undefined
      yield* mustBeDatastore(filter.datastore, isUnderWay, store.hasDatastoreAcross, "an account has")
      const { backups, more } = yield* store.listAcross({ filter, after, limit })
      const last = backups.at(-1)
      const next =
        more && last?.projectId !== undefined
          ? { next: markerFromPositionAcross({ created: last.created, id: last.id, account: last.projectId }) }
          : {}
      return { backups, ...next } satisfies Page
    })

    const list = Effect.fn("BackupCatalog.list")(
      (account: AccountId, filter: BackupFilter, page: PageRequest, scope: AccountScope = {}) => {
        if (!spansAccounts(scope)) return listOwn(account, filter, page)
        return scope.projectId === undefined ? listAcross(filter, page) : listOther(scope.projectId, filter, page)
      },
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    const encodedPage = ({ records, last, version }: EncodedPage): EncodedListPage => ({
      records,
      next: last === undefined ? undefined : markerFromPosition(last),
      version
    })

    const listEncoded = (account: AccountId, filter: BackupFilter, page: PageRequest) =>
      plan(account, filter, page).pipe(
        Effect.flatMap(store.listEncoded),
        Effect.map(encodedPage),
        Effect.catchTag("StoreUnavailable", unavailable)
      )

    /**
     * Only what needs no other question: behind a place that there is, of a datastore that is well known, within the
     * limits.
     */
    const listAtOnce = (
      { listEncoded }: AtOnce,
      account: AccountId,
      filter: BackupFilter,
      { marker, limit = limits.pageSize }: PageRequest
    ): EncodedListPage | undefined => {
      const { datastore } = filter
      const after = marker === undefined ? undefined : positionFromMarker(marker)
      if (limit > limits.maxPageSize || (datastore !== undefined && !isWellKnown(datastore))) return undefined
      const behind = marker === undefined || after !== undefined ? undefined : backupIdFromMarker(marker)
      if (marker !== undefined && (after ?? behind) === undefined) return undefined
      const page = listEncoded({ account, filter, after, limit }, behind)
      return page && encodedPage(page)
    }

    const { atOnce } = store

    const getInstance = Effect.fn("BackupCatalog.getInstance")(
      (account: AccountId, id: InstanceId) =>
        Effect.flatMap(
          store.getInstance(account, id),
          Effect.catchTag("NoSuchElementException", () => unknownInstance(id))
        ),
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    const listInstances = Effect.fn("BackupCatalog.listInstances")(
      function* (account: AccountId, page: PageRequest) {
        const has = (id: InstanceId) => Effect.map(store.getInstance(account, id), Option.isSome)
        const after = page.marker === undefined ? undefined : yield* resolveInstance(page.marker, has)
        const limit = yield* limitOf(limits, page)
        const { instances, more } = yield* store.listInstances(account, after, limit)
        const last = instances.at(-1)
        return (
          more && last !== undefined ? { instances, next: markerFromInstance(last.id) } : { instances }
        ) satisfies InstancePage
      },
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    const mustBeKnown = (account: AccountId, id: InstanceId) =>
      store.knowsInstance(account, id).pipe(
        Effect.catchTag("StoreUnavailable", unavailable),
        Effect.filterOrFail(
          (known) => known,
          () => neverKnownInstance(id)
        )
      )

    const listOfInstanceEncoded = Effect.fnUntraced(function* (
      account: AccountId,
      instanceId: InstanceId,
      filter: BackupFilter,
      page: PageRequest
    ) {
      // What is wrong with the request comes before what is missing (docs/api.md, The order of checks).
      const found = yield* listEncoded(account, { ...filter, instanceId }, page)
      if (found.records.length === 0) yield* mustBeKnown(account, instanceId)
      return found
    })

    const listOfInstance = Effect.fn("BackupCatalog.listOfInstance")(function* (
      account: AccountId,
      instanceId: InstanceId,
      filter: BackupFilter,
      page: PageRequest
    ) {
      const found = yield* list(account, { ...filter, instanceId }, page)
      if (found.backups.length === 0) yield* mustBeKnown(account, instanceId)
      return found
    })

    const listDescendants = Effect.fn("BackupCatalog.listDescendants")(
      function* (account: AccountId, ancestor: BackupId, page: PageRequest) {
        const { after, limit } = yield* place(account, page)
        const { backups, more } = yield* store.listDescendants({ account, ancestor, after, limit })
        if (backups.length === 0 && Option.isNone(yield* store.get(account, ancestor))) {
          return yield* unknownBackup(ancestor)
        }
        return pageOf(backups, more)
      },
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    const write = Effect.fn("BackupCatalog.upsert")(
      function* (account: AccountId, id: BackupId, record: RecordToKeep, condition: WriteCondition) {
        if (record.id !== undefined && record.id !== id) return yield* otherId
        if (record.projectId !== undefined && record.projectId !== account) return yield* ofOtherAccount
        const backup = { ...record, id }
        const result = yield* store.register(account, id, (before) =>
          condition(before)
            ? Option.some(
                Option.match(before, {
                  onNone: () => backup,
                  onSome: (old) => (old === "unreadable" ? backup : keepPrecision(old, backup))
                })
              )
            : Option.none()
        )
        if (result.kind === "refused") return yield* otherThanDemanded
        if (result.kind === "impossible") return yield* impossibleChain(result.problem)
        return { backup: result.backup, created: result.kind === "created" } satisfies Upserted
      },
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    const register = Effect.fn("BackupCatalog.register")(
      function* (account: AccountId, registration: Registration) {
        const known = yield* store.findDatastoreVersion(account, registration.restoreFrom.datastoreVersionId)
        const now = instantFromMillis(yield* Clock.currentTimeMillis)
        const datastore = Option.flatMap(known, (backup) => backup.datastore)
        const backup = registeredBackup(registration, crypto.randomUUID(), now, datastore)
        return (yield* write(account, backup.id, backup, () => true)).backup
      },
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    const remove = Effect.fn("BackupCatalog.remove")(
      function* (account: AccountId, id: BackupId, allowed: WriteCondition = () => true) {
        const result = yield* store.remove(account, id, allowed)
        if (result.kind === "missing") return yield* unknownBackup(id)
        if (result.kind === "refused") return yield* otherThanDemanded
        if (result.kind === "running") return yield* stillRunning(id, result.id)
      },
      Effect.catchTag("StoreUnavailable", unavailable)
    )

    const version = (account: AccountId) => Effect.catchTag(store.version(account), "StoreUnavailable", unavailable)

    const shared = { get, list, listDescendants, register }
    const catalog = BackupCatalog.of({
      ...shared,
      listOfInstance,
      stream: streamOf(list),
      upsert: (account, backup, { ifAbsent = false } = {}) =>
        write(account, backup.id, backup, (before) => !ifAbsent || Option.isNone(before)),
      remove: (account, id) => remove(account, id)
    })
    return Context.make(BackupCatalog, catalog).pipe(
      Context.add(
        StoreCatalog,
        StoreCatalog.of({
          ...shared,
          listEncoded,
          ...(atOnce && {
            atOnce: {
              listEncoded: (account, filter, page) => listAtOnce(atOnce, account, filter, page),
              version: atOnce.version
            }
          }),
          listOfInstanceEncoded,
          listInstances,
          getInstance,
          version,
          upsert: write,
          remove
        })
      )
    )
  })

/** What `StoreCatalog` has in another form than `BackupCatalog`, or not at all; all else is the same in both. */
type InItsOwnForm = "listOfInstance" | "stream" | "upsert" | "remove"

/**
 * The catalog over a store for those who send its answers on: it fails with faults only, and need not decode a list.
 */
export class StoreCatalog extends Context.Tag("@backup-catalog/core/StoreCatalog")<
  StoreCatalog,
  {
    readonly [Name in Exclude<keyof typeof BackupCatalog.Service, InItsOwnForm>]: OnStore<
      (typeof BackupCatalog.Service)[Name]
    >
  } & {
    /** The same checks and the same page as `BackupCatalog.list`, with the records as they travel. */
    readonly listEncoded: (
      account: AccountId,
      filter: BackupFilter,
      page: PageRequest
    ) => Effect.Effect<EncodedListPage, Fault>
    /** The same without waiting, where the store can tell so much at once; undefined where only the Effects can. */
    readonly atOnce?: {
      readonly listEncoded: (account: AccountId, filter: BackupFilter, page: PageRequest) => EncodedListPage | undefined
      readonly version: AtOnce["version"]
    }
    /** The same for `BackupCatalog.listOfInstance`. */
    readonly listOfInstanceEncoded: (
      account: AccountId,
      instance: InstanceId,
      filter: BackupFilter,
      page: PageRequest
    ) => Effect.Effect<EncodedListPage, Fault>
    /** The instances that the account has backups of. */
    readonly listInstances: (account: AccountId, page: PageRequest) => Effect.Effect<InstancePage, Fault>
    /** One of them; `ItemNotFound` when there is no backup of it. */
    readonly getInstance: (account: AccountId, id: InstanceId) => Effect.Effect<Instance, Fault>
    /** What every write to the account raises, so that a reader can tell that nothing has changed. */
    readonly version: (account: AccountId) => Effect.Effect<bigint, Fault>
    /**
     * As `BackupCatalog.upsert`, under an id that the record need not repeat, on any condition; `PreconditionFailed`
     * when it does not hold.
     */
    readonly upsert: (
      account: AccountId,
      id: BackupId,
      record: RecordToKeep,
      condition: WriteCondition
    ) => Effect.Effect<Upserted, Fault>
    /** As `BackupCatalog.remove`, if the backup is as its caller allows; else `PreconditionFailed`. */
    readonly remove: (account: AccountId, id: BackupId, allowed?: WriteCondition) => Effect.Effect<void, Fault>
  }
>() {
  /** `BackupCatalog` over a store, and beside it the `StoreCatalog`. */
  static readonly layer = (limits: PageLimits): Layer.Layer<BackupCatalog | StoreCatalog, never, BackupStore> =>
    Layer.effectContext(make(limits))
}
