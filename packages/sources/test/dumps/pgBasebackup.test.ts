import { gzipSync } from "node:zlib"
import { assert, describe, it } from "vitest"
import { dumps } from "../../src/dumps/dumps.ts"
import type { SourceFile } from "../../src/index.ts"
import { file } from "../support/folders.ts"
import { descriptionOf, flat, inventoryOf, refusalOf } from "../support/samples.ts"
import { bytes, importOf, only, plainBaseBackup as plain, text, whole, written } from "./support.ts"

/** The beginning of a base backup as tar, which has an empty map of tablespaces, with one that is not. */
const withTablespace = (head: Uint8Array, map: string): Uint8Array => {
  const [size, block] = [new TextEncoder().encode(map.length.toString(8).padStart(11, "0")), new Uint8Array(512)]
  block.set(new TextEncoder().encode(map))
  const before = head.slice(0, 1_536)
  before.set(size, 1_024 + 124)
  return new Uint8Array([...before, ...block, ...head.slice(1_536)])
}

/** A tar file of files of zeros but for a few first bytes, as PostgreSQL's tools write one. */
const tarOf = (...members: ReadonlyArray<readonly [name: string, size: number, content?: string]>): Uint8Array => {
  const utf8 = new TextEncoder()
  const parts = members.map(([name, size, content = "data"]) => {
    const part = new Uint8Array(512 + Math.ceil(size / 512) * 512)
    part.set(utf8.encode(name))
    part.set(utf8.encode(size.toString(8).padStart(11, "0")), 124)
    part.set(utf8.encode("ustar"), 257)
    part.set(utf8.encode(content).subarray(0, size), 512)
    return part
  })
  return new Uint8Array(Buffer.concat([...parts, new Uint8Array(1_024)]))
}

