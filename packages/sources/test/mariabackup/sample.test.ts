import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import { mariabackup } from "../../src/mariabackup/mariabackup.ts"
import { file, folderOf } from "../support/folders.ts"
import { allSamples, descriptionOf, flat, optionsWith, sample } from "../support/samples.ts"
import { backupIn, everything, expected, importOf, names, type Options, sampleFolder } from "./support.ts"

describe("the sample of mariabackup", () => {
  it("has five backups with the times, sizes and parents that its files have", () => {
    const { records, problems, complete } = importOf(everything)
    assert.deepStrictEqual(
      records.map(({ backup, nativeId, nativeParentId }) => {
        const { name, status, created, updated, bytes, datastore } = flat(backup)
        return { nativeId, nativeParentId, name, status, created, updated, bytes, datastore }
      }) as ReadonlyArray<unknown>,
      expected
    )
    assert.deepStrictEqual(problems, [])
    assert.isTrue(complete)
  })

  it("has parents by their ids", () => {
    const { records } = importOf(everything)
    const idOf = new Map(records.map(({ backup, nativeId }) => [nativeId, backup.id]))
    for (const { backup, nativeParentId } of records) {
      assert.strictEqual(flat(backup).parent, nativeParentId === undefined ? null : idOf.get(nativeParentId))
    }
  })

  it("gives the same at every import, in whatever order the files come", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...everything], { minLength: everything.length }), (files) =>
        assert.deepStrictEqual(importOf(files), importOf(everything))
      ),
      { numRuns: 20 }
    )
  })

  it("is known by its files, as no sample of another tool is", () => {
    assert.isTrue(mariabackup.detect(everything))
    for (const name of names) assert.isTrue(mariabackup.detect(sampleFolder(name)), name)
    const others = allSamples().filter((path) => !path.startsWith("mariabackup/"))
    for (const path of others) assert.isFalse(mariabackup.detect([file(path, sample(path))]), path)
    assert.isFalse(mariabackup.detect(others.map((path) => file(path, sample(path)))))
  })

  it("says what each of them is", () => {
    const { records } = importOf(everything)
    const texts = records.map(({ backup }) => descriptionOf(backup))
    assert.match(texts[0] ?? "", /^not finished: it has neither xtrabackup_checkpoints nor xtrabackup_info$/)
    assert.strictEqual(texts[1], "full; uuid 726735a3-e767-11f1-9be4-02fc00000001")
    assert.strictEqual(texts[2], "full, prepared; uuid 788cbb63-e767-11f1-9be4-02fc00000001")
    assert.strictEqual(texts[3], "incremental on full-2026-11-23; uuid 74bf1a0a-e767-11f1-9be4-02fc00000001")
  })

  it("is where the folder was said to be, else where it was made", () => {
    const given = importOf(sampleFolder("full-2026-11-23"), { location: "s3://backups" }).records
    assert.deepStrictEqual(
      given.map(({ backup }) => flat(backup).location),
      ["s3://backups/full-2026-11-23"]
    )
    const own = importOf([...sampleFolder("full-2026-11-23"), ...sampleFolder("full-prepared", "renamed")]).records
    assert.deepStrictEqual(
      own.map(({ backup }) => flat(backup).location),
      ["/tmp/tools/mbk/pub/full-2026-11-23", null]
    )
  })

  it("has no size and no place where only the metadata was kept", () => {
    const { records } = importOf(folderOf(mariabackup, "mariabackup"), { location: "/backups" })
    assert.deepStrictEqual(
      records.map(({ backup }) => [flat(backup).bytes, flat(backup).location]),
      [
        [null, null],
        [null, null],
        [null, null],
        [null, null]
      ]
    )
  })
})

describe("a server", () => {
  const datastoreOf = (server: string) => {
    const [record] = importOf(backupIn("a", { server })).records
    return record && flat(record.backup).datastore
  }

  it.each([
    ["10.11.19-MariaDB-0+deb12u1-log", "MariaDB", "10.11.19"],
    ["10.2.39-MariaDB-1:10.2.39+maria~bionic-log", "MariaDB", "10.2.39"],
    ["10.6.12-8-MariaDB-enterprise-log", "MariaDB", "10.6.12"],
    ["5.5.5-10.4.32-MariaDB", "MariaDB", "10.4.32"],
    ["8.0.35-27", "Percona", "8.0.35-27"],
    ["8.0.36-28.1", "Percona", "8.0.36-28.1"],
    ["5.7.44-48-log", "Percona", "5.7.44-48"],
    ["5.6.51-rel91.0-log", "Percona", "5.6.51-rel91.0"],
    ["5.6.51-91.0-log", "Percona", "5.6.51-91.0"],
    ["5.1.73-rel14.11-log", "Percona", "5.1.73-rel14.11"],
    ["8.0.12-2rc1", "Percona", "8.0.12-2rc1"],
    ["5.7.10-1rc1-log", "Percona", "5.7.10-1rc1"],
    // Percona XtraDB Cluster.
    ["5.6.24-72.2-56-log", "Percona", "5.6.24-72.2-56"],
    ["5.7.44-48-57-log", "Percona", "5.7.44-48-57"],
    // Debian's, and those of clouds, which put a date there.
    ["5.1.49-3", "MySQL", "5.1.49"],
    ["5.1.49-3-log", "MySQL", "5.1.49"],
    ["5.7.18-20170830-log", "MySQL", "5.7.18"],
    ["5.7.38-220701-log", "MySQL", "5.7.38"],
    ["8.0.40-0ubuntu0.24.04.1", "MySQL", "8.0.40"],
    ["5.7.19-log", "MySQL", "5.7.19"],
    ["9.1.0", "MySQL", "9.1.0"]
  ])("that calls itself %s is %s %s", (server, type, version) =>
    assert.deepStrictEqual(datastoreOf(server), [type, version])
  )
})

describe("the options", () => {
  it("make the ids: another source has others, another place has not", () => {
    const ids = (options: Options) => importOf(everything, options).records.map(({ backup }) => backup.id)
    assert.deepStrictEqual(ids({ location: "/elsewhere" }), ids({}))
    assert.isFalse(ids({ source: "other" }).some((id) => ids({}).includes(id)))
    assert.strictEqual(new Set(ids({})).size, names.length)
    assert.strictEqual(optionsWith().source, "test")
  })
})
