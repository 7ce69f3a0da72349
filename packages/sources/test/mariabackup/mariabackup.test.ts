import { gzipSync } from "node:zlib"
import { FastCheck as fc } from "effect"
import { assert, describe, it } from "vitest"
import type { SourceFile } from "../../src/index.ts"
import { mariabackup } from "../../src/mariabackup/mariabackup.ts"
import { asWanted, file, folderOf, listed } from "../support/folders.ts"
import { allSamples, descriptionOf, flat, inventoryOf, optionsWith, refusalOf, sample } from "../support/samples.ts"

const text = (path: string): string => new TextDecoder().decode(sample(`mariabackup/${path}`))

/** A folder of the sample with all its files by their listing; the metadata is real, of the others there is the size. */
const sampleFolder = (name: string, as = name): ReadonlyArray<SourceFile> =>
  listed(text(`${name}/file-listing.txt`)).map(({ path, size, modified }) => {
    const isKept = mariabackup.wants(path, size).head > 0
    return file(`${as}/${path}`, isKept ? sample(`mariabackup/${name}/${path}`) : "", { size, modified })
  })

const names = ["aborted-2026-11-23", "full-2026-11-23", "full-prepared", "inc1-2026-11-23", "inc2-2026-11-23"]
const everything = names.flatMap((name) => sampleFolder(name))

// uuid, times and the LSNs that decide the parents are read from xtrabackup_info; bytes are
// awk '{s += $1} END {print s}' of file-listing.txt, which is `du -sb` less 4,096 for each folder.
const expected = [
  {
    nativeId: "aborted-2026-11-23",
    nativeParentId: undefined,
    name: "aborted-2026-11-23",
    status: "FAILED",
    created: "2026-11-23T18:04:24.000000Z",
    updated: "2026-11-23T18:04:24.000000Z",
    bytes: 6_991_940n,
    datastore: ["MariaDB", null]
  },
  {
    nativeId: "726735a3-e767-11f1-9be4-02fc00000001",
    nativeParentId: undefined,
    name: "full-2026-11-23",
    status: "COMPLETED",
    created: "2026-11-23T17:58:10.000000Z",
    updated: "2026-11-23T17:58:11.000000Z",
    bytes: 31_565_349n,
    datastore: ["MariaDB", "10.11.19"]
  },
  {
    nativeId: "788cbb63-e767-11f1-9be4-02fc00000001",
    nativeParentId: undefined,
    name: "full-prepared",
    status: "COMPLETED",
    created: "2026-11-23T17:58:21.000000Z",
    updated: "2026-11-23T17:58:21.000000Z",
    bytes: 31_565_369n,
    datastore: ["MariaDB", "10.11.19"]
  },
  {
    nativeId: "74bf1a0a-e767-11f1-9be4-02fc00000001",
    nativeParentId: "726735a3-e767-11f1-9be4-02fc00000001",
    name: "inc1-2026-11-23",
    status: "COMPLETED",
    created: "2026-11-23T17:58:14.000000Z",
    updated: "2026-11-23T17:58:15.000000Z",
    bytes: 5_154_723n,
    datastore: ["MariaDB", "10.11.19"]
  },
  {
    nativeId: "779aa7a1-e767-11f1-9be4-02fc00000001",
    nativeParentId: "74bf1a0a-e767-11f1-9be4-02fc00000001",
    name: "inc2-2026-11-23",
    status: "COMPLETED",
    created: "2026-11-23T17:58:18.000000Z",
    updated: "2026-11-23T17:58:19.000000Z",
    bytes: 5_534_135n,
    datastore: ["MariaDB", "10.11.19"]
  }
]

type Options = Parameters<typeof inventoryOf>[2]

const importOf = (files: ReadonlyArray<SourceFile>, options: Options = {}) =>
  inventoryOf(mariabackup, files, { timeZone: "UTC", ...options })

interface Written {
  readonly uuid?: string
  readonly from?: number
  readonly to?: number
  readonly start?: string
  readonly end?: string
  readonly command?: string
  readonly server?: string
  readonly type?: string
  readonly name?: string
  readonly partial?: string
  readonly more?: string
}

