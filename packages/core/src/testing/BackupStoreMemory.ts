import { Array as Arr, Effect, Layer, Option, Schema } from "effect"
import { type AccountId, Backup, type BackupId, encodeBackup, type InstanceId, runningStatuses } from "../Backup.ts"
import { matches } from "../BackupFilter.ts"
import { BackupOrder, BackupOrderAcross, compareText, type Position } from "../BackupOrder.ts"
import type { Instance } from "../Instance.ts"
import { BackupStore, type ChainProblem, type PutResult, type Slice } from "../store/BackupStore.ts"

type Records = ReadonlyMap<BackupId, Backup>

const same = Schema.equivalence(Schema.typeSchema(Backup))

const stored = ({ projectId: _, ...backup }: Backup): Backup => backup

const page = (backups: ReadonlyArray<Backup>, after: Position | undefined, limit: number) => {
  const behind = Arr.sort(backups, BackupOrder).filter(
    (backup) => after === undefined || BackupOrder(after, backup) < 0
  )
  return { backups: behind.slice(0, limit), more: behind.length > limit }
}

const descendants = (records: Records, ancestor: BackupId): ReadonlyArray<Backup> => {
  const found = new Map<BackupId, Backup>()
  let parents = new Set([ancestor])
  while (parents.size > 0) {
    const children = [...records.values()].filter(
      ({ id, parentId }) =>
        id !== ancestor && !found.has(id) && Option.exists(parentId, (parent) => parents.has(parent))
    )
    for (const child of children) found.set(child.id, child)
    parents = new Set(children.map(({ id }) => id))
  }
  return [...found.values()]
}

const sameInstance = (a: Backup, b: Backup): boolean =>
  Option.getOrNull(a.instanceId) === Option.getOrNull(b.instanceId)

const sameParent = (a: Backup, b: Backup): boolean => Option.getOrNull(a.parentId) === Option.getOrNull(b.parentId)

const problemOf = (records: Records, before: Backup | undefined, backup: Backup): ChainProblem | undefined => {
  const stays = before !== undefined && sameInstance(before, backup)
  if (stays && sameParent(before, backup)) return undefined
  const parentId = Option.getOrUndefined(backup.parentId)
  if (parentId === backup.id) return "cycle"
  const parent = parentId === undefined ? undefined : records.get(parentId)
  if (parentId !== undefined && parent === undefined) return "parentMissing"
  if (parent !== undefined && !sameInstance(parent, backup)) return "parentOfOtherInstance"
  if (descendants(records, backup.id).some(({ id }) => id === parentId)) return "cycle"
  if (stays) return undefined
  const children = [...records.values()].filter((child) => Option.contains(child.parentId, backup.id))
  return children.every((child) => child.id === backup.id || sameInstance(child, backup))
    ? undefined
    : "childOfOtherInstance"
}

const instanceOf = (backups: ReadonlyArray<Backup>, id: InstanceId): Option.Option<Instance> => {
  const [newest] = page(backups.filter(matches({ instanceId: id })), undefined, 1).backups
  return Option.map(Option.fromNullable(newest), ({ datastore }) => ({ id, datastore }))
}

