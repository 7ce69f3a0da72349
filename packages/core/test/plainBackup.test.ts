import { Either, FastCheck as fc, Schema } from "effect"
import { assert, describe, it } from "vitest"
import { decodeListAnswer, ListAnswer } from "../src/http/index.ts"
import {
  Backup,
  decodeSourcedBackup,
  decodeSourcedBackupFast,
  describeParseError,
  encodeBackup,
  encodeKnownBackup,
  encodeSourcedBackup,
  encodeStoredBackup,
  type SourcedBackup
} from "../src/index.ts"
import { arbitrary } from "../src/testing/index.ts"

const line: fc.Arbitrary<Record<string, unknown>> = fc
  .tuple(
    arbitrary.backup,
    fc.record({
      nativeId: arbitrary.option(fc.string()),
      nativeParentId: arbitrary.option(fc.string()),
      suspect: arbitrary.option(fc.string())
    })
  )
  .map(([backup, more]) => {
    const { nativeId, nativeParentId, suspect } = more
    const encoded = Schema.encodeSync(Backup)(backup) as Record<string, unknown>
    return {
      ...encoded,
      native_id: nativeId._tag === "Some" ? nativeId.value : null,
      native_parent_id: nativeParentId._tag === "Some" ? nativeParentId.value : undefined,
      suspect: suspect._tag === "Some" ? suspect.value : undefined
    }
  })

const oddTimes = [
  "2026-02-28T23:59:59",
  "2026-02-29T00:00:00",
  "2024-02-29T00:00:00Z",
  "2026-06-31T00:00:00",
  "1900-02-29T12:00:00",
  "2100-02-29T12:00:00",
  "2000-02-29T12:00:00",
  "2026-04-31T00:00:00",
  "2026-01-31T00:00:00",
  "2026-13-01T00:00:00",
  "0099-01-01T00:00:00",
  "0100-01-01T00:00:00",
  "1969-12-31T23:59:59.999999Z",
  "2026-01-01T24:00:00",
  "2026-01-01T00:60:00",
  "2026-01-01T00:00:60",
  "2026-01-01T23:59:60",
  "2026-01-01T00:00:00.5Z",
  "2026-01-01T00:00:00.123456Z",
  "2026-01-01T00:00:00.1234567Z",
  "2026-01-01T00:00:00+02:00",
  "2026-01-01t00:00:00z",
  "2026-01-01 00:00:00",
  "2026-00-10T00:00:00",
  "2026-01-00T00:00:00",
  "2026-01-01T00:00:00,123456Z",
  "20 6-01-01T00:00:00",
  "2014-06-1/T00:00:00",
  "2014-06-1:T00:00:00",
  ""
]

const times = fc.oneof(
  fc.constantFrom(...oddTimes),
  fc
    .date({ noInvalidDate: true, min: new Date("0001-01-01"), max: new Date("9998-12-31") })
    .map((date) => date.toISOString()),
  fc
    .date({ noInvalidDate: true, min: new Date("0001-01-01"), max: new Date("9998-12-31") })
    .map((date) => date.toISOString().slice(0, 19))
)

const oddTexts = [
  ".",
  "..",
  "",
  "a b",
  "é",
  "名前",
  "a\u0085",
  "\u00a0",
  "\uffff",
  "😀",
  "\ud83d",
  "\u0000",
  "\ud800",
  ...[255, 1024, 4096, 16_384].flatMap((most) => ["a".repeat(most), "a".repeat(most + 1)]),
  "COMPLETED",
  "completed"
]

const oddOthers = [
  ...[null, undefined, true, -0, 0.5, -0.5, -1, 5, Number.NaN, Number.POSITIVE_INFINITY],
  ...[2 ** 33, 2 ** 33 + 1, 1e9, 1e300],
  { type: "MySQL" },
  { type: "" },
  { type: "x", version: 5 },
  { type: "x", version: "5", version_id: null },
  [],
  ["a"],
  {}
]

const odd = fc.oneof(
  times,
  fc.string({ unit: "binary" }),
  fc.string({ minLength: 254, maxLength: 257 }),
  fc.constantFrom(...oddTexts),
  fc.double(),
  fc.integer(),
  fc.constantFrom(...oddOthers)
)

const members = [
  "id",
  "name",
  "description",
  "status",
  "created",
  "updated",
  "size",
  "instance_id",
  "parent_id",
  "locationRef",
  "datastore",
  "native_id",
  "native_parent_id",
  "suspect",
  "project_id",
  "retired_at",
  "more"
]

const same = (value: unknown) => {
  const slow = decodeSourcedBackup(value)
  const fast = decodeSourcedBackupFast(value)
  assert.strictEqual(Either.isRight(fast), Either.isRight(slow), JSON.stringify(value))
  if (Either.isRight(slow) && Either.isRight(fast)) assert.deepStrictEqual({ ...fast.right }, { ...slow.right })
}

