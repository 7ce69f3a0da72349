import { gzipSync } from "node:zlib"
import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import { dumps } from "../../src/dumps/dumps.ts"
import type { SourceFile } from "../../src/index.ts"
import { asWanted, file, folderOf, listed } from "../support/folders.ts"
import { allSamples, descriptionOf, flat, inventoryOf, refusalOf, sample } from "../support/samples.ts"

const bytes = (path: string): Uint8Array => sample(`dumps/${path}`)
const text = (path: string): string => new TextDecoder().decode(bytes(path))

type Options = Parameters<typeof inventoryOf>[2]

const importOf = (files: ReadonlyArray<SourceFile>, options: Options = {}) =>
  inventoryOf(dumps, files, { timeZone: "UTC", ...options })

const only = (files: ReadonlyArray<SourceFile>, options: Options = {}) => {
  const { records, problems, complete } = importOf(files, options)
  const [record] = records
  if (record === undefined || records.length !== 1) throw new Error(`${records.length} records instead of one`)
  return { ...record, ...flat(record.backup), description: descriptionOf(record.backup), problems, complete }
}

const statuses = (files: ReadonlyArray<SourceFile>, options: Options = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(importOf(files, options).records.map(({ backup, nativeId }) => [nativeId, backup.status]))

const written = Date.UTC(2026, 10, 23, 18)

/** The files that a manifest lists, with their sizes and nothing in them. */
const listedIn = (manifest: string, root: string, kept: (name: string) => boolean): ReadonlyArray<SourceFile> => {
  const { Files }: { readonly Files: ReadonlyArray<{ readonly Path: string; readonly Size: number }> } =
    JSON.parse(manifest)
  return Files.filter(({ Path }) => !kept(Path)).map(({ Path, Size }) => file(`${root}/${Path}`, "", { size: Size }))
}

/** A file as a reader of folders gives it. */
const whole = (path: string, content: string | Uint8Array, modified = written): SourceFile =>
  asWanted(dumps, path, typeof content === "string" ? new TextEncoder().encode(content) : content, modified)

// What `head`, `tail`, `pg_dump` and the listing kept of each file of the sample.
const pgDumpFiles: ReadonlyArray<SourceFile> = listed(text("pg_dump/file-listing.tsv")).flatMap((entry) => {
  const of = (head: Uint8Array, tail: Uint8Array, problem?: string) =>
    file(entry.path, "", { ...entry, head, tail, problem })
  const none = new Uint8Array()
  switch (entry.path) {
    case "shop_schema.dump":
    case "shop_truncated_in_toc.dump":
    case "globals.sql":
      return of(bytes(`pg_dump/${entry.path}`), bytes(`pg_dump/${entry.path}`).slice(-4_096))
    case "shop_2026-11-23T1803Z.dump":
      return of(bytes("pg_dump/shop_2026-11-23T1803Z.dump.first512.bin"), new Uint8Array(4_096).fill(0xa7, 0, -10))
    case "shop_truncated.dump":
      return of(bytes("pg_dump/shop_2026-11-23T1803Z.dump.first512.bin"), new Uint8Array(4_096).fill(0xa7))
    case "crm_audit.dir/toc.dat":
      return of(bytes("pg_dump/crm_audit.dir.toc.dat.first4096.bin"), none)
    case "crm_audit.dir/3342.dat.gz":
      return of(none, none)
    // Of this one the sample has no bytes.
    case "crm_audit.tar":
      return []
    default: {
      const kept = (end: string) => bytes(`pg_dump/sql-head/${entry.path}.${end}.txt`)
      return entry.size === 0 ? of(none, none, "unexpected end of file") : of(kept("head"), kept("tail"))
    }
  }
})

const mysqldumpFiles: ReadonlyArray<SourceFile> = listed(text("mysqldump/file-listing.tsv")).map((entry) =>
  file(entry.path, "", {
    ...entry,
    head: bytes(`mysqldump/${entry.path}.head.txt`),
    tail: bytes(`mysqldump/${entry.path}.tail.txt`)
  })
)

describe("the sample of pg_dump", () => {
  // Sizes and times of files are those of file-listing.tsv; those of archives, their databases and versions are those
  // of pg_restore -l (18:04:24 UTC), whose trailers and `gzip -t` tell what is whole.
  const expected = [
    ["all-shop-20261123.sql.gz", "COMPLETED", "2026-11-23T18:04:25", 645_348n, ["PostgreSQL", null]],
    ["crm-20261122.sql.gz", "FAILED", "2026-11-23T18:04:25", 0n, null],
    ["crm-20261123.sql.gz", "COMPLETED", "2026-11-23T18:04:24", 402_548n, ["PostgreSQL", "15.18"]],
    ["crm_audit.dir", "COMPLETED", "2026-11-23T18:04:24", 26_557n, ["PostgreSQL", "15.18"]],
    ["globals.sql", "COMPLETED", "2026-11-23T18:04:25", 526n, ["PostgreSQL", null]],
    ["shop_2026-11-23T1803Z.dump", "COMPLETED", "2026-11-23T18:04:24", 641_544n, ["PostgreSQL", "15.18"]],
    ["shop_schema.dump", "COMPLETED", "2026-11-23T18:04:24", 4_103n, ["PostgreSQL", "15.18"]],
    ["shop_truncated.dump", "FAILED", "2026-11-23T18:04:24", 300_000n, ["PostgreSQL", "15.18"]],
    ["shop_truncated_in_toc.dump", "FAILED", "2026-11-23T18:04:24", 900n, ["PostgreSQL", "15.18"]]
  ]

  it("has the times, sizes, versions and states that pg_restore and the trailers tell", () => {
    const { records, problems, complete } = importOf(pgDumpFiles)
    assert.deepStrictEqual(
      records.map(({ nativeId, backup }) => {
        const { status, created, bytes, datastore } = flat(backup)
        return [nativeId, status, created.slice(0, 19), bytes, datastore]
      }) as ReadonlyArray<unknown>,
      expected
    )
    assert.isTrue(complete)
    assert.deepStrictEqual(problems, [])
  })

  it("names the database, and why a dump is not whole", () => {
    const described = new Map(
      importOf(pgDumpFiles).records.map(({ nativeId, backup }) => [nativeId, descriptionOf(backup)])
    )
    assert.strictEqual(described.get("crm_audit.dir"), "pg_dump directory of the database crm_audit")
    assert.include(described.get("shop_truncated_in_toc.dump"), "cut off in its table of contents")
    assert.include(described.get("shop_truncated.dump"), "cut off in its data")
    assert.include(described.get("crm-20261122.sql.gz"), "empty")
    assert.include(described.get("all-shop-20261123.sql.gz"), "pg_dumpall of the database template1 and perhaps more")
  })

  it("gives the same at every import, in whatever order the files come", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...pgDumpFiles], { minLength: pgDumpFiles.length }), (files) =>
        assert.deepStrictEqual(importOf(files), importOf(pgDumpFiles))
      ),
      { numRuns: 20 }
    )
  })
})

/**
 * An archive as WriteHead and WriteToc of 1.16 write it: entries of some kinds, all without data, then nothing. Behind TABLE
 * there may be its SQL.
 */
const archive16 = (...kinds: ReadonlyArray<string>): Uint8Array => {
  const integer = (value: number) => [
    value < 0 ? 1 : 0,
    ...[0, 8, 16, 24].map((shift) => (Math.abs(value) >> shift) & 255)
  ]
  const string = (value: string | null) =>
    value === null ? integer(-1) : [...integer(value.length), ...new TextEncoder().encode(value)]
  const kindAndSql = (kind: string): readonly [string, string] =>
    kind.startsWith("TABLE CREATE") ? ["TABLE", kind.slice(6)] : [kind, "CREATE TABLE"]
  return new Uint8Array([
    ...[..."PGDMP"].map((letter) => letter.charCodeAt(0)),
    ...[1, 16, 0, 4, 8, 1, 1],
    ...[17, 38, 4, 24, 6, 126, 1].flatMap(integer),
    ...["shop", "17.2", "17.2"].flatMap(string),
    ...integer(kinds.length),
    ...kinds
      .map(kindAndSql)
      .flatMap(([kind, sql]) => [
        ...[7, 0].flatMap(integer),
        ...["1259", "16385", "t", kind].flatMap(string),
        ...integer(2),
        ...[sql, "", "", "public", "", "heap"].flatMap(string),
        ...integer(114),
        ...["postgres", "false", null].flatMap(string),
        ...[3, 0, 0, 0, 0, 0, 0, 0, 0]
      ])
  ])
}

