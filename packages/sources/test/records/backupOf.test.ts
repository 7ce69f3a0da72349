import { Backup, BackupStatus, type Instant, parseInstant } from "@backup-catalog/core"
import { Arbitrary, FastCheck as fc, Option, Schema } from "effect"
import { assert, describe, it } from "vitest"
import { backupIdOf } from "../../src/records/backupId.ts"
import { type BackupFacts, backupOf } from "../../src/records/backupOf.ts"

const created = parseInstant("2026-11-23T17:50:34Z") as Instant

const facts: BackupFacts = {
  id: backupIdOf("test", "tool", ["1"]),
  name: "nightly",
  otherwise: "1",
  description: [],
  status: "COMPLETED",
  created,
  updated: created
}

const isBackup = Schema.is(Schema.typeSchema(Backup))

// Of everything that a tool may print: any units, dots, controls, and more than a record holds.
const hostileText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom("", ".", "..", " ", "\0", "\ud83d", "\udc00\ud800", "__proto__", "\u202e", "\r\n"),
  fc
    .tuple(
      fc.constantFrom("x", "é", "𝔫", "\ud800", "\u0007", "."),
      fc.constantFrom(254, 255, 256, 510, 4_000, 4_001, 4_096, 4_097, 8_193, 16_385)
    )
    .map(([unit, count]) => unit.repeat(count))
)

const maybe = <A>(arbitrary: fc.Arbitrary<A>) => fc.option(arbitrary, { nil: undefined })

const hostileFacts: fc.Arbitrary<BackupFacts> = fc.record({
  id: hostileText.map((native) => backupIdOf("test", "tool", [native])),
  name: hostileText,
  otherwise: hostileText,
  description: fc.array(maybe(hostileText), { maxLength: 4 }),
  status: Arbitrary.make(BackupStatus),
  created: fc.constant(created),
  updated: fc.constant(created),
  bytes: maybe(fc.bigInt({ min: 0n, max: 2n ** 64n })),
  instance: maybe(hostileText),
  parentId: maybe(hostileText.map((native) => backupIdOf("test", "tool", [native]))),
  locationRef: maybe(hostileText),
  datastore: maybe(fc.record({ type: hostileText, version: maybe(hostileText) }))
})

describe("the record of a backup", () => {
  it("is one that the catalog takes, whatever texts a tool prints", () => {
    fc.assert(fc.property(hostileFacts, (hostile) => isBackup(backupOf(hostile))))
  })

  it.each([".", "..", ""])(
    "names no instance where the tool calls it %j, which no instance can be called",
    (instance) => {
      assert.deepStrictEqual(backupOf({ ...facts, instance }).instanceId, Option.none())
    }
  )

  it.each(["...", ".hidden", "a/..", " "])("names the instance %j as the tool does", (instance) => {
    assert.deepStrictEqual(Option.getOrNull(backupOf({ ...facts, instance }).instanceId), instance)
  })

  it("says where it is as long as that is the whole of it", () => {
    const locationOf = (locationRef: string) => Option.getOrNull(backupOf({ ...facts, locationRef }).locationRef)
    assert.strictEqual(locationOf(`/${"x".repeat(4_095)}`), `/${"x".repeat(4_095)}`)
    assert.strictEqual(locationOf("𝔫".repeat(4_096)), "𝔫".repeat(4_096))
    assert.isNull(locationOf(`/${"x".repeat(4_096)}`))
    assert.isNull(locationOf("𝔫".repeat(4_097)))
  })

  it("has the first 255 characters of the version of its datastore, and none of an empty one", () => {
    const versionOf = (version: string) =>
      Option.getOrNull(
        Option.flatMap(backupOf({ ...facts, datastore: { type: "MySQL", version } }).datastore, (of) => of.version)
      )
    assert.strictEqual(versionOf(`8.0.${"9".repeat(300)}`), `8.0.${"9".repeat(251)}`)
    assert.isNull(versionOf(""))
  })

  it("keeps dots as a name, which is no part of an address", () => {
    assert.strictEqual(backupOf({ ...facts, name: ".." }).name, "..")
  })
})
