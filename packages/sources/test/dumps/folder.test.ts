import { gzipSync } from "node:zlib"
import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import { dumps } from "../../src/dumps/dumps.ts"
import { findDumps } from "../../src/dumps/findDumps.ts"
import { file, folderOf } from "../support/folders.ts"
import { allSamples, descriptionOf, flat, refusalOf, sample } from "../support/samples.ts"
import { bytes, importOf, mysqldumpFiles, only, pgDumpFiles, statuses, text, whole, written } from "./support.ts"

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

  it("has a path for a native id, with a sign for what no text of a record can have in it", () => {
    assert.strictEqual(only([whole("h/a.sql", dump)]).nativeId, "h/a.sql")
    assert.strictEqual(only([whole("h/a\nb.sql", dump)]).nativeId, "h/a\ufffdb.sql")
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
      "does not match any of the 2 backups, such as b.sql"
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
    for (const other of ["crm/b.sql", "shop/b.sql.part"]) {
      assert.strictEqual(statuses([part, late(other)], { now })["shop/a.sql.part"], "BUILDING", other)
    }
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
        [records.length, complete, ...problems.map(({ place, message }) => [place, message.slice(0, 41)])],
        [1, false, [`db1/${path}`, "was left out: it is encrypted, compressed"]],
        path
      )
    }
  })

  it("says of text in UTF-16 that it is, and how to do without", () => {
    const utf16 = (content: string) => new Uint8Array(Buffer.from(`\ufeff${content}`, "utf16le"))
    const bigEndian = (content: string) => new Uint8Array(Buffer.from(utf16(content)).swap16())
    const read = importOf([
      whole("a.sql", utf16(dump)),
      whole("a.bak", utf16(dump)),
      whole("a.out", utf16("notes")),
      whole("a2.sql", bigEndian(dump)),
      whole("a2", bigEndian(dump)),
      whole("b.dump", utf16("PGDMP")),
      whole("c.sql", dump)
    ])
    const text = "is text in UTF-16, as > of Windows PowerShell writes it, which no program restores"
    const advice = "let the program write the file itself, with --file or --result-file"
    assert.deepStrictEqual(read.problems, [
      ...["a.bak", "a.sql", "a2", "a2.sql"].map((place) => ({
        place,
        message: `${text}, and was left out: ${advice}`
      })),
      { place: "b.dump", message: `${text}, and was imported as FAILED: ${advice}` }
    ])
    assert.deepStrictEqual(
      read.records.map(({ nativeId, backup }) => [nativeId, backup.status]),
      [
        ["b.dump", "FAILED"],
        ["c.sql", "COMPLETED"]
      ]
    )
  })

  it("may have more files than a function takes arguments", () => {
    const first = whole("a.sql", "")
    const files = Array.from({ length: 130_000 }, (_, n) => ({ ...first, path: `${n}.sql` }))
    assert.lengthOf(findDumps(files), files.length)
    const folders = files.map((empty) => ({ ...empty, path: `${empty.path}/1.dat.gz` }))
    assert.lengthOf(findDumps(folders), files.length)
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
    assert.isBelow(performance.now() - begun, 5_000)
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
      /^The folder holds no dumps: none of its 1 files was written by pg_dump, /
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
    assert.include(refusalOf(dumps, [whole("a.sql", Uint8Array.of(0, 1))]), "its first lines are not those of a dump")
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