describe("archives of pg_dump 15.18 in Asia/Kolkata", () => {
  // The sample has no data of its base backup.
  const files = [
    ...folderOf(dumps, "dumps/kolkata"),
    ...listedIn(text("kolkata/base-plain/backup_manifest"), "base-plain", (name) =>
      ["backup_label", "PG_VERSION"].includes(name)
    )
  ]

  it("are whole, with the time that the zone makes of theirs", () => {
    const { records, problems } = importOf(files, { timeZone: "Asia/Kolkata" })
    assert.deepStrictEqual(problems, [])
    assert.deepStrictEqual(
      records.map(({ nativeId, backup }) => [nativeId, backup.status, flat(backup).created.slice(0, 19)]),
      [
        // `pg_restore -l` prints 2026-11-24 04:38:17 IST; create.sql has no time but that of its file.
        ["all.sql", "COMPLETED", "2026-11-23T23:08:18"],
        ["base-plain", "COMPLETED", "2026-11-23T23:08:18"],
        ["blobs.dump", "COMPLETED", "2026-11-23T23:08:17"],
        ["create.sql", "COMPLETED", "2026-11-23T23:10:00"],
        ["dir.d", "COMPLETED", "2026-11-23T23:08:17"],
        ["piped.dump", "COMPLETED", "2026-11-23T23:08:17"],
        ["schema-piped.dump", "COMPLETED", "2026-11-23T23:08:17"],
        ["schema.dump", "COMPLETED", "2026-11-23T23:08:17"],
        ["two.dump", "COMPLETED", "2026-11-23T23:45:26"],
        ["verbose.sql", "COMPLETED", "2026-11-23T23:08:17"],
        ["whole.tar", "COMPLETED", "2026-11-23T23:08:17"],
        ["z0.dump", "COMPLETED", "2026-11-23T23:08:17"]
      ]
    )
  })

  it("need the zone", () => {
    assert.match(refusalOf(dumps, files), /^pg_dump(all)? prints times without a time zone/)
  })

  it("are FAILED wherever they are cut, as pg_restore would notice too late", () => {
    for (const name of ["blobs.dump", "piped.dump", "z0.dump", "schema.dump", "schema-piped.dump", "whole.tar"]) {
      const all = bytes(`kolkata/${name}`)
      // A tar file ends with two blocks of zeros, each of which is as good as both to the eye of tar.
      const end = name.endsWith(".tar") ? all.length - 1_024 : all.length - 1
      // Its first file begins behind a block that every tar file has.
      const start = name.endsWith(".tar") ? 517 : 40
      for (let length = start; length <= end; length += length < start + 300 || length > end - 300 ? 1 : 17) {
        assert.strictEqual(only([whole(name, all.slice(0, length))]).status, "FAILED", `${name} cut to ${length}`)
      }
    }
  })

  it("are FAILED where they have their size, and zeros where nothing was written", () => {
    const unwritten = (name: string) => {
      const all = bytes(`kolkata/${name}`)
      return only([whole(name, all.slice().fill(0, all.length - 100))])
    }
    for (const name of ["two.dump", "blobs.dump", "piped.dump"]) {
      const { status, description } = unwritten(name)
      assert.strictEqual(status, "FAILED", name)
      assert.include(description, "cut off in its data")
    }
    // It ends with a large object that is not compressed, which may be of zeros.
    assert.strictEqual(unwritten("z0.dump").status, "COMPLETED")
  })

  it("as tar are FAILED where they are cut or end in zeros, however the cut falls", () => {
    const all = bytes("kolkata/whole.tar")
    const sizeless = (content: Uint8Array) => ({ ...whole("shop.dump", content), digest: undefined })
    assert.strictEqual(only([sizeless(all)]).status, "COMPLETED")
    assert.strictEqual(only([whole("shop.tar.gz", new Uint8Array(gzipSync(all)))]).status, "COMPLETED")
    for (let cut = 1_024; cut < all.length - 1_024; cut += 512) {
      const zeros = all.slice().fill(0, cut)
      const short = new Uint8Array([...all.slice(0, cut), ...new Uint8Array(1_024)])
      for (const broken of [zeros, short]) {
        assert.strictEqual(only([sizeless(broken)]).status, "FAILED", `${cut}`)
        assert.strictEqual(only([whole("shop.tar.gz", new Uint8Array(gzipSync(broken)))]).status, "FAILED", `${cut}`)
      }
    }
  })

  it("are FAILED where a table is missing behind a whole one", () => {
    // By Python: the data of the second table begins at 1954, behind the five zeros that end that of the first.
    const cut = bytes("kolkata/two.dump").slice(0, 1_954)
    assert.deepStrictEqual([...cut.slice(-5)], [0, 0, 0, 0, 0])
    assert.include(only([whole("two.dump", cut)]).description, "cut off in its data")
  })

  it("are FAILED where nothing is behind their contents, also where those do not say what should be", () => {
    const piped = bytes("kolkata/two.dump").slice()
    // By Python: the two places where it says where data begins; what is written to a pipe does not.
    for (const place of [1_378, 1_541]) {
      assert.strictEqual(piped[place], 2)
      piped.set([1, 0, 0, 0, 0, 0, 0, 0, 0], place)
    }
    assert.strictEqual(only([whole("piped.dump", piped)]).status, "COMPLETED")
    const { status, description } = only([whole("piped.dump", piped.slice(0, 1_550))])
    assert.strictEqual(status, "FAILED")
    assert.include(description, "cut off in its data")
  })

  it("are known for what they are with as little as five bytes, and with fewer by their names", () => {
    const all = bytes("kolkata/blobs.dump")
    for (let length = 0; length < 40; length++) {
      const { status, description } = only([whole("shop.dump", all.slice(0, length))])
      assert.strictEqual(status, "FAILED")
      assert.match(description, length === 0 ? /empty/ : /cut off in its head/)
    }
  })

  it("are FAILED wherever they are cut off, by names that other archives have as well", () => {
    const cutOf = (path: string, content: Uint8Array, lengths: ReadonlyArray<number>) => {
      for (const length of lengths) {
        const { status, description } = only([whole(path, content.slice(0, length))])
        assert.strictEqual(status, "FAILED", `${path} cut to ${length}`)
        assert.match(description, length === 0 ? /empty/ : /cut off/, `${path} cut to ${length}`)
      }
    }
    const upTo = (end: number, step = 1) => Array.from({ length: Math.ceil(end / step) }, (_, index) => index * step)
    for (const path of ["shop.backup", "shop.custom", "shop.backup-20261123"]) {
      cutOf(path, bytes("kolkata/blobs.dump"), upTo(40))
    }
    for (const path of ["shop.bak", "shop"]) {
      cutOf(path, bytes("kolkata/blobs.dump"), upTo(40).slice(5))
      cutOf(path, bytes("mysqldump/wiki.sql.head.txt").slice(0, 20), upTo(20).slice(8))
    }
    for (const path of ["shop.tar", "shop.tar.old"]) cutOf(path, bytes("kolkata/whole.tar"), upTo(1_100, 3))
    for (const path of ["db1/a.tar", "db1/base.tar"]) {
      cutOf(path, bytes("kolkata/base-tar/base.tar.first8192.bin"), upTo(1_100, 3))
    }
    assert.include(
      only([whole("shop.tar.gz", gzipSync(bytes("kolkata/whole.tar").slice(0, 700)))]).description,
      "cut off"
    )
    assert.include(only([whole("shop.backup", new Uint8Array(5_000))]).description, "damaged: it begins with zeros")
  })

  it("are not what macOS writes beside them, whatever that is named", () => {
    const double = new Uint8Array(4_096)
    double.set([0x00, 0x05, 0x16, 0x07, 0x00, 0x02, 0x00, 0x00])
    const names = ["._two.dump", "._two.sql.gz", "._two.bak", "._two", "._base.tar", "._metadata", "._toc.dat"]
    const { records, problems, complete } = importOf([
      whole("two.dump", bytes("kolkata/two.dump")),
      ...names.map((name) => whole(name, double))
    ])
    assert.deepStrictEqual([records.map(({ nativeId }) => nativeId), problems, complete], [["two.dump"], [], true])
    // A dump by such a name is one.
    assert.strictEqual(only([whole("._two.dump", bytes("kolkata/two.dump"))]).status, "COMPLETED")
  })

  it("are nothing where an empty or short file may be of anything", () => {
    const other = whole("shop.dump", bytes("kolkata/z0.dump"))
    for (const [path, content] of [
      ["my.cnf.bak", ""],
      ["nohup.out", ""],
      ["lock", ""],
      ["flag", "P"],
      ["list.out", "-"],
      ["path.out", "/"],
      ["sep.bak", "--\n"],
      ["notes.bak", "-- none"],
      // tar cf files.tar -T /dev/null
      ["files.tar", new Uint8Array(10_240)]
    ] as const) {
      const { nativeId, complete } = only([other, whole(path, content)])
      assert.deepStrictEqual([nativeId, complete], ["shop.dump", true])
    }
  })

  it("are looked into where they are compressed once more", () => {
    const all = bytes("kolkata/z0.dump")
    assert.strictEqual(only([whole("z0.dump.gz", gzipSync(all))]).status, "COMPLETED")
    assert.strictEqual(only([whole("z0.dump.gz", gzipSync(all.slice(0, 3_000)))]).status, "FAILED")
    assert.strictEqual(only([whole("z0.dump.gz", gzipSync(all.slice(0, 300)))]).status, "FAILED")
    for (const name of ["z0.dump.gz.1", "z0.dump-20261123.gz", "Z0.DUMP.GZ", "z0.dump.gz.old"]) {
      assert.strictEqual(only([whole(name, gzipSync(all))]).status, "COMPLETED", name)
      assert.strictEqual(only([whole(name, gzipSync(all.slice(0, 3_000)))]).status, "FAILED", name)
    }
    const running = only([whole("z0.dump.gz.part", gzipSync(all.slice(0, 3_000)))])
    assert.include(running.description, "cut off in its data")
    assert.strictEqual(only([whole("whole.tar.gz.1", gzipSync(bytes("kolkata/whole.tar")))]).status, "COMPLETED")
  })

  it("in a directory are whole with their table of contents and every file in it", () => {
    const directory = files.filter(({ path }) => path.startsWith("dir.d/"))
    const without = (name: string) => only(directory.filter(({ path }) => path !== `dir.d/${name}`))
    assert.include(without("3340.dat.gz").description, "its file 3340.dat is missing")
    assert.include(without("blobs.toc").description, "its file blobs.toc is missing")
    assert.include(without("toc.dat").description, "not finished: it has no toc.dat")
    for (const name of ["3340.dat.gz", "blobs.toc", "toc.dat"]) assert.strictEqual(without(name).status, "FAILED")
    const [blob = ""] = directory.flatMap(({ path }) => /blob_\d+\.dat/.exec(path)?.[0] ?? [])
    assert.include(without(`${blob}.gz`).description, `its file ${blob} is missing`)
    const emptied = (name: string) =>
      only([...directory.filter(({ path }) => !path.includes(blob)), file(`dir.d/${name}`)])
    // With `--compress=0` a large object that is empty is a file that is.
    assert.strictEqual(emptied(blob).status, "COMPLETED")
    assert.include(emptied(`${blob}.gz`).description, `its file ${blob} is missing`)
    const toc = bytes("kolkata/dir.d/toc.dat")
    for (const length of [0, 3, 30, 200, toc.length - 1]) {
      const cut = directory.map((part) =>
        part.path === "dir.d/toc.dat" ? whole(part.path, toc.slice(0, length)) : part
      )
      assert.strictEqual(only(cut).status, "FAILED", `cut to ${length}`)
    }
  })

  it("in a directory are FAILED with a file that is damaged, which all that are not too large are looked at for", () => {
    const directory = files.filter(({ path }) => path.startsWith("dir.d/"))
    const cut = directory.map((part) =>
      part.path === "dir.d/3340.dat.gz" ? whole(part.path, bytes("kolkata/dir.d/3340.dat.gz").slice(0, -9)) : part
    )
    const { status, description } = only(cut)
    assert.strictEqual(status, "FAILED")
    assert.match(description, /its file 3340\.dat\.gz could not be read to its end: unexpected end of file/)
    const wanted = { head: 0, tail: 1, gunzip: true }
    assert.deepStrictEqual(dumps.wants("dir.d/3340.dat.gz", 268_435_456), wanted)
    assert.deepStrictEqual(dumps.wants("dir.d/3340.dat.gz", 268_435_457), { head: 0, tail: 0 })
  })

  it("in a directory are FAILED where the list of large objects is damaged, so that one may be missing", () => {
    const directory = files.filter(({ path }) => path.startsWith("dir.d/"))
    const list = text("kolkata/dir.d/blobs.toc")
    const without = directory.filter(({ path }) => !/blob/.test(path))
    const of = (content: string, size = content.length) =>
      only([...without, { ...whole("dir.d/blobs.toc", content), size }])
    for (const damaged of ["\0".repeat(list.length), list.slice(0, -1), list.slice(0, 8), `x${list}`, `\n${list}`]) {
      assert.include(of(damaged).description, "its file blobs.toc is damaged", JSON.stringify(damaged))
    }
    for (const sound of [list, list.replace("\n", "\r\n")]) assert.include(of(sound).description, ".dat is missing")
    // Of a list that is too long only the beginning was read.
    assert.strictEqual(of(list.slice(0, 8), 20_000_000).status, "COMPLETED")
  })

  it("in a directory leave other dumps in it alone", () => {
    const beside = whole("dir.d/globals.sql", bytes("pg_dump/globals.sql"))
    assert.deepStrictEqual(statuses([...files.filter(({ path }) => path.startsWith("dir.d/")), beside]), {
      "dir.d": "COMPLETED",
      "dir.d/globals.sql": "COMPLETED"
    })
  })

  it("are being made while the files of a directory without table of contents are", () => {
    const directory = files.filter(({ path }) => path.startsWith("dir.d/") && path !== "dir.d/toc.dat")
    const now = Date.UTC(2026, 10, 23, 23, 12)
    assert.deepStrictEqual(statuses(directory, { now }), { "dir.d": "BUILDING" })
    assert.deepStrictEqual(statuses(directory, { now: now + 3_600_000 }), { "dir.d": "FAILED" })
    const later = whole("shop.sql", bytes("pg_dump/globals.sql"), now - 60_000)
    assert.deepStrictEqual(statuses([...directory, later], { now }), { "dir.d": "FAILED", "shop.sql": "COMPLETED" })
  })

  it("have the head of a newer format, which is read as far as it can be", () => {
    const head = (minor: number, at: number, byte: number) => {
      const all = bytes("kolkata/z0.dump").slice()
      all[6] = minor
      all[at] = byte
      return only([whole("z0.dump", all)])
    }
    // The database is ten bytes longer in a head whose compression is one byte instead of five.
    const old = head(3, 6, 3)
    assert.strictEqual(old.status, "FAILED")
    assert.include(old.description, "archive format 1.3")
    assert.lengthOf(old.problems, 1)
  })

  it("of PostgreSQL 16 and 17 have one byte for the compression, and the kind of relation", () => {
    const archive = archive16("TABLE")
    const read = only([whole("shop.dump", archive)], { timeZone: "Europe/Berlin" })
    assert.strictEqual(read.status, "COMPLETED")
    assert.strictEqual(read.created, "2026-07-24T02:38:17.000000Z")
    assert.deepStrictEqual(read.datastore, ["PostgreSQL", "17.2"])
    assert.strictEqual(only([whole("shop.dump", archive.slice(0, -9))]).status, "FAILED")
  })

  // 2026-10-25, as a head has it, each in the lowest byte of an integer of five.
  const repeatedHour = (timeZone: string, hour: number, isdst: number) => {
    const all = bytes("kolkata/z0.dump").slice()
    for (const [place, value] of [
      [17, 0],
      [22, 30],
      [27, hour],
      [32, 25],
      [37, 9],
      [47, isdst]
    ] as const) {
      all[place] = value
    }
    return only([whole("z0.dump", all)], { timeZone }).created
  }

  it("of a repeated hour have the one that their head tells", () => {
    assert.strictEqual(repeatedHour("Europe/Berlin", 2, 1), "2026-10-25T00:30:00.000000Z")
    assert.strictEqual(repeatedHour("Europe/Berlin", 2, 0), "2026-10-25T01:30:00.000000Z")
  })

  it("of a repeated hour where summer is the standard time, as in Ireland, have the one that their head tells", () => {
    // TZ=Europe/Dublin date -d @1792888200 +%T and Python's time.localtime(1792888200).tm_isdst: 01:30:00 and 0.
    for (const zone of ["Europe/Dublin", "eire"]) {
      assert.strictEqual(repeatedHour(zone, 1, 0), "2026-10-25T00:30:00.000000Z")
      assert.strictEqual(repeatedHour(zone, 1, 1), "2026-10-25T01:30:00.000000Z")
    }
  })
})

describe("plain SQL of PostgreSQL", () => {
  const complete = text("kolkata/create.sql")

  it("is whole by its last line, wherever \\unrestrict is, and with either end of lines", () => {
    assert.strictEqual(only([whole("a.sql", complete)]).status, "COMPLETED")
    assert.strictEqual(only([whole("a.sql", complete.replaceAll("\n", "\r\n"))]).status, "COMPLETED")
    assert.strictEqual(only([whole("a.sql", complete.replace(/\\(un)?restrict \S+\n\n?/g, ""))]).status, "COMPLETED")
    assert.strictEqual(only([whole("a.sql", complete.replace(/\n*$/, ""))]).status, "COMPLETED")
  })

  it("is FAILED wherever it is cut off before that", () => {
    const end = complete.indexOf("\n--\n-- PostgreSQL database dump complete\n--") + 43
    for (let length = 40; length < end; length += 7) {
      assert.strictEqual(only([whole("a.sql", complete.slice(0, length))]).status, "FAILED", `cut to ${length}`)
    }
  })

  it("of a whole cluster is FAILED where only one of its databases is whole", () => {
    const cluster = text("kolkata/all.sql")
    const end = cluster.indexOf("-- PostgreSQL database dump complete\n--\n") + 40
    assert.strictEqual(only([whole("all.sql", cluster)]).status, "COMPLETED")
    assert.strictEqual(only([whole("all.sql", cluster.slice(0, end))]).status, "FAILED")
  })

  it("does not take a trailer in its data for its own", () => {
    const quoted = `${complete.slice(0, 2_000)}\n--\n-- PostgreSQL database dump complete\n--\n\nCOPY public.t (x) FROM stdin;\n1`
    assert.strictEqual(only([whole("a.sql", quoted)]).status, "FAILED")
  })

  it("has the times of --verbose, in the zone that was given unless they are in UTC or with an offset", () => {
    const verbose = text("kolkata/verbose.sql")
    const times = (zone: string, timeZone?: string) => {
      const { created, updated } = only([whole("a.sql", verbose.replaceAll(" IST\n", ` ${zone}\n`))], { timeZone })
      return [created.slice(0, 19), updated.slice(0, 19)]
    }
    assert.deepStrictEqual(times("IST", "Asia/Kolkata"), ["2026-11-23T23:08:17", "2026-11-23T23:08:17"])
    assert.deepStrictEqual(times("UTC"), ["2026-11-24T04:38:17", "2026-11-24T04:38:17"])
    assert.deepStrictEqual(times("-03"), ["2026-11-24T07:38:17", "2026-11-24T07:38:17"])
    assert.deepStrictEqual(times("+0545"), ["2026-11-23T22:53:17", "2026-11-23T22:53:17"])
    assert.include(refusalOf(dumps, [whole("a.sql", verbose)]), "--time-zone")
  })

  it("has the time of its file where it has none of its own, and needs no zone", () => {
    const { records } = inventoryOf(dumps, [whole("a.sql", complete)])
    assert.strictEqual(records[0] && flat(records[0].backup).created, "2026-11-23T18:00:00.000000Z")
  })
})

