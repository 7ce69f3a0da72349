import { Either, FastCheck as fc, Option, Schema } from "effect"
import { assert, describe, it } from "vitest"
import {
  decodeSourcedBackup,
  describeParseErrors,
  encodeSourcedBackup,
  eventFromMarker,
  ImportMode,
  Marker,
  markerFromEvent,
  type SourcedBackup,
  SourceName
} from "../src/index.ts"
import { arbitrary } from "../src/testing/index.ts"

const isSourceName = Schema.is(SourceName)

const line = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .filter((text) => text.length > 0 && !/\p{Cc}|\p{Surrogate}/u.test(text))

const option = <A>(some: fc.Arbitrary<A>) => fc.option(some, { nil: undefined }).map(Option.fromNullable)

const sourced: fc.Arbitrary<SourcedBackup> = fc
  .tuple(arbitrary.backup, option(line), option(line), option(line))
  .map(([backup, nativeId, nativeParentId, suspect]) => ({ ...backup, nativeId, nativeParentId, suspect }))

const record = {
  id: "a",
  name: "n",
  status: "COMPLETED",
  created: "2026-01-02T03:04:05Z",
  updated: "2026-01-02T03:04:05Z"
}

describe("a record of a source", () => {
  it("is the same after it was a line, to the microsecond, and has no line end within", () => {
    fc.assert(
      fc.property(sourced, (backup) => {
        const text = encodeSourcedBackup(backup)
        assert.notMatch(text, /[\n\r]/)
        const again = Either.getOrThrow(decodeSourcedBackup(JSON.parse(text)))
        assert.strictEqual(encodeSourcedBackup(again), text)
        assert.deepStrictEqual([again.created, again.updated], [backup.created, backup.updated])
        assert.deepStrictEqual([again.id, again.nativeId, again.suspect], [backup.id, backup.nativeId, backup.suspect])
      }),
      { numRuns: 500 }
    )
  })

  it("needs no more than a backup does, and leaves out what nobody knows", () => {
    const decoded = Either.getOrThrow(decodeSourcedBackup({ ...record, more: 1, project_id: "99", retired_at: "x" }))
    assert.doesNotHaveAnyKeys(decoded, ["more", "projectId", "retiredAt"])
    assert.isTrue(Option.isNone(decoded.nativeId))
    assert.isTrue(Either.isRight(decodeSourcedBackup({ ...record, native_id: null, suspect: null })))
  })

  it.each([
    ["an empty native id", { native_id: "" }],
    ["a native id of 1,025 characters", { native_id: "x".repeat(1025) }],
    ["a native parent with a line end", { native_parent_id: "a\nb" }],
    ["a reason to suspect it with half a character", { suspect: "\ud800" }],
    ["a reason to suspect it that is a boolean", { suspect: true }],
    ["no id", { id: undefined }],
    ["an id of two dots", { id: ".." }]
  ])("with %s is none", (_, members) => {
    assert.isTrue(Either.isLeft(decodeSourcedBackup({ ...record, ...members })))
  })

  it.each([
    [{ native_id: "" }, "native_id must have 1 to 1024 characters"],
    [{ native_parent_id: "a\nb" }, "native_parent_id must have 1 to 1024 characters, and no control characters"],
    [{ suspect: "\ud800" }, "suspect must be valid Unicode text"]
  ])("is refused with %j for what is wrong with it", (members, message) => {
    const refused = Either.getOrThrow(Either.flip(decodeSourcedBackup({ ...record, ...members })))
    assert.strictEqual(describeParseErrors(refused, "it"), message)
  })

  it("may have a native id of 1,024 characters", () => {
    assert.isTrue(Either.isRight(decodeSourcedBackup({ ...record, native_id: "x".repeat(1024) })))
  })
})

describe("the name of a source", () => {
  it("has 1 to 255 characters, and none of control", () => {
    for (const good of ["pg-main", "x".repeat(255), "💾".repeat(255), "a b/c", "ä", "😀", "."])
      assert.isTrue(isSourceName(good), good)
    for (const bad of ["", "x".repeat(256), "a\nb", "\u0000", "a\u007f", "\ud800"])
      assert.isFalse(isSourceName(bad), bad)
  })
})

describe("the mode of an import", () => {
  it("is one of two words, and the refusal names both", () => {
    const decode = Schema.decodeUnknownEither(ImportMode)
    assert.isTrue(Either.isRight(decode("snapshot")))
    for (const bad of ["SNAPSHOT", "", null, "full"]) {
      assert.include(String(Either.getOrThrow(Either.flip(decode(bad))).message), "must be snapshot or merge")
    }
  })
})

describe("the marker of an event", () => {
  it("stands for its place, and no other text does", () => {
    for (const place of [0n, 1n, 10n ** 18n - 1n]) assert.strictEqual(eventFromMarker(markerFromEvent(place)), place)
    for (const text of ["h1.", "h1.-1", "h1.1 ", "h1.1.1", "H1.1", "h2.1", "h1.1e3", `h1.${"9".repeat(19)}`, "a"]) {
      assert.isUndefined(eventFromMarker(Marker.make(text)), text)
    }
  })
})
