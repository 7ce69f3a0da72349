import { join } from "node:path"
import {
  AccountId,
  type Backup,
  type BackupFilter,
  decodeSourcedBackup,
  encodeBackup,
  type Position,
  type SourcedBackup,
  SourceName
} from "@backup-catalog/core"
import { BackupStore, CoverageStore, ImportStore, StoreImports } from "@backup-catalog/core/store"
import { arbitrary } from "@backup-catalog/core/testing"
import { Effect, Either, FastCheck as fc, Layer, ManagedRuntime, Option, Stream, TestClock, TestContext } from "effect"
import { assert, describe, it, onTestFinished } from "vitest"
import { storeLayer } from "../../src/store/StoreLive.ts"
import { emptyDatabase } from "../support/postgres.ts"
import { addressOf, temporaryFolder } from "../support/server.ts"

const SEQUENCES = 40

interface Story {
  readonly account: AccountId
  readonly put: ReadonlyArray<Backup>
  readonly imported: ReadonlyArray<SourcedBackup>
  readonly left: ReadonlyArray<SourcedBackup>
  readonly removed: number
  readonly filters: ReadonlyArray<BackupFilter>
  readonly limit: number
}

const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }).filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text))

const sourced: fc.Arbitrary<ReadonlyArray<SourcedBackup>> = fc
  .tuple(arbitrary.backups, fc.infiniteStream(arbitrary.option(word)))
  .map(([backups, texts]) => {
    const text = () => texts.next().value as Option.Option<string>
    return backups.map((backup) => ({ ...backup, nativeId: text(), nativeParentId: text(), suspect: text() }))
  })

// A version of a datastore is any text, and none of the others of a record is in a column.
const versioned = fc
  .tuple(arbitrary.backups, fc.constantFrom("a\u0000b", "a\u0001b", "a\u00010b", "", "\ufffd"))
  .map(([backups, versionId]) =>
    backups.map((backup) => ({
      ...backup,
      datastore: Option.map(backup.datastore, (datastore) => ({ ...datastore, versionId: Option.some(versionId) }))
    }))
  )

let accounts = 0
const story: fc.Arbitrary<Story> = fc.record({
  account: fc.constant(null).map(() => AccountId.make(`both-${++accounts}`)),
  put: fc.oneof(arbitrary.backups, versioned),
  imported: sourced,
  left: sourced,
  removed: fc.nat({ max: 5 }),
  filters: fc.array(
    fc
      .tuple(arbitrary.filter, fc.boolean())
      .map(([filter, all]) => ({ ...filter, ...(all && { include: "retired" as const }) })),
    { minLength: 2, maxLength: 5 }
  ),
  limit: fc.integer({ min: 1, max: 9 })
})

const pg = SourceName.make("pg")

const snapshot = Effect.fnUntraced(function* (account: AccountId, backups: ReadonlyArray<SourcedBackup>) {
  const imports = yield* ImportStore
  const begun = yield* imports.begin(account, pg, "snapshot", false, 1)
  if (begun.kind !== "begun") return yield* Effect.dieMessage("nobody else imports")
  yield* imports.write(begun.import, backups)
  const retired = yield* imports.retire(begun.import, undefined)
  const { id: _, ...ended } = yield* imports.end(begun.import, {
    status: "COMPLETED",
    message: Option.none(),
    rejected: 0
  })
  return [retired, ended]
})

const text = (records: string | Uint8Array): string =>
  typeof records === "string" ? records : new TextDecoder().decode(records)

const pages = Effect.fnUntraced(function* (account: AccountId, filter: BackupFilter, limit: number) {
  const store = yield* BackupStore
  const seen: Array<unknown> = []
  let after: Position | undefined
  do {
    const { records, last } = yield* store.listEncoded({ account, filter, after, limit })
    const { backups, more } = yield* store.list({ account, filter, after, limit })
    seen.push(text(records), last, more, backups.map(encodeBackup))
    after = last
  } while (after !== undefined)
  return seen
})

