import { Backup } from "@backup-catalog/core"
import { FastCheck as fc, Option, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { pgbackrest } from "../../src/pgbackrest/pgbackrest.ts"
import { allSamples, at, descriptionOf, inventoryOf, json, refusalOf, sample } from "../support/samples.ts"

const read = (file: string, options = {}) => inventoryOf(pgbackrest, sample(`pgbackrest/${file}`), options)

const utf8 = new TextEncoder()

/** Stanza, label, start and stop in seconds, bytes, prior, and the id. */
type Row = readonly [string, string, number, number, number, string | null, string]

// jq -r '.[] | .name as $s | .backup[] | [$s, .label, .timestamp.start, .timestamp.stop, .info.repository.delta,
// .prior] | @tsv' and the id by Python's uuid.uuid5(namespace, '["prod","pgbackrest","1",STANZA,LABEL]').
const rows: ReadonlyArray<Row> = [
  ["crm", "20261123-175034F", 1795456234, 1795456245, 5679847, null, "704e9660-c2f4-5081-9496-0aff1df3940e"],
  [
    "crm",
    "20261123-175034F_20261123-175046I",
    1795456246,
    1795456248,
    548573,
    "20261123-175034F",
    "b21b02ec-903c-51de-a6af-f589670721b0"
  ],
  ["shop", "20261123-175009F", 1795456209, 1795456214, 5282605, null, "08c4b247-53b5-55c8-92ad-98a0eab4bc87"],
  [
    "shop",
    "20261123-175009F_20261123-175015D",
    1795456215,
    1795456216,
    316036,
    "20261123-175009F",
    "13d9c660-1d9e-5194-a9ce-d3c949c35749"
  ],
  [
    "shop",
    "20261123-175009F_20261123-175017I",
    1795456217,
    1795456221,
    986369,
    "20261123-175009F_20261123-175015D",
    "3e2e5060-3508-5de7-adc8-52e50cb49168"
  ],
  [
    "shop",
    "20261123-175009F_20261123-175022I",
    1795456222,
    1795456223,
    936832,
    "20261123-175009F_20261123-175017I",
    "25535545-3a02-54ba-ac95-5ca5187b8f70"
  ],
  ["shop", "20261123-175024F", 1795456224, 1795456232, 5329163, null, "ca0fc769-f5c5-5de2-ad94-6c49ada2ef7a"]
]

/** Stanza, repository, label, start and stop in seconds, bytes, prior, whether it is suspect, and the id. */
type RepositoryRow = readonly [string, string, string, number, number, number, string | null, boolean, string]

// pgBackRest 2.55.1, `info --output=json`: jq as above, with .database["repo-key"] and .error or an
// older .database.id than the last, and Python for the id.
const repositoryRows: ReadonlyArray<RepositoryRow> = [
  [
    "9.мага#зин-1",
    "1",
    "20261129-112822F",
    1795951702,
    1795951705,
    3443327,
    null,
    false,
    "aec0d38d-3479-5455-9927-46eef2188db3"
  ],
  [
    "9.мага#зин-1",
    "2",
    "20261129-112825F",
    1795951705,
    1795951706,
    3461888,
    null,
    false,
    "ede9791d-1f34-59b4-923d-63bdb58a9cc2"
  ],
  [
    "9.мага#зин-1",
    "1",
    "20261129-112822F_20261129-112826D",
    1795951706,
    1795951708,
    625560,
    "20261129-112822F",
    false,
    "7ccf7171-fc1a-54db-b85c-0dae305caafb"
  ],
  [
    "9.мага#зин-1",
    "2",
    "20261129-112825F_20261129-112828I",
    1795951708,
    1795951709,
    550792,
    "20261129-112825F",
    false,
    "3147059a-e0ff-561d-9dff-b2c2d7f19f8b"
  ],
  [
    "9.мага#зин-1",
    "2",
    "20261129-112825F_20261129-112829I",
    1795951709,
    1795951710,
    9200,
    "20261129-112825F_20261129-112828I",
    false,
    "74d3688a-1da6-5bb6-873c-4ccdb7987ce3"
  ],
  [
    "9.мага#зин-1",
    "1",
    "20261129-112822F_20261129-112830I",
    1795951710,
    1795951711,
    577275,
    "20261129-112822F_20261129-112826D",
    false,
    "4ca754d1-df58-55e2-9647-dfdf5dd22c11"
  ],
  [
    "shop",
    "1",
    "20261129-112831F",
    1795951711,
    1795951715,
    3443285,
    null,
    true,
    "53df32f3-8ba4-5064-a9fe-88943a469ec6"
  ],
  [
    "shop",
    "1",
    "20261129-112836F",
    1795951716,
    1795951718,
    3443521,
    null,
    true,
    "5f2cb399-b376-5ef7-b237-998cbf809288"
  ],
  [
    "shop",
    "1",
    "20261129-112836F_20261129-112839I",
    1795951719,
    1795951720,
    394,
    "20261129-112836F",
    true,
    "4186ffeb-ce55-5d67-b665-e93bf3f6e081"
  ],
  [
    "shop",
    "2",
    "20261129-112939F",
    1795951779,
    1795951783,
    2897736,
    null,
    false,
    "bc5dcbd3-0bd5-54f7-94a7-71264169121b"
  ],
  [
    "shop",
    "1",
    "20261129-112943F",
    1795951783,
    1795951786,
    2861689,
    null,
    false,
    "f665ddaf-005d-5fd5-be5b-ffbebe7c7776"
  ],
  [
    "shop",
    "1",
    "20261129-112943F_20261129-112947D",
    1795951787,
    1795951788,
    370,
    "20261129-112943F",
    false,
    "2d845e04-954c-5609-8d57-692089f3ffcb"
  ]
]

const rowsOf = (file: string): ReadonlyArray<Row> =>
  read(file, { source: "prod" }).records.map(({ backup, nativeId, nativeParentId }) => [
    Option.getOrThrow(backup.instanceId),
    nativeId,
    Number(backup.created) / 1e6,
    Number(backup.updated) / 1e6,
    Number(Option.getOrThrow(backup.size).value),
    nativeParentId ?? null,
    backup.id
  ])

const stanza = (members: Record<string, unknown> = {}) => ({
  archive: [],
  backup: [backup("20260101-000000F")],
  cipher: "none",
  db: [{ id: 1, "repo-key": 1, "system-id": 1, version: "15" }],
  name: "main",
  repo: [{ cipher: "none", key: 1, status: { code: 0, message: "ok" } }],
  status: { code: 0, lock: { backup: { held: false } }, message: "ok" },
  ...members
})

const backup = (label: string, members: Record<string, unknown> = {}) => ({
  archive: { start: null, stop: null },
  backrest: { format: 5, version: "2.45" },
  database: { id: 1, "repo-key": 1 },
  error: false,
  info: { delta: 30, repository: { delta: 10, size: 20 }, size: 40 },
  label,
  prior: null,
  reference: null,
  timestamp: { start: 1795456234, stop: 1795456245 },
  type: "full",
  ...members
})

const imported = (...stanzas: ReadonlyArray<unknown>) => inventoryOf(pgbackrest, json(stanzas))

const only = (members: Record<string, unknown>) => {
  const [record] = imported(stanza({ backup: [backup("20260101-000000F", members)] })).records
  if (record === undefined) throw new Error("no record")
  return record.backup
}

describe("the samples of pgBackRest", () => {
  it("info of all stanzas is read to the second and the byte", () => {
    expect(rowsOf("info.json")).toEqual(rows)
    expect(read("info.json")).toMatchObject({ complete: true, problems: [] })
  })

  it("info of one stanza gives the same backups, with the same ids", () => {
    expect(rowsOf("info-stanza-shop.json")).toEqual(rows.filter(([name]) => name === "shop"))
    expect(read("info-stanza-shop.json").complete).toBe(true)
  })

  it("two repositories, of which one is encrypted and has block increments, a stanza-upgrade and damaged pages", () => {
    const found = read("info-2.55.json", { source: "prod" })
    const shown = found.records.map(({ backup: one, nativeId, nativeParentId, suspect }) => [
      Option.getOrThrow(one.instanceId),
      /repository (\d+)/.exec(descriptionOf(one))?.[1],
      nativeId,
      Number(one.created) / 1e6,
      Number(one.updated) / 1e6,
      Number(Option.getOrThrow(one.size).value),
      nativeParentId ?? null,
      suspect !== undefined,
      one.id
    ])
    expect(shown).toEqual(repositoryRows)
    const idOf = new Map(repositoryRows.map((row) => [row.slice(0, 3).join(), row[8]]))
    for (const [n, [stanza, key, , , , , prior]] of repositoryRows.entries()) {
      const parent = prior === null ? undefined : idOf.get([stanza, key, prior].join())
      expect(Option.getOrUndefined(found.records[n]?.backup.parentId ?? Option.none())).toBe(parent)
    }
    expect([found.complete, found.problems]).toEqual([true, []])
  })

  it("an encrypted repository is named as one", () => {
    expect(rowsOf("info-encrypted.json").map((row) => row.slice(0, 6))).toEqual([
      ["shop", "20261123-175050F", 1795456250, 1795456252, 4936512, null],
      ["shop", "20261123-175050F_20261123-175054I", 1795456254, 1795456255, 222624, "20261123-175050F"]
    ])
    expect(read("info-encrypted.json").records.map(({ backup: one }) => descriptionOf(one))).toEqual([
      "full; repository 1 (aes-256-cbc)",
      "incr, on 20261123-175050F; repository 1 (aes-256-cbc)"
    ])
  })

  it("the answer to --set has its backup, whose parents are not in it, and is never all", () => {
    for (const [label, prior] of [
      ["20261123-175009F_20261123-175017I", "20261123-175009F_20261123-175015D"],
      ["20261123-175009F_20261123-175022I", "20261123-175009F_20261123-175017I"]
    ]) {
      const { records, complete, isPart, problems } = read(`info-set-${label}.json`, { source: "prod" })
      expect(records.map(({ nativeId, nativeParentId }) => [nativeId, nativeParentId])).toEqual([[label, prior]])
      const parent = rows.find(([, native]) => native === prior)?.[6]
      expect(records.map((record) => Option.getOrNull(record.backup.parentId))).toEqual([parent])
      expect([complete, isPart]).toEqual([false, true])
      expect(problems).toHaveLength(1)
    }
  })

  it("no stanza and no backups are an empty list", () => {
    expect(read("info-before-stanza-create.json")).toEqual({ records: [], problems: [], complete: true })
    expect(read("info-no-backups.json")).toEqual({ records: [], problems: [], complete: true })
  })

  it("a stanza that is not there is an empty list that is not all", () => {
    const { records, complete, problems } = read("info-missing-stanza.json")
    expect([records, complete]).toEqual([[], false])
    expect(problems).toEqual([
      { place: "shop.repo[0].status", message: expect.stringContaining("missing stanza path") }
    ])
  })

  it("the text of info, which tells times without a zone, is refused with the command to run", () => {
    for (const path of allSamples().filter((one) => /^pgbackrest\/.*\.txt$/.test(one))) {
      expect(refusalOf(pgbackrest, sample(path))).toContain("pgbackrest info --output=json")
    }
  })

  it("are known for what they are, and no sample of another tool is", () => {
    const own = (path: string) =>
      /^pgbackrest\/info.*\.json$/.test(path) && !path.endsWith("info-before-stanza-create.json")
    expect(allSamples().filter((path) => pgbackrest.detect(sample(path)))).toEqual(allSamples().filter(own))
  })

  it("read twice give the same", () => {
    expect(read("info.json")).toEqual(read("info.json"))
  })
})

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

describe("ids and parents in pgBackRest", () => {
  it("are those of a stanza and a repository: one label may be in several", () => {
    const twice = [1, 2].map((key) => backup("20260101-000000F", { database: { id: 1, "repo-key": key } }))
    const { records, problems } = imported(stanza({ backup: twice }), stanza({ name: "other", backup: twice }))
    expect(new Set(records.map((record) => record.backup.id)).size).toBe(4)
    expect(problems.filter(({ message }) => message.includes("twice"))).toEqual([])
  })

  it("stay the same from before there were several repositories", () => {
    const before = imported(stanza({ repo: undefined, backup: [backup("20260101-000000F", { database: { id: 1 } })] }))
    expect(before.records.map((record) => record.backup.id)).toEqual(imported(stanza()).records.map((r) => r.backup.id))
    expect(before.complete).toBe(true)
  })

  it("a parent is in the same repository", () => {
    const full = (key: number) => backup("20260101-000000F", { database: { id: 1, "repo-key": key } })
    const incr = backup("20260101-000000F_20260102-000000I", {
      database: { id: 1, "repo-key": 2 },
      prior: "20260101-000000F",
      type: "incr"
    })
    const [, second, child] = imported(stanza({ backup: [full(1), full(2), incr] })).records
    expect(child?.backup.parentId).toEqual(Option.some(second?.backup.id))
  })

  it("a parent that has expired is kept by its name, and what is on it is told of", () => {
    const incr = backup("20260101-000000F_20260102-000000I", { prior: "20260101-000000F", type: "incr" })
    const gone = imported(stanza({ backup: [incr] }))
    const parent = imported(stanza()).records[0]?.backup.id
    expect(gone.records.map((record) => [record.nativeParentId, record.backup.parentId])).toEqual([
      ["20260101-000000F", Option.some(parent)]
    ])
    expect(gone.complete).toBe(true)
    expect(gone.problems).toEqual([
      {
        place: "main",
        message:
          "20260101-000000F_20260102-000000I is on what is not in the list (20260101-000000F), and so not to be restored, unless the list was cut down by --type"
      }
    ])
  })

  it("a parent that only another repository has is not there, and what is on it is told of", () => {
    const ofSecond = { database: { id: 1, "repo-key": 2 } }
    const incr = backup("20260101-000000F_20260102-000000I", { ...ofSecond, prior: "20260101-000000F", type: "incr" })
    const { problems } = imported(stanza({ backup: [backup("20260101-000000F"), incr] }))
    expect(problems).toEqual([
      { place: "main", message: expect.stringContaining("is on what is not in the list (20260101-000000F)") }
    ])
  })

  it("an increment on nothing is reported and kept", () => {
    const { records, problems } = imported(
      stanza({ backup: [backup("20260101-000000F_20260102-000000I", { type: "incr" })] })
    )
    expect(records.map(({ suspect }) => suspect)).toEqual(["what this incr backup is on is not known"])
    expect(problems).toEqual([{ place: "main[0].prior", message: expect.stringContaining("incr") }])
  })

  it("a backup that is listed twice is imported once", () => {
    const { records, problems } = imported(stanza({ backup: [backup("20260101-000000F"), backup("20260101-000000F")] }))
    expect(records).toHaveLength(1)
    expect(problems).toEqual([{ place: "main[1]", message: expect.stringContaining("twice") }])
  })

  it("two backups of one label that differ are two of which one is missing, so nothing is retired", () => {
    const [one, other] = [backup("20260101-000000F"), backup("20260101-000000F", { error: true })]
    const { records, problems, complete } = imported(stanza({ backup: [one, other] }))
    expect([records.length, complete]).toEqual([1, false])
    expect(problems).toEqual([{ place: "main[1]", message: expect.stringContaining("twice and differently") }])
  })

  it("two stanzas of one name that have no database in common are of two hosts, so nothing is retired", () => {
    const upgraded = [1, 2].map((system) => ({ id: system, "repo-key": 1, "system-id": system, version: "15" }))
    const second = [backup("20260102-000000F")]
    const apart = imported(stanza(), stanza({ backup: second, db: [{ id: 1, "repo-key": 1, "system-id": 3 }] }))
    expect([apart.records.length, apart.complete]).toEqual([2, false])
    expect(apart.problems).toEqual([
      {
        place: "[1]",
        message: "another stanza is called main and is of other databases: import each as a source of its own"
      }
    ])
    expect(imported(stanza(), stanza({ backup: second, db: upgraded }))).toMatchObject({ complete: true, problems: [] })
  })
})

describe("whether a list of pgBackRest is whole", () => {
  const repository = (key: number, code: number, message = "ok") => ({ cipher: "none", key, status: { code, message } })
  const status = (code: number) => ({ code, lock: { backup: { held: true } }, message: "some" })

  it("a repository that answers otherwise than ok or no backups may hide some", () => {
    for (const code of [1, 3, 6, 99, 1000]) {
      const message = "[FormatError] unable to load info file"
      const { complete, problems, records } = imported(
        stanza({ status: status(4), repo: [repository(1, 0), repository(2, code, message)] })
      )
      expect([complete, records.length]).toEqual([false, 1])
      expect(problems).toEqual([{ place: "main.repo[1].status", message: expect.stringContaining(message) }])
    }
  })

  it("the words of a repository that cannot be read are told in one line", () => {
    // As pgBackRest 2.55 prints it where backup.info and its copy are damaged.
    const message =
      "[FormatError] unable to load info file 'backup.info' or 'backup.info.copy':\nFormatError: missing '=' in key/value at line 25: x\nHINT: has a stanza-create been performed?"
    const { problems } = imported(stanza({ status: status(4), repo: [repository(1, 0), repository(2, 99, message)] }))
    expect(problems[0]?.message).toBe(
      "pgBackRest says of its repository 2: [FormatError] unable to load info file 'backup.info' or 'backup.info.copy': FormatError: missing '=' in key/value at line 25: x HINT: has a stanza-create been performed? (code 99), so backups may be missing"
    )
  })

  it("a repository without backups hides none, and stanzas that differ over repositories as such hide none", () => {
    for (const code of [4, 5]) {
      const { complete, problems } = imported(
        stanza({ status: status(code), repo: [repository(1, 0), repository(2, 2)] })
      )
      expect([complete, problems.length]).toEqual([true, code === 5 ? 1 : 0])
    }
  })

  it("a lock that is held makes no record and hides nothing", () => {
    const { complete, records } = imported(stanza({ status: status(0) }))
    expect([complete, records.length]).toEqual([true, 1])
  })

  it("a stanza's own state counts where there are no repositories, or they tell nothing of it", () => {
    expect(imported(stanza({ repo: [], status: status(3) })).complete).toBe(false)
    expect(imported(stanza({ status: status(99) })).complete).toBe(false)
    expect(imported(stanza({ status: null })).complete).toBe(false)
  })

  it("a repository that is ok and lists nothing was filtered, as --type and --detail-level do", () => {
    const filtered = { complete: false, isPart: true }
    expect(imported(stanza({ backup: [] }))).toMatchObject(filtered)
    expect(imported(stanza({ repo: [repository(1, 0), repository(2, 0)] }))).toMatchObject(filtered)
    expect(imported(stanza({ backup: undefined })).complete).toBe(false)
    expect(imported(stanza({ status: status(4), repo: [repository(1, 0), repository(2, 99)] })).isPart).toBe(undefined)
  })
})

describe("a damaged answer of pgBackRest", () => {
  it("an entry that is broken is left out and reported, and the rest is imported", () => {
    const broken = [null, 7, {}, backup("", {}), { ...backup("x"), label: 5 }]
    const { records, problems, complete } = imported(
      stanza({ backup: [...broken, backup("20260101-000000F")] }),
      "nonsense",
      stanza({ name: "other" })
    )
    expect(records.map((record) => record.nativeId)).toEqual(["20260101-000000F", "20260101-000000F"])
    expect(problems.map(({ place }) => place)).toEqual(["main[0]", "main[1]", "main[2]", "main[3]", "main[4]", "[1]"])
    expect(complete).toBe(false)
  })

  it("a member that is broken is ignored and reported, and the entry is imported without it", () => {
    const odd = {
      info: { delta: -1, repository: { delta: "10" } },
      timestamp: { start: "soon", stop: 8 }
    }
    const { records, problems, complete } = imported(stanza({ backup: [backup("20260101-000000F", odd)] }))
    expect(records.map(({ backup: one }) => [one.created, one.size])).toEqual([[8_000_000n, Option.none()]])
    expect(problems.map(({ place }) => place).toSorted()).toEqual([
      "main[0].info.delta",
      "main[0].info.repository.delta",
      "main[0].timestamp.start"
    ])
    expect(complete).toBe(true)
  })

  it("a backup whose repository, database or prior cannot be read is left out, and then nothing is retired", () => {
    for (const odd of [
      { database: { id: 1, "repo-key": "2" } },
      { database: { id: {}, "repo-key": 1 } },
      { database: 5 },
      { prior: ["20260101-000000F"], type: "incr" }
    ]) {
      const answer = imported(stanza({ backup: [backup("20260101-000000F", odd), backup("20260102-000000F")] }))
      expect(answer.records.map(({ nativeId }) => nativeId)).toEqual(["20260102-000000F"])
      expect([answer.problems.map(({ place }) => place), answer.complete]).toEqual([["main[0]"], false])
    }
  })

  it("a stanza whose list of databases or repositories cannot be read retires nothing", () => {
    for (const odd of [{ db: [{ id: "2" }] }, { db: 5 }, { repo: "one" }, { repo: [...stanza().repo, "two"] }]) {
      const answer = imported(stanza(odd))
      expect([answer.records.length, answer.problems.length, answer.complete]).toEqual([1, 1, false])
    }
  })

  it("a time that no calendar has is ignored and reported", () => {
    const text = JSON.stringify([stanza()]).replace('"start":1795456234', '"start":99999999999999999999')
    const { records, problems } = inventoryOf(pgbackrest, utf8.encode(text))
    expect(records.map((record) => at(record.backup.created))).toEqual(["2026-11-23T17:50:45.000000Z"])
    expect(problems.map(({ place }) => place)).toEqual(["main[0].timestamp.start"])
  })

  it("bytes that are no text, as with a wrong passphrase, are refused with where to look", () => {
    const text = JSON.stringify([stanza({ repo: [repositoryWithError] })])
    const [before = "", after = ""] = text.split("RAW")
    const bytes = new Uint8Array([...utf8.encode(before), 0xff, 0x00, 0x22, 0x80, ...utf8.encode(after)])
    const refusal = refusalOf(pgbackrest, bytes)
    expect(refusal).toContain("repo-cipher-pass")
    expect(refusal).toContain("[CryptoError] unable to decrypt")
    expect(pgbackrest.detect(bytes)).toBe(true)
  })

  it("an answer that was cut off is refused, wherever it was", () => {
    const whole = sample("pgbackrest/info.json").subarray(0, -1)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (end) => {
        expect(refusalOf(pgbackrest, whole.subarray(0, end)).length).toBeGreaterThan(20)
      }),
      { numRuns: 50 }
    )
  })

  it("the answer of another tool is refused in a sentence", () => {
    for (const other of [[{ time: "x", tree: "y" }], { servers: {} }, "text", 5, null, [[]]]) {
      expect(refusalOf(pgbackrest, json(other))).toBe(
        "This is not an answer of pgBackRest: give what `pgbackrest info --output=json` printed."
      )
    }
    expect(refusalOf(pgbackrest, utf8.encode(" \n"))).toContain("printed nothing")
  })

  it("no value in place of another crashes it", () => {
    const paths = ["label", "type", "prior", "error", "annotation", "database", "info", "timestamp"]
    fc.assert(
      fc.property(fc.subarray(paths), fc.jsonValue(), fc.jsonValue(), (names, value, state) => {
        const odd = Object.fromEntries(names.map((name) => [name, value]))
        const { records } = imported(stanza({ backup: [backup("x", odd)], status: state, repo: [state], db: value }))
        for (const record of records) expect(Schema.is(Backup)(record.backup)).toBe(true)
      })
    )
  })

  it("the order of its entries changes no record", () => {
    const backups = rows.map(([, label]) => backup(label))
    const whole = new Set(imported(stanza({ backup: backups })).records.map((record) => JSON.stringify(record, text)))
    fc.assert(
      fc.property(fc.shuffledSubarray(backups, { minLength: backups.length }), (shuffled) => {
        const found = imported(stanza({ backup: shuffled })).records.map((record) => JSON.stringify(record, text))
        expect(new Set(found)).toEqual(whole)
      })
    )
  })
})

const repositoryWithError = {
  cipher: "aes-256-cbc",
  key: 1,
  status: { code: 99, message: "[CryptoError] unable to decrypt RAW" }
}

const text = (_: string, value: unknown) => (typeof value === "bigint" ? value.toString() : value)

describe("what pgBackRest writes to stderr", () => {
  const answer = json([stanza()])

  it("warnings are none of the list's business", () => {
    for (const stderr of [
      "",
      "WARN: configuration file contains invalid option 'repo1-foo'\n",
      "P00   WARN: environment contains invalid option\n            HINT: look at it\n",
      "2026-11-23 17:50:09.123 P00   INFO: info command begin 2.45\r\n"
    ]) {
      expect(inventoryOf(pgbackrest, answer, { stderr }).records).toHaveLength(1)
    }
  })

  it("errors refuse it, with pgBackRest's own words", () => {
    const stderr =
      "WARN: a\nERROR: [055]: unable to load info file '/backup/shop/backup.info'\n       HINT: is it there?\n"
    expect(refusalOf(pgbackrest, answer, { stderr })).toContain(
      "unable to load info file '/backup/shop/backup.info' HINT: is it there?"
    )
  })
})
