import { gzipSync } from "node:zlib"
import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import { dumps } from "../../src/dumps/dumps.ts"
import { file, folderOf } from "../support/folders.ts"
import { descriptionOf, flat, refusalOf } from "../support/samples.ts"
import { archive15, archive16, bytes, importOf, listedIn, only, pgDumpFiles, statuses, text, whole } from "./support.ts"

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

  it("as tar are whole where they are padded to records of up to 1 MiB, compressed or not", () => {
    const all = bytes("kolkata/whole.tar")
    const padded = (content: Uint8Array, record: number) => {
      const filled = new Uint8Array(Math.ceil(content.length / record) * record)
      filled.set(content)
      return filled
    }
    for (const record of [4_096, 10_240, 20_480, 51_200, 64_512, 65_536, 1_048_576]) {
      const content = padded(all, record)
      for (const [path, packed] of [
        ["shop.tar", content],
        ["shop.tar.gz", gzipSync(content)]
      ] as const) {
        assert.strictEqual(only([whole(path, packed)]).status, "COMPLETED", `${path} in records of ${record}`)
      }
      // The SQL in the last file, the file in front of that, and the data that it tells of.
      for (const cut of [all.length - 1_536, all.length - 4_096, 4_000]) {
        const broken = padded(all.slice(0, cut), record)
        assert.strictEqual(only([whole("shop.tar", broken)]).status, "FAILED", `${cut} in records of ${record}`)
      }
    }
    assert.strictEqual(only([whole("shop.tar", padded(all, 2_097_152))]).status, "FAILED")
  })

  it("as tar that are too large to be walked through are looked at as far from their end as that may be zeros", () => {
    const large = 268_435_456
    const wanted = (size: number) => dumps.wants("shop.tar", size)
    assert.deepInclude(wanted(large), { tail: 4_096 })
    assert.deepStrictEqual(wanted(large + 512), { head: 65_536, tail: 5_120, gunzip: false })
    assert.deepStrictEqual(wanted(large + 65_536), { head: 65_536, tail: 70_144, gunzip: false })
    const all = bytes("kolkata/whole.tar")
    const tail = new Uint8Array(1_048_576)
    tail.set(all.slice(-5_000))
    const of = (end: Uint8Array) => file("shop.tar", "", { size: 2 * large, head: all, tail: end })
    assert.strictEqual(only([of(tail)]).status, "COMPLETED")
    assert.strictEqual(only([of(new Uint8Array(1_048_576))]).status, "FAILED")
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
    const empty = only([...directory.filter(({ path }) => path !== "dir.d/3340.dat.gz"), file("dir.d/3340.dat.zst")])
    assert.include(empty.description, "its file 3340.dat is missing")
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
    // Of a table of contents that is too long only the beginning was read.
    const long = { ...whole("dir.d/toc.dat", toc.slice(0, 200)), size: 20_000_000 }
    assert.strictEqual(only([...directory.filter(({ path }) => path !== "dir.d/toc.dat"), long]).status, "COMPLETED")
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

  it("are being made while files of a directory that is not compressed are, and no other files named alike", () => {
    const now = Date.UTC(2026, 10, 23, 18, 5)
    for (const data of ["1\tx\n\\.\n\n\n", "\\.\n\n\n", "INSERT INTO public.b VALUES (1);\n\n\n"]) {
      const directory = [whole("z0/3348.dat", data), whole("z0/3349.dat", "2\ty\n")]
      assert.deepStrictEqual(statuses(directory, { now }), { z0: "BUILDING" })
      assert.deepStrictEqual(statuses(directory, { now: now + 3_600_000 }), { z0: "FAILED" })
    }
    const others = [whole("iso/1.dat", "1\tx\n"), whole("iso/2.dat", ""), whole("iso/a.dat", "\\.\n\n\n")]
    assert.isFalse(dumps.detect(others))
  })

  it("of a newer format are read as far as their head, and whole where they end as archives do", () => {
    const cut = archive16("TABLE").slice(0, -30)
    const of = (minor: number, end: ReadonlyArray<number>) => {
      const all = new Uint8Array([...cut, ...end])
      all[6] = minor
      return only([whole("shop.dump", all)])
    }
    const end = [0, 0, 0, 0, 0]
    assert.include(of(16, end).description, "cut off in its table of contents")
    assert.strictEqual(of(17, end).status, "COMPLETED")
    assert.deepStrictEqual(of(17, end).datastore, ["PostgreSQL", "17.2"])
    assert.include(of(17, end.slice(1)).description, "cut off in its data")
  })

  it("of a format older than any that is known are FAILED, and reported", () => {
    const all = bytes("kolkata/z0.dump").slice()
    all[6] = 3
    const { status, description, problems } = only([whole("z0.dump", all)])
    assert.strictEqual(status, "FAILED")
    assert.include(description, "archive format 1.3")
    assert.lengthOf(problems, 1)
  })

  it("of PostgreSQL 16 and 17 have one byte for the compression, and those of 17 the kind of relation", () => {
    for (const [archive, version] of [
      [archive15("TABLE"), "16.4"],
      [archive16("TABLE"), "17.2"]
    ] as const) {
      const read = only([whole("shop.dump", archive)], { timeZone: "Europe/Berlin" })
      assert.strictEqual(read.status, "COMPLETED", version)
      assert.strictEqual(read.created, "2026-07-24T02:38:17.000000Z")
      assert.deepStrictEqual(read.datastore, ["PostgreSQL", version])
      assert.strictEqual(only([whole("shop.dump", archive.slice(0, -9))]).status, "FAILED", version)
    }
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
