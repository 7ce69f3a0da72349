import { Array as Arr, Effect, FastCheck as fc, Option, Schema } from "effect"
import type { AccountId, Backup, BackupId, InstanceId } from "../Backup.ts"
import { BackupOrder, compareText } from "../BackupOrder.ts"
import { type BackupGlance, type InstanceFacts, suspectLink } from "../Coverage.ts"
import { type MaxAge, noPolicy, Policy } from "../Policy.ts"
import { BackupStore, type StoreUnavailable } from "../store/BackupStore.ts"
import { CoverageStore } from "../store/CoverageStore.ts"
import type { ImportStore } from "../store/ImportStore.ts"
import { imported, sourced } from "./importing.ts"
import { broken, equal, freshAccount, type LawBroken, numbered, sample } from "./law.ts"

/** One thing that must hold of what every store knows of instances, as a program that fails when it does not. */
export interface CoverageLaw {
  readonly name: string
  readonly check: Effect.Effect<void, LawBroken | StoreUnavailable, BackupStore | ImportStore | CoverageStore>
}

const db = "db-1" as InstanceId

const taken = (n: number, members: Partial<Backup> = {}): Backup => ({
  ...numbered(n),
  instanceId: Option.some(db),
  datastore: Option.none(),
  ...members
})

const on = (id: string, n: number): Backup => taken(n, { instanceId: Option.some(id as InstanceId) })

const increment = (n: number, parent: string, members: Partial<Backup> = {}): Backup =>
  taken(n, { parentId: Option.some(parent as BackupId), ...members })

const running = (type: string, n: number, members: Partial<Backup> = {}): Backup =>
  taken(n, { datastore: Option.some({ type, version: Option.none(), versionId: Option.none() }), ...members })

const put = (account: AccountId, ...backups: ReadonlyArray<Backup>) =>
  Effect.flatMap(BackupStore, (store) => store.put(account, backups))

const page = (account: AccountId, after: string | undefined, limit: number, instanceId?: InstanceId) =>
  Effect.flatMap(CoverageStore, (store) =>
    store.facts(account, instanceId === undefined ? {} : { instanceId }, after as InstanceId | undefined, limit)
  )

const factsOf = (account: AccountId, instance: InstanceId = db) =>
  Effect.map(page(account, undefined, 10, instance), ({ facts }) => facts[0])

const glanceOf = ({ id, name, status, created }: BackupGlance) => ({ id, name, status, created })

/** What laws compare of the facts of an instance, besides when it lost something. */
const told = ({ newest, newestUsable, broken, failuresSince }: Omit<InstanceFacts, "lastGone">) => ({
  newest: Option.getOrNull(Option.map(newest, glanceOf)),
  usable: Option.getOrNull(Option.map(newestUsable, glanceOf)),
  broken: Option.getOrNull(
    Option.map(broken, ({ backup, link, problem }) => ({ backup: glanceOf(backup), link, problem }))
  ),
  failuresSince
})

/** The first link of a chain, from a backup upwards, that is not good. */
const badLink = (all: ReadonlyMap<string, Backup>, { id, parentId }: Backup) => {
  const met: Array<string> = [id]
  let link = Option.getOrUndefined(parentId)
  while (link !== undefined) {
    if (met.includes(link)) return { link, problem: "cycle" as const }
    met.push(link)
    const parent = all.get(link)
    if (parent?.status !== "COMPLETED") return { link, problem: parent?.status ?? ("missing" as const) }
    link = Option.getOrUndefined(parent.parentId)
  }
  return undefined
}

/** The facts of an instance, by what they are said to be. */
const expectedOf = (backups: ReadonlyArray<Backup>, instance: InstanceId) => {
  const all = new Map<string, Backup>(backups.map((backup) => [backup.id, backup]))
  const own = Arr.sort(backups, BackupOrder).filter(({ instanceId }) => Option.contains(instanceId, instance))
  const usable = own.find((backup) => backup.status === "COMPLETED" && badLink(all, backup) === undefined)
  const newer = own.slice(0, usable === undefined ? own.length : own.indexOf(usable))
  const broken = newer.find(({ status }) => status === "COMPLETED")
  const flaw = broken && badLink(all, broken)
  return told({
    instanceId: instance,
    datastore: Option.none(),
    newest: Option.fromNullable(own[0]),
    newestUsable: Option.fromNullable(usable),
    suspect: Option.none(),
    broken: Option.fromNullable(broken && flaw && { backup: broken, ...flaw, nativeLink: Option.none() }),
    failuresSince: newer.filter(({ status }) => status === "FAILED").length
  })
}

const ids = Arr.makeBy(10, (n) => `f${n}` as BackupId)

