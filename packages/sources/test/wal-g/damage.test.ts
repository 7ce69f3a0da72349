import { Backup } from "@backup-catalog/core"
import { FastCheck as fc, Option, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { walG } from "../../src/wal-g/wal-g.ts"
import { at, json, refusalOf, sample } from "../support/samples.ts"
import { DELTA, entry, FULL, imported, utf8 } from "./outputs.ts"

describe("a damaged list of WAL-G", () => {
  it("an entry that is broken is left out and reported, and the rest is imported", () => {
    const { records, problems, complete } = imported(
      null,
      5,
      {},
      entry(""),
      entry(FULL),
      { BackupName: 7 },
      { Name: null }
    )
    expect(records.map(({ nativeId }) => nativeId)).toEqual([FULL])
    expect(problems.map(({ place }) => place)).toEqual(["[0]", "[1]", "[2]", "[3]", "[5]", "[6]"])
    expect(complete).toBe(false)
  })

  it("a member that is broken is ignored and reported, and the entry is imported without it", () => {
    const { records, problems, complete } = imported(
      entry(FULL, {
        start_time: "2026-11-23 02:00:00",
        compressed_size: "24 GB",
        uncompressed_size: 7,
        pg_version: "15",
        is_permanent: 1
      })
    )
    expect(records.map(({ backup }) => [at(backup.created), backup.size])).toEqual([
      ["2026-11-23T02:02:59.000000Z", Option.some({ unit: "bytes", value: 7n })]
    ])
    expect(problems.map(({ place }) => place).toSorted()).toEqual([
      "[0].compressed_size",
      "[0].is_permanent",
      "[0].pg_version",
      "[0].start_time"
    ])
    expect(complete).toBe(true)
  })

  it("a list that was cut off is refused, wherever it was, and still known for WAL-G's", () => {
    const whole = sample("wal-g/postgres-detail.json")
    const last = new TextDecoder().decode(whole).trimEnd().length - 1
    expect(walG.detect(whole.subarray(0, last >> 1))).toBe(true)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: last }), (end) => {
        expect(refusalOf(walG, whole.subarray(0, end)).length).toBeGreaterThan(20)
      }),
      { numRuns: 50 }
    )
  })

  it("the answer of another tool, and a text for people, are refused in a sentence", () => {
    for (const other of [[{ time: "x", tree: "y" }], { servers: {} }, "text", 5, [[]]]) {
      expect(refusalOf(walG, json(other))).toBe(
        "This is not a list of backups of WAL-G: give what `wal-g backup-list --detail --json` printed."
      )
    }
    const table =
      "name last_modified wal_segment_backup_start\nbase_000000010000000000000005 2021-03-04T05:06:07Z 000000010000000000000005\n"
    expect(refusalOf(walG, utf8.encode(table))).toContain("wal-g backup-list --detail --json")
  })

  it("a backup whose storage or parent cannot be read is left out, and then nothing is retired", () => {
    const greenplum = { Name: "backup_20221214T011500Z", gp_version: "6", start_time: "2026-11-23T02:02:59Z" }
    for (const odd of [entry(FULL, { storage_name: 5 }), { ...greenplum, increment_from: {} }]) {
      const { records, problems, complete } = imported(odd, entry(DELTA))
      expect(records.map(({ nativeId }) => nativeId)).toEqual([DELTA])
      expect([problems.map(({ place }) => place), complete]).toEqual([["[0]"], false])
    }
  })

  it("no value in place of another crashes it", () => {
    const names = [
      "time",
      "start_time",
      "compressed_size",
      "user_data",
      "system_identifier",
      "hostname",
      "storage_name",
      "is_permanent"
    ]
    const forms = [
      entry(FULL),
      { BackupName: "a", StartLocalTime: "2026-11-23T02:02:59Z" },
      { Name: "b", gp_version: "6", start_time: "2026-11-23T02:02:59Z" }
    ]
    fc.assert(
      fc.property(
        fc.subarray([...names, "UserData", "MongoMeta", "DataSize", "increment_from"]),
        fc.jsonValue(),
        (some, value) => {
          const odd = Object.fromEntries(some.map((name) => [name, value]))
          for (const { backup } of imported(...forms.map((form) => ({ ...form, ...odd })), entry(DELTA)).records) {
            expect(Schema.is(Backup)(backup)).toBe(true)
          }
        }
      )
    )
  })
})
