import { parseInstant, parsePointInTime } from "@backup-catalog/core"
import { assert, describe, it } from "@effect/vitest"
import { formatAge } from "../src/rows/Age.ts"
import { formatSize, parseSize } from "../src/rows/Size.ts"
import { displayWidth, truncate } from "../src/terminal/displayWidth.ts"
import { escapeText } from "../src/terminal/escapeText.ts"

const HOUR = 3_600_000

describe("ages, sizes and texts as a person reads them", () => {
  it("ages are in the largest whole unit", () => {
    const ages = [0, 59_999, 60_000, HOUR - 1, HOUR, 24 * HOUR - 1, 24 * HOUR, 364 * 24 * HOUR, 4389 * 24 * HOUR]
    assert.deepStrictEqual(ages.map(formatAge), ["0s", "59s", "1m", "59m", "1h", "23h", "1d", "364d", "12y"])
  })

  it("a time still to come, as clocks that differ make it, has a sign; a moment does not", () => {
    assert.deepStrictEqual([-1, -3 * HOUR].map(formatAge), ["0s", "-3h"])
  })

  it("sizes are in the unit that leaves less than 1024 of it", () => {
    const sizes = [
      0n,
      1n,
      1023n,
      1024n,
      10_188n,
      10_200n,
      151_425_515n,
      1_073_741_823n,
      2n ** 30n,
      2n ** 60n,
      2n ** 70n
    ]
    assert.deepStrictEqual(sizes.map(formatSize), [
      "0 B",
      "1 B",
      "1023 B",
      "1.0 KiB",
      "9.9 KiB",
      "10 KiB",
      "144 MiB",
      "1.0 GiB",
      "1.0 GiB",
      "1024 PiB",
      "1048576 PiB"
    ])
  })

  it("sizes are read as bytes or in binary units, exactly", () => {
    for (const [text, bytes] of [
      ["0", 0n],
      ["1048576", 1_048_576n],
      ["512b", 512n],
      ["500M", 524_288_000n],
      ["1.5G", 1_610_612_736n],
      ["1.5 G", undefined],
      ["2T", 2_199_023_255_552n],
      ["2TiB", 2_199_023_255_552n],
      ["1kb", 1024n],
      ["0.0005k", 1n],
      ["0.1K", 102n],
      ["8191P", 9_222_246_136_947_933_184n],
      ["1.5", undefined],
      ["-1", undefined],
      ["1e3", undefined],
      ["1X", undefined],
      ["", undefined],
      ["G", undefined]
    ] as const) {
      assert.strictEqual(parseSize(text), bytes, text)
    }
  })

  it("what piles up on a character, or joins nothing, is visible beyond what any language needs", () => {
    const marks = (count: number) => "\u0301".repeat(count)
    assert.strictEqual(escapeText(`a${marks(8)}`), `a${marks(8)}`)
    assert.strictEqual(escapeText(`a${marks(10)}b`), `a${marks(8)}\\u0301\\u0301b`)
    assert.strictEqual(escapeText("a\u200d\u200d\u200cb"), "a\u200d\\u200d\\u200cb")
    for (const text of ["👩‍👩‍👧", "👍🏽", "❤️", "हिन्दी", "می‌خواهم", "葛\u{e0100}", "e\u0301"])
      assert.strictEqual(escapeText(text), text)
    assert.strictEqual(escapeText("\u034f\u17b4\u{1d173}\u{1bca0}"), "\\u034f\\u17b4\\ud834\\udd73\\ud82f\\udca0")
  })

  it("what could disturb a terminal is visible instead", () => {
    assert.strictEqual(
      escapeText("a\u001b[31m\nb\t\u0000\u009b\u007f"),
      "a\\u001b[31m\\u000ab\\u0009\\u0000\\u009b\\u007f"
    )
    assert.strictEqual(escapeText("\u202eevil\u2066\u200b\u2028\ufeff"), "\\u202eevil\\u2066\\u200b\\u2028\\ufeff")
  })

  it("what cannot be seen is visible instead, also above U+FFFF, as JSON writes it", () => {
    assert.strictEqual(escapeText("a\u3164\u115f\u1160\uffa0b"), "a\\u3164\\u115f\\u1160\\uffa0b")
    assert.strictEqual(escapeText("a\u{e0000}\u{e0041}\u{e007f}"), "a\\udb40\\udc00\\udb40\\udc41\\udb40\\udc7f")
  })

  it("what people write is left alone", () => {
    const texts = ["naïve", "日本語のバックアップ", "👩‍👩‍👧 family", "می‌خواهم", "C:\\backups", "🇨🇭"]
    assert.deepStrictEqual(texts.map(escapeText), texts)
  })

  it("widths are those of the terminal", () => {
    assert.deepStrictEqual(["nightly", "日本", "e\u0301", "👩‍👩‍👧", "🇨🇭", ""].map(displayWidth), [7, 4, 1, 2, 2, 0])
  })

  it("a text is cut between characters, never wider than asked", () => {
    assert.strictEqual(truncate("nightly", 7), "nightly")
    assert.strictEqual(truncate("nightly", 4), "nig…")
    assert.strictEqual(truncate("日本語", 4), "日…")
    assert.strictEqual(truncate("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 5), "👩‍👩‍👧👩‍👩‍👧…")
  })
})

describe("points in time", () => {
  const now = Date.UTC(2026, 10, 23, 12)
  const is = (text: string, expected: string) =>
    assert.strictEqual(parsePointInTime(text, now), parseInstant(expected), text)

  it("a duration is so long ago", () => {
    is("90s", "2026-11-23T11:58:30Z")
    is("30m", "2026-11-23T11:30:00Z")
    is("12h", "2026-11-23T00:00:00Z")
    is("7d", "2026-11-16T12:00:00Z")
    is("4w", "2026-10-26T12:00:00Z")
    is("0m", "2026-11-23T12:00:00Z")
    is("739578d", "0001-12-31T12:00:00Z")
    is("740209d", "0000-04-09T12:00:00Z")
  })

  it("a date is its midnight in UTC, a time without a zone is in UTC, and a zone counts", () => {
    is("2026-11-01", "2026-11-01T00:00:00Z")
    is("2026-11-01T08:30:00", "2026-11-01T08:30:00Z")
    is("2026-11-01 08:30:00", "2026-11-01T08:30:00Z")
    is("2026-11-01T08:30:00+02:00", "2026-11-01T06:30:00Z")
    is("2026-11-01T08:30:00.123456Z", "2026-11-01T08:30:00.123456Z")
  })

  it("anything else is none", () => {
    const texts = [
      "",
      "7",
      "d",
      "7 d",
      "-7d",
      "7D",
      "1.5h",
      "1y",
      "yesterday",
      "2026-02-30",
      "2026-13-01",
      "01.11.2026"
    ]
    for (const text of [...texts, "2026-11-01T25:00:00Z", "740400d", "999999999w"]) {
      assert.isUndefined(parsePointInTime(text, now), text)
    }
  })
})
