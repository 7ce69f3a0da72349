import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import { restic } from "../../src/restic/restic.ts"
import {
  descriptionOf,
  detectedBy,
  flat,
  inventoryOf,
  json,
  optionsWith,
  refusalOf,
  sample
} from "../support/samples.ts"

// By Python from snapshots.json: id, time cut to microseconds, hostname, paths, and the tags engine= and version=.
const snapshots = [
  {
    id: "d8cab8fa67ee2b65b0befcd28b86243afdbd01fe83f555902e39d010168fefba",
    time: "2026-11-23T18:05:35.982365Z",
    host: "db-shop-1",
    path: "/shop.sql",
    datastore: ["PostgreSQL", "15.18"]
  },
  {
    id: "91213940c9c8775252f18c8a834daea3dae742041087b2031b497c5f70ccafcd",
    time: "2026-11-23T18:05:36.884466Z",
    host: "db-crm-1",
    path: "/crm.sql",
    datastore: ["PostgreSQL", "15.18"]
  },
  {
    id: "78646f9d1a1109dcd41fa5b952620f9be242883a60468c8829bf21406756d933",
    time: "2026-11-23T18:05:37.752915Z",
    host: "db-blog-1",
    path: "/var/backups/blog.sql",
    datastore: ["MariaDB", null]
  },
  {
    id: "f6d04b9f00569d41e973c8654759129f6cab909ea3f7f98f1c733d6d16074e9c",
    time: "2026-11-23T18:05:38.703202Z",
    host: "db-shop-1",
    path: "/shop.sql",
    datastore: ["PostgreSQL", "15.18"]
  },
  {
    id: "cd3ef464a58582a3daefb0a43825f23042ac816cabdd5eaf71727b5bd0e143d6",
    time: "2026-11-23T18:05:39.599077Z",
    host: "db-crm-1",
    path: "/tmp/tools/dump/pub",
    datastore: null
  }
]

const expected = snapshots.map(({ id, time, host, path, datastore }) => ({
  nativeId: id,
  name: `${id.slice(0, 8)} ${path}`,
  status: "COMPLETED",
  created: time,
  updated: time,
  bytes: null,
  instance: host,
  parent: null,
  location: `sftp:nas:/restic/snapshots/${id}`,
  datastore
}))

const location = "sftp:nas:/restic"

const found = (bytes: Uint8Array, options: Parameters<typeof inventoryOf>[2] = { location }) =>
  inventoryOf(restic, bytes, options).records.map(({ nativeId, backup }) => ({ nativeId, ...flat(backup) }))

const ids = (bytes: Uint8Array) => inventoryOf(restic, bytes).records.map(({ backup }) => backup.id)

const byId = <A extends { readonly nativeId: string }>(records: ReadonlyArray<A>) =>
  records.toSorted((a, b) => (a.nativeId < b.nativeId ? -1 : 1))

const snapshot = (over: object = {}) => ({
  time: "2026-11-23T18:05:35.982365626Z",
  tree: "1c53eae5a3f823c425bc3a0cad5238dd01ac0a38744b55dfe72503afc52dfb93",
  paths: ["/shop.sql"],
  hostname: "db-shop-1",
  username: "dbops",
  id: "a".repeat(64),
  short_id: "aaaaaaaa",
  ...over
})

const one = (over: object, options = {}) => {
  const { records, problems, complete } = inventoryOf(restic, json([snapshot(over)]), options)
  return { record: records[0], problems, complete }
}

const flatOne = (over: object) => {
  const { record } = one(over)
  assert.isDefined(record)
  return { ...flat(record.backup), description: descriptionOf(record.backup) }
}

