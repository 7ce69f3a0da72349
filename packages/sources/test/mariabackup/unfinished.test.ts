import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import type { SourceFile } from "../../src/index.ts"
import { mariabackup } from "../../src/mariabackup/mariabackup.ts"
import { asWanted, file } from "../support/folders.ts"
import { descriptionOf } from "../support/samples.ts"
import { backupIn, everything, importOf, metadataIn, names, type Options, random, sampleFolder } from "./support.ts"

describe("backups that are not whole", () => {
  const statusOf = (files: ReadonlyArray<SourceFile>, options: Options = {}) => {
    const { records, problems, complete } = importOf(files, options)
    return {
      statuses: records.map(({ backup }) => backup.status),
      problems,
      complete,
      texts: records.map(({ backup }) => descriptionOf(backup))
    }
  }

  it("are FAILED without one of the two files", () => {
    for (const missing of ["xtrabackup_info", "xtrabackup_checkpoints"]) {
      const { statuses, texts } = statusOf(backupIn("a").filter(({ path }) => !path.endsWith(missing)))
      assert.deepStrictEqual(statuses, ["FAILED"])
      assert.include(texts[0], `it has no ${missing}`)
    }
  })

  it("are FAILED with one of them cut off anywhere before its end", () => {
    for (const name of ["xtrabackup_info", "xtrabackup_checkpoints"]) {
      const all = backupIn("a", { more: "encrypted = N\n" })
      const content = new TextDecoder().decode(all.find(({ path }) => path.endsWith(name))?.head)
      const needed = name === "xtrabackup_info" ? content.indexOf("\npartial") : content.indexOf("\nlast_lsn")
      for (let length = 0; length <= needed; length++) {
        const cut = all.map((part) => (part.path.endsWith(name) ? file(part.path, content.slice(0, length)) : part))
        assert.deepStrictEqual(statusOf(cut).statuses, ["FAILED"], `${name} cut to ${length}`)
      }
    }
  })

  it("are whole however long the list of transactions in their metadata is", () => {
    const many = Array.from({ length: 20_000 }, (_, n) => `0-${n}-9007199254740993`).join(",")
    const files = backupIn("a").map((part) => {
      const content = new TextDecoder().decode(part.head).replace("position '1'", `position '1', GTID '${many}'`)
      const bytes = new TextEncoder().encode(content)
      return part.path.endsWith("_info") ? asWanted(mariabackup, part.path, bytes, part.modified) : part
    })
    assert.isAbove(Math.max(...files.map(({ head }) => head.length)), 400_000)
    assert.deepStrictEqual(statusOf(files).statuses, ["COMPLETED"])
  })

  it("are read at once, whatever their command is", () => {
    const { records } = importOf(backupIn("a", { command: `--target-dir=/srv/${" ".repeat(400_000)}a --user=x` }))
    assert.deepStrictEqual(
      records.map(({ backup }) => backup.status),
      ["COMPLETED"]
    )
  })

  it("never make an import crash, however they are cut", () => {
    const parts = everything.filter(({ head }) => head.length > 0)
    fc.assert(
      fc.property(fc.constantFrom(...parts), fc.nat(700), fc.uint8Array({ maxLength: 20 }), (part, length, noise) => {
        const content = new Uint8Array([...part.head.slice(0, length), ...noise])
        const files = everything.map((other) => (other === part ? file(part.path, content) : other))
        assert.lengthOf(importOf(files).records, names.length)
      }),
      { numRuns: 200 }
    )
  })

  it("are BUILDING while their files are being written, unless a later one is finished", () => {
    const now = Date.UTC(2026, 10, 23, 18, 5)
    const aborted = sampleFolder("aborted-2026-11-23")
    assert.deepStrictEqual(statusOf(aborted, { now }).statuses, ["BUILDING"])
    assert.deepStrictEqual(statusOf(aborted, { now: now + 10 * 60_000 }).statuses, ["FAILED"])
    assert.deepStrictEqual(statusOf(aborted, { now: now - 30 * 86_400_000 }).statuses, ["FAILED"])
    const later = backupIn("later", { start: "2026-11-23 18:04:30" })
    assert.deepStrictEqual(statusOf([...aborted, ...later], { now }).statuses, ["FAILED", "COMPLETED"])
    const elsewhere = backupIn("crm/later", { start: "2026-11-23 18:04:30" })
    assert.deepStrictEqual(statusOf([...aborted, ...elsewhere], { now }).statuses, ["BUILDING", "COMPLETED"])
    const earlier = backupIn("earlier", { start: "2026-11-23 18:04:00" })
    assert.deepStrictEqual(statusOf([...aborted, ...earlier], { now }).statuses, ["BUILDING", "COMPLETED"])
  })

  it("are FAILED where the stream beside their metadata is empty", () => {
    const beside = metadataIn("a")
    for (const name of ["full.xbstream", "full.xbstream.zst", "backup.gz", "full.tar.gz"]) {
      const { statuses, texts } = statusOf([...beside, file(`a/${name}`), file("a/full.xbstream.sha256", "e3b0c442")])
      assert.deepStrictEqual(statuses, ["FAILED"], name)
      assert.include(texts[0], `not whole: ${name} is empty`)
    }
    const kept = [file("a/.gitkeep"), file("a/DONE"), file("a/xtrabackup.log")]
    assert.deepStrictEqual(statusOf([...beside, ...kept]).statuses, ["COMPLETED"])
  })

  it("are BUILDING while by its name the stream beside their metadata is being written, for a day", () => {
    const now = Date.UTC(2026, 10, 23, 19)
    const beside = metadataIn("a")
    for (const name of ["full.xbstream.part", "full.mbstream.gz.tmp", "backup.gz.partial", ".full.xbstream.Ab12Cd"]) {
      const files = [...beside, file(`a/${name}`, "XBSTCK01")]
      const { statuses, texts } = statusOf(files, { now })
      assert.deepStrictEqual(statuses, ["BUILDING"], name)
      assert.include(texts[0], `not finished: ${name} has not got its final name`)
      assert.deepStrictEqual(statusOf(files, { now: now + 86_400_000 }).statuses, ["FAILED"], name)
      assert.deepStrictEqual(
        statusOf([...files, ...backupIn("b", { uuid: random("2"), start: "2026-11-23 18:30:00" })], { now }).statuses,
        ["FAILED", "COMPLETED"]
      )
    }
    assert.deepStrictEqual(
      statusOf([...beside, file("a/full.xbstream", "XBSTCK01"), file("a/full.xbstream.part", "XBST")], { now })
        .statuses,
      ["COMPLETED"]
    )
  })

  describe("though both files of metadata are there", () => {
    const sampled = (name: string, isKept: (path: string) => boolean) =>
      sampleFolder(name, "a").filter(({ path }) => isKept(path))
    const only = (files: ReadonlyArray<SourceFile>, options: Options = {}) => {
      const { statuses, texts } = statusOf(files, options)
      return [statuses, texts[0]?.split("; ").find((text) => text.startsWith("not "))]
    }
    const empty = (name: string, path: string) =>
      sampleFolder(name, "a").map((part) => (part.path === path ? { ...part, size: 0 } : part))

    it("are FAILED, or BUILDING while they are written to, where a file of data is there in part only", () => {
      const now = Date.UTC(2026, 10, 23, 18, 5)
      for (const [part, whole] of [
        ["mysql/.gtid_slave_pos.ibd.L9P2bE", "gtid_slave_pos.ibd"],
        ["mysql/gtid_slave_pos.ibd.part", "gtid_slave_pos.ibd"],
        ["mysql/.~tmp~/gtid_slave_pos.ibd", "gtid_slave_pos.ibd"],
        ["mysql/.rsync-partial/gtid_slave_pos.ibd", "gtid_slave_pos.ibd"],
        [".ibdata1.L9P2bE", "ibdata1"]
      ] as const) {
        const other = sampled("full-2026-11-23", (path) => !path.endsWith(`/${whole}`))
        const copied = [...other, file(`a/${part}`, "", { size: 9 })]
        const name = part.replace(/^mysql\//, "")
        const reason = `not finished: its ${whole} is there as ${name} only`
        assert.deepStrictEqual(only(copied, { now: now + 86_400_000 }), [["FAILED"], reason], part)
        assert.deepStrictEqual(only(copied, { now }), [["BUILDING"], undefined], part)
        // What a copy that was broken off, and made again, has left over.
        const again = [...sampleFolder("full-2026-11-23", "a"), file(`a/${part}`)]
        assert.deepStrictEqual(only(again), [["COMPLETED"], undefined], part)
      }
      const hidden = [...backupIn("a"), file("a/.rsync.filter", "- lost+found")]
      assert.deepStrictEqual(only(hidden), [["COMPLETED"], undefined])
    })

    it("are FAILED without a redo log, unless that was applied", () => {
      const reason = "not whole: it has no redo log"
      for (const name of ["full-2026-11-23", "inc1-2026-11-23"]) {
        const log = "a/ib_logfile0"
        assert.deepStrictEqual(only(sampled(name, (path) => path !== log)), [["FAILED"], reason], name)
        assert.deepStrictEqual(only(empty(name, log)), [["FAILED"], reason], name)
        for (const other of ["xtrabackup_logfile", "xtrabackup_logfile.zst.xbcrypt", "ib_logfile0.qp"]) {
          const renamed = sampleFolder(name, "a").map((part) =>
            part.path === log ? { ...part, path: `a/${other}` } : part
          )
          assert.deepStrictEqual(only(renamed), [["COMPLETED"], undefined], `${name} with ${other}`)
        }
      }
      const without = (name: string) => sampled(name, (path) => !/ib_logfile0$|\.delta$/.test(path))
      assert.deepStrictEqual(only(without("full-prepared")), [["COMPLETED"], undefined])
      // An increment that was prepared into its full backup.
      assert.deepStrictEqual(only(without("inc1-2026-11-23")), [["COMPLETED"], undefined])
    })

    it("are FAILED without the first file of the system tablespace, by the name that it has there", () => {
      for (const name of ["full-2026-11-23", "full-prepared"]) {
        const without = sampled(name, (path) => path !== "a/ibdata1")
        assert.deepStrictEqual(only(without), [["FAILED"], "not whole: its ibdata1 is missing"], name)
        assert.deepStrictEqual(only(empty(name, "a/ibdata1")), [["FAILED"], "not whole: its ibdata1 is empty"], name)
        assert.deepStrictEqual(
          only([...without, file("a/ibdata1.qp", "", { size: 9 })]),
          [["COMPLETED"], undefined],
          name
        )
      }
      const named = (written: string, path: string) => [
        ...backupIn("a").filter((part) => part.path !== "a/ibdata1"),
        file("a/backup-my.cnf", `[mysqld]\ninnodb_data_file_path=${written}\n`),
        file(`a/${path}`, "", { size: 9 })
      ]
      for (const written of [
        "system:1G;more:1G:autoextend",
        "/srv/innodb/system:1G",
        "innodb/system:1G:autoextend",
        "C:/mysql/system:12M:autoextend",
        "D:\\mysql\\system:12M"
      ]) {
        assert.deepStrictEqual(only(named(written, "system")), [["COMPLETED"], undefined], written)
        assert.deepStrictEqual(only(named(written, "more")), [["FAILED"], "not whole: its system is missing"], written)
      }
      assert.deepStrictEqual(only(named("innodb/system:1G", "innodb/system")), [["COMPLETED"], undefined])
      assert.deepStrictEqual(only(named("c:1G:autoextend", "c")), [["COMPLETED"], undefined])
      // Compressed, it does not tell the name.
      const unknown = named("", "system").filter(({ path }) => !path.endsWith("backup-my.cnf"))
      assert.deepStrictEqual(only([...unknown, file("a/backup-my.cnf.qp", "qpress")]), [["COMPLETED"], undefined])
    })

    it("of some tables need no system tablespace once they are prepared, for their tables can be exported", () => {
      const files = (backup: Parameters<typeof backupIn>[1]) => [
        ...backupIn("a", backup).filter(({ path }) => !/ibdata1|ib_logfile0/.test(path)),
        file("a/backup-my.cnf", "[mysqld]\ninnodb_data_file_path=ibdata1:12M:autoextend\n"),
        ...["ibd", "cfg", "frm"].map((ending) => file(`a/shop/t.${ending}`, "data"))
      ]
      const command = "--backup --databases=shop --target-dir=/b/a"
      for (const backup of [{ partial: "Y" }, { command }]) {
        assert.deepStrictEqual(only(files({ ...backup, type: "log-applied" })), [["COMPLETED"], undefined])
      }
      const reason = "not whole: its ibdata1 is missing"
      assert.deepStrictEqual(only(files({ type: "log-applied" })), [["FAILED"], reason])
      const unprepared = [...files({ partial: "Y" }), file("a/ib_logfile0", "log")]
      assert.deepStrictEqual(only(unprepared), [["FAILED"], reason])
    })

    it("may have some of that packed by another program, which is reported", () => {
      const packed = (name: string, ending: string) =>
        backupIn("a").map((part) => (part.path === `a/${name}` ? { ...part, path: `${part.path}.${ending}` } : part))
      const config = file("a/backup-my.cnf", "[mysqld]\ninnodb_data_file_path=ibdata1:12M:autoextend\n")
      for (const [name, ending] of [
        ["ibdata1", "bz2"],
        ["ib_logfile0", "gpg"],
        ["mysql/db.frm", "gz.gpg"]
      ] as const) {
        const files = [...packed(name, ending), config]
        assert.deepStrictEqual(only(files), [["COMPLETED"], undefined], name)
        assert.deepStrictEqual(
          importOf(files).problems.map(({ place }) => place),
          [`a/${name}.${ending}`]
        )
        const emptied = files.map((part) => (part.path.endsWith(ending) ? { ...part, size: 0 } : part))
        if (name !== "mysql/db.frm") assert.deepStrictEqual(only(emptied)[0], ["FAILED"], name)
      }
    })

    it("are FAILED without anything of the database mysql, if they are of all databases", () => {
      const without = sampled(
        "full-2026-11-23",
        (path) => !/^a\/(?:mysql|blog|wiki|sys|performance_schema)\//.test(path)
      )
      assert.deepStrictEqual(only(without), [["FAILED"], "not whole: its database mysql is missing"])
      assert.deepStrictEqual(only([...without, file("a/mysql.ibd", "data")]), [["COMPLETED"], undefined])
      const partial = backupIn("a", { partial: "Y" }).filter(({ path }) => !path.startsWith("a/mysql/"))
      assert.deepStrictEqual(only(partial), [["COMPLETED"], undefined])
      const increment = backupIn("a", { from: 50 }).filter(({ path }) => !path.startsWith("a/mysql/"))
      assert.deepStrictEqual(only(increment), [["COMPLETED"], undefined])
      // Older tools did not count as partial what is told what to leave out.
      for (const option of ["databases-exclude=mysql", "tables_exclude=^mysql[.]", "databases=shop"]) {
        const command = `--backup --${option} --target-dir=/b/a`
        const chosen = backupIn("a", { command }).filter(({ path }) => !path.startsWith("a/mysql/"))
        assert.deepStrictEqual(only(chosen), [["COMPLETED"], undefined], option)
      }
    })
  })

  it("are FAILED and reported with a type that is not known", () => {
    const { statuses, problems, texts } = statusOf(backupIn("a", { type: "half-baked" }))
    assert.deepStrictEqual(statuses, ["FAILED"])
    assert.include(texts[0], "half-baked")
    assert.include(problems[0]?.message, "half-baked")
  })

  it("are whole with the types of MariaDB and of Percona", () => {
    for (const type of ["full-backuped", "log-applied", "full-prepared"]) {
      assert.deepStrictEqual(statusOf(backupIn("a", { type })).statuses, ["COMPLETED"], type)
    }
  })

  it("are left out where their metadata cannot be read, and then nothing may be retired", () => {
    const files = [...backupIn("a"), ...backupIn("b", { uuid: random("2") })].map((part) =>
      part.path === "a/xtrabackup_info"
        ? file(part.path, "", { size: 500, problem: "EACCES: permission denied" })
        : part
    )
    const { statuses, problems, complete } = statusOf(files)
    assert.deepStrictEqual(statuses, ["COMPLETED"])
    assert.include(problems[0]?.message, "EACCES: permission denied")
    assert.isFalse(complete)
  })
})

describe("a backup of chosen tables", () => {
  it("is suspect, unless the command only says what to leave out", () => {
    const suspectWith = (command: string, partial = "Y") =>
      importOf(backupIn("a", { partial, command: `--backup ${command} --target-dir=/b/a` })).records[0]?.suspect
    const reason = "it is of chosen tables only, so no server can be restored from it"
    assert.strictEqual(suspectWith("--databases=shop crm"), reason)
    assert.strictEqual(suspectWith("--tables_file=/etc/tables --databases-exclude=test"), reason)
    // The options may be in a file.
    assert.strictEqual(suspectWith("--defaults-file=/etc/my.cnf"), reason)
    assert.isUndefined(suspectWith("--databases-exclude=test"))
    assert.isUndefined(suspectWith("--defaults-file=/etc/my.cnf", "N"))
  })
})
