import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import { rds } from "../../src/rds/rds.ts"
import { descriptionOf, detectedBy, flat, inventoryOf, json, refusalOf, sample } from "../support/samples.ts"

const found = (bytes: Uint8Array, options = {}) =>
  inventoryOf(rds, bytes, options).records.map(({ nativeId, backup }) => ({ nativeId, ...flat(backup) }))

const snapshot = (over: object = {}) => ({
  DBSnapshotIdentifier: "shop-2026",
  DBInstanceIdentifier: "shop",
  SnapshotCreateTime: "2026-02-08T22:28:08.598Z",
  Engine: "postgres",
  EngineVersion: "16.3",
  AllocatedStorage: 20,
  Status: "available",
  SnapshotType: "manual",
  PercentProgress: 100,
  DBSnapshotArn: "arn:aws:rds:eu-central-1:123456789012:snapshot:shop-2026",
  DbiResourceId: "db-SHOP",
  ...over
})

const list = (...DBSnapshots: ReadonlyArray<unknown>) => json({ DBSnapshots })

const flatOne = (over: object, options = {}) => {
  const { records, problems } = inventoryOf(rds, list(snapshot(over)), options)
  const [record] = records
  assert.isDefined(record)
  return { ...flat(record.backup), description: descriptionOf(record.backup), problems }
}