describe("the sample of mysqldump", () => {
  it("has the times, sizes and versions that its first and last lines have", () => {
    const { records, problems } = importOf(mysqldumpFiles)
    assert.deepStrictEqual(
      records.map(({ nativeId, backup }) => {
        const { status, created, updated, bytes, datastore } = flat(backup)
        return [nativeId, status, created.slice(0, 19), updated === created, bytes, datastore]
      }) as ReadonlyArray<unknown>,
      [
        ["all.sql.gz", "COMPLETED", "2026-11-23T18:04:28", true, 1_221_180n, ["MariaDB", "10.11.19"]],
        ["blog+wiki_20261123.sql.gz", "COMPLETED", "2026-11-23T18:04:28", true, 670_935n, ["MariaDB", "10.11.19"]],
        ["wiki.sql", "COMPLETED", "2026-11-23T18:04:28", true, 206_524n, ["MariaDB", "10.11.19"]],
        ["wiki_tag_nocomments.sql", "COMPLETED", "2026-11-23T18:04:28", true, 2_683n, ["MariaDB", null]]
      ]
    )
    assert.deepStrictEqual(problems, [])
    assert.deepStrictEqual(
      records.map(({ backup }) => descriptionOf(backup)),
      [
        "mysqldump of the database blog and perhaps more",
        "mysqldump of the database blog and perhaps more",
        "mysqldump of the database wiki",
        "mysqldump without comments"
      ]
    )
  })

  it("needs the zone in which a dump ended", () => {
    assert.match(refusalOf(dumps, mysqldumpFiles), /^mysqldump prints times without a time zone/)
    const [record] = importOf(mysqldumpFiles, { timeZone: "America/St_Johns" }).records
    assert.strictEqual(record && flat(record.backup).created, "2026-11-23T21:34:28.000000Z")
  })

  it("pads the hour with a blank", () => {
    const [wiki] = mysqldumpFiles.filter(({ path }) => path === "wiki.sql")
    const early = text("mysqldump/wiki.sql.tail.txt").replace("2026-11-23 18:04:28", "2026-11-24  4:34:28")
    const read = only([{ ...file("wiki.sql"), ...wiki, tail: new TextEncoder().encode(early) }])
    assert.strictEqual(read.created, "2026-11-24T04:34:28.000000Z")
  })

  const head = text("mysqldump/wiki.sql.head.txt")
  const tail = text("mysqldump/wiki.sql.tail.txt")

  it("is FAILED without the lines at the end, with or without comments", () => {
    for (const end of ["", "(100,'100');\n", tail.slice(0, -70)]) {
      assert.strictEqual(only([whole("wiki.sql", `${head}\n${end}`)]).status, "FAILED")
    }
    const bare = text("mysqldump/wiki_tag_nocomments.sql.head.txt")
    assert.strictEqual(only([whole("bare.sql", bare)]).status, "FAILED")
  })

  it("without comments ends with the settings that it puts back, whatever its version calls them", () => {
    const bare = text("mysqldump/wiki_tag_nocomments.sql.head.txt")
    const ends = text("mysqldump/wiki_tag_nocomments.sql.tail.txt")
    // As MariaDB 11.4 and later write it.
    const newer = ends.replace(/^.*SET SQL_NOTES=.*$/m, "/*M!100616 SET NOTE_VERBOSITY=@OLD_NOTE_VERBOSITY */;")
    for (const end of [ends, newer]) {
      const read = only([whole("bare.sql", `${bare}\n${end}`)])
      assert.deepStrictEqual([read.status, read.description], ["COMPLETED", "mysqldump without comments"])
      assert.strictEqual(only([whole("bare.sql", `${bare}\n${end}SELECT 1;\n`)]).status, "FAILED")
    }
    const warned = `mysqldump: [Warning] Using a password can be insecure.\n${bare.slice(bare.indexOf("/*!40101"))}\n${ends}`
    assert.strictEqual(only([whole("warned.sql", warned)]).status, "COMPLETED")
  })

  it("is FAILED wherever its head is cut off, and not known where it was made with --compact", () => {
    for (const whole_ of [head, text("mysqldump/wiki_tag_nocomments.sql.head.txt")]) {
      for (let length = 0; length < 250; length++) {
        assert.strictEqual(only([whole("wiki.sql", whole_.slice(0, length))]).status, "FAILED", `cut to ${length}`)
      }
    }
    const sandbox = head.slice(0, head.indexOf("\n") + 1)
    for (const compact of ["set autocommit=0;\n", "/*!40101 SET @saved_cs_client     = @@character_set_client */;\n"]) {
      const { records, problems } = importOf([whole("a.sql", `${head}\n${tail}`), whole("b.sql", sandbox + compact)])
      assert.deepStrictEqual([records.length, problems.map(({ place }) => place)], [1, ["b.sql"]])
    }
  })

  it("is not what phpMyAdmin and HeidiSQL write, which begins and ends otherwise", () => {
    const settings = "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n"
    const phpMyAdmin = `-- phpMyAdmin SQL Dump\n-- version 5.2.2\n\nSET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";\n\n${settings}`
    const heidiSql = `-- --------------------------------------------------------\n-- Host: db\n\n${settings}`
    const { records, problems, complete } = importOf([
      whole("a.sql", `${head}\n${tail}`),
      whole("b.sql", `${phpMyAdmin}CREATE TABLE t (i int);\n`),
      whole("c.sql", `${heidiSql}CREATE TABLE t (i int);\n`)
    ])
    assert.deepStrictEqual(
      records.map(({ nativeId }) => nativeId),
      ["a.sql"]
    )
    assert.deepStrictEqual(
      problems.map(({ place, message }) => [place, message.slice(0, 21)]),
      [
        ["b.sql", "is none of the dumps "],
        ["c.sql", "is none of the dumps "]
      ]
    )
    assert.isTrue(complete)
  })

  it("is whole without a date at its end, and then has the time of its file", () => {
    const undated = `${head}\n${tail.replace(/ on 2026.*/, "")}`
    const { records } = inventoryOf(dumps, [whole("wiki.sql", undated)])
    assert.deepStrictEqual(
      records.map(({ backup }) => [backup.status, flat(backup).created]),
      [["COMPLETED", "2026-11-23T18:00:00.000000Z"]]
    )
  })

  it("of MySQL tells the server, which is not the program", () => {
    const of = (server: string, title = "MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)") =>
      only([
        whole(
          "a.sql",
          head
            .replace(/^.*\n/, "")
            .replace(/MariaDB dump.*/, title)
            .replace(/version\t.*/, `version\t${server}`)
        )
      ]).datastore
    assert.deepStrictEqual(of("8.0.36"), ["MySQL", "8.0.36"])
    assert.deepStrictEqual(of("8.0.35-27"), ["Percona", "8.0.35-27"])
    assert.deepStrictEqual(of("5.5.5-10.4.32-MariaDB-log"), ["MariaDB", "10.4.32"])
  })
})

describe("mydumper", () => {
  const listing = text("mydumper/mydumper-blog/file-listing.tsv")
    .split("\n")
    .filter((line) => line !== "")
  const files = listing.map((line) => {
    const [size, name = ""] = line.split("\t")
    const content = name === "metadata" ? bytes("mydumper/mydumper-blog/metadata") : ""
    return file(`mydumper-blog/${name}`, content, { size: Number(size) })
  })

  it("is one backup of a folder, with the times of its metadata", () => {
    const read = only(files)
    assert.strictEqual(read.nativeId, "mydumper-blog")
    assert.strictEqual(read.created, "2026-11-23T18:04:28.000000Z")
    assert.strictEqual(read.updated, "2026-11-23T18:04:28.000000Z")
    // awk '{s += $1} END {print s}' file-listing.tsv
    assert.strictEqual(read.bytes, 557_414n)
    assert.strictEqual(read.description, "mydumper of the database blog")
    assert.deepStrictEqual(read.datastore, ["MariaDB", null])
    assert.include(refusalOf(dumps, files), "mydumper prints times without a time zone")
  })

  it("is not finished with metadata.partial only, empty or not", () => {
    const others = files.filter(({ path }) => !path.endsWith("/metadata"))
    for (const content of ["", "Started dump at: 2026-11-23 18:04:28\n"]) {
      const partial = [...others, file("mydumper-blog/metadata.partial", content)]
      assert.deepStrictEqual(statuses(partial), { "mydumper-blog": "FAILED" })
      assert.deepStrictEqual(statuses(partial, { now: written + 60_000 }), { "mydumper-blog": "BUILDING" })
    }
  })

  it("is not finished while another run writes into its folder, or where that died", () => {
    const both = [...files, file("mydumper-blog/metadata.partial", "Started dump at: 2026-11-24 18:04:28\n")]
    const read = only(both)
    assert.deepStrictEqual([read.status, read.created], ["FAILED", "2026-11-24T18:04:28.000000Z"])
    assert.include(
      read.description,
      "not finished: beside its metadata file there is the metadata.partial of another run"
    )
    assert.deepStrictEqual(statuses(both, { now: written + 60_000 }), { "mydumper-blog": "BUILDING" })
  })

  it("is not finished where its metadata does not say so", () => {
    const cut = files.map((part) =>
      part.path.endsWith("/metadata") ? file(part.path, "Started dump at: 2026-11-23 18:04:28\nSHOW MASTER") : part
    )
    assert.strictEqual(only(cut).status, "FAILED")
  })

  it("is FAILED with a file that was cut off, and of the same instance", () => {
    const metadata = whole(
      "db/d/metadata",
      "Started dump at: 2026-11-23 18:04:28\nFinished dump at: 2026-11-23 18:04:29\n"
    )
    const cut = gzipSync("INSERT INTO `goods` VALUES (1);").slice(0, -9)
    const read = only([metadata, whole("db/d/blog.goods-schema.sql", ";"), whole("db/d/blog.goods.sql.gz", cut)])
    assert.deepStrictEqual([read.status, read.instance, read.complete], ["FAILED", "db", true])
    assert.include(read.description, "not whole: its blog.goods.sql.gz could not be read to its end: ")
  })

  it("leaves other dumps in its folder alone, by what they are named or begin with", () => {
    const metadata = whole(
      "db/d/metadata",
      "Started dump at: 2026-11-23 18:04:28\nFinished dump at: 2026-11-23 18:04:29\n"
    )
    const own = [
      ...[
        "all-schema-create-tablespace.sql",
        "blog-schema-create.sql",
        "blog-schema-post.sql",
        "blog-schema-triggers.sql"
      ],
      ...["blog.t-schema.sql", "blog.t-schema-triggers.sql", "blog.v-schema.sql", "blog.v-schema-view.sql"],
      ...["blog.s-schema-sequence.sql", "blog.t.sql", "blog.t.00000.sql", "blog.t.00000.00001.sql", "blog.t.00000.dat"],
      ...["blog.t.00001.sql.zst", "blog.t.00002.sql.xz", "blog.t-metadata", "blog.t-checksum", "metadata.partial.0"],
      ...["blog.t-schema-checksum", "blog-schema-create-checksum"]
    ].map((name) => whole(`db/d/${name}`, ";"))
    const sql = bytes("kolkata/create.sql")
    const others = [
      whole("db/d/crm-20261123.sql.gz", gzipSync(sql)),
      whole("db/d/crm.20261123.sql.gz", gzipSync(sql)),
      whole("db/d/crm.dump", bytes("kolkata/z0.dump")),
      whole("db/d/crm-schema.sql", sql),
      whole("db/d/cut.20261123.sql", sql.slice(0, 900)),
      whole("db/d/globals.sql", bytes("pg_dump/globals.sql")),
      whole("db/d/example.com.sql", text("mysqldump/wiki.sql.head.txt") + text("mysqldump/wiki.sql.tail.txt")),
      whole("db/d/sub/base.dump", bytes("kolkata/z0.dump"))
    ]
    const { records, problems } = importOf([metadata, ...own, ...others])
    assert.deepStrictEqual(
      records.map(({ nativeId, backup }) => [nativeId, backup.status]),
      [
        ["db/d", "COMPLETED"],
        ["db/d/crm-20261123.sql.gz", "COMPLETED"],
        ["db/d/crm-schema.sql", "COMPLETED"],
        ["db/d/crm.20261123.sql.gz", "COMPLETED"],
        ["db/d/crm.dump", "COMPLETED"],
        ["db/d/cut.20261123.sql", "FAILED"],
        ["db/d/example.com.sql", "COMPLETED"],
        ["db/d/globals.sql", "COMPLETED"],
        ["db/d/sub/base.dump", "COMPLETED"]
      ]
    )
    assert.deepStrictEqual(problems, [])
    assert.strictEqual(records[0] && flat(records[0].backup).bytes, BigInt(metadata.size + own.length))
    const packed = importOf([metadata, ...own, whole("db/d/crm.sql.zst", "zstd")])
    assert.deepStrictEqual([packed.problems.map(({ place }) => place), packed.complete], [["db/d/crm.sql.zst"], false])
  })

  it("ends after it began, also in the hour that the clocks repeat", () => {
    const times = (started: string, ended: string) => {
      const metadata = `Started dump at: 2026-10-25 ${started}\nFinished dump at: 2026-10-25 ${ended}\n`
      const { created, updated } = only([whole("blog/metadata", metadata)], { timeZone: "Europe/Berlin" })
      return [created, updated].map((time) => time.slice(11, 19))
    }
    assert.deepStrictEqual(times("02:10:00", "02:30:00"), ["00:10:00", "00:30:00"])
    assert.deepStrictEqual(times("02:30:00", "02:10:00"), ["00:30:00", "01:10:00"])
    assert.deepStrictEqual(times("02:30:00", "03:10:00"), ["00:30:00", "02:10:00"])
  })

  it("is read at once, whatever its metadata is", () => {
    const metadata = `Started dump at: 2026-11-23 18:04:28\n${"\n".repeat(2_000_000)}\tGTID: 0-1-5\r\nFinished dump at: 2026-11-23 18:05:00\n`
    assert.deepStrictEqual(only([file("m/metadata", metadata)]).datastore, ["MariaDB", null])
  })

  it("of newer versions has comments for the times, and tells MySQL by its transaction ids", () => {
    const metadata = `# Started dump at: 2026-11-23 18:04:28
[config]
quote_character = BACKTICK

[source]
executed_gtid_set = "866a7051-3311-11eb-8485-0aa2f299396b:1-1213"

# Finished dump at: 2026-11-23 18:06:28
`
    const read = only(files.map((part) => (part.path.endsWith("/metadata") ? file(part.path, metadata) : part)))
    assert.strictEqual(read.updated, "2026-11-23T18:06:28.000000Z")
    assert.deepStrictEqual(read.datastore, ["MySQL", null])
  })
})

/** The beginning of a base backup as tar, which has an empty map of tablespaces, with one that is not. */
const withTablespace = (head: Uint8Array, map: string): Uint8Array => {
  const [size, block] = [new TextEncoder().encode(map.length.toString(8).padStart(11, "0")), new Uint8Array(512)]
  block.set(new TextEncoder().encode(map))
  const before = head.slice(0, 1_536)
  before.set(size, 1_024 + 124)
  return new Uint8Array([...before, ...block, ...head.slice(1_536)])
}

/** A tar file of files of zeros but for a few first bytes, as PostgreSQL's tools write one. */
const tarOf = (...members: ReadonlyArray<readonly [name: string, size: number, content?: string]>): Uint8Array => {
  const utf8 = new TextEncoder()
  const parts = members.map(([name, size, content = "data"]) => {
    const part = new Uint8Array(512 + Math.ceil(size / 512) * 512)
    part.set(utf8.encode(name))
    part.set(utf8.encode(size.toString(8).padStart(11, "0")), 124)
    part.set(utf8.encode("ustar"), 257)
    part.set(utf8.encode(content).subarray(0, size), 512)
    return part
  })
  return new Uint8Array(Buffer.concat([...parts, new Uint8Array(1_024)]))
}

