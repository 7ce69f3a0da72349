import { Array as Arr, Effect, Either, FastCheck as fc, Option, Schema, Stream } from "effect"
import type { AccountScope } from "../AccountScope.ts"
import { type AccountId, Backup, type BackupId, encodeBackup, type InstanceId } from "../Backup.ts"
import { BackupCatalog } from "../BackupCatalog.ts"
import { type BackupFilter, matches } from "../BackupFilter.ts"
import { BackupOrder, BackupOrderAcross, compareText, type Position, type PositionAcross } from "../BackupOrder.ts"
import type { CatalogError } from "../CatalogError.ts"
import type { PageRequest } from "../Page.ts"
import { BackupStore, type ExistingBackup, type StoreUnavailable } from "../store/BackupStore.ts"
import { StoreCatalog } from "../store/StoreCatalog.ts"
import * as arbitrary from "./arbitrary.ts"
import { broken, equal, freshAccount, type LawBroken, numbered, sample, show } from "./law.ts"

/** One thing that must hold of every store, as a program that fails when it does not. */
export interface StoreLaw {
  readonly name: string
  readonly check: Effect.Effect<void, LawBroken | StoreUnavailable | CatalogError, BackupStore>
}

const equivalent = Schema.equivalence(Schema.Array(Schema.typeSchema(Backup)))

const sameBackups = (what: string, actual: ReadonlyArray<Backup>, expected: ReadonlyArray<Backup>) =>
  equivalent(actual, expected) ? Effect.void : broken(what, actual, expected)

const expectedList = (backups: ReadonlyArray<Backup>, filter: BackupFilter): ReadonlyArray<Backup> =>
  Arr.sort(backups, BackupOrder).filter(matches(filter))

const walk = (
  account: AccountId,
  filter: BackupFilter,
  limit: number,
  between: Effect.Effect<void, StoreUnavailable>
) =>
  Effect.gen(function* () {
    const store = yield* BackupStore
    const walked: Array<Backup> = []
    let after: Position | undefined
    while (true) {
      const { backups, more } = yield* store.list({ account, filter, after, limit })
      walked.push(...backups)
      after = backups.at(-1)
      if (!more || after === undefined) return walked
      yield* between
    }
  })

const numberedBackups = (count: number): ReadonlyArray<Backup> => Arr.makeBy(count, numbered)

const always = () => true

const ofFamily = (id: string, parent?: string): Backup => ({
  ...numbered(0),
  id: id as BackupId,
  instanceId: Option.some("db-1" as InstanceId),
  parentId: Option.fromNullable(parent as BackupId | undefined)
})

// A full backup, two increments one after the other, and another full one, all of one instance.
const family = {
  full: ofFamily("full"),
  first: ofFamily("first", "full"),
  second: ofFamily("second", "first"),
  other: ofFamily("other")
}

const descendantIds = (backups: ReadonlyArray<Backup>, ancestor: string): ReadonlySet<string> => {
  const found = new Set([ancestor])
  for (let before = 0; before < found.size; ) {
    before = found.size
    for (const { id, parentId } of backups) if (Option.exists(parentId, (parent) => found.has(parent))) found.add(id)
  }
  found.delete(ancestor)
  return found
}

const text = (records: string | Uint8Array): string =>
  typeof records === "string" ? records : new TextDecoder().decode(records)

/**
 * The laws of a store: each is run against every store, with expected values from the definitions in this package.
 *
 * The accounts are new ones each time, so one store can be put through all of them.
 */