const random = (last: string): string => `5f7c1f0e-4a57-4d0e-9c39-00000000000${last}`

const info = (backup: Written): string => `uuid = ${backup.uuid ?? random("1")}
name = ${backup.name ?? ""}
tool_name = mariabackup
tool_command = ${backup.command ?? "--backup --target-dir=/srv/backup"}
tool_version = 10.11.19-MariaDB
ibbackup_version = 10.11.19-MariaDB
server_version = ${backup.server ?? "10.11.19-MariaDB-log"}
start_time = ${backup.start ?? "2026-11-23 01:00:00"}
end_time = ${backup.end ?? backup.start ?? "2026-11-23 01:00:00"}
lock_time = 0
binlog_pos = filename 'a=b', position '1'
innodb_from_lsn = ${backup.from ?? 0}
innodb_to_lsn = ${backup.to ?? 100}
partial = ${backup.partial ?? "N"}
incremental = ${backup.from ? "Y" : "N"}
format = file
compressed = N
${backup.more ?? ""}`

const checkpoints = (backup: Written): string => `backup_type = ${
  backup.type ?? (backup.from ? "incremental" : "full-backuped")
}
from_lsn = ${backup.from ?? 0}
to_lsn = ${backup.to ?? 100}
last_lsn = ${backup.to ?? 100}
`

/** A folder of a backup: its two files of metadata, and 1,000 bytes of data. */
const backupIn = (path: string, backup: Written = {}): ReadonlyArray<SourceFile> => [
  file(`${path}/xtrabackup_info`, info(backup)),
  file(`${path}/xtrabackup_checkpoints`, checkpoints(backup)),
  file(`${path}/ibdata1`, "", { size: 1_000 })
]

const parentsOf = (
  files: ReadonlyArray<SourceFile>,
  options: Options = {}
): Readonly<Record<string, string | undefined>> => {
  const { records } = importOf(files, options)
  const nameOf = new Map(records.map(({ backup, nativeId }) => [nativeId, backup.name]))
  return Object.fromEntries(
    records.map(({ backup, nativeParentId }) => [
      backup.name,
      nativeParentId === undefined ? undefined : (nameOf.get(nativeParentId) ?? `missing ${nativeParentId}`)
    ])
  )
}

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

describe("times", () => {
  it("need a zone", () => {
    const words = refusalOf(mariabackup, everything)
    assert.include(words, "--time-zone Europe/Berlin")
    assert.include(refusalOf(mariabackup, everything, { timeZone: "Mars/Olympus" }), "Mars/Olympus is no time zone")
  })

  it("need no zone where there is no metadata that has one", () => {
    const { records } = inventoryOf(mariabackup, sampleFolder("aborted-2026-11-23"))
    assert.lengthOf(records, 1)
  })

  it("are read in the zone that was given", () => {
    const [record] = importOf(backupIn("a", { start: "2026-07-01 04:28:10", end: "2026-07-01 05:00:00" }), {
      timeZone: "Europe/Berlin"
    }).records
    assert.strictEqual(record && flat(record.backup).created, "2026-07-01T02:28:10.000000Z")
    assert.strictEqual(record && flat(record.backup).updated, "2026-07-01T03:00:00.000000Z")
  })

  it("are reported where the UUID was made at another time, which a wrong zone makes them", () => {
    const { problems, records } = importOf(sampleFolder("full-2026-11-23"), { timeZone: "Asia/Kolkata" })
    assert.lengthOf(records, 1)
    assert.deepStrictEqual(
      problems.map(({ place }) => place),
      ["full-2026-11-23"]
    )
    assert.include(problems[0]?.message, "the time zone may be another one")
  })

  it("of a repeated hour are taken as the UUID tells", () => {
    // uuid.UUID(...).time: 2026-10-25 00:40 UTC, the first 02:40 of Berlin that day, and 01:40 UTC, the second.
    const first = {
      uuid: "9bf67000-d00c-11f1-8000-000000000001",
      start: "2026-10-25 02:30:00",
      end: "2026-10-25 02:40:00"
    }
    const second = { ...first, uuid: "fdbad800-d014-11f1-8000-000000000001" }
    const at = (backup: Written) =>
      importOf(backupIn("a", backup), { timeZone: "Europe/Berlin" }).records.map(({ backup }) => [
        flat(backup).created,
        flat(backup).updated
      ])
    assert.deepStrictEqual(at(first), [["2026-10-25T00:30:00.000000Z", "2026-10-25T00:40:00.000000Z"]])
    assert.deepStrictEqual(at(second), [["2026-10-25T01:30:00.000000Z", "2026-10-25T01:40:00.000000Z"]])
  })

  it("that are none are reported, and those of the files are taken", () => {
    const { records, problems } = importOf(backupIn("a", { end: "yesterday" }))
    assert.strictEqual(records[0] && flat(records[0].backup).updated, "2026-11-23T18:00:00.000000Z")
    assert.include(problems[0]?.message, "yesterday")
  })
})

