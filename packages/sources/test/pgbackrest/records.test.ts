import { Backup } from "@backup-catalog/core"
import { Option, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { pgbackrest } from "../../src/pgbackrest/pgbackrest.ts"
import { at, descriptionOf, inventoryOf, json, sample } from "../support/samples.ts"
import { backup, imported, read, stanza, utf8 } from "./outputs.ts"

const only = (members: Record<string, unknown>) => {
  const [record] = imported(stanza({ backup: [backup("20260101-000000F", members)] })).records
  if (record === undefined) throw new Error("no record")
  return record.backup
}

describe("a record of pgBackRest", () => {
  it("has the annotations in its description, in any alphabet", () => {
    const described = read("info.json").records.map((record) => descriptionOf(record.backup))
    expect(described[5]).toBe(
      "incr, on 20261123-175009F_20261123-175017I; repository 1; reason: before 4.2 migration; ticket: OPS-1187"
    )
    expect(descriptionOf(only({ annotation: { 理由: "до обновления" } }))).toBe(
      "full; repository 1; 理由: до обновления"
    )
  })

  it("is PostgreSQL in the version of the database that the backup is of, in its repository", () => {
    const databases = [
      { id: 1, "repo-key": 1, "system-id": 1, version: "14" },
      { id: 2, "repo-key": 1, "system-id": 2, version: "16" },
      { id: 1, "repo-key": 2, "system-id": 2, version: "15" }
    ]
    const versions = (
      [
        [1, 1],
        [2, 1],
        [1, 2],
        [9, 1]
      ] as const
    ).map(([id, key]) => {
      const one = backup("20260101-000000F", { database: { id, "repo-key": key } })
      const [record] = imported(stanza({ db: databases, backup: [one] })).records
      return Option.map(record?.backup.datastore ?? Option.none(), ({ type, version }) => [
        type,
        Option.getOrNull(version)
      ])
    })
    expect(versions).toEqual(["14", "16", "15", null].map((version) => Option.some(["PostgreSQL", version])))
  })

  it("is COMPLETED with the damage in its description when page checksums were wrong", () => {
    const damaged = only({ error: true })
    expect(damaged.status).toBe("COMPLETED")
    expect(descriptionOf(damaged)).toContain("wrong page checksums")
    expect(descriptionOf(only({ error: false }))).not.toContain("checksums")
  })

  it("is suspect when page checksums were wrong, and only then", () => {
    const suspects = [{ error: true }, { error: false }, { error: null }, { error: undefined }].map(
      (members) => imported(stanza({ backup: [backup("20260101-000000F", members)] })).records[0]?.suspect
    )
    expect(suspects).toEqual([
      "pgBackRest found wrong page checksums: a restore brings damaged pages back",
      undefined,
      undefined,
      undefined
    ])
  })

  it("is suspect, and reported, when what pgBackRest says of its errors is not understood", () => {
    for (const error of [1, "true", "no", {}]) {
      const { records, problems, complete } = imported(stanza({ backup: [backup("20260101-000000F", { error })] }))
      expect(records[0]?.suspect).toBe("what pgBackRest says of its errors is not understood, so it may be damaged")
      expect([problems.map(({ place }) => place), complete]).toEqual([["main[0].error"], true])
    }
  })

  it("is suspect when it is of a database before stanza-upgrade, in its repository", () => {
    const databases = [
      { id: 1, "repo-key": 1, "system-id": 1, version: "15" },
      { id: 2, "repo-key": 1, "system-id": 2, version: "15" },
      { id: 1, "repo-key": 2, "system-id": 1, version: "15" }
    ]
    const suspectOf = (id: number | null, key: number, members: Record<string, unknown> = {}) => {
      const one = backup("20260101-000000F", { database: { id, "repo-key": key }, ...members })
      const [record] = imported(stanza({ db: databases, backup: [one] })).records
      if (record?.suspect !== undefined) expect(descriptionOf(record.backup)).toContain(record.suspect)
      return record?.suspect
    }
    expect(suspectOf(1, 1)).toMatch(/^it is of the database that the stanza had before stanza-upgrade/)
    expect([suspectOf(2, 1), suspectOf(1, 2), suspectOf(null, 1)]).toEqual([undefined, undefined, undefined])
    expect(suspectOf(1, 1, { error: true })).toMatch(/wrong page checksums.*; it is of the database/)
  })

  it("is of the present database again where an upgrade was undone, as its system and version tell", () => {
    // The databases of pgBackRest's own tests of info, whose systems are one to a number of 53 bits.
    const systems = ["6569239123849665679", "6569239123849665666", "6569239123849665679"]
    const databases = systems.map((system, n) => `{"id":${n + 1},"repo-key":1,"system-id":${system},"version":"9.4"}`)
    const labels = ["20181116-154756F", "20191116-154756F", "20201116-154900F"]
    const backups = labels.map((label, n) => backup(label, { database: { id: n + 1, "repo-key": 1 } }))
    const text = JSON.stringify([stanza({ db: "DATABASES", backup: backups })])
    const answer = utf8.encode(text.replace('"DATABASES"', `[${databases.join()}]`))
    const { records, problems } = inventoryOf(pgbackrest, answer)
    expect(records.filter(({ suspect }) => suspect !== undefined).map(({ nativeId }) => nativeId)).toEqual([labels[1]])
    expect(problems).toEqual([])
  })

  it("is of the database before where only the version is another", () => {
    const databases = ["15", "16"].map((version, n) => ({ id: n + 1, "repo-key": 1, "system-id": 1, version }))
    expect(imported(stanza({ db: databases })).records.map(({ suspect }) => suspect)).toEqual([
      expect.stringMatching(/^it is of the database that the stanza had before stanza-upgrade/)
    ])
  })

  it("is suspect where a repository of the stanza is now of another database, as pgBackRest says by its code 5", () => {
    const database = (id: number, key: number, version: string) => ({
      id,
      "repo-key": key,
      "system-id": Number(version),
      version
    })
    const backups = [
      backup("20261201-080000F", { database: { id: 1, "repo-key": 2 } }),
      backup("20261201-090000F", { database: { id: 2, "repo-key": 1 } })
    ]
    const repositories = [2, 0].map((code, n) => ({ cipher: "none", key: n + 1, status: { code, message: "some" } }))
    const suspectOf = (code: number, db: ReadonlyArray<unknown>) => {
      const found = imported(
        stanza({ backup: backups, db, repo: repositories, status: { code, message: "database mismatch across repos" } })
      )
      return { ...found, suspect: found.records.map(({ suspect }) => suspect) }
    }
    const known = [database(1, 1, "15"), database(2, 1, "16"), database(1, 2, "15")]
    const words =
      "another repository of the stanza is of another database, as where stanza-upgrade missed one: a restore may bring back the database before the upgrade"
    const { suspect, problems, complete } = suspectOf(5, known)
    expect(suspect).toEqual([words, words])
    expect([problems, complete]).toEqual([
      [
        {
          place: "main.status",
          message:
            "pgBackRest says that the repositories are of different databases (code 5), so backups that are not of the last database of each are called suspect: run stanza-upgrade"
        }
      ],
      true
    ])
    expect(suspectOf(5, [...known, database(2, 2, "16")]).suspect).toEqual([
      expect.stringMatching(/^it is of the database that the stanza had before/),
      undefined
    ])
    expect(suspectOf(4, known).suspect).toEqual([undefined, undefined])
  })

  it("names the cipher of the one repository that there was before pgBackRest 2.32", () => {
    const { "repo-key": _, ...database } = stanza().db[0] ?? { "repo-key": 1 }
    const old = { ...stanza(), repo: undefined, db: [database], cipher: "aes-256-cbc" }
    const one = backup("20260101-000000F", { database: { id: 1 } })
    const described = [{}, { cipher: "none" }, { cipher: undefined }].map((members) =>
      imported({ ...old, backup: [one], ...members }).records.map((record) => descriptionOf(record.backup))
    )
    expect(described).toEqual([["full; repository 1 (aes-256-cbc)"], ["full; repository 1"], ["full; repository 1"]])
  })

  it("takes what the backup alone added to the repository for its size, else what it read, else none", () => {
    const sizes = [
      { delta: 30, repository: { delta: 10, size: 20 }, size: 40 },
      { delta: 30, repository: { "delta-map": 3 }, size: 40 },
      { delta: 30, size: 40 },
      { size: 40 },
      null
    ].map((info) => Option.getOrNull(only({ info }).size))
    expect(sizes).toEqual(
      [10n, 30n, 30n, null, null].map((value) => (value === null ? null : { unit: "bytes", value }))
    )
  })

  it("keeps sizes above 2^53 to the byte", () => {
    const text = JSON.stringify([stanza()]).replace('"delta":10', '"delta":9007199254740993')
    const [record] = inventoryOf(pgbackrest, utf8.encode(text)).records
    expect(record?.backup.size).toEqual(Option.some({ unit: "bytes", value: 9007199254740993n }))
  })

  it("never takes its time from the label, which is in the local time of a host", () => {
    expect(at(only({ timestamp: { start: 1795456234, stop: 1795456245 } }).created)).toBe("2026-11-23T17:50:34.000000Z")
    const [start, stop] = [only({ timestamp: { start: 7 } }), only({ timestamp: { stop: 8 } })]
    expect([start.created, start.updated, stop.created, stop.updated]).toEqual([
      7_000_000n,
      7_000_000n,
      8_000_000n,
      8_000_000n
    ])
    const { records, problems, complete } = imported(
      stanza({ backup: [backup("20260101-000000F", { timestamp: null })] })
    )
    expect([records, complete]).toEqual([[], false])
    expect(problems).toEqual([{ place: "main[0]", message: "it has no time, so it was left out" }])
  })

  it("has a place where one was given, and none where it could be one of two repositories", () => {
    const location = "s3://backups/pg"
    const placed = inventoryOf(pgbackrest, sample("pgbackrest/info-encrypted.json"), { location }).records
    expect(placed.map((record) => Option.getOrNull(record.backup.locationRef))).toEqual([
      "s3://backups/pg/backup/shop/20261123-175050F",
      "s3://backups/pg/backup/shop/20261123-175050F_20261123-175054I"
    ])
    const repositories = [1, 2].map((key) => ({ cipher: "none", key, status: { code: 0, message: "ok" } }))
    const two = inventoryOf(pgbackrest, json([stanza({ repo: repositories })]), { location }).records
    expect(two.map((record) => record.backup.locationRef)).toEqual([Option.none()])
  })

  it("survives any name: long, with control characters, with half a character", () => {
    for (const name of ["a.b#c-1", "9магазин", "x".repeat(300), "a\u0000b\u001b[2J", "half \ud800", "𝔫".repeat(256)]) {
      const annotation = { [`key ${name}`]: name }
      const { records } = imported(stanza({ name, backup: [backup(name, { annotation }), backup("20260101-000000F")] }))
      expect(records).toHaveLength(2)
      for (const record of records) expect(Schema.is(Backup)(record.backup)).toBe(true)
      expect(records[0]?.nativeId).toBe(name)
    }
  })
})
