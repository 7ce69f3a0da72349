import { Backup } from "@backup-catalog/core"
import { Option, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { barman } from "../../src/barman/barman.ts"
import { at, descriptionOf, inventoryOf, json, refusalOf } from "../support/samples.ts"
import { BERLIN, diagnosed, diagnosis, entry } from "./outputs.ts"

const utf8 = new TextEncoder()

const one = (members: Record<string, unknown>, options = {}) => {
  const [record] = diagnosed({ "20261123T175456": entry(members) }, options).records
  if (record === undefined) throw new Error("no record")
  return record.backup
}

describe("a record of Barman", () => {
  it("has the status that Barman's means", () => {
    const statuses = ["EMPTY", "STARTED", "SYNCING", "WAITING_FOR_WALS", "DONE", "FAILED"].map(
      (status) => one({ status }).status
    )
    expect(statuses).toEqual(["NEW", "BUILDING", "BUILDING", "SAVING", "COMPLETED", "FAILED"])
  })

  it("is FAILED with Barman's word when that is not known, and reported", () => {
    for (const [status, word, found] of [
      ["COPYING", "COPYING", "the catalog does not know the status COPYING"],
      [null, "missing", "Barman gives no status"]
    ]) {
      const { records, problems, complete } = diagnosed({ "20261123T175456": entry({ status }) })
      expect(records.map(({ backup }) => [backup.status, descriptionOf(backup)])).toEqual([
        ["FAILED", `postgres; Barman's status of it is ${word}`]
      ])
      const advice = "see what `barman show-backup main 20261123T175456` says of it"
      expect(problems).toEqual([
        { place: "main.20261123T175456.status", message: `${found}, so the backup is imported as FAILED: ${advice}` }
      ])
      expect(complete).toBe(true)
    }
  })

  it("that is at work is FAILED when one of its server began later", () => {
    const started = entry({ status: "STARTED", begin_time: "2026-11-23T10:00:00+00:00", end_time: null, size: null })
    const statusBeside = (other: Record<string, unknown>, id = "20261123T110000") =>
      diagnosed({ "20261123T100000": started, [id]: entry({ begin_time: "2026-11-23T11:00:00+00:00", ...other }) })
        .records[0]?.backup.status
    expect(statusBeside({ status: "DONE" })).toBe("FAILED")
    expect(statusBeside({ status: "WAITING_FOR_WALS" })).toBe("FAILED")
    // Barman makes one backup of a server at a time, but takes over those of another Barman in any order.
    expect(statusBeside({ status: "STARTED" })).toBe("FAILED")
    expect(statusBeside({ status: "FAILED" })).toBe("FAILED")
    expect(statusBeside({ status: "EMPTY", begin_time: null, end_time: null })).toBe("FAILED")
    expect(statusBeside({ status: "SYNCING" })).toBe("BUILDING")
    expect(statusBeside({ status: "STARTED", begin_time: "2026-11-23T09:00:00+00:00" })).toBe("BUILDING")
    const syncing = (status: string) =>
      diagnosed({
        "20261123T100000": { ...started, status: "SYNCING" },
        "20261123T110000": entry({ begin_time: "2026-11-23T11:00:00+00:00", status })
      }).records[0]?.backup.status
    expect(["STARTED", "WAITING_FOR_WALS", "DONE"].map(syncing)).toEqual(["BUILDING", "FAILED", "FAILED"])
    // The next one that is finished changes nothing of it.
    const more = [11, 12].map((hour) => [`20261123T${hour}0000`, entry({ begin_time: `2026-11-23T${hour}:00:00Z` })])
    const [before, after] = [1, 2].map((count) =>
      diagnosed({ "20261123T100000": started, ...Object.fromEntries(more.slice(0, count)) })
    )
    expect(after?.records[0]).toEqual(before?.records[0])
    expect(statusBeside({ status: "DONE", begin_time: "2026-11-23T09:00:00+00:00" })).toBe("BUILDING")
    const servers = {
      main: { backups: { "20261123T100000": started }, config: {} },
      other: { backups: { "20261123T110000": entry({ begin_time: "2026-11-23T11:00:00+00:00" }) }, config: {} }
    }
    const apart = inventoryOf(barman, json({ ...diagnosis({}), servers })).records[0]?.backup
    expect(apart?.status).toBe("BUILDING")
  })

  it("that is at work is FAILED in list-backups too, where only the ids tell the order", () => {
    const done = { backup_id: "20261123T110000", status: "DONE", end_time_timestamp: "1795456435", size_bytes: 1 }
    const list = {
      main: [
        done,
        { backup_id: "20261123T100000", status: "STARTED" },
        { backup_id: "20261123T120000", status: "STARTED" }
      ]
    }
    const { records } = inventoryOf(barman, json(list), { timeZone: "UTC" })
    expect(records.map(({ backup }) => backup.status)).toEqual(["COMPLETED", "FAILED", "BUILDING"])
    expect(records[1] && descriptionOf(records[1].backup)).toContain(
      "Barman still says STARTED, but a later backup of the server has begun"
    )
  })

  it("that is at work is left out of show-backup, which does not tell of a later one", () => {
    for (const status of ["EMPTY", "STARTED", "SYNCING"]) {
      const shown = { main: { backup_id: "20261123T100000", status } }
      const { records, problems, complete, isPart } = inventoryOf(barman, json(shown))
      expect([records, complete, isPart]).toEqual([[], false, undefined])
      expect(problems[0]).toEqual({
        place: "main",
        message: expect.stringContaining(`the status is ${status}, and only a list of all backups`)
      })
    }
  })

  it("that is at work is of the second hour that the clocks repeat where another one ended after the first", () => {
    const done = (backup_id: string, end: string) => ({
      backup_id,
      status: "DONE",
      end_time_timestamp: String(Date.parse(end) / 1000)
    })
    const started = { backup_id: "20261025T023000", status: "STARTED" }
    const found = (...others: ReadonlyArray<object>) =>
      inventoryOf(barman, json({ main: [started, ...others] }), BERLIN)
        .records.slice(0, 1)
        .map(({ backup }) => [backup.status, at(backup.created)])
    const [first, second] = ["2026-10-25T00:30:00.000000Z", "2026-10-25T01:30:00.000000Z"]
    const during = done("20261025T025500", "2026-10-25T00:59:00Z")
    expect(found(during)).toEqual([["BUILDING", second]])
    expect(found(done("20261025T020000", "2026-10-25T00:40:00Z"))).toEqual([["BUILDING", second]])
    expect(found(during, done("20261025T031000", "2026-10-25T02:20:00Z"))).toEqual([["FAILED", second]])
    // It was at work through the second one itself, or in the summer's hour only.
    expect(found(done("20261025T025500", "2026-10-25T01:45:00Z"))).toEqual([["FAILED", first]])
    expect(found(done("20261025T010000", "2026-10-25T00:20:00Z"))).toEqual([["BUILDING", first]])
    const failed = inventoryOf(barman, json({ main: [{ ...started, status: "FAILED" }, during] }), BERLIN).records[0]
    expect(failed && at(failed.backup.created)).toBe(first)
  })

  it("that began in the second hour that the clocks repeat is later than one whose id alone tells of that hour", () => {
    const { records } = diagnosed(
      {
        "20261025T024500": entry({ begin_time: "2026-10-25T02:45:00+02:00", end_time: "2026-10-25T02:50:00+02:00" }),
        "20261025T021500": entry({ status: "EMPTY", begin_time: null, end_time: null }),
        "20261025T023000": entry({ status: "STARTED", begin_time: "2026-10-25T02:30:00+01:00", end_time: null })
      },
      BERLIN
    )
    expect(records.map(({ backup }) => backup.status)).toEqual(["COMPLETED", "FAILED", "BUILDING"])
  })

  it("has the instants of times in any zone", () => {
    const { created, updated } = one({})
    expect([at(created), at(updated)]).toEqual(["2026-11-23T17:54:56.960733Z", "2026-11-23T17:55:12.000001Z"])
  })

  it("has one time for both when only one is told", () => {
    const started = one({ end_time: null })
    expect(started.updated).toBe(started.created)
    const ended = one({ begin_time: null })
    expect(at(ended.created)).toBe("2026-11-23T17:55:12.000001Z")
  })

  it("needs a zone for the times of Barman 2, which have none", () => {
    const old = json({
      ...diagnosis({
        "20261123T175456": entry({ begin_time: "Mon Nov 23 17:54:56 2026", end_time: "Sun Nov  1 01:00:00 2026" })
      }),
      global: { config: {}, system_info: { barman_ver: "2.10", timestamp: "Mon Nov 23 18:00:00 2026" } }
    })
    expect(refusalOf(barman, old)).toContain("--time-zone")
    const [record] = inventoryOf(barman, old, BERLIN).records
    expect(record && [at(record.backup.created), at(record.backup.updated)]).toEqual([
      "2026-11-23T16:54:56.000000Z",
      "2026-11-01T00:00:00.000000Z"
    ])
  })

  it("ends after it began, also in the hour that the clocks repeat", () => {
    const old = json(
      diagnosis({
        "20261025T023000": entry({ begin_time: "Sun Oct 25 02:30:00 2026", end_time: "Sun Oct 25 02:10:00 2026" })
      })
    )
    const [record] = inventoryOf(barman, old, BERLIN).records
    expect(record && [at(record.backup.created), at(record.backup.updated)]).toEqual([
      "2026-10-25T00:30:00.000000Z",
      "2026-10-25T01:10:00.000000Z"
    ])
  })

  it("of list-backups began when its id says where its zone is given, else when it ended", () => {
    const end = "2026-11-30T17:00:00.000000Z"
    const createdOf = (backup_id: string, timeZone?: string) => {
      const done = { backup_id, status: "DONE", end_time_timestamp: String(Date.parse(end) / 1000) }
      const [record] = inventoryOf(barman, json({ main: [done] }), { timeZone }).records
      expect(record && [at(record.backup.updated), descriptionOf(record.backup)]).toEqual([end, ""])
      return record && at(record.backup.created)
    }
    expect(createdOf("20261129T120000", "Europe/Berlin")).toBe("2026-11-29T11:00:00.000000Z")
    expect(createdOf("20261130T180000", "Europe/Berlin")).toBe(end)
    expect(createdOf("20261129T120000")).toBe(end)
    // In another zone it would have begun after it ended.
    expect(createdOf("20261130T180000", "UTC")).toBe(end)
    expect(createdOf("nightly", "UTC")).toBe(end)
    const ended = one({ begin_time: null, end_time: "2026-11-23T17:55:12+00:00" }, BERLIN)
    expect(at(ended.created)).toBe("2026-11-23T16:54:56.000000Z")
  })

  it("of list-backups began when it ended where one of its server shows that ids are not in the zone", () => {
    const startsOf = (list: ReadonlyArray<readonly [id: string, end: string, status?: string]>, timeZone: string) => {
      const backups = list.map(([backup_id, end, status = "DONE"]) => ({
        backup_id,
        status,
        end_time_timestamp: String(Date.parse(`${end}Z`) / 1000)
      }))
      return inventoryOf(barman, json({ main: backups }), { timeZone }).records.map(({ backup }) =>
        at(backup.created).slice(0, 19)
      )
    }
    const [one, other, third] = ["2026-11-28T04:20:00", "2026-11-28T04:50:00", "2026-11-29T05:00:00"]
    // Made one after the other from 04:10, 04:30 and 04:45 in UTC.
    const three = [
      ["20261129T044500", third, "WAITING_FOR_WALS"],
      ["20261128T043000", other],
      ["20261128T041000", one]
    ] as const
    expect(startsOf(three, "UTC")).toEqual(["2026-11-29T04:45:00", "2026-11-28T04:30:00", "2026-11-28T04:10:00"])
    expect(startsOf(three, "Europe/Berlin")).toEqual([third, other, one])
    expect(startsOf(three, "Atlantic/Azores")).toEqual([third, other, one])
    // Nothing shows it of these.
    expect(
      startsOf(
        [
          ["20261129T044500", third],
          ["20261128T041000", one]
        ],
        "Europe/Berlin"
      )
    ).toEqual(["2026-11-29T03:45:00", "2026-11-28T03:10:00"])
    // The hour that the clocks repeat, and two that ended in one second.
    const repeated = [
      ["20261025T023000", "2026-10-25T01:31:00"],
      ["20261025T025000", "2026-10-25T00:55:00"]
    ] as const
    expect(startsOf(repeated, "Europe/Berlin")).toEqual(["2026-10-25T00:30:00", "2026-10-25T00:50:00"])
    for (const list of [
      ["20261128T042000", "20261128T041000"],
      ["20261128T041000", "20261128T042000"]
    ]) {
      expect(
        startsOf(
          list.map((id) => [id, one] as const),
          "UTC"
        )
      ).toContain("2026-11-28T04:10:00")
    }
  })

  it("takes a time from its id in the offset of Barman's own clock, and says so", () => {
    const empty = one({ status: "EMPTY", begin_time: null, end_time: null })
    expect(at(empty.created)).toBe("2026-11-23T16:54:56.000000Z")
    expect(descriptionOf(empty)).toContain("from its id, read in +01:00")
    const told = one({ status: "EMPTY", begin_time: null, end_time: null }, { timeZone: "-03:30" })
    expect(at(told.created)).toBe("2026-11-23T21:24:56.000000Z")
  })

  it("takes the bytes on disk for its size, else all of its files, else none", () => {
    const sizes = [{}, { deduplicated_size: null }, { deduplicated_size: null, size: null }].map((size) =>
      Option.getOrNull(one(size).size)
    )
    expect(sizes).toEqual([{ unit: "bytes", value: 30n }, { unit: "bytes", value: 40n }, null])
  })

  it("has no size when it is of snapshots of disks, of which Barman has but the label", () => {
    expect(one({ mode: "snapshot", size: 227, deduplicated_size: 227 }).size).toEqual(Option.none())
    const listed = {
      backup_id: "20261123T110000",
      backup_type: "snapshot",
      status: "DONE",
      end_time_timestamp: "1795456435",
      size_bytes: 16777443
    }
    const shown = {
      backup_id: "20261123T110000",
      backup_type: "snapshot",
      status: "DONE",
      base_backup_information: {
        backup_method: "snapshot",
        backup_size_bytes: 227,
        begin_time_timestamp: "1795456430",
        end_time_timestamp: "1795456435"
      },
      snapshots_info: { provider: "gcp", provider_info: { project: "shop" }, snapshots: [] }
    }
    // As Barman 3.4 shows it.
    const { backup_type: _, base_backup_information: base, ...older } = shown
    const { backup_method: __, ...sizes } = base
    const olderShown = { ...older, base_backup_information: { ...sizes, incremental_size_bytes: 227 } }
    for (const answer of [{ main: [listed] }, { main: shown }, { main: olderShown }]) {
      expect(inventoryOf(barman, json(answer)).records.map(({ backup }) => backup.size)).toEqual([Option.none()])
    }
  })

  it("is suspect when it is of a database that the server had before, as its systemid tells", () => {
    const suspectBeside = (status: unknown, members: Record<string, unknown> = {}) => {
      const servers = { main: { backups: { "20261123T175456": entry(members) }, config: {}, status } }
      const { records, problems } = inventoryOf(barman, json({ ...diagnosis({}), servers }))
      expect(problems).toEqual([])
      const [record] = records
      if (record?.suspect !== undefined) expect(descriptionOf(record.backup)).toContain(record.suspect)
      return record?.suspect
    }
    const own = entry().systemid
    const before =
      "it is of the database that the server had before, as its systemid tells: a restore brings that back, and not the present one"
    for (const status of [
      { postgres_systemid: "7713554919919116980", streaming_systemid: "7713554919919116980" },
      { postgres_systemid: "7713554919919116980" },
      { postgres_systemid: null, streaming_systemid: "7713554919919116980" }
    ]) {
      expect(suspectBeside(status)).toBe(before)
      for (const members of [{ systemid: null }, { systemid: "" }, { status: "FAILED" }]) {
        expect(suspectBeside(status, members)).toBe(undefined)
      }
    }
    for (const status of [
      undefined,
      {},
      { postgres_systemid: null, streaming_systemid: "" },
      { postgres_systemid: own, streaming_systemid: own },
      { postgres_systemid: "7713554919919116980", streaming_systemid: own }
    ]) {
      expect(suspectBeside(status)).toBe(undefined)
    }
  })

  it("is called as it was named, with its id in the description", () => {
    const named = one({ backup_name: "vor dem Umzug" })
    expect([named.name, descriptionOf(named)]).toEqual(["vor dem Umzug", "20261123T175456; postgres"])
    expect(one({}).name).toBe("20261123T175456")
  })

  it("has the version that PostgreSQL's number means", () => {
    const versions = [150018, 100000, 90624, 0, null].map((version) =>
      Option.getOrThrow(one({ version }).datastore).version.pipe(Option.getOrNull)
    )
    expect(versions).toEqual(["15.18", "10.0", "9.6.24", null, null])
  })

  it("has the folder below the place that was given", () => {
    const placed = one({}, { location: "ssh://backup/srv/barman" })
    expect(placed.locationRef).toEqual(Option.some("ssh://backup/srv/barman/main/base/20261123T175456"))
    expect(one({}).locationRef).toEqual(Option.some("/srv/barman/main/base/20261123T175456"))
  })

  it("has the folder of its server in the storage of a cloud", () => {
    const placeIn = (basebackups_directory: unknown, options = {}) => {
      const servers = { main: { config: { basebackups_directory }, backups: { "20261123T175456": entry({}) } } }
      const { records, problems } = inventoryOf(barman, json({ ...diagnosis({}), servers }), options)
      expect(problems).toEqual([])
      return records.map(({ backup }) => Option.getOrNull(backup.locationRef))
    }
    for (const directory of ["s3://bucket/barman", "s3://bucket/barman/"]) {
      expect(placeIn(directory)).toEqual(["s3://bucket/barman/main/base/20261123T175456"])
    }
    expect(placeIn("https://account.blob.core.windows.net/box")).toEqual([
      "https://account.blob.core.windows.net/box/main/base/20261123T175456"
    ])
    expect(placeIn("/srv/barman/main/base")).toEqual(["/srv/barman/main/base/20261123T175456"])
    expect(placeIn("s3://bucket/barman", { location: "/mnt" })).toEqual(["/mnt/main/base/20261123T175456"])
    // As with --show-config-source.
    expect(placeIn({ value: "/srv/base", source: "/etc/barman.d/main.conf" })).toEqual(["/srv/base/20261123T175456"])
    expect(placeIn({ value: null, source: null })).toEqual([null])
  })

  it("survives any name of a server", () => {
    for (const name of ["магазин", "x".repeat(300), "a\u0000b", "half \ud800", "__proto__", "constructor"]) {
      const text = JSON.stringify({
        ...diagnosis({}),
        servers: { NAME: { backups: { "20261123T175456": entry({}) } } }
      })
      const bytes = utf8.encode(text.replace('"NAME"', JSON.stringify(name)))
      const { records } = inventoryOf(barman, bytes)
      expect(records.map(({ backup }) => Schema.is(Backup)(backup))).toEqual([true])
    }
  })
})
