import { join } from "node:path"
import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import type { SourceFile } from "../../src/index.ts"
import { Crc64 } from "../../src/redis/Crc64.ts"
import { redis } from "../../src/redis/redis.ts"
import { allSamples, descriptionOf, flat, inventoryOf, refusalOf, sample } from "../support/samples.ts"

/** A file as the reader of a folder gives it: as much of its ends as the importer wants. */
const file = (path: string, content: Uint8Array, over: Partial<SourceFile> = {}): SourceFile => {
  const { head, tail, digest } = redis.wants(path, content.length)
  const all = digest?.()
  all?.take(content)
  return {
    path,
    size: content.length,
    modified: Date.UTC(2026, 10, 24),
    head: content.subarray(0, head),
    tail: tail === 0 ? new Uint8Array() : content.subarray(-tail),
    digest: all?.value,
    ...over
  }
}

const dump = sample("redis/dump.rdb")

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

const bytes = (...parts: ReadonlyArray<string | ReadonlyArray<number> | Uint8Array>): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...(typeof part === "string" ? text(part) : part)]))

/** A string of an RDB file with its length in front. */
const string = (value: string): Uint8Array => bytes([value.length], value)

/** Sunday, 2026-11-22T00:00:00Z, as a field. By Python: 1795305600. */
const ctime = bytes([0xfa], string("ctime"), string("1795305600"))

/** With zeros for a checksum, as where Redis is not to compute one. */
const end = [0xff, 0, 0, 0, 0, 0, 0, 0, 0]

const rdb = (...fields: ReadonlyArray<Uint8Array>): Uint8Array => bytes("REDIS0011", ...fields, [0xfe, 0], end)

const found = (files: ReadonlyArray<SourceFile>, options = {}) =>
  inventoryOf(redis, files, options).records.map(({ nativeId, backup }) => ({ nativeId, ...flat(backup) }))

const flatOne = (content: Uint8Array, path = "dump.rdb", over: Partial<SourceFile> = {}) => {
  const { records } = inventoryOf(redis, [file(path, content, over)])
  const [record] = records
  assert.isDefined(record)
  return { ...flat(record.backup), id: record.backup.id, description: descriptionOf(record.backup) }
}

