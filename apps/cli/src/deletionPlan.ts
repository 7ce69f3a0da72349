import {
  type AccountId,
  type Backup,
  BackupCatalog,
  type BackupId,
  type CatalogError,
  pages
} from "@backup-catalog/core"
import { Chunk, Effect, Option, Stream } from "effect"

/** A backup that is to be deleted, and what goes with it. */
export interface Deletion {
  readonly backup: Backup
  /** The backups that are incremental to it; undefined when the catalog does not tell. */
  readonly descendants: ReadonlyArray<Backup> | undefined
}

const isNotOffered = (error: CatalogError): boolean => error.code === 404 || error.code === 405 || error.code === 501

const descendantsOf = Effect.fnUntraced(function* (account: AccountId, id: BackupId) {
  const catalog = yield* BackupCatalog
  return yield* pages((marker) => catalog.listDescendants(account, id, marker === undefined ? {} : { marker })).pipe(
    Stream.flattenIterables,
    Stream.runCollect,
    Effect.map((all) => Option.some(Chunk.toReadonlyArray(all))),
    // The backup itself was there: it is the question that such a catalog does not know.
    Effect.catchIf(isNotOffered, () => Effect.succeedNone)
  )
})

/**
 * What is to be deleted so that these backups are gone, in the order in which they were named; one that goes with
 * another has no deletion of its own. Fails with `ItemNotFound` when there is no such backup.
 */
export const planDeletion = Effect.fnUntraced(function* (account: AccountId, ids: ReadonlyArray<BackupId>) {
  const catalog = yield* BackupCatalog
  const all: Array<Deletion> = []
  for (const id of new Set(ids)) {
    const backup = yield* catalog.get(account, id)
    const descendants = Option.getOrUndefined(yield* descendantsOf(account, id))
    all.push({ backup, descendants })
  }
  const going = new Set(all.flatMap(({ descendants = [] }) => descendants.map(({ id }) => id)))
  return all.filter(({ backup }) => !going.has(backup.id))
})

/** All backups that go by some deletions, as far as they are known, each once. */
export const backupsOf = (deletions: ReadonlyArray<Deletion>): ReadonlyArray<Backup> => {
  const byId = new Map(
    deletions.flatMap(({ backup, descendants = [] }) => [backup, ...descendants]).map((one) => [one.id, one] as const)
  )
  return [...byId.values()]
}
