import { chmodSync, cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import type { Importer } from "@backup-catalog/sources"
import { afterEach, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { importerNamed } from "../../src/imports/importerNamed.ts"
import { type InventoryInput, type InventoryOptions, takeInventory } from "../../src/imports/takeInventory.ts"
import { tools } from "../../src/imports/tools.ts"
import { layer } from "../../src/reading/Keyboard.ts"
import * as ofScreen from "../../src/terminal/Screen.ts"
import { bundle, startsWith } from "../support/bundle.ts"
import { asNobody, temporaryFolder } from "../support/temporaryFolder.ts"

const fixture = (path: string): string =>
  fileURLToPath(new URL(`../../../../packages/sources/test/fixtures/${path}`, import.meta.url))

const screen = Effect.runSync(Effect.provide(ofScreen.Screen, ofScreen.layer(process)))

const taking = (name: string, input: InventoryInput, options: Partial<InventoryOptions>) =>
  Effect.flatMap(importerNamed(name), (importer: Importer) =>
    takeInventory(importer, input, { source: "main", ...options })
  ).pipe(Effect.provide(layer), Effect.provideService(ofScreen.Screen, screen))

const take = (name: string, input: InventoryInput, options: Partial<InventoryOptions> = {}) =>
  Effect.runPromise(taking(name, input, options))

const refusal = async (name: string, input: InventoryInput, options: Partial<InventoryOptions> = {}) => {
  const { _tag, message } = await Effect.runPromise(Effect.flip(taking(name, input, options)))
  return [_tag, message] as const
}

/** A tool that prints a file, and perhaps something besides. */
const printing = (path: string, complaint = ""): InventoryInput => ({
  from: "exec",
  command: [
    process.execPath,
    "-e",
    "process.stdout.write(require('fs').readFileSync(process.argv[1])); process.stderr.write(process.argv[2])",
    fixture(path),
    complaint
  ]
})

const file = (path: string): InventoryInput => ({ from: "file", path: fixture(path) })

describe("the inventory of a tool", () => {
  const zone = process.env.TZ
  const path = process.env.PATH

  afterEach(() => {
    process.env.PATH = path
    if (zone === undefined) delete process.env.TZ
    else process.env.TZ = zone
  })

  it("is the same from the tool itself and from a file", async () => {
    const inventory = await take("pgbackrest", file("pgbackrest/info.json"), { location: "s3://backups/pg//" })
    assert.deepStrictEqual(
      await take("pgbackrest", printing("pgbackrest/info.json"), { location: "s3://backups/pg" }),
      inventory
    )
    assert.deepStrictEqual(
      [inventory.records.length, inventory.complete, inventory.records[0]?.nativeId],
      [7, true, "20261123-175034F"]
    )
    assert.deepStrictEqual(
      inventory.records[0]?.backup.locationRef,
      Option.some("s3://backups/pg/backup/crm/20261123-175034F")
    )
  })

  it("is refused with what the tool said, also where it ended with 0", async () => {
    const [tag, message] = await refusal(
      "restic",
      printing("restic/snapshots.json", "could not load snapshot 1234: EOF\n")
    )
    assert.strictEqual(tag, "NotDone")
    assert.strictEqual(
      message,
      "Nothing was imported. restic complained, so its list may not be whole: could not load snapshot 1234: EOF"
    )
  })

  /** Puts a program of the name of a tool in front of all others. */
  const install = (tool: string, script: string) => {
    const tools = temporaryFolder()
    writeFileSync(join(tools, tool), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    process.env.PATH = `${tools}:${path}`
  }

  it("of a tool that heeds TZ has times in UTC, where no hour comes twice, unless a zone is given", async () => {
    process.env.TZ = "America/New_York"
    const [utc, newYork] = ["borg/list-utc.json", "borg/list-new-york.json"]
    install("borg", `[ "$TZ" = UTC ] && exec cat '${fixture(utc)}'; exec cat '${fixture(newYork)}'`)
    const run: InventoryInput = { from: "exec" }
    const inventory = await take("borg", run)
    assert.deepStrictEqual(inventory, await take("borg", file(utc), { timeZone: "UTC" }))
    // Two archives of 2026-11-01 are an hour apart, which the clocks of New York repeat.
    assert.strictEqual(new Set(inventory.records.map(({ backup }) => backup.created)).size, 5)
    const timeZone = "America/St_Johns"
    assert.deepStrictEqual(await take("borg", run, { timeZone }), await take("borg", file(newYork), { timeZone }))
    assert.strictEqual(process.env.TZ, "America/New_York")
  })

  it("has times in the zone of this host where another tool is run on it, unless one is given", async () => {
    const list = "barman/list-backups-all.json"
    process.env.TZ = "Asia/Kolkata"
    install("barman", `cat '${fixture(list)}'`)
    const run: InventoryInput = { from: "exec" }
    const here = await take("barman", run)
    assert.deepStrictEqual(here, await take("barman", file(list), { timeZone: "Asia/Kolkata" }))
    const timeZone = "America/St_Johns"
    const elsewhere = await take("barman", run, { timeZone })
    assert.deepStrictEqual(elsewhere, await take("barman", file(list), { timeZone }))
    assert.notDeepEqual(elsewhere, here)
  })

  it("has times in the zone that the C library reads from TZ, and needs one where that is told otherwise than by its name", async () => {
    const list = "barman/list-backups-all.json"
    install("barman", `cat '${fixture(list)}'`)
    const zones = [
      ["", "UTC"],
      [":Asia/Kolkata", "Asia/Kolkata"],
      ["posix/Asia/Kolkata", "Asia/Kolkata"],
      ["/usr/share/zoneinfo/Asia/Kolkata", "Asia/Kolkata"],
      ["EST5EDT", "EST5EDT"]
    ] as const
    for (const [TZ, timeZone] of zones) {
      process.env.TZ = TZ
      assert.deepStrictEqual(await take("barman", { from: "exec" }), await take("barman", file(list), { timeZone }), TZ)
    }
    for (const rules of ["CET-1CEST", "<+03>-3", "UTC+3", "EST5EDT,M3.2.0,M11.1.0", "+05:30", "Mars/Phobos"]) {
      process.env.TZ = rules
      const [, message] = await refusal("barman", { from: "exec" })
      assert.include(message, "--time-zone", rules)
    }
  })

  it("needs a zone where a command of somebody's own prints times without one: it may run elsewhere", async () => {
    const [, message] = await refusal("borg", printing("borg/list.json"))
    assert.include(message, "say in which they are, with --time-zone")
  })

  it("needs a zone where it comes from a file and has times without one", async () => {
    const [tag, message] = await refusal("borg", file("borg/list.json"))
    assert.strictEqual(tag, "NotDone")
    assert.include(
      message,
      "Nothing was imported. Borg prints times without a time zone: say in which they are, with --time-zone"
    )
  })

  it("is refused with the words of a tool that failed", async () => {
    const failing = [process.execPath, "-e", "console.error('unable to open repository'); process.exitCode = 1"]
    const [tag, message] = await refusal("restic", { from: "exec", command: failing })
    assert.strictEqual(tag, "NotDone")
    assert.match(message, / ended with 1 and said this: unable to open repository$/)
  })

  it("is not waited for longer than is said", async () => {
    const command = [process.execPath, "-e", "setInterval(() => {}, 1e6)"]
    const [, message] = await refusal("restic", { from: "exec", command, limitMs: 300 })
    assert.include(message, "did not end within 0.3 seconds")
  })

  it("is made by the importer's own command, where it has one", async () => {
    const folder = temporaryFolder({
      pgbackrest: `#!${process.execPath}\nconst [a, b] = process.argv.slice(2); if (a === "info" && b === "--output=json") process.stdout.write(require("fs").readFileSync(${JSON.stringify(fixture("pgbackrest/info.json"))}))`
    })
    chmodSync(join(folder, "pgbackrest"), 0o755)
    const path = process.env.PATH
    process.env.PATH = `${folder}:${path}`
    try {
      assert.strictEqual((await take("pgbackrest", { from: "exec" })).records.length, 7)
    } finally {
      process.env.PATH = path
    }
    assert.deepStrictEqual(await refusal("trove", { from: "exec" }), [
      "UsageError",
      "The importer trove has no command of its own: give one that prints what it reads."
    ])
    assert.strictEqual((await take("trove", printing("trove/all.json"))).records.length, 6)
  })

  it("has no folder, and no pattern", async () => {
    assert.deepStrictEqual(await refusal("barman", { from: "folder", path: "." }), [
      "UsageError",
      "The importer barman reads what Barman prints, and no folder: let it be run, or give a file."
    ])
    assert.deepStrictEqual(await refusal("barman", { from: "file", path: "x" }, { pattern: "{instance}" }), [
      "UsageError",
      "The importer barman reads no paths, so it takes no pattern."
    ])
  })
})

describe("the inventory of a folder", () => {
  const utc = { timeZone: "Asia/Kolkata" }

  it("is what is in its files, gzip or not", async () => {
    const folder = temporaryFolder({
      "db1/whole.sql.gz": gzipSync(readFileSync(fixture("dumps/kolkata/all.sql"))),
      "db1/cut.sql.gz": gzipSync(readFileSync(fixture("dumps/kolkata/create.sql"))).subarray(0, -20)
    })
    cpSync(fixture("dumps/kolkata/dir.d"), join(folder, "db2", "dir.d"), { recursive: true })
    const { records, problems, complete } = await take(
      "dumps",
      { from: "folder", path: folder },
      { ...utc, location: "/b/" }
    )
    assert.deepStrictEqual(
      records.map(({ nativeId, backup }) => [
        nativeId,
        backup.status,
        Option.getOrNull(backup.instanceId),
        Option.getOrNull(backup.locationRef)
      ]),
      [
        ["db1/cut.sql.gz", "FAILED", "db1", "/b/db1/cut.sql.gz"],
        ["db1/whole.sql.gz", "COMPLETED", "db1", "/b/db1/whole.sql.gz"],
        ["db2/dir.d", "COMPLETED", "db2", "/b/db2/dir.d"]
      ]
    )
    assert.deepStrictEqual([problems, complete], [[], true])
  })

  it("is read by the pattern that is given", async () => {
    const folder = temporaryFolder({ "shop-2026-11-23.rdb": readFileSync(fixture("redis/dump.rdb")) })
    const { records } = await take("redis", { from: "folder", path: folder }, { pattern: "{instance}-{date}.rdb" })
    assert.deepStrictEqual(
      records.map(({ backup }) => Option.getOrNull(backup.instanceId) as string | null),
      ["shop"]
    )
  })

  it("is not all where a folder in it cannot be looked into", async () => {
    const folder = temporaryFolder({
      "db1/a.rdb": readFileSync(fixture("redis/dump.rdb")),
      "shut/b.rdb": readFileSync(fixture("redis/dump.rdb"))
    })
    chmodSync(join(folder, "shut"), 0)
    const found = await asNobody(() => take("redis", { from: "folder", path: folder }))
    assert.deepStrictEqual([found.records.map(({ nativeId }) => nativeId), found.complete], [["db1/a.rdb"], false])
    assert.deepStrictEqual(found.problems, [
      { place: "shut", message: "cannot be looked into (permission denied), so backups may be missing" }
    ])
    chmodSync(join(folder, "db1"), 0)
    const [tag, message] = await asNobody(() => refusal("redis", { from: "folder", path: folder }))
    assert.strictEqual(tag, "NotDone")
    assert.include(message, "And db1 cannot be looked into (permission denied), so backups may be missing.")
  })

  it("is all where only a link inside a base backup leads nowhere, of which the record tells what it lacks", async () => {
    const tablespace = '{ "Path": "pg_tblspc/16385/PG_15_202209061/16384/16391", "Size": 8192 },'
    const manifest = readFileSync(fixture("dumps/pg_basebackup/crm-tar/backup_manifest"), "utf8")
    const folder = temporaryFolder({
      "base/PG_VERSION": "15\n",
      "base/pg_tblspc/.keep": "",
      "base/backup_manifest": manifest.replace('{ "Path": ', `${tablespace}\n{ "Path": `)
    })
    symlinkSync("/nowhere/tablespace", join(folder, "base/pg_tblspc/16385"))
    const { records, problems, complete } = await take("dumps", { from: "folder", path: folder })
    assert.strictEqual(records.length, 1)
    assert.isTrue(complete)
    const message =
      "is a link that cannot be followed (no such file or directory), so a part of a backup may be missing"
    assert.deepStrictEqual(problems, [{ place: "base/pg_tblspc/16385", message }])
    symlinkSync("/nowhere/backups", join(folder, "old"))
    assert.isFalse((await take("dumps", { from: "folder", path: folder })).complete)
  })

  it("is not all where a link has the name of one inside a base backup, and there is no base backup around it", async () => {
    for (const path of ["pg_wal", "a/pg_xlog", "a/pg_tblspc/16385", "base/a/pg_wal"]) {
      const folder = temporaryFolder({
        "a.sql": readFileSync(fixture("dumps/kolkata/create.sql")),
        "a/pg_tblspc/.keep": "",
        "base/PG_VERSION": "15\n",
        "base/backup_manifest": readFileSync(fixture("dumps/pg_basebackup/crm-tar/backup_manifest")),
        "base/a/.keep": ""
      })
      symlinkSync("/nowhere/backups", join(folder, path))
      const { problems, complete } = await take("dumps", { from: "folder", path: folder })
      const message = "is a link that cannot be followed (no such file or directory), so backups may be missing"
      assert.deepStrictEqual([problems, complete], [[{ place: path, message }], false])
    }
  })

  it("is not all where a dump in it may not be read, compressed or not, while a damaged one is one that failed", async () => {
    const sql = readFileSync(fixture("dumps/kolkata/create.sql"))
    const names = ["b.sql", "b.sql.gz", "b.tar", "b"]
    for (const name of names) {
      const folder = temporaryFolder({ "a.sql": sql, [name]: name.endsWith(".gz") ? gzipSync(sql) : sql })
      chmodSync(join(folder, name), 0)
      const { records, problems, complete } = await asNobody(() => take("dumps", { from: "folder", path: folder }))
      assert.deepStrictEqual([records.map(({ nativeId }) => nativeId), complete], [["a.sql"], false], name)
      assert.deepStrictEqual(problems, [
        { place: name, message: "could not be read, so its backup was left out: permission denied" }
      ])
    }
    const damaged = temporaryFolder({ "a.sql": sql, "b.sql.gz": sql, "c.tar.gz": sql })
    const { records, problems, complete } = await take("dumps", { from: "folder", path: damaged })
    assert.deepStrictEqual(
      records.map(({ nativeId, backup }) => [nativeId, backup.status]),
      [
        ["a.sql", "COMPLETED"],
        ["b.sql.gz", "FAILED"]
      ]
    )
    assert.deepStrictEqual([problems, complete], [[], true])
  })

  it("is refused without any backup, and without the folder", async () => {
    const empty = temporaryFolder()
    const [tag, message] = await refusal("dumps", { from: "folder", path: empty })
    assert.strictEqual(tag, "NotDone")
    assert.match(
      message,
      new RegExp(`^Nothing was imported\\. The folder ${empty} holds no files: is it mounted\\? Where`)
    )
    const [other] = await refusal("dumps", { from: "folder", path: join(temporaryFolder(), "gone") })
    assert.strictEqual(other, "InputFailed")
  })

  it("is of a folder, and of nothing else", async () => {
    for (const input of [{ from: "exec" }, { from: "file", path: "-" }] as const) {
      assert.deepStrictEqual(await refusal("dumps", input), [
        "UsageError",
        "The importer dumps reads a folder of backups: give one."
      ])
    }
  })
})

describe("the importers", () => {
  let starts: ReadonlyArray<string>
  let programStarts: ReadonlyArray<string>

  beforeAll(async () => {
    starts = startsWith(
      await bundle('export * from "../src/imports/takeInventory.ts"; export * from "../src/imports/importerNamed.ts"')
    )
    programStarts = startsWith(await bundle('import "../src/main.ts"'))
  })

  it("are asked for by their names", async () => {
    assert.deepStrictEqual(await refusal("pgbackup", { from: "exec" }), [
      "UsageError",
      `There is no importer pgbackup; there are ${Object.keys(tools).join(" ")}.`
    ])
  })

  it("are read only when something is imported, so that the program starts without them", () => {
    const isOfImporters = (path: string) => path.includes("packages/sources/")
    assert.isTrue(starts.some((path) => path.endsWith("src/folders/readFolder.ts")))
    assert.deepStrictEqual(starts.filter(isOfImporters), [])
    assert.isTrue(programStarts.some((path) => path.endsWith("src/readArguments.ts")))
    assert.deepStrictEqual(programStarts.filter(isOfImporters), [])
  })
})
