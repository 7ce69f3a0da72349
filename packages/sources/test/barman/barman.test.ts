import { Option } from "effect"
import { describe, expect, it } from "vitest"
import { barman } from "../../src/barman/barman.ts"
import { allSamples, at, descriptionOf, inventoryOf, refusalOf, sample } from "../support/samples.ts"
import { BERLIN, type Row, rows } from "./outputs.ts"

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
// .end_time_timestamp, .size_bytes] | @tsv', and the id in UTC by Python's calendar.timegm.
const listed: ReadonlyArray<readonly [string, string, string, bigint, bigint, bigint | null]> = [
  ["crm", "20261123T175354", "COMPLETED", 1795456434n, 1795456435n, 41754189n],
  ["crm", "20261123T175347", "COMPLETED", 1795456427n, 1795456429n, 41737820n],
  ["shop-primary", "20261123T175635", "COMPLETED", 1795456595n, 1795456597n, 37635284n],
  // FAILED tells no time.
  ["shop-primary", "20261123T175631", "FAILED", 1795456591n, 1795456591n, null],
  ["shop-primary", "20261123T175516", "COMPLETED", 1795456516n, 1795456518n, 37635279n],
  ["shop-primary", "20261123T175456", "COMPLETED", 1795456496n, 1795456509n, 37635303n],
  ["shop-primary", "20261123T175351", "COMPLETED", 1795456431n, 1795456433n, 37635283n],
  ["shop-primary", "20261123T175347", "COMPLETED", 1795456427n, 1795456429n, 37512410n]
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
    const suspect = "what this incremental backup is on is not known"
    expect(increment && [descriptionOf(increment), increment.parentId]).toEqual([
      `20261129T081020; incremental; ${suspect}`,
      Option.none()
    ])
    expect(records.flatMap((record) => record.suspect ?? [])).toEqual([suspect])
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

  it("list-backups gives the same ids, with the starts of those and the ends of its epoch seconds", () => {
    const found = rowsOf("barman/list-backups-all.json", { timeZone: "UTC" })
    expect(
      found.map(([server, id, status, created, updated, bytes]) => [server, id, status, created, updated, bytes])
    ).toEqual(
      listed.map(([server, id, status, start, end, bytes]) => [
        server,
        id,
        status,
        start * 1_000_000n,
        end * 1_000_000n,
        bytes
      ])
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
