import { gzipSync } from "node:zlib"
import { assert, describe, it } from "vitest"
import type { SourceFile } from "../../src/index.ts"
import { mariabackup } from "../../src/mariabackup/mariabackup.ts"
import { asWanted, file } from "../support/folders.ts"
import { descriptionOf, flat, inventoryOf, refusalOf } from "../support/samples.ts"
import { backupIn, importOf, metadataIn, random, sampleFolder } from "./support.ts"

describe("folders", () => {
  it("that hold a copy are reported, and the backup is imported once", () => {
    const { records, problems } = importOf([
      ...sampleFolder("full-2026-11-23"),
      ...sampleFolder("full-2026-11-23", "copy"),
      ...sampleFolder("inc1-2026-11-23")
    ])
    assert.deepStrictEqual(
      records.map(({ backup }) => backup.name),
      ["full-2026-11-23", "inc1-2026-11-23"]
    )
    assert.strictEqual(records[1]?.nativeParentId, records[0]?.nativeId)
    assert.deepStrictEqual(
      problems.map(({ place }) => place),
      ["copy"]
    )
  })

  it("that hold a copy of a part are not preferred to the one that holds all, which lies behind them", () => {
    const all = [...backupIn("b/full"), file("b/full/shop/order.ibd", "", { size: 500 })]
    const [record] = importOf([...backupIn("a/full"), ...all]).records
    const bytes = all.reduce((sum, { size }) => sum + BigInt(size), 0n)
    assert.strictEqual(record && flat(record.backup).bytes, bytes)
  })

  it("of metadata that was kept apart say nothing new", () => {
    const lsndir = sampleFolder("full-2026-11-23", "lsn").filter(({ path }) => /xtrabackup_/.test(path))
    const { records, problems } = importOf([...lsndir, ...sampleFolder("full-2026-11-23")])
    assert.deepStrictEqual(
      records.map(({ backup }) => [backup.name, flat(backup).bytes]),
      [["full-2026-11-23", 31_565_349n]]
    )
    assert.deepStrictEqual(problems, [])
  })

  it("of a stream with its metadata beside it have the size of both", () => {
    const files = [...metadataIn("a", { more: "encrypted = N\n" }), file("a/backup.mbstream.gz", "", { size: 5_000 })]
    const beside = files.slice(0, 2).reduce((sum, { size }) => sum + size, 0)
    assert.deepStrictEqual(
      importOf(files).records.map(({ backup }) => flat(backup).bytes),
      [5_000n + BigInt(beside)]
    )
    const stray = importOf([...backupIn("a"), file("b.xbstream", "XBSTCK01")])
    assert.deepStrictEqual(
      stray.problems.map(({ place }) => place),
      ["b.xbstream"]
    )
    assert.include(refusalOf(mariabackup, [file("b.xbstream", "XBSTCK01")]), "--extra-lsndir")
    // As the documentation of MariaDB calls one.
    const packed = (path: string, content: string) =>
      asWanted(mariabackup, path, gzipSync(content), Date.UTC(2026, 10, 23))
    const unnamed = [packed("backupstream.gz", `XBSTCK01${"x".repeat(99)}`), packed("notes.gz", "Notes.")]
    assert.deepStrictEqual(
      importOf([...backupIn("a"), ...unnamed]).problems.map(({ place }) => place),
      ["backupstream.gz"]
    )
    assert.include(refusalOf(mariabackup, unnamed), "--extra-lsndir")
  })

  describe("that metadata lies in", () => {
    const day = (n: number) => ({ modified: Date.UTC(2026, 10, n, 1) })
    const metadataOf = (folder: string, written = day(23)) =>
      metadataIn(folder).map((part) => ({ ...part, path: part.path.replace(/^\//, ""), ...written }))
    const stream = (path: string, size: number, written = day(23)) => file(path, "XBSTCK01", { size, ...written })
    const ownBytes = (files: ReadonlyArray<SourceFile>) =>
      BigInt(
        metadataOf("shop").reduce((sum, { size }) => sum + size, 0) + files.reduce((sum, { size }) => sum + size, 0)
      )
    const foundIn = (files: ReadonlyArray<SourceFile>) => {
      const { records, problems, complete } = importOf(files)
      return {
        bytes: records.map(({ backup }) => flat(backup).bytes),
        places: problems.map(({ place }) => place).sort(),
        complete
      }
    }

    it("have only the stream that was written with it; the others are named, and nothing is retired", () => {
      const [older, own] = [stream("shop/full-22.xbstream", 900, day(22)), stream("shop/full-23.xbstream", 1_000)]
      const newer = stream("shop/full-24.xbstream.gz", 1_100, day(24))
      assert.deepStrictEqual(foundIn([...metadataOf("shop"), newer, own, older]), {
        bytes: [ownBytes([own])],
        places: ["shop/full-22.xbstream", "shop/full-24.xbstream.gz"],
        complete: false
      })
      const packed = [file("shop/full-22.tar.zst", "zstd", day(22)), file("shop/full-23.tar.zst", "zstd", day(23))]
      assert.deepStrictEqual(foundIn([...metadataOf("shop"), ...packed]).places, ["shop/full-22.tar.zst"])
      assert.include(importOf([...metadataOf("shop"), older, own]).problems[0]?.message, "that is of full-23.xbstream,")
      const rotated = [
        own,
        stream("shop/full-23.xbstream.1", 9, day(22)),
        stream("shop/full-23.xbstream.old", 9, day(21))
      ]
      assert.lengthOf(foundIn([...metadataOf("shop"), ...rotated]).places, 2)
    })

    it("have nothing that macOS writes beside its files", () => {
      const own = stream("shop/full-23.xbstream", 1_000)
      const double = new Uint8Array(4_096)
      double.set([0x00, 0x05, 0x16, 0x07, 0x00, 0x02, 0x00, 0x00])
      const names = [
        "._full-23.xbstream",
        "._full-22.tar.zst",
        "._xtrabackup_info",
        "._goods.ibd",
        "._full.xbstream.gz"
      ]
      const beside = names.map((name) => file(`shop/${name}`, double))
      assert.deepStrictEqual(importOf([...metadataOf("shop"), own, ...beside]), importOf([...metadataOf("shop"), own]))
    })

    it("have all pieces of a stream that was split, and its checksums", () => {
      for (const endings of [
        ["aa", "ab", "ac"],
        ["00", "01", "02"],
        ["gz.aa", "gz.ab", "gz.bz", "gz.ca"],
        ["0000", "0001", "0012"],
        ["aaa", "aab"],
        ["part1", "part2", "part10"],
        ["gz", "gz.sha256"],
        ["gz.part", "md5"]
      ]) {
        const pieces = endings.map((ending, n) => stream(`shop/full.xbstream.${ending}`, 100 + n, day(23 - n)))
        assert.deepStrictEqual(
          foundIn([...metadataOf("shop"), ...pieces]),
          { bytes: [ownBytes(pieces)], places: [], complete: true },
          endings.join()
        )
      }
    })

    it("have what tells of a stream, and is none, beside it", () => {
      const own = stream("shop/full.xbstream.gz", 1_000)
      for (const ending of ["log", "done", "ok", "sig", "md5.txt", "err"]) {
        for (const content of ["", "told"]) {
          const beside = file(`shop/full.xbstream.gz.${ending}`, content)
          assert.deepStrictEqual(
            foundIn([...metadataOf("shop"), own, beside]),
            { bytes: [ownBytes([own, beside])], places: [], complete: true },
            ending
          )
        }
      }
    })

    it("have all that was packed beside them, but what is packed as their own of another day", () => {
      const [own, other] = [file("shop/backup.tar.gz", "data of the server"), file("shop/etc-mysql.tar.gz", "etc")]
      assert.deepStrictEqual(foundIn([...metadataOf("shop"), own, other]), {
        bytes: [ownBytes([own, other])],
        places: [],
        complete: true
      })
      const days = ["22", "23"].map((day) => file(`shop/full-${day}.tar.gz`, "data"))
      assert.lengthOf(foundIn([...metadataOf("shop"), ...days]).places, 1)
    })

    it("have nothing from the folders below, where there may be other backups", () => {
      const below = [
        stream("blog/full.xbstream", 8),
        file("crm/2026/full.tar.gz", "tar"),
        file("other/ibdata1", "data"),
        file("other/mysql/user.ibd", "data")
      ]
      const expected = (rest: ReadonlyArray<SourceFile>) => {
        const { records, problems } = importOf([...metadataOf(""), ...rest, ...below])
        assert.deepStrictEqual(
          records.map(({ nativeId, backup }) => [nativeId, backup.status, flat(backup).bytes]),
          [
            [random("1"), "COMPLETED", rest.length === 0 ? null : ownBytes(rest)],
            ["other", "FAILED", 8n]
          ]
        )
        assert.deepStrictEqual(
          problems.map(({ place }) => place),
          ["blog/full.xbstream", "crm/2026/full.tar.gz"]
        )
      }
      expected([])
      expected([stream("full.xbstream", 1_000)])
      const data = ["ibdata1", "xtrabackup_logfile", "mysql/db.frm", "shop/mysql.ibd"]
      expected(data.map((path) => file(path, "data")))
    })

    it("have of what is packed below them only what is packed as their data is, however deep it lies", () => {
      for (const ending of ["", ".qp", ".zst", ".lz4", ".zst.xbcrypt"]) {
        const data = [
          "ibdata1",
          "shop/order.ibd",
          "shop/db.opt",
          "space/deep/t.ibd",
          "mysql/mysql.ibd",
          "#rocksdb/1.sst"
        ]
        const files = data.map((path) => file(`shop/${path}${ending}`, "data"))
        assert.deepStrictEqual(
          foundIn([...metadataOf("shop"), ...files, file("shop/config.tar.zst", "zstd")]),
          { bytes: [ownBytes(files)], places: ["shop/config.tar.zst"], complete: true },
          ending
        )
      }
    })
  })

  it("of which nothing can be seen are reported", () => {
    const raw = (path: string, content: string) =>
      asWanted(mariabackup, path, new TextEncoder().encode(content), Date.UTC(2026, 10, 23))
    const lost = [
      raw("2026-11-21.stream", "XBSTCK01"),
      raw("2026-11-22", "XBSTCK01"),
      raw("2026-11-23.zst", "zstd"),
      raw("backup.xz.enc", "Salted__"),
      raw("full-2026-11-20.tar.gz", "tar"),
      raw("full.tgz.1", "tar"),
      raw("db-bin.261120.tar.zst", "zstd"),
      file("locked.gz", "", { size: 9, problem: "permission denied", unread: true })
    ]
    const others = [
      raw("notes", "Notes."),
      raw("shop.sql.zst", "zstd"),
      raw("dump.rdb.xz", "xz"),
      raw("backup.log.xz", "xz"),
      raw("binlogs/mysql-bin.000001.zst", "zstd"),
      raw("binlogs/binlog.000002.xz", "xz")
    ]
    const server = [raw("data/auto.cnf", ""), raw("data/mysql/x.zst", "zstd")]
    const found = importOf([...backupIn("a"), ...lost, ...others, ...server])
    assert.deepStrictEqual(new Set(found.problems.map(({ place }) => place)), new Set(lost.map(({ path }) => path)))
    assert.isTrue(found.complete)
    assert.match(
      refusalOf(mariabackup, lost.slice(4, 5)),
      /that can be read: full-2026-11-20\.tar\.gz was left out: it is packed/
    )
    // Beside its metadata it is the data of that.
    const beside = metadataIn("b")
    assert.deepStrictEqual(importOf([...beside, file("b/backup.zst", "", { size: 7 })]).problems, [])
  })

  it("that the server made by itself are reported, and not taken for unfinished ones", () => {
    const made = (folder: string, config: string) => [
      asWanted(mariabackup, `${folder}/backup.cnf`, new TextEncoder().encode(config), Date.UTC(2026, 10, 23)),
      ...["ibdata1", "ib_000000000000d348.log", "aria_log_control", "shop/order.ibd"].map((name) =>
        file(`${folder}/${name}`, "data")
      )
    ]
    // As BACKUP SERVER of MariaDB writes it.
    const config = "[server]\n# checkpoint=54088\ninnodb_log_recovery_start=54088\ninnodb_log_recovery_target=56337\n"
    const { records, problems } = importOf([
      ...made("shop/b", config),
      ...made("shop/c", "[client]\n"),
      ...backupIn("a")
    ])
    assert.deepStrictEqual(
      records.map(({ backup, nativeId }) => [nativeId, backup.status]),
      [
        [random("1"), "COMPLETED"],
        ["shop/c", "FAILED"]
      ]
    )
    assert.deepStrictEqual(
      problems.map(({ place }) => place),
      ["shop/b"]
    )
    assert.include(refusalOf(mariabackup, made("shop/b", config)), "shop/b is a backup that the server itself made")
  })

  it("with compressed metadata are whole, and are known by their path", () => {
    const files = [file("2026/a/xtrabackup_info.qp", "qpress10"), ...backupIn("2026/a").slice(1)]
    const [record] = inventoryOf(mariabackup, files).records
    assert.strictEqual(record?.nativeId, "2026/a")
    assert.strictEqual(record && flat(record.backup).status, "COMPLETED")
    assert.strictEqual(record && flat(record.backup).created, "2026-11-23T18:00:00.000000Z")
  })

  it("of no readable metadata have their path for a native id, without what no text of a record can have in it", () => {
    const [record] = importOf(sampleFolder("aborted-2026-11-23", "aborted\n1")).records
    assert.strictEqual(record?.nativeId, "aborted\ufffd1")
  })

  it("are increments by their files where all of their metadata is encrypted", () => {
    const encrypted = (folder: string, data: string) =>
      ["xtrabackup_info", "xtrabackup_checkpoints", data].map((name) => file(`${folder}/${name}.xbcrypt`, "XBCRYP"))
    const { records, problems } = inventoryOf(mariabackup, [
      ...encrypted("shop/full", "shop/t.ibd"),
      ...encrypted("shop/inc", "shop/t.ibd.delta")
    ])
    assert.deepStrictEqual(
      records.map(({ backup }) => [backup.name, descriptionOf(backup), flat(backup).status, flat(backup).parent]),
      [
        ["full", "full; in shop/full", "COMPLETED", null],
        ["inc", "incremental on an unknown backup; in shop/inc", "COMPLETED", null]
      ]
    )
    assert.deepStrictEqual(
      problems.map(({ place, message }) => [place, message.slice(0, 58)]),
      [["shop/inc", "is an increment whose metadata is encrypted or compressed,"]]
    )
  })

  it("of newer versions have other names for the same", () => {
    const files = backupIn("a").map((part) => ({ ...part, path: part.path.replace("xtrabackup_", "mariadb_backup_") }))
    assert.isTrue(mariabackup.detect(files))
    assert.deepStrictEqual(
      importOf(files).records.map(({ nativeId, backup }) => [nativeId, backup.status]),
      [[random("1"), "COMPLETED"]]
    )
  })

  it("are one backup each where one lies in the other, and the folder itself can be one", () => {
    const inner = backupIn("", { uuid: random("1") }).map((part) => ({ ...part, path: part.path.slice(1) }))
    const { records } = importOf(
      [...inner, ...backupIn("inc", { uuid: random("2") }), file("db/t.ibd", "", { size: 7 })],
      {
        location: "/backup"
      }
    )
    assert.deepStrictEqual(
      records.map(({ backup }) => [backup.name, flat(backup).location]),
      [
        ["test", "/backup"],
        ["inc", "/backup/inc"]
      ]
    )
    const bytes = inner.reduce((sum, { size }) => sum + size, 0) + 7
    assert.strictEqual(records[0] && flat(records[0].backup).bytes, BigInt(bytes))
  })

  it("name the instance by the pattern, else by their first part unless that is a date", () => {
    const instances = (path: string, pattern?: string) =>
      importOf(backupIn(path), pattern === undefined ? {} : { pattern }).records.map(
        ({ backup }) => flat(backup).instance as string | null
      )
    assert.deepStrictEqual(instances("shop/2026-11-23"), ["shop"])
    assert.deepStrictEqual(instances("2026-11-23/full"), [null])
    assert.deepStrictEqual(instances("20261123_0100/full"), [null])
    assert.deepStrictEqual(instances("full"), [null])
    assert.deepStrictEqual(instances("daily/shop-20261123", "*/{instance}-{date}"), ["shop"])
  })

  it("have a name of 255 characters at most, without control characters", () => {
    const { records } = importOf([...backupIn(`a\u0007/${"é".repeat(300)}`)])
    assert.strictEqual(Array.from(records[0]?.backup.name ?? "").length, 255)
    assert.strictEqual(records[0] && flat(records[0].backup).instance, "a\ufffd")
  })

  it("of MySQL 8, with tablespaces beside the folders of databases, are one backup each", () => {
    const tablespaces = (folder: string) => [
      file(`${folder}/mysql.ibd`, "system"),
      file(`${folder}/shop_space.ibd.zst`, "general"),
      file(`${folder}/undo_001`, "undo"),
      file(`${folder}/shop/order.ibd`, "table")
    ]
    for (const folder of ["full", "shop/full"]) {
      const { records } = importOf([...backupIn(folder), ...tablespaces(folder)])
      assert.deepStrictEqual(
        records.map(({ backup }) => [backup.name, backup.status]),
        [["full", "COMPLETED"]]
      )
    }
    const aborted = importOf([...backupIn("full"), ...tablespaces("inc")])
    assert.deepStrictEqual(aborted.records.map(({ backup, nativeId }) => [nativeId, backup.status]).at(-1), [
      "inc",
      "FAILED"
    ])
  })

  it("are none where a server keeps its data", () => {
    const data = (folder: string, mark = "ibtmp1") =>
      ["ibdata1", "ib_logfile0", "mysql.ibd", mark, "aria_log_control", "mysql/user.frm", "shop/order.ibd"].map(
        (name) => file(`${folder}${name}`, "data")
      )
    for (const mark of ["mysql_upgrade_info", "mariadb_upgrade_info"]) {
      assert.isFalse(mariabackup.detect(data("stopped/", mark)), mark)
    }
    const isServer = /^The folder holds no backup of .*: what is there is the data directory of a server\.$/
    for (const folder of ["", "mysql-data/"]) {
      assert.isFalse(mariabackup.detect(data(folder)))
      assert.match(refusalOf(mariabackup, data(folder), { timeZone: "UTC" }), isServer)
    }
    // What --copy-back leaves of the metadata.
    const restored = backupIn("mysql-data").filter(({ path }) => path.endsWith("_info"))
    assert.isFalse(mariabackup.detect([...data("mysql-data/"), ...restored]))
    assert.match(refusalOf(mariabackup, [...data("mysql-data/"), ...restored], { timeZone: "UTC" }), isServer)
    const { records } = importOf([
      ...data("mysql-data/"),
      ...restored,
      ...backupIn("full"),
      file("full/ibtmp1", "prepared")
    ])
    assert.deepStrictEqual(
      records.map(({ backup, nativeId }) => [nativeId, backup.status]),
      [[random("1"), "COMPLETED"]]
    )
  })

  it("without a backup are refused in one sentence", () => {
    assert.match(refusalOf(mariabackup, [file("dump.sql", "-- MySQL dump")]), /^The folder holds no backup of [^.]*\.$/)
    assert.match(refusalOf(mariabackup, []), /holds no files.*is it mounted\?$/)
  })
})
