import { Backup } from "@backup-catalog/core"
import { FastCheck as fc, Option, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { walG } from "../../src/wal-g/wal-g.ts"
import { allSamples, at, descriptionOf, inventoryOf, json, refusalOf, sample } from "../support/samples.ts"

const utf8 = new TextEncoder()

const FULL = "base_000000020000000700000010"
const DELTA = "base_000000020000000700000043_D_000000020000000700000010"
const SECOND_DELTA = "base_000000020000000700000061_D_000000020000000700000043"

/** Name, parent, created, updated, bytes, instance, type and version of the datastore. */
type Row = readonly [string, string | null, string, string, bigint | null, string | null, string | null, string | null]

// By hand from the samples: times in UTC and cut to the microsecond, compressed sizes unless they are 0.
const expected: Readonly<Record<string, ReadonlyArray<Row>>> = {
  "postgres-detail.json": [
    [
      FULL,
      null,
      "2026-11-21T02:00:03.118274Z",
      "2026-11-21T02:14:07.902115Z",
      24159191040n,
      "7711425329158494106",
      "PostgreSQL",
      "15.18"
    ],
    [
      DELTA,
      FULL,
      "2026-11-22T02:00:02.500000Z",
      "2026-11-22T02:03:10.004000Z",
      1073741825n,
      "7711425329158494106",
      "PostgreSQL",
      "15.18"
    ],
    [
      SECOND_DELTA,
      DELTA,
      "2026-11-23T02:00:01.250000Z",
      "2026-11-23T02:02:58.750000Z",
      805306368n,
      "7711425329158494106",
      "PostgreSQL",
      "15.18"
    ],
    [
      SECOND_DELTA,
      "base_000000020000000700000043",
      "2026-11-23T02:00:01.250000Z",
      "2026-11-23T02:02:58.750000Z",
      null,
      "orders-db-0",
      "PostgreSQL",
      "9.6.24"
    ]
  ],
  "postgres-list.json": [
    [
      "base_000000010000000000000005",
      null,
      "2021-03-04T05:06:07.000000Z",
      "2021-03-04T05:06:07.000000Z",
      null,
      null,
      "PostgreSQL",
      null
    ],
    [
      "base_000000010000000000000009_D_000000010000000000000005",
      "base_000000010000000000000005",
      "2021-03-05T05:06:08.900000Z",
      "2021-03-05T05:06:08.900000Z",
      null,
      null,
      "PostgreSQL",
      null
    ]
  ],
  "postgres-list-creation-time.json": [
    [
      "base_00000001000000000000000B",
      null,
      "2021-06-01T00:00:01.000000Z",
      "2021-06-01T00:04:59.000000Z",
      null,
      null,
      "PostgreSQL",
      null
    ],
    ["base_4", null, "2020-01-01T01:01:01.000000Z", "2020-01-01T01:01:01.000000Z", null, null, null, null]
  ],
  "postgres-list-metadata.json": [
    [
      "base_00000001000000000000000D",
      null,
      "2022-05-02T01:00:01.500000Z",
      "2022-05-02T01:04:58.250000Z",
      24159191040n,
      "orders-db-0",
      "PostgreSQL",
      null
    ]
  ],
  "mysql-detail.json": [
    [
      "stream_20261122T210815Z",
      null,
      "2026-11-22T21:08:15.007416Z",
      "2026-11-22T21:08:30.793473Z",
      16074711n,
      "wiki-db",
      "MySQL",
      null
    ],
    [
      "stream_20261121T233331Z",
      null,
      "2026-11-21T23:33:31.587683Z",
      "2026-11-21T23:33:45.862204Z",
      null,
      null,
      "MySQL",
      null
    ]
  ],
  "redis-detail.json": [
    [
      "stream_20261123T224528Z",
      null,
      "2026-11-23T22:45:28.964820Z",
      "2026-11-23T22:45:29.113551Z",
      149122n,
      null,
      "Redis",
      null
    ],
    [
      "aof_20261123T224700Z",
      null,
      "2026-11-23T22:47:00.000000Z",
      "2026-11-23T22:47:02.000000Z",
      338001n,
      null,
      "Redis",
      "7.0.15"
    ]
  ],
  "mongodb-detail.json": [
    [
      "stream_20261123T010000Z",
      null,
      "2026-11-23T01:00:00.125000Z",
      "2026-11-23T01:05:00.500000Z",
      2147483649n,
      "carts-mongo-2",
      "MongoDB",
      "6.0.11"
    ]
  ],
  "mongodb-detail-oplog.json": [
    [
      "binary_20261123T020000Z",
      null,
      "2026-11-23T02:00:00.250000Z",
      "2026-11-23T02:06:10.750000Z",
      2684354561n,
      "carts-mongo-1",
      "MongoDB",
      null
    ],
    [
      "stream_20261122T010000Z",
      null,
      "2026-11-22T01:00:00.125000Z",
      "2026-11-22T01:05:00.500000Z",
      2147483649n,
      null,
      "MongoDB",
      null
    ]
  ],
  "greenplum-detail.json": [
    [
      "backup_20261122T010000Z",
      null,
      "2026-11-22T01:00:00.100000Z",
      "2026-11-22T01:40:00.200000Z",
      3221225472n,
      "7711425329158494111",
      "Greenplum",
      "6.25.3"
    ],
    [
      "backup_20261123T010000Z",
      "backup_20261122T010000Z",
      "2026-11-23T01:00:00.100000Z",
      "2026-11-23T01:04:00.200000Z",
      322122547n,
      "7711425329158494111",
      "Greenplum",
      "6.25.3"
    ]
  ]
}

const rowsOf = (bytes: Uint8Array): ReadonlyArray<Row> =>
  inventoryOf(walG, bytes).records.map(({ backup, nativeId, nativeParentId }) => [
    nativeId,
    nativeParentId ?? null,
    at(backup.created),
    at(backup.updated),
    Option.getOrNull(Option.map(backup.size, (size) => BigInt(size.value))),
    Option.getOrNull(backup.instanceId),
    Option.getOrNull(Option.map(backup.datastore, ({ type }) => type)),
    Option.getOrNull(Option.flatMap(backup.datastore, ({ version }) => version))
  ])

const entry = (name: string, members: Record<string, unknown> = {}) => ({
  backup_name: name,
  time: "2026-11-23T02:02:59Z",
  wal_file_name: "000000020000000700000061",
  ...members
})

const imported = (...entries: ReadonlyArray<unknown>) => inventoryOf(walG, json(entries))

const only = (members: Record<string, unknown>, options = {}) => {
  const [record] = inventoryOf(walG, json([entry(FULL, members)]), options).records
  if (record === undefined) throw new Error("no record")
  return record.backup
}

describe("the samples of WAL-G", () => {
  for (const [file, rows] of Object.entries(expected)) {
    it(`${file} is read to the microsecond and the byte`, () => {
      expect(rowsOf(sample(`wal-g/${file}`))).toEqual(rows)
      const { records, problems, complete } = inventoryOf(walG, sample(`wal-g/${file}`))
      expect([problems, complete]).toEqual([[], true])
      expect(records.map(({ backup }) => backup.status)).toEqual(rows.map(() => "COMPLETED"))
    })
  }

  it("are known for what they are, and no sample of another tool is", () => {
    const own = (path: string) => /^wal-g\/.*\.json$/.test(path)
    expect(allSamples().filter((path) => walG.detect(sample(path)))).toEqual(allSamples().filter(own))
  })

  it("give ids by the rule: source, tool, storage where it is not the usual one, name without its parent", () => {
    // Python: uuid.uuid5(namespace, '["prod","wal-g",NAME]') with base_<WAL> for NAME, and '["prod","wal-g","far
    // away",NAME]' for the last.
    const { records } = inventoryOf(walG, sample("wal-g/postgres-detail.json"), { source: "prod" })
    expect(records.map(({ backup }) => backup.id)).toEqual([
      "21395149-034d-5869-b075-5f2afda657ba",
      "174ddafa-5cea-5898-a621-cd36c0d8a971",
      "22a31c4c-e618-5e3f-9e67-0036e7155177",
      "1c5b019d-8992-5d2d-a457-916cf0f9a6cf"
    ])
    expect(records.map(({ backup }) => Option.getOrNull(backup.parentId))).toEqual([
      null,
      "21395149-034d-5869-b075-5f2afda657ba",
      "174ddafa-5cea-5898-a621-cd36c0d8a971",
      "ff8eac11-3cc0-554b-8c77-ab960f714bab"
    ])
  })

  it("read twice give the same", () => {
    const twice = [1, 2].map(() => inventoryOf(walG, sample("wal-g/postgres-detail.json")))
    expect(twice[0]).toEqual(twice[1])
  })
})

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

describe("parents in WAL-G", () => {
  it("are looked up by the WAL in the name, in any order of the list", () => {
    const [full, delta, second] = [FULL, DELTA, SECOND_DELTA].map((name) => entry(name))
    const parents = new Map([
      [FULL, undefined],
      [DELTA, FULL],
      [SECOND_DELTA, DELTA]
    ])
    fc.assert(
      fc.property(fc.shuffledSubarray([full, delta, second], { minLength: 3 }), (entries) => {
        for (const { nativeId, nativeParentId, backup } of imported(...entries).records) {
          expect(nativeParentId).toBe(parents.get(nativeId))
          expect(Option.isSome(backup.parentId)).toBe(nativeParentId !== undefined)
        }
      })
    )
  })

  it("a parent that is gone is called as a full backup, and is no problem", () => {
    const { records, problems, complete } = imported(entry(SECOND_DELTA))
    expect(records.map((record) => record.nativeParentId)).toEqual(["base_000000020000000700000043"])
    expect([problems, complete]).toEqual([[], true])
  })

  it("a parent has the same id whether it is in the list or not, and whatever it is on", () => {
    const greenplum = ["backup_20221213T011727Z_D_20221212T151258Z", "backup_20221214T011500Z_D_20221213T011727Z"]
    const detailed = (Name: string, increment_from: string) => ({
      Name,
      gp_version: "6.25.3",
      finish_time: "2022-12-14T01:20:00Z",
      increment_from
    })
    const [older = "", newer = ""] = greenplum
    const chains = [
      [DELTA, SECOND_DELTA].map((name) => entry(name)),
      greenplum.map((name) => entry(name, { wal_file_name: "ZZZZZZZZZZZZZZZZZZZZZZZZ" })),
      [detailed(older, "backup_20221212T151258Z"), detailed(newer, older)]
    ]
    for (const [parent, child] of chains) {
      const [first, second] = imported(parent, child).records
      expect(second?.backup.parentId).toEqual(Option.some(first?.backup.id))
      const [alone] = imported(child).records
      expect([alone?.backup.id, alone?.backup.parentId]).toEqual([second?.backup.id, second?.backup.parentId])
    }
  })

  it("a full backup is the parent where a delta began in the same WAL, and keeps its id", () => {
    const twin = "base_000000020000000700000010_D_000000020000000700000009"
    const [full] = imported(entry(FULL)).records
    const { records } = imported(entry(twin), entry(FULL), entry(DELTA))
    expect(records.map(({ nativeParentId }) => nativeParentId)).toEqual([
      "base_000000020000000700000009",
      undefined,
      FULL
    ])
    expect(records[1]?.backup.id).toBe(full?.backup.id)
    expect(records[2]?.backup.parentId).toEqual(Option.some(full?.backup.id))
  })

  it("are looked up by the time in the name where it is one of Greenplum, whose plain list says no more", () => {
    const [full, delta, second] = [
      "backup_20221212T151258Z",
      "backup_20221213T011727Z_D_20221212T151258Z",
      "backup_20221214T011500Z_D_20221213T011727Z"
    ] as const
    const plain = (name: string) => entry(name, { wal_file_name: "ZZZZZZZZZZZZZZZZZZZZZZZZ" })
    const parentsOf = (...names: ReadonlyArray<string>) =>
      imported(...names.map(plain)).records.map(({ nativeParentId }) => nativeParentId)
    expect(parentsOf(full, delta, second)).toEqual([undefined, full, delta])
    expect(parentsOf(second)).toEqual(["backup_20221213T011727Z"])
    const detailed = { Name: second, gp_version: "6.25.3", finish_time: "2022-12-14T01:20:00Z", increment_from: delta }
    expect(imported(detailed).records.map(({ nativeParentId }) => nativeParentId)).toEqual([delta])
  })

  it("a delta is never on itself, whatever its name says", () => {
    const name = "base_000000010000000000000009_D_000000010000000000000009"
    for (const [record] of [imported(entry(name)).records, imported(entry(name), entry(FULL)).records]) {
      expect(record?.nativeParentId).toBe("base_000000010000000000000009")
      expect(record?.backup.parentId).not.toEqual(Option.some(record?.backup.id))
    }
  })

  it("are in the same storage", () => {
    const far = { storage_name: "far away" }
    const [, , delta] = imported(entry(FULL), entry(FULL, far), entry(DELTA, far)).records
    const [, second] = imported(entry(FULL), entry(FULL, far)).records
    expect(delta?.backup.parentId).toEqual(Option.some(second?.backup.id))
  })

  it("a backup that is listed twice is imported once", () => {
    const { records, problems } = imported(entry(FULL), entry(FULL, { storage_name: "default" }))
    expect(records).toHaveLength(1)
    expect(problems).toEqual([{ place: "[1]", message: expect.stringContaining("twice") }])
  })
})

describe("the ids of WAL-G", () => {
  const WAL = "000000010000000000000030"
  const [first, second] = [`base_${WAL}_00000040`, `base_${WAL}_00000096`]
  const onWal = `base_000000010000000000000032_D_${WAL}`

  const factsOf = (...names: ReadonlyArray<string>) =>
    new Map(
      imported(...names.map((name) => entry(name))).records.map(({ nativeId, nativeParentId, backup }) => [
        nativeId,
        { id: backup.id, parent: nativeParentId, parentId: Option.getOrUndefined(backup.parentId) }
      ])
    )

  it("stay the same when one of two full backups that began in one WAL is gone, and so does what is on them", () => {
    const both = factsOf(first, second, onWal)
    expect(new Set([...both.values()].map(({ id }) => id)).size).toBe(3)
    expect(both.get(onWal)?.parent).toBe(second)
    const rotated = factsOf(second, onWal)
    expect([rotated.get(second), rotated.get(onWal)]).toEqual([both.get(second), both.get(onWal)])
    expect(factsOf(first).get(first)).toEqual(both.get(first))
    expect(factsOf(second, onWal, first)).toEqual(new Map([second, onWal, first].map((name) => [name, both.get(name)])))
  })

  it("stay the same when a delta in the middle of a chain is gone", () => {
    const greenplum = [
      "backup_20221212T151258Z",
      "backup_20221213T011727Z_D_20221212T151258Z",
      "backup_20221214T011500Z_D_20221213T011727Z"
    ] as const
    for (const [full, middle, last] of [[FULL, DELTA, SECOND_DELTA] as const, greenplum]) {
      const all = factsOf(full, middle, last)
      const rest = factsOf(full, last)
      expect(rest.get(full)).toEqual(all.get(full))
      expect(rest.get(last)?.parentId).toBe(all.get(middle)?.id)
      expect(rest.get(last)?.id).toBe(all.get(last)?.id)
    }
  })

  it("of any list are those of its backups in every other one, but of a delta that is called as a full one is", () => {
    const twin = `base_${WAL}_D_000000010000000000000028`
    const names = [first, second, onWal, `base_${WAL}`, FULL, DELTA, SECOND_DELTA]
    const all = factsOf(...names)
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: 1 }), (some) => {
        for (const [name, { id }] of factsOf(...some)) expect(id).toBe(all.get(name)?.id)
        // The full backup keeps its id beside the delta.
        for (const [name, { id }] of factsOf(twin, ...some)) if (name !== twin) expect(id).toBe(all.get(name)?.id)
      })
    )
    expect(factsOf(twin, first, onWal).get(twin)?.id).toBe(all.get(`base_${WAL}`)?.id)
    expect(factsOf(twin, `base_${WAL}`).get(twin)?.id).not.toBe(all.get(`base_${WAL}`)?.id)
  })

  it("of parents are those without an offset before those with one, and the last of these", () => {
    const twin = `base_${WAL}_D_000000010000000000000028`
    const parents = [
      [[], `base_${WAL}`],
      [[second, first], second],
      [[second, twin, first], twin],
      [[second, twin, `base_${WAL}`, first], `base_${WAL}`]
    ] as const
    for (const [listed, parent] of parents) {
      const facts = factsOf(onWal, ...listed)
      expect(facts.get(onWal)?.parent).toBe(parent)
      if (listed.length > 0) expect(facts.get(onWal)?.parentId).toBe(facts.get(parent)?.id)
    }
    // Of those that began in its own WAL, only the first is older for sure.
    const [own, later] = [`${second}_D_${WAL}`, `base_${WAL}_00000112_D_${WAL}`]
    const within = factsOf(first, own, later)
    expect([within.get(own)?.parent, within.get(later)?.parent]).toEqual([first, first])
    expect(factsOf(own, later).get(own)?.parent).toBe(`base_${WAL}`)
  })
})

