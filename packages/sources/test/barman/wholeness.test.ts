import { Option } from "effect"
import { describe, expect, it } from "vitest"
import { barman } from "../../src/barman/barman.ts"
import { inventoryOf, json, refusalOf, sample } from "../support/samples.ts"
import { diagnosis, entry, rows } from "./outputs.ts"

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