describe("snapshots of Amazon RDS", () => {
  it("become records, with the size of their volume", () => {
    // By hand from the file; 20 GiB = 20 × 1,073,741,824 bytes.
    assert.deepStrictEqual<unknown>(found(sample("rds/documented-describe-db-snapshots.json")), [
      {
        nativeId: "arn:aws:rds:us-east-1:123456789012:snapshot:mydbsnapshot",
        name: "mydbsnapshot",
        status: "COMPLETED",
        created: "2018-02-08T22:28:08.598000Z",
        updated: "2018-02-08T22:28:08.598000Z",
        bytes: 21_474_836_480n,
        instance: "db-AKIAIOSFODNN7EXAMPLE",
        parent: null,
        location: "arn:aws:rds:us-east-1:123456789012:snapshot:mydbsnapshot",
        datastore: ["MySQL", "5.6.37"]
      }
    ])
    const { problems, complete } = inventoryOf(rds, sample("rds/documented-describe-db-snapshots.json"))
    assert.deepStrictEqual([problems, complete], [[], true])
  })

  it("of clusters become records, whose 0 GiB are an unknown size", () => {
    const common = { status: "COMPLETED", bytes: null, instance: "mydbcluster", parent: null }
    const datastore = ["MySQL", "5.7.mysql_aurora.2.04.2"]
    assert.deepStrictEqual<unknown>(found(sample("rds/documented-describe-db-cluster-snapshots.json")), [
      {
        ...common,
        nativeId: "arn:aws:rds:us-east-1:814387698303:cluster-snapshot:myclustersnapshotcopy",
        name: "myclustersnapshotcopy",
        created: "2019-06-04T09:16:42.649000Z",
        updated: "2019-06-04T09:16:42.649000Z",
        location: "arn:aws:rds:us-east-1:814387698303:cluster-snapshot:myclustersnapshotcopy",
        datastore
      },
      {
        ...common,
        nativeId: "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:rds:mydbcluster-2019-06-20-09-16",
        name: "rds:mydbcluster-2019-06-20-09-16",
        created: "2019-06-20T09:16:26.569000Z",
        updated: "2019-06-20T09:16:26.569000Z",
        location: "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:rds:mydbcluster-2019-06-20-09-16",
        datastore
      }
    ])
    const [, automated] = inventoryOf(rds, sample("rds/documented-describe-db-cluster-snapshots.json")).records
    assert.strictEqual(
      automated && descriptionOf(automated.backup),
      "automated snapshot; of mydbcluster; aurora-mysql 5.7.mysql_aurora.2.04.2; arn:aws:rds:us-east-1:123456789012:cluster-snapshot:rds:mydbcluster-2019-06-20-09-16"
    )
  })

  it("of both kinds may be in one object", () => {
    const both = json({
      ...JSON.parse(new TextDecoder().decode(sample("rds/documented-describe-db-cluster-snapshots.json"))),
      ...JSON.parse(new TextDecoder().decode(sample("rds/documented-describe-db-snapshots.json")))
    })
    assert.strictEqual(found(both).length, 3)
    assert.deepStrictEqual([found(json({ DBSnapshots: [] })), found(json({ DBClusterSnapshots: [] }))], [[], []])
  })

  it("have the status that Amazon gives them, and a failure where nobody knows what it means", () => {
    const status = (Status: unknown) => {
      const { status: known, description, problems } = flatOne({ Status })
      return [known, problems.length, description.split(";")[0]]
    }
    assert.deepStrictEqual(status("available"), ["COMPLETED", 0, "manual snapshot"])
    assert.deepStrictEqual(status("creating"), ["BUILDING", 0, "manual snapshot"])
    assert.deepStrictEqual(status("copying"), ["SAVING", 0, "manual snapshot"])
    assert.deepStrictEqual(status("deleting"), ["COMPLETED", 0, "is being deleted"])
    assert.deepStrictEqual(status("failed"), ["FAILED", 0, "Amazon RDS says failed"])
    // Those of a snapshot whose engine is upgraded.
    assert.deepStrictEqual(status("upgrading"), ["COMPLETED", 0, "is being upgraded"])
    assert.deepStrictEqual(status("active"), ["COMPLETED", 0, "manual snapshot"])
    assert.deepStrictEqual(status("unavailable"), ["FAILED", 0, "Amazon RDS says unavailable"])
    assert.deepStrictEqual(status("incompatible-hôst"), ["FAILED", 1, "Amazon RDS says incompatible-hôst"])
    const long = `Amazon RDS says ${"x".repeat(99)}…`
    assert.deepStrictEqual(status("x".repeat(100_000)), ["FAILED", 1, long])
    for (const none of [undefined, null, ""]) assert.deepStrictEqual(status(none), ["FAILED", 1, "no status"])
    assert.deepStrictEqual(status(5), ["FAILED", 2, "no status"])
    assert.include(flatOne({ Status: "creating", PercentProgress: 12 }).description, "12 % done")
    const suspects = ["deleting", "upgrading", "available", "active", "creating", "failed"].map(
      (word) => inventoryOf(rds, list(snapshot({ Status: word }))).records[0]?.suspect
    )
    assert.deepStrictEqual(suspects, [
      "Amazon RDS is deleting it",
      "Amazon RDS is upgrading it, and does not restore it meanwhile",
      undefined,
      undefined,
      undefined,
      undefined
    ])
    assert.deepStrictEqual(
      inventoryOf(rds, list(snapshot(), snapshot({ DBSnapshotArn: "b", Status: "odd" }))).problems.map(
        ({ place }) => place
      ),
      ["DBSnapshots[1]"]
    )
  })

  it("are failed when they are still being created and a later one of their instance is there", () => {
    const creating = { DBSnapshotArn: "arn:creating", Status: "creating" }
    const statusAmong = (...others: ReadonlyArray<object>) =>
      found(list(snapshot(creating), ...others.map((over) => snapshot(over)))).find(
        ({ nativeId }) => nativeId === "arn:creating"
      )?.status
    const later = { SnapshotCreateTime: "2026-02-09T00:00:00Z" }
    assert.strictEqual(statusAmong(later), "FAILED")
    assert.strictEqual(statusAmong({ ...later, Status: "active" }), "FAILED")
    assert.strictEqual(statusAmong({ ...later, Status: "Available" }), "FAILED")
    assert.strictEqual(statusAmong({ ...later, DbiResourceId: "db-OTHER" }), "BUILDING")
    assert.strictEqual(statusAmong({ ...later, Status: "failed" }), "BUILDING")
    assert.strictEqual(statusAmong({ SnapshotCreateTime: "2026-02-08T22:28:08.598Z" }), "BUILDING")
    assert.strictEqual(statusAmong({ SnapshotCreateTime: "2026-02-01T00:00:00Z" }), "BUILDING")
  })

  it("are none of that when they are being copied from an old one", () => {
    const copy = snapshot({
      DBSnapshotArn: "arn:copy",
      Status: "creating",
      PercentProgress: 0,
      SnapshotCreateTime: undefined,
      OriginalSnapshotCreateTime: "2026-02-01T08:38:00Z",
      SourceDBSnapshotIdentifier: "arn:aws:rds:eu-central-1:123456789012:snapshot:rds:shop-2026-02-01-08-38"
    })
    // Within a region and an account Amazon does not say what it is a copy of.
    const within = { ...copy, SourceDBSnapshotIdentifier: undefined }
    const begun = { ...within, SnapshotCreateTime: "2026-02-10T00:00:00Z" }
    for (const one of [copy, within, begun]) {
      assert.deepStrictEqual(
        found(list(snapshot(), one)).map(({ status }) => status),
        ["COMPLETED", "BUILDING"]
      )
    }
  })

  it("that are copies are as old as what they were copied from", () => {
    const { created, updated, description } = flatOne({
      SnapshotCreateTime: "2026-03-01T00:00:00.5Z",
      OriginalSnapshotCreateTime: "2026-02-01T00:00:00.000001Z",
      SourceDBSnapshotIdentifier: "arn:aws:rds:eu-west-1:1:snapshot:first"
    })
    assert.deepStrictEqual([created, updated], ["2026-02-01T00:00:00.000001Z", "2026-03-01T00:00:00.500000Z"])
    assert.include(description, "copy of arn:aws:rds:eu-west-1:1:snapshot:first")
    const odd = flatOne({ OriginalSnapshotCreateTime: "2027-02-01T00:00:00Z" })
    assert.strictEqual(odd.created, "2026-02-08T22:28:08.598000Z")
  })

  it("are suspect where their data is older than they are by more than a day, as that of a replica", () => {
    const taken = "2026-11-30T19:49:44Z"
    const replica = {
      DBInstanceIdentifier: "my-oracle-replica",
      Engine: "oracle-ee",
      EngineVersion: "19.0.0.0.ru-2022-07.rur-2022-07.r1",
      SnapshotType: "automated",
      SnapshotCreateTime: taken,
      OriginalSnapshotCreateTime: taken
    }
    const of = (over: object) => {
      const { records, problems } = inventoryOf(rds, list(snapshot({ ...replica, ...over })))
      const [record] = records
      assert.isDefined(record)
      return {
        created: flat(record.backup).created,
        said: descriptionOf(record.backup)
          .split("; ")
          .filter((part) => part.startsWith("its data")),
        suspect: record.suspect,
        problems
      }
    }
    const words = (time: string, lag: string) => `its data is of ${time}, ${lag} older than the snapshot`
    // From the 26th of July to the 30th of November there are 5 + 31 + 30 + 31 + 30 = 127 days.
    const old = words("2026-07-26T17:49:44Z", "127 days")
    const created = "2026-11-30T19:49:44.000000Z"
    assert.deepStrictEqual(of({ SnapshotDatabaseTime: "2026-07-26T17:49:44Z" }), {
      created,
      said: [old],
      suspect: old,
      problems: []
    })
    // The lag is that of the original, which may have been copied much later.
    const copied = { SnapshotCreateTime: "2026-12-24T00:00:00Z", SnapshotDatabaseTime: "2026-11-30T19:49:00Z" }
    assert.deepStrictEqual(of(copied), { created, said: [], suspect: undefined, problems: [] })
    for (const [SnapshotDatabaseTime, lag, isSuspect] of [
      ["2026-11-28T19:49:44Z", "2 days", true],
      ["2026-11-28T19:49:45Z", "47 hours", true],
      ["2026-11-29T19:49:43Z", "24 hours", true],
      ["2026-11-29T19:49:44Z", "24 hours", false],
      ["2026-11-30T17:49:45Z", "119 minutes", false],
      ["2026-11-30T19:48:44Z", "1 minute", false]
    ] as const) {
      const text = words(SnapshotDatabaseTime, lag)
      const { said, suspect } = of({ SnapshotDatabaseTime })
      assert.deepStrictEqual([said, suspect], [[text], isSuspect ? text : undefined])
    }
    for (const SnapshotDatabaseTime of ["2026-11-30T19:48:45Z", taken, "2026-12-01T00:00:00Z", null, undefined]) {
      const { said, suspect } = of({ SnapshotDatabaseTime })
      assert.deepStrictEqual([said, suspect], [[], undefined])
    }
    // A copy that does not tell when its original was made tells nothing of a lag.
    const untold = {
      OriginalSnapshotCreateTime: undefined,
      SourceDBSnapshotIdentifier: "arn:aws:rds:eu-west-1:1:snapshot:first",
      SnapshotDatabaseTime: "2026-07-26T17:49:44Z"
    }
    assert.deepStrictEqual(of(untold), { created, said: [], suspect: undefined, problems: [] })
    const odd = of({ SnapshotDatabaseTime: "soon" })
    assert.deepStrictEqual(
      [odd.created, odd.said, odd.problems.map(({ place }) => place)],
      [created, [], ["DBSnapshots[0].SnapshotDatabaseTime"]]
    )
    const dead = of({ SnapshotDatabaseTime: "2026-07-26T17:49:44Z", Status: "failed" })
    assert.deepStrictEqual([dead.said, dead.suspect], [[old], undefined])
    const deleted = of({ SnapshotDatabaseTime: "2026-07-26T17:49:44Z", Status: "deleting" })
    assert.deepStrictEqual([deleted.said, deleted.suspect], [[old], "Amazon RDS is deleting it"])
  })

  it("have times in UTC, in the forms of both versions of the AWS CLI", () => {
    for (const [SnapshotCreateTime, created] of [
      ["2026-02-08T22:28:08.598000+00:00", "2026-02-08T22:28:08.598000Z"],
      ["2026-02-08T22:28:08+01:00", "2026-02-08T21:28:08.000000Z"],
      ["2026-02-08T22:28:08.123456", "2026-02-08T22:28:08.123456Z"]
    ]) {
      assert.strictEqual(flatOne({ SnapshotCreateTime }, { timeZone: "Asia/Kolkata" }).created, created)
    }
  })

  it("are of the datastore that is behind the engine's name", () => {
    const names = (Engine: string) => flatOne({ Engine }).datastore?.[0]
    assert.deepStrictEqual(
      [
        "mysql",
        "mariadb",
        "postgres",
        "aurora",
        "aurora-mysql",
        "aurora-postgresql",
        "oracle-se2",
        "custom-oracle-ee"
      ].map(names),
      ["MySQL", "MariaDB", "PostgreSQL", "MySQL", "MySQL", "PostgreSQL", "Oracle", "Oracle"]
    )
    assert.deepStrictEqual(["sqlserver-ex", "custom-sqlserver-se", "db2-ae", "docdb"].map(names), [
      "SQLServer",
      "SQLServer",
      "DB2",
      "docdb"
    ])
    assert.isNull(flatOne({ Engine: undefined }).datastore)
  })

  it("have a size only where Amazon says one", () => {
    for (const AllocatedStorage of [0, null, undefined]) {
      assert.deepStrictEqual([flatOne({ AllocatedStorage }).bytes, flatOne({ AllocatedStorage }).problems], [null, []])
    }
    for (const AllocatedStorage of [-1, "20", 1.5]) {
      assert.deepStrictEqual(
        [flatOne({ AllocatedStorage }).bytes, flatOne({ AllocatedStorage }).problems.length],
        [null, 1]
      )
    }
    assert.strictEqual(flatOne({ AllocatedStorage: 65_536 }).bytes, 2n ** 46n)
    // Of volumes that grow by themselves Amazon says 1, where the smallest has 10.
    for (const Engine of ["aurora-mysql", "aurora-postgresql", "docdb", "neptune"]) {
      assert.isNull(flatOne({ Engine, AllocatedStorage: 1 }).bytes, Engine)
      assert.strictEqual(flatOne({ Engine, AllocatedStorage: 20 }).bytes, 20n * 2n ** 30n)
    }
    assert.strictEqual(flatOne({ AllocatedStorage: 1 }).bytes, 2n ** 30n)
  })

  it("have the size of what was written to their volumes where Amazon says it, else that of all volumes", () => {
    const FullSnapshotSizeInBytes = 7_516_192_769
    assert.strictEqual(flatOne({ FullSnapshotSizeInBytes }).bytes, 7_516_192_769n)
    assert.strictEqual(flatOne({ FullSnapshotSizeInBytes: 0 }).bytes, 20n * 2n ** 30n)
    const AdditionalStorageVolumes = [
      { VolumeName: "RDSDBDATA2", StorageType: "GP3", AllocatedStorage: 200 },
      { VolumeName: "RDSDBDATA3", StorageType: "IO2", AllocatedStorage: 1_000 }
    ]
    const oracle = { Engine: "oracle-ee", AdditionalStorageVolumes }
    assert.strictEqual(flatOne(oracle).bytes, 1_220n * 2n ** 30n)
    assert.strictEqual(flatOne({ ...oracle, FullSnapshotSizeInBytes }).bytes, 7_516_192_769n)
    for (const none of [null, [], [{ VolumeName: "RDSDBDATA2" }]]) {
      assert.strictEqual(flatOne({ AdditionalStorageVolumes: none }).bytes, 20n * 2n ** 30n)
    }
    const broken = flatOne({ AdditionalStorageVolumes: [{ AllocatedStorage: "200" }] })
    assert.deepStrictEqual([broken.bytes, broken.problems.length], [20n * 2n ** 30n, 1])
    const endless = Array(2).fill({ AllocatedStorage: 2 ** 32 })
    assert.isNull(flatOne({ AdditionalStorageVolumes: endless }).bytes)
  })

  it("are known by their ARN, else by their identifier", () => {
    const ids = (over: object, source = "a") =>
      inventoryOf(rds, list(snapshot(over)), { source }).records.map(({ backup }) => backup.id)
    assert.deepStrictEqual(ids({ Status: "deleting", DBSnapshotIdentifier: undefined }), ids({}))
    assert.notDeepEqual(ids({ DBSnapshotArn: "arn:aws:rds:eu-west-1:123456789012:snapshot:shop-2026" }), ids({}))
    assert.notDeepEqual(ids({}, "b"), ids({}))
    const { name, location, instance } = flatOne({ DBSnapshotArn: undefined, DbiResourceId: undefined })
    assert.deepStrictEqual([name, location, instance], ["shop-2026", null, "shop"])
    const cluster = json({ DBClusterSnapshots: [{ ...snapshot(), DBClusterSnapshotIdentifier: "shop-2026" }] })
    assert.notInclude(
      ids({ DBSnapshotArn: undefined }),
      inventoryOf(rds, cluster, { source: "a" }).records[0]?.backup.id
    )
    assert.strictEqual(flatOne({}, { location: "aws" }).location, `aws/${snapshot().DBSnapshotArn}`)
  })
})

