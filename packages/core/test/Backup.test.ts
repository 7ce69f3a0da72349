import { Either, FastCheck as fc, Option, Schema } from "effect"
import { assert, describe, it } from "vitest"
import {
  AccountId,
  Backup,
  BackupId,
  type BackupSize,
  decodeBackup,
  describeParseErrors,
  encodeBackup,
  sizeInBytes
} from "../src/index.ts"
import { arbitrary } from "../src/testing/index.ts"

const record = {
  id: "e2d3dfca-430f-4cd2-bec0-884cd7426f13",
  name: "restored_backup",
  description: "Backup from Restored Instance",
  status: "COMPLETED",
  created: "2014-06-19T15:55:54",
  updated: "2014-06-19T15:56:58",
  size: 0.141026,
  instance_id: "34d6c8bf-539e-47d1-8a06-2b7590521309",
  parent_id: null,
  locationRef: "http://localhost/path/to/backup",
  datastore: { type: "MySQL", version: "5.1", version_id: "20000000-0000-0000-0000-000000000002" }
}

const decoded = (value: unknown): Backup =>
  Either.getOrThrowWith(decodeBackup(value), (error) => new Error(describeParseErrors(error, "it")))
const refused = (value: unknown): string =>
  describeParseErrors(Either.getOrThrow(Either.flip(decodeBackup(value))), "it")

describe("a backup", () => {
  it("has exactly the members of the contract when encoded, and comes back the same", () => {
    assert.deepStrictEqual<object>(encodeBackup(decoded(record)), record)
    const bare = { ...record, description: null, size: null, instance_id: null, locationRef: null }
    const { datastore: _, ...without } = bare
    assert.deepStrictEqual<object>(encodeBackup(decoded(without)), without)
  })

  it("survives encoding and decoding, but for microseconds and bytes, which the wire does not carry", () => {
    fc.assert(
      fc.property(arbitrary.backup, (backup) => {
        const wire = encodeBackup(backup)
        assert.deepStrictEqual(encodeBackup(decoded(JSON.parse(JSON.stringify(wire)))), wire)
        const again = decoded(wire)
        const same = Schema.equivalence(Schema.typeSchema(Backup))
        assert.isTrue(same({ ...again, created: backup.created, updated: backup.updated, size: backup.size }, backup))
        assert.deepStrictEqual(
          Object.keys(wire).toSorted(),
          Object.keys(record)
            .filter((key) => key !== "datastore" || Option.isSome(backup.datastore))
            .toSorted()
        )
      })
    )
  })

  it("is read from what real servers answer", () => {
    const { description, size, instance_id, parent_id, locationRef, datastore, ...required } = record
    const least = decoded(required)
    for (const member of ["description", "size", "instanceId", "parentId", "locationRef", "datastore"] as const) {
      assert.strictEqual(least[member]._tag, "None", member)
    }
    assert.isTrue(Option.isNone(decoded({ ...record, datastore: null }).datastore))
    assert.strictEqual(
      decoded({ ...record, created: "2014-06-19T17:55:54.000001+02:00" }).created,
      decoded(record).created + 1n
    )
    assert.notProperty(
      decoded({ ...record, project_id: "x", is_public: true, datastore: { ...datastore, more: 1 } }),
      "project_id"
    )
    assert.deepStrictEqual(encodeBackup(decoded({ ...record, datastore: { type: "redis" } })).datastore, {
      type: "redis",
      version: null,
      version_id: null
    })
  })

  it.each([
    [{ id: "" }, "id must have 1 to 255 characters"],
    [{ id: "x".repeat(256) }, "id must have 1 to 255 characters"],
    [{ id: ".." }, "id must not be one dot or two"],
    [{ id: "a\u0000" }, "id must not contain control characters"],
    [{ id: "\ud800" }, "id must be valid Unicode text"],
    [{ id: 7 }, "id must be a text, and is 7"],
    [{ name: "" }, "name must have 1 to 255 characters"],
    [{ name: undefined }, "name must be a text, and is undefined"],
    [{ description: "\udfff" }, "description must be valid Unicode text"],
    [{ status: "completed" }, "status must be one of NEW BUILDING SAVING COMPLETED FAILED DELETE_FAILED RESTORED"],
    [{ created: "yesterday" }, "created must be a time such as 2014-06-19T15:56:58"],
    [{ updated: null }, "updated must be a text, and is null"],
    [{ size: -1 }, "size must be a number of gigabytes from 0 to 8589934592, or null"],
    [{ size: 1e300 }, "size must be a number of gigabytes from 0 to 8589934592, or null"],
    [{ size: Number.POSITIVE_INFINITY }, "size must be a number of gigabytes from 0 to 8589934592, or null"],
    [{ instance_id: "" }, "instance_id must have 1 to 255 characters"],
    [{ datastore: {} }, "datastore.type is missing"]
  ])("is refused with %j", (members, message) => assert.strictEqual(refused({ ...record, ...members }), message))

  it("counts 255 characters as people do, whatever they take in memory", () => {
    assert.strictEqual(decoded({ ...record, name: "💾".repeat(255) }).name.length, 510)
    assert.isTrue(Schema.is(BackupId)("💾".repeat(255)))
    assert.isFalse(Schema.is(BackupId)("💾".repeat(256)))
  })

  it("keeps bytes to the byte over the wire below 2^53", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 53n), (bytes) => {
        const size: BackupSize = { unit: "bytes", value: bytes }
        const wire = encodeBackup({ ...decoded(record), size: Option.some(size) })
        assert.deepStrictEqual(Option.map(decoded(wire).size, sizeInBytes), Option.some(bytes))
      })
    )
    assert.strictEqual(
      encodeBackup({ ...decoded(record), size: Option.some({ unit: "bytes", value: 2n ** 30n }) }).size,
      1
    )
  })
})

describe("an account", () => {
  const refused = (account: string): string =>
    describeParseErrors(Either.getOrThrow(Either.flip(Schema.decodeEither(AccountId)(account))), "it")

  it("may have dots, but must not be what the way of a URL takes for a step", () => {
    for (const account of ["1234", "a.b", "...", ".a", "~"]) assert.isTrue(Schema.is(AccountId)(account), account)
    for (const account of [".", ".."]) assert.strictEqual(refused(account), "it must not be one dot or two")
    assert.strictEqual(refused("a/b"), "it must have 1 to 255 characters of A-Z a-z 0-9 . _ ~ -")
  })
})
