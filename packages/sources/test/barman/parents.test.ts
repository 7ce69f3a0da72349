import { Option } from "effect"
import { describe, expect, it } from "vitest"
import { barman } from "../../src/barman/barman.ts"
import { at, descriptionOf, inventoryOf, json, sample } from "../support/samples.ts"
import { diagnosed, entry } from "./outputs.ts"

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

  it("an increment whose parent an answer does not tell is suspect, though diagnose told it before", () => {
    const id = "20261123T180000"
    const told = diagnosed({ [id]: entry({ parent_backup_id: "20261123T175456" }) }).records[0]
    expect([told?.nativeParentId, told?.suspect]).toEqual(["20261123T175456", undefined])
    const times = { end_time_timestamp: "1795456801" }
    const increment = { backup_id: id, backup_type: "incremental", status: "DONE" }
    const listed = (members = {}) => ({ main: [{ ...increment, ...times, ...members }] })
    const shown = (members = {}) => ({ main: { ...increment, base_backup_information: times, ...members } })
    const suspect = "what this incremental backup is on is not known"
    for (const answer of [listed(), shown(), shown({ catalog_information: { parent_backup_id: null } })]) {
      const [record] = inventoryOf(barman, json(answer)).records
      expect(record).toMatchObject({ backup: { id: told?.backup.id, parentId: Option.none() }, suspect })
      expect(record && descriptionOf(record.backup)).toContain(suspect)
    }
    expect(inventoryOf(barman, json(shown())).problems).toContainEqual({
      place: "main.catalog_information.parent_backup_id",
      message: `it is missing, so ${suspect}`
    })
    for (const answer of [
      listed({ backup_type: "full" }),
      listed({ backup_type: undefined }),
      // It is not finished, so it is not usable anyway.
      listed({ status: "WAITING_FOR_WALS" }),
      shown({ catalog_information: { parent_backup_id: "20261123T175456" } })
    ]) {
      expect(inventoryOf(barman, json(answer)).records.map((record) => record.suspect)).toEqual([undefined])
    }
  })
})