describe("a list of WAL-G without backups", () => {
  it("is [] or null in the versions that say so", () => {
    for (const empty of ["[]", " null\n"]) {
      expect(inventoryOf(walG, utf8.encode(empty))).toEqual({ records: [], problems: [], complete: true })
    }
  })

  it("is nothing but a message in the others, which say so too where they could not look", () => {
    const said = "INFO: 2021/04/20 09:59:39.514139 No backups found"
    for (const [stdout, stderr] of [
      ["", `${said}\n`],
      [`${said}\n`, ""],
      ["", said.replace("INFO", "ERROR")]
    ]) {
      const { records, complete, problems } = inventoryOf(walG, utf8.encode(stdout), { stderr })
      expect([records, complete, problems.length]).toEqual([[], false, 1])
    }
  })

  it("is refused where nobody said why", () => {
    expect(refusalOf(walG, utf8.encode("\n"))).toContain("Look at its stderr")
  })
})

describe("the log of WAL-G", () => {
  const list = JSON.stringify([entry(FULL)])
  const settings =
    "WARNING: 2025/02/25 10:07:14.844834 WALG_FAILOVER_STORAGES_CACHE_LIFETIME is unknown\n" +
    "WARNING: 2025/02/25 10:07:14.844911 We found that some variables in your config file detected as 'Unknown'. \n" +
    "  If this is not right, please create issue https://github.com/wal-g/wal-g/issues/new\n"

  it("settings that it does not know are none of the list's business, on stderr or before the list", () => {
    expect(inventoryOf(walG, utf8.encode(list), { stderr: settings })).toMatchObject({ complete: true, problems: [] })
    const mixed = utf8.encode(`${settings}INFO: 2025/02/25 10:07:15.000000 List backups\n${list}`)
    expect(inventoryOf(walG, mixed)).toEqual(inventoryOf(walG, utf8.encode(list)))
    expect(walG.detect(mixed)).toBe(true)
    expect(
      inventoryOf(walG, utf8.encode(list), { stderr: 'time=2026-11-23T02:02:59Z level=INFO msg="List"' }).complete
    ).toBe(true)
  })

  it("is understood in each of the forms that it has since its levels are called WARN", () => {
    const forms = [
      (level: string, words: string) => `${level}: 2026/05/06 07:08:09.123456 ${words}`,
      // With the level DEBUG.
      (level: string, words: string) =>
        `${level}: 2026/05/06 07:08:09.123456 ${words}\tsource=/src/wal-g/internal/config/config.go:101`,
      (level: string, words: string) => `time=2026-05-06T07:08:09.123Z level=${level} msg="${words}"`,
      (level: string, words: string) => `{"time":"2026-05-06T07:08:09.123Z","level":"${level}","msg":"${words}"}`
    ]
    for (const form of forms) {
      const unknown = `${form("WARN", "WALG_LOCAL_PREFIX is unknown")}\n${form("INFO", "List backups from storages: [default]")}\n`
      expect(inventoryOf(walG, utf8.encode(list), { stderr: unknown })).toMatchObject({ complete: true, problems: [] })
      const dead = `${unknown}${form("WARN", "storage far away is dead")}\n`
      expect(inventoryOf(walG, utf8.encode(list), { stderr: dead })).toMatchObject({
        complete: false,
        problems: [{ place: "stderr", message: expect.stringContaining("storage far away is dead") }]
      })
      expect(refusalOf(walG, utf8.encode(list), { stderr: form("ERROR", "no such bucket") })).toContain(
        "no such bucket"
      )
      const none = { stderr: form("INFO", "No backups found") }
      expect(inventoryOf(walG, utf8.encode(""), none)).toMatchObject({ records: [], complete: false })
    }
    const mixed = utf8.encode(`${forms[0]?.("WARN", "WALG_LOCAL_PREFIX is unknown")}\n${list}`)
    expect(inventoryOf(walG, mixed)).toMatchObject({ complete: true, problems: [] })
  })

  it("any other warning may mean that backups are missing", () => {
    const stderr = "WARNING: 2025/02/25 10:07:14.844834 storage far away is dead\n"
    const { records, problems, complete } = inventoryOf(walG, utf8.encode(list), { stderr })
    expect([records.length, complete]).toEqual([1, false])
    expect(problems).toEqual([{ place: "stderr", message: expect.stringContaining("storage far away is dead") }])
  })

  it("a list without the usual storage lacks its backups, unless another one was asked for", () => {
    const info = (words: string) => `INFO: 2026/12/01 04:00:00.000000 ${words}\n`
    const listed = info("List backups from storages: [failover_1]")
    const hidden = [
      info("Take all alive storages from file cache: [failover_1 failover_2]"),
      info("Found alive storages: [s3_default]") + listed,
      'time=2026-05-06T07:08:09.123Z level=INFO msg="Found alive storages: [failover_1]"'
    ]
    for (const stderr of hidden) {
      const { complete, problems } = inventoryOf(walG, utf8.encode(list), { stderr })
      expect([complete, problems]).toEqual([
        false,
        [{ place: "stderr", message: expect.stringMatching(/^WAL-G listed only the storages .*without default/) }]
      ])
    }
    const whole = [
      info("Found alive storages: [default failover_1]") + info("List backups from storages: [default failover_1]"),
      // With --target-storage, without checks first.
      listed,
      info("Storage is alive in file cache: failover_1") + listed,
      info("Storage status is outdated in file cache: failover_1") +
        info("Checking for alive again: failover_1") +
        info("Storage is alive: failover_1") +
        listed
    ]
    for (const stderr of whole) {
      expect(inventoryOf(walG, utf8.encode(list), { stderr })).toMatchObject({ complete: true, problems: [] })
    }
  })

  it("errors refuse it, with WAL-G's own words", () => {
    const stderr = `${settings}ERROR: 2020/02/07 19:11:47.445792 object 'metadata.json' not found in storage\n`
    expect(refusalOf(walG, utf8.encode(list), { stderr })).toContain("object 'metadata.json' not found in storage")
  })
})

