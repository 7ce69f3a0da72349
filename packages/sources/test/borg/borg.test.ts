import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import { borg } from "../../src/borg/borg.ts"
import { descriptionOf, detectedBy, flat, inventoryOf, json, refusalOf, sample } from "../support/samples.ts"

const utc = { timeZone: "UTC" }

// By Python from info-all-archives.json: id, name, start, end (printed with TZ=UTC), stats.deduplicated_size.
const archives = [
  [
    "5fb29685ab0e2b934a9ec626dfbcb53d0bb9a291b8321f4840ae58a93496f53b",
    "shop-2026-11-21",
    "2026-11-23T18:07:23.000000Z",
    "2026-11-23T18:07:23.000000Z",
    1_144_310n
  ],
  [
    "ce8b243810f94f3cd4808306dbde3bd7a47d014111daff975d0c5723ae6247f1",
    "shop-2026-11-22",
    "2026-11-23T18:07:24.000000Z",
    "2026-11-23T18:07:24.000000Z",
    516_035n
  ],
  [
    "c0b364ddd2a726ade0c5fbd45de67229c5047bc2482ba0a9c3727aa6aa4ffedf",
    "crm-2026-11-22",
    "2026-11-23T18:07:24.000000Z",
    "2026-11-23T18:07:24.000000Z",
    693_004n
  ],
  [
    "5d87273d3d1a4389f3425248264580f69ecd221ab6b9a7cd30f1c51bfaba2876",
    "blog-mariabackup-2026-11-23",
    "2026-11-23T18:07:24.000000Z",
    "2026-11-23T18:07:25.000000Z",
    2_802_528n
  ]
] as const

const expected = archives.map(([id, name, created, updated, bytes]) => ({
  nativeId: id,
  name,
  status: "COMPLETED",
  created,
  updated,
  bytes,
  instance: "vm",
  parent: null,
  location: `/tmp/tools/borg/pub::${name}`,
  datastore: null
}))

const found = (bytes: Uint8Array, options: Parameters<typeof inventoryOf>[2] = utc) =>
  inventoryOf(borg, bytes, options).records.map(({ nativeId, backup }) => ({ nativeId, ...flat(backup) }))

const ids = (bytes: Uint8Array, options = utc) =>
  inventoryOf(borg, bytes, options).records.map(({ backup }) => backup.id)

const archive = (over: object = {}) => ({
  archive: "shop",
  barchive: "shop",
  name: "shop",
  id: "5".repeat(64),
  start: "2026-11-23T18:07:23.000000",
  time: "2026-11-23T18:07:23.000000",
  ...over
})

const repository = { id: "a".repeat(64), last_modified: "2026-11-23T18:07:25.000000", location: "ssh://nas/./borg" }

const list = (...entries: ReadonlyArray<unknown>) =>
  json({ archives: entries, encryption: { mode: "repokey" }, repository })

const flatOne = (over: object, options: Parameters<typeof inventoryOf>[2] = utc) => {
  const [record] = inventoryOf(borg, list(archive(over)), options).records
  assert.isDefined(record)
  return { ...flat(record.backup), description: descriptionOf(record.backup) }
}

