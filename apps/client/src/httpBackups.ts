import {
  type AccountId,
  type AccountScope,
  type Backup,
  BackupCatalog,
  type BackupFilter,
  type BackupId,
  type InstanceId,
  type PageRequest,
  type Registration,
  streamOf
} from "@backup-catalog/core"
import type { ListAnswer } from "@backup-catalog/core/http"
import { Effect } from "effect"
import type { Connection } from "./Connection.ts"
import { mismatchOf, otherThan } from "./mismatch.ts"

/** The backups of a catalog over HTTP. */
export const makeBackupCatalog = ({ api, read, write, next, unless }: Connection): typeof BackupCatalog.Service => {
  const toPage = ({ backups, links }: ListAnswer, path: string, mismatch?: string) =>
    unless(mismatch, links).pipe(
      Effect.flatMap((given) => next(given, path)),
      Effect.map((following) => ({ backups, ...following }))
    )

  const list = Effect.fn("BackupCatalog.list")(
    (accountId: AccountId, filter: BackupFilter, page: PageRequest, scope: AccountScope = {}) =>
      api.backups.list({ path: { accountId }, urlParams: { ...filter, ...page, ...scope } }).pipe(
        Effect.flatMap((answer) =>
          toPage(answer, `/v1.0/${accountId}/backups`, mismatchOf(answer.backups, filter, page, scope))
        ),
        read
      )
  )

  const listOfInstance = Effect.fn("BackupCatalog.listOfInstance")(
    (accountId: AccountId, instanceId: InstanceId, filter: BackupFilter, page: PageRequest) => {
      const { instanceId: _, ...others } = filter
      const path = `/v1.0/${accountId}/instances/${encodeURIComponent(instanceId)}/backups`
      return api.instances.listOfInstance({ path: { accountId, instanceId }, urlParams: { ...others, ...page } }).pipe(
        Effect.flatMap((answer) => toPage(answer, path, mismatchOf(answer.backups, { ...filter, instanceId }, page))),
        read
      )
    }
  )

  const listDescendants = Effect.fn("BackupCatalog.listDescendants")(
    (accountId: AccountId, backupId: BackupId, page: PageRequest) => {
      const path = `/v1.0/${accountId}/backups/${encodeURIComponent(backupId)}/descendants`
      return api.backups.listDescendants({ path: { accountId, backupId }, urlParams: page }).pipe(
        Effect.flatMap((answer) => toPage(answer, path, mismatchOf(answer.backups, {}, page))),
        read
      )
    }
  )

  const sameId = (asked: BackupId) => (backup: Backup) => unless(otherThan("backup.id", backup.id, asked), backup)

  const get = Effect.fn("BackupCatalog.get")((accountId: AccountId, backupId: BackupId) =>
    api.backups.show({ path: { accountId, backupId } }).pipe(
      Effect.flatMap(({ backup }) => sameId(backupId)(backup)),
      read
    )
  )

  const upsert = Effect.fn("BackupCatalog.upsert")(
    (accountId: AccountId, backup: Backup, { ifAbsent = false }: { readonly ifAbsent?: boolean } = {}) =>
      api.backups
        .upsert({
          path: { accountId, backupId: backup.id },
          headers: ifAbsent ? { "if-none-match": "*" } : {},
          payload: { backup },
          withResponse: true
        })
        .pipe(
          Effect.flatMap(([answer, { status }]) =>
            Effect.map(sameId(backup.id)(answer.backup), (written) => ({ backup: written, created: status === 201 }))
          ),
          // Done twice it is the same; but what must not be there yet would be there the second time.
          ifAbsent ? write : read
        )
  )

  const register = Effect.fn("BackupCatalog.register")((accountId: AccountId, registration: Registration) =>
    api.backups.register({ path: { accountId }, payload: { backup: registration } }).pipe(
      Effect.map(({ backup }) => backup),
      write
    )
  )

  const remove = Effect.fn("BackupCatalog.remove")((accountId: AccountId, backupId: BackupId) =>
    write(api.backups.remove({ path: { accountId, backupId }, headers: {} }))
  )

  return BackupCatalog.of({
    list,
    listOfInstance,
    listDescendants,
    get,
    stream: streamOf(list),
    upsert,
    register,
    remove
  })
}
