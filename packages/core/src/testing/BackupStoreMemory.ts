import { Array as Arr, Effect, Layer, Option, Schema } from "effect"
import { type AccountId, Backup, type BackupId, encodeBackup } from "../Backup.ts"
import { matches } from "../BackupFilter.ts"
import { BackupOrder } from "../BackupOrder.ts"
import { BackupStore, type Slice } from "../BackupStore.ts"

const same = Schema.equivalence(Schema.typeSchema(Backup))

/** A store that is a plain map and forgets everything: the reference that every other store is compared with. */
export const layer: Layer.Layer<BackupStore> = Layer.sync(BackupStore, () => {
  const accounts = new Map<AccountId, Map<BackupId, Backup>>()
  const of = (account: AccountId): ReadonlyMap<BackupId, Backup> => accounts.get(account) ?? new Map()

  const slice = ({ account, filter, after, limit }: Slice) => {
    const behind = Arr.sort([...of(account).values()], BackupOrder).filter(
      (backup) => matches(filter)(backup) && (after === undefined || BackupOrder(after, backup) < 0)
    )
    return { backups: behind.slice(0, limit), more: behind.length > limit }
  }

  return BackupStore.of({
    list: (query) => Effect.sync(() => slice(query)),
    listEncoded: (query) =>
      Effect.sync(() => {
        const { backups, more } = slice(query)
        const records = backups.map((backup) => JSON.stringify(encodeBackup(backup))).join(",")
        return { records, last: more ? backups.at(-1) : undefined }
      }),
    get: (account, id) => Effect.sync(() => Option.fromNullable(of(account).get(id))),
    hasDatastore: (account, type) => Effect.sync(() => [...of(account).values()].some(matches({ datastore: type }))),
    put: (account, backups) =>
      Effect.sync(() => {
        const records = new Map(of(account))
        const result = { created: 0, updated: 0, unchanged: 0 }
        for (const backup of new Map(backups.map((backup) => [backup.id, backup])).values()) {
          const before = records.get(backup.id)
          result[before === undefined ? "created" : same(before, backup) ? "unchanged" : "updated"]++
          records.set(backup.id, backup)
        }
        accounts.set(account, records)
        return result
      }),
    remove: (account, id) =>
      Effect.sync(() => {
        const records = new Map(of(account))
        const removed = records.delete(id)
        accounts.set(account, records)
        return removed
      }),
    isEmpty: Effect.sync(() => [...accounts.values()].every((records) => records.size === 0)),
    ready: Effect.void
  })
})