describe("the archives of a Borg repository", () => {
  it("become records, by borg info with what each of them alone occupies", () => {
    const inventory = inventoryOf(borg, sample("borg/info-all-archives.json"), utc)
    assert.deepStrictEqual<unknown>(found(sample("borg/info-all-archives.json")), expected)
    assert.deepStrictEqual(inventory.problems, [])
    assert.isTrue(inventory.complete)
    const [first] = inventory.records
    assert.strictEqual(
      first && descriptionOf(first.backup),
      "nightly shop; archive 5fb29685ab0e2b934a9ec626dfbcb53d0bb9a291b8321f4840ae58a93496f53b; by dbops; 1 files; 3675132 bytes read"
    )
  })

  it("are the same by borg list, which knows less of them", () => {
    const bare = expected.map((one) => ({ ...one, updated: one.created, bytes: null, instance: null }))
    assert.deepStrictEqual<unknown>(found(sample("borg/list.json")), bare)
    assert.isTrue(inventoryOf(borg, sample("borg/list.json"), utc).complete)
    const withoutSizes = expected.map((one) => ({ ...one, bytes: null }))
    assert.deepStrictEqual<unknown>(found(sample("borg/list-all-fields.json")), withoutSizes)
    assert.deepStrictEqual(ids(sample("borg/list.json")), ids(sample("borg/info-all-archives.json")))
    assert.deepStrictEqual(ids(sample("borg/list-all-fields.json")), ids(sample("borg/list.json")))
  })

  it("may be none, and then no zone is needed", () => {
    const empty = { records: [], problems: [], complete: true }
    assert.deepStrictEqual(inventoryOf(borg, sample("borg/list-empty.json")), empty)
  })

  it("are not all when borg info has fewer bytes of them than of the repository", () => {
    for (const path of ["borg/info-shop-2026-11-22.json", "borg/info-last-2.json"]) {
      assert.isFalse(inventoryOf(borg, sample(path), utc).complete, path)
    }
    assert.isTrue(inventoryOf(borg, sample("borg/info-checkpoint.json"), utc).complete)
    assert.deepStrictEqual<unknown>(found(sample("borg/info-shop-2026-11-22.json")), [expected[1]])
  })

  it("are failed when a run left a checkpoint of them only", () => {
    const records = found(sample("borg/info-checkpoint.json"))
    // By Python: the fifth of six, with 1,600,787 deduplicated bytes; the others have 793 each.
    assert.deepStrictEqual<unknown>(
      records.map(({ status, bytes }) => [status, bytes]),
      records.map((_, n) => (n === 4 ? ["FAILED", 1_600_787n] : ["COMPLETED", 793n]))
    )
    assert.include(flatOne({ name: "shop.checkpoint.2" }).description, "checkpoint of a run that did not end")
    assert.strictEqual(flatOne({ name: "shop.checkpoint.2" }).status, "FAILED")
    assert.strictEqual(flatOne({ name: "shop.checkpoint.old" }).status, "COMPLETED")
  })

  it("are the same wherever borg list ran, but in the hour that the clocks repeated", () => {
    const [utcList, newYork] = [
      found(sample("borg/list-utc.json")),
      found(sample("borg/list-new-york.json"), { timeZone: "America/New_York" })
    ]
    assert.strictEqual(utcList.length, 5)
    const repeated = utcList.findIndex(({ created }) => created === "2026-11-01T06:30:00.000000Z")
    assert.strictEqual(repeated, 3)
    assert.deepStrictEqual(
      newYork,
      utcList.map((one, n) =>
        n === repeated
          ? { ...one, created: "2026-11-01T05:30:00.000000Z", updated: "2026-11-01T05:30:00.000000Z" }
          : one
      )
    )
    assert.deepStrictEqual(
      ids(sample("borg/list-new-york.json"), { timeZone: "America/New_York" }),
      ids(sample("borg/list-utc.json"))
    )
    assert.deepStrictEqual(newYork[2]?.name, "crm-été-2026-11-01T05:30:00")
    const info = found(sample("borg/info-checkpoint.json"))
    assert.deepStrictEqual(
      found(sample("borg/info-new-york.json"), { timeZone: "America/New_York" }).filter((_, n) => n !== repeated),
      info.filter((_, n) => n !== repeated)
    )
  })

  it("need a time zone, which Borg 1 does not print", () => {
    assert.include(refusalOf(borg, sample("borg/list.json")), "--time-zone Europe/Berlin")
    assert.include(refusalOf(borg, sample("borg/list.json")), "TZ=UTC")
    assert.include(
      refusalOf(borg, sample("borg/list.json"), { timeZone: "Mars/Olympus" }),
      "Mars/Olympus is not a time zone"
    )
    assert.strictEqual(flatOne({}, { timeZone: "+05:30" }).created, "2026-11-23T12:37:23.000000Z")
    assert.strictEqual(flatOne({}, { timeZone: "Europe/Berlin" }).created, "2026-11-23T17:07:23.000000Z")
    assert.strictEqual(
      flatOne({ start: "2026-06-23T18:07:23" }, { timeZone: "Europe/Berlin" }).created,
      "2026-06-23T16:07:23.000000Z"
    )
  })

  it("need none when their times have an offset, as with Borg 2", () => {
    const over = { start: "2026-11-23T18:07:23.123456+05:30", end: "2026-11-23T18:07:24.000001+05:30" }
    const { created, updated } = flatOne(over, {})
    assert.deepStrictEqual([created, updated], ["2026-11-23T12:37:23.123456Z", "2026-11-23T12:37:24.000001Z"])
    assert.include(refusalOf(borg, list(archive(over), archive({ id: "6" }))), "--time-zone")
  })

  it("are read as Borg 1.4 prints them", () => {
    // By jq from info-1.4.json: name, start, end, deduplicated_size, and hostname.
    assert.deepStrictEqual<unknown>(
      found(sample("borg/info-1.4.json")).map(({ name, status, created, updated, bytes, instance }) => [
        name,
        status,
        created,
        updated,
        bytes,
        instance
      ]),
      [
        ["shop-1", "COMPLETED", "2026-11-29T11:38:31.000000Z", "2026-11-29T11:38:31.000000Z", 709n, "vm"],
        ["empty", "COMPLETED", "2026-11-29T11:38:31.000000Z", "2026-11-29T11:38:31.000000Z", 580n, "vm"],
        ["crm.checkpoint", "FAILED", "2026-11-29T11:38:32.000000Z", "2026-11-29T11:38:32.000000Z", 675n, "vm"]
      ]
    )
    assert.isTrue(inventoryOf(borg, sample("borg/info-1.4.json"), utc).complete)
  })

  it("are read as a beta of Borg 2 prints them, with their offsets and so without a zone", () => {
    // By jq from info-2.0.0b5.json, with the offset of +05:45 taken off.
    assert.deepStrictEqual<unknown>(
      found(sample("borg/info-2.0.0b5.json"), {}).map(({ nativeId, name, created, updated, bytes }) => [
        nativeId.slice(0, 8),
        name,
        created,
        updated,
        bytes
      ]),
      [
        ["2ad79018", "shop-1", "2026-11-29T11:38:47.236596Z", "2026-11-29T11:38:47.238911Z", 624n],
        ["14fedd61", "shop-2", "2026-11-29T11:38:47.692747Z", "2026-11-29T11:38:47.695351Z", 810n]
      ]
    )
    assert.deepStrictEqual(ids(sample("borg/rlist-2.0.0b5.json")), ids(sample("borg/info-2.0.0b5.json")))
  })

  it("begin at the time that Borg 2 lists where it does not list the start", () => {
    const time = "2026-11-29T17:23:47.236596+05:45"
    assert.strictEqual(flatOne({ start: undefined, time }, {}).created, "2026-11-29T11:38:47.236596Z")
    assert.strictEqual(
      flatOne({ time: "2020-01-01T00:00:00.000000+00:00", start: time, end: time }, {}).created,
      "2026-11-29T11:38:47.236596Z"
    )
  })

  it("end after their start, also when the clocks were put back meanwhile", () => {
    const over = { start: "2026-10-25T02:59:50.000000", end: "2026-10-25T02:00:10.000000" }
    const { created, updated } = flatOne(over, { timeZone: "Europe/Berlin" })
    assert.deepStrictEqual([created, updated], ["2026-10-25T00:59:50.000000Z", "2026-10-25T01:00:10.000000Z"])
    assert.strictEqual(flatOne(over).updated, "2026-10-25T02:59:50.000000Z")
  })

  it("occupy what only they use, else what they read, else nobody knows what", () => {
    const stats = { original_size: 20, compressed_size: 10, deduplicated_size: 0, nfiles: 1 }
    assert.strictEqual(flatOne({ stats }).bytes, 0n)
    assert.strictEqual(flatOne({ stats: { original_size: 20, nfiles: 1 } }).bytes, 20n)
    assert.isNull(flatOne({ stats: {} }).bytes)
    const text = new TextDecoder().decode(list(archive({ stats })))
    const large = new TextEncoder().encode(
      text.replace('"deduplicated_size":0', '"deduplicated_size":9007199254740993')
    )
    assert.strictEqual(found(large)[0]?.bytes, 9_007_199_254_740_993n)
  })

  it("are where the repository is, or where somebody says that it is", () => {
    assert.strictEqual(flatOne({}).location, "ssh://nas/./borg::shop")
    assert.strictEqual(flatOne({}, { ...utc, location: "/mnt/borg" }).location, "/mnt/borg::shop")
  })

  it("are named by their ids where Borg 2 lists them, since two of them may have one name", () => {
    const start = "2026-11-23T18:07:23.123456+05:30"
    const two = list(archive({ id: "i1", start }), archive({ id: "i2", start }))
    assert.deepStrictEqual(
      found(two, {}).map(({ location }) => location),
      ["ssh://nas/./borg::aid:i1", "ssh://nas/./borg::aid:i2"]
    )
    assert.strictEqual(
      flatOne({ start, end: undefined }, { location: "/mnt/borg" }).location,
      `/mnt/borg::aid:${archive().id}`
    )
  })

  it("are others in another repository", () => {
    const elsewhere = json({ archives: [archive()], repository: { ...repository, id: "b".repeat(64) } })
    assert.notDeepEqual(ids(elsewhere), ids(list(archive())))
  })

  it("may have any text for a name", () => {
    assert.strictEqual(flatOne({ name: "n\udce9t\u0001-☃" }).name, "n\ufffdt\ufffd-☃")
    assert.strictEqual([...flatOne({ name: "💾".repeat(300) }).name].length, 255)
  })
})