describe("restic snapshots", () => {
  it("become records, with times to the microsecond and without sizes, which restic 0.14 does not print", () => {
    assert.deepStrictEqual<unknown>(found(sample("restic/snapshots.json")), expected)
    assert.deepStrictEqual(inventoryOf(restic, sample("restic/snapshots.json")).problems, [])
    assert.isTrue(inventoryOf(restic, sample("restic/snapshots.json")).complete)
  })

  it("are the same when they are printed in groups", () => {
    const grouped = inventoryOf(restic, sample("restic/snapshots-group-by-host.json"), { location })
    assert.deepStrictEqual<unknown>(
      byId(grouped.records.map(({ nativeId, backup }) => ({ nativeId, ...flat(backup) }))),
      byId(expected)
    )
    assert.deepStrictEqual(
      ids(sample("restic/snapshots-group-by-host.json")).toSorted(),
      ids(sample("restic/snapshots.json")).toSorted()
    )
    assert.isTrue(grouped.complete)
  })

  it("may be none at all", () => {
    const empty = { records: [], problems: [], complete: true }
    assert.deepStrictEqual(inventoryOf(restic, sample("restic/snapshots-empty.json")), empty)
    // As restic before 0.11 prints it.
    assert.deepStrictEqual(inventoryOf(restic, json(null)), empty)
  })

  it("keep their ids when restic tag rewrites them, while the ids of restic change", () => {
    const before = inventoryOf(restic, sample("restic/snapshots-before-tag.json"))
    const after = inventoryOf(restic, sample("restic/snapshots-after-tag.json"))
    assert.deepStrictEqual(
      after.records.map(({ backup }) => backup.id),
      before.records.map(({ backup }) => backup.id)
    )
    assert.deepStrictEqual(
      after.records.map(({ nativeId }) => nativeId),
      [
        "0e5d80ef0d4ad3a0c9251b2de18b675f8f55dd7c02f08b6dfc583260a9455cdf",
        "658d4f6a1e57cf29f2f3e503dcf1e9b35cebeb74b0dca2a688fd477684580da7",
        "81c18b3347b2a089530ad86d1827419cd05d61e266333ca9d39091a2e4ca8a90"
      ]
    )
    assert.include(
      descriptionOf(after.records[1]?.backup as never),
      "rewritten from 9f7c2af442516315466b33ee716dfb762c62a883e6bf727073d2c3872436af12"
    )
    assert.deepStrictEqual(
      ids(sample("restic/snapshots-group-by-host-and-tags.json")).toSorted(),
      ids(sample("restic/snapshots-after-tag.json")).toSorted()
    )
  })

  it("have no parent: restic's is where it looked for unchanged files, and every snapshot is whole", () => {
    const [, , increment] = inventoryOf(restic, sample("restic/snapshots-after-tag.json")).records
    assert.include(new TextDecoder().decode(sample("restic/snapshots-after-tag.json")), '"parent":"9f7c2af4')
    assert.isNull(increment && flat(increment.backup).parent)
    assert.isUndefined(increment?.nativeParentId)
  })

  it("of a rewrite that kept the original are two records", () => {
    const original = "b".repeat(64)
    const pair = [snapshot({ id: original }), snapshot({ original })]
    const { records, problems } = inventoryOf(restic, json(pair))
    assert.strictEqual(new Set(records.map(({ backup }) => backup.id)).size, 2)
    assert.deepStrictEqual(problems, [])
    const copies = [snapshot({ original }), snapshot({ id: "c".repeat(64), original })]
    assert.strictEqual(new Set(ids(json(copies))).size, 2)
    assert.deepStrictEqual(ids(json(copies)), ids(json(copies.toReversed())).toReversed())
  })

  it("say when they were made and how much they added, since restic 0.17", () => {
    const summary = {
      backup_start: "2026-11-23T19:05:35.982365626+01:00",
      backup_end: "2026-11-23T19:06:01.5+01:00",
      files_new: 3,
      data_added: 9_000,
      data_added_packed: 4_000,
      total_bytes_processed: 3_661_239
    }
    const { created, updated, bytes, description } = flatOne({ program_version: "restic 0.17.3", summary })
    assert.deepStrictEqual(
      [created, updated, bytes],
      ["2026-11-23T18:05:35.982365Z", "2026-11-23T18:06:01.500000Z", 4_000n]
    )
    assert.include(description, "3661239 bytes read")
    assert.notInclude(description, "made ")
    assert.strictEqual(flatOne({ summary: { ...summary, data_added_packed: undefined } }).bytes, 3_661_239n)
    assert.strictEqual(flatOne({ summary: { ...summary, data_added_packed: 0 } }).bytes, 0n)
    assert.isNull(flatOne({ summary: {} }).bytes)
  })

  it("have the size of what they read where restic rewrite made their summary", () => {
    const summary = {
      backup_start: "0001-01-01T00:00:00Z",
      backup_end: "0001-01-01T00:00:00Z",
      files_new: 0,
      data_added: 0,
      data_added_packed: 0,
      total_files_processed: 3,
      total_bytes_processed: 3_661_239
    }
    const rewritten = snapshot({ summary })
    const { bytes, created, updated } = flatOne({ summary })
    assert.deepStrictEqual([bytes, updated], [3_661_239n, created])
    assert.deepStrictEqual(inventoryOf(restic, json([rewritten])).problems, [])
  })

  it("are read as restic 0.19 prints them", () => {
    // By Python from snapshots-0.19.json: id, time and backup_end in UTC and cut to microseconds, hostname,
    // data_added_packed.
    assert.deepStrictEqual<unknown>(
      found(sample("restic/snapshots-0.19.json")).map(({ nativeId, created, updated, instance, bytes }) => [
        nativeId.slice(0, 8),
        created,
        updated,
        instance,
        bytes
      ]),
      [
        ["49c4b3b0", "2026-10-31T19:45:00.000000Z", "2026-11-29T11:38:24.522018Z", "db-crm-1", 972n],
        ["51aefe62", "2026-11-29T11:38:22.450031Z", "2026-11-29T11:38:23.124614Z", "db-shop-1", 987n],
        ["8fb4c365", "2026-11-29T11:38:23.141231Z", "2026-11-29T11:38:23.821135Z", "db-shop-1", 343n],
        ["e5ad1e78", "2026-11-29T11:38:24.541829Z", "2026-11-29T11:38:25.225369Z", "db-näs-1", 965n],
        ["aa311fd8", "2026-11-29T11:38:25.245659Z", "2026-11-29T11:38:25.957330Z", "db-crm-2", 883n],
        ["cf753230", "2026-11-29T11:38:25.245659Z", "2026-11-29T11:38:25.957330Z", "db-shop-2", 883n],
        ["bd6d9f4a", "2026-11-29T11:38:25.245659Z", "2026-11-29T11:38:25.957330Z", "db-crm-1", 883n]
      ]
    )
    const { problems, complete } = inventoryOf(restic, sample("restic/snapshots-0.19.json"))
    assert.deepStrictEqual([problems, complete], [[], true])
  })

  it("hold sizes that a number would round", () => {
    const text = JSON.stringify([snapshot({ summary: { data_added_packed: 1 } })])
    const bytes = new TextEncoder().encode(
      text.replace('"data_added_packed":1', '"data_added_packed":9007199254740993')
    )
    assert.strictEqual(found(bytes)[0]?.bytes, 9_007_199_254_740_993n)
  })

  it("are as old as --time says, and tell when they were made", () => {
    const summary = { backup_start: "2026-11-23T18:00:00Z", backup_end: "2026-11-23T18:10:00Z" }
    const older = flatOne({ time: "2019-12-31T23:59:59-05:00", summary })
    assert.deepStrictEqual(
      [older.created, older.updated],
      ["2020-01-01T04:59:59.000000Z", "2026-11-23T18:10:00.000000Z"]
    )
    assert.include(older.description, "made 2026-11-23T18:00:00.000000Z")
    const younger = flatOne({ time: "2030-01-01T00:00:00Z", summary })
    assert.strictEqual(younger.updated, "2030-01-01T00:00:00.000000Z")
  })

  it("take times with any offset and up to nine digits", () => {
    for (const [time, created] of [
      ["2026-11-01T01:30:00+05:30", "2026-10-31T20:00:00.000000Z"],
      ["2026-11-01T01:30:00.1-03:30", "2026-11-01T05:00:00.100000Z"],
      ["2026-11-01T01:30:00.123456789Z", "2026-11-01T01:30:00.123456Z"],
      ["1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999Z"]
    ]) {
      assert.strictEqual(flatOne({ time }).created, created)
    }
  })

  it("name their database by tags only, and only without doubt", () => {
    const datastore = (...tags: ReadonlyArray<string>) => flatOne({ tags }).datastore
    assert.deepStrictEqual<unknown>(datastore("engine=postgres", "version=16.1"), ["PostgreSQL", "16.1"])
    assert.deepStrictEqual<unknown>(datastore("engine=Firebird"), ["Firebird", null])
    assert.deepStrictEqual<unknown>(datastore("engine=redis", "version=6", "version=7"), ["Redis", null])
    for (const tags of [["engine=mysql", "engine=mariadb"], ["engine="], ["version=15"], ["postgresql"], []]) {
      assert.isNull(datastore(...tags))
    }
  })

  it("may lack a host, tags and a user, and may have any text in them", () => {
    const { record, problems } = one({ hostname: undefined, username: undefined, tags: null, paths: [] })
    assert.deepStrictEqual(problems, [])
    assert.isNull(record && flat(record.backup).instance)
    const text = flatOne({ hostname: "näs\u0007-\ud800", paths: [`/${"ü".repeat(300)}`] })
    assert.strictEqual(text.instance, "näs\ufffd-\ufffd")
    assert.strictEqual([...text.name].length, 255)
  })
})

