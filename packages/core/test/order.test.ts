import { Array as Arr, FastCheck as fc, Option } from "effect"
import { assert, describe, it } from "vitest"
import {
  AccountId,
  BackupId,
  BackupOrder,
  compareText,
  type Instant,
  type Marker,
  markerFromPosition,
  markerFromPositionAcross,
  matches,
  positionAcrossFromMarker,
  positionFromMarker
} from "../src/index.ts"
import { arbitrary } from "../src/testing/index.ts"

describe("the order of a list", () => {
  it("is total: antisymmetric, transitive, and equal only for equal positions", () => {
    fc.assert(
      fc.property(arbitrary.backup, arbitrary.backup, arbitrary.backup, (a, b, c) => {
        assert.strictEqual(BackupOrder(a, b) + BackupOrder(b, a), 0)
        assert.strictEqual(BackupOrder(a, b) === 0, a.id === b.id && a.created === b.created)
        if (BackupOrder(a, b) <= 0 && BackupOrder(b, c) <= 0) assert.isAtMost(BackupOrder(a, c), 0)
      }),
      { numRuns: 500 }
    )
  })

  it("has the newest first, and of one instant the greater id", () => {
    fc.assert(
      fc.property(arbitrary.backup, arbitrary.backup, (a, b) => {
        if (a.created !== b.created) assert.strictEqual(BackupOrder(a, b) < 0, a.created > b.created)
        else assert.strictEqual(BackupOrder(a, b), -compareText(a.id, b.id) + 0)
      })
    )
  })

  it("compares texts as their UTF-8 bytes compare", () => {
    const text = fc.string({ unit: "binary" })
    fc.assert(
      fc.property(text, text, (a, b) => {
        assert.strictEqual(compareText(a, b), Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
      { numRuns: 1000 }
    )
    assert.strictEqual(compareText("\u{10000}", "\uffff"), 1)
    assert.isTrue("\u{10000}" < "\uffff")
  })
})

describe("a marker", () => {
  it("stands for its position, and has unreserved URL characters only", () => {
    fc.assert(
      fc.property(arbitrary.backup, ({ created, id }) => {
        const marker = markerFromPosition({ created, id })
        assert.match(marker, /^[A-Za-z0-9._~-]+$/)
        assert.deepStrictEqual(positionFromMarker(marker), { created, id })
      })
    )
  })

  it.each(["\ufeff1", "\ufeff", "é", "??>", "ÿ~", "\u{1f5c4}"])("stands for the id %j", (text) => {
    const position = { created: -1n as Instant, id: BackupId.make(text) }
    const marker = markerFromPosition(position)
    assert.match(marker, /^[A-Za-z0-9._~-]+$/)
    assert.deepStrictEqual(positionFromMarker(marker), position)
  })

  it.each([
    "",
    "p1",
    "p1.0.",
    "p1..YQ",
    "p1.0.YQ==",
    "p1.00.YQ",
    "p1.-0.YQ",
    "p2.0.YQ",
    "p1.0.YR",
    "p1.999999999999999999.YQ",
    "p1.0.Li4",
    "e2d3dfca-430f-4cd2-bec0-884cd7426f13"
  ])("is not %j", (text) => assert.isUndefined(positionFromMarker(text as Marker)))

  it("of a list that spans accounts is exactly what was written", () => {
    const position = { created: 0n as Instant, id: BackupId.make("a"), account: AccountId.make("1.2") }
    assert.strictEqual(markerFromPositionAcross(position), "p2.0.YQ.1.2")
    assert.deepStrictEqual(positionAcrossFromMarker("p2.0.YQ.1.2" as Marker), position)
    for (const text of [
      "p2.00.YQ.1",
      "p2.-0.YQ.1",
      "p2.0.YR.1",
      "p2.0.YQ==.1",
      "p2.0.Li4.1",
      "p2.0.YQ",
      "p2.0.YQ.",
      "p2.0.YQ.a b",
      "p1.0.YQ.1"
    ]) {
      assert.isUndefined(positionAcrossFromMarker(text as Marker), text)
    }
  })
})

describe("a filter", () => {
  it("keeps what every member of it keeps, for any records", () => {
    fc.assert(
      fc.property(arbitrary.backups, arbitrary.filter, (backups, filter) => {
        const kept = backups.filter(matches(filter))
        const { datastore, instanceId, statuses, createdSince, createdBefore } = filter
        const expected = backups
          .filter(
            (b) =>
              datastore === undefined ||
              (Option.isSome(b.datastore) && b.datastore.value.type.toLowerCase() === datastore.toLowerCase())
          )
          .filter((b) => instanceId === undefined || Option.getOrUndefined(b.instanceId) === instanceId)
          .filter((b) => !statuses?.length || statuses.some((status) => status === b.status))
          .filter((b) => createdSince === undefined || !(b.created < createdSince))
          .filter((b) => createdBefore === undefined || b.created < createdBefore)
        assert.deepStrictEqual(
          kept.map(({ id }) => id),
          expected.map(({ id }) => id)
        )
      }),
      { numRuns: 300 }
    )
  })

  it("keeps a part of what each of its members keeps, and all when it has none", () => {
    fc.assert(
      fc.property(arbitrary.backups, arbitrary.filter, (backups, filter) => {
        assert.lengthOf(backups.filter(matches({})), backups.length)
        const kept = backups.filter(matches(filter))
        for (const [key, value] of Object.entries(filter))
          assert.lengthOf(Arr.difference(kept, backups.filter(matches({ [key]: value }))), 0)
      })
    )
  })
})
