import { assert, describe, it } from "vitest"
import { dumps } from "../../src/dumps/dumps.ts"
import { file } from "../support/folders.ts"
import { descriptionOf, flat, inventoryOf, refusalOf } from "../support/samples.ts"
import { importOf, mysqldumpFiles, only, text, whole } from "./support.ts"

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
        "mysqldump without comments; its time is that of the file"
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
      assert.deepStrictEqual(
        [read.status, read.description],
        ["COMPLETED", "mysqldump without comments; its time is that of the file"]
      )
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
      problems.map(({ place, message }) => [place, message.slice(0, 32)]),
      [
        ["b.sql", "was left out: its first lines ar"],
        ["c.sql", "was left out: its first lines ar"]
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

  it("names the databases that it uses, also where MySQL Workbench wrote that in front, or there are no comments", () => {
    const described = (front: string, sql: string) => only([whole("a.sql", `${front}${sql}\n${tail}`)]).description
    const create = (name: string) =>
      `CREATE DATABASE  IF NOT EXISTS \`${name}\` /*!40100 DEFAULT CHARACTER SET utf8 */;\nUSE \`${name}\`;\n`
    // As Workbench 6 and older have it.
    const hostless = head
      .replace(/^.*\n/, "")
      .replace("MariaDB dump", "MySQL dump")
      .replace(/^-- Host: .*\n/m, "")
    assert.strictEqual(described(create("ibb_2018"), hostless), "mysqldump of the database ibb_2018 and perhaps more")
    assert.strictEqual(
      described(create("ibb_2018").replaceAll("\n", "\r\n"), hostless),
      "mysqldump of the database ibb_2018 and perhaps more"
    )
    assert.strictEqual(described(create("a``b"), head), "mysqldump of the databases wiki, a`b and perhaps more")
    assert.strictEqual(described("", head), "mysqldump of the database wiki")
    const bare = text("mysqldump/wiki_tag_nocomments.sql.head.txt").replace("DROP TABLE", `${create("wiki")}DROP TABLE`)
    assert.include(described("", bare), "mysqldump without comments of the database wiki and perhaps more")
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
    // TiDB says which MySQL it is like in front of its own version.
    assert.deepStrictEqual(of("8.0.11-TiDB-v7.5.1"), ["TiDB", "7.5.1"])
    assert.deepStrictEqual(of("5.7.25-TiDB-v6.1.0-alpha-173-g32b9c1477"), ["TiDB", "6.1.0"])
    assert.deepStrictEqual(of("8.0.11-TiDB-8.5.1"), ["TiDB", "8.5.1"])
    // What was not built of a release tells none of its own.
    assert.deepStrictEqual(of("5.7.25-TiDB-None"), ["TiDB", null])
    // Percona's program has the same number as its server.
    const title = (distrib: string) => `MySQL dump 10.13  Distrib ${distrib}, for Linux (x86_64)`
    assert.deepStrictEqual(of("5.7.17-1", title("5.7.17")), ["MySQL", "5.7.17"])
    assert.deepStrictEqual(of("5.7.17-13-log", title("5.7.17-13")), ["Percona", "5.7.17-13"])
    assert.deepStrictEqual(of("8.0.36-28.1", title("8.0.36-28")), ["Percona", "8.0.36-28.1"])
    assert.deepStrictEqual(of("5.7.17-13", title("5.7.1")), ["Percona", "5.7.17-13"])
    assert.deepStrictEqual(of("5.5.31-MariaDB", title("5.5.31")), ["MariaDB", "5.5.31"])
  })
})
