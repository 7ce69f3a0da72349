import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { decodeEntry, maybe, someText } from "../../src/reading/decodeEntry.ts"
import { Bytes, EpochSeconds } from "../../src/reading/toolNumbers.ts"

const Entry = Schema.Struct({
  id: someText,
  bytes: maybe(Bytes),
  tags: maybe(Schema.Array(Schema.String)),
  time: maybe(Schema.Struct({ start: EpochSeconds, stop: maybe(EpochSeconds) }))
})

const read = (entry: unknown) => decodeEntry(Entry, entry, "list[3]")

describe("an entry that is read as far as it can be", () => {
  it("is whole without what may be missing or null, and passes over what nobody knows", () => {
    expect(read({ id: "a", bytes: null, colour: "red" })).toEqual({ value: { id: "a", bytes: null }, problems: [] })
  })

  it("goes without a member that is wrong, which is reported with its place", () => {
    expect(read({ id: "a", bytes: "12 MB", time: { start: 1, stop: {} } })).toEqual({
      value: { id: "a", time: { start: 1_000_000n } },
      problems: [
        { place: "list[3].bytes", message: 'it is "12 MB", so it was ignored' },
        { place: "list[3].time.stop", message: "it is an object, so it was ignored" }
      ]
    })
  })

  it("goes without an object that cannot do without what is missing in it", () => {
    const { value, problems } = read({ id: "a", time: { stop: 2 } })
    expect(value).toEqual({ id: "a" })
    expect(problems).toEqual([{ place: "list[3].time", message: "its start is missing, so it was ignored" }])
  })

  it("goes without a whole list when one of it is wrong", () => {
    expect(read({ id: "a", tags: ["x", 5] })).toEqual({
      value: { id: "a" },
      problems: [{ place: "list[3].tags", message: "it is a list, so it was ignored" }]
    })
  })

  it("is reported without half a character where a long text is cut", () => {
    const [problem] = read({ id: "a", bytes: "\u{1f4be}".repeat(200) }).problems
    expect(problem?.message).toBe(`it is "${"\u{1f4be}".repeat(98)}…, so it was ignored`)
  })

  it("is left out, with one reason, when what it cannot do without is wrong", () => {
    const reasons = [{ bytes: -1 }, { id: null }, { id: "" }, { id: ["a"] }, "a\u0007", null].map((entry) =>
      read(entry)
    )
    expect(reasons.map(({ value }) => value)).toEqual(reasons.map(() => undefined))
    expect(reasons.map(({ problems }) => problems)).toEqual(
      ["its id is missing", "its id is null", 'its id is ""', "its id is a list", 'it is "a\\u0007"', "it is null"].map(
        (why) => [{ place: "list[3]", message: `${why}, so it was left out` }]
      )
    )
  })

  it("is left out when a vital member is wrong, or what has it, and not when that is missing", () => {
    const readVital = (entry: unknown) => decodeEntry(Entry, entry, "list[3]", ["bytes", "time.stop"])
    const wrong = [
      [{ bytes: "5" }, 'its bytes is "5"'],
      [{ time: { start: 1, stop: {} } }, "its time.stop is an object"],
      [{ time: 7 }, "its time is 7"],
      [{ time: {} }, "its time.start is missing"]
    ] as const
    for (const [members, why] of wrong) {
      const problems = [{ place: "list[3]", message: `${why}, so it was left out` }]
      expect(readVital({ id: "a", ...members })).toEqual({ value: undefined, problems })
    }
    for (const members of [{}, { bytes: null, time: null }, { time: { start: 1, stop: null } }, { tags: "x" }]) {
      expect(readVital({ id: "a", ...members }).value?.id).toBe("a")
    }
  })
})

describe("the numbers of tools", () => {
  it("bytes are whole and within what a database holds", () => {
    const isBytes = (value: unknown) => decodeEntry(Bytes, value, "").value
    expect([0, 2 ** 53 - 1, 2n ** 63n - 1n].map(isBytes)).toEqual([0n, 2n ** 53n - 1n, 2n ** 63n - 1n])
    expect([-1, 1.5, Number.NaN, 2n ** 63n, "1", true].map(isBytes)).toEqual(Array(6).fill(undefined))
  })

  it("seconds are those of the years that a record can hold", () => {
    const instant = (value: unknown) => decodeEntry(EpochSeconds, value, "").value
    expect([0, "1795456435", 253402300799, -1, "-1"].map(instant)).toEqual([
      0n,
      1795456435000000n,
      253402300799000000n,
      -1000000n,
      -1000000n
    ])
    expect([253402300800, 10n ** 30n, "", "1e3", "--1", 0.5].map(instant)).toEqual(Array(6).fill(undefined))
  })
})
