import { Effect, Either, FastCheck as fc, Option } from "effect"
import { assert, describe, it } from "vitest"
import * as exported from "../src/index.ts"
import {
  detectFolder,
  detectionWants,
  detectOutput,
  dumps,
  type FolderImporter,
  importers,
  mariabackup,
  type OutputImporter,
  redis
} from "../src/index.ts"
import { folderOf } from "./support/folders.ts"
import { allSamples, inventoryOf, json, optionsWith, sample } from "./support/samples.ts"

const outputImporters = importers.filter((importer): importer is OutputImporter => importer.kind === "output")
const folderImporters = importers.filter((importer): importer is FolderImporter => importer.kind === "folder")

const namesOf = (found: ReadonlyArray<{ readonly name: string }>) => found.map(({ name }) => name)

const recognised = (path: string) => namesOf(detectOutput(sample(path)))

/** The importers that read records of a sample. */
const readers = (path: string) =>
  namesOf(
    outputImporters.filter((importer) => {
      const read = Effect.runSync(Effect.either(importer.parse(sample(path), optionsWith({ timeZone: "UTC" }))))
      return Either.isRight(read) && read.right.records.length > 0
    })
  )

describe("the importers", () => {
  it("are in the order of their names, and have samples in a folder of that name each, which says what they are", () => {
    const described = allSamples().filter((path) => /^[^/]+\/README\.md$/.test(path))
    assert.deepStrictEqual(namesOf(importers), described.map((path) => path.split("/")[0]).toSorted())
  })

  it("are each exported", () => {
    assert.includeMembers(Object.values<unknown>(exported), [...importers])
  })

  it("each recognise the samples that they read, and nobody else does", () => {
    const read = allSamples().filter((path) => readers(path).length > 0)
    assert.sameMembers([...new Set(read.map((path) => path.split("/")[0]))], namesOf(outputImporters))
    for (const path of read) assert.deepStrictEqual([path, recognised(path)], [path, readers(path)])
  })

  it("recognise no sample of another tool", () => {
    for (const path of allSamples()) assert.includeMembers([path.split("/")[0]], recognised(path), path)
  })

  it("recognise no empty list, which may be anybody's", () => {
    for (const bytes of [json([]), json({}), new Uint8Array(), json(null), json("")]) {
      assert.deepStrictEqual(detectOutput(bytes), [])
    }
  })
})

const rdsSnapshot = {
  DBSnapshotIdentifier: "nightly",
  SnapshotCreateTime: "2026-11-23T02:00:00Z",
  Status: "available"
}

describe("an output that does not have all backups", () => {
  const partial: ReadonlyArray<readonly [name: string, bytes: Uint8Array]> = [
    ["barman", sample("barman/show-backup-crm-20261123T175354.json")],
    ["barman", json({})],
    ["borg", sample("borg/info-last-2.json")],
    ["pgbackrest", sample("pgbackrest/info-set-20261123-175009F_20261123-175017I.json")],
    ["pgbackrest", json([{ name: "main", status: { code: 2, message: "no valid backups" } }])],
    ["rds", json({ DBSnapshots: [rdsSnapshot], NextToken: "more" })],
    ["restic", json([{ id: "1", time: "2026-11-23T02:00:00Z", tree: "2" }, { tree: "3" }])],
    ["trove", sample("trove/page-1.json")],
    ["wal-g", json([{ backup_name: "base_0", time: "2026-11-23T02:00:00Z" }, {}])]
  ]

  it.each(partial)("of %s says why it has not", (name, bytes) => {
    const importer = outputImporters.find((one) => one.name === name)
    assert.isDefined(importer)
    const { complete, problems } = inventoryOf(importer, bytes, { timeZone: "UTC" })
    assert.deepStrictEqual([complete, problems.length > 0], [false, true])
  })

  it("is there of each importer", () => {
    assert.deepStrictEqual([...new Set(partial.map(([name]) => name))], namesOf(outputImporters))
  })
})