describe("a damaged list of WAL-G", () => {
  it("an entry that is broken is left out and reported, and the rest is imported", () => {
    const { records, problems, complete } = imported(
      null,
      5,
      {},
      entry(""),
      entry(FULL),
      { BackupName: 7 },
      { Name: null }
    )
    expect(records.map(({ nativeId }) => nativeId)).toEqual([FULL])
    expect(problems.map(({ place }) => place)).toEqual(["[0]", "[1]", "[2]", "[3]", "[5]", "[6]"])
    expect(complete).toBe(false)
  })

  it("a member that is broken is ignored and reported, and the entry is imported without it", () => {
    const { records, problems, complete } = imported(
      entry(FULL, {
        start_time: "2026-11-23 02:00:00",
        compressed_size: "24 GB",
        uncompressed_size: 7,
        pg_version: "15",
        is_permanent: 1
      })
    )
    expect(records.map(({ backup }) => [at(backup.created), backup.size])).toEqual([
      ["2026-11-23T02:02:59.000000Z", Option.some({ unit: "bytes", value: 7n })]
    ])
    expect(problems.map(({ place }) => place).toSorted()).toEqual([
      "[0].compressed_size",
      "[0].is_permanent",
      "[0].pg_version",
      "[0].start_time"
    ])
    expect(complete).toBe(true)
  })

  it("a list that was cut off is refused, wherever it was, and still known for WAL-G's", () => {
    const whole = sample("wal-g/postgres-detail.json")
    const last = new TextDecoder().decode(whole).trimEnd().length - 1
    expect(walG.detect(whole.subarray(0, last >> 1))).toBe(true)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: last }), (end) => {
        expect(refusalOf(walG, whole.subarray(0, end)).length).toBeGreaterThan(20)
      }),
      { numRuns: 50 }
    )
  })

  it("the answer of another tool, and a text for people, are refused in a sentence", () => {
    for (const other of [[{ time: "x", tree: "y" }], { servers: {} }, "text", 5, [[]]]) {
      expect(refusalOf(walG, json(other))).toBe(
        "This is not a list of backups of WAL-G: give what `wal-g backup-list --detail --json` printed."
      )
    }
    const table =
      "name last_modified wal_segment_backup_start\nbase_000000010000000000000005 2021-03-04T05:06:07Z 000000010000000000000005\n"
    expect(refusalOf(walG, utf8.encode(table))).toContain("wal-g backup-list --detail --json")
  })

  it("a backup whose storage or parent cannot be read is left out, and then nothing is retired", () => {
    const greenplum = { Name: "backup_20221214T011500Z", gp_version: "6", start_time: "2026-11-23T02:02:59Z" }
    for (const odd of [entry(FULL, { storage_name: 5 }), { ...greenplum, increment_from: {} }]) {
      const { records, problems, complete } = imported(odd, entry(DELTA))
      expect(records.map(({ nativeId }) => nativeId)).toEqual([DELTA])
      expect([problems.map(({ place }) => place), complete]).toEqual([["[0]"], false])
    }
  })

  it("no value in place of another crashes it", () => {
    const names = [
      "time",
      "start_time",
      "compressed_size",
      "user_data",
      "system_identifier",
      "hostname",
      "storage_name",
      "is_permanent"
    ]
    const forms = [
      entry(FULL),
      { BackupName: "a", StartLocalTime: "2026-11-23T02:02:59Z" },
      { Name: "b", gp_version: "6", start_time: "2026-11-23T02:02:59Z" }
    ]
    fc.assert(
      fc.property(
        fc.subarray([...names, "UserData", "MongoMeta", "DataSize", "increment_from"]),
        fc.jsonValue(),
        (some, value) => {
          const odd = Object.fromEntries(some.map((name) => [name, value]))
          for (const { backup } of imported(...forms.map((form) => ({ ...form, ...odd })), entry(DELTA)).records) {
            expect(Schema.is(Backup)(backup)).toBe(true)
          }
        }
      )
    )
  })
})
