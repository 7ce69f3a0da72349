import {
  type AccountId,
  type AccountScope,
  type Backup,
  BackupCatalog,
  type BackupFilter,
  type BackupId,
  type CatalogError,
  decodeBackupFast,
  handedOver,
  type InstanceId,
  type Page,
  PageRequest,
  type Registration,
  streamOf
} from "@backup-catalog/core"
import {
  AccountPath,
  BackupPath,
  decodeLinks,
  decodeListAnswer,
  InstanceListParams,
  InstancePath,
  type ListAnswer,
  ListParams
} from "@backup-catalog/core/http"
import { HttpClientRequest, type UrlParams } from "@effect/platform"
import { Effect, Either, Option, Schema } from "effect"
import { type Body, linesOf } from "./body.ts"
import type { Asked, Connection } from "./Connection.ts"
import { foreignOf, mismatchOf, otherThan } from "./mismatch.ts"

const encodeAccount = Schema.encode(AccountPath)
const encodeInstance = Schema.encode(InstancePath)
const encodeBackup = Schema.encode(BackupPath)
const encodeList = Schema.encode(ListParams)
const encodeListOfInstance = Schema.encode(InstanceListParams)
const encodePage = Schema.encode(PageRequest)

const get = (path: string, params: UrlParams.CoercibleRecord) =>
  HttpClientRequest.appendUrlParams(HttpClientRequest.get(path), params)

const plainList = (body: Body): Option.Option<ListAnswer> =>
  Option.flatMap(linesOf(body, decodeBackupFast), ({ backups, ...rest }) =>
    Option.map(Either.getRight(decodeLinks(rest)), (links) => ({ backups, ...links }))
  )

/** The backups of a catalog over HTTP. */
export const makeBackupCatalog = ({
  call,
  ask,
  read,
  write,
  next,
  unless
}: Connection): typeof BackupCatalog.Service => {
  const askForPage = (
    path: string,
    params: UrlParams.CoercibleRecord,
    mismatch: (backups: ReadonlyArray<Backup>) => string | undefined
  ) =>
    ask(get(path, params), decodeListAnswer, plainList).pipe(
      Effect.tap(({ backups }) => unless(mismatch(backups), undefined)),
      Effect.flatMap(({ backups, links }) => Effect.map(next(links, path), (following) => ({ backups, ...following })))
    )

  const readPage = (name: string, asked: Asked<Page>): Effect.Effect<Page, CatalogError> =>
    Effect.suspend(() => {
      const { run, take } = handedOver(asked)
      return read(run, { bare: true }).pipe(Effect.withSpan(name), Effect.map(take))
    })

  const list = (accountId: AccountId, filter: BackupFilter, page: PageRequest, scope: AccountScope = {}) =>
    readPage(
      "BackupCatalog.list",
      Effect.flatMap(
        Effect.all([encodeAccount({ accountId }), encodeList({ ...filter, ...page, ...scope })]),
        ([path, params]) =>
          askForPage(`/v1.0/${path.accountId}/backups`, params, (backups) =>
            mismatchOf(backups, filter, page, accountId, scope)
          )
      )
    )

  const listOfInstance = (accountId: AccountId, instanceId: InstanceId, filter: BackupFilter, page: PageRequest) => {
    const { instanceId: _, ...others } = filter
    return readPage(
      "BackupCatalog.listOfInstance",
      Effect.flatMap(
        Effect.all([encodeInstance({ accountId, instanceId }), encodeListOfInstance({ ...others, ...page })]),
        ([path, params]) =>
          askForPage(`/v1.0/${path.accountId}/instances/${path.instanceId}/backups`, params, (backups) =>
            mismatchOf(backups, { ...filter, instanceId }, page, accountId)
          )
      )
    )
  }

  const listDescendants = (accountId: AccountId, backupId: BackupId, page: PageRequest) =>
    readPage(
      "BackupCatalog.listDescendants",
      Effect.flatMap(Effect.all([encodeBackup({ accountId, backupId }), encodePage(page)]), ([path, params]) =>
        askForPage(`/v1.0/${path.accountId}/backups/${path.backupId}/descendants`, params, (backups) =>
          mismatchOf(backups, {}, page, accountId)
        )
      )
    )

  const ofAccount = (account: AccountId) => (backup: Backup) => unless(foreignOf("backup", backup, account), backup)

  const same = (account: AccountId, asked: BackupId) => (backup: Backup) =>
    Effect.flatMap(unless(otherThan("backup.id", backup.id, asked), backup), ofAccount(account))

  const show = Effect.fn("BackupCatalog.get")((accountId: AccountId, backupId: BackupId) =>
    call((api) => api.backups.show({ path: { accountId, backupId } })).pipe(
      Effect.flatMap(({ backup }) => same(accountId, backupId)(backup)),
      read
    )
  )

  const upsert = Effect.fn("BackupCatalog.upsert")(
    (accountId: AccountId, backup: Backup, { ifAbsent = false }: { readonly ifAbsent?: boolean } = {}) =>
      call((api) =>
        api.backups.upsert({
          path: { accountId, backupId: backup.id },
          headers: ifAbsent ? { "if-none-match": "*" } : {},
          payload: { backup },
          withResponse: true
        })
      ).pipe(
        Effect.flatMap(([answer, { status }]) =>
          Effect.map(same(accountId, backup.id)(answer.backup), (written) => ({
            backup: written,
            created: status === 201
          }))
        ),
        // Done twice it is the same; but what must not be there yet would be there the second time.
        ifAbsent ? write : read
      )
  )

  const register = Effect.fn("BackupCatalog.register")((accountId: AccountId, registration: Registration) =>
    call((api) => api.backups.register({ path: { accountId }, payload: { backup: registration } })).pipe(
      Effect.flatMap(({ backup }) => ofAccount(accountId)(backup)),
      write
    )
  )

  const remove = Effect.fn("BackupCatalog.remove")((accountId: AccountId, backupId: BackupId) =>
    write(call((api) => api.backups.remove({ path: { accountId, backupId }, headers: {} })))
  )

  return BackupCatalog.of({
    list,
    listOfInstance,
    listDescendants,
    get: show,
    stream: streamOf(list, { ahead: true }),
    upsert,
    register,
    remove
  })
}