describe("an output with a value in it that is nested deeper than any of the tool's", () => {
  const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`
  const values = /(?<=": ?)(?:"[^"]*"|\d+|true|false|null|\[\])(?=[,\s}])/g

  it.each(outputImporters)("of $name is read as far as it goes, or refused", (importer) => {
    const samples = allSamples().filter((path) => path.startsWith(`${importer.name}/`) && path.endsWith(".json"))
    for (const path of samples) {
      const text = new TextDecoder().decode(sample(path))
      const places = [...text.matchAll(values)].slice(0, 40)
      for (const { 0: value, index } of places) {
        for (const levels of [490, 4_000]) {
          const changed = text.slice(0, index) + nested(levels) + text.slice(index + value.length)
          const read = importer.parse(new TextEncoder().encode(changed), optionsWith({ timeZone: "UTC" }))
          const refusal = Either.getLeft(Effect.runSync(Effect.either(read)))
          if (levels > 500) assert.include(Option.getOrThrow(refusal).message, "nested more than 500 levels deep")
        }
      }
    }
  })
})

const allFolderSamples = folderImporters.flatMap((importer) => folderOf(importer, importer.name))

describe("a folder", () => {
  const wanting = { wants: detectionWants }

  const folders: ReadonlyArray<readonly [folder: string, importer: FolderImporter]> = [
    ["dumps", dumps],
    ["dumps/kolkata", dumps],
    ["dumps/mydumper/mydumper-blog", dumps],
    ["dumps/pg_basebackup", dumps],
    ["dumps/pg_dump", dumps],
    ["mariabackup", mariabackup],
    ["mariabackup/inc1-2026-11-23", mariabackup],
    ["redis", redis]
  ]

  it.each(folders)("%s is recognised by one", (folder, importer) => {
    assert.deepStrictEqual(namesOf(detectFolder(folderOf(wanting, folder))), [importer.name])
  })

  it("is there of each importer of folders", () => {
    assert.includeMembers(
      folders.map(([folder]) => folder),
      namesOf(folderImporters)
    )
  })

  it.each(namesOf(outputImporters))("of what %s printed is recognised by none", (folder) => {
    assert.deepStrictEqual(detectFolder(folderOf(wanting, folder)), [])
  })

  it("of any files in any places is read or refused, with a reason where something is missing", () => {
    const parts = allFolderSamples.map(({ path }) => path.slice(path.lastIndexOf("/") + 1))
    const odd = ["mysql.ibd", "t.ibd", "undo_001", "xtrabackup_info.zst", "base.tar", "full.xbstream", "dump.rdb.1"]
    const places = ["", "a/", "a/b/", "2026-11-23/", "маг\n/x/y/"]
    const anyFile = fc.record({
      path: fc.tuple(fc.constantFrom(...places), fc.constantFrom(...new Set([...parts, ...odd]))),
      like: fc.constantFrom(...allFolderSamples),
      length: fc.nat(2_000),
      problem: fc.constantFrom(undefined, undefined, "permission denied")
    })
    fc.assert(
      fc.property(
        fc.array(anyFile, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(...folderImporters),
        (all, importer) => {
          const files = all.map(({ path, like, length, problem }) => ({
            ...like,
            path: path.join(""),
            head: like.head.slice(0, length),
            problem
          }))
          const unique = [...new Map(files.map((one) => [one.path, one])).values()]
          const read = Effect.runSync(Effect.either(importer.parse(unique, optionsWith({ timeZone: "UTC" }))))
          if (Either.isLeft(read)) return
          const { complete, problems } = inventoryOf(importer, unique, { timeZone: "UTC" })
          assert.isTrue(complete || problems.length > 0)
        }
      ),
      { numRuns: 300 }
    )
  })

  it("without a file is recognised by none", () => assert.deepStrictEqual(detectFolder([]), []))

  it("of several tools is recognised by each", () => {
    const files = namesOf(folderImporters).flatMap((folder) =>
      folderOf(wanting, folder).map((file) => ({ ...file, path: `${folder}/${file.path}` }))
    )
    assert.deepStrictEqual(namesOf(detectFolder(files)), namesOf(folderImporters))
  })

  it("is looked at in the beginnings of its files only, and as far as one importer wants to", () => {
    assert.deepStrictEqual(detectionWants("a/dump.rdb.gz", 1), { head: 4_096, tail: 0, gunzip: true })
    assert.deepStrictEqual(detectionWants("a/xtrabackup_info", 1), { head: 1_048_576, tail: 0, gunzip: false })
    assert.deepStrictEqual(detectionWants("a/shop.sql.gz", 1), { head: 65_536, tail: 0, gunzip: true })
    assert.deepStrictEqual(detectionWants("a/t1.ibd", 1), { head: 0, tail: 0, gunzip: false })
  })
})