describe("pg_basebackup", () => {
  /** The files of a plain base backup by its manifest, with one segment of WAL, which the manifest leaves out. */
  const plain = (root: string): ReadonlyArray<SourceFile> => {
    const manifest = bytes("pg_basebackup/shop-plain/backup_manifest")
    const kept = ["backup_label", "PG_VERSION"]
    return [
      ...kept.map((name) => whole(`${root}/${name}`, bytes(`pg_basebackup/shop-plain/${name}`))),
      ...listedIn(new TextDecoder().decode(manifest), root, (name) => kept.includes(name)),
      file(`${root}/pg_wal/00000001000000000000001E`, "", { size: 16_777_216 }),
      whole(`${root}/backup_manifest`, manifest)
    ]
  }

  const tar = (root: string): ReadonlyArray<SourceFile> => [
    whole(`${root}/backup_manifest`, bytes("pg_basebackup/crm-tar/backup_manifest")),
    file(`${root}/base.tar.gz`, "", { size: 5_806_138, head: bytes("kolkata/base-tar/base.tar.first8192.bin") }),
    file(`${root}/pg_wal.tar.gz`, "", { size: 17_072 })
  ]

  it("in a folder has the size of all files, and the times of its manifest", () => {
    const read = only(plain("shop-plain"))
    assert.strictEqual(read.status, "COMPLETED")
    // 37,435,866 bytes by the manifest, 182,313 of the manifest, one segment: `du -sb` less 4,096 for each of 29 folders.
    assert.strictEqual(read.bytes, 54_395_395n)
    assert.strictEqual(read.created, "2026-11-23T18:02:37.000000Z")
    assert.strictEqual(read.updated, "2026-11-23T18:02:37.000000Z")
    assert.deepStrictEqual(read.datastore, ["PostgreSQL", "15"])
    assert.strictEqual(read.description, "pg_basebackup; labelled nightly shop 2026-11-23")
    assert.strictEqual(read.nativeId, "shop-plain")
  })

  it("as tar has what lies in front in base.tar", () => {
    const read = only(tar("crm-tar"))
    assert.strictEqual(read.status, "COMPLETED")
    // 226,073 + 5,806,138 + 17,072: `du -sb` less 4,096 for the folder.
    assert.strictEqual(read.bytes, 6_049_283n)
    assert.deepStrictEqual(read.datastore, ["PostgreSQL", "15"])
    assert.include(read.description, "labelled pg_basebackup base backup")
  })

  it("needs no zone where its manifest tells how far the zone of its label is from GMT", () => {
    const at = (label: string) => {
      const files = plain("a").map((part) =>
        part.path === "a/backup_label"
          ? whole(part.path, text("pg_basebackup/shop-plain/backup_label").replace("18:02:37 UTC", label))
          : part
      )
      const [record] = inventoryOf(dumps, files).records
      return record && flat(record.backup).created
    }
    assert.strictEqual(at("18:02:37 UTC"), "2026-11-23T18:02:37.000000Z")
    assert.strictEqual(at("14:32:36 NST"), "2026-11-23T18:02:36.000000Z")
    assert.strictEqual(at("23:32:37 IST"), "2026-11-23T18:02:37.000000Z")
    assert.strictEqual(at("23:32:36 IST"), "2026-11-23T18:02:36.000000Z")
    assert.strictEqual(at("23:47:36 +0545"), "2026-11-23T18:02:36.000000Z")
    assert.strictEqual(at("13:01:00 EST"), "2026-11-23T18:01:00.000000Z")
  })

  it("needs the zone of its label without a manifest, unless that is UTC", () => {
    const label = text("pg_basebackup/shop-plain/backup_label")
    const files = (zone: string) => [
      whole("a/backup_label", label.replace("UTC", zone)),
      file("a/global/pg_control", "", { size: 8_192, head: bytes("kolkata/base-plain/global/pg_control.first16.bin") })
    ]
    assert.include(refusalOf(dumps, files("IST")), "pg_basebackup prints times without a time zone")
    const read = inventoryOf(dumps, files("UTC")).records.map(({ backup }) => flat(backup))
    assert.strictEqual(read[0]?.created, "2026-11-23T18:02:37.000000Z")
    // pg_controldata: Database system identifier, above 2^53.
    assert.strictEqual(read[0]?.instance, "7711507674850741510")
    assert.strictEqual(read[0]?.status, "COMPLETED")
  })

  it("is FAILED where it was interrupted", () => {
    const label = whole("a/backup_label", bytes("pg_basebackup/shop-plain/backup_label"))
    assert.strictEqual(only([label, file("a/base/1/1259", "", { size: 8_192 })]).status, "FAILED")
    assert.strictEqual(only([label, file("a/backup_manifest.tmp")]).status, "FAILED")
    const manifest = bytes("pg_basebackup/shop-plain/backup_manifest")
    for (const length of [0, 20, 500, manifest.length - 60]) {
      const cut = plain("a").map((part) =>
        part.path === "a/backup_manifest" ? whole(part.path, manifest.slice(0, length)) : part
      )
      assert.strictEqual(only(cut).status, "FAILED", `manifest cut to ${length}`)
    }
  })

  it("is FAILED where it was copied in part only, with its manifest or before its last files", () => {
    const all = plain("a")
    const without = (isGone: (path: string) => boolean) => only(all.filter(({ path }) => !isGone(path)))
    const [last = ""] = all.filter(({ path }) => path.startsWith("a/base/")).map(({ path }) => path.slice(2))
    assert.strictEqual(without((path) => path === `a/${last}`).status, "FAILED")
    assert.include(without((path) => path === `a/${last}`).description, `its file ${last} is missing or cut off`)
    assert.match(
      without((path) => path.startsWith("a/base/")).description,
      /its files base\/\S+ and \d+ more are missing/
    )
    const cut = all.map((part) => (part.path === "a/global/pg_control" ? { ...part, size: part.size - 1 } : part))
    assert.include(only(cut).description, "its file global/pg_control is missing or cut off")
    assert.strictEqual(without((path) => /^a\/pg_(?:wal|tblspc)\//.test(path)).status, "COMPLETED")
  })

  it("is FAILED where any of it is there beside its manifest, and the rest is not", () => {
    const all = plain("a")
    const of = (isThere: (name: string) => boolean) =>
      only(all.filter(({ path }) => path === "a/backup_manifest" || isThere(path.slice(2))))
    for (const isThere of [
      (name: string) => name === "PG_VERSION",
      (name: string) => name === "backup_label",
      (name: string) => name === "global/1261",
      (name: string) => name.startsWith("base/5/"),
      (name: string) => name.startsWith("pg_wal/"),
      (name: string) => !name.includes("/"),
      (name: string) => name !== "backup_label",
      (name: string) => name !== "pg_xact/0000"
    ]) {
      const { status, description, bytes } = of(isThere)
      assert.strictEqual(status, "FAILED", isThere.toString())
      assert.match(description, /not whole: its files? .* missing or cut off/)
      assert.isNotNull(bytes)
    }
    assert.include(of(() => false).description, "only its manifest is in this folder")
  })

  it("as tar is FAILED beside its manifest where base.tar is gone, and being made where it is being copied", () => {
    const manifest = bytes("pg_basebackup/crm-tar/backup_manifest")
    const of = (names: ReadonlyArray<string>, now = written + 3_600_000) =>
      only(
        ["backup_manifest", ...names].map((name) =>
          name === "backup_manifest" ? whole(`a/${name}`, manifest) : file(`a/${name}`, "", { size: 17_072 })
        ),
        { now }
      )
    for (const names of [["pg_wal.tar.gz"], ["16384.tar.gz"], ["pg_wal.tar.zst", "16384.tar"]]) {
      const { status, description, bytes } = of(names, written + 60_000)
      assert.strictEqual(status, "FAILED")
      assert.include(description, "not whole: its base.tar is missing")
      assert.isNotNull(bytes)
    }
    for (const [copied, name] of [
      [".base.tar.gz.Xy12Ab", "base.tar.gz"],
      ["base.tar.gz.part", "base.tar.gz"],
      ["base.tar.tmp", "base.tar"]
    ] as const) {
      const { status, description } = of([copied, "pg_wal.tar.gz"])
      assert.strictEqual(status, "FAILED", copied)
      assert.include(description, `not finished: its ${name} is there as ${copied} only`)
      assert.strictEqual(of([copied], written + 60_000).status, "BUILDING", copied)
    }
    assert.include(of(["base.tar.gz", ".pg_wal.tar.gz.Xy12Ab"]).description, "its pg_wal.tar.gz is there as")
    // What was left over of a copy that was broken off is nothing to the next one.
    assert.strictEqual(of(["base.tar.gz", ".base.tar.gz.Xy12Ab", "base.tar.gz.part"]).status, "COMPLETED")
  })

  it("in a folder is being made while a file of it is being copied", () => {
    const [first, ...others] = plain("a").filter(({ path }) => path.startsWith("a/base/"))
    const files = plain("a").filter(({ path }) => path !== first?.path)
    const copied = { ...(first ?? assert.fail("no data")), path: first?.path.replace(/([^/]+)$/, ".$1.aB3dE1") ?? "" }
    assert.isAbove(others.length, 0)
    assert.strictEqual(only([...files, copied], { now: written + 60_000 }).status, "BUILDING")
    assert.match(only([...files, copied]).description, /not finished: its \d+ is there as \.\d+\.aB3dE1 only/)
    // As a server that was a standby calls the last segment of its old timeline.
    const wal = file("a/pg_wal/00000001000000000000001F.partial", "", { size: 16_777_216 })
    assert.strictEqual(only([...plain("a"), wal]).status, "COMPLETED")
  })

  it("as tar that was packed otherwise is what its manifest says, and left out without one", () => {
    const manifest = whole("a/backup_manifest", bytes("pg_basebackup/crm-tar/backup_manifest"))
    for (const name of ["base.tar.zst", "base.tar.gz.gpg", "base.tar.xz"]) {
      const tars = (size: number) => [file(`a/${name}`, "", { size }), file("a/pg_wal.tar.gz.gpg", "", { size: 10 })]
      assert.strictEqual(only([manifest, ...tars(90)]).bytes, BigInt(manifest.size + 100), name)
      assert.strictEqual(only([manifest, ...tars(90)]).status, "COMPLETED", name)
      assert.include(only([manifest, ...tars(0)]).description, `its ${name} is cut off`)
      const { problems, complete } = importOf([...tars(90), whole("a.sql", bytes("kolkata/create.sql"))])
      assert.deepStrictEqual(
        [problems.map(({ place }) => place), complete],
        [[`a/${name}`, "a/pg_wal.tar.gz.gpg"], false]
      )
    }
  })

  it("as tar by another name, or in pieces, is what its manifest says, and no part that is missing", () => {
    const manifest = whole("a/backup_manifest", bytes("pg_basebackup/crm-tar/backup_manifest"))
    for (const names of [
      ["base.tar.gz.aa", "base.tar.gz.ab"],
      ["base-2024-06-01.tar.gz"],
      ["data.tar.zst"],
      ["base.tar.GPG"]
    ]) {
      const files = [...names, "pg_wal.tar.gz"].map((name) => file(`a/${name}`, "", { size: 90 }))
      assert.strictEqual(only([manifest, ...files]).status, "COMPLETED", names[0])
    }
  })

  it("leaves every other backup in its folder and below alone", () => {
    const sql = bytes("kolkata/create.sql")
    const manifest = (root: string, checksum: string) =>
      whole(
        `${root}backup_manifest`,
        text("pg_basebackup/crm-tar/backup_manifest").replace(/[0-9a-f]{64}(?="\}\s*$)/, checksum.repeat(64))
      )
    const base = (root: string) =>
      file(`${root}base.tar.gz`, "", {
        size: 100,
        head: bytes("kolkata/base-tar/base.tar.first8192.bin"),
        tail: new Uint8Array(1_024)
      })
    const others = [
      base("db1/2026-11-22/"),
      ...plain("db1/base/20261121").map((part) =>
        part.path.endsWith("backup_manifest") ? { ...part, tail: manifest("", "d").tail } : part
      ),
      whole("db1/base/20261121/notes.txt", "Notes."),
      whole("db1/global/globals.sql.gz", gzipSync(bytes("pg_dump/globals.sql"))),
      manifest("db1/2026-11-22/", "b"),
      ...plain("db1/2026-11-23"),
      whole("db1/globals.sql", bytes("pg_dump/globals.sql")),
      whole("db1/daily/shop.sql.gz", gzipSync(sql)),
      whole("db1/daily/shop.d/toc.dat", bytes("kolkata/dir.d/toc.dat")),
      whole("db1/blog/metadata", "Started dump at: 2026-11-23 18:04:28\nFinished dump at: 2026-11-23 18:04:29\n"),
      whole("db1/blog/blog.t.00000.sql", ";"),
      whole("db1/base.tar.gz.1", gzipSync(bytes("kolkata/base-tar/base.tar.first8192.bin"))),
      whole("db1/notes.txt", "Notes."),
      whole("shop.dump", bytes("kolkata/z0.dump"))
    ]
    const paths = [
      ...["db1/2026-11-22", "db1/2026-11-23", "db1/base.tar.gz.1", "db1/base/20261121", "db1/blog", "db1/daily/shop.d"],
      ...["db1/daily/shop.sql.gz", "db1/global/globals.sql.gz", "db1/globals.sql", "shop.dump"]
    ]
    const read = (files: ReadonlyArray<SourceFile>) => {
      const { records, problems, complete } = importOf([...others, ...files])
      assert.deepStrictEqual([problems, complete], [[], true])
      return new Map(records.map(({ nativeId, backup }) => [nativeId, { ...flat(backup), id: backup.id }]))
    }
    const before = read([])
    assert.deepStrictEqual([...before.keys()], paths)
    for (const [root, folder] of [
      ["", "."],
      ["db1/", "db1"]
    ] as const) {
      const tars = [
        manifest(root, "a"),
        base(root),
        file(`${root}16384.tar`, "", { size: 512, tail: new Uint8Array(1_024) })
      ]
      const server = plain("x").map((part) => ({ ...part, path: root + part.path.slice(2) }))
      const changed = server.map((part) =>
        part.path === `${root}backup_manifest` ? { ...part, tail: manifest("", "c").tail } : part
      )
      for (const own of [tars, changed]) {
        const after = read(own)
        assert.deepStrictEqual([...after.keys()].sort(), [...paths, folder].sort())
        for (const path of paths) assert.deepStrictEqual(after.get(path), before.get(path), path)
        const size = [...own, ...(own === changed && root === "db1/" ? [{ size: 6 }] : [])]
        assert.strictEqual(
          after.get(folder)?.bytes,
          size.reduce((sum, part) => sum + BigInt(part.size), 0n)
        )
      }
    }
  })

  it("in a folder has all that is a server's own, and none of it is taken for a dump", () => {
    const own = [
      ...["base/5/1259_fsm", "base/5/1259.1", "base/5/PG_VERSION", "global/pg_filenode.map", "pg_xact/000A"],
      ...["pg_multixact/offsets/0000", "pg_logical/mappings/map-5-4eb-0_1-2e8-2e8", "pg_twophase/0000AB12"],
      ...["pg_tblspc/16384/PG_15_202209061/5/16385", "pg_replslot/a/state", "pg_wal/archive_status/1.done"],
      ...["pg_wal/00000002.history", "log/postgresql-Mon.log", "postgresql.conf", "postgresql.conf.bak", "server.key"],
      ...["current_logfiles", "postmaster.opts", "standby.signal", "tablespace_map"]
    ].map((name) => whole(`a/${name}`, "x".repeat(10)))
    const read = only([...plain("a").filter(({ path }) => !own.some((part) => part.path === path)), ...own])
    assert.deepStrictEqual([read.nativeId, read.problems, read.complete], ["a", [], true])
    const listing = new Map([...plain("a"), ...own].map(({ path, size }) => [path, size]))
    assert.strictEqual(
      read.bytes,
      [...listing.values()].reduce((sum, size) => sum + BigInt(size), 0n)
    )
  })

  it("of which only the manifest is kept takes no other dump for its data, and has no size", () => {
    const manifest = bytes("pg_basebackup/shop-plain/backup_manifest")
    const sql = bytes("kolkata/create.sql")
    const { records } = importOf([whole("backup_manifest", manifest), whole("shop/a.sql", sql), ...tar("crm-tar")])
    assert.deepStrictEqual(
      records.map(({ nativeId, backup }) => [nativeId, backup.status, flat(backup).bytes]),
      [
        [".", "COMPLETED", null],
        ["crm-tar", "COMPLETED", 6_049_283n],
        ["shop/a.sql", "COMPLETED", BigInt(sql.length)]
      ]
    )
    assert.include(records[0] && descriptionOf(records[0].backup), "only its manifest is in this folder")
  })

  it("as tar is whole only where it ends as tar files do, compressed or not, with a manifest or without", () => {
    const head = bytes("kolkata/base-tar/base.tar.first8192.bin")
    const base = (name: string, tail: Uint8Array, size: number, problem?: string) => [
      file(`a/${name}`, "", { size, head, tail, problem })
    ]
    const options = { timeZone: "Asia/Kolkata" }
    const [zeros, ones] = [new Uint8Array(1_024), new Uint8Array(1_024).fill(1)]
    const manifest = whole("a/backup_manifest", bytes("pg_basebackup/crm-tar/backup_manifest"))
    for (const beside of [[], [manifest]]) {
      const status = (files: ReadonlyArray<SourceFile>) => only([...files, ...beside], options).status
      assert.strictEqual(status(base("base.tar", zeros, 42_565_632)), "COMPLETED")
      assert.strictEqual(status(base("base.tar", zeros, 42_565_631)), "FAILED")
      assert.strictEqual(status(base("base.tar", ones, 42_565_632)), "FAILED")
      assert.strictEqual(status(base("base.tar.gz", zeros, 4_145_778)), "COMPLETED")
      assert.strictEqual(status(base("base.tar.gz", ones, 4_145_778)), "FAILED")
      assert.strictEqual(status(base("base.tar.gz", zeros, 4_145_778, "unexpected end of file")), "FAILED")
    }
    const denied = {
      ...base("base.tar.gz", zeros, 4_145_778)[0],
      head: new Uint8Array(),
      problem: "denied",
      unread: true
    }
    const read = importOf([whole("b.sql", bytes("kolkata/create.sql")), manifest, denied as SourceFile], options)
    assert.deepStrictEqual([read.records.length, read.problems[0]?.place, read.complete], [1, "a/base.tar.gz", false])
    // Of a large one the end is not looked at.
    const large = base("base.tar.gz", new Uint8Array(), 300_000_000)
    assert.deepStrictEqual(dumps.wants("a/base.tar.gz", 300_000_000), { head: 65_536, tail: 0, gunzip: true })
    assert.deepInclude(dumps.wants("a/base.tar.gz", 268_435_456), { head: 65_536, tail: 1_024, gunzip: true })
    assert.deepStrictEqual(
      [only(large, options).status, only([...large, manifest], options).status],
      ["FAILED", "COMPLETED"]
    )
  })

  /** The files of a plain base backup with a changed manifest. */
  const withManifest = (change: (manifest: string) => string, label = "18:02:37 UTC"): ReadonlyArray<SourceFile> =>
    plain("a").map((part) => {
      if (part.path === "a/backup_manifest") return whole(part.path, change(new TextDecoder().decode(part.head)))
      const isLabel = part.path === "a/backup_label"
      return isLabel ? whole(part.path, new TextDecoder().decode(part.head).replace("18:02:37 UTC", label)) : part
    })

  it("is judged alike where its manifest encodes the paths", () => {
    const encoded = withManifest(
      (manifest) =>
        manifest.replace(/"Path": "([^"]+)"/g, (_, path) => `"Encoded-Path": "${Buffer.from(path).toString("hex")}"`),
      "14:32:36 NST"
    )
    const created = (files: ReadonlyArray<SourceFile>) =>
      inventoryOf(dumps, files).records.map(({ backup }) => [flat(backup).created, backup.status])
    assert.deepStrictEqual(created(encoded), [["2026-11-23T18:02:36.000000Z", "COMPLETED"]])
    const cut = encoded.filter(({ path }) => path !== "a/global/pg_control")
    assert.include(only(cut).description, "its file global/pg_control is missing or cut off")
  })

  it("is read in no time where its manifest lists its label again and again", () => {
    const files = withManifest((manifest) => `${manifest.slice(0, 200)}${'"Path": "backup_label",'.repeat(20_000)}`)
    assert.include(only(files).description, "its backup_manifest is cut off")
  })

  it("needs the zone of its label where tablespaces were copied before that was written", () => {
    const late = (manifest: string) =>
      manifest
        .replace("18:02:37 GMT", "20:47:37 GMT")
        .replace('{ "Path": ', '{ "Path": "pg_tblspc/16384/PG_15_202209061/5/16385", "Size": 8192 },\n{ "Path": ')
    const created = (label: string, timeZone?: string) =>
      inventoryOf(dumps, withManifest(late, label), { timeZone }).records.map(({ backup }) => flat(backup).created)
    assert.deepStrictEqual(created("18:02:37 UTC"), ["2026-11-23T18:02:37.000000Z"])
    assert.deepStrictEqual(created("14:32:36 NST", "America/St_Johns"), ["2026-11-23T18:02:36.000000Z"])
    assert.include(refusalOf(dumps, withManifest(late, "14:32:36 NST")), "prints times without a time zone")
  })

  it("as tar without a manifest has a tar file for each tablespace of its map, and else needs no zone", () => {
    const head = bytes("kolkata/base-tar/base.tar.first8192.bin")
    const zeros = new Uint8Array(1_024)
    const base = (content: Uint8Array) => file("a/base.tar", "", { size: 31_197_184, head: content, tail: zeros })
    const [read] = inventoryOf(dumps, [base(head)]).records
    // The label says 04:38:21 IST, as the server is in India.
    assert.strictEqual(read && flat(read.backup).created, "2026-11-23T23:08:21.000000Z")
    const mapped = base(withTablespace(head, "16384 /srv/fast\n"))
    assert.include(refusalOf(dumps, [mapped]), "prints times without a time zone")
    assert.include(only([mapped]).description, "the tar file of its tablespace 16384 is missing")
    assert.strictEqual(only([mapped, file("a/16384.tar", "", { size: 1_024, tail: zeros })]).status, "COMPLETED")
  })

  it("as tar is being made while its files are written to and it has no manifest", () => {
    const head = bytes("kolkata/base-tar/base.tar.first8192.bin")
    const cut = file("a/base.tar", "", { size: 5_000_000, head, tail: new Uint8Array(1_024).fill(1) })
    const packed = { ...cut, path: "a/base.tar.gz", tail: new Uint8Array(), problem: "unexpected end of file" }
    const manifest = whole("a/backup_manifest", bytes("pg_basebackup/crm-tar/backup_manifest"))
    const options = { timeZone: "Asia/Kolkata", now: written + 60_000 }
    for (const base of [cut, packed]) {
      assert.strictEqual(only([base], options).status, "BUILDING")
      assert.strictEqual(only([base], { ...options, now: written + 3_600_000 }).status, "FAILED")
      assert.strictEqual(only([base, manifest], options).status, "FAILED")
    }
  })

  it("in a single tar file is what its label says, and whole where that ends as tar files do", () => {
    const head = bytes("kolkata/base-tar/base.tar.first8192.bin")
    const manifest = text("pg_basebackup/crm-tar/backup_manifest")
      .slice(-2_000)
      .replaceAll("18:02:38 GMT", "23:08:22 GMT")
    const tail = new Uint8Array([...new TextEncoder().encode(manifest), ...new Uint8Array(2_048)])
    const single = (path: string, rest: Partial<SourceFile> = {}) =>
      file(path, "", { size: 31_197_184, head, tail, ...rest })
    const read = inventoryOf(dumps, [single("db1/base-20261123.tar.gz"), single("db1/20261123.tar")])
    const [record] = read.records
    assert.deepStrictEqual(record && [record.nativeId, record.backup.status], ["db1/20261123.tar", "COMPLETED"])
    const { created, updated, instance, datastore, description } = record
      ? { ...flat(record.backup), description: descriptionOf(record.backup) }
      : assert.fail("no record")
    assert.deepStrictEqual(
      [created, updated, instance as string, datastore],
      ["2026-11-23T23:08:21.000000Z", "2026-11-23T23:08:22.000000Z", "db1", ["PostgreSQL", "15"]]
    )
    assert.include(description, "pg_basebackup as tar; labelled pg_basebackup base backup")
    assert.deepStrictEqual(
      read.problems.map(({ place }) => place),
      ["db1/base-20261123.tar.gz"]
    )
    const failed = (rest: Partial<SourceFile>, path = "db1/a.tar") => {
      const { status, description } = only([single(path, rest)])
      return `${status} ${description.split("; ").at(-2)}`
    }
    assert.match(failed({ size: 31_197_183 }), /^FAILED cut off/)
    assert.match(failed({ tail: tail.map((byte) => byte || 1) }, "db1/a.tar.gz"), /^FAILED cut off/)
    assert.match(failed({ problem: "unexpected end of file" }, "db1/a.tar.gz"), /^FAILED could not be read to its end/)
    assert.match(
      failed({ head: withTablespace(head, "16384 /srv/fast\n") }),
      /^FAILED not whole: its tablespace 16384 is not in it/
    )
  })

  it("is imported once where there is a copy of it", () => {
    const { records, problems } = importOf([...plain("a"), ...plain("b")])
    assert.deepStrictEqual(
      records.map(({ nativeId }) => nativeId),
      ["a"]
    )
    assert.deepStrictEqual(
      problems.map(({ place }) => place),
      ["b"]
    )
    assert.strictEqual(importOf(plain("moved")).records[0]?.backup.id, records[0]?.backup.id)
  })

  it("is the whole one where a copy of it was broken off, or only the manifest is kept elsewhere", () => {
    const broken = plain("a").filter(({ path }) => path !== "a/global/pg_control")
    const manifest = whole("0/backup_manifest", bytes("pg_basebackup/shop-plain/backup_manifest"))
    const read = only([manifest, ...broken, ...plain("b")])
    assert.deepStrictEqual([read.nativeId, read.status], ["b", "COMPLETED"])
    assert.deepStrictEqual(
      read.problems.map(({ place }) => place),
      ["a", "0"]
    )
  })

  it("as tar has a tar file for each tablespace, which ends as tar files do", () => {
    const manifest = new TextDecoder()
      .decode(bytes("pg_basebackup/crm-tar/backup_manifest"))
      .replace('{ "Path": ', '{ "Path": "pg_tblspc/16384/PG_15_202209061/5/16385", "Size": 8192 },\n{ "Path": ')
    const status = (...besides: ReadonlyArray<SourceFile>) => {
      const files = tar("a").filter(({ path }) => !/manifest|pg_wal/.test(path))
      const { status, description } = only([whole("a/backup_manifest", manifest), ...files, ...besides])
      return `${status} ${/its (?!own).*? (?:is missing|is cut off)|the tar file.*missing/.exec(description)?.[0] ?? ""}`
    }
    const tablespace = (name: string, content: Uint8Array) => whole(`a/${name}`, content)
    const sound = tarOf(["PG_15_202209061/5/16385", 8_192, ""])
    const ones = new Uint8Array(2_048).fill(1)
    assert.strictEqual(status(), "FAILED the tar file of its tablespace 16384 is missing")
    assert.strictEqual(status(tablespace("16384.tar", sound)), "COMPLETED ")
    assert.strictEqual(status(tablespace("16384.tar.gz", gzipSync(sound))), "COMPLETED ")
    assert.strictEqual(status(tablespace("16384.tar.zst", ones)), "COMPLETED ")
    assert.strictEqual(status(tablespace("16384.tar", ones)), "FAILED its 16384.tar is cut off")
    assert.strictEqual(status(tablespace("16384.tar.gz", gzipSync(ones))), "FAILED its 16384.tar.gz is cut off")
    assert.strictEqual(status(tablespace("16384.tar", new Uint8Array())), "FAILED its 16384.tar is cut off")
    assert.strictEqual(
      status(tablespace("16384.tar", sound), tablespace("pg_wal.tar", new Uint8Array())),
      "FAILED its pg_wal.tar is cut off"
    )
    assert.strictEqual(
      status(tablespace("16384.tar", sound), tablespace("pg_wal.tar", ones)),
      "FAILED its pg_wal.tar is cut off"
    )
  })

  describe("as tar whose files are mostly zeros, as pages are", () => {
    const label = "START WAL LOCATION: 0/2000028 (file 02)\nSTART TIME: 2026-11-23 18:02:37 UTC\nLABEL: a\n"
    const members = [
      ["backup_label", label.length, label],
      ["PG_VERSION", 3, "15\n"],
      ["base/5/1", 24_576],
      ["base/5/2", 0],
      ["base/5/3", 16_384],
      ["global/pg_control", 8_192]
    ] as const
    const base = tarOf(...members)
    const wal = tarOf(["00000001000000000000001E", 32_768], ["archive_status/00000001000000000000001E.done", 0])
    const checksum = "c".repeat(64)
    const listing = members.map(([Path, size]) => `{ "Path": "${Path}", "Size": ${size}, "Last-Modified": "x" }`)
    const manifest = whole(
      "a/backup_manifest",
      `{ "PostgreSQL-Backup-Manifest-Version": 1,\n"Files": [\n${listing.join(",\n")}\n],\n"Manifest-Checksum": "${checksum}"}\n`
    )
    const zeroed = (content: Uint8Array, from: number) => content.slice().fill(0, from)
    const of = (name: string, content: Uint8Array) =>
      whole(`a/${name}`, name.endsWith(".gz") ? new Uint8Array(gzipSync(content)) : content)
    const failureIn = (...files: ReadonlyArray<SourceFile>) => {
      const { status, description } = only(files)
      return status === "COMPLETED" ? undefined : /its \S+ is cut off|cut off/.exec(description)?.[0]
    }

    const cutsOf = (content: Uint8Array, from: number, to: number) =>
      Array.from({ length: (to - from) / 512 }, (_, n) => from + n * 512).map((cut) => content.slice(0, cut))

    it("is FAILED wherever one of them is cut, or its end was never written, with a manifest or without", () => {
      const besides = [[], [manifest]].flatMap((beside) => ["", ".gz"].map((end) => ({ beside, end })))
      for (const { beside, end } of besides) {
        const [b, w] = [`base.tar${end}`, `pg_wal.tar${end}`]
        assert.isUndefined(failureIn(of(b, base), of(w, wal), ...beside))
        for (const cut of cutsOf(base, 2_048, base.length)) {
          assert.strictEqual(failureIn(of(b, cut), of(w, wal), ...beside), `its ${b} is cut off`, `${cut.length}`)
        }
        // Of pg_control nothing is known but that it is there.
        for (const { length } of cutsOf(base, 2_048, base.length - 9_216)) {
          const failure = failureIn(of(b, zeroed(base, length)), of(w, wal), ...beside)
          assert.strictEqual(failure, `its ${b} is cut off`, `zeros from ${length}`)
        }
        for (const cut of cutsOf(wal, 512, wal.length)) {
          assert.strictEqual(failureIn(of(b, base), of(w, cut), ...beside), `its ${w} is cut off`, `${cut.length}`)
        }
      }
    })

    it("is FAILED where it is too large to be read and smaller than what is in it", () => {
      assert.notProperty(dumps.wants("a/base.tar", 268_435_457), "digest")
      const large = (name: string, content: Uint8Array) => ({ ...of(name, content), digest: undefined })
      const [b, w] = [large("base.tar", base), large("pg_wal.tar", wal)]
      assert.isUndefined(failureIn(b, w, manifest))
      assert.strictEqual(failureIn(large("base.tar", base.slice(0, 10_240)), w, manifest), "its base.tar is cut off")
      const cutWal = { ...large("pg_wal.tar", wal.slice(0, 16_384)), head: wal.slice(0, 512) }
      assert.strictEqual(failureIn(b, cutWal, manifest), "its pg_wal.tar is cut off")
    })

    it("is FAILED in a single tar file that is cut, or of which the end was never written", () => {
      const content = new TextDecoder().decode(manifest.head)
      const single = tarOf(...members, ["backup_manifest", content.length, content])
      assert.isUndefined(failureIn(whole("a.tar", single)))
      for (const broken of [single.slice(0, 12_288), zeroed(single, 12_288)]) {
        assert.strictEqual(failureIn(whole("a.tar", broken)), "cut off")
      }
    })

    it("is whole where another program padded it, and in files of more than 8 GiB", () => {
      const padded = new Uint8Array(Math.ceil(base.length / 10_240) * 10_240)
      padded.set(base)
      assert.isUndefined(failureIn(of("base.tar", padded)))
      const huge = tarOf(["base/5/1", 0], ["base/5/2", 0])
      // 2^33 bytes, in binary.
      huge.set([0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0], 512 + 124)
      const walk = dumps.wants("a/base.tar", 1_000)?.digest?.() ?? assert.fail("no digest")
      walk.take(huge.subarray(0, 1_000))
      walk.take(huge.subarray(1_000, 1_024))
      const chunk = new Uint8Array(2 ** 24)
      for (let n = 0; n < 512; n++) walk.take(chunk)
      assert.strictEqual(walk.value, 0n)
      walk.take(huge.subarray(1_024))
      assert.strictEqual(walk.value, 1n)
    })

    it("is the whole one where a copy of it was cut, whichever comes first", () => {
      const copy = (root: string, content: Uint8Array): ReadonlyArray<SourceFile> => [
        whole(`${root}/backup_manifest`, manifest.head),
        whole(`${root}/base.tar`, content)
      ]
      const cut = base.slice(0, 10_240)
      for (const files of [
        [...copy("a", cut), ...copy("b", base)],
        // Packed otherwise neither is looked into, but one is larger.
        ...[
          [...copy("a", cut), ...copy("b", base)].map((one) => ({ ...one, path: one.path.replace("tar", "tar.zst") }))
        ]
      ]) {
        assert.deepStrictEqual([only(files).nativeId, only(files).status], ["b", "COMPLETED"])
      }
    })
  })

  // As PostgreSQL 17 writes them.
  const increment = (
    root: string,
    checksum: string,
    start: string,
    from: string | undefined
  ): ReadonlyArray<SourceFile> => [
    whole(
      `${root}/backup_label`,
      `START WAL LOCATION: ${start} (file 000000010000000000000002)
CHECKPOINT LOCATION: 0/2000060
BACKUP METHOD: streamed
BACKUP FROM: primary
START TIME: 2026-11-23 18:02:37 UTC
LABEL: pg_basebackup base backup
START TIMELINE: 1
${from === undefined ? "" : `INCREMENTAL FROM LSN: ${from}\nINCREMENTAL FROM TLI: 1\n`}`
    ),
    whole(
      `${root}/backup_manifest`,
      `{ "PostgreSQL-Backup-Manifest-Version": 2,
"System-Identifier": 7711425329158494106,
"Files": [
{ "Path": "backup_label", "Size": 225, "Last-Modified": "2026-11-23 18:02:37 GMT" }
],
"WAL-Ranges": [
{ "Timeline": 1, "Start-LSN": "${start}", "End-LSN": "0/1E000100" }
],
"Manifest-Checksum": "${checksum.repeat(64)}"}
`
    )
  ]

  it("of PostgreSQL 17 may be incremental: on the one that begins where it says, there or not", () => {
    const full = increment("full", "a", "0/2000028", undefined)
    const inc = increment("inc", "b", "0/4000028", "0/2000028")
    const both = importOf([...full, ...inc]).records
    assert.deepStrictEqual(
      both.map(({ nativeId, nativeParentId, backup }) => [nativeId, nativeParentId, flat(backup).instance as string]),
      [
        ["full", undefined, "7711425329158494106"],
        ["inc", "full", "7711425329158494106"]
      ]
    )
    assert.strictEqual(both[1] && flat(both[1].backup).parent, both[0]?.backup.id)
    const other = full.map((part) =>
      whole(part.path, new TextDecoder().decode(part.head).replace("7711425329158494106", "7711425329158494107"))
    )
    assert.strictEqual(importOf([...other, ...inc]).records[1]?.nativeParentId, "start 1:0/2000028")
    const alone = only(inc)
    assert.strictEqual(alone.nativeParentId, "start 1:0/2000028")
    assert.isNotNull(alone.parent)
    assert.deepStrictEqual(alone.problems, [])
  })
})

describe("a dump of a part", () => {
  const part = (path: string, content = bytes(`parts/${path}`)) => only([whole(`shop/${path}`, content)])
  const table = /-- Table structure[\s\S]*?@saved_cs_client \*\/;\n/
  const many = (name: string, count: number) => text(`parts/${name}`).replace(table, (one) => one.repeat(count))

  it("is whole and of no instance, so that it makes none fresh", () => {
    const parts = {
      "schema.dump": "the schema alone",
      "schema.tar": "the schema alone",
      "schema.sql": "the schema alone",
      "data.dump": "the data alone",
      "data.sql": "the data alone",
      "indexes.dump": "indexes and constraints alone",
      "mysql-schema.sql": "the schema alone",
      "mysql-data.sql": "the data alone",
      "mysql-rows.sql": "rows that a condition chose alone",
      "mysql-accounts.sql": "accounts alone"
    }
    for (const [path, says] of Object.entries(parts)) {
      const { status, instance, description } = part(path)
      assert.deepStrictEqual([status, instance], ["COMPLETED", null], path)
      assert.include(description, `; ${says}, so it is of no instance; `, path)
    }
    for (const path of ["whole.dump", "whole.sql", "mysql-whole.sql"]) assert.strictEqual(part(path).instance, "shop")
  })

  it("has only statistics where nothing else is in it, as of PostgreSQL 18", () => {
    const statistics = text("parts/data.sql").replace(
      /^-- Data for (Name: .*; Type:) [A-Z ]+;/gm,
      "-- Statistics for $1 STATISTICS DATA;"
    )
    const says = "; the statistics alone, so it is of no instance; "
    assert.include(part("a.sql", new TextEncoder().encode(statistics)).description, says)
    assert.include(
      part("a.dump", archive16("ENCODING", "STDSTRINGS", "SEARCHPATH", "STATISTICS DATA")).description,
      says
    )
    assert.strictEqual(part("a.dump", archive16("ENCODING", "VIEW", "STATISTICS DATA")).instance, "shop")
    assert.strictEqual(part("a.dump", archive16("TABLE", "TABLE DATA", "STATISTICS DATA")).instance, "shop")
    assert.strictEqual(part("a.dump", archive16("ENCODING", "STDSTRINGS")).instance, "shop")
  })

  it("of a cluster has no database", () => {
    assert.include(part("globals.sql", bytes("pg_dump/globals.sql")).description, "roles and tablespaces alone")
    assert.strictEqual(part("all.sql", bytes("kolkata/all.sql")).instance, "shop")
  })

  it("of a cluster has no roles where only the data of its databases was asked for", () => {
    const data = text("kolkata/all.sql").replace(/^(?:CREATE|ALTER) ROLE .*\n/gm, "")
    const { description, instance } = part("all.sql", new TextEncoder().encode(data))
    assert.include(description, "; the data alone, so it is of no instance; ")
    assert.isNull(instance)
    const started = "-- PostgreSQL database cluster dump\n--\n\n"
    const older = text("kolkata/all.sql").replace(started, `${started}\\connect postgres\n\n`)
    assert.include(older, "\n\\connect postgres\n\n")
    const withoutCreation = text("kolkata/all.sql").replace(/^CREATE ROLE .*\n/gm, "")
    for (const whole of [older, withoutCreation]) {
      assert.strictEqual(part("all.sql", new TextEncoder().encode(whole)).instance, "shop")
    }
  })

  it("is told of a table of contents that goes on behind what is looked at, by the end of the file", () => {
    const of = (content: Uint8Array) =>
      only([
        file("shop/a.dump", "", { size: content.length, head: content.slice(0, -150), tail: content.slice(-4_096) })
      ])
    assert.include(of(bytes("parts/schema.dump")).description, "the schema alone")
    assert.strictEqual(of(bytes("parts/whole.dump")).instance, "shop")
  })

  it("is not told of one that was cut off, which lacks more than it was to lack", () => {
    const cut = text("parts/mysql-whole.sql").replace(/-- Dumping data[\s\S]*/, "")
    const { status, instance } = only([whole("shop/a.sql", cut)])
    assert.deepStrictEqual([status, instance], ["FAILED", "shop"])
  })

  it("is not told of SQL that is longer than what is looked at, but of mysqldump, which has data behind each table", () => {
    const far = (content: string) => content.replace("CREATE TABLE", `${"-- \n".repeat(20_000)}CREATE TABLE`)
    assert.strictEqual(only([whole("shop/a.sql", far(text("parts/schema.sql")))]).instance, "shop")
    assert.isNull(only([whole("shop/a.sql", many("mysql-schema.sql", 2_000))]).instance)
    assert.strictEqual(only([whole("shop/a.sql", far(text("parts/mysql-whole.sql")))]).instance, "shop")
  })

  it("is not told of a schema that has its data behind it in the same file", () => {
    for (const count of [1, 2_000]) {
      const both = many("mysql-schema.sql", count) + text("parts/mysql-data.sql")
      assert.strictEqual(both.length > 65_536, count > 1)
      assert.strictEqual(only([whole("shop/a.sql", both)]).instance, "shop")
    }
  })

  it("is not told of tables that are partitioned, whose data is that of their partitions, or elsewhere", () => {
    const partitioned = "CREATE TABLE public.m (\n    id integer\n)\nPARTITION BY RANGE (id);\n"
    const comment = (name: string, kind: string) => `-- Name: ${name}; Type: ${kind}; Schema: public; Owner: postgres`
    const own =
      text("parts/schema.sql").match(/^--\n-- Name: goods; Type: TABLE;[\s\S]*?\);\n/m)?.[0] ?? assert.fail("none")
    const parent = `--\n${comment("m", "TABLE")}\n--\n\n${partitioned}`
    const foreign = `--\n${comment("m1", "FOREIGN TABLE")}\n--\n\nCREATE FOREIGN TABLE public.m1 ();\n`
    const key = `--\n${comment("m m_pkey", "CONSTRAINT")}\n--\n\nALTER TABLE ONLY public.m ADD CONSTRAINT m_pkey;\n`
    const instanceOf = (tables: string) =>
      part("a.sql", new TextEncoder().encode(text("parts/schema.sql").replace(own, () => tables))).instance
    assert.strictEqual(instanceOf(parent), "shop")
    assert.strictEqual(instanceOf(parent + foreign + key), "shop")
    assert.isNull(instanceOf(parent + own))
    const archived = (...kinds: ReadonlyArray<string>) => part("a.dump", archive16(...kinds)).instance
    assert.strictEqual(archived("ENCODING", `TABLE ${partitioned}`), "shop")
    assert.strictEqual(archived("ENCODING", `TABLE ${partitioned}`, "FOREIGN TABLE", "CONSTRAINT"), "shop")
    assert.isNull(archived("ENCODING", `TABLE ${partitioned}`, "TABLE"))
  })

  it("is told of a schema whose routines write data, between their delimiters", () => {
    const schema = text("parts/mysql-schema.sql")
    const end = schema.indexOf("/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;")
    const routine = "DELIMITER ;;\nCREATE PROCEDURE `p`()\nBEGIN\nINSERT INTO goods VALUES (1);\nEND ;;\nDELIMITER ;\n"
    for (const count of [1, 2_000]) {
      const routines = routine.repeat(count)
      const tables = many("mysql-schema.sql", count).slice(0, end - schema.length)
      const { status, instance } = only([whole("shop/a.sql", tables + routines + schema.slice(end))])
      assert.deepStrictEqual([status, instance], ["COMPLETED", null], `${count}`)
    }
    const data = text("parts/mysql-data.sql").replace(
      "/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;",
      (line) => routine + line
    )
    assert.include(data, routine)
    assert.strictEqual(only([whole("shop/a.sql", many("mysql-schema.sql", 2_000) + data)]).instance, "shop")
  })

  it("of --tab is told of a view, and of a table whose triggers are behind the end", () => {
    const schema = text("parts/mysql-schema.sql")
    const says = "; the schema alone, so it is of no instance; "
    // As MariaDB 10.11 writes them.
    const view = "--\n-- Final view structure for view `v`\n--\n\n/*!50001 DROP VIEW IF EXISTS `v`*/;\n"
    const first = schema.indexOf("--\n-- Table structure")
    const last = schema.indexOf("/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;")
    assert.isAbove(last, first)
    assert.include(only([whole("shop/v.sql", schema.slice(0, first) + view + schema.slice(last))]).description, says)
    const triggers = [
      "/*!50003 SET @saved_cs_client      = @@character_set_client */ ;",
      "DELIMITER ;;",
      "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 trigger shop.tr before insert on t for each row set new.b='y' ",
      "*/;;",
      "DELIMITER ;",
      "/*!50003 SET collation_connection  = @saved_col_connection */ ;",
      ""
    ].join("\n")
    const table = only([whole("shop/t.sql", schema + triggers)])
    assert.deepStrictEqual(
      [table.status, table.created, table.instance],
      ["COMPLETED", only([whole("shop/t.sql", schema)]).created, null]
    )
    assert.include(table.description, says)
    assert.strictEqual(only([whole("shop/t.sql", schema + triggers.slice(0, -20))]).status, "FAILED")
    const alone = schema.slice(0, first) + triggers + schema.slice(last)
    assert.include(
      only([whole("shop/triggers.sql", alone)]).description,
      "; triggers and routines alone, so it is of no instance; "
    )
  })

  it("is not told of tables that have no comments, which may have triggers and stand beside accounts", () => {
    const start = "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n"
    const table = "CREATE TABLE `t` (\n  `a` int\n);\nINSERT INTO `t` VALUES (1);\n"
    const end = "/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n"
    const accounts = "CREATE USER `a`@`%`;\n"
    const trigger = "/*!50003 CREATE*/ /*!50003 TRIGGER `x` BEFORE INSERT ON `t` FOR EACH ROW SET NEW.a=1 */;;\n"
    for (const besides of [accounts, trigger]) {
      assert.strictEqual(only([whole("shop/a.sql", start + table + besides + end)]).instance, "shop")
      assert.isNull(only([whole("shop/a.sql", start + besides + end)]).instance)
    }
  })

  it("of mydumper has tables and no data, or data and no tables", () => {
    const metadata = whole(
      "shop/d/metadata",
      "Started dump at: 2026-11-23 18:04:28\nFinished dump at: 2026-11-23 18:04:29\n"
    )
    const of = (...names: ReadonlyArray<string>) =>
      only([metadata, ...names.map((name) => whole(`shop/d/${name}`, name.endsWith(".gz") ? gzipSync(";") : ";"))])
    const schema = ["parts-schema-create.sql", "parts.goods-schema.sql", "parts.goods-schema-triggers.sql"]
    assert.include(of(...schema).description, "the schema alone")
    assert.include(of("all-schema-create-tablespace.sql", ...schema).description, "the schema alone")
    assert.include(of("parts.goods.sql").description, "the data alone")
    assert.include(of("parts.goods.00000.sql.gz").description, "the data alone")
    for (const data of ["parts.goods.sql", "parts.goods.00001.sql.zst", "parts.goods.00000.dat"]) {
      assert.strictEqual(of(...schema, data).instance, "shop", data)
    }
    assert.strictEqual(of("parts-schema-create.sql").instance, "shop")
    // As mydumper 0.10 writes a database of nothing but a view.
    const view = ["parts-schema-create.sql", "parts.v-schema.sql.gz", "parts.v-schema-view.sql.gz"]
    assert.strictEqual(of(...view).instance, "shop")
    assert.include(of(...view, ...schema).description, "the schema alone")
  })
})

describe("a folder of mydumper of a later version", () => {
  const read = (metadata: Readonly<Record<string, string>>) =>
    only(
      Object.entries({ ...metadata, "blog.post-schema.sql": ";", "blog.post.00000.sql": ";" }).map(([name, content]) =>
        whole(`shop/d/${name}`, content)
      )
    )

  const times = ({ status, created, updated }: ReturnType<typeof read>) => [status, created, updated]

  it("has its start in a file of its own where it was a stream", () => {
    // As `mydumper --stream` sends them, and myloader makes them into files.
    const metadata = "\n[`blog`.`post`]\nreal_table_name=post\nrows = 1\n# Finished dump at: 2026-11-23 18:04:29\n"
    const stream = { metadata, "metadata.partial.0": "\n[`blog`.`post`]\nreal_table_name=post\nrows = 0\n" }
    const header = {
      "metadata.header": "# Started dump at: 2026-11-23 18:04:20\n[config]\nquote-character = BACKTICK\n"
    }
    assert.deepStrictEqual(times(read({ ...stream, ...header })), [
      "COMPLETED",
      "2026-11-23T18:04:20.000000Z",
      "2026-11-23T18:04:29.000000Z"
    ])
    assert.deepStrictEqual(times(read(stream)), [
      "COMPLETED",
      "2026-11-23T18:04:29.000000Z",
      "2026-11-23T18:04:29.000000Z"
    ])
    assert.strictEqual(read(header).status, "FAILED")
  })

  it("ends when the last run that was merged into it did", () => {
    const run = (minute: string) =>
      `# Started dump at: 2026-11-23 18:${minute}:00\n[config]\n# Finished dump at: 2026-11-23 18:${minute}:30\n`
    assert.deepStrictEqual(times(read({ metadata: run("04") + run("15") })), [
      "COMPLETED",
      "2026-11-23T18:04:00.000000Z",
      "2026-11-23T18:15:30.000000Z"
    ])
  })
})

describe("a folder of mydumper that was copied in part", () => {
  // As mydumper 0.16 writes it; 0.12 and 0.13 put `_` between the names.
  const listing = (...tables: ReadonlyArray<readonly [heading: string, rows: number]>) =>
    [
      "# Started dump at: 2026-11-23 18:04:28",
      "[config]",
      "quote-character = BACKTICK",
      "",
      "[source]",
      '# executed_gtid_set = "0-53306-12"',
      ...tables.flatMap(([heading, rows]) => [
        "",
        `[${heading}]`,
        "real_table_name=whatever",
        `rows = ${rows}`,
        "schema_checksum = 0"
      ]),
      "# Finished dump at: 2026-11-23 18:04:29",
      ""
    ].join("\n")
  const tables = listing(["`blog`.`post`", 3], ["`blog`.`tag`", 0], ["`blog`.`mydumper_0`", 2])
  const files = {
    metadata: tables,
    "blog-schema-create.sql.zst": "zstd",
    "blog.post-schema.sql": "CREATE TABLE `post` (`n` int);\n",
    "blog.post.00000.sql": "INSERT INTO `post` VALUES (1),(2),(3);\n",
    "blog.tag-schema.sql": "CREATE TABLE `tag` (`n` int);\n",
    "blog.mydumper_0-schema.sql": "CREATE TABLE `été` (`n` int);\n",
    "blog.mydumper_0.00000.dat.zst": "zstd",
    "blog.mydumper_0.00000.sql": "LOAD DATA LOCAL INFILE '…' (`n`);\n"
  }
  const read = (changed: Readonly<Record<string, string | undefined>> = {}, now = written + 3_600_000) =>
    only(
      Object.entries({ ...files, ...changed }).flatMap(([name, content]) =>
        content === undefined ? [] : [whole(`shop/d/${name}`, content)]
      ),
      { now }
    )
  const failure = (changed: Readonly<Record<string, string | undefined>>): string => {
    const { status, description } = read(changed)
    return `${status}: ${/not whole: (.*?), last written/.exec(description)?.[1]}`
  }

  it("is whole with all files, also where a table has no rows, and files have endings of other programs", () => {
    assert.strictEqual(read().status, "COMPLETED")
    for (const ending of ["xz", "gz.gpg", "zst.age"]) {
      const packed = { "blog.post.00000.sql": undefined, [`blog.post.00000.sql.${ending}`]: "packed" }
      assert.strictEqual(read(packed).status, "COMPLETED", ending)
    }
    assert.strictEqual(read({ "blog.tag.00000.sql": "" }).status, "COMPLETED")
    assert.strictEqual(read({ "README.sql": "no statement" }).status, "COMPLETED")
  })

  it("lacks the data of a table with rows", () => {
    assert.strictEqual(failure({ "blog.post.00000.sql": undefined }), "FAILED: the data of blog.post is missing")
    assert.strictEqual(failure({ "blog.post.00000.sql": "" }), "FAILED: the data of blog.post is missing")
    const others = { "blog.mydumper_0.00000.dat.zst": undefined, "blog.mydumper_0.00000.sql": undefined }
    assert.strictEqual(
      failure({ "blog.post.00000.sql": undefined, ...others }),
      "FAILED: the data of blog.post and of 1 more is missing"
    )
    for (const heading of ["`wiki`_`post`", '"wiki"."post"', "`wiki`.`post`"])
      assert.strictEqual(
        failure({ metadata: listing([heading, 1]) }),
        "FAILED: the data of wiki.post is missing",
        heading
      )
  })

  it("is looked at by the names of tables alone where the database is called otherwise in the names of files", () => {
    for (const database of ["blog.été", "mydumper_test"])
      assert.strictEqual(read({ metadata: listing([`\`${database}\`.\`post\``, 1]) }).status, "COMPLETED", database)
    assert.strictEqual(
      failure({ metadata: listing(["`blog.été`.`user`", 1]) }),
      "FAILED: the data of blog.été.user is missing"
    )
  })

  it("lacks the structure of a table whose data is there, of any version", () => {
    const old = "Started dump at: 2026-11-23 18:04:28\nFinished dump at: 2026-11-23 18:04:29\n"
    for (const metadata of [tables, old]) {
      assert.strictEqual(
        failure({ metadata, "blog.post-schema.sql": undefined }),
        "FAILED: the structure of blog.post is missing"
      )
    }
    // A table whose name ends in a number, as older versions call its files.
    const numbered = { metadata: old, "blog.log.2020-schema.sql": ";", "blog.log.2020.00001.sql": ";" }
    assert.strictEqual(read(numbered).status, "COMPLETED")
  })

  it("has a file that was cut off, or nothing but its metadata", () => {
    assert.strictEqual(
      failure({ "blog.post.00000.sql": "INSERT INTO `post` VALUES (1),(" }),
      "FAILED: its blog.post.00000.sql is cut off"
    )
    assert.strictEqual(
      failure({ "blog.post.00000.sql": `INSERT INTO \`post\` VALUES (1),(${"\0".repeat(5_000)}` }),
      "FAILED: its blog.post.00000.sql is cut off"
    )
    assert.strictEqual(failure({ "blog.tag-schema.sql": "" }), "FAILED: its blog.tag-schema.sql is cut off")
    assert.include(
      only([whole("shop/d/metadata", tables)]).description,
      "not whole: it has nothing but its metadata file"
    )
  })

  it("has a file that is empty and was compressed, which none is", () => {
    for (const name of ["blog-schema-create.sql.zst", "blog.tag-schema.sql.zst", "blog.post.00001.sql.zst"]) {
      assert.strictEqual(failure({ [name]: "" }), `FAILED: its ${name} is cut off`)
    }
    assert.strictEqual(failure({ "blog.post.00001.dat.xz": "" }), "FAILED: its blog.post.00001.dat.xz is cut off")
  })

  it("has a file that is still being copied, and is being made while it is young", () => {
    for (const [copied, name] of [
      ["blog.post.00001.sql.part", "blog.post.00001.sql"],
      ["blog.post.00001.sql.gz.part", "blog.post.00001.sql.gz"],
      ["blog.post.00001.sql.zst.part", "blog.post.00001.sql.zst"],
      [".blog.post.00001.sql.Ab12Cd", "blog.post.00001.sql"],
      [".blog.tag-schema.sql.zst.Ab12Cd", "blog.tag-schema.sql.zst"]
    ] as const) {
      const { status, description } = read({ [copied]: "INSE" })
      assert.strictEqual(status, "FAILED", copied)
      assert.include(description, `not finished: its ${name} is there as ${copied} only`)
      assert.strictEqual(read({ [copied]: "INSE" }, written + 60_000).status, "BUILDING", copied)
    }
    const alone = { "blog.post.00000.sql": undefined, "blog.post.00000.sql.zst.part": "INSE" }
    assert.include(read(alone).description, "not finished: its blog.post.00000.sql.zst is there as")
    // What was left over of a copy that was broken off is nothing to the next one.
    const left = { ".blog.post.00000.sql.Ab12Cd": "INSE", "blog.post.00000.sql.part": "INSE" }
    assert.strictEqual(read(left).status, "COMPLETED")
    assert.strictEqual(failure({ ...left, "blog.post.00000.sql": "" }), "FAILED: the data of blog.post is missing")
  })

  it("has metadata of any length", () => {
    const many = Array.from({ length: 2_000 }, (_, n) => [`\`blog\`.\`t${n}\``, n === 1_000 ? 1 : 0] as const)
    const metadata = listing(...many)
    assert.isAbove(metadata.length, 100_000)
    assert.strictEqual(failure({ metadata }), "FAILED: the data of blog.t1000 is missing")
  })
})

describe("a folder of dumps", () => {
  const dump = text("kolkata/create.sql")

  it("is known by what is in it, as no sample of another tool is", () => {
    assert.isTrue(dumps.detect(pgDumpFiles))
    assert.isTrue(dumps.detect(mysqldumpFiles))
    for (const path of ["pg_basebackup", "mydumper", "kolkata"])
      assert.isTrue(dumps.detect(folderOf(dumps, `dumps/${path}`)))
    const others = allSamples().filter((path) => !path.startsWith("dumps/"))
    for (const path of others) assert.isFalse(dumps.detect([whole(path, sample(path))]), path)
  })

  it("has names of instances and databases by the pattern", () => {
    const files = ["db1/crm-eu-2026-11-23.sql.gz", "db1/shop-20261123T0300.sql.gz", "db2/wiki-2026-11-23.sql.gz"]
    const read = importOf(
      files.map((path) => whole(path, gzipSync(dump.replace(/^-- Name: .*Type: DATABASE.*$/gm, "")))),
      { pattern: "{instance}/{database}-{date}.sql.gz" }
    )
    assert.deepStrictEqual(
      read.records.map(({ backup }) => [flat(backup).instance as string, descriptionOf(backup).split(";")[0]]),
      [
        ["db1", "pg_dump as SQL of the database crm-eu"],
        ["db1", "pg_dump as SQL of the database shop"],
        ["db2", "pg_dump as SQL of the database wiki"]
      ]
    )
    assert.deepStrictEqual(read.problems, [])
  })

  it("has the first part of a path for an instance without one", () => {
    const instance = (path: string) => only([whole(path, dump)]).instance as string | null
    assert.strictEqual(instance("shop/a.sql"), "shop")
    assert.strictEqual(instance("shop/2026/a.sql"), "shop")
    assert.isNull(instance("a.sql"))
    assert.isNull(instance("2026-11-23/a.sql"))
  })

  it("reports what does not fit the pattern, and refuses a pattern that fits nothing", () => {
    const files = [whole("db1/a.sql", dump), whole("b.sql", dump)]
    const { records, problems } = importOf(files, { pattern: "{instance}/*" })
    assert.lengthOf(records, 2)
    assert.deepStrictEqual(
      problems.map(({ place }) => place),
      ["b.sql"]
    )
    assert.include(
      refusalOf(dumps, files, { pattern: "{instance}-{date}.sql" }),
      "fits none of the 2 backups, such as b.sql"
    )
  })

  it("has other ids for another dump at the same place, and the same for the same dump", () => {
    const id = (path: string, content: string | Uint8Array, modified = written) =>
      only([whole(path, content, modified)], { timeZone: "Asia/Kolkata" }).backup.id
    const archive = bytes("kolkata/z0.dump")
    assert.strictEqual(id("a.dump", archive), id("a.dump", archive, written + 5_000))
    assert.notStrictEqual(
      id("a.dump", archive),
      id(
        "a.dump",
        bytes("kolkata/blobs.dump").map((byte, at) => (at === 17 ? 9 : byte))
      )
    )
    assert.notStrictEqual(id("a.dump", archive), id("b.dump", archive))
    const plain = dump.replace(/\\(un)?restrict \S+\n\n?/g, "")
    assert.notStrictEqual(id("a.sql", plain), id("a.sql", plain, written + 86_400_000))
    assert.strictEqual(id("a.sql", dump), id("a.sql", dump, written + 86_400_000))
  })

  it("has one id for a dump that is not finished, however far it is", () => {
    const id = (length: number, modified: number) => only([whole("a.sql", dump.slice(0, length), modified)]).backup.id
    assert.strictEqual(id(500, written), id(900, written + 60_000))
    const part = (content: string) => only([whole("a.sql.part", content)]).backup.id
    assert.strictEqual(part(dump.slice(0, 900)), part(dump))
  })

  it("tells what is being written by its name, unless a later one is finished or it is a day old", () => {
    const now = written + 3_600_000
    const part = whole("shop/a.sql.part", dump.slice(0, 900))
    assert.deepStrictEqual(statuses([part], { now }), { "shop/a.sql.part": "BUILDING" })
    assert.deepStrictEqual(statuses([whole("a.dump.tmp", "")], { now }), { "a.dump.tmp": "BUILDING" })
    assert.deepStrictEqual(statuses([part], { now: now - 30 * 86_400_000 }), { "shop/a.sql.part": "FAILED" })
    assert.deepStrictEqual(statuses([part], { now: now + 86_400_000 }), { "shop/a.sql.part": "FAILED" })
    const late = (path: string) => whole(path, dump, written + 60_000)
    assert.strictEqual(statuses([part, late("shop/b.sql")], { now })["shop/a.sql.part"], "FAILED")
    assert.strictEqual(statuses([part, late("crm/b.sql")], { now })["shop/a.sql.part"], "BUILDING")
    assert.strictEqual(
      statuses([part, whole("shop/b.sql", dump, written - 60_000)], { now })["shop/a.sql.part"],
      "BUILDING"
    )
    assert.strictEqual(statuses([whole("whole.sql.part", dump)], { now: now + 86_400_000 })["whole.sql.part"], "FAILED")
  })

  it("takes no other file for a dump that is being written, whatever ending it has meanwhile", () => {
    const others = ["state.tmp", "lock.part", "image.iso.part", "metadata.partial"].map((path) => whole(path, "x"))
    const { records, problems } = importOf([...others, whole("a.sql", dump), whole("shop.part", dump.slice(0, 900))])
    assert.deepStrictEqual(
      records.map(({ nativeId }) => nativeId),
      ["a.sql", "shop.part"]
    )
    assert.deepStrictEqual(problems, [])
    assert.deepStrictEqual(importOf([whole("a.dump.part", "x")]).problems, [])
  })

  it("has empty dumps, compressed or not, for FAILED ones", () => {
    for (const [path, content] of [
      ["a.sql", ""],
      ["a.sql.gz", ""],
      ["a.sql.gz", gzipSync("")],
      ["a.dump", ""]
    ] as const) {
      const read = only([whole(path, content)])
      assert.strictEqual(read.status, "FAILED")
      assert.include(read.description, "empty")
      assert.isNull(read.datastore)
    }
  })

  it("has compressed dumps that do not come to their end for FAILED ones, with the words of the reader", () => {
    const head = new TextEncoder().encode(dump.slice(0, 3_000))
    const tail = new TextEncoder().encode(dump.slice(-200))
    const read = only([file("a.sql.gz", "", { size: 900, head, tail, problem: "unexpected end of file" })])
    assert.strictEqual(read.status, "FAILED")
    assert.include(read.description, "could not be read to its end: unexpected end of file")
    assert.isTrue(read.complete)
    const broken = only([whole("a.sql.gz", "no gzip at all")])
    assert.strictEqual(broken.status, "FAILED")
  })

  it("leaves out what cannot be read, and then nothing may be retired", () => {
    const files = [whole("a.sql", dump), file("b.sql", "", { size: 900, problem: "EACCES: permission denied" })]
    const { records, problems, complete } = importOf(files)
    assert.lengthOf(records, 1)
    assert.include(problems[0]?.message, "EACCES: permission denied")
    assert.isFalse(complete)
    // Known by their content only, so they may be dumps that were imported before.
    for (const path of ["shop", "nightly.bak", "shop.part"]) {
      const unread = importOf([whole("a.sql", dump), file(path, "", { size: 900, problem: "permission denied" })])
      assert.deepStrictEqual([unread.records.length, unread.problems[0]?.place, unread.complete], [1, path, false])
    }
    for (const path of ["base/backup_label", "base/base.tar.gz", "base/backup_manifest", "blog/metadata"]) {
      const unread = importOf([whole("a.sql", dump), file(path, "", { size: 900, problem: "permission denied" })])
      assert.deepStrictEqual([unread.records.length, unread.problems[0]?.place, unread.complete], [1, path, false])
    }
    const others = ["app.tar.gz", "dump.log", "id_rsa.pub"]
    for (const path of others) {
      const read = importOf([whole("a.sql", dump), file(path, "", { size: 900, problem: "incorrect header check" })])
      assert.deepStrictEqual([read.problems, read.complete], [[], true], path)
    }
  })

  it("reports files that are named as dumps and are none, and no others", () => {
    const files = [
      whole("a.sql", dump),
      whole("create-users.sql", "CREATE ROLE x;"),
      whole("b.sql", gzipSync(dump)),
      whole("shop", gzipSync(dump)),
      whole("crm.zst", ""),
      whole("crm_2026.11.23.xz", ""),
      whole("weekly.bak", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0)),
      whole("notes.gz", gzipSync("Notes.")),
      whole("photos.part", gzipSync("Photos.")),
      whole("0000000100000000000000A1.gz", gzipSync(dump)),
      whole("0000000100000000000000A2.zst", ""),
      whole("c.sql.zst", "\u0028\u00b5\u002f\u00fd"),
      whole("d.dump", "garbage"),
      whole("README", "Dumps."),
      whole("a.sql.sha256", "0"),
      // As rsync calls what it is copying.
      whole(".a.sql.x8Kf3a", dump.slice(0, 900)),
      whole("e.sql.gz.Monday", gzipSync(dump)),
      whole("app.tar", "x"),
      whole("app2.tar", "app/README\0"),
      whole("dump.log", "done")
    ]
    const { records, problems, complete } = importOf(files)
    assert.deepStrictEqual(
      records.map(({ nativeId, backup }) => [nativeId, backup.status]),
      [
        ["a.sql", "COMPLETED"],
        ["d.dump", "FAILED"]
      ]
    )
    assert.deepStrictEqual(
      problems.map(({ place }) => place),
      [
        ...["b.sql", "create-users.sql", "e.sql.gz.Monday", "shop", "weekly.bak"],
        ...["crm.zst", "crm_2026.11.23.xz", "c.sql.zst", "d.dump"]
      ]
    )
    // What is packed may have been imported before it was.
    assert.isFalse(complete)
    assert.isTrue(importOf(files.filter(({ path }) => path !== "c.sql.zst")).complete)
  })

  it("reports every dump that was packed otherwise than once by gzip, and then nothing is retired", () => {
    const bytesOfOpenPgp = Uint8Array.of(0x8c, 0x0d, 4, 7, 3, 2, 9, 9, 9, 9, 9, 9)
    for (const path of [
      ...["shop.sql.zst", "shop.sql.gpg", "shop.sql.pgp", "shop.sql.lz", "shop.sql.7z", "shop.sql.Z", "shop.sql.rar"],
      ...["shop.sql.gz.gpg", "shop.sql.gz.pgp", "shop.sql.gz.gz", "shop.sql.gz.7z", "shop.sql.gz.aes256"],
      ...["shop.sql.zst.gpg", "shop.sql.xz.age", "shop.dump.zst.enc", "shop.sql.zst.1.gpg", "shop.sql-20261123.gz.gpg"],
      ...["SHOP.SQL.GZ.GPG", "shop.sql.zst.gpg.part", "shop.sql.gz.gpg~", "20261123.sql.zst"],
      ...["shop.backup.zst", "shop.backup.gz.gpg", "shop.custom.gpg", "base.tar.gz.gpg", "base.tar.zst"]
    ]) {
      const { records, problems, complete } = importOf([
        whole("a.sql", dump),
        whole(`db1/${path}`, path.endsWith(".gz") ? gzipSync(gzipSync(dump)) : bytesOfOpenPgp)
      ])
      assert.deepStrictEqual(
        [records.length, complete, ...problems.map(({ place, message }) => [place, message.slice(0, 43)])],
        [1, false, [`db1/${path}`, "is compressed by another program than gzip "]],
        path
      )
    }
  })

  it("names what is packed and may be anything, which keeps nothing from being retired", () => {
    for (const path of [
      ...["shop.gz.gpg", "shop.gz.enc", "shop-20261123.zst.gpg", "shop.pgp", "20261123.zst.gpg", "photos.xz"],
      ...["full.tar.zst", "www.tar.xz", "base-files.tar.xz", "shop.sql.tar.xz.gpg", "20240601.tar.zst"]
    ]) {
      const { problems, complete } = importOf([whole("a.sql", dump), whole(path, "packed")])
      assert.deepStrictEqual([problems.map(({ place }) => place), complete], [[path], true], path)
    }
  })

  it("says nothing of what is packed and no dump by its name, as logs of servers", () => {
    for (const path of [
      ...["0000000100000000000000A2.gz.gpg", "0000000100000000000000A2.00000028.backup.zst", "00000002.history.zst"],
      ...["mysql-bin.000123.zst", "binlog.000123.gz.gpg", "photos.zip", "key.asc", "shop.sql.gz.sha256", "app.log.xz"],
      // Of gpg --armor --detach-sign.
      "a.sql.asc"
    ]) {
      const { problems, complete } = importOf([whole("a.sql", dump), whole(path, "packed")])
      assert.deepStrictEqual([problems, complete], [[], true], path)
    }
  })

  it("looks at names of many endings in no time", () => {
    const names = [".7z", ".1.7z", ".gz", ".gz.1", ".1", ".z_2"].map(
      (end) => `a.sql${end.repeat(Math.floor(240 / end.length))}!`
    )
    const begun = performance.now()
    importOf([whole("a.sql", dump), ...names.map((name) => whole(name, "x"))])
    assert.isBelow(performance.now() - begun, 1_000)
  })

  it("knows dumps without the names of dumps by their content", () => {
    for (const path of [
      "shop",
      "nightly.bak",
      "shop.sql.gz.1",
      "shop.dump.20261123",
      "shop.sql-20261123",
      "shop.sql-20261123.gz",
      "shop.sql_2026-11-23T18:08",
      "shop.gz",
      "shop_2026.11.23.gz",
      "shop.sql.old",
      "shop.sql~",
      "shop.sql.gz~",
      "shop.dump.~1~",
      "shop.sql.Monday",
      "shop.dump_daily"
    ]) {
      const content = path.includes(".gz") ? gzipSync(dump) : dump
      assert.strictEqual(only([whole(path, content)]).status, "COMPLETED", path)
    }
  })

  it("is where it was said to be", () => {
    assert.strictEqual(only([whole("db/a.sql", dump)], { location: "/srv/dumps" }).location, "/srv/dumps/db/a.sql")
    assert.isNull(only([whole("db/a.sql", dump)]).location)
  })

  it("without a dump is refused in one sentence", () => {
    assert.match(refusalOf(dumps, []), /^The folder holds no files, and so no dumps: is it mounted\?$/)
    assert.match(
      refusalOf(dumps, [whole("notes.txt", "x")]),
      /^The folder holds no dumps: none of its 1 files is one of /
    )
    assert.match(
      refusalOf(dumps, [whole("a.sql.zst", "x")]),
      /^The folder holds no dumps that can be read: a\.sql\.zst /
    )
  })

  it("of which nothing was written but zeros are FAILED, as those that are empty, where their names say what they are", () => {
    const zeros = new Uint8Array(70_000)
    for (const path of ["a.sql", "a.dump", "a.sql.1"]) {
      const { status, description } = only([whole(path, zeros)])
      assert.deepStrictEqual([status, description.split(",")[0]], ["FAILED", "dump; damaged: it begins with zeros"])
    }
    assert.strictEqual(only([whole("a.sql.part", zeros)], { now: written }).status, "BUILDING")
    assert.include(refusalOf(dumps, [whole("a.sql", Uint8Array.of(0, 1))]), "is none of the dumps")
  })

  it("that were last written to at a time beyond all years are FAILED with the last one that there is", () => {
    const { status, description } = only([whole("a.sql", "-- MySQL dump 10.13\n", 2 ** 53)])
    assert.strictEqual(status, "FAILED")
    assert.include(description, "last written to at 9999-12-31T23:59:59.999Z")
  })

  it("never makes an import crash, whatever is in its files", () => {
    const samples = ["kolkata/z0.dump", "kolkata/whole.tar", "kolkata/all.sql", "pg_dump/globals.sql"].map(bytes)
    const others = [
      "a.sql",
      "a.dump",
      "a.sql.gz",
      "d/toc.dat",
      "d/1.dat.gz",
      "m/metadata",
      "b/backup_label",
      "b/backup_manifest",
      "b/base.tar"
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...others),
        fc.constantFrom(...samples),
        fc.nat(15_000),
        fc.array(fc.tuple(fc.nat(3_000), fc.nat(255)), { maxLength: 5 }),
        (path, content, length, flips) => {
          const damaged = content.slice(0, length)
          for (const [at, byte] of flips) if (at < damaged.length) damaged[at] = byte
          const { records } = importOf([whole("whole.sql", dump), whole(path, damaged)])
          assert.include(
            records.map(({ nativeId }) => nativeId),
            "whole.sql"
          )
        }
      ),
      { numRuns: 300 }
    )
  })

  it("has the same records for the same files", () => {
    const files = folderOf(dumps, "dumps")
    assert.deepStrictEqual(importOf(files), importOf([...files].reverse()))
  })
})
