import { FastCheck as fc, Schema } from "effect"
import { assert, describe, it } from "vitest"
import {
  formatInstant,
  formatInstantMicros,
  type Instant,
  InstantFromFilter,
  InstantFromWire,
  instantFromMillis,
  instantToMillis,
  parseBound,
  parseInstant,
  parseInstantWithZone
} from "../src/index.ts"

const instant = fc.bigInt(-62_167_219_200_000_000n, 253_402_300_799_999_999n) as fc.Arbitrary<Instant>

describe("an instant", () => {
  it.each([
    ["2014-06-19T15:56:58", 1_403_193_418_000_000n],
    ["2014-06-19T15:56:58Z", 1_403_193_418_000_000n],
    ["2014-06-19t15:56:58z", 1_403_193_418_000_000n],
    ["2014-06-19 15:56:58", 1_403_193_418_000_000n],
    ["2014-06-19T17:56:58+02:00", 1_403_193_418_000_000n],
    ["2014-06-19T10:26:58-0530", 1_403_193_418_000_000n],
    ["2014-06-19T17:56:58+02", 1_403_193_418_000_000n],
    ["2014-06-19T15:56:58.1", 1_403_193_418_100_000n],
    ["2014-06-19T15:56:58.123456Z", 1_403_193_418_123_456n],
    ["2014-06-19T15:56:58.123456789Z", 1_403_193_418_123_456n],
    ["1969-12-31T23:59:59.999999", -1n],
    ["0001-01-01T00:00:00Z", -62_135_596_800_000_000n],
    ["9999-12-31T23:59:59.999999", 253_402_300_799_999_999n],
    ["2016-02-29T00:00:00", 1_456_704_000_000_000n],
    ["2016-12-31T23:59:60Z", 1_483_228_800_000_000n],
    ["2016-12-31T23:59:60.5Z", 1_483_228_800_500_000n],
    ["2016-12-31T15:59:60-08:00", 1_483_228_800_000_000n],
    ["1969-12-31T23:59:60Z", 0n]
  ])("is read from %s", (text, micros) => assert.strictEqual(parseInstant(text), micros))

  it.each([
    ["2014-06-19T15:56:58.123456Z", 1_403_193_418_123_456n],
    ["2014-06-19T15:56:58.123456000Z", 1_403_193_418_123_456n],
    ["2014-06-19T15:56:58.1234560000001Z", 1_403_193_418_123_457n],
    ["2014-06-19T15:56:58.9999991Z", 1_403_193_419_000_000n],
    ["1969-12-31T23:59:59.9999991Z", 0n],
    ["9999-12-31T23:59:59.9999999Z", 253_402_300_799_999_999n]
  ])("is a bound by %s that nothing between is lost or gained by", (text, micros) => {
    assert.strictEqual(parseBound(text), micros)
    assert.strictEqual(Schema.decodeSync(InstantFromFilter)(text), micros)
  })

  it("is cut to the microsecond where it is no bound", () => {
    assert.strictEqual(parseInstantWithZone("2014-06-19T15:56:58.1234569Z"), 1_403_193_418_123_456n)
  })

  it.each([
    "",
    "now",
    "2014",
    "2014-06-19",
    "2014-06-31T00:00:00",
    "2015-02-29T00:00:00",
    "2014-13-01T00:00:00",
    "2014-00-01T00:00:00",
    "2014-06-19T24:00:00",
    "2014-06-19T15:60:00",
    "2014-06-19T15:56:60",
    "2016-12-31T15:59:60Z",
    "2016-12-31T23:59:60+01:00",
    "2016-12-31T23:59:61Z",
    "9999-12-31T23:59:60Z",
    "2014-06-19T15:56:58+24:00",
    "2014-06-19T15:56:58.",
    "2014-06-19T15:56:58 Z",
    " 2014-06-19T15:56:58",
    "2014-06-19T15:56:58\n",
    "12014-06-19T15:56:58",
    "0000-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "２014-06-19T15:56:58"
  ])("is not read from %j", (text) => assert.isUndefined(parseInstant(text)))

  it("is written as a Date writes it, in any order of instants", () => {
    const near = fc.bigInt(-200_000_000_000n, 200_000_000_000n) as fc.Arbitrary<Instant>
    fc.assert(
      fc.property(fc.array(fc.oneof(instant, near), { minLength: 1 }), (instants) => {
        for (const at of instants) {
          const micros = ((at % 1_000_000n) + 1_000_000n) % 1_000_000n
          const text = new Date(Number((at - micros) / 1000n)).toISOString().slice(0, 19)
          assert.strictEqual(formatInstant(at), text)
          assert.strictEqual(formatInstantMicros(at), `${text}.${micros.toString().padStart(6, "0")}Z`)
        }
      }),
      { numRuns: 500, examples: [[[-1n, 0n, -1_000_000n, 86_399_999_999n, 86_400_000_000n] as Instant[]]] }
    )
  })

  it("needs a zone in a filter", () => {
    assert.isUndefined(parseInstantWithZone("2014-06-19T15:56:58"))
    assert.isUndefined(parseInstantWithZone("2014-06-19 15:56:58Z"))
    assert.isUndefined(parseInstantWithZone("2014-06-19T15:56:58+0200"))
    assert.strictEqual(parseInstantWithZone("2014-06-19T15:56:58+00:00"), 1_403_193_418_000_000n)
  })

  it("survives its exact form, and the wire to the second below", () => {
    fc.assert(
      fc.property(instant, (at) => {
        assert.strictEqual(parseInstant(formatInstantMicros(at)), at)
        const wire = parseInstant(formatInstant(at)) ?? 0n
        assert.isTrue(wire <= at && at - wire < 1_000_000n)
        assert.strictEqual(
          Schema.encodeSync(InstantFromWire)(Schema.decodeSync(InstantFromWire)(formatInstant(at))),
          formatInstant(at)
        )
      })
    )
  })

  it("is ordered as its texts are", () => {
    fc.assert(
      fc.property(instant, instant, (a, b) =>
        assert.strictEqual(a < b, formatInstantMicros(a) < formatInstantMicros(b))
      )
    )
  })

  it("goes to milliseconds and back", () => {
    assert.strictEqual(instantFromMillis(1_403_193_418_123), 1_403_193_418_123_000n)
    assert.strictEqual(instantToMillis(1_403_193_418_123_999n as Instant), 1_403_193_418_123)
    assert.strictEqual(formatInstantMicros(instantFromMillis(Date.UTC(20_000, 0))), "9999-12-31T23:59:59.999999Z")
    assert.strictEqual(formatInstantMicros(instantFromMillis(Date.UTC(-1, 0))), "0000-01-01T00:00:00.000000Z")
  })
})
