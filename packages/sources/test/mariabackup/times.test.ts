import { assert, describe, it } from "vitest"
import { mariabackup } from "../../src/mariabackup/mariabackup.ts"
import { flat, inventoryOf, refusalOf } from "../support/samples.ts"
import { backupIn, everything, importOf, sampleFolder, type Written } from "./support.ts"

describe("times", () => {
  it("need a zone", () => {
    const words = refusalOf(mariabackup, everything)
    assert.include(words, "--time-zone Europe/Berlin")
    assert.include(refusalOf(mariabackup, everything, { timeZone: "Mars/Olympus" }), "Mars/Olympus is not a time zone")
  })

  it("need no zone where there is no metadata that has one", () => {
    const { records } = inventoryOf(mariabackup, sampleFolder("aborted-2026-11-23"))
    assert.lengthOf(records, 1)
  })

  it("are read in the zone that was given", () => {
    const [record] = importOf(backupIn("a", { start: "2026-07-01 04:28:10", end: "2026-07-01 05:00:00" }), {
      timeZone: "Europe/Berlin"
    }).records
    assert.strictEqual(record && flat(record.backup).created, "2026-07-01T02:28:10.000000Z")
    assert.strictEqual(record && flat(record.backup).updated, "2026-07-01T03:00:00.000000Z")
  })

  it("are reported where the UUID was made at another time, which a wrong zone makes them", () => {
    const { problems, records } = importOf(sampleFolder("full-2026-11-23"), { timeZone: "Asia/Kolkata" })
    assert.lengthOf(records, 1)
    assert.deepStrictEqual(
      problems.map(({ place }) => place),
      ["full-2026-11-23"]
    )
    assert.include(problems[0]?.message, "the time zone may be another one")
  })

  it("of a repeated hour are taken as the UUID tells", () => {
    // uuid.UUID(...).time: 2026-10-25 00:40 UTC, the first 02:40 of Berlin that day, and 01:40 UTC, the second.
    const first = {
      uuid: "9bf67000-d00c-11f1-8000-000000000001",
      start: "2026-10-25 02:30:00",
      end: "2026-10-25 02:40:00"
    }
    const second = { ...first, uuid: "fdbad800-d014-11f1-8000-000000000001" }
    const at = (backup: Written) =>
      importOf(backupIn("a", backup), { timeZone: "Europe/Berlin" }).records.map(({ backup }) => [
        flat(backup).created,
        flat(backup).updated
      ])
    assert.deepStrictEqual(at(first), [["2026-10-25T00:30:00.000000Z", "2026-10-25T00:40:00.000000Z"]])
    assert.deepStrictEqual(at(second), [["2026-10-25T01:30:00.000000Z", "2026-10-25T01:40:00.000000Z"]])
  })

  it("have no end before the start, though the clock of the host was put back meanwhile", () => {
    const [record] = importOf(backupIn("a", { start: "2026-11-23 01:00:10", end: "2026-11-23 01:00:05" })).records
    assert.strictEqual(record && flat(record.backup).created, "2026-11-23T01:00:10.000000Z")
    assert.strictEqual(record && flat(record.backup).updated, "2026-11-23T01:00:10.000000Z")
  })

  it("that are none are reported, and those of the files are taken", () => {
    const { records, problems } = importOf(backupIn("a", { end: "yesterday" }))
    assert.strictEqual(records[0] && flat(records[0].backup).updated, "2026-11-23T18:00:00.000000Z")
    assert.include(problems[0]?.message, "yesterday")
  })
})
