import { FastCheck as fc, Option } from "effect"
import { AccountId, type Backup, BackupId, backupStatuses, InstanceId } from "../Backup.ts"
import type { BackupFilter } from "../BackupFilter.ts"
import type { Instant } from "../Instant.ts"

/** A value, or none. */
export const option = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<Option.Option<A>> =>
  fc.option(arbitrary, { nil: undefined }).map(Option.fromNullable)

const text = fc.string({ unit: "binary", maxLength: 12 })
const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }).filter((word) => !/\p{Cc}/u.test(word))

// Few different values, so that ties, equal instants and colliding ids do happen; and the ends of the range.
const instant = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt(0n, 5n).map((n) => 1_400_000_000_000_000n + n * 300_000n) },
  { weight: 1, arbitrary: fc.bigInt(-62_167_219_200_000_000n, 253_402_300_799_999_999n) },
  { weight: 1, arbitrary: fc.constantFrom(-62_167_219_200_000_000n, -1n, 0n, 253_402_300_799_999_999n) }
) as fc.Arbitrary<Instant>

// The last two stand in one order by UTF-16 unit and in the other by code point.
const id = fc
  .oneof(
    fc.constantFrom("a", "b", "A", "a.b", "p1.0.YQ", "ä", "\uffee", "\u{10000}"),
    fc.uuid(),
    word.filter((word) => word !== "." && word !== "..")
  )
  .map((id) => BackupId.make(id))

const instanceId = fc
  .oneof(
    fc.constantFrom("db-1", "db-2"),
    word.filter((word) => word !== "." && word !== "..")
  )
  .map((id) => InstanceId.make(id))

const size = fc.oneof(
  fc.double({ min: 0, max: 2 ** 33, noNaN: true }).map((value) => ({ unit: "gigabytes" as const, value })),
  fc.bigInt(0n, 2n ** 60n).map((value) => ({ unit: "bytes" as const, value }))
)

/** Any backup that the schema allows, with few enough different keys that they collide. */
export const backup: fc.Arbitrary<Backup> = fc.record({
  id,
  name: fc.oneof(word, fc.constant("nightly \u0000 \u001b[31m")),
  description: option(text),
  status: fc.constantFrom(...backupStatuses),
  created: instant,
  updated: instant,
  size: option(size),
  instanceId: option(instanceId),
  parentId: option(id),
  locationRef: option(fc.webUrl()),
  datastore: option(
    fc.record({
      type: fc.oneof(fc.constantFrom("MySQL", "mysql", "PostgreSQL", "Ünïque"), word),
      version: option(fc.constantFrom("5.1", "8.0")),
      versionId: option(fc.uuid())
    })
  )
})

/** Any set of backups with distinct ids. */
export const backups: fc.Arbitrary<ReadonlyArray<Backup>> = fc.uniqueArray(backup, {
  selector: ({ id }) => id,
  maxLength: 30
})

/** Any filter, mostly one that keeps something. */
export const filter: fc.Arbitrary<BackupFilter> = fc.record(
  {
    datastore: fc.constantFrom("mysql", "MYSQL", "postgresql", "ünïque", "redis"),
    instanceId: instanceId,
    statuses: fc.uniqueArray(fc.constantFrom(...backupStatuses), { maxLength: 4 }),
    createdSince: instant,
    createdBefore: instant
  } satisfies Record<keyof Omit<BackupFilter, "include">, unknown>,
  { requiredKeys: [] }
)

/** Any account. */
export const account: fc.Arbitrary<AccountId> = fc
  .stringMatching(/^[A-Za-z0-9._~-]{1,40}$/)
  .map((account) => AccountId.make(account))
