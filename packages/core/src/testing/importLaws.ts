import { Effect, Option } from "effect"
import type { AccountId, Backup } from "../Backup.ts"
import type { BackupFilter } from "../BackupFilter.ts"
import { type SourcedBackup, SourceName } from "../Import.ts"
import { BackupStore, type StoreUnavailable } from "../store/BackupStore.ts"
import { ImportStore } from "../store/ImportStore.ts"
import { begin, end, imported, mine, sourced, write } from "./importing.ts"
import { equal, freshAccount, type LawBroken, numbered } from "./law.ts"

/** One thing that must hold of imports into every store, as a program that fails when it does not. */
export interface ImportLaw {
  readonly name: string
  readonly check: Effect.Effect<void, LawBroken | StoreUnavailable, BackupStore | ImportStore>
}

const another = SourceName.make("another")

const some = (...numbers: ReadonlyArray<number>): ReadonlyArray<SourcedBackup> => sourced(numbers.map(numbered))

const nothing = { created: 0, updated: 0, unchanged: 0, retired: 0 }

const listed = (what: string, account: AccountId, expected: ReadonlyArray<Backup>, filter: BackupFilter = {}) =>
  Effect.flatMap(BackupStore, (store) =>
    Effect.flatMap(store.list({ account, filter, after: undefined, limit: 10 }), ({ backups }) =>
      equal(what, backups.map(({ id }) => id).sort(), expected.map(({ id }) => id).sort())
    )
  )

const eventsOf = (account: AccountId, { id }: Backup) =>
  Effect.flatMap(ImportStore, (store) =>
    Effect.map(store.history(account, id, undefined, 10), (found) =>
      Option.getOrUndefined(found)?.events.map(({ event }) => event)
    )
  )

/**
 * The laws of imports, for every `ImportStore` beside the `BackupStore` of the same store.
 *
 * The accounts are new ones each time, so one store can be put through all of them.
 */