describe("pg_basebackup", () => {
  const tar = (root: string): ReadonlyArray<SourceFile> => [
    whole(`${root}/backup_manifest`, bytes("pg_basebackup/crm-tar/backup_manifest")),
    file(`${root}/base.tar.gz`, "", { size: 5_806_138, head: bytes("kolkata/base-tar/base.tar.first8192.bin") }),
    file(`${root}/pg_wal.tar.gz`, "", { size: 17_072 })
  ]

  it("in a folder has the size of all files, and the times of its manifest", () => {
    const read = only(plain("shop-plain"))
    assert.strictEqual(read.status, "COMPLETED")
    // 37,435,866 bytes by the manifest, 182,313 of the manifest, one segment: `du -sb` less 4,096 for each of 29
    // folders.
    assert.strictEqual(read.bytes, 54_395_395n)
    assert.strictEqual(read.created, "2026-11-23T18:02:37.000000Z")
    assert.strictEqual(read.updated, "2026-11-23T18:02:37.000000Z")
    assert.deepStrictEqual(read.datastore, ["PostgreSQL", "15"])
    assert.strictEqual(read.description, "pg_basebackup; labelled nightly shop 2026-11-23")
    assert.strictEqual(read.nativeId, "shop-plain")
  })

  it("as tar has what lies in front in base.tar", () => {
    const read = only(tar("crm-tar"))
    assert.strictEqual(read.status, "COMPLETED")
    // 226,073 + 5,806,138 + 17,072: `du -sb` less 4,096 for the folder.
    assert.strictEqual(read.bytes, 6_049_283n)
    assert.deepStrictEqual(read.datastore, ["PostgreSQL", "15"])
    assert.include(read.description, "labelled pg_basebackup base backup")
  })

  it("needs no zone where its manifest tells how far the zone of its label is from GMT", () => {
    const at = (label: string) => {
      const files = plain("a").map((part) =>
        part.path === "a/backup_label"
          ? whole(part.path, text("pg_basebackup/shop-plain/backup_label").replace("18:02:37 UTC", label))
          : part
      )
      const [record] = inventoryOf(dumps, files).records
      return record && flat(record.backup).created
    }
    assert.strictEqual(at("18:02:37 UTC"), "2026-11-23T18:02:37.000000Z")
    assert.strictEqual(at("14:32:36 NST"), "2026-11-23T18:02:36.000000Z")
    assert.strictEqual(at("23:32:37 IST"), "2026-11-23T18:02:37.000000Z")
    assert.strictEqual(at("23:32:36 IST"), "2026-11-23T18:02:36.000000Z")
    assert.strictEqual(at("23:47:36 +0545"), "2026-11-23T18:02:36.000000Z")
    assert.strictEqual(at("13:01:00 EST"), "2026-11-23T18:01:00.000000Z")
  })

  it("needs the zone of its label without a manifest, unless that is UTC", () => {
    const label = text("pg_basebackup/shop-plain/backup_label")
    const files = (zone: string) => [
      whole("a/backup_label", label.replace("UTC", zone)),
      file("a/global/pg_control", "", { size: 8_192, head: bytes("kolkata/base-plain/global/pg_control.first16.bin") })
    ]
    assert.include(refusalOf(dumps, files("IST")), "pg_basebackup prints times without a time zone")
    const read = inventoryOf(dumps, files("UTC")).records.map(({ backup }) => flat(backup))
    assert.strictEqual(read[0]?.created, "2026-11-23T18:02:37.000000Z")
    // pg_controldata: Database system identifier, above 2^53.
    assert.strictEqual(read[0]?.instance, "7711507674850741510")
    assert.strictEqual(read[0]?.status, "COMPLETED")
  })

  it("has the system identifier of its pg_control in either order of bytes", () => {
    const control = bytes("kolkata/base-plain/global/pg_control.first16.bin")
    const swapped = new Uint8Array([...control.slice(0, 8).toReversed(), ...control.slice(8, 12).toReversed()])
    for (const head of [control, swapped]) {
      const files = [
        whole("a/backup_label", bytes("pg_basebackup/shop-plain/backup_label")),
        file("a/global/pg_control", "", { size: 8_192, head })
      ]
      assert.strictEqual(only(files).instance as string, "7711507674850741510")
    }
  })

  it("is FAILED where it was interrupted", () => {
    const label = whole("a/backup_label", bytes("pg_basebackup/shop-plain/backup_label"))
    assert.strictEqual(only([label, file("a/base/1/1259", "", { size: 8_192 })]).status, "FAILED")
    assert.strictEqual(only([label, file("a/backup_manifest.tmp")]).status, "FAILED")
    const manifest = bytes("pg_basebackup/shop-plain/backup_manifest")
    for (const length of [0, 20, 500, manifest.length - 60]) {
      const cut = plain("a").map((part) =>
        part.path === "a/backup_manifest" ? whole(part.path, manifest.slice(0, length)) : part
      )
      assert.strictEqual(only(cut).status, "FAILED", `manifest cut to ${length}`)
    }
  })

  it("is FAILED where it was copied in part only, with its manifest or before its last files", () => {
    const all = plain("a")
    const without = (isGone: (path: string) => boolean) => only(all.filter(({ path }) => !isGone(path)))
    const [last = ""] = all.filter(({ path }) => path.startsWith("a/base/")).map(({ path }) => path.slice(2))
    assert.strictEqual(without((path) => path === `a/${last}`).status, "FAILED")
    assert.include(without((path) => path === `a/${last}`).description, `its file ${last} is missing or cut off`)
    assert.match(
      without((path) => path.startsWith("a/base/")).description,
      /its files base\/\S+ and \d+ more are missing/
    )
    const cut = all.map((part) => (part.path === "a/global/pg_control" ? { ...part, size: part.size - 1 } : part))
    assert.include(only(cut).description, "its file global/pg_control is missing or cut off")
    assert.strictEqual(without((path) => /^a\/pg_(?:wal|tblspc)\//.test(path)).status, "COMPLETED")
  })

  it("is FAILED where any of it is there beside its manifest, and the rest is not", () => {
    const all = plain("a")
    const of = (isThere: (name: string) => boolean) =>
      only(all.filter(({ path }) => path === "a/backup_manifest" || isThere(path.slice(2))))
    for (const isThere of [
      (name: string) => name === "PG_VERSION",
      (name: string) => name === "backup_label",
      (name: string) => name === "global/1261",
      (name: string) => name.startsWith("base/5/"),
      (name: string) => name.startsWith("pg_wal/"),
      (name: string) => !name.includes("/"),
      (name: string) => name !== "backup_label",
      (name: string) => name !== "pg_xact/0000"
    ]) {
      const { status, description, bytes } = of(isThere)
      assert.strictEqual(status, "FAILED", isThere.toString())
      assert.match(description, /not whole: its files? .* missing or cut off/)
      assert.isNotNull(bytes)
    }
    assert.include(of(() => false).description, "only its manifest is in this folder")
  })

  it("as tar is FAILED beside its manifest where base.tar is gone, and being made where it is being copied", () => {
    const manifest = bytes("pg_basebackup/crm-tar/backup_manifest")
    const of = (names: ReadonlyArray<string>, now = written + 3_600_000) =>
      only(
        ["backup_manifest", ...names].map((name) =>
          name === "backup_manifest" ? whole(`a/${name}`, manifest) : file(`a/${name}`, "", { size: 17_072 })
        ),
        { now }
      )
    for (const names of [["pg_wal.tar.gz"], ["16384.tar.gz"], ["pg_wal.tar.zst", "16384.tar"]]) {
      const { status, description, bytes } = of(names, written + 60_000)
      assert.strictEqual(status, "FAILED")
      assert.include(description, "not whole: its base.tar is missing")
      assert.isNotNull(bytes)
    }
    for (const [copied, name] of [
      [".base.tar.gz.Xy12Ab", "base.tar.gz"],
      ["base.tar.gz.part", "base.tar.gz"],
      ["base.tar.tmp", "base.tar"]
    ] as const) {
      const { status, description } = of([copied, "pg_wal.tar.gz"])
      assert.strictEqual(status, "FAILED", copied)
      assert.include(description, `not finished: its ${name} is there as ${copied} only`)
      assert.strictEqual(of([copied], written + 60_000).status, "BUILDING", copied)
    }
    assert.include(of(["base.tar.gz", ".pg_wal.tar.gz.Xy12Ab"]).description, "its pg_wal.tar.gz is there as")
    // What was left over of a copy that was broken off is nothing to the next one.
    assert.strictEqual(of(["base.tar.gz", ".base.tar.gz.Xy12Ab", "base.tar.gz.part"]).status, "COMPLETED")
  })

  it("in a folder is being made while a file of it is being copied", () => {
    const [first, ...others] = plain("a").filter(({ path }) => path.startsWith("a/base/"))
    const files = plain("a").filter(({ path }) => path !== first?.path)
    const copied = { ...(first ?? assert.fail("no data")), path: first?.path.replace(/([^/]+)$/, ".$1.aB3dE1") ?? "" }
    assert.isAbove(others.length, 0)
    assert.strictEqual(only([...files, copied], { now: written + 60_000 }).status, "BUILDING")
    assert.match(only([...files, copied]).description, /not finished: its \d+ is there as \.\d+\.aB3dE1 only/)
    // As a server that was a standby calls the last segment of its old timeline.
    const wal = file("a/pg_wal/00000001000000000000001F.partial", "", { size: 16_777_216 })
    assert.strictEqual(only([...plain("a"), wal]).status, "COMPLETED")
  })

  it("as tar that was packed otherwise is what its manifest says, and left out without one", () => {
    const manifest = whole("a/backup_manifest", bytes("pg_basebackup/crm-tar/backup_manifest"))
    for (const name of ["base.tar.zst", "base.tar.gz.gpg", "base.tar.xz"]) {
      const tars = (size: number) => [file(`a/${name}`, "", { size }), file("a/pg_wal.tar.gz.gpg", "", { size: 10 })]
      assert.strictEqual(only([manifest, ...tars(90)]).bytes, BigInt(manifest.size + 100), name)
      assert.strictEqual(only([manifest, ...tars(90)]).status, "COMPLETED", name)
      assert.include(only([manifest, ...tars(0)]).description, `its ${name} is cut off`)
      const { problems, complete } = importOf([...tars(90), whole("a.sql", bytes("kolkata/create.sql"))])
      assert.deepStrictEqual(
        [problems.map(({ place }) => place), complete],
        [[`a/${name}`, "a/pg_wal.tar.gz.gpg"], false]
      )
    }
  })

  it("as tar by another name, or in pieces, is what its manifest says, and no part that is missing", () => {
    const manifest = whole("a/backup_manifest", bytes("pg_basebackup/crm-tar/backup_manifest"))
    for (const names of [
      ["base.tar.gz.aa", "base.tar.gz.ab"],
      ["base-2024-06-01.tar.gz"],
      ["data.tar.zst"],
      ["base.tar.GPG"]
    ]) {
      const files = [...names, "pg_wal.tar.gz"].map((name) => file(`a/${name}`, "", { size: 90 }))
      assert.strictEqual(only([manifest, ...files]).status, "COMPLETED", names[0])
    }
  })

  it("leaves every other backup in its folder and below alone", () => {
    const sql = bytes("kolkata/create.sql")
    const manifest = (root: string, checksum: string) =>
      whole(
        `${root}backup_manifest`,
        text("pg_basebackup/crm-tar/backup_manifest").replace(/[0-9a-f]{64}(?="\}\s*$)/, checksum.repeat(64))
      )
    const base = (root: string) =>
      file(`${root}base.tar.gz`, "", {
        size: 100,
        head: bytes("kolkata/base-tar/base.tar.first8192.bin"),
        tail: new Uint8Array(1_024)
      })
    const others = [
      base("db1/2026-11-22/"),
      ...plain("db1/base/20261121").map((part) =>
        part.path.endsWith("backup_manifest") ? { ...part, tail: manifest("", "d").tail } : part
      ),
      whole("db1/base/20261121/notes.txt", "Notes."),
      whole("db1/global/globals.sql.gz", gzipSync(bytes("pg_dump/globals.sql"))),
      manifest("db1/2026-11-22/", "b"),
      ...plain("db1/2026-11-23"),
      whole("db1/globals.sql", bytes("pg_dump/globals.sql")),
      whole("db1/daily/shop.sql.gz", gzipSync(sql)),
      whole("db1/daily/shop.d/toc.dat", bytes("kolkata/dir.d/toc.dat")),
      whole("db1/blog/metadata", "Started dump at: 2026-11-23 18:04:28\nFinished dump at: 2026-11-23 18:04:29\n"),
      whole("db1/blog/blog.t.00000.sql", ";"),
      whole("db1/base.tar.gz.1", gzipSync(bytes("kolkata/base-tar/base.tar.first8192.bin"))),
      whole("db1/notes.txt", "Notes."),
      whole("shop.dump", bytes("kolkata/z0.dump"))
    ]
    const paths = [
      ...["db1/2026-11-22", "db1/2026-11-23", "db1/base.tar.gz.1", "db1/base/20261121", "db1/blog", "db1/daily/shop.d"],
      ...["db1/daily/shop.sql.gz", "db1/global/globals.sql.gz", "db1/globals.sql", "shop.dump"]
    ]
    const read = (files: ReadonlyArray<SourceFile>) => {
      const { records, problems, complete } = importOf([...others, ...files])
      assert.deepStrictEqual([problems, complete], [[], true])
      return new Map(records.map(({ nativeId, backup }) => [nativeId, { ...flat(backup), id: backup.id }]))
    }
    const before = read([])
    assert.deepStrictEqual([...before.keys()], paths)
    for (const [root, folder] of [
      ["", "."],
      ["db1/", "db1"]
    ] as const) {
      const tars = [
        manifest(root, "a"),
        base(root),
        file(`${root}16384.tar`, "", { size: 512, tail: new Uint8Array(1_024) })
      ]
      const server = plain("x").map((part) => ({ ...part, path: root + part.path.slice(2) }))
      const changed = server.map((part) =>
        part.path === `${root}backup_manifest` ? { ...part, tail: manifest("", "c").tail } : part
      )
      for (const own of [tars, changed]) {
        const after = read(own)
        assert.deepStrictEqual([...after.keys()].sort(), [...paths, folder].sort())
        for (const path of paths) assert.deepStrictEqual(after.get(path), before.get(path), path)
        const size = [...own, ...(own === changed && root === "db1/" ? [{ size: 6 }] : [])]
        assert.strictEqual(
          after.get(folder)?.bytes,
          size.reduce((sum, part) => sum + BigInt(part.size), 0n)
        )
      }
    }
  })

  it("in a folder has all that is a server's own, and none of it is taken for a dump", () => {
    const own = [
      ...["base/5/1259_fsm", "base/5/1259.1", "base/5/PG_VERSION", "global/pg_filenode.map", "pg_xact/000A"],
      ...["pg_multixact/offsets/0000", "pg_logical/mappings/map-5-4eb-0_1-2e8-2e8", "pg_twophase/0000AB12"],
      ...["pg_tblspc/16384/PG_15_202209061/5/16385", "pg_replslot/a/state", "pg_wal/archive_status/1.done"],
      ...["pg_wal/00000002.history", "log/postgresql-Mon.log", "postgresql.conf", "postgresql.conf.bak", "server.key"],
      ...["current_logfiles", "postmaster.opts", "standby.signal", "tablespace_map"]
    ].map((name) => whole(`a/${name}`, "x".repeat(10)))
    const read = only([...plain("a").filter(({ path }) => !own.some((part) => part.path === path)), ...own])
    assert.deepStrictEqual([read.nativeId, read.problems, read.complete], ["a", [], true])
    const listing = new Map([...plain("a"), ...own].map(({ path, size }) => [path, size]))
    assert.strictEqual(
      read.bytes,
      [...listing.values()].reduce((sum, size) => sum + BigInt(size), 0n)
    )
  })

  it("of which only the manifest is kept takes no other dump for its data, and has no size", () => {
    const manifest = bytes("pg_basebackup/shop-plain/backup_manifest")
    const sql = bytes("kolkata/create.sql")
    const { records } = importOf([whole("backup_manifest", manifest), whole("shop/a.sql", sql), ...tar("crm-tar")])
    assert.deepStrictEqual(
      records.map(({ nativeId, backup }) => [nativeId, backup.status, flat(backup).bytes]),
      [
        [".", "COMPLETED", null],
        ["crm-tar", "COMPLETED", 6_049_283n],
        ["shop/a.sql", "COMPLETED", BigInt(sql.length)]
      ]
    )
    assert.include(records[0] && descriptionOf(records[0].backup), "only its manifest is in this folder")
  })

  it("as tar is whole only where it ends as tar files do, compressed or not, with a manifest or without", () => {
    const head = bytes("kolkata/base-tar/base.tar.first8192.bin")
    const base = (name: string, tail: Uint8Array, size: number, problem?: string) => [
      file(`a/${name}`, "", { size, head, tail, problem })
    ]
    const options = { timeZone: "Asia/Kolkata" }
    const [zeros, ones] = [new Uint8Array(1_024), new Uint8Array(1_024).fill(1)]
    const manifest = whole("a/backup_manifest", bytes("pg_basebackup/crm-tar/backup_manifest"))
    for (const beside of [[], [manifest]]) {
      const status = (files: ReadonlyArray<SourceFile>) => only([...files, ...beside], options).status
      assert.strictEqual(status(base("base.tar", zeros, 42_565_632)), "COMPLETED")
      assert.strictEqual(status(base("base.tar", zeros, 42_565_631)), "FAILED")
      assert.strictEqual(status(base("base.tar", ones, 42_565_632)), "FAILED")
      assert.strictEqual(status(base("base.tar.gz", zeros, 4_145_778)), "COMPLETED")
      assert.strictEqual(status(base("base.tar.gz", ones, 4_145_778)), "FAILED")
      assert.strictEqual(status(base("base.tar.gz", zeros, 4_145_778, "unexpected end of file")), "FAILED")
    }
    const denied = {
      ...base("base.tar.gz", zeros, 4_145_778)[0],
      head: new Uint8Array(),
      problem: "denied",
      unread: true
    }
    const read = importOf([whole("b.sql", bytes("kolkata/create.sql")), manifest, denied as SourceFile], options)
    assert.deepStrictEqual([read.records.length, read.problems[0]?.place, read.complete], [1, "a/base.tar.gz", false])
    // Of a large one the end is not looked at.
    const large = base("base.tar.gz", new Uint8Array(), 300_000_000)
    assert.deepStrictEqual(dumps.wants("a/base.tar.gz", 300_000_000), { head: 65_536, tail: 0, gunzip: true })
    assert.deepInclude(dumps.wants("a/base.tar.gz", 268_435_456), { head: 65_536, tail: 1_024, gunzip: true })
    assert.deepStrictEqual(
      [only(large, options).status, only([...large, manifest], options).status],
      ["FAILED", "COMPLETED"]
    )
  })

  /** The files of a plain base backup with a changed manifest. */
  const withManifest = (change: (manifest: string) => string, label = "18:02:37 UTC"): ReadonlyArray<SourceFile> =>
    plain("a").map((part) => {
      if (part.path === "a/backup_manifest") return whole(part.path, change(new TextDecoder().decode(part.head)))
      const isLabel = part.path === "a/backup_label"
      return isLabel ? whole(part.path, new TextDecoder().decode(part.head).replace("18:02:37 UTC", label)) : part
    })

  it("is judged alike where its manifest encodes the paths", () => {
    const encoded = withManifest(
      (manifest) =>
        manifest.replace(/"Path": "([^"]+)"/g, (_, path) => `"Encoded-Path": "${Buffer.from(path).toString("hex")}"`),
      "14:32:36 NST"
    )
    const created = (files: ReadonlyArray<SourceFile>) =>
      inventoryOf(dumps, files).records.map(({ backup }) => [flat(backup).created, backup.status])
    assert.deepStrictEqual(created(encoded), [["2026-11-23T18:02:36.000000Z", "COMPLETED"]])
    const cut = encoded.filter(({ path }) => path !== "a/global/pg_control")
    assert.include(only(cut).description, "its file global/pg_control is missing or cut off")
  })

  it("ended when the newest file of its manifest was written, wherever that is in the list", () => {
    const { updated } = only(withManifest((manifest) => manifest.replace("17:48:42 GMT", "18:03:00 GMT")))
    assert.strictEqual(updated, "2026-11-23T18:03:00.000000Z")
  })

  it("is whole without what its manifest lists besides data: configuration and logs", () => {
    const files = withManifest((manifest) =>
      manifest.replace('{ "Path": ', '{ "Path": "log/postgresql-Mon.log", "Size": 10 },\n{ "Path": ')
    )
    const without = files.filter(({ path }) => path !== "a/postgresql.auto.conf")
    assert.strictEqual(without.length, files.length - 1)
    assert.strictEqual(only(without).status, "COMPLETED")
  })

  it("is read in no time where its manifest lists its label again and again", () => {
    const files = withManifest((manifest) => `${manifest.slice(0, 200)}${'"Path": "backup_label",'.repeat(20_000)}`)
    assert.include(only(files).description, "its backup_manifest is cut off")
  })

  it("needs the zone of its label where tablespaces were copied before that was written", () => {
    const late = (manifest: string) =>
      manifest
        .replace("18:02:37 GMT", "20:47:37 GMT")
        .replace('{ "Path": ', '{ "Path": "pg_tblspc/16384/PG_15_202209061/5/16385", "Size": 8192 },\n{ "Path": ')
    const created = (label: string, timeZone?: string) =>
      inventoryOf(dumps, withManifest(late, label), { timeZone }).records.map(({ backup }) => flat(backup).created)
    assert.deepStrictEqual(created("18:02:37 UTC"), ["2026-11-23T18:02:37.000000Z"])
    assert.deepStrictEqual(created("14:32:36 NST", "America/St_Johns"), ["2026-11-23T18:02:36.000000Z"])
    assert.include(refusalOf(dumps, withManifest(late, "14:32:36 NST")), "prints times without a time zone")
  })

  it("as tar without a manifest has a tar file for each tablespace of its map, and else needs no zone", () => {
    const head = bytes("kolkata/base-tar/base.tar.first8192.bin")
    const zeros = new Uint8Array(1_024)
    const base = (content: Uint8Array) => file("a/base.tar", "", { size: 31_197_184, head: content, tail: zeros })
    const [read] = inventoryOf(dumps, [base(head)]).records
    // The label says 04:38:21 IST, as the server is in India.
    assert.strictEqual(read && flat(read.backup).created, "2026-11-23T23:08:21.000000Z")
    const mapped = base(withTablespace(head, "16384 /srv/fast\n"))
    assert.include(refusalOf(dumps, [mapped]), "prints times without a time zone")
    assert.include(only([mapped]).description, "the tar file of its tablespace 16384 is missing")
    assert.strictEqual(only([mapped, file("a/16384.tar", "", { size: 1_024, tail: zeros })]).status, "COMPLETED")
  })

  it("as tar is being made while its files are written to and it has no manifest", () => {
    const head = bytes("kolkata/base-tar/base.tar.first8192.bin")
    const cut = file("a/base.tar", "", { size: 5_000_000, head, tail: new Uint8Array(1_024).fill(1) })
    const packed = { ...cut, path: "a/base.tar.gz", tail: new Uint8Array(), problem: "unexpected end of file" }
    const manifest = whole("a/backup_manifest", bytes("pg_basebackup/crm-tar/backup_manifest"))
    const options = { timeZone: "Asia/Kolkata", now: written + 60_000 }
    for (const base of [cut, packed]) {
      assert.strictEqual(only([base], options).status, "BUILDING")
      assert.strictEqual(only([base], { ...options, now: written + 3_600_000 }).status, "FAILED")
      assert.strictEqual(only([base, manifest], options).status, "FAILED")
    }
  })

  it("in a single tar file is what its label says, and whole where that ends as tar files do", () => {
    const head = bytes("kolkata/base-tar/base.tar.first8192.bin")
    const manifest = text("pg_basebackup/crm-tar/backup_manifest")
      .slice(-2_000)
      .replaceAll("18:02:38 GMT", "23:08:22 GMT")
    const tail = new Uint8Array([...new TextEncoder().encode(manifest), ...new Uint8Array(2_048)])
    const single = (path: string, rest: Partial<SourceFile> = {}) =>
      file(path, "", { size: 31_197_184, head, tail, ...rest })
    const read = inventoryOf(dumps, [single("db1/base-20261123.tar.gz"), single("db1/20261123.tar")])
    const [record] = read.records
    assert.deepStrictEqual(record && [record.nativeId, record.backup.status], ["db1/20261123.tar", "COMPLETED"])
    const { created, updated, instance, datastore, description } = record
      ? { ...flat(record.backup), description: descriptionOf(record.backup) }
      : assert.fail("no record")
    assert.deepStrictEqual(
      [created, updated, instance as string, datastore],
      ["2026-11-23T23:08:21.000000Z", "2026-11-23T23:08:22.000000Z", "db1", ["PostgreSQL", "15"]]
    )
    assert.include(description, "pg_basebackup as tar; labelled pg_basebackup base backup")
    assert.deepStrictEqual(
      read.problems.map(({ place }) => place),
      ["db1/base-20261123.tar.gz"]
    )
    const failed = (rest: Partial<SourceFile>, path = "db1/a.tar") => {
      const { status, description } = only([single(path, rest)])
      return `${status} ${description.split("; ").at(-2)}`
    }
    assert.match(failed({ size: 31_197_183 }), /^FAILED cut off/)
    assert.match(failed({ tail: tail.map((byte) => byte || 1) }, "db1/a.tar.gz"), /^FAILED cut off/)
    assert.match(failed({ problem: "unexpected end of file" }, "db1/a.tar.gz"), /^FAILED could not be read to its end/)
    assert.match(
      failed({ head: withTablespace(head, "16384 /srv/fast\n") }),
      /^FAILED not whole: its tablespace 16384 is not in it/
    )
  })

  it("is imported once where there is a copy of it", () => {
    const { records, problems } = importOf([...plain("a"), ...plain("b")])
    assert.deepStrictEqual(
      records.map(({ nativeId }) => nativeId),
      ["a"]
    )
    assert.deepStrictEqual(
      problems.map(({ place }) => place),
      ["b"]
    )
    assert.strictEqual(importOf(plain("moved")).records[0]?.backup.id, records[0]?.backup.id)
  })

  it("is the whole one where a copy of it was broken off, or only the manifest is kept elsewhere", () => {
    const broken = plain("a").filter(({ path }) => path !== "a/global/pg_control")
    const manifest = whole("0/backup_manifest", bytes("pg_basebackup/shop-plain/backup_manifest"))
    const read = only([manifest, ...broken, ...plain("b")])
    assert.deepStrictEqual([read.nativeId, read.status], ["b", "COMPLETED"])
    assert.deepStrictEqual(
      read.problems.map(({ place }) => place),
      ["a", "0"]
    )
  })

  it("as tar has a tar file for each tablespace, which ends as tar files do", () => {
    const manifest = new TextDecoder()
      .decode(bytes("pg_basebackup/crm-tar/backup_manifest"))
      .replace('{ "Path": ', '{ "Path": "pg_tblspc/16384/PG_15_202209061/5/16385", "Size": 8192 },\n{ "Path": ')
    const status = (...besides: ReadonlyArray<SourceFile>) => {
      const files = tar("a").filter(({ path }) => !/manifest|pg_wal/.test(path))
      const { status, description } = only([whole("a/backup_manifest", manifest), ...files, ...besides])
      return `${status} ${/its (?!own).*? (?:is missing|is cut off)|the tar file.*missing/.exec(description)?.[0] ?? ""}`
    }
    const tablespace = (name: string, content: Uint8Array) => whole(`a/${name}`, content)
    const sound = tarOf(["PG_15_202209061/5/16385", 8_192, ""])
    const ones = new Uint8Array(2_048).fill(1)
    assert.strictEqual(status(), "FAILED the tar file of its tablespace 16384 is missing")
    assert.strictEqual(status(tablespace("16384.tar", sound)), "COMPLETED ")
    assert.strictEqual(status(tablespace("16384.tar.gz", gzipSync(sound))), "COMPLETED ")
    assert.strictEqual(status(tablespace("16384.tar.zst", ones)), "COMPLETED ")
    assert.strictEqual(status(tablespace("16384.tar", ones)), "FAILED its 16384.tar is cut off")
    assert.strictEqual(status(tablespace("16384.tar.gz", gzipSync(ones))), "FAILED its 16384.tar.gz is cut off")
    assert.strictEqual(status(tablespace("16384.tar", new Uint8Array())), "FAILED its 16384.tar is cut off")
    assert.strictEqual(
      status(tablespace("16384.tar", sound), tablespace("pg_wal.tar", new Uint8Array())),
      "FAILED its pg_wal.tar is cut off"
    )
    assert.strictEqual(
      status(tablespace("16384.tar", sound), tablespace("pg_wal.tar", ones)),
      "FAILED its pg_wal.tar is cut off"
    )
  })

  describe("as tar whose files are mostly zeros, as pages are", () => {
    const label = "START WAL LOCATION: 0/2000028 (file 02)\nSTART TIME: 2026-11-23 18:02:37 UTC\nLABEL: a\n"
    const members = [
      ["backup_label", label.length, label],
      ["PG_VERSION", 3, "15\n"],
      ["base/5/1", 24_576],
      ["base/5/2", 0],
      ["base/5/3", 16_384],
      ["global/pg_control", 8_192]
    ] as const
    const base = tarOf(...members)
    const wal = tarOf(["00000001000000000000001E", 32_768], ["archive_status/00000001000000000000001E.done", 0])
    const checksum = "c".repeat(64)
    const listing = members.map(([Path, size]) => `{ "Path": "${Path}", "Size": ${size}, "Last-Modified": "x" }`)
    const manifest = whole(
      "a/backup_manifest",
      `{ "PostgreSQL-Backup-Manifest-Version": 1,\n"Files": [\n${listing.join(",\n")}\n],\n"Manifest-Checksum": "${checksum}"}\n`
    )
    const zeroed = (content: Uint8Array, from: number) => content.slice().fill(0, from)
    const of = (name: string, content: Uint8Array) =>
      whole(`a/${name}`, name.endsWith(".gz") ? new Uint8Array(gzipSync(content)) : content)
    const failureIn = (...files: ReadonlyArray<SourceFile>) => {
      const { status, description } = only(files)
      return status === "COMPLETED" ? undefined : /its \S+ is cut off|cut off/.exec(description)?.[0]
    }

    const cutsOf = (content: Uint8Array, from: number, to: number) =>
      Array.from({ length: (to - from) / 512 }, (_, n) => from + n * 512).map((cut) => content.slice(0, cut))

    it("is FAILED wherever one of them is cut, or its end was never written, with a manifest or without", () => {
      const besides = [[], [manifest]].flatMap((beside) => ["", ".gz"].map((end) => ({ beside, end })))
      for (const { beside, end } of besides) {
        const [b, w] = [`base.tar${end}`, `pg_wal.tar${end}`]
        assert.isUndefined(failureIn(of(b, base), of(w, wal), ...beside))
        for (const cut of cutsOf(base, 2_048, base.length)) {
          assert.strictEqual(failureIn(of(b, cut), of(w, wal), ...beside), `its ${b} is cut off`, `${cut.length}`)
        }
        // Of pg_control nothing is known but that it is there.
        for (const { length } of cutsOf(base, 2_048, base.length - 9_216)) {
          const failure = failureIn(of(b, zeroed(base, length)), of(w, wal), ...beside)
          assert.strictEqual(failure, `its ${b} is cut off`, `zeros from ${length}`)
        }
        for (const cut of cutsOf(wal, 512, wal.length)) {
          assert.strictEqual(failureIn(of(b, base), of(w, cut), ...beside), `its ${w} is cut off`, `${cut.length}`)
        }
      }
    })

    it("is FAILED where it is too large to be read and smaller than what is in it", () => {
      assert.notProperty(dumps.wants("a/base.tar", 268_435_457), "digest")
      const large = (name: string, content: Uint8Array) => ({ ...of(name, content), digest: undefined })
      const [b, w] = [large("base.tar", base), large("pg_wal.tar", wal)]
      assert.isUndefined(failureIn(b, w, manifest))
      // By the manifest, as the only header that was read is not of the file that is cut.
      const cutBase = { ...large("base.tar", base.slice(0, 10_240)), head: base.slice(0, 512) }
      assert.strictEqual(failureIn(cutBase, w, manifest), "its base.tar is cut off")
      const cutWal = { ...large("pg_wal.tar", wal.slice(0, 16_384)), head: wal.slice(0, 512) }
      assert.strictEqual(failureIn(b, cutWal, manifest), "its pg_wal.tar is cut off")
    })

    it("is FAILED in a single tar file that is cut, or of which the end was never written", () => {
      const content = new TextDecoder().decode(manifest.head)
      const single = tarOf(...members, ["backup_manifest", content.length, content])
      assert.isUndefined(failureIn(whole("a.tar", single)))
      for (const broken of [single.slice(0, 12_288), zeroed(single, 12_288)]) {
        assert.strictEqual(failureIn(whole("a.tar", broken)), "cut off")
      }
    })

    it("is whole where another program padded it, and in files of more than 8 GiB", () => {
      for (const record of [10_240, 65_536, 131_072, 1_048_576]) {
        const filled = (content: Uint8Array) => {
          const padded = new Uint8Array(Math.ceil(content.length / record) * record)
          padded.set(content)
          return padded
        }
        for (const end of ["", ".gz"]) {
          const [b, w] = [`base.tar${end}`, `pg_wal.tar${end}`]
          assert.isUndefined(failureIn(of(b, filled(base)), of(w, filled(wal)), manifest), `${record}`)
          // Cut in the data of a file, and then filled: its header tells how long it was.
          const cut = filled(base).slice(0, 30_720)
          assert.strictEqual(failureIn(of(b, cut), of(w, wal), manifest), `its ${b} is cut off`)
        }
        const single = filled(tarOf(...members, ["backup_manifest", manifest.size]))
        assert.isUndefined(failureIn(whole("a.tar", single)))
      }
      const unusual = new Uint8Array(2 * 51_200)
      unusual.set(base)
      assert.strictEqual(failureIn(of("base.tar", unusual), of("pg_wal.tar", wal), manifest), "its base.tar is cut off")
      const nothing = [whole("a/base.tar", base), whole("a/16384.tar", new Uint8Array(65_536)), manifest]
      assert.strictEqual(failureIn(...nothing), "its 16384.tar is cut off")
      const huge = tarOf(["base/5/1", 0], ["base/5/2", 0])
      // 2^33 bytes, in binary.
      huge.set([0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0], 512 + 124)
      const walk = dumps.wants("a/base.tar", 1_000)?.digest?.() ?? assert.fail("no digest")
      walk.take(huge.subarray(0, 1_000))
      walk.take(huge.subarray(1_000, 1_024))
      const chunk = new Uint8Array(2 ** 24)
      for (let n = 0; n < 512; n++) walk.take(chunk)
      assert.strictEqual(walk.value, 0n)
      walk.take(huge.subarray(1_024))
      assert.strictEqual(walk.value, 1n)
    })

    it("is the whole one where a copy of it was cut, whichever comes first", () => {
      const copy = (root: string, content: Uint8Array): ReadonlyArray<SourceFile> => [
        whole(`${root}/backup_manifest`, manifest.head),
        whole(`${root}/base.tar`, content)
      ]
      const cut = base.slice(0, 10_240)
      for (const [a, b, kept] of [
        [cut, base, "b"],
        [base, cut, "a"]
      ] as const) {
        const read = only([...copy("a", a), ...copy("b", b)])
        assert.deepStrictEqual([read.nativeId, read.status], [kept, "COMPLETED"])
      }
    })

    it("is the larger one of two copies that were packed so that neither is looked into", () => {
      const copy = (root: string, size: number): ReadonlyArray<SourceFile> => [
        whole(`${root}/backup_manifest`, manifest.head),
        file(`${root}/base.tar.zst`, "", { size })
      ]
      assert.strictEqual(only([...copy("a", 100), ...copy("b", 200)]).nativeId, "b")
      assert.strictEqual(only([...copy("a", 200), ...copy("b", 100)]).nativeId, "a")
    })

    it("is no smaller than its own files by the manifest, those of a tablespace being in another tar file", () => {
      const place = "PG_15_202209061/5/16391"
      const listed = new TextDecoder()
        .decode(manifest.head)
        .replace('{ "Path": ', `{ "Path": "pg_tblspc/16385/${place}", "Size": 1048576 },\n{ "Path": `)
      const tablespace = of("16385.tar", tarOf([place, 1_048_576]))
      const beside = [of("base.tar", base), of("pg_wal.tar", wal), whole("a/backup_manifest", listed)]
      assert.strictEqual(only([...beside, tablespace]).status, "COMPLETED")
    })
  })

  // As PostgreSQL 17 writes them.
  const increment = (
    root: string,
    checksum: string,
    start: string,
    from: string | undefined
  ): ReadonlyArray<SourceFile> => [
    whole(
      `${root}/backup_label`,
      `START WAL LOCATION: ${start} (file 000000010000000000000002)
CHECKPOINT LOCATION: 0/2000060
BACKUP METHOD: streamed
BACKUP FROM: primary
START TIME: 2026-11-23 18:02:37 UTC
LABEL: pg_basebackup base backup
START TIMELINE: 1
${from === undefined ? "" : `INCREMENTAL FROM LSN: ${from}\nINCREMENTAL FROM TLI: 1\n`}`
    ),
    whole(
      `${root}/backup_manifest`,
      `{ "PostgreSQL-Backup-Manifest-Version": 2,
"System-Identifier": 7711425329158494106,
"Files": [
{ "Path": "backup_label", "Size": 225, "Last-Modified": "2026-11-23 18:02:37 GMT" }
],
"WAL-Ranges": [
{ "Timeline": 1, "Start-LSN": "${start}", "End-LSN": "0/1E000100" }
],
"Manifest-Checksum": "${checksum.repeat(64)}"}
`
    )
  ]

  it("of PostgreSQL 17 may be incremental: on the one that begins where it says, there or not", () => {
    const full = increment("full", "a", "0/2000028", undefined)
    const inc = increment("inc", "b", "0/4000028", "0/2000028")
    const both = importOf([...full, ...inc]).records
    assert.deepStrictEqual(
      both.map(({ nativeId, nativeParentId, backup }) => [nativeId, nativeParentId, flat(backup).instance as string]),
      [
        ["full", undefined, "7711425329158494106"],
        ["inc", "full", "7711425329158494106"]
      ]
    )
    assert.strictEqual(both[1] && flat(both[1].backup).parent, both[0]?.backup.id)
    const other = full.map((part) =>
      whole(part.path, new TextDecoder().decode(part.head).replace("7711425329158494106", "7711425329158494107"))
    )
    assert.strictEqual(importOf([...other, ...inc]).records[1]?.nativeParentId, "start 1:0/2000028")
    const alone = only(inc)
    assert.strictEqual(alone.nativeParentId, "start 1:0/2000028")
    assert.isNotNull(alone.parent)
    assert.deepStrictEqual(alone.problems, [])
  })

  it("in a single tar file is on the one of its instance that begins where it says and is whole", () => {
    const single = (path: string, start: string, from?: string) => {
      const label = `START WAL LOCATION: ${start} (file 02)
START TIME: 2026-11-23 18:02:37 UTC
START TIMELINE: 1
${from === undefined ? "" : `INCREMENTAL FROM LSN: ${from}\nINCREMENTAL FROM TLI: 1\n`}`
      return whole(path, tarOf(["backup_label", label.length, label], ["PG_VERSION", 3, "17\n"]))
    }
    const files = [
      single("a/full.tar", "0/2000028"),
      single("b/full.tar", "0/2000028"),
      single("b/inc.tar", "0/4000028", "0/2000028")
    ]
    const cut = single("b/aaa.tar", "0/2000028")
    const broken = { ...cut, size: cut.size - 1 }
    for (const beside of [[], [broken]]) {
      const { records } = importOf([...beside, ...files], { pattern: "{instance}/{database}.tar" })
      const child = records.find(({ nativeId }) => nativeId === "b/inc.tar")
      assert.strictEqual(child?.nativeParentId, "b/full.tar")
    }
  })
})
