import { Backup } from "@backup-catalog/core"
import { FastCheck as fc, Option, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { barman } from "../../src/barman/barman.ts"
import { allSamples, at, descriptionOf, inventoryOf, json, refusalOf, sample } from "../support/samples.ts"

const utf8 = new TextEncoder()
const BERLIN = { timeZone: "Europe/Berlin" }

/** Server, id, status, begin and end in microseconds, bytes, and the id of the record. */
type Row = readonly [string, string, string, bigint, bigint, bigint | null, string]

// Python: datetime.fromisoformat(begin_time).timestamp() * 10**6 and deduplicated_size of each backup of diagnose.json,
// and uuid.uuid5(namespace, '["prod","barman",SERVER,ID]').
const rows: ReadonlyArray<Row> = [
  [
    "crm",
    "20261123T175347",
    "COMPLETED",
    1795456427750919n,
    1795456429310494n,
    41721340n,
    "0c1ffb96-7aa4-527e-a0cc-7d2cf43ab0d7"
  ],
  [
    "crm",
    "20261123T175354",
    "COMPLETED",
    1795456434086224n,
    1795456435468346n,
    3285864n,
    "289d71c6-d91d-52b2-a182-2958055a4296"
  ],
  [
    "shop-primary",
    "20261123T175347",
    "COMPLETED",
    1795456427605533n,
    1795456429604936n,
    37479555n,
    "bec857c7-8d37-552a-ba0a-22b25941eb8e"
  ],
  [
    "shop-primary",
    "20261123T175351",
    "COMPLETED",
    1795456431828880n,
    1795456433730955n,
    37618823n,
    "c3fac4b4-0899-58a0-abbd-6fb658699b28"
  ],
  [
    "shop-primary",
    "20261123T175456",
    "COMPLETED",
    1795456496212893n,
    1795456509957000n,
    37618820n,
    "42bca753-28d1-5111-988c-30533e43e3c0"
  ],
  [
    "shop-primary",
    "20261123T175516",
    "COMPLETED",
    1795456516580125n,
    1795456518981156n,
    37618820n,
    "ccafa5eb-1869-5011-bd5d-404c22a9344c"
  ],
  [
    "shop-primary",
    "20261123T175631",
    "FAILED",
    1795456591128307n,
    1795456591128307n,
    null,
    "5f1205df-a4a0-53d5-b1ce-59dda70b6d97"
  ],
  [
    "shop-primary",
    "20261123T175635",
    "COMPLETED",
    1795456595633260n,
    1795456597371322n,
    37618820n,
    "2bf2c467-0d16-501f-a691-39eec264d639"
  ]
]

// Of diagnose-3.13.json, in the same way: Barman 3.13.3 with PostgreSQL 17. The zone of its host was another one at
// first.
const newer: ReadonlyArray<Row> = [
  [
    "shop",
    "20261129T080326",
    "COMPLETED",
    1795952006789561n,
    1795952177426029n,
    38346694n,
    "bb8e0cab-abb2-5f1b-9487-5361c08260f9"
  ],
  [
    "shop",
    "20261129T081018",
    "COMPLETED",
    1795952418383595n,
    1795952419212679n,
    38346694n,
    "bff1f7d3-0635-5d8f-9595-1ae44171ccb9"
  ],
  [
    "shop",
    "20261129T081020",
    "COMPLETED",
    1795952420989636n,
    1795952421847406n,
    3102732n,
    "e69b93f0-a553-571b-87a3-34f898479e2c"
  ],
  [
    "shop",
    "20261129T081113",
    "FAILED",
    1795952473967837n,
    1795952473967837n,
    null,
    "6cd77f3d-2f88-55c6-9dce-d8a41d7a2e86"
  ],
  [
    "shop",
    "20261129T124555",
    "COMPLETED",
    1795952755486084n,
    1795952756154852n,
    38346694n,
    "23ef3c0b-3eb1-522b-ada0-ab396855e42d"
  ],
  [
    "shop",
    "20261129T124559",
    "COMPLETED",
    1795952759986153n,
    1795952761498900n,
    38346698n,
    "0dfb6918-2ecf-5844-8371-fa20a1f810d7"
  ],
  [
    "shop",
    "20261129T124604",
    "SAVING",
    1795952764358684n,
    1795952765481662n,
    38346698n,
    "cfae14ff-fbcc-5835-98aa-2d1f60a4f610"
  ],
  [
    "магазин.2",
    "20261129T081025",
    "COMPLETED",
    1795952425976834n,
    1795952426264380n,
    24132855n,
    "38d50541-6ebf-5553-aa4d-50b201c38d56"
  ],
  [
    "магазин.2",
    "20261129T081028",
    "COMPLETED",
    1795952428088309n,
    1795952428304922n,
    24132855n,
    "a1dcfeff-ba49-5b04-b149-b3f6488dd7c3"
  ],
  [
    "магазин.2",
    "20261129T081109",
    "BUILDING",
    1795952469522551n,
    1795952471259835n,
    638623399n,
    "bcfc13ea-a7b5-5232-9997-103c8fa60a5f"
  ]
]

// jq -r 'to_entries[] | select(.key[0:1] != "_") | .key as $s | .value[] | [$s, .backup_id, .status,
// .end_time_timestamp, .size_bytes] | @tsv'
const listed: ReadonlyArray<readonly [string, string, string, bigint, bigint | null]> = [
  ["crm", "20261123T175354", "COMPLETED", 1795456435n, 41754189n],
  ["crm", "20261123T175347", "COMPLETED", 1795456429n, 41737820n],
  ["shop-primary", "20261123T175635", "COMPLETED", 1795456597n, 37635284n],
  // FAILED tells no time; 17:56:31 on 23 November 2026 in UTC.
  ["shop-primary", "20261123T175631", "FAILED", 1795456591n, null],
  ["shop-primary", "20261123T175516", "COMPLETED", 1795456518n, 37635279n],
  ["shop-primary", "20261123T175456", "COMPLETED", 1795456509n, 37635303n],
  ["shop-primary", "20261123T175351", "COMPLETED", 1795456433n, 37635283n],
  ["shop-primary", "20261123T175347", "COMPLETED", 1795456429n, 37512410n]
]

const rowsOf = (path: string, options = {}): ReadonlyArray<Row> =>
  inventoryOf(barman, sample(path), { source: "prod", ...options }).records.map(({ backup, nativeId }) => [
    Option.getOrThrow(backup.instanceId),
    nativeId,
    backup.status,
    backup.created,
    backup.updated,
    Option.getOrNull(Option.map(backup.size, (size) => BigInt(size.value))),
    backup.id
  ])

const entry = (members: Record<string, unknown> = {}) => ({
  status: "DONE",
  begin_time: "2026-11-23T14:24:56.960733-03:30",
  end_time: "2026-11-23T14:25:12.000001-03:30",
  size: 40,
  deduplicated_size: 30,
  version: 150018,
  mode: "postgres",
  error: null,
  systemid: "7711425329158494106",
  ...members
})

const diagnosis = (backups: Record<string, unknown>, members: Record<string, unknown> = {}) => ({
  global: {
    config: { barman_home: "/srv/barman", errors_list: [] },
    system_info: { barman_ver: "3.4.0", timestamp: "2026-11-23T18:56:56.987583+01:00" }
  },
  servers: { main: { backups, config: { basebackups_directory: "/srv/barman/main/base" } } },
  ...members
})

const diagnosed = (backups: Record<string, unknown>, options = {}) =>
  inventoryOf(barman, json(diagnosis(backups)), options)

const one = (members: Record<string, unknown>, options = {}) => {
  const [record] = diagnosed({ "20261123T175456": entry(members) }, options).records
  if (record === undefined) throw new Error("no record")
  return record.backup
}

describe("the samples of Barman", () => {
  it("diagnose is read to the microsecond and the byte", () => {
    expect(rowsOf("barman/diagnose.json")).toEqual(rows)
    expect(inventoryOf(barman, sample("barman/diagnose.json"))).toMatchObject({ complete: true, problems: [] })
  })

  it("diagnose tells versions, folders and errors", () => {
    const { records } = inventoryOf(barman, sample("barman/diagnose.json"))
    for (const { backup } of records) {
      expect(Option.getOrThrow(backup.datastore)).toMatchObject({ type: "PostgreSQL", version: Option.some("15.18") })
      expect(backup.parentId).toEqual(Option.none())
    }
    const [crm] = records
    expect(crm?.backup.locationRef).toEqual(Option.some("/tmp/tools/barman/pub/crm/base/20261123T175347"))
    const failed = records.find((record) => record.backup.status === "FAILED")
    expect(failed && descriptionOf(failed.backup)).toContain("failure copying files")
  })

  it("diagnose of Barman 3.13 is read likewise, with increments on their parents", () => {
    const { records, problems, complete } = inventoryOf(barman, sample("barman/diagnose-3.13.json"))
    expect(rowsOf("barman/diagnose-3.13.json")).toEqual(newer)
    expect([problems.map(({ place }) => place), complete]).toEqual([["alt", "leer"], false])
    expect(records.flatMap(({ nativeId, nativeParentId: parent }) => (parent ? [[nativeId, parent]] : []))).toEqual([
      ["20261129T081020", "20261129T081018"]
    ])
  })

  it("list-backups of Barman 3.13 gives the same ids, and says what it does not tell", () => {
    const { records, problems, complete } = inventoryOf(barman, sample("barman/list-backups-all-3.13.json"), {
      source: "prod",
      timeZone: "America/St_Johns"
    })
    expect(new Set(records.map(({ backup }) => backup.id))).toEqual(new Set(newer.map((row) => row[6])))
    const increment = records.find(({ nativeId }) => nativeId === "20261129T081020")?.backup
    expect(increment && [descriptionOf(increment), increment.parentId]).toEqual([
      "20261129T081020; incremental",
      Option.none()
    ])
    expect(problems).toEqual([
      {
        place: "shop",
        message:
          "20261129T081020 is incremental, and this list does not say to which backup: import what `barman diagnose` prints instead"
      },
      { place: "leer", message: expect.stringContaining("Barman lists no backup of this server") },
      { place: "_INFO[0]", message: expect.stringContaining("Skipping inactive server 'alt'") }
    ])
    expect(complete).toBe(false)
  })

  it("show-backup of Barman 3.13 gives the record of diagnose", () => {
    expect(rowsOf("barman/show-backup-shop-20261129T081020.json")).toEqual([newer[2]])
  })

  it("list-backups gives the same ids, with the times of its epoch seconds", () => {
    const found = rowsOf("barman/list-backups-all.json", { timeZone: "UTC" })
    expect(
      found.map(([server, id, status, created, updated, bytes]) => [server, id, status, created, updated, bytes])
    ).toEqual(
      listed.map(([server, id, status, end, bytes]) => [server, id, status, end * 1_000_000n, end * 1_000_000n, bytes])
    )
    expect(new Set(found.map((row) => row[6]))).toEqual(new Set(rows.map((row) => row[6])))
  })

  it("list-backups needs a zone for a backup that tells no time, and says how to give it", () => {
    const refusal = refusalOf(barman, sample("barman/list-backups-all.json"))
    expect(refusal).toContain("20261123T175631 of shop-primary")
    expect(refusal).toContain("--time-zone")
    expect(refusalOf(barman, sample("barman/list-backups-all.json"), { timeZone: "Mars/Olympus" })).toContain(
      "Mars/Olympus"
    )
    const berlin = inventoryOf(barman, sample("barman/list-backups-all.json"), BERLIN).records
    expect(berlin.filter(({ backup }) => backup.status === "FAILED").map(({ backup }) => at(backup.created))).toEqual([
      "2026-11-23T16:56:31.000000Z"
    ])
  })

  it("list-backups without any backup is an empty list", () => {
    const empty = inventoryOf(barman, sample("barman/list-backups-all-empty.json"))
    expect(empty).toEqual({ records: [], problems: [], complete: true })
  })

  it("show-backup gives the record of diagnose, and is never all", () => {
    for (const [server, id, status, created, updated, bytes, record] of rows) {
      const path = `barman/show-backup-${server}-${id}.json`
      const times = status === "FAILED" ? [1795456591000000n, 1795456591000000n] : [created, updated]
      expect(rowsOf(path, { timeZone: "UTC" })).toEqual([[server, id, status, ...times, bytes, record]])
      expect(inventoryOf(barman, sample(path), { timeZone: "UTC" })).toMatchObject({ complete: false, isPart: true })
    }
    expect(refusalOf(barman, sample("barman/show-backup-shop-primary-20261123T175631.json"))).toContain("--time-zone")
  })

  it("a list of servers, and texts for people, are refused with the command to run", () => {
    for (const file of ["list-servers.json", "list-backups-all.txt", "list-backups-minimal.txt", "backup-failed.log"]) {
      expect(refusalOf(barman, sample(`barman/${file}`))).toContain("barman diagnose")
    }
  })

  it("are known for what they are, and no sample of another tool is", () => {
    const own = (path: string) => /^barman\/(?:diagnose|list-backups-all|show-backup-).*\.json$/.test(path)
    expect(allSamples().filter((path) => barman.detect(sample(path)))).toEqual(allSamples().filter(own))
  })

  it("read twice give the same", () => {
    const twice = [1, 2].map(() => inventoryOf(barman, sample("barman/diagnose.json")))
    expect(twice[0]).toEqual(twice[1])
  })
})

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

describe("parents in Barman", () => {
  it("the backup before another in time is not its parent", () => {
    const { records } = inventoryOf(barman, sample("barman/show-backup-crm-20261123T175354.json"))
    expect(records.map((record) => [record.nativeParentId, record.backup.parentId])).toEqual([
      [undefined, Option.none()]
    ])
  })

  it("a block-level increment has the parent that Barman names, also when that is gone", () => {
    const { records } = diagnosed({
      "20261123T175456": entry({}),
      "20261123T180000": entry({ parent_backup_id: "20261123T175456" })
    })
    const [parent, child] = records
    expect(child?.nativeParentId).toBe("20261123T175456")
    expect(child?.backup.parentId).toEqual(Option.some(parent?.backup.id))
    const alone = diagnosed({ "20261123T180000": entry({ parent_backup_id: "20261123T175456" }) })
    expect(alone).toMatchObject({ problems: [], complete: true })
    expect(alone.records[0]?.backup.parentId).toEqual(Option.some(parent?.backup.id))
  })

  it("show-backup of Barman 3.11 and later tells it too, and other names for sizes", () => {
    const shown = {
      main: {
        backup_id: "20261123T180000",
        status: "DONE",
        backup_type: "incremental",
        postgresql_version: 170002,
        base_backup_information: {
          backup_method: "postgres",
          backup_size_bytes: 77,
          begin_time: "2026-11-23 18:00:00.5+00:00",
          begin_time_timestamp: "1795456800",
          end_time_timestamp: "1795456801"
        },
        catalog_information: { parent_backup_id: "20261123T175456", root_backup_id: "20261122T000000" }
      }
    }
    const [record] = inventoryOf(barman, json(shown)).records
    expect(record?.nativeParentId).toBe("20261123T175456")
    expect(record?.backup.size).toEqual(Option.some({ unit: "bytes", value: 77n }))
    expect(record && [at(record.backup.created), at(record.backup.updated)]).toEqual([
      "2026-11-23T18:00:00.500000Z",
      "2026-11-23T18:00:01.000000Z"
    ])
  })
})

describe("whether a list of Barman is whole", () => {
  const list = {
    main: [{ backup_id: "20261123T110000", status: "DONE", end_time_timestamp: "1795456435", size_bytes: 1 }]
  }

  it("a server that was passed over may hide backups", () => {
    const { records, problems, complete } = inventoryOf(
      barman,
      json({ _INFO: ["Skipping inactive server 'old'"], ...list })
    )
    expect([records.length, complete]).toEqual([1, false])
    expect(problems).toEqual([
      { place: "_INFO[0]", message: expect.stringContaining("Skipping inactive server 'old'") }
    ])
  })

  it("a server whose name begins as Barman's messages do is a server", () => {
    const { records, problems, complete } = inventoryOf(barman, json({ _main: list.main, _old: [] }))
    expect(records.map(({ backup }) => backup.instanceId)).toEqual(list.main.map(() => Option.some("_main")))
    expect([problems.map(({ place }) => place), complete]).toEqual([["_old"], false])
    expect(refusalOf(barman, json({ _main: ["20261123T110000"] }))).toContain("has only ids")
  })

  it("warnings hide nothing", () => {
    const { complete, problems } = inventoryOf(
      barman,
      json({ _WARNING: ["No backup strategy set for server 'main'"], ...list })
    )
    expect([complete, problems]).toEqual([true, []])
  })

  it("errors refuse it, with Barman's own words", () => {
    for (const level of ["_ERROR", "_EXCEPTION"]) {
      expect(refusalOf(barman, json({ [level]: ["Unknown server 'nosuch'"], ...list }))).toContain(
        "Unknown server 'nosuch'"
      )
    }
  })

  it("a Barman that names no server says nothing of the backups that there are", () => {
    const { servers: _, ...global } = diagnosis({})
    for (const nothing of [{}, { _WARNING: ["x"] }, { ...global, servers: {} }]) {
      const { records, complete, problems } = inventoryOf(barman, json(nothing))
      expect([records, complete, problems.length]).toEqual([[], false, 1])
    }
  })

  it("a configuration in error, and a server without a list, may hide backups", () => {
    const wrong = diagnosis({ "20261123T175456": entry({}) })
    const conflicting = { ...wrong, global: { config: { errors_list: ["Conflicting path: wals_directory"] } } }
    expect(inventoryOf(barman, json(conflicting))).toMatchObject({ complete: false, records: [expect.anything()] })
    const without = { ...wrong, servers: { ...wrong.servers, other: { config: {} } } }
    const { records, complete, problems } = inventoryOf(barman, json(without))
    expect([records.length, complete]).toEqual([1, false])
    expect(problems.map(({ place }) => place)).toEqual(["other"])
  })

  it("a server without backups beside others may be one whose folder is not there", () => {
    const answer = JSON.parse(new TextDecoder().decode(sample("barman/diagnose-3.13.json")))
    const { shop } = answer.servers
    const withShop = (members: Record<string, unknown>) =>
      inventoryOf(barman, json({ ...answer, servers: { ...answer.servers, shop: { ...shop, ...members } } }))
    const missing = { place: "shop", message: expect.stringContaining("Barman lists no backup of this server") }
    // `alt` of the sample is not in use, and `leer` has WAL and was never backed up.
    const others = [expect.objectContaining({ place: "alt" }), expect.objectContaining({ place: "leer" })]
    expect(withShop({})).toMatchObject({ problems: others, complete: false })
    const active = { value: false, source: "/etc/barman.d/shop.conf" }
    for (const members of [
      { backups: {} },
      { backups: {}, wals: { last_archived_wal_per_timeline: {} } },
      { backups: {}, config: { active } }
    ]) {
      const { records, problems, complete } = withShop(members)
      expect(records.map(({ backup }) => Option.getOrThrow(backup.instanceId))).toEqual(Array(3).fill("магазин.2"))
      expect([problems, complete]).toEqual([[...others, missing], false])
    }
    const listed = inventoryOf(barman, json({ ...list, shop: [] }))
    expect(listed).toMatchObject({ records: [{ nativeId: "20261123T110000" }], problems: [missing], complete: false })
  })

  it("a Barman without any backup is an empty list, which retires nothing unless that is asked for", () => {
    for (const nothing of [diagnosis({}), { main: [], shop: [] }]) {
      expect(inventoryOf(barman, json(nothing))).toEqual({ records: [], problems: [], complete: true })
    }
  })

  it("diagnose with -f json is the same, in a message", () => {
    const bare = new TextDecoder().decode(sample("barman/diagnose.json"))
    for (const answer of [
      { _INFO: [bare] },
      { _WARNING: ["No backup strategy set for server 'crm'"], _INFO: [bare] }
    ]) {
      expect(inventoryOf(barman, json(answer))).toEqual(inventoryOf(barman, sample("barman/diagnose.json")))
    }
  })

  it("answers of barman-cloud are refused, and their command is named", () => {
    const backup = {
      backup_name: "nightly",
      begin_time: "Tue Aug 13 20:56:58 2024",
      begin_wal: "000000010000000000000004",
      end_time: "Tue Aug 13 20:56:59 2024",
      deduplicated_size: 1024,
      size: 2048,
      mode: "concurrent",
      parent_backup_id: null,
      server_name: "main",
      status: "DONE",
      version: 150008,
      snapshots_info: null,
      backup_id: "20240813T205658"
    }
    const failed = { ...backup, status: "FAILED", begin_wal: null, end_time: null }
    for (const [command, answer] of [
      ["barman-cloud-backup-show", { main: backup }],
      ["barman-cloud-backup-show", { main: failed }],
      ["barman-cloud-backup-list", { backups_list: [backup] }],
      ["barman-cloud-backup-list", { backups_list: [failed] }]
    ] as const) {
      expect(refusalOf(barman, json(answer))).toBe(
        `This is what ${command} printed, which is not read: give what \`barman diagnose\` printed, or \`barman -f json list-backups all\`.`
      )
      expect(barman.detect(json(answer))).toBe(true)
    }
  })

  it("ids without anything else are refused", () => {
    expect(refusalOf(barman, json({ main: ["20261123T110000"], other: [] }))).toContain("has only ids")
  })
})

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

describe("what Barman writes to stderr", () => {
  const answer = sample("barman/diagnose.json")

  it("warnings are none of the list's business, in colour or not", () => {
    for (const stderr of [
      "WARNING: No backup strategy set for server 'crm' (using default 'concurrent_backup').\n",
      "\u001b[33mWARNING: No backup strategy set\u001b[0m\n",
      "/usr/lib/python3/dist-packages/barman/utils.py:1: SyntaxWarning: invalid escape sequence\n  re.compile('\\d')\n"
    ]) {
      expect(inventoryOf(barman, answer, { stderr }).records).toHaveLength(rows.length)
    }
  })

  it("errors refuse it, with Barman's own words", () => {
    expect(refusalOf(barman, answer, { stderr: "WARNING: a\nERROR: Unknown server 'nosuch'\n" })).toContain(
      "Unknown server 'nosuch'"
    )
  })
})