describe("RDB files of Redis", () => {
  it("become records by their header and their size", () => {
    // As redis-check-rdb and ls say: ctime 1795457297, redis-ver 7.0.15, 25,895 bytes.
    const files = [file("sessions/dump.rdb", dump)]
    assert.deepStrictEqual<unknown>(found(files, { location: "nas:/redis" }), [
      {
        nativeId: "sessions/dump.rdb",
        name: "dump.rdb",
        status: "COMPLETED",
        created: "2026-11-23T18:08:17.000000Z",
        updated: "2026-11-23T18:08:17.000000Z",
        bytes: 25_895n,
        instance: "sessions",
        parent: null,
        location: "nas:/redis/sessions/dump.rdb",
        datastore: ["Redis", "7.0.15"]
      }
    ])
    const { problems, complete } = inventoryOf(redis, files)
    assert.deepStrictEqual([problems, complete], [[], true])
    assert.strictEqual(
      flatOne(dump, "sessions/dump.rdb").description,
      "file sessions/dump.rdb; REDIS format 10; 1149528 bytes of memory used"
    )
  })

  it("are other backups when they are written anew, and the same ones when they are only touched", () => {
    const id = (content: Uint8Array, over = {}) => flatOne(content, "dump.rdb", over).id
    assert.strictEqual(id(dump, { modified: 5 }), id(dump))
    assert.notStrictEqual(id(rdb(ctime)), id(dump))
    assert.notStrictEqual(flatOne(dump, "copies/dump.rdb").id, id(dump))
    const undated = bytes("REDIS0006", [0xfe, 0], end)
    assert.notStrictEqual(id(undated, { modified: 5 }), id(undated, { modified: 6 }))
  })

  it("are of the instance that the pattern names", () => {
    const files = [file("eu/sessions-2026.rdb", dump)]
    assert.strictEqual(found(files, { pattern: "*/{instance}-2026.rdb" })[0]?.instance, "sessions")
    assert.strictEqual(found(files)[0]?.instance, "eu")
    assert.isNull(found([file("dump.rdb", dump)])[0]?.instance)
    assert.match(refusalOf(redis, files, { pattern: "{instance}/x.rdb" }), /does not match any/)
  })

  it.each([
    ["dump.rdb.1", "COMPLETED"],
    ["dump.rdb-20261123", "COMPLETED"],
    ["dump.rdb.2026-11-23T18:08:17Z", "COMPLETED"],
    ["dump.RDB.bak", "COMPLETED"],
    ["dump.rdb.1.gz", "COMPLETED"],
    ["dump.rdb.gz.1", "COMPLETED"]
  ])("are read by names as old files have them: %s", (name, status) => {
    const wanted = redis.wants(`sessions/${name}`, dump.length)
    assert.deepStrictEqual([wanted.head, wanted.gunzip], [4_096, name.includes(".gz")])
    assert.strictEqual(flatOne(dump, `sessions/${name}`).status, status)
  })

  it("are reported by other names", () => {
    const names = ["dump.rdb.part", "dump.rdb~", "copy of dump.rdb (2)", "dump.rdb.1.zst.old"]
    const { records, problems, complete } = inventoryOf(redis, [
      file("dump.rdb", dump),
      ...names.map((name) => file(`sessions/${name}`, dump))
    ])
    assert.deepStrictEqual([records.length, complete], [1, false])
    assert.sameMembers(
      problems.map(({ place }) => place),
      names.map((name) => `sessions/${name}`)
    )
  })

  it("take their time from the file where they have none themselves", () => {
    const at = (time: string) => rdb(bytes([0xfa], string("ctime"), string(time)))
    for (const content of [bytes("REDIS0006", [0xfe, 0], end), at("-5"), at("0")]) {
      const { created, updated, description, status } = flatOne(content)
      assert.deepStrictEqual(
        [created, updated, status],
        ["2026-11-24T00:00:00.000000Z", "2026-11-24T00:00:00.000000Z", "COMPLETED"]
      )
      assert.include(description, "its time is that of the file")
    }
  })

  it("have their fields read in every form that Redis writes a string in", () => {
    const field = (key: Uint8Array, value: ReadonlyArray<number> | Uint8Array) => bytes([0xfa], key, value)
    const compressed = field(string("repl-id"), [0xc3, 3, 0x40, 40, 1, 2, 3])
    const long = field(string("lua"), bytes([0x41, 0x2c], "x".repeat(300)))
    const wide = field(string("x"), bytes([0x80, 0, 0, 0, 2], "ab"))
    const widest = field(string("y"), bytes([0x81, 0, 0, 0, 0, 0, 0, 0, 2], "ab"))
    const small = field(string("redis-bits"), [0xc0, 64])
    const middle = field(string("z"), [0xc1, 0, 1])
    const version = field(string("redis-ver"), string("7.2.4"))
    // After 2038 Redis writes the time as a text; by Python 4102444800 is the beginning of 2100.
    const late = field(string("ctime"), string("4102444800"))
    const { created, datastore } = flatOne(rdb(compressed, long, wide, widest, small, middle, version, late))
    assert.strictEqual(created, "2100-01-01T00:00:00.000000Z")
    assert.deepStrictEqual<unknown>(datastore, ["Redis", "7.2.4"])
    const thirtyTwoBits = field(string("ctime"), [0xc2, 0x11, 0x81, 0x04, 0x6b])
    assert.strictEqual(flatOne(rdb(thirtyTwoBits)).created, "2026-11-23T18:08:17.000000Z")
  })

  it("are known as Dragonfly's where Dragonfly wrote them, which always says one version of Redis", () => {
    const written = (version: string) =>
      flatOne(
        rdb(bytes([0xfa], string("redis-ver"), string("6.2.11")), bytes([0xfa], string("df-ver"), string(version)))
      )
    assert.deepStrictEqual<unknown>(written("df-v1.27.1").datastore, ["Dragonfly", "1.27.1"])
    assert.deepStrictEqual<unknown>(written("v1.27.1").datastore, ["Dragonfly", "1.27.1"])
    assert.deepStrictEqual<unknown>(written("dev").datastore, ["Dragonfly", null])
  })

  it("are known as Valkey's where Valkey wrote them", () => {
    const version = bytes([0xfa], string("valkey-ver"), string("8.1.0"))
    assert.deepStrictEqual<unknown>(flatOne(rdb(version, ctime)).datastore, ["Valkey", "8.1.0"])
    const later = flatOne(bytes("VALKEY080", version, ctime, [0xfe, 0], end))
    assert.deepStrictEqual<unknown>([later.datastore, later.status], [["Valkey", "8.1.0"], "COMPLETED"])
  })

  it.each([
    // As the redis-check-rdb and valkey-check-rdb of these versions say: ctime 1795952653, and 1795952309 twice.
    ["redis-8.0.2.rdb", "11:44:13", ["Redis", "8.0.2"], "REDIS format 12; 826880 bytes of memory used"],
    ["valkey-8.1.1.rdb", "11:38:29", ["Valkey", "8.1.1"], "REDIS format 11; 1024792 bytes of memory used"],
    ["valkey-9.1.2.rdb", "11:38:29", ["Valkey", "9.1.2"], "VALKEY format 80; 1062696 bytes of memory used"]
  ])("are read as newer servers write them: %s", (name, time, datastore, description) => {
    const one = flatOne(sample(`redis/${name}`), name)
    assert.deepStrictEqual<unknown>(
      [one.status, one.created, one.datastore],
      ["COMPLETED", `2026-11-29T${time}.000000Z`, datastore]
    )
    assert.strictEqual(one.description, `file ${name}; ${description}`)
  })

  it("are failed when they were cut off anywhere, or damaged anywhere behind their first bytes", () => {
    for (const name of ["redis-8.0.2.rdb", "valkey-9.1.2.rdb", "valkey-8.1.1.rdb"]) {
      const whole = sample(`redis/${name}`)
      for (let length = 0; length < whole.length; length++) {
        assert.strictEqual(flatOne(whole.subarray(0, length)).status, "FAILED", `${name} cut to ${length} bytes`)
      }
      for (let at = 9; at < whole.length; at++) {
        const damaged = whole.map((byte, index) => (index === at ? byte ^ 1 : byte))
        assert.strictEqual(flatOne(damaged).status, "FAILED", `${name} with another byte ${at}`)
      }
    }
  })

  it("are judged by their checksums up to 64 MiB, and where they have one", () => {
    const checksum = (content: Uint8Array) => {
      const crc = new Crc64()
      crc.take(content.subarray(0, 3))
      crc.take(content.subarray(3))
      return crc.value
    }
    // The check value of CRC-64/REDIS, as the sources of Redis have it.
    assert.strictEqual(checksum(text("123456789")), 0xe9c6d914c4b8d9can)
    assert.strictEqual(checksum(dump), 0n)
    const hash = sample("redis/redis-8.0.2.rdb")
    // Its last value ends in the byte that ends a file.
    const cut = flatOne(hash.subarray(0, -1))
    assert.include(cut.description, "the checksum at its end is not that of its content")
    assert.strictEqual(flatOne(hash.subarray(0, -1), "dump.rdb", { digest: undefined }).status, "COMPLETED")
    assert.isDefined(redis.wants("dump.rdb", 2 ** 26).digest)
    assert.isUndefined(redis.wants("dump.rdb", 2 ** 26 + 1).digest)
    const unchecked = bytes(hash.subarray(0, -8), [0, 0, 0, 0, 0, 0, 0, 0])
    assert.strictEqual(flatOne(unchecked).status, "COMPLETED")
  })

  it("are failed when they were cut off, empty, or could not be uncompressed to their end", () => {
    const { status, created, bytes: size, description } = flatOne(dump.subarray(0, 20_000))
    assert.deepStrictEqual([status, created, size], ["FAILED", "2026-11-23T18:08:17.000000Z", 20_000n])
    assert.include(description, "cut off")
    assert.deepStrictEqual(
      [flatOne(new Uint8Array()).status, flatOne(new Uint8Array()).bytes, flatOne(text("REDIS00")).status],
      ["FAILED", 0n, "FAILED"]
    )
    const packed = flatOne(dump, "dump.rdb.gz", { size: 9_000, problem: "unexpected end of file" })
    assert.deepStrictEqual([packed.status, packed.bytes], ["FAILED", 9_000n])
    assert.include(packed.description, "unexpected end of file")
    assert.strictEqual(flatOne(dump, "dump.rdb.gz", { size: 9_000 }).status, "COMPLETED")
    assert.strictEqual(flatOne(new Uint8Array(), "dump.rdb.gz", { size: 20 }).status, "FAILED")
    const atOnce = flatOne(new Uint8Array(), "dump.rdb.gz", { size: 12, problem: "unexpected end of file" })
    assert.deepStrictEqual([atOnce.status, atOnce.bytes], ["FAILED", 12n])
    assert.match(atOnce.description, /^unexpected end of file; .*its time is that of the file/)
  })

  it("end with a checksum since format 5, which came with Redis 2.6", () => {
    assert.strictEqual(flatOne(bytes("REDIS0005", [0xfe, 0], end)).status, "COMPLETED")
    assert.strictEqual(flatOne(bytes("REDIS0005", [0xfe, 0], [0xff])).status, "FAILED")
    assert.strictEqual(flatOne(bytes("REDIS0004", [0xfe, 0], [0xff])).status, "COMPLETED")
    assert.strictEqual(flatOne(bytes("REDIS0003", [0xfe, 0], [0xff])).status, "COMPLETED")
    assert.strictEqual(flatOne(bytes("REDIS0003", [0xfe, 0, 0])).status, "FAILED")
  })

  it("with Redis's name for a save that has not ended are building, or failed once a later one is whole", () => {
    const statusesAt = (now: number, ...files: ReadonlyArray<SourceFile>) =>
      Object.fromEntries(found(files, { now }).map(({ nativeId, status }) => [nativeId, status]))
    const statuses = (...files: ReadonlyArray<SourceFile>) => statusesAt(Date.UTC(2026, 10, 24, 1), ...files)
    const temporary = file("a/temp-1234.rdb", rdb(ctime))
    const alone = statuses(temporary)
    assert.deepStrictEqual(alone, { "a/temp-1234.rdb": "BUILDING" })
    const later = statuses(temporary, file("a/dump.rdb", dump))
    assert.deepStrictEqual(later, { "a/temp-1234.rdb": "FAILED", "a/dump.rdb": "COMPLETED" })
    // Nothing was written to it for a day, or by a clock that was wrong.
    for (const days of [23, 25]) {
      assert.strictEqual(statusesAt(Date.UTC(2026, 10, days), temporary)["a/temp-1234.rdb"], "FAILED")
    }
    const elsewhere = statuses(temporary, file("b/dump.rdb", dump), file("a/cut.rdb", dump.subarray(0, 500)))
    assert.strictEqual(elsewhere["a/temp-1234.rdb"], "BUILDING")
    const copied = statuses(file("a/data/temp-1234.rdb", rdb(ctime)), file("a/copies/dump.rdb", dump))
    assert.strictEqual(copied["a/data/temp-1234.rdb"], "FAILED")
    const earlier = statuses(file("temp-1795.99.rdb", dump), file("dump.rdb", rdb(ctime)))
    assert.deepStrictEqual(earlier, { "temp-1795.99.rdb": "BUILDING", "dump.rdb": "COMPLETED" })
  })
})