describe("a list of Amazon RDS", () => {
  it("is not complete when more pages follow", () => {
    for (const more of [{ NextToken: "eyJNYXJrZXIi" }, { Marker: "abc" }]) {
      const { complete, isPart } = inventoryOf(rds, json({ ...more, DBSnapshots: [snapshot()] }))
      assert.deepStrictEqual([complete, isPart], [false, true])
      // Whether the rest is on another page or not, this one was not understood.
      assert.isUndefined(inventoryOf(rds, json({ ...more, DBSnapshots: [snapshot(), 5] })).isPart)
    }
    assert.isTrue(inventoryOf(rds, json({ Marker: "", DBSnapshots: [snapshot()] })).complete)
  })

  it("keeps what it can when entries are broken, says where, and is not complete then", () => {
    const { records, problems, complete } = inventoryOf(
      rds,
      list(
        snapshot(),
        "snapshot",
        snapshot({ DBSnapshotArn: undefined, DBSnapshotIdentifier: "" }),
        snapshot({ DBSnapshotArn: "arn:1", SnapshotCreateTime: undefined, Status: "creating", PercentProgress: 7 }),
        snapshot({ DBSnapshotArn: "arn:2", SnapshotCreateTime: "soon" }),
        snapshot({ DBSnapshotArn: "arn:3", Engine: 5 }),
        snapshot()
      )
    )
    assert.deepStrictEqual(
      records.map(({ nativeId }) => nativeId),
      [snapshot().DBSnapshotArn, "arn:3"]
    )
    assert.deepStrictEqual(
      problems.map(({ place }) => place),
      [
        "DBSnapshots[1]",
        "DBSnapshots[2].DBSnapshotIdentifier",
        "DBSnapshots[2]",
        "DBSnapshots[3]",
        "DBSnapshots[4].SnapshotCreateTime",
        "DBSnapshots[4]",
        "DBSnapshots[5].Engine",
        "DBSnapshots[6]"
      ]
    )
    assert.include(problems[3]?.message, "arn:1 has no time yet (creating, 7 %)")
    assert.isFalse(complete)
  })

  it("is without a snapshot whose ARN, or the time of its original, cannot be read, and is not complete then", () => {
    for (const odd of [{ DBSnapshotArn: "" }, { DBSnapshotArn: [] }, { OriginalSnapshotCreateTime: 5 }]) {
      const { records, problems, complete } = inventoryOf(rds, list(snapshot(odd)))
      assert.deepStrictEqual(
        [records.length, problems.map(({ place }) => place), complete],
        [0, ["DBSnapshots[0]"], false]
      )
    }
    const odd = {
      DBClusterSnapshotArn: 5,
      DBClusterSnapshotIdentifier: "a",
      SnapshotCreateTime: "2026-11-30T06:00:11Z"
    }
    const { records, complete } = inventoryOf(rds, json({ DBClusterSnapshots: [odd] }))
    assert.deepStrictEqual([records.length, complete], [0, false])
  })

  it("is refused when the AWS CLI complained, but for what Python warns of", () => {
    const words = "An error occurred (Throttling) when calling the DescribeDBSnapshots operation: Rate exceeded"
    assert.include(refusalOf(rds, list(), { stderr: `\n${words}\n` }), "Rate exceeded")
    const warnings = [
      "/usr/lib/python3/dist-packages/urllib3/connectionpool.py:1048: InsecureRequestWarning: Unverified HTTPS request is being made to host 'rds.eu-central-1.amazonaws.com'.\n  warnings.warn(\n",
      "/opt/aws cli/boto3/compat.py:82: PythonDeprecationWarning: Boto3 will no longer support Python 3.8.\n  warnings.warn(warning, PythonDeprecationWarning)\n"
    ]
    for (const stderr of warnings) {
      assert.strictEqual(inventoryOf(rds, list(snapshot()), { stderr }).records.length, 1)
      assert.include(refusalOf(rds, list(), { stderr: `${stderr}${words}\n` }), "Rate exceeded")
    }
  })

  it("is refused in one sentence when it is none", () => {
    for (const value of [
      [],
      {},
      { DBSnapshots: {} },
      { DBSnapshots: [], DBClusterSnapshots: "x" },
      { DBSnapshot: snapshot() }
    ]) {
      assert.include(refusalOf(rds, json(value)), "aws rds describe-db-snapshots --output json")
    }
    const oneRegion = new TextDecoder().decode(sample("rds/documented-describe-db-snapshots.json"))
    assert.match(
      refusalOf(rds, new TextEncoder().encode(`${oneRegion}${oneRegion}`)),
      /something follows behind its end.* each region and account as a source of its own\.$/
    )
    assert.include(refusalOf(rds, new Uint8Array()), "printed nothing")
    assert.include(refusalOf(rds, sample("borg/list.txt")), "not JSON of Amazon RDS")
  })

  it("is told from the output of every other tool", () => {
    assert.deepStrictEqual(detectedBy(rds.detect), [
      "rds/documented-describe-db-cluster-snapshots.json",
      "rds/documented-describe-db-snapshots.json"
    ])
  })

  it("that was cut off anywhere is refused", () => {
    const bytes = sample("rds/documented-describe-db-cluster-snapshots.json")
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 3 }), (length) => {
        assert.match(refusalOf(rds, bytes.subarray(0, length)), /Amazon RDS/)
      })
    )
  })

  it("gives the same records in any order", () => {
    const entries = [
      snapshot({ DBSnapshotArn: "a", Status: "creating" }),
      snapshot({ DBSnapshotArn: "b", SnapshotCreateTime: "2026-02-09T00:00:00Z" }),
      snapshot({ DBSnapshotArn: "c", SnapshotCreateTime: "2026-02-10T00:00:00Z", Status: "creating" })
    ]
    const sorted = (...some: ReadonlyArray<unknown>) =>
      found(list(...some)).toSorted((a, b) => (a.nativeId < b.nativeId ? -1 : 1))
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: 3 }), (shuffled) => {
        assert.deepStrictEqual(sorted(...shuffled), sorted(...entries))
      })
    )
    assert.deepStrictEqual(
      sorted(...entries).map(({ status }) => status),
      ["FAILED", "COMPLETED", "BUILDING"]
    )
  })

  it("never makes the importer fail in another way, whatever its entries are", () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 4 }),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (others, over) => {
          const { records, problems } = inventoryOf(rds, list(...others, snapshot(), snapshot(over)))
          assert.isAtLeast(records.length, 1)
          assert.isAtLeast(problems.length, others.length)
        }
      )
    )
  })
})
