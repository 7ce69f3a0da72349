import { Backup } from "@backup-catalog/core"
import { FastCheck as fc, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { barman } from "../../src/barman/barman.ts"
import { at, inventoryOf, json, refusalOf, sample } from "../support/samples.ts"
import { BERLIN, diagnosed, diagnosis, entry, rows } from "./outputs.ts"

describe("a damaged answer of Barman", () => {
  it("an entry that is broken is left out and reported, and the rest is imported", () => {
    const { records, problems, complete } = diagnosed({
      "20261123T175456": entry({}),
      bad: 5,
      "no time": entry({ begin_time: null, end_time: null })
    })
    expect(records.map(({ nativeId }) => nativeId)).toEqual(["20261123T175456"])
    expect(problems.map(({ place }) => place)).toEqual(["main.bad", "main.no time"])
    expect(complete).toBe(false)
  })

  it("a backup without any time is left out, and then nothing is retired", () => {
    const untimed = entry({ begin_time: null, end_time: null })
    const { records, problems, complete } = diagnosed({ "20261123T175456": entry({}), "no time": untimed })
    expect([records.length, complete]).toEqual([1, false])
    expect(problems).toEqual([
      { place: "main.no time", message: "Barman gives no time of the backup, and its id has none, so it was left out" }
    ])
  })

  it("a member that is broken is ignored and reported, and the entry is imported without it", () => {
    const { records, problems, complete } = diagnosed({
      "20261123T175456": entry({ begin_time: "yesterday", deduplicated_size: -3, version: "15", error: ["x"] })
    })
    expect(records.map(({ backup }) => at(backup.created))).toEqual(["2026-11-23T17:55:12.000001Z"])
    expect(problems.map(({ place }) => place.replace("main.20261123T175456.", "")).toSorted()).toEqual([
      "begin_time",
      "deduplicated_size",
      "error",
      "version"
    ])
    expect(complete).toBe(true)
  })

  it("a backup whose parent cannot be read is left out, and then nothing is retired", () => {
    const parent_backup_id = { value: "20261123T100000" }
    const { records, problems, complete } = diagnosed({ "20261123T175456": entry({ parent_backup_id }) })
    expect([records, problems.map(({ place }) => place), complete]).toEqual([[], ["main.20261123T175456"], false])
    const listed = { main: [{ backup_id: "20261123T175456", backup_type: 5, status: "DONE", end_time_timestamp: "1" }] }
    expect(inventoryOf(barman, json(listed))).toMatchObject({ records: [], complete: false })
    for (const catalog_information of [{ parent_backup_id }, "none"]) {
      const shown = { main: { backup_id: "20261123T175456", status: "DONE", catalog_information } }
      const found = inventoryOf(barman, json(shown), { timeZone: "UTC" })
      expect([found.records, found.complete, found.isPart]).toEqual([[], false, undefined])
    }
  })

  it("a configuration whose errors cannot be read may hide backups", () => {
    const odd = { ...diagnosis({ "20261123T175456": entry({}) }), global: { config: { errors_list: "none" } } }
    expect(inventoryOf(barman, json(odd))).toMatchObject({ complete: false, records: [expect.anything()] })
  })

  it("a list whose server is no list is imported without it", () => {
    const done = { backup_id: "20261123T110000", status: "DONE", end_time_timestamp: "1795456435", size_bytes: "x" }
    const { records, problems, complete } = inventoryOf(barman, json({ main: [done, null], other: null }))
    expect([records.length, complete]).toEqual([1, false])
    expect(problems.map(({ place }) => place)).toEqual(["main[0].size_bytes", "main[1]", "other"])
  })

  it("an answer that was cut off is refused, wherever it was, and still known for Barman's", () => {
    for (const path of ["diagnose.json", "list-backups-all.json", "show-backup-crm-20261123T175354.json"]) {
      const whole = sample(`barman/${path}`)
      expect(barman.detect(whole.subarray(0, whole.length >> 1))).toBe(true)
      const last = new TextDecoder().decode(whole).trimEnd().length - 1
      fc.assert(
        fc.property(fc.integer({ min: 0, max: last }), (end) => {
          expect(refusalOf(barman, whole.subarray(0, end), BERLIN).length).toBeGreaterThan(20)
        }),
        { numRuns: 30 }
      )
    }
  })

  it("the answer of another tool is refused in a sentence", () => {
    for (const other of [[], [{ time: "x" }], { archives: [], repository: {} }, "text", 5, null]) {
      expect(refusalOf(barman, json(other))).toBe(
        "This is not a list of backups of Barman: give what `barman diagnose` printed, or `barman -f json list-backups all`."
      )
    }
  })

  it("no value in place of another crashes it", () => {
    const names = [
      "status",
      "begin_time",
      "end_time",
      "size",
      "deduplicated_size",
      "version",
      "error",
      "backup_name",
      "parent_backup_id"
    ]
    fc.assert(
      fc.property(fc.subarray(names), fc.jsonValue(), (some, value) => {
        const odd = Object.fromEntries(some.map((name) => [name, value]))
        for (const { backup } of diagnosed({ "20261123T175456": entry(odd) }, BERLIN).records) {
          expect(Schema.is(Backup)(backup)).toBe(true)
        }
      })
    )
  })

  it("the order of its entries changes no record", () => {
    const entries = rows.map(
      ([, id, , begin], n) =>
        [
          `${id}${n}`,
          entry({ status: n % 2 === 0 ? "STARTED" : "DONE", begin_time: new Date(Number(begin / 1000n)).toISOString() })
        ] as const
    )
    const text = (_: string, value: unknown) => (typeof value === "bigint" ? value.toString() : value)
    const recordsOf = (some: typeof entries) =>
      new Set(
        diagnosed(Object.fromEntries(some)).records.map(
          ({ backup }) => `${backup.id} ${backup.status} ${JSON.stringify(backup.created, text)}`
        )
      )
    const whole = recordsOf(entries)
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (shuffled) => {
        expect(recordsOf(shuffled)).toEqual(whole)
      })
    )
  })
})