describe("the archives of several repositories, in the array of borgmatic", () => {
  const list = (id: string, ...entries: ReadonlyArray<unknown>) => ({
    archives: entries,
    encryption: { mode: "repokey" },
    repository: { ...repository, id, location: `/srv/${id}`, label: "" }
  })

  it("become records", () => {
    // By Python from borgmatic-info.json: name, start, end, deduplicated_size, and the repository.
    assert.deepStrictEqual<unknown>(
      found(sample("borg/borgmatic-info.json")).map(({ created, updated, bytes, location }) => [
        created,
        updated,
        bytes,
        location
      ]),
      [
        [
          "2026-12-01T09:35:25.000000Z",
          "2026-12-01T09:35:25.000000Z",
          794n,
          "/srv/backup/shop::vm-2026-12-01T09:35:25"
        ],
        [
          "2026-12-01T09:35:30.000000Z",
          "2026-12-01T09:35:30.000000Z",
          1_872n,
          "/srv/backup/shop::vm-2026-12-01T09:35:30"
        ],
        [
          "2026-12-01T09:35:26.000000Z",
          "2026-12-01T09:35:26.000000Z",
          797n,
          "/srv/backup/offsite::vm-2026-12-01T09:35:26"
        ],
        [
          "2026-12-01T09:35:31.000000Z",
          "2026-12-01T09:35:31.000000Z",
          1_875n,
          "/srv/backup/offsite::vm-2026-12-01T09:35:31"
        ]
      ]
    )
    assert.deepStrictEqual(ids(sample("borg/borgmatic-list.json")), ids(sample("borg/borgmatic-info.json")))
    for (const path of ["borg/borgmatic-info.json", "borg/borgmatic-list.json"]) {
      const { problems, complete } = inventoryOf(borg, sample(path), utc)
      assert.deepStrictEqual([problems, complete], [[], true], path)
    }
  })

  it("are the same as by Borg itself, of each repository", () => {
    const [one, other] = [list("a", archive()), list("b", archive())]
    const both = inventoryOf(borg, json([one, other]), utc)
    const alone = [one, other].map((output) => inventoryOf(borg, json(output), utc))
    assert.deepStrictEqual(
      both.records,
      alone.flatMap(({ records }) => records)
    )
    assert.deepStrictEqual(inventoryOf(borg, json([one]), utc), alone[0])
    assert.isTrue(both.complete)
  })

  it("may be listed by two configurations of one repository", () => {
    const [one, other] = [archive(), archive({ id: "6", name: "crm" })]
    const apart = inventoryOf(borg, json([list("a", one), list("a", other)]), utc)
    assert.deepStrictEqual([apart.records.length, apart.problems, apart.complete], [2, [], true])
    const twice = inventoryOf(borg, json([list("a", one), list("a", one)]), utc)
    assert.deepStrictEqual(
      [twice.records.length, twice.problems.map(({ place }) => place), twice.complete],
      [1, ["[1].archives[0]"], true]
    )
  })

  it("are all only if they are of each repository, and tell where they are not", () => {
    const short = { ...list("b", archive({ stats: { original_size: 1 } })), cache: { stats: { total_size: 2 } } }
    for (const [output, place] of [
      [list("b", archive(), { name: "broken" }), "[1].archives[1]"],
      [short, "[1].cache.stats.total_size"],
      [{ ...list("b", archive()), cache: { stats: { total_size: "much" } } }, "[1].cache.stats.total_size"]
    ] as const) {
      const { records, problems, complete } = inventoryOf(borg, json([list("a", archive()), output]), utc)
      assert.deepStrictEqual([records.length, problems.map((one) => one.place), complete], [2, [place], false])
    }
  })

  it("are where Borg says, since one --location cannot be that of two repositories", () => {
    const options = { ...utc, location: "/mnt/borg" }
    const locations = (...outputs: ReadonlyArray<unknown>) =>
      found(json(outputs), options).map(({ location }) => location)
    assert.deepStrictEqual(locations(list("a", archive()), list("b", archive())), ["/srv/a::shop", "/srv/b::shop"])
    assert.deepStrictEqual(locations(list("a", archive())), ["/mnt/borg::shop"])
  })

  it("are refused where one of the outputs has no list of them, or none is there", () => {
    const { archives: _, ...none } = list("b")
    assert.include(refusalOf(borg, json([list("a", archive()), none]), utc), "without a list of its archives")
    assert.include(refusalOf(borg, sample("borg/borgmatic-rinfo.json"), utc), "borgmatic list --json")
    for (const odd of [[], [list("a", archive()), {}], [[list("a", archive())]], [null]]) {
      assert.include(refusalOf(borg, json(odd), utc), "This is not a list of Borg")
      assert.isFalse(borg.detect(json(odd)))
    }
  })
})