// Few ids and instances, so that chains are long, branch, break, and go round in circles.
const forests: fc.Arbitrary<ReadonlyArray<Backup>> = fc.uniqueArray(
  fc
    .record({
      n: fc.nat({ max: 20 }),
      id: fc.constantFrom(...ids),
      instanceId: fc.constantFrom("x", "y").map((id) => Option.some(id as InstanceId)),
      parentId: fc
        .option(fc.constantFrom(...ids, "missing" as BackupId), { nil: undefined })
        .map((id) => Option.fromNullable(id)),
      status: fc.constantFrom<Backup["status"]>("COMPLETED", "COMPLETED", "COMPLETED", "FAILED", "SAVING")
    })
    .map(({ n, ...members }) => taken(n, members)),
  { selector: ({ id }) => id, maxLength: 16 }
)

const samePolicy = Schema.equivalence(Schema.typeSchema(Policy))

/**
 * The laws of coverage, for every `CoverageStore` beside the `BackupStore` and the `ImportStore` of the same store.
 *
 * The accounts are new ones each time, so one store can be put through all of them.
 */
export const coverageLaws: ReadonlyArray<CoverageLaw> = [
  {
    name: "the facts of an instance are those that its backups give",
    check: Effect.forEach(
      sample(forests),
      (backups) =>
        Effect.gen(function* () {
          const account = yield* freshAccount
          yield* put(account, ...backups)
          const instances = [...new Set(backups.flatMap(({ instanceId }) => Option.toArray(instanceId)))].sort()
          const { facts } = yield* page(account, undefined, 10)
          yield* equal(
            "the facts",
            facts.map((one) => [one.instanceId, told(one)]),
            instances.map((instance) => [instance, expectedOf(backups, instance)])
          )
        }),
      { discard: true }
    )
  },
  {
    name: "a usable backup is found behind any number of others",
    check: Effect.gen(function* () {
      const account = yield* freshAccount
      const backups = [
        taken(0),
        ...Arr.makeBy(70, (n) => increment(n + 1, "missing")),
        ...Arr.makeBy(70, (n) => taken(n + 71, { status: "FAILED" }))
      ]
      yield* put(account, ...backups)
      const facts = yield* factsOf(account)
      yield* equal("the facts", facts && told(facts), expectedOf(backups, db))
    })
  },
  {
    name: "the datastore of an instance is that of its newest backup with one, and usable backups are of it",
    check: Effect.gen(function* () {
      const account = yield* freshAccount
      const usable = Effect.map(factsOf(account), (facts) =>
        Option.getOrNull(Option.map(facts?.newestUsable ?? Option.none(), ({ id }) => id))
      )
      const type = Effect.map(factsOf(account), (facts) =>
        Option.getOrNull(Option.map(facts?.datastore ?? Option.none(), (datastore) => datastore.type))
      )
      yield* put(account, running("MySQL", 1), running("Redis", 2), running("mariadb", 3, { status: "FAILED" }))
      yield* equal("the datastore", yield* type, "mariadb")
      yield* equal("of its family", yield* usable, numbered(1).id)
      yield* put(account, taken(4))
      yield* equal("the datastore, where the newest has none", yield* type, "mariadb")
      yield* equal("one that may be of it", yield* usable, numbered(4).id)
      yield* (yield* BackupStore).remove(account, numbered(4).id, () => true)
      yield* put(account, running("Redis", 5))
      yield* equal("the datastore, by a newer one", yield* type, "Redis")
      yield* equal("of that", yield* usable, numbered(5).id)
    })
  },
  {
    name: "what a source suspects of a backup holds of all that builds on it",
    check: Effect.gen(function* () {
      const account = yield* freshAccount
      const [full, inc] = [taken(1), increment(2, taken(1).id)]
      const suspectOf = Effect.map(factsOf(account), (facts) =>
        Option.getOrNull(facts?.suspect ?? Option.none<string>())
      )
      yield* imported(account, sourced([full, inc]))
      yield* equal("of good ones", yield* suspectOf, null)
      const doubted = sourced([full]).map((one) => ({ ...one, suspect: Option.some("it is empty") }))
      yield* imported(account, [...doubted, ...sourced([inc])])
      yield* equal("of a full one", yield* suspectOf, suspectLink(full.id, "it is empty"))
    })
  },
  {
    name: "an instance whose backups are gone is kept, with its datastore, and when it lost them",
    check: Effect.gen(function* () {
      const store = yield* BackupStore
      const account = yield* freshAccount
      const full = running("Redis", 1)
      const inc = increment(2, full.id)
      yield* imported(account, sourced([full, inc]))
      const lost = Effect.map(factsOf(account), (facts) => facts && Option.isSome(facts.lastGone))
      yield* equal("that it lost something", yield* lost, false)
      yield* imported(account, sourced([inc]))
      const facts = yield* factsOf(account)
      yield* equal("that it lost a retired one", facts && Option.isSome(facts.lastGone), true)
      yield* equal("its facts", facts && told(facts), expectedOf([inc], db))
      const broken = facts?.broken ?? Option.none()
      yield* equal(
        "what its tool calls the missing one",
        Option.getOrNull(Option.flatMap(broken, ({ nativeLink }) => nativeLink)),
        `native ${full.id}`
      )
      yield* store.remove(account, inc.id, () => true)
      const empty = yield* factsOf(account)
      yield* equal("without a backup", empty && told(empty), expectedOf([], db))
      yield* equal("its datastore", empty && Option.getOrNull(Option.map(empty.datastore, ({ type }) => type)), "Redis")
      const another = yield* freshAccount
      yield* put(another, taken(1, { status: "FAILED" }))
      yield* store.remove(another, taken(1).id, () => true)
      const never = yield* factsOf(another)
      yield* equal("that it lost one that never ended well", never && Option.isSome(never.lastGone), false)
    })
  },
  {
    name: "an instance is forgotten once it has no backups, which changes the account",
    check: Effect.gen(function* () {
      const [store, backups] = [yield* CoverageStore, yield* BackupStore]
      const account = yield* freshAccount
      yield* put(account, taken(1), on("db-2", 2))
      yield* equal("one with a backup", yield* store.forget(account, db), "hasBackups")
      yield* backups.remove(account, taken(1).id, () => true)
      const version = yield* backups.version(account)
      yield* equal("one without", yield* store.forget(account, db), "forgotten")
      const isSame = (yield* backups.version(account)) === version
      yield* equal("that the account is as it was", isSame, false)
      yield* equal("one that is not there", yield* store.forget(account, db), "unknown")
      yield* equal("its facts", yield* factsOf(account), undefined)
      const { facts } = yield* page(account, undefined, 10)
      yield* equal(
        "the others",
        facts.map(({ instanceId }) => instanceId),
        ["db-2"]
      )
    })
  },
  {
    name: "instances are told of by id, page by page, each once, and those of one account only",
    check: Effect.gen(function* () {
      const [account, another] = [yield* freshAccount, yield* freshAccount]
      const names = ["b", "a", "A", "ä", "\uffee", "\u{10000}", "a/b", "%"]
      yield* put(account, ...names.map((name, n) => on(name, n)))
      yield* put(another, on("c", 1))
      const walked: Array<string> = []
      let more = true
      while (more) {
        const next = yield* page(account, walked.at(-1), 3)
        yield* equal("a page", next.facts.length, Math.min(3, names.length - walked.length))
        walked.push(...next.facts.map(({ instanceId }) => instanceId))
        more = next.more
      }
      yield* equal("the walk", walked, [...names].sort(compareText))
      yield* equal("one that the account never had", yield* factsOf(account, "c" as InstanceId), undefined)
      const behind = yield* page(account, "b", 10, "a" as InstanceId)
      yield* equal("one that is behind the page", [behind.facts.length, behind.more], [0, false])
    })
  },
  {
    name: "backups that name no instance are counted, up to a number",
    check: Effect.gen(function* () {
      const store = yield* CoverageStore
      const account = yield* freshAccount
      yield* equal("of none", yield* store.withoutInstance(account, 2), 0)
      for (const n of [1, 2, 3]) {
        yield* put(account, taken(n, { instanceId: Option.none() }), on("db-1", n + 10))
        yield* equal(`of ${n}`, yield* store.withoutInstance(account, 2), Math.min(n, 2))
      }
    })
  },
  {
    name: "an account has the policy that it was given last, which says whether its metrics are shown",
    check: Effect.gen(function* () {
      const store = yield* CoverageStore
      const [first, second] = [yield* freshAccount, yield* freshAccount]
      const policy: Policy = {
        maxAge: "2h" as MaxAge,
        rules: [{ instance: "db-*", datastore: "mysql", maxAge: "30m" as MaxAge }],
        metrics: true
      }
      const shown = Effect.map(store.withMetrics, (some) =>
        some.flatMap(({ account }) => (account === first || account === second ? [account] : []))
      )
      yield* equal("that a new account has none", Option.isNone(yield* store.policy(first)), true)
      yield* store.setPolicy(first, noPolicy)
      yield* equal("those with metrics, at first", yield* shown, [])
      yield* store.setPolicy(first, policy)
      const given = yield* store.policy(first)
      if (!Option.exists(given, (one) => samePolicy(one, policy))) return yield* broken("the policy", given, policy)
      yield* equal("that another account has none", Option.isNone(yield* store.policy(second)), true)
      yield* store.setPolicy(second, policy)
      yield* equal("those with metrics", yield* shown, [first, second].sort(compareText))
      yield* store.setPolicy(first, { ...policy, metrics: false })
      yield* equal("those that still have metrics", yield* shown, [second])
    })
  }
]