/** A store that is a plain map and forgets everything: the reference that every other store is compared with. */
export const layer: Layer.Layer<BackupStore> = Layer.sync(BackupStore, () => {
  const accounts = new Map<AccountId, Records>()
  const versions = new Map<AccountId, bigint>()
  const of = (account: AccountId): Records => accounts.get(account) ?? new Map()
  const all = (account: AccountId): ReadonlyArray<Backup> => [...of(account).values()]
  const everybody = () =>
    [...accounts].flatMap(([account, records]) => Arr.map([...records.values()], (backup) => ({ ...backup, account })))
  const version = (account: AccountId): bigint => versions.get(account) ?? 0n
  const instances = new Map<AccountId, Set<InstanceId>>()
  const instancesOf = (account: AccountId): Set<InstanceId> => instances.get(account) ?? new Set()
  const write = (account: AccountId, records: Records): void => {
    const known = [...records.values()].flatMap(({ instanceId }) => Option.toArray(instanceId))
    instances.set(account, new Set([...instancesOf(account), ...known]))
    accounts.set(account, records)
    versions.set(account, version(account) + 1n)
  }

  const slice = ({ account, filter, after, limit }: Slice) => page(all(account).filter(matches(filter)), after, limit)

  const put = (account: AccountId, backups: ReadonlyArray<Backup>): PutResult => {
    const records = new Map(of(account))
    const result = { created: 0, updated: 0, unchanged: 0 }
    for (const backup of new Map(backups.map((backup) => [backup.id, stored(backup)])).values()) {
      const before = records.get(backup.id)
      result[before === undefined ? "created" : same(before, backup) ? "unchanged" : "updated"]++
      records.set(backup.id, backup)
    }
    if (result.created + result.updated > 0) write(account, records)
    return result
  }

  return BackupStore.of({
    list: (query) => Effect.sync(() => slice(query)),
    listEncoded: (query) =>
      Effect.sync(() => {
        const { backups, more } = slice(query)
        const records = backups.map((backup) => JSON.stringify(encodeBackup(backup))).join(",")
        return { records, last: more ? backups.at(-1) : undefined, version: version(query.account) }
      }),
    listAcross: ({ filter, after, limit }) =>
      Effect.sync(() => {
        const behind = Arr.sort(everybody(), BackupOrderAcross).filter(
          (backup) => matches(filter)(backup) && (after === undefined || BackupOrderAcross(after, backup) < 0)
        )
        const backups = behind.slice(0, limit).map(({ account, ...backup }) => ({ ...backup, projectId: account }))
        return { backups, more: behind.length > limit }
      }),
    listDescendants: ({ account, ancestor, after, limit }) =>
      Effect.sync(() => page(descendants(of(account), ancestor), after, limit)),
    get: (account, id) => Effect.sync(() => Option.fromNullable(of(account).get(id))),
    findAcross: (id) =>
      Effect.sync(() =>
        everybody()
          .filter((backup) => backup.id === id)
          .slice(0, 2)
          .map(({ account, created }) => ({ account, created, id }))
      ),
    hasDatastore: (account, type) => Effect.sync(() => all(account).some(matches({ datastore: type }))),
    hasDatastoreAcross: (type) => Effect.sync(() => everybody().some(matches({ datastore: type }))),
    findDatastoreVersion: (account, versionId) =>
      Effect.sync(() =>
        Arr.head(
          page(
            all(account).filter(({ datastore }) =>
              Option.exists(datastore, (one) => Option.contains(one.versionId, versionId))
            ),
            undefined,
            1
          ).backups
        )
      ),
    listInstances: (account, after, limit) =>
      Effect.sync(() => {
        const ids = new Set(all(account).flatMap(({ instanceId }) => Option.toArray(instanceId)))
        const behind = [...ids].sort(compareText).filter((id) => after === undefined || compareText(after, id) < 0)
        const instances = behind.slice(0, limit).flatMap((id) => Option.toArray(instanceOf(all(account), id)))
        return { instances, more: behind.length > limit }
      }),
    getInstance: (account, id) => Effect.sync(() => instanceOf(all(account), id)),
    knowsInstance: (account, id) => Effect.sync(() => instancesOf(account).has(id)),
    version: (account) => Effect.sync(() => version(account)),
    put: (account, backups) => Effect.sync(() => put(account, backups)),
    register: (account, id, next) =>
      Effect.sync(() => {
        const before = of(account).get(id)
        const decided = Option.map(next(Option.fromNullable(before)), stored)
        if (Option.isNone(decided)) return { kind: "refused" }
        const backup = decided.value
        const problem = problemOf(of(account), before, backup)
        if (problem !== undefined) return { kind: "impossible", problem }
        const { created, updated } = put(account, [backup])
        return { kind: created > 0 ? "created" : updated > 0 ? "updated" : "unchanged", backup }
      }),
    remove: (account, id, allowed) =>
      Effect.sync(() => {
        const backup = of(account).get(id)
        if (backup === undefined) return { kind: "missing" }
        if (!allowed(Option.some(backup))) return { kind: "refused" }
        const tree = [backup, ...descendants(of(account), id)]
        const running = tree.filter(({ status }) => runningStatuses.has(status)).map((one) => one.id)
        const [first] = running.includes(id) ? [id] : running.sort(compareText)
        if (first !== undefined) return { kind: "running", id: first }
        const gone = new Set(tree.map((one) => one.id))
        write(account, new Map([...of(account)].filter(([key]) => !gone.has(key))))
        return { kind: "removed", count: gone.size }
      }),
    isEmpty: Effect.sync(() => everybody().length === 0),
    ready: Effect.void
  })
})