export const importLaws: ReadonlyArray<ImportLaw> = [
  {
    name: "a snapshot retires what its source no longer has, and brings it back when the source has it again",
    check: Effect.gen(function* () {
      const account = yield* freshAccount
      yield* equal("the first", yield* imported(account, some(1, 2, 3)), { ...nothing, created: 3 })
      yield* equal("the second", yield* imported(account, some(1, 2)), { ...nothing, unchanged: 2, retired: 1 })
      yield* listed("the list", account, some(1, 2))
      yield* listed("with what was retired", account, some(1, 2, 3), { include: "retired" })
      yield* equal("the third", yield* imported(account, some(1, 2, 3)), { ...nothing, created: 1, unchanged: 2 })
      yield* listed("in the end", account, some(1, 2, 3))
      yield* equal("its history", yield* eventsOf(account, numbered(3)), ["appeared", "retired", "appeared"])
    })
  },
  {
    name: "a merge retires nothing",
    check: Effect.gen(function* () {
      const account = yield* freshAccount
      yield* imported(account, some(1, 2))
      const merged = yield* imported(account, some(2, 3), { mode: "merge" })
      yield* equal("it", merged, { ...nothing, created: 1, unchanged: 1 })
      yield* listed("the list", account, some(1, 2, 3))
    })
  },
  {
    name: "what comes again as it was is unchanged, and so is the account",
    check: Effect.gen(function* () {
      const account = yield* freshAccount
      yield* imported(account, some(1, 2))
      const store = yield* BackupStore
      const version = yield* store.version(account)
      yield* equal("it", yield* imported(account, some(1, 2)), { ...nothing, unchanged: 2 })
      yield* equal("the version", yield* store.version(account), version)
      const renamed = some(1, 2).map((backup) => ({ ...backup, name: `${backup.name}!` }))
      yield* equal("another name", yield* imported(account, renamed), { ...nothing, updated: 2 })
      yield* equal("its history", yield* eventsOf(account, numbered(1)), ["changed", "appeared"])
    })
  },
  {
    name: "what a source is the first to suspect is changed by it",
    check: Effect.gen(function* () {
      const account = yield* freshAccount
      const store = yield* BackupStore
      yield* store.put(account, [numbered(1), numbered(2)])
      yield* equal("what it has as well", yield* imported(account, some(1), { mode: "merge" }), {
        ...nothing,
        unchanged: 1
      })
      const version = yield* store.version(account)
      const doubted = some(1, 2).map((backup) => ({ ...backup, suspect: Option.some("wrong checksums") }))
      yield* equal("what it suspects", yield* imported(account, doubted), { ...nothing, updated: 2 })
      yield* equal("the version", (yield* store.version(account)) > version, true)
      yield* equal("its history", yield* eventsOf(account, numbered(2)), ["changed", "appeared"])
      yield* equal("again", yield* imported(account, doubted), { ...nothing, unchanged: 2 })
      yield* imported(account, some(2), { source: another })
      yield* equal("without it", yield* imported(account, doubted.slice(0, 1)), { ...nothing, unchanged: 1 })
      yield* equal("what is left", yield* eventsOf(account, numbered(2)), ["changed", "changed", "appeared"])
    })
  },
  {
    name: "what another source has as well stays",
    check: Effect.gen(function* () {
      const account = yield* freshAccount
      yield* imported(account, some(1, 2))
      yield* imported(account, some(2), { source: another })
      yield* equal("the first source", yield* imported(account, some(1)), { ...nothing, unchanged: 1 })
      yield* listed("the list", account, some(1, 2))
      yield* equal("the other source", yield* imported(account, [], { source: another }), { ...nothing, retired: 1 })
      yield* listed("in the end", account, some(1))
    })
  },
  {
    name: "one import of a source runs at a time, and an account has as many sources as it may",
    check: Effect.gen(function* () {
      const store = yield* ImportStore
      const account = yield* freshAccount
      const kindOf = (source: SourceName) =>
        Effect.map(store.begin(account, source, "merge", false, 2), ({ kind }) => kind)
      const running = yield* begin(account, {})
      yield* equal("of the same source", yield* kindOf(mine), "busy")
      yield* end(yield* begin(account, { source: another }))
      yield* equal("of one source more", yield* kindOf(SourceName.make("a third")), "full")
      yield* equal("it is kept", yield* store.keep(running), true)
      yield* end(running)
      yield* end(yield* begin(account, {}))
    })
  },
  {
    name: "an import that is cut leaves what it brought, and retires nothing",
    check: Effect.gen(function* () {
      const store = yield* ImportStore
      const account = yield* freshAccount
      yield* imported(account, some(1, 2))
      const running = yield* begin(account, {})
      yield* write(running, some(1, 3))
      yield* end(running, "INTERRUPTED")
      yield* listed("the list", account, some(1, 2, 3))
      const { imports } = yield* store.list(account, mine, undefined, 10)
      const statuses = imports.map(({ status }) => status)
      yield* equal("the imports", statuses, ["INTERRUPTED", "COMPLETED"])
      yield* equal("the next", yield* imported(account, some(3)), { ...nothing, unchanged: 1, retired: 2 })
    })
  },
  {
    name: "a dry run tells what it would do, and does nothing",
    check: Effect.gen(function* () {
      const store = yield* ImportStore
      const account = yield* freshAccount
      yield* imported(account, some(1, 2))
      const would = yield* imported(account, some(2, 3), { dryRun: true })
      yield* equal("it", would, { created: 1, updated: 0, unchanged: 1, retired: 1 })
      yield* listed("the list", account, some(1, 2))
      yield* equal("its history", yield* eventsOf(account, numbered(1)), ["appeared"])
      yield* equal("the imports", (yield* store.list(account, undefined, undefined, 10)).imports.length, 1)
    })
  }
]