/** All that the stores answer in the course of a story. */
const told = Effect.fnUntraced(function* ({ account, put, imported, left, removed, filters, limit }: Story) {
  const store = yield* BackupStore
  const imports = yield* ImportStore
  const coverage = yield* CoverageStore
  const heard: Array<unknown> = [yield* store.put(account, put)]
  yield* TestClock.adjust("1 second")
  heard.push(yield* snapshot(account, imported))
  yield* TestClock.adjust("1 second")
  heard.push(yield* snapshot(account, left))
  yield* TestClock.adjust("1 second")
  for (const { id } of put.slice(0, removed)) heard.push(yield* store.remove(account, id, () => true))
  for (const filter of [{}, { include: "retired" as const }, ...filters]) {
    heard.push(yield* pages(account, filter, limit), yield* pages(account, filter, 1000))
  }
  for (const { id, datastore } of [...put, ...imported]) {
    heard.push(yield* store.get(account, id))
    const { origins, events } = Option.getOrElse(yield* imports.history(account, id, undefined, 1000), () => ({
      origins: [],
      events: []
    }))
    heard.push(
      origins,
      events.map(({ import: by, ...event }) => ({ ...event, by: Option.map(by, ({ source }) => source) }))
    )
    heard.push((yield* store.listDescendants({ account, ancestor: id, after: undefined, limit })).backups)
    for (const { type, versionId } of Option.toArray(datastore)) {
      heard.push(yield* store.hasDatastore(account, type))
      heard.push(
        yield* store.findDatastoreVersion(
          account,
          Option.getOrElse(versionId, () => "a\u0000b")
        )
      )
    }
  }
  heard.push(yield* store.listInstances(account, undefined, limit), yield* coverage.facts(account, {}, undefined, 100))
  heard.push(yield* coverage.withoutInstance(account, 100), yield* coverage.withoutInstance(account, 2))
  return heard
})

const show = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? `${member}n` : member), 1)

const member = (id: string, created: number, members: object = {}): SourcedBackup =>
  Either.getOrThrow(
    decodeSourcedBackup({
      id,
      name: `name of ${id}`,
      status: "COMPLETED",
      created: new Date(created).toISOString(),
      updated: "2026-01-02T03:04:05Z",
      ...members
    })
  )

// More than a store looks through at once; by the order of their ids, each parent is older than the one before, and
// each child newer.
const names = Array.from({ length: 3000 }, (_, n) => String(n).padStart(5, "0"))
const parents = names.map((name, n) => member(`p${name}`, 9_999_000 - n))
const children = names.map((name, n) => member(`c${name}`, 9_999_000 + n, { parent_id: `p${name}` }))

const idsOf = (some: ReadonlyArray<{ readonly id: string }>) => some.map(({ id }) => id)

/** What snapshots answer, first of parents and children, and then of children alone. */
const namedBySnapshots = Effect.gen(function* () {
  const imports = yield* StoreImports
  const account = AccountId.make("family")
  const run = (some: ReadonlyArray<SourcedBackup | string>, dryRun: boolean) =>
    Effect.map(
      imports.run(
        account,
        { source: pg, mode: "snapshot", allowEmpty: false, dryRun },
        Stream.make(
          some.map((one, n) => ({
            ...{ line: n + 1, bytes: 100 },
            ...(typeof one === "string" ? { id: one, reason: "it cannot be read" } : { backup: one })
          }))
        )
      ),
      ({ id: _, started: __, finished: ___, ...result }) => result
    )
  const twice = parents.slice(0, 60)
  const unread = twice.map(({ id }) => id)
  return [
    yield* run([...parents, ...twice, ...children.slice(0, 540), ...unread, ...children.slice(540)], false),
    yield* run(children, true),
    yield* run(children, false)
  ]
}).pipe(Effect.provide(StoreImports.layer({ pageSize: 1, maxPageSize: 1 }, 1)))

const runtimeOf = (store: string) => {
  const runtime = ManagedRuntime.make(Layer.orDie(storeLayer(addressOf(store))))
  onTestFinished(() => runtime.dispose())
  return runtime
}

const runtimes = async () => [
  runtimeOf(`sqlite:${join(temporaryFolder(onTestFinished), "catalog.sqlite")}`),
  runtimeOf(await emptyDatabase(onTestFinished))
]

describe("both stores", () => {
  it("name the same of what is more than they name, however they go through it", async () => {
    const [first, second] = await Promise.all((await runtimes()).map((runtime) => runtime.runPromise(namedBySnapshots)))
    assert.strictEqual(show(second), show(first))
    const [whole, dry, real] = first ?? []
    const lines = Array.from({ length: 40 }, (_, n) => n + 3601)
    assert.deepStrictEqual(
      whole?.rejections.map(({ line }) => line),
      [...Array.from({ length: 60 }, (_, n) => n + 3001), ...lines]
    )
    for (const one of [dry, real]) {
      assert.deepStrictEqual([one?.retired, one?.orphaned], [3000, 3000])
      assert.deepStrictEqual(idsOf(one?.orphans ?? []), idsOf(children.slice(0, 100)))
    }
    assert.deepStrictEqual(idsOf(dry?.differences ?? []), idsOf(parents.toReversed().slice(0, 1000)))
  })

  it("answer the same, byte for byte, whatever they are told", { timeout: 300_000 }, async () => {
    const both = await runtimes()
    const run = fc.asyncProperty(story, async (one) => {
      const [first, second] = await Promise.all(
        both.map((runtime) => runtime.runPromise(Effect.provide(told(one), TestContext.TestContext)))
      )
      for (const [n, answer] of (first ?? []).entries())
        assert.strictEqual(show(second?.[n]), show(answer), `answer ${n}`)
    })
    await fc.assert(run, { numRuns: SEQUENCES, seed: 20140619, endOnFailure: true })
  })
})
