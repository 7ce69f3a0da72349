import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import type { SourceFile } from "../../src/index.ts"
import { mariabackup } from "../../src/mariabackup/mariabackup.ts"
import { asWanted, file } from "../support/folders.ts"
import { descriptionOf } from "../support/samples.ts"
import { backupIn, everything, importOf, names, type Options, random, sampleFolder } from "./support.ts"

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
    const beside = backupIn("a").filter(({ path }) => !path.endsWith("ibdata1"))
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
    const beside = backupIn("a").filter(({ path }) => !path.endsWith("ibdata1"))
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