describe("a list of restic", () => {
  it("keeps what it can when entries are broken, says where, and is not complete then", () => {
    const { records, problems, complete } = inventoryOf(
      restic,
      json([
        snapshot(),
        snapshot({ id: undefined }),
        snapshot({ id: "c".repeat(64), time: "yesterday" }),
        snapshot({ id: "d".repeat(64), time: "0001-01-01T00:00:00Z" }),
        7,
        snapshot({ id: "e".repeat(64), tags: "db=shop", summary: { data_added_packed: -1 } })
      ])
    )
    assert.deepStrictEqual(
      records.map(({ nativeId }) => nativeId[0]),
      ["a", "e"]
    )
    assert.deepStrictEqual(
      problems.map(({ place }) => place),
      ["[1]", "[2]", "[3]", "[4]", "[5].tags", "[5].summary.data_added_packed"]
    )
    assert.isFalse(complete)
  })

  it("is complete when only a detail is broken, or when a snapshot is there twice", () => {
    const { records, problems, complete } = inventoryOf(restic, json([snapshot(), snapshot(), snapshot({ tags: 1 })]))
    assert.strictEqual(records.length, 1)
    assert.strictEqual(problems.length, 3)
    assert.isTrue(complete)
  })

  it("is without a snapshot whose first id cannot be read, or that is there twice and differs, and is not complete", () => {
    const odd = inventoryOf(restic, json([snapshot({ original: 5 })]))
    assert.deepStrictEqual([odd.records.length, odd.problems.length, odd.complete], [0, 1, false])
    const two = inventoryOf(restic, json([snapshot(), snapshot({ hostname: "other" })]))
    assert.deepStrictEqual([two.records.length, two.complete], [1, false])
    assert.include(two.problems[0]?.message, "twice and differently")
  })

  it("has the first id of a snapshot that is there twice", () => {
    const original = "b".repeat(64)
    const [alone] = inventoryOf(restic, json([snapshot({ original })])).records
    const twice = inventoryOf(restic, json([snapshot({ original }), snapshot({ original })]))
    assert.deepStrictEqual([twice.records, twice.complete], [[alone], true])
  })

  it("is refused when restic could not read a snapshot, although it ended well", () => {
    const stderr = new TextDecoder().decode(sample("restic/snapshots-damaged.stderr.txt"))
    assert.strictEqual(inventoryOf(restic, sample("restic/snapshots-damaged.json")).records.length, 2)
    assert.include(
      refusalOf(restic, sample("restic/snapshots-damaged.json"), { stderr }),
      "could not load snapshot 81c18b33: load <snapshot/81c18b3347>: invalid data returned"
    )
    const ignored = 'Ignoring "deadbeef": no matching ID found for prefix "deadbeef"\n'
    assert.include(refusalOf(restic, json([]), { stderr: ignored }), "Ignoring")
  })

  it("is taken when stderr only tells of the cache, of repeated tries, or of ssh", () => {
    const stderr = [
      "enter password for repository: ",
      "unable to open cache: mkdir /proc/nope: no such file or directory",
      "found 3 old cache directories in /root/.cache/restic, run `restic cache --cleanup` to remove them",
      "Load(<snapshot/81c18b3347>, 0, 0) returned error, retrying after 552.330144ms: connection reset by peer",
      "Load(<snapshot/81c18b3347>, 0, 0) operation successful after 1 retries",
      "subprocess ssh: Warning: Permanently added 'nas' (ED25519) to the list of known hosts.",
      'rclone: 2026/11/29 20:10:00 NOTICE: Config file "/root/.config/rclone/rclone.conf" not found - using defaults',
      ""
    ].join("\r\n")
    assert.strictEqual(inventoryOf(restic, sample("restic/snapshots.json"), { stderr }).records.length, 5)
    for (const complaint of [
      "Fatal: unable to open config file",
      "Load(<snapshot/81c18b3347>, 0, 0) returned error: connection reset by peer",
      "rclone: 2026/11/29 20:10:00 ERROR : no such bucket"
    ]) {
      const more = `${stderr}\n${complaint}`
      assert.include(refusalOf(restic, sample("restic/snapshots.json"), { stderr: more }), complaint)
    }
  })

  it("is refused in one sentence when it is none", () => {
    for (const path of [
      "restic/snapshots.txt",
      "restic/ls-d8cab8fa.jsonl",
      "restic/stats-latest.json",
      "borg/list.json"
    ]) {
      assert.match(refusalOf(restic, sample(path)), /restic/)
    }
    assert.include(refusalOf(restic, new Uint8Array()), "printed nothing")
    assert.include(refusalOf(restic, Uint8Array.of(0x5b, 0xff, 0x5d)), "not JSON of restic")
    const fault = { message_type: "exit_error", code: 12, message: "Fatal: wrong password or no key found" }
    assert.include(refusalOf(restic, json(fault)), "wrong password or no key found")
    assert.match(refusalOf(restic, json([{ name: "shop" }])), /restic snapshots --json/)
  })

  it("is refused in the groups in which rustic prints it, with the command that reads its repositories, too", () => {
    const groups = json([
      [{ hostname: "a", label: "", paths: ["/"] }, []],
      [{ hostname: "b", label: "", paths: ["/"] }, [snapshot()]]
    ])
    assert.strictEqual(
      refusalOf(restic, groups),
      "This is the list of rustic, in groups: give what `restic snapshots --json` printed, which reads repositories of rustic, too."
    )
    assert.isTrue(restic.detect(groups))
    for (const other of [[["a", [{ name: "b" }]]], [[{}, {}]], [[]]]) assert.isFalse(restic.detect(json(other)))
  })

  it("is told from the output of every other tool, but for an empty one, which could be anybody's", () => {
    assert.deepStrictEqual(detectedBy(restic.detect), [
      "restic/snapshots-0.19.json",
      "restic/snapshots-after-tag.json",
      "restic/snapshots-before-tag.json",
      "restic/snapshots-damaged.json",
      "restic/snapshots-group-by-host-and-tags.json",
      "restic/snapshots-group-by-host.json",
      "restic/snapshots.json"
    ])
  })

  it("gives the same records in any order, at any time, and others for another source", () => {
    const all = JSON.parse(new TextDecoder().decode(sample("restic/snapshots-after-tag.json"))) as Array<object>
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), fc.integer({ min: 0 }), (shuffled, now) => {
        const records = inventoryOf(restic, json(shuffled), { now }).records
        assert.deepStrictEqual(byId(records), byId(inventoryOf(restic, json(all)).records))
      })
    )
    assert.deepStrictEqual(inventoryOf(restic, json(all)), inventoryOf(restic, json(all), optionsWith()))
    const other = inventoryOf(restic, json(all), { source: "other" }).records
    assert.notInclude(ids(json(all)), other[0]?.backup.id)
  })

  it("that was cut off anywhere is refused", () => {
    const bytes = sample("restic/snapshots-group-by-host.json")
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 2 }), (length) => {
        assert.match(refusalOf(restic, bytes.subarray(0, length)), /restic/)
      })
    )
  })

  it("never makes the importer fail in another way, whatever its entries are", () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 4 }),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (list, over) => {
          const { records, problems } = inventoryOf(restic, json([...list, snapshot(), snapshot(over)]))
          assert.isAtLeast(records.length, 1)
          assert.strictEqual(problems.filter(({ place }) => /^\[\d+\]$/.test(place)).length >= list.length, true)
        }
      )
    )
  })
})