/** A record of which nothing is left to the schema. */
const plain = {
  id: "a",
  name: "nightly",
  description: "by hand",
  status: "COMPLETED",
  created: "2014-06-19T15:56:58",
  updated: "2014-06-19T15:56:59Z",
  size: 0.5,
  instance_id: "db-1",
  parent_id: "b",
  locationRef: "s3://bucket/a",
  datastore: { type: "MySQL", version: "8.0", version_id: "v-8" }
}

/** The plain record with one odd member, in every way. */
const plainButForOne = [...oddTimes, ...oddTexts, ...oddOthers].flatMap((value) => [
  ...members.map((member) => ({ ...plain, [member]: value })),
  ...["type", "version", "version_id"].map((member) => ({
    ...plain,
    datastore: { ...plain.datastore, [member]: value }
  }))
])

const decodePage = Schema.decodeUnknownEither(ListAnswer)

const samePage = (json: unknown) => {
  const slow = decodePage(json)
  const fast = decodeListAnswer(json)
  assert.strictEqual(Either.isRight(fast), Either.isRight(slow), JSON.stringify(json))
  if (Either.isRight(slow) && Either.isRight(fast)) assert.deepStrictEqual(fast.right, slow.right)
  if (Either.isLeft(slow) && Either.isLeft(fast)) {
    assert.strictEqual(describeParseError(fast.left, "it"), describeParseError(slow.left, "it"))
  }
}

const record = arbitrary.backup.chain((backup) =>
  fc
    .record({ project: fc.constantFrom("1234", ".", "a b", null, 5), retired: fc.oneof(times, fc.constant(null)) })
    .chain(({ project, retired }) =>
      fc.subarray(["project_id", "retired_at"]).map((names) => ({
        ...encodeBackup(backup),
        ...(names.includes("project_id") ? { project_id: project } : {}),
        ...(names.includes("retired_at") ? { retired_at: retired } : {})
      }))
    )
)

describe("the fast way of a page", () => {
  it("is that of its schema, in what it gives and in the fault that it finds", () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 4 }), fc.constantFrom(...members), odd, (records, member, value) => {
        samePage({ backups: records })
        samePage({ backups: records, links: [{ rel: "next", href: "?marker=a" }], more: 1 })
        samePage({ backups: [...records, { ...records[0], [member]: value }] })
        samePage({ backups: records, links: value })
      }),
      { numRuns: 500 }
    )
  })

  it("is that of its schema for a plain record with any one odd member", () => {
    samePage({ backups: [plain] })
    for (const one of plainButForOne) samePage({ backups: [plain, one] })
  })

  it("is that of its schema where there is no page", () => {
    for (const json of [null, undefined, 1, "text", [], {}, { backups: {} }, { backups: [null] }, { backups: [[]] }]) {
      samePage(json)
    }
    for (const links of [undefined, null, [], {}, [{}], [{ rel: "next" }], [{ rel: "next", href: 1 }]]) {
      samePage({ backups: [], links })
    }
  })
})

describe("the fast ways of records", () => {
  it("decode what the schema decodes, to the same, and refuse what it refuses", () => {
    fc.assert(
      fc.property(line, times, (record, created) => {
        same(record)
        same({ ...record, created })
      }),
      { numRuns: 500 }
    )
  })

  it("agree with the schema on records with one odd member, or without one", () => {
    fc.assert(
      fc.property(line, fc.constantFrom(...members), odd, (record, member, value) => {
        same({ ...record, [member]: value })
        const { [member]: _, ...without } = record
        same(without)
      }),
      { numRuns: 3000 }
    )
    for (const value of [null, undefined, 1, "text", [], [{}], {}, new Date()]) same(value)
  })

  it("agree with the schema on a plain record with any one odd member", () => {
    same(plain)
    for (const one of plainButForOne) same(one)
  })

  it("encode every backup as the schema does, member for member and in its order but for the id, which is last", () => {
    fc.assert(
      fc.property(arbitrary.backup, (backup) => {
        const { id, project_id: _, retired_at: __, ...members } = encodeBackup(backup)
        assert.strictEqual(JSON.stringify(encodeStoredBackup(backup)), JSON.stringify({ ...members, id }))
        assert.deepStrictEqual(encodeKnownBackup(backup), encodeBackup(backup))
      }),
      { numRuns: 500 }
    )
  })

  it("read back what a line of an import was written from", () => {
    fc.assert(
      fc.property(line, (record) => {
        const first = decodeSourcedBackup(record)
        if (Either.isLeft(first)) return
        const again = decodeSourcedBackupFast(JSON.parse(encodeSourcedBackup(first.right)))
        assert.isTrue(Either.isRight(again))
        if (Either.isRight(again)) assert.deepStrictEqual({ ...again.right } as SourcedBackup, { ...first.right })
      })
    )
  })
})