describe("chains", () => {
  const full = { uuid: random("1"), to: 100, start: "2026-11-01 01:00:00", command: "--target-dir=/b/full" }

  it("may fork: two increments on one full", () => {
    const on = { from: 100, command: "--target-dir=/b/i --incremental-basedir=/b/full" }
    const files = [
      ...backupIn("full", full),
      ...backupIn("one", { ...on, uuid: random("2"), to: 150, start: "2026-11-02 01:00:00" }),
      ...backupIn("two", { ...on, uuid: random("3"), to: 180, start: "2026-11-03 01:00:00" })
    ]
    assert.deepStrictEqual(parentsOf(files), { full: undefined, one: "full", two: "full" })
  })

  it("go by the folder first: two fulls of an idle server end at the same LSN", () => {
    const files = [
      ...backupIn("full", full),
      ...backupIn("later", {
        ...full,
        uuid: random("2"),
        start: "2026-11-02 01:00:00",
        command: "--target-dir=/b/later"
      }),
      ...backupIn("inc", {
        uuid: random("3"),
        from: 100,
        to: 150,
        start: "2026-11-03 01:00:00",
        command: "--target-dir=/b/inc --incremental-basedir=/b/full --user=x"
      })
    ]
    assert.deepStrictEqual(parentsOf(files), { full: undefined, later: undefined, inc: "full" })
  })

  it("go by the folder as it was called when the backup was made", () => {
    const files = [
      ...backupIn("renamed", { ...full, command: "--target-dir=/b/full" }),
      ...backupIn("later", {
        ...full,
        uuid: random("2"),
        start: "2026-11-02 01:00:00",
        command: "--target-dir=/b/later"
      }),
      ...backupIn("inc", {
        uuid: random("3"),
        from: 100,
        to: 150,
        start: "2026-11-03 01:00:00",
        command: "--target-dir=/b/inc --incremental-basedir=/b/full"
      })
    ]
    assert.deepStrictEqual(parentsOf(files), { renamed: undefined, later: undefined, inc: "renamed" })
  })

  it("lead over increments in which nothing changed", () => {
    const on = (path: string) => ({ from: 100, command: `--target-dir=/b/x --incremental-basedir=${path}` })
    const files = [
      ...backupIn("full", full),
      ...backupIn("idle", { ...on("/b/full"), to: 100, uuid: random("2"), start: "2026-11-02 01:00:00" }),
      ...backupIn("next", { ...on("/b/idle"), to: 150, uuid: random("3"), start: "2026-11-03 01:00:00" })
    ]
    assert.deepStrictEqual(parentsOf(files), { full: undefined, idle: "full", next: "idle" })
  })

  it("take the names of folders as they are, with blanks and signs in them", () => {
    const command = "--backup --target-dir=/b/näch ste --incremental-basedir /b/./mein Ordner = 1// --user=x"
    const files = [
      ...backupIn("mein Ordner = 1", { ...full, command: "--target-dir /b/mein Ordner = 1 --user=x" }),
      ...backupIn("other", {
        ...full,
        uuid: random("2"),
        start: "2026-11-02 01:00:00",
        command: "--target-dir=/b/other"
      }),
      ...backupIn("näch ste", { uuid: random("3"), from: 100, to: 150, start: "2026-11-03 01:00:00", command })
    ]
    assert.deepStrictEqual(parentsOf(files), {
      "mein Ordner = 1": undefined,
      other: undefined,
      "näch ste": "mein Ordner = 1"
    })
  })

  it("go by the LSN where the folder was renamed, to the last one before", () => {
    const files = [
      ...backupIn("a", { ...full, command: "--target-dir=/b/x" }),
      ...backupIn("b", { ...full, command: "--target-dir=/b/x", uuid: random("2"), start: "2026-11-02 01:00:00" }),
      ...backupIn("c", { ...full, command: "--target-dir=/b/x", uuid: random("3"), start: "2026-11-04 01:00:00" }),
      ...backupIn("inc", {
        uuid: random("4"),
        from: 100,
        to: 100,
        start: "2026-11-03 01:00:00",
        command: "--target-dir=/b/inc --incremental-lsn=100"
      })
    ]
    assert.deepStrictEqual(parentsOf(files), { a: undefined, b: undefined, c: undefined, inc: "b" })
  })

  it("tell backups apart that were made into one folder, by the LSN", () => {
    const files = [
      ...backupIn("mon", { ...full, command: "--target-dir=/b/full" }),
      ...backupIn("tue", {
        ...full,
        command: "--target-dir=/b/full",
        uuid: random("2"),
        to: 200,
        start: "2026-11-02 01:00:00"
      }),
      ...backupIn("inc", {
        uuid: random("3"),
        from: 100,
        to: 300,
        start: "2026-11-03 01:00:00",
        command: "--target-dir=/b/inc --incremental-basedir=/b/full/"
      })
    ]
    assert.deepStrictEqual(parentsOf(files), { mon: undefined, tue: undefined, inc: "mon" })
  })

  it("go by the name in the history of the server, of the same server", () => {
    const inc = {
      uuid: random("4"),
      from: 100,
      start: "2026-11-03 01:00:00",
      command: "--target-dir=/b/inc --incremental-history-name=nightly"
    }
    const named = { ...full, uuid: random("2"), name: "nightly", command: "--target-dir=/b/x --history=nightly" }
    const other = { ...full, uuid: random("3"), start: "2026-11-02 01:00:00", command: "--target-dir=/b/y" }
    const { records } = importOf([
      ...backupIn("a/x", named),
      ...backupIn("a/y", other),
      ...backupIn("b/x", { ...named, uuid: random("5"), start: "2026-11-02 12:00:00" }),
      ...backupIn("a/inc", inc)
    ])
    assert.strictEqual(records.find(({ nativeId }) => nativeId === random("4"))?.nativeParentId, random("2"))
  })

  it("of all tables do not build on a backup of chosen ones by the LSN", () => {
    const inc = { uuid: random("4"), from: 100, start: "2026-11-03 01:00:00" }
    const files = [
      ...backupIn("full", full),
      ...backupIn("part", { ...full, uuid: random("2"), start: "2026-11-02 01:00:00", partial: "Y" })
    ]
    const parentWith = (partial: string) =>
      parentsOf([...files, ...backupIn("inc", { ...inc, partial, command: "--incremental-lsn=100" })]).inc
    assert.deepStrictEqual([parentWith("N"), parentWith("Y")], ["full", "part"])
  })

  it("do not lead to another server that has its backups made into a folder of the same name, at the same LSN", () => {
    const command = {
      full: "--target-dir=/backup/full",
      inc: "--target-dir=/backup/inc --incremental-basedir=/backup/full"
    }
    const inc = { from: 100, start: "2026-11-03 01:00:00", command: command.inc }
    const one = [
      ...backupIn("one/full", { ...full, uuid: random("1"), command: command.full }),
      ...backupIn("one/inc", { ...inc, uuid: random("2") })
    ]
    const two = [
      ...backupIn("two/full", { ...full, uuid: random("3"), start: "2026-11-02 01:00:00", command: command.full }),
      ...backupIn("two/inc", { ...inc, uuid: random("4") })
    ]
    const parents = (files: ReadonlyArray<SourceFile>) =>
      importOf(files).records.flatMap(({ nativeParentId }) => nativeParentId ?? [])
    assert.deepStrictEqual(parents([...one, ...two]), [random("1"), random("3")])
    assert.deepStrictEqual(parents([...one.slice(3), ...two]), ["/backup/full", random("3")])
    // Of no instance, in a folder of the same path, and later.
    const root = backupIn("full", { ...full, uuid: random("5"), start: "2026-11-02 12:00:00" })
    assert.deepStrictEqual(parents([...one, ...root]), [random("1")])
  })

  it("do not lead from one instance to another by the LSN", () => {
    const inc = { uuid: random("3"), from: 100, to: 150, start: "2026-11-03 01:00:00" }
    const lsn = "--incremental-lsn=100"
    assert.deepStrictEqual(
      parentsOf([...backupIn("shop/full", full), ...backupIn("crm/inc", { ...inc, command: lsn })]),
      { full: undefined, inc: "missing to_lsn 100" }
    )
    assert.deepStrictEqual(
      parentsOf([...backupIn("full", full), ...backupIn("inc", { ...inc, command: `--port=3307 ${lsn}` })]),
      { full: undefined, inc: "missing to_lsn 100" }
    )
    assert.deepStrictEqual(
      parentsOf([...backupIn("shop/full", full), ...backupIn("shop/inc", { ...inc, command: lsn })]),
      {
        full: undefined,
        inc: "full"
      }
    )
  })

  it("keep an increment whose parent is not there, or is another backup by now, with the parent's folder", () => {
    const inc = {
      uuid: random("3"),
      from: 90,
      to: 150,
      start: "2026-11-03 01:00:00",
      command: "--target-dir=/b/inc --incremental-basedir=/b/full"
    }
    const { records, problems } = importOf([...backupIn("full", full), ...backupIn("inc", inc)])
    const [, record] = records
    assert.strictEqual(record?.nativeParentId, "/b/full")
    assert.isNotNull(record && flat(record.backup).parent)
    assert.isFalse(records.some(({ backup }) => backup.id === (record && flat(record.backup).parent)))
    assert.deepStrictEqual(problems, [])
  })

  it("go by the UUID that the command names, there or not", () => {
    const command = `--backup --incremental-history-uuid=${random("1")}`
    const inc = { uuid: random("3"), from: 100, to: 150, start: "2026-11-03 01:00:00", command }
    const whole = importOf([...backupIn("full", full), ...backupIn("inc", inc)]).records
    const alone = importOf(backupIn("inc", inc)).records
    assert.strictEqual(whole[1]?.nativeParentId, random("1"))
    assert.deepStrictEqual(alone[0]?.backup.parentId, whole[1]?.backup.parentId)
    assert.strictEqual(whole[1] && flat(whole[1].backup).parent, whole[0]?.backup.id)
  })

  it("hold after the full was prepared together with its increments, which moves the end in its checkpoints", () => {
    const prepared = backupIn("full", full).map((part) =>
      part.path.endsWith("_checkpoints") ? file(part.path, checkpoints({ to: 150, type: "log-applied" })) : part
    )
    const inc = {
      uuid: random("2"),
      from: 100,
      to: 150,
      start: "2026-11-03 01:00:00",
      command: "--target-dir=/b/inc --incremental-basedir=/b/full"
    }
    assert.deepStrictEqual(parentsOf([...prepared, ...backupIn("inc", inc)]), { full: undefined, inc: "full" })
  })

  describe("of a full one that was prepared with increments, whose metadata is that of the last of them", () => {
    const inc = (n: number, base: string): Written & { readonly to: number } => ({
      uuid: random(String(n + 1)),
      from: 50 + n * 50,
      to: 100 + n * 50,
      start: `2026-11-0${n + 1} 01:00:00`,
      command: `--target-dir=/b/shop/inc${n} --incremental-basedir=/b/shop/${base}`
    })
    const [inc1, inc2, inc3] = [inc(1, "full"), inc(2, "inc1"), inc(3, "inc2")]
    const merged = (path: string, last: Written & { readonly to: number }, type = "log-applied") =>
      backupIn(path, last).map((part) =>
        part.path.endsWith("_checkpoints") ? file(part.path, checkpoints({ to: last.to, type })) : part
      )
    const suspects = (files: ReadonlyArray<SourceFile>) =>
      importOf(files).records.flatMap(({ backup, suspect }) => (suspect === undefined ? [] : [backup.name]))
    const others = [
      ...backupIn("shop/inc1", inc1),
      ...backupIn("shop/inc2", inc2),
      ...backupIn("shop/inc3", inc3),
      ...backupIn("shop/inc4", inc(4, "inc3"))
    ]

    it("that is a full one, wherever it lies, and not the increment", () => {
      const { records, problems } = importOf(merged("shop/full", inc2))
      assert.deepStrictEqual(problems, [])
      assert.deepStrictEqual(
        records.map(({ nativeId, nativeParentId, backup }) => [nativeId, nativeParentId, descriptionOf(backup)]),
        [["shop/full", undefined, `full, prepared with increments; uuid ${random("3")}; in shop/full`]]
      )
      assert.deepStrictEqual(
        records.map(({ backup }) => [flat(backup).created, flat(backup).status]),
        [["2026-11-03T01:00:00.000000Z", "COMPLETED"]]
      )
      const idOf = (files: ReadonlyArray<SourceFile>) => importOf(files).records[0]?.backup.id
      assert.strictEqual(idOf(merged("elsewhere/shop", inc2)), records[0]?.backup.id)
      assert.notStrictEqual(idOf(backupIn("shop/inc2", inc2)), records[0]?.backup.id)
    })

    it("what is in it is on it, and so what is on that, where nothing else is there", () => {
      const files = [
        ...merged("shop/full", inc2),
        ...backupIn("shop/inc1", inc1),
        ...backupIn("shop/inc2", inc2),
        ...backupIn("shop/inc3", inc3)
      ]
      assert.deepStrictEqual(importOf(files).problems, [])
      assert.deepStrictEqual(parentsOf(files), {
        full: undefined,
        inc1: "missing /b/shop/full",
        inc2: "full",
        inc3: "inc2"
      })
      const later = [...merged("shop/full", inc2), ...backupIn("shop/inc3", inc3)]
      assert.deepStrictEqual(parentsOf(later), { full: undefined, inc3: "full" })
    })

    it("takes no more than what is in it once its transactions were rolled back", () => {
      assert.deepStrictEqual(suspects([...merged("shop/full", inc2), ...others]), [])
      assert.deepStrictEqual(suspects([...merged("shop/full", inc2, "full-prepared"), ...others]), ["inc3", "inc4"])
    })

    it("takes none of them where it was prepared before, unless only the log was applied", () => {
      const on = (type: string) => [
        ...backupIn("shop/full", { ...full, type, command: "--target-dir=/b/shop/full" }),
        ...others
      ]
      assert.deepStrictEqual(suspects(on("full-backuped")), [])
      assert.deepStrictEqual(suspects(on("log-applied")), [])
      assert.deepStrictEqual(suspects(on("full-prepared")), ["inc1", "inc2", "inc3", "inc4"])
      const [first, second] = importOf(on("full-prepared")).records
      assert.include(second && descriptionOf(second.backup), second?.suspect ?? "?")
      assert.isUndefined(first?.suspect)
      const copy = backupIn("shop/restored", { ...full, type: "full-prepared", command: "--target-dir=/b/shop/full" })
      assert.deepStrictEqual(suspects([...on("full-backuped"), ...copy]), [])
    })

    it("nothing is on a copy of it that was prepared so, where it is there as it was made", () => {
      const files = [
        ...backupIn("shop/full", { ...full, command: "--target-dir=/b/shop/full" }),
        ...merged("shop/restored", inc2),
        ...backupIn("shop/inc1", inc1),
        ...backupIn("shop/inc2", inc2)
      ]
      assert.deepStrictEqual(importOf(files).problems, [])
      assert.deepStrictEqual(parentsOf(files), { full: undefined, restored: undefined, inc1: "full", inc2: "inc1" })
    })
  })

  it("that bite their own tail are cut, and reported", () => {
    const idle = { from: 100, to: 100, start: "2026-11-03 01:00:00" }
    const files = [
      ...backupIn("a", { ...idle, uuid: random("1"), command: "--target-dir=/b/a --incremental-basedir=/b/b" }),
      ...backupIn("b", { ...idle, uuid: random("2"), command: "--target-dir=/b/b --incremental-basedir=/b/a" })
    ]
    assert.deepStrictEqual(parentsOf(files), { a: "b", b: undefined })
    assert.deepStrictEqual(
      importOf(files).problems.map(({ place }) => place),
      ["b"]
    )
  })

  it("keep LSNs exact that a number would round", () => {
    const command = "--incremental-lsn=9007199254740993"
    const large = (to: string, name: string, uuid: string) =>
      backupIn(name, { ...full, uuid }).map((part) =>
        file(part.path, new TextDecoder().decode(part.head).replaceAll("= 100\n", `= ${to}\n`), { size: part.size })
      )
    const inc = backupIn("inc", { uuid: random("3"), from: 1, to: 2, start: "2026-11-03 01:00:00", command }).map(
      (part) =>
        file(
          part.path,
          new TextDecoder().decode(part.head).replaceAll("from_lsn = 1\n", "from_lsn = 9007199254740993\n")
        )
    )
    const files = [
      ...large("9007199254740992", "near", random("1")),
      ...large("9007199254740993", "exact", random("2")),
      ...inc
    ]
    assert.deepStrictEqual(parentsOf(files), { near: undefined, exact: undefined, inc: "exact" })
  })
})

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
    const files = [
      ...backupIn("a", { more: "encrypted = N\n" }).filter(({ path }) => !path.endsWith("ibdata1")),
      file("a/backup.mbstream.gz", "", { size: 5_000 })
    ]
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
      backupIn(folder)
        .filter(({ path }) => !path.endsWith("ibdata1"))
        .map((part) => ({ ...part, path: part.path.replace(/^\//, ""), ...written }))
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
      expected([file("ibdata1", "data"), file("xtrabackup_logfile", "log"), file("shop/mysql.ibd", "a table")])
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
    assert.match(refusalOf(mariabackup, lost.slice(4, 5)), /that can be read: full-2026-11-20\.tar\.gz is packed/)
    // Beside its metadata it is the data of that.
    const beside = backupIn("b").filter(({ path }) => !path.endsWith("ibdata1"))
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
    assert.include(refusalOf(mariabackup, made("shop/b", config)), "shop/b is a backup that the server made by itself")
  })

  it("with compressed metadata are whole, and are known by their path", () => {
    const [, checkpointsFile, data] = backupIn("2026/a")
    const files = [file("2026/a/xtrabackup_info.qp", "qpress10"), checkpointsFile, data].filter(
      (part) => part !== undefined
    )
    const [record] = inventoryOf(mariabackup, files).records
    assert.strictEqual(record?.nativeId, "2026/a")
    assert.strictEqual(record && flat(record.backup).status, "COMPLETED")
    assert.strictEqual(record && flat(record.backup).created, "2026-11-23T18:00:00.000000Z")
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
    for (const folder of ["", "mysql-data/"]) {
      assert.isFalse(mariabackup.detect(data(folder)))
      assert.match(refusalOf(mariabackup, data(folder), { timeZone: "UTC" }), /^The folder holds no backup of /)
    }
    const { records } = importOf([...data("mysql-data/"), ...backupIn("full"), file("full/ibtmp1", "prepared")])
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
    ["8.0.40-0ubuntu0.24.04.1", "MySQL", "8.0.40"],
    ["5.7.19-log", "MySQL", "5.7.19"],
    ["9.1.0", "MySQL", "9.1.0"]
  ])("that calls itself %s is %s %s", (server, type, version) =>
    assert.deepStrictEqual(datastoreOf(server), [type, version])
  )
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

describe("the options", () => {
  it("make the ids: another source has others, another place has not", () => {
    const ids = (options: Options) => importOf(everything, options).records.map(({ backup }) => backup.id)
    assert.deepStrictEqual(ids({ location: "/elsewhere" }), ids({}))
    assert.isFalse(ids({ source: "other" }).some((id) => ids({}).includes(id)))
    assert.strictEqual(new Set(ids({})).size, names.length)
    assert.strictEqual(optionsWith().source, "test")
  })
})