describe("a folder of RDB files", () => {
  it("may have an append-only file beside them, which is mentioned and not imported", () => {
    const base = sample("redis/appendonly.aof.2.base.rdb")
    const files = [
      file("dump.rdb", dump),
      file("appendonlydir/appendonly.aof.2.base.rdb", base),
      file("appendonlydir/appendonly.aof.2.incr.aof", new Uint8Array()),
      file("appendonlydir/appendonly.aof.manifest", sample("redis/appendonly.aof.manifest"))
    ]
    const { records, problems, complete } = inventoryOf(redis, files)
    assert.deepStrictEqual(
      [records.map(({ nativeId }) => nativeId), problems.map(({ place }) => place), complete],
      [["dump.rdb"], ["appendonlydir"], true]
    )
    assert.include(flatOne(base, "kept.rdb").description, "base of an append-only file")
    for (const kept of ["appendonly.aof.2.base.rdb.1", "appendonly.aof.2.base.rdb.bak"]) {
      const beside = inventoryOf(redis, [file("dump.rdb", dump), file(`kept/${kept}`, base)])
      assert.deepStrictEqual(
        beside.records.map(({ nativeId }) => nativeId),
        ["dump.rdb"],
        kept
      )
    }
    assert.strictEqual(
      inventoryOf(redis, [file("dump.rdb", dump), file("appendonly.aof", base)]).problems[0]?.place,
      "."
    )
  })

  it("is not complete when files of it could not be read, or are none of Redis", () => {
    const { records, problems, complete } = inventoryOf(redis, [
      file("dump.rdb", dump),
      file("secret.rdb", dump, { head: new Uint8Array(), tail: new Uint8Array(), problem: "permission denied" }),
      file("packed.rdb.gz", new Uint8Array(), { size: 9_000, problem: "permission denied", unread: true }),
      file("none.rdb", new Uint8Array(), { problem: "permission denied", unread: true }),
      file("zeros.rdb", new Uint8Array(500)),
      file("dump.rdb.zst", new Uint8Array(5)),
      file("dump.rdb.1.lzma", new Uint8Array(5))
    ])
    assert.strictEqual(records.length, 1)
    assert.deepStrictEqual(
      problems.map(({ place }) => place),
      ["secret.rdb", "packed.rdb.gz", "none.rdb", "zeros.rdb", "dump.rdb.zst", "dump.rdb.1.lzma"]
    )
    assert.include(problems[0]?.message, "permission denied")
    assert.isFalse(complete)
  })

  it("is not complete where one was packed otherwise than once by gzip", () => {
    for (const name of [
      ...["dump.rdb.gz.gpg", "dump.rdb.gz.age", "dump.rdb.zst.gpg", "dump.rdb.pgp", "dump.rdb.gz.gz", "dump.rdb.7z"],
      ...["dump.rdb.Z", "dump.rdb.1.gz.gpg", "dump.rdb.gz-20261123.gpg"]
    ]) {
      const { records, problems, complete } = inventoryOf(redis, [file("dump.rdb", dump), file(name, text("packed"))])
      assert.deepStrictEqual(
        [records.length, complete, problems],
        [
          1,
          false,
          [{ place: name, message: "is compressed or encrypted in a way that is not read, and was not imported" }]
        ],
        name
      )
    }
  })

  it("is complete with what macOS writes beside its files", () => {
    const double = new Uint8Array(4_096)
    double.set([0x00, 0x05, 0x16, 0x07, 0x00, 0x02, 0x00, 0x00])
    const names = ["._dump.rdb", "._dump.rdb.gz", "._dump.rdb.zst", "._temp-7.rdb", "._dump"]
    const { records, problems, complete } = inventoryOf(redis, [
      file("dump.rdb", dump),
      ...names.map((name) => file(name, double))
    ])
    assert.deepStrictEqual([records.length, problems, complete], [1, [], true])
    assert.isFalse(redis.wants("._dump.rdb.gz", 4_096).gunzip)
  })

  it("is complete where a file has its signature beside it", () => {
    const { problems, complete } = inventoryOf(redis, [file("dump.rdb", dump), file("dump.rdb.asc", text("signature"))])
    assert.deepStrictEqual([problems, complete], [[], true])
  })

  it("without any is refused", () => {
    assert.match(refusalOf(redis, []), /no RDB file of Redis/)
    assert.match(
      refusalOf(redis, [file("appendonly.aof.1.base.rdb", dump), file("shop.sql", text("--"))]),
      /no RDB file/
    )
    for (const ending of ["zst", "xz", "lz4", "bz2", "gpg"]) {
      assert.include(
        refusalOf(redis, [file(`dump.rdb.${ending}`, text("packed"))]),
        `that can be read: dump.rdb.${ending} is compressed or encrypted in a way that is not read`
      )
    }
  })

  it("is told from the folders of every other tool", () => {
    const folders = new Map<string, Array<SourceFile>>()
    for (const path of allSamples()) {
      const [tool = "", ...rest] = path.split(/[\\/]/)
      folders.set(tool, [...(folders.get(tool) ?? []), file(join(...rest), sample(path))])
    }
    assert.isAbove(folders.size, 3)
    const detected = [...folders].filter(([, files]) => redis.detect(files)).map(([tool]) => tool)
    assert.deepStrictEqual(detected, ["redis"])
    assert.isFalse(redis.detect([file("shop.rdb", text("not Redis's"))]))
  })

  it("is looked at only where RDB files are, and there at their ends", () => {
    assert.deepStrictEqual(redis.wants("shop.sql", 5), { head: 0, tail: 0 })
    const { head, tail, gunzip } = redis.wants("a/dump.rdb", 5)
    assert.deepStrictEqual([head, tail, gunzip], [4_096, 16, false])
    assert.isTrue(redis.wants("a/DUMP.RDB.GZ", 5).gunzip)
  })

  it("is told of RDB files that have no name of one, where their names say nothing else", () => {
    const files = ["a/redis-20261123", "a/redis.bak", "a/20261123.gz", "a/README", "b.rdb"].map((path) =>
      file(path, path === "a/README" ? text("Copies.") : dump)
    )
    const { records, problems } = inventoryOf(redis, files)
    assert.deepStrictEqual(
      records.map(({ nativeId }) => nativeId),
      ["b.rdb"]
    )
    assert.deepStrictEqual(
      problems.map(({ place }) => place),
      ["a/redis-20261123", "a/redis.bak", "a/20261123.gz"]
    )
    assert.include(problems[0]?.message, "let it end in .rdb or .rdb.gz")
    assert.isTrue(redis.wants("a/20261123.gz", 5).gunzip)
  })

  it("gives the same records in any order", () => {
    const files = [
      file("a/dump.rdb", dump),
      file("a/temp-1.rdb", rdb(ctime)),
      file("b/dump.rdb", dump.subarray(0, 99)),
      file("c/dump.rdb", rdb())
    ]
    const sorted = (some: ReadonlyArray<SourceFile>) =>
      found(some).toSorted((a, b) => (a.nativeId < b.nativeId ? -1 : 1))
    fc.assert(
      fc.property(fc.shuffledSubarray(files, { minLength: files.length }), (shuffled) => {
        assert.deepStrictEqual(sorted(shuffled), sorted(files))
      })
    )
  })

  it("never makes the importer fail, whatever its files hold", () => {
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ maxLength: 60 }).map((rest) => bytes("REDIS0011", [0xfa], rest)),
      fc.integer({ min: 0, max: 120 }).map((length) => dump.subarray(0, length))
    )
    fc.assert(
      fc.property(content, (anything) => {
        const { records, problems } = inventoryOf(redis, [file("dump.rdb", anything)])
        assert.strictEqual(records.length + problems.length, 1)
      }),
      { numRuns: 1_000 }
    )
  })
})