export const storeLaws: ReadonlyArray<StoreLaw> = [
  {
    name: "an account without backups is an empty list",
    check: Effect.gen(function* () {
      const store = yield* BackupStore
      const account = yield* freshAccount
      const page = yield* store.list({ account, filter: {}, after: undefined, limit: 10 })
      yield* equal("page", page, { backups: [], more: false })
      const encoded = yield* store.listEncoded({ account, filter: {}, after: undefined, limit: 10 })
      yield* equal("records", text(encoded.records), "")
      yield* equal("has", yield* store.hasDatastore(account, "mysql"), false)
      yield* store.ready
    })
  },
  {
    name: "what was put is got back to the microsecond and to the byte",
    check: Effect.gen(function* () {
      const store = yield* BackupStore
      const account = yield* freshAccount
      for (const backup of sample(arbitrary.backup, 200)) {
        yield* store.put(account, [backup])
        const found = yield* store.get(account, backup.id)
        yield* sameBackups(backup.id, Option.toArray(found), [backup])
      }
    })
  },
  {
    name: "a list of any filter is what the filter and the order define, whole and in pages of any length",
    check: Effect.forEach(
      sample(
        fc.tuple(
          arbitrary.backups,
          fc.array(arbitrary.filter, { minLength: 4, maxLength: 8 }),
          fc.integer({ min: 1, max: 7 })
        )
      ),
      ([backups, filters, limit]) =>
        Effect.gen(function* () {
          const store = yield* BackupStore
          const account = yield* freshAccount
          yield* store.put(account, backups)
          for (const filter of [{}, ...filters]) {
            const expected = expectedList(backups, filter)
            const whole = yield* store.list({ account, filter, after: undefined, limit: 1000 })
            yield* sameBackups(`list of ${show(filter)}`, whole.backups, expected)
            yield* equal("more", whole.more, false)
            yield* sameBackups(`pages of ${limit}`, yield* walk(account, filter, limit, Effect.void), expected)
          }
        }),
      { discard: true }
    )
  },
  {
    name: "the encoded list is the encoding of the list",
    check: Effect.forEach(
      sample(fc.tuple(arbitrary.backups, arbitrary.filter, fc.integer({ min: 1, max: 12 }))),
      ([backups, filter, limit]) =>
        Effect.gen(function* () {
          const store = yield* BackupStore
          const account = yield* freshAccount
          yield* store.put(account, backups)
          let after: Position | undefined
          do {
            const page = yield* store.list({ account, filter, after, limit })
            const encoded = yield* store.listEncoded({ account, filter, after, limit })
            const records: ReadonlyArray<Record<string, unknown>> = JSON.parse(`[${text(encoded.records)}]`)
            const sorted = (record: object) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
            yield* equal("records", records.map(sorted), page.backups.map(encodeBackup).map(sorted))
            const last = page.more ? page.backups.at(-1) : undefined
            yield* equal(
              "last",
              encoded.last && [encoded.last.created, encoded.last.id],
              last && [last.created, last.id]
            )
            // What a store tells at once it need not tell always; what it tells is the same.
            const soon = store.atOnce?.listEncoded({ account, filter, after, limit })
            if (soon !== undefined) {
              yield* equal(
                "at once",
                { ...soon, records: text(soon.records) },
                { ...encoded, records: text(encoded.records) }
              )
              yield* equal("version at once", store.atOnce?.version(account), yield* store.version(account))
              const behind = after && store.atOnce?.listEncoded({ account, filter, after: undefined, limit }, after.id)
              const same = { ...soon, records: text(soon.records) }
              yield* equal("behind at once", behind && { ...behind, records: text(behind.records) }, after && same)
            }
            after = last
          } while (after !== undefined)
        }),
      { discard: true }
    )
  },
  {
    name: "a page that is exactly full is the last when nothing follows",
    check: Effect.gen(function* () {
      const store = yield* BackupStore
      const account = yield* freshAccount
      yield* store.put(account, numberedBackups(20))
      for (const [limit, more] of [
        [19, true],
        [20, false],
        [21, false]
      ] as const) {
        const slice = { account, filter: {}, after: undefined, limit }
        yield* equal(`more of ${limit}`, (yield* store.list(slice)).more, more)
        yield* equal(`last of ${limit}`, (yield* store.listEncoded(slice)).last !== undefined, more)
      }
    })
  },
  {
    name: "a walk has every backup that was there throughout, once, whatever comes and goes meanwhile",
    check: Effect.gen(function* () {
      const store = yield* BackupStore
      const account = yield* freshAccount
      const all = numberedBackups(90)
      yield* store.put(account, all)
      let step = 0
      const gone = new Set<string>()
      const walked = yield* walk(
        account,
        {},
        7,
        Effect.gen(function* () {
          step++
          // The backup that the walk stands on, one that it has passed, and one that it has yet to reach.
          for (const backup of expectedList(all, {}).filter((_, n) =>
            [step * 7 - 1, step * 7 - 4, step * 7 + 9].includes(n)
          )) {
            if ((yield* store.remove(account, backup.id, always)).kind === "removed") gone.add(backup.id)
          }
          yield* store.put(account, [
            { ...numbered(0), id: `new-${step}` as BackupId },
            { ...numbered(0), id: `newest-${step}` as BackupId, created: 2_000_000_000_000_000n as Backup["created"] }
          ])
        })
      )
      const ids = walked.map(({ id }) => id)
      yield* equal("no record twice", new Set(ids).size, ids.length)
      const throughout = expectedList(all, {}).filter(({ id }) => !gone.has(id))
      yield* equal("removed some", gone.size > 20, true)
      yield* equal(
        "all that stayed",
        throughout.filter(({ id }) => !ids.includes(id)),
        []
      )
    })
  },
  {
    name: "put says what it did, replaces by id, and of two with one id keeps the later",
    check: Effect.gen(function* () {
      const store = yield* BackupStore
      const account = yield* freshAccount
      const [a, b, c] = [numbered(0), numbered(1), numbered(2)]
      yield* equal("first", yield* store.put(account, [a, b]), { created: 2, updated: 0, unchanged: 0 })
      const moved = { ...a, created: (a.created + 5_000_000n) as Backup["created"] }
      const finer = { ...b, updated: (b.updated + 1n) as Backup["updated"] }
      yield* equal("second", yield* store.put(account, [moved, finer, c]), { created: 1, updated: 2, unchanged: 0 })
      yield* equal("third", yield* store.put(account, [moved, finer, c]), { created: 0, updated: 0, unchanged: 3 })
      yield* equal("twice", yield* store.put(account, [a, moved]), { created: 0, updated: 0, unchanged: 1 })
      const { backups } = yield* store.list({ account, filter: {}, after: undefined, limit: 10 })
      yield* sameBackups("list", backups, expectedList([moved, finer, c], {}))
      const inBytes = { ...c, size: Option.some({ unit: "bytes" as const, value: 2n ** 60n }) }
      const inGigabytes = { ...c, size: Option.some({ unit: "gigabytes" as const, value: 2 ** 30 }) }
      const oneMore = { ...c, size: Option.some({ unit: "bytes" as const, value: 2n ** 60n + 1n }) }
      yield* store.put(account, [inBytes])
      for (const other of [inGigabytes, oneMore]) {
        yield* equal("another size", yield* store.put(account, [other]), { created: 0, updated: 1, unchanged: 0 })
      }
      yield* equal("not empty", yield* store.isEmpty, false)
      yield* equal("nothing", yield* store.put(account, []), { created: 0, updated: 0, unchanged: 0 })
    })
  },
  {
    name: "a batch of 1,000 is put and walked",
    check: Effect.gen(function* () {
      const store = yield* BackupStore
      const account = yield* freshAccount
      const all = numberedBackups(1000).map((backup, n) => ({
        ...backup,
        name: n % 3 === 0 ? `näch𝄞lich ${n}` : backup.name
      }))
      yield* equal("put", yield* store.put(account, all), { created: 1000, updated: 0, unchanged: 0 })
      yield* sameBackups("walk", yield* walk(account, {}, 33, Effect.void), expectedList(all, {}))
      const statuses = ["FAILED", "COMPLETED"] as const
      for (const limit of [50, 51, 100, 101, 200, 201, 999, 1000]) {
        for (const filter of [{}, { statuses }]) {
          const { records, last } = yield* store.listEncoded({ account, filter, after: undefined, limit })
          const expected = expectedList(all, filter).slice(0, limit)
          yield* equal(
            "ids and names",
            JSON.parse(`[${text(records)}]`).map(({ id, name }: { id: string; name: string }) => [id, name]),
            expected.map(({ id, name }) => [id, name])
          )
          yield* equal("last", last?.id, limit === 1000 ? undefined : expected.at(-1)?.id)
        }
      }
    })
  },
  {
    name: "removing takes all that descend from a backup along, or nothing while one of them runs",
    check: Effect.gen(function* () {
      const store = yield* BackupStore
      const account = yield* freshAccount
      const { full, first, second, other } = family
      const running = { ...second, status: "SAVING" as const }
      yield* store.put(account, [full, first, running, other])
      const version = yield* store.version(account)
      const isAnother = (before: Option.Option<ExistingBackup>) =>
        Option.exists(before, (old) => old !== "unreadable" && old.name !== full.name)
      yield* equal("refused", yield* store.remove(account, full.id, isAnother), { kind: "refused" })
      yield* equal("running", yield* store.remove(account, full.id, always), { kind: "running", id: running.id })
      yield* equal("itself", yield* store.remove(account, running.id, always), { kind: "running", id: running.id })
      const several = ["second", "a", "B"].map((id) => ({ ...running, id: id as BackupId }))
      const elsewhere = yield* freshAccount
      yield* store.put(elsewhere, [full, first, ...several])
      yield* equal("the first of several", yield* store.remove(elsewhere, full.id, always), {
        kind: "running",
        id: "B" as BackupId
      })
      yield* equal("missing", yield* store.remove(account, "nobody" as BackupId, always), { kind: "missing" })
      yield* equal("nothing written", yield* store.version(account), version)
      yield* store.put(account, [second])
      yield* equal("removed", yield* store.remove(account, full.id, always), { kind: "removed", count: 3 })
      yield* equal("again", yield* store.remove(account, full.id, always), { kind: "missing" })
      const { backups } = yield* store.list({ account, filter: {}, after: undefined, limit: 10 })
      yield* sameBackups("what stays", backups, [other])
      const loop = [
        { ...full, parentId: Option.some(second.id) },
        { ...first, parentId: Option.some(full.id) },
        { ...second, parentId: Option.some(first.id) }
      ]
      yield* store.put(account, loop)
      yield* equal("a circle", yield* store.remove(account, first.id, always), { kind: "removed", count: 3 })
    })
  },
  {
    name: "the descendants of a backup are its increments, theirs, and so on, in the order of the list",
    check: Effect.forEach(
      sample(fc.tuple(arbitrary.backups, fc.integer({ min: 1, max: 4 }), fc.nat())),
      ([backups, limit, seed]) =>
        Effect.gen(function* () {
          const store = yield* BackupStore
          const account = yield* freshAccount
          // Most have a parent among the others: circles and missing parents too, which a file may hold.
          const chained = backups.map((backup, n) => ({
            ...backup,
            parentId: Option.fromNullable(backups[(n * 7 + seed) % (backups.length + 2)]?.id)
          }))
          yield* store.put(account, chained)
          for (const { id: ancestor } of chained) {
            const found = descendantIds(chained, ancestor)
            const expected = expectedList(chained, {}).filter(({ id }) => found.has(id))
            const walked: Array<Backup> = []
            let after: Position | undefined
            do {
              const page = yield* store.listDescendants({ account, ancestor, after, limit })
              walked.push(...page.backups)
              after = page.more ? page.backups.at(-1) : undefined
            } while (after !== undefined)
            yield* sameBackups(`descendants of ${ancestor}`, walked, expected)
          }
        }),
      { discard: true }
    )
  },
  {
    name: "registering is decided on what was there, and refuses a chain that does not hold together",
    check: Effect.gen(function* () {
      const store = yield* BackupStore
      const account = yield* freshAccount
      const { full, first, second, other } = family
      const write = (backup: Backup) => store.register(account, backup.id, () => Option.some(backup))
      const impossible = (problem: string) => ({ kind: "impossible", problem })
      yield* equal("no parent yet", yield* write(first), impossible("parentMissing"))
      yield* equal("nothing written", yield* store.version(account), 0n)
      for (const backup of [full, first, second, other]) {
        yield* equal(backup.id, (yield* write(backup)).kind, "created")
        const version = yield* store.version(account)
        yield* equal("again", (yield* write(backup)).kind, "unchanged")
        yield* equal("same version", yield* store.version(account), version)
      }
      const version = yield* store.version(account)
      yield* equal("updated", (yield* write({ ...other, name: "renamed" })).kind, "updated")
      yield* equal("version", (yield* store.version(account)) > version, true)
      const elsewhere = Option.some("elsewhere" as InstanceId)
      yield* equal("itself", yield* write({ ...full, parentId: Option.some(full.id) }), impossible("cycle"))
      yield* equal("a descendant", yield* write({ ...full, parentId: Option.some(second.id) }), impossible("cycle"))
      yield* equal(
        "parent elsewhere",
        yield* write({ ...other, instanceId: elsewhere, parentId: Option.some(full.id) }),
        impossible("parentOfOtherInstance")
      )
      yield* equal(
        "child elsewhere",
        yield* write({ ...full, instanceId: elsewhere }),
        impossible("childOfOtherInstance")
      )
      yield* equal(
        "refused",
        yield* store.register(account, full.id, (before) =>
          Option.isSome(before) ? Option.none() : Option.some(full)
        ),
        { kind: "refused" }
      )
      yield* store.put(account, [
        { ...other, id: "stray" as BackupId, parentId: Option.some(other.id), instanceId: elsewhere }
      ])
      const joined = { ...other, parentId: Option.some(full.id) }
      yield* equal("a parent, with an increment elsewhere", (yield* write(joined)).kind, "updated")
      yield* equal("no parent any more", (yield* write(other)).kind, "updated")
      yield* equal("to the increment elsewhere", (yield* write({ ...other, instanceId: elsewhere })).kind, "updated")
      yield* equal("and back", yield* write(other), impossible("childOfOtherInstance"))
      const circle = { ...other, id: "circle" as BackupId, parentId: Option.some("circle" as BackupId) }
      yield* store.put(account, [circle])
      const straight = { ...circle, parentId: Option.none(), instanceId: elsewhere }
      yield* equal("no parent of itself", (yield* write(straight)).kind, "updated")
      yield* store.put(account, [{ ...first, id: "early" as BackupId, parentId: Option.some("late" as BackupId) }])
      yield* equal(
        "new, with an increment elsewhere",
        yield* write({ ...other, id: "late" as BackupId, instanceId: elsewhere }),
        impossible("childOfOtherInstance")
      )
      const orphan = { ...other, id: "orphan" as BackupId, parentId: Option.some("gone" as BackupId) }
      yield* store.put(account, [orphan])
      yield* equal("an orphan stays one", (yield* write({ ...orphan, name: "renamed" })).kind, "updated")
      yield* equal("elsewhere", yield* write({ ...orphan, instanceId: elsewhere }), impossible("parentMissing"))
      const stranger = yield* freshAccount
      yield* equal(
        "another account's parent",
        yield* store.register(stranger, first.id, () => Option.some(first)),
        impossible("parentMissing")
      )
      yield* sameBackups("as before", Option.toArray(yield* store.get(account, full.id)), [full])
    })
  },
  {
    name: "the version of an account rises with every change of it, and with nothing else",
    check: Effect.gen(function* () {
      const store = yield* BackupStore
      const mine = yield* freshAccount
      const other = yield* freshAccount
      const [a, b] = [numbered(0), numbered(1)]
      yield* equal("at first", yield* store.version(mine), 0n)
      let last = 0n
      const risen = (what: string) =>
        Effect.gen(function* () {
          const version = yield* store.version(mine)
          yield* equal(what, version > last, true)
          yield* equal(
            "of a page",
            (yield* store.listEncoded({ account: mine, filter: {}, after: undefined, limit: 1 })).version,
            version
          )
          last = version
        })
      yield* store.put(mine, [a])
      yield* risen("put")
      yield* store.put(mine, [b])
      yield* risen("put at once")
      yield* store.put(mine, [a, b])
      yield* store.put(other, [a])
      yield* store.remove(other, b.id, always)
      yield* equal("unchanged", yield* store.version(mine), last)
      yield* store.remove(mine, a.id, always)
      yield* risen("remove")
      yield* store.remove(mine, b.id, always)
      yield* risen("remove the last")
    })
  },
  {
    name: "the instances of an account are those of its backups, each with the datastore of the newest",
    check: Effect.forEach(
      sample(fc.tuple(arbitrary.backups, fc.integer({ min: 1, max: 5 })), 20),
      ([backups, limit]) =>
        Effect.gen(function* () {
          const store = yield* BackupStore
          const account = yield* freshAccount
          yield* store.put(account, backups)
          const ids = Arr.dedupe(backups.flatMap(({ instanceId }) => Option.toArray(instanceId))).sort(compareText)
          const expected = ids.map((id) => ({
            id,
            datastore: expectedList(backups, { instanceId: id })[0]?.datastore ?? Option.none()
          }))
          const walked: Array<unknown> = []
          let after: InstanceId | undefined
          do {
            const page = yield* store.listInstances(account, after, limit)
            walked.push(...page.instances)
            after = page.more ? page.instances.at(-1)?.id : undefined
          } while (after !== undefined)
          yield* equal("instances", walked, expected)
          for (const instance of expected) {
            yield* equal("one", Option.toArray(yield* store.getInstance(account, instance.id)), [instance])
          }
          yield* equal("none", Option.isNone(yield* store.getInstance(account, "nobody" as InstanceId)), true)
        }),
      { discard: true }
    )
  },
  {
    name: "an instance is known once it had a backup, also when that is gone, and to its account alone",
    check: Effect.gen(function* () {
      const store = yield* BackupStore
      const [account, other] = [yield* freshAccount, yield* freshAccount]
      const { full } = family
      const known = Effect.all([account, other].map((one) => store.knowsInstance(one, "db-1" as InstanceId)))
      yield* equal("at first", yield* known, [false, false])
      yield* store.put(account, [full])
      yield* equal("with a backup", yield* known, [true, false])
      yield* store.remove(account, full.id, always)
      yield* equal("without one", yield* known, [true, false])
    })
  },
  {
    name: "a list across accounts has every backup of each in one order, and says whose it is",
    check: Effect.forEach(
      sample(
        fc.tuple(
          fc.array(arbitrary.backups, { minLength: 3, maxLength: 3 }),
          arbitrary.filter,
          fc.integer({ min: 1, max: 9 })
        ),
        15
      ),
      ([sets, filter, limit]) =>
        Effect.gen(function* () {
          const store = yield* BackupStore
          const mine = new Map<AccountId, ReadonlyArray<Backup>>()
          for (const backups of sets) {
            const account = yield* freshAccount
            mine.set(account, backups)
            yield* store.put(
              account,
              backups.map((backup) => ({ ...backup, projectId: account }))
            )
          }
          for (const one of [{}, filter]) {
            const walked: Array<Backup> = []
            let after: PositionAcross | undefined
            while (true) {
              const { backups, more } = yield* store.listAcross({ filter: one, after, limit: limit + 20 })
              walked.push(...backups)
              const last = backups.at(-1)
              if (!more || last?.projectId === undefined) break
              after = { created: last.created, id: last.id, account: last.projectId }
            }
            const expected = Arr.sort(
              [...mine].flatMap(([account, backups]) =>
                backups.filter(matches(one)).map((backup) => ({ ...backup, account, projectId: account }))
              ),
              BackupOrderAcross
            ).map(({ account: _, ...backup }) => backup)
            yield* sameBackups(
              `across of ${show(one)}`,
              walked.filter(({ projectId }) => projectId !== undefined && mine.has(projectId)),
              expected
            )
          }
          for (const [account, backups] of mine) {
            const { backups: own } = yield* store.list({ account, filter: {}, after: undefined, limit: 100 })
            yield* sameBackups("own", own, expectedList(backups, {}))
          }
        }),
      { discard: true }
    )
  },
  {
    name: "what is looked for across accounts is found in each of them",
    check: Effect.gen(function* () {
      const store = yield* BackupStore
      const [mine, other] = [yield* freshAccount, yield* freshAccount]
      const a = numbered(0)
      const named = (id: string, type: string, versionId: string) => ({
        ...a,
        id: id as BackupId,
        datastore: Option.some({ type, version: Option.none(), versionId: Option.some(versionId) })
      })
      yield* store.put(mine, [named("across-both", "AcrossOnly", "v-mine")])
      yield* store.put(other, [named("across-both", "MySQL", "v-other"), named("across-one", "MySQL", "v-other")])
      yield* equal("both", (yield* store.findAcross("across-both" as BackupId)).length, 2)
      yield* equal("one", yield* store.findAcross("across-one" as BackupId), [
        { account: other, created: a.created, id: "across-one" }
      ])
      yield* equal("none", yield* store.findAcross("across-none" as BackupId), [])
      yield* equal("datastore", yield* store.hasDatastoreAcross("acrossONLY"), true)
      yield* equal("no datastore", yield* store.hasDatastoreAcross("across-nothing"), false)
      yield* equal("version", Option.isSome(yield* store.findDatastoreVersion(mine, "v-mine")), true)
      yield* equal("their version", Option.isNone(yield* store.findDatastoreVersion(mine, "v-other")), true)
    })
  },
  {
    name: "accounts whose ids, instances and datastores collide never see each other",
    check: Effect.gen(function* () {
      const store = yield* BackupStore
      const mine = yield* freshAccount
      const other = yield* freshAccount
      const [a, b] = [numbered(0), numbered(1)]
      const theirs = {
        ...a,
        name: "theirs",
        datastore: Option.some({ type: "Secret", version: Option.none(), versionId: Option.none() })
      }
      yield* store.put(mine, [a])
      yield* store.put(other, [theirs, b])
      yield* sameBackups(
        "mine",
        (yield* store.list({ account: mine, filter: {}, after: undefined, limit: 10 })).backups,
        [a]
      )
      yield* sameBackups(
        "mine behind their marker",
        (yield* store.list({ account: mine, filter: {}, after: b, limit: 10 })).backups,
        BackupOrder(b, a) < 0 ? [a] : []
      )
      yield* equal("their datastore", yield* store.hasDatastore(mine, "secret"), false)
      yield* equal("own datastore in any case", yield* store.hasDatastore(other, "sECRET"), true)
      yield* equal("their backup", Option.isNone(yield* store.get(mine, b.id)), true)
      yield* equal("remove theirs", yield* store.remove(mine, b.id, always), { kind: "missing" })
      yield* store.remove(mine, a.id, always)
      yield* equal("theirs stays", Option.isSome(yield* store.get(other, a.id)), true)
    })
  },
  {
    name: "a walk through a datastore ends with an empty page when the backups that were to come are deleted meanwhile",
    check: Effect.gen(function* () {
      const store = yield* BackupStore
      const account = yield* freshAccount
      const datastore = Option.some({ type: "LawGone", version: Option.none(), versionId: Option.none() })
      const backups = numberedBackups(2).map((backup) => ({ ...backup, datastore }))
      yield* store.put(account, backups)
      const catalog = yield* Effect.provide(BackupCatalog, StoreCatalog.layer({ pageSize: 1, maxPageSize: 1 }))
      const walks: ReadonlyArray<AccountScope> = [{}, { projectId: account }, { allProjects: true }]
      const pageOf = (scope: AccountScope, page: PageRequest) =>
        catalog.list(account, { datastore: "lawgone" }, page, scope)
      const first = yield* Effect.forEach(walks, (scope) => pageOf(scope, {}))
      for (const { id } of backups) yield* store.remove(account, id, always)
      for (const [n, scope] of walks.entries()) {
        const marker = first[n]?.next
        if (marker === undefined) return yield* broken("the first page leads on", first[n], "a marker")
        yield* equal("the last page", yield* pageOf(scope, { marker }), { backups: [] })
        yield* equal("a new walk", Either.isLeft(yield* Effect.either(pageOf(scope, {}))), true)
      }
    })
  },
  {
    name: "the catalog over the store keeps no record that says it is of another account",
    check: Effect.gen(function* () {
      const [account, other] = [yield* freshAccount, yield* freshAccount]
      const catalog = yield* Effect.provide(BackupCatalog, StoreCatalog.layer({ pageSize: 10, maxPageSize: 10 }))
      const upsert = (projectId: AccountId) => Effect.either(catalog.upsert(account, { ...numbered(1), projectId }))
      const refused = yield* upsert(other)
      yield* equal("of another", Either.isLeft(refused) && refused.left._tag, "BadRequest")
      yield* equal("the account", (yield* catalog.list(account, {}, {})).backups.length, 0)
      yield* equal("of its own", Either.isRight(yield* upsert(account)), true)
    })
  },
  {
    name: "the catalog over the store streams every backup of a filter once",
    check: Effect.gen(function* () {
      const store = yield* BackupStore
      const account = yield* freshAccount
      const all = numberedBackups(53)
      yield* store.put(account, all)
      const streamed = yield* BackupCatalog.pipe(
        Effect.flatMap((catalog) => Stream.runCollect(catalog.stream(account, {}))),
        Effect.provide(StoreCatalog.layer({ pageSize: 10, maxPageSize: 10 }))
      )
      yield* sameBackups("stream", [...streamed], expectedList(all, {}))
    })
  }
]
