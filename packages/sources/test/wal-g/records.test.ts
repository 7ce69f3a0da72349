import { Backup } from "@backup-catalog/core"
import { Option, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { walG } from "../../src/wal-g/wal-g.ts"
import { at, descriptionOf, inventoryOf, json, sample } from "../support/samples.ts"
import { DELTA, entry, FULL, imported, rowsOf, utf8 } from "./outputs.ts"

const only = (members: Record<string, unknown>, options = {}) => {
  const [record] = inventoryOf(walG, json([entry(FULL, members)]), options).records
  if (record === undefined) throw new Error("no record")
  return record.backup
}

describe("a record of WAL-G", () => {
  it("has the same id with --detail and without, and from before storages had names", () => {
    const ids = [
      {},
      { storage_name: "default" },
      { storage_name: "" },
      { pg_version: 150018, start_time: "2026-11-23T02:00:00Z" }
    ]
    expect(new Set(ids.map((members) => only(members).id)).size).toBe(1)
    expect(only({ storage_name: "other" }).id).not.toBe(only({}).id)
  })

  it("tells what it is on, where it is, that it is permanent, and the user's data", () => {
    const { records } = inventoryOf(walG, sample("wal-g/postgres-detail.json"))
    expect(records.map(({ backup }) => descriptionOf(backup))).toEqual([
      "permanent",
      `delta, on ${FULL}; user data: {"ticket":"OPS-1187","größe":18446744073709551615}`,
      `delta, on ${DELTA}`,
      "delta, on base_000000020000000700000043; in the storage far away; user data: copied by hand"
    ])
  })

  it("is permanent in a plain list, too, where that says so", () => {
    expect(descriptionOf(only({ IsPermanent: true }))).toBe("permanent")
    expect(descriptionOf(only({ IsPermanent: false }))).toBe("")
  })

  it("knows no time that Go writes as the year 1", () => {
    const zero = "0001-01-01T00:00:00Z"
    const { created, updated } = only({ start_time: zero, finish_time: zero })
    expect([at(created), at(updated)]).toEqual(["2026-11-23T02:02:59.000000Z", "2026-11-23T02:02:59.000000Z"])
    const { records, problems, complete } = imported(entry(FULL, { time: zero }))
    expect([records, complete]).toEqual([[], false])
    expect(problems).toEqual([{ place: "[0]", message: "it has no time, so it was left out" }])
  })

  it("has a system identifier above 2^53 digit for digit, as a number or a text", () => {
    const text = JSON.stringify([entry(FULL, { system_identifier: 1 })])
    for (const written of ["18446744073709551615", '"18446744073709551615"']) {
      const bytes = utf8.encode(text.replace('"system_identifier":1', `"system_identifier":${written}`))
      expect(rowsOf(bytes)[0]?.[5]).toBe("18446744073709551615")
    }
  })

  it("is of the host where its system identifier was not kept, and of none without", () => {
    for (const system_identifier of [0, "0", null]) {
      expect(only({ system_identifier, hostname: "db-1" }).instanceId).toEqual(Option.some("db-1"))
      expect(only({ system_identifier, hostname: "" }).instanceId).toEqual(Option.none())
    }
  })

  it("is of no known datastore when nothing tells one", () => {
    const plain = imported(entry("stream_20261122T210815Z", { wal_file_name: "ZZZZZZZZZZZZZZZZZZZZZZZZ" })).records
    expect(plain.map(({ backup }) => backup.datastore)).toEqual([Option.none()])
  })

  it("of Greenplum is of its flavour, where a newer WAL-G says it", () => {
    const typeOf = (members: Record<string, unknown>) =>
      imported({ Name: "backup_20261123T010000Z", gp_version: "1.6.0", start_time: "2026-11-23T01:00:00Z", ...members })
        .records.map(({ backup }) => Option.getOrThrow(backup.datastore))
        .map(({ type, version }) => [type, Option.getOrNull(version)])
    for (const gp_flavor of [undefined, null, "", "greenplum"]) {
      expect(typeOf({ gp_flavor })).toEqual([["Greenplum", "1.6.0"]])
    }
    expect(typeOf({ gp_flavor: "cloudberry" })).toEqual([["Cloudberry", "1.6.0"]])
    expect(typeOf({ gp_flavor: "another" })).toEqual([["another", "1.6.0"]])
  })

  it("has its folder below the place that was given, unless it is in another storage", () => {
    const location = "s3://backups/orders"
    expect(only({}, { location }).locationRef).toEqual(Option.some(`${location}/basebackups_005/${FULL}`))
    expect(only({ storage_name: "far away" }, { location }).locationRef).toEqual(Option.none())
  })

  it("survives any name", () => {
    for (const name of ["журнал", "x".repeat(300), "a\u0000b", "half \ud800"]) {
      const { records } = imported(entry(name, { hostname: name, user_data: { [name]: name }, storage_name: name }))
      expect(records.map(({ backup, nativeId }) => [Schema.is(Backup)(backup), nativeId])).toEqual([[true, name]])
    }
  })
})