describe("an output of Borg", () => {
  it("is not complete when what all archives have read cannot be read", () => {
    const odd = { ...JSON.parse(new TextDecoder().decode(list(archive()))), cache: { stats: { total_size: "much" } } }
    const { records, problems, complete } = inventoryOf(borg, json(odd), utc)
    assert.deepStrictEqual([records.length, problems.length, complete], [1, 1, false])
  })

  it("keeps what it can when archives are broken, says where, and is not complete then", () => {
    const { records, problems, complete } = inventoryOf(
      borg,
      list(
        archive(),
        archive({ id: undefined }),
        archive({ id: "6", start: "Mon, 2026-11-23 18:07:23" }),
        null,
        archive({ id: "7", start: "2026-02-30T00:00:00" }),
        archive({ id: "8", end: 5, hostname: ["vm"] }),
        archive()
      ),
      utc
    )
    assert.deepStrictEqual(
      records.map(({ nativeId }) => nativeId[0]),
      ["5", "8"]
    )
    assert.deepStrictEqual(
      problems.map(({ place }) => place),
      [
        "archives[1]",
        "archives[2]",
        "archives[3]",
        "archives[4]",
        "archives[5].end",
        "archives[5].hostname",
        "archives[6]"
      ]
    )
    assert.isFalse(complete)
    assert.isTrue(inventoryOf(borg, list(archive(), archive({ id: "8", end: 5 })), utc).complete)
  })

  it("leaves out an archive from before the year 0", () => {
    const { records, problems, complete } = inventoryOf(borg, list(archive({ start: "0000-01-01T00:00:00" })), {
      timeZone: "+05:30"
    })
    assert.deepStrictEqual([records.length, problems.length, complete], [0, 1, false])
  })

  it("is refused when it is one without archives, which is not the same as no archives", () => {
    for (const path of ["borg/info-repo.json", "borg/create-shop-2026-11-21.json"]) {
      assert.include(refusalOf(borg, sample(path), utc), "without a list of its archives")
    }
    const withEmptyList = { archives: [], cache: {}, repository, security_dir: "/root/.config/borg/security/a" }
    assert.include(refusalOf(borg, json(withEmptyList), utc), "borg info --json --last")
  })

  it("is refused in one sentence when it is none of Borg", () => {
    for (const path of [
      "borg/list.txt",
      "borg/list-archive-items.jsonl",
      "restic/snapshots.json",
      "rds/documented-describe-db-snapshots.json"
    ]) {
      assert.match(refusalOf(borg, sample(path), utc), /Borg/)
    }
    assert.include(refusalOf(borg, new Uint8Array(), utc), "printed nothing")
    assert.match(refusalOf(borg, json({ repository: { id: 7, location: "x" }, archives: [] }), utc), /broken/)
    assert.match(refusalOf(borg, json({ repository, archives: "none" }), utc), /broken/)
  })

  it("is refused with Borg's own words when it complained", () => {
    const words = (path: string) => ({ ...utc, stderr: new TextDecoder().decode(sample(path)) })
    assert.include(
      refusalOf(borg, new Uint8Array(), words("borg/list-locked.stderr.txt")),
      "Failed to create/acquire the lock /srv/backup/b/lock.exclusive (timeout)."
    )
    assert.match(
      refusalOf(borg, new Uint8Array(), words("borg/wrong-passphrase.stderr.jsonl")),
      /: passphrase supplied in BORG_PASSPHRASE, .* is incorrect\.$/
    )
    const warning = "Repository index missing or corrupted, trying to recover from: /srv/backup/b/index.5"
    assert.include(refusalOf(borg, sample("borg/list.json"), { ...utc, stderr: warning }), "missing or corrupted")
  })

  it("is taken when stderr tells of nothing but manners", () => {
    const relocated = new TextDecoder().decode(sample("borg/relocated.stderr.txt"))
    const stderr = [
      relocated.trimEnd(),
      new TextDecoder().decode(sample("borg/stale-lock.stderr.txt")).trimEnd(),
      "/usr/lib/python3/dist-packages/borg/archiver.py:1: UserWarning: pkg_resources is deprecated as an API.\n  import pkg_resources",
      "Using a pure-python msgpack! This will result in lower performance.",
      '{"type": "log_message", "time": 1.5, "message": "Synchronizing chunks cache...", "levelname": "INFO", "name": "borg.cache"}',
      '{"message": "Saving chunks cache", "operation": 2, "msgid": "cache.commit", "type": "progress_message", "finished": false}',
      '{"type": "question_prompt", "msgid": "BORG_RELOCATED_REPO_ACCESS_IS_OK", "message": "Warning: The repository at location /b was previously located at /c\\nDo you want to continue? [yN] "}',
      '{"env_var": "BORG_RELOCATED_REPO_ACCESS_IS_OK", "type": "question_env_answer", "message": "yes (from BORG_RELOCATED_REPO_ACCESS_IS_OK)"}'
    ].join("\n")
    assert.strictEqual(inventoryOf(borg, sample("borg/list.json"), { ...utc, stderr }).records.length, 4)
  })

  it("is told from the output of every other tool", () => {
    assert.deepStrictEqual(detectedBy(borg.detect), [
      "borg/borgmatic-info.json",
      "borg/borgmatic-list.json",
      "borg/borgmatic-rinfo.json",
      "borg/create-shop-2026-11-21.json",
      "borg/info-1.4.json",
      "borg/info-2.0.0b5.json",
      "borg/info-all-archives.json",
      "borg/info-checkpoint.json",
      "borg/info-last-2.json",
      "borg/info-new-york.json",
      "borg/info-repo.json",
      "borg/info-shop-2026-11-22.json",
      "borg/list-all-fields.json",
      "borg/list-empty.json",
      "borg/list-new-york.json",
      "borg/list-utc.json",
      "borg/list.json",
      "borg/rlist-2.0.0b5.json"
    ])
  })

  it("gives the same records in any order", () => {
    const output = JSON.parse(new TextDecoder().decode(sample("borg/info-checkpoint.json"))) as {
      archives: Array<object>
    }
    const sorted = (bytes: Uint8Array) =>
      inventoryOf(borg, bytes, utc).records.toSorted((a, b) => (a.nativeId < b.nativeId ? -1 : 1))
    const whole = sorted(sample("borg/info-checkpoint.json"))
    fc.assert(
      fc.property(fc.shuffledSubarray(output.archives, { minLength: output.archives.length }), (shuffled) => {
        assert.deepStrictEqual(sorted(json({ ...output, archives: shuffled })), whole)
      })
    )
  })

  it("that was cut off anywhere is refused, and known for what it is", () => {
    assert.isTrue(borg.detect(sample("borg/borgmatic-list.json").subarray(0, -1)))
    const bytes = sample("borg/info-shop-2026-11-22.json")
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 3 }), (length) => {
        assert.match(refusalOf(borg, bytes.subarray(0, length), utc), /Borg/)
      })
    )
  })

  it("never makes the importer fail in another way, whatever its archives are", () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 4 }),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (others, over) => {
          const { records, problems } = inventoryOf(borg, list(...others, archive(), archive(over)), utc)
          assert.isAtLeast(records.length, 1)
          assert.isAtLeast(problems.length, others.length)
        }
      )
    )
  })
})
