import {
  type AccountId,
  type Backup,
  BackupCatalog,
  type BackupId,
  encodeBackup,
  pages,
  runningStatuses,
  UnexpectedAnswer
} from "@backup-catalog/core"
import { Chunk, Effect, Option, Stream } from "effect"
import { mayLackOperation } from "../catalog/mayLackOperation.ts"

/** A backup that is to be deleted, and what goes with it. */
export interface Deletion {
  readonly backup: Backup
  /** The backups that are incremental to it; undefined when the catalog does not tell. */
  readonly descendants: ReadonlyArray<Backup> | undefined
}

/** The backups that are incremental to one, and to those, and so on; none when the catalog does not tell. */
export const descendantsOf = Effect.fnUntraced(function* (account: AccountId, id: BackupId) {
  const catalog = yield* BackupCatalog
  return yield* pages((marker) => catalog.listDescendants(account, id, marker === undefined ? {} : { marker })).pipe(
    Stream.flattenIterables,
    // Of one that descends from itself it would look as if it went with another.
    Stream.filter((backup) => backup.id !== id),
    Stream.runCollect,
    Effect.map((all) => Option.some(Chunk.toReadonlyArray(all))),
    // The backup itself was there: it is the question that such a catalog does not know.
    Effect.catchIf(mayLackOperation, () => Effect.succeedNone)
  )
})

/** All backups that go by some deletions, as far as they are known, each once. */
export const backupsOf = (deletions: ReadonlyArray<Deletion>): ReadonlyArray<Backup> => {
  const byId = new Map(
    deletions.flatMap(({ backup, descendants = [] }) => [backup, ...descendants]).map((one) => [one.id, one] as const)
  )
  return [...byId.values()]
}

/**
 * What is to be deleted so that these backups are gone, in the order in which they were named; one that goes with
 * another has no deletion of its own. Fails with `ItemNotFound` when there is no such backup, and with
 * `UnexpectedAnswer` when backups descend from each other, so that none of them would be deleted by itself.
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
  const deletions = all.filter(({ backup }) => !going.has(backup.id))
  const reached = new Set(backupsOf(deletions).map(({ id }) => id))
  const circular = all.find(({ backup }) => !reached.has(backup.id))
  if (circular === undefined) return deletions
  return yield* new UnexpectedAnswer({
    code: 200,
    message:
      `Nothing was deleted: the catalog says that the backup ${circular.backup.id} descends from itself by ` +
      "way of another; name only one of them."
  })
})

/** What keeps some deletions from being done, as the end of a sentence; undefined when nothing is known to. */
export const describeUnfinished = (deletions: ReadonlyArray<Deletion>): string | undefined => {
  for (const { backup, descendants = [] } of deletions) {
    const unfinished = [backup, ...descendants].find(({ status }) => runningStatuses.has(status))
    if (unfinished === undefined) continue
    const which = unfinished === backup ? "" : `, which is incremental to ${backup.id},`
    return `${unfinished.id}${which} is still being made`
  }
  return undefined
}

const named = (ids: ReadonlyArray<string>, what: string): ReadonlyArray<string> =>
  ids.length === 0 ? [] : [`${ids.join(" ")} ${what}`]

/** What of the backups that go is different by now, as the end of a sentence; undefined when all is as it was shown. */
export const describeChange = (
  shown: ReadonlyArray<Deletion>,
  current: ReadonlyArray<Deletion>
): string | undefined => {
  const recordsOf = (deletions: ReadonlyArray<Deletion>) =>
    new Map(backupsOf(deletions).map((backup) => [backup.id, JSON.stringify(encodeBackup(backup))] as const))
  const [before, after] = [recordsOf(shown), recordsOf(current)]
  const ids = [...after.keys()]
  const parts = [
    ...named(
      ids.filter((id) => !before.has(id)),
      "came"
    ),
    ...named(
      ids.filter((id) => before.has(id) && before.get(id) !== after.get(id)),
      "changed"
    ),
    ...named(
      [...before.keys()].filter((id) => !after.has(id)),
      "went"
    )
  ]
  return parts.length === 0 ? undefined : parts.join(", ")
}
