import { Option } from "effect"
import { describe, expect, it } from "vitest"
import { walG } from "../../src/wal-g/wal-g.ts"
import { allSamples, inventoryOf, sample } from "../support/samples.ts"
import { DELTA, FULL, type Row, rowsOf, SECOND_DELTA } from "./outputs.ts"

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
