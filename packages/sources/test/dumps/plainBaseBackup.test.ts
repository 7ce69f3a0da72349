import { assert, describe, it } from "vitest"
import { file } from "../support/folders.ts"
import { bytes, only, plainBaseBackup, whole } from "./support.ts"

describe("pg_basebackup in a folder", () => {
  it("is FAILED where a tablespace of its manifest is neither in it nor elsewhere in the folder, or is cut off", () => {
    const place = "PG_15_202209061/16384/16391"
    const manifest = new TextDecoder()
      .decode(bytes("pg_basebackup/shop-plain/backup_manifest"))
      .replace('{ "Path": ', `{ "Path": "pg_tblspc/16385/${place}", "Size": 8192 },\n{ "Path": `)
    const files = plainBaseBackup("a").map((part) =>
      part.path === "a/backup_manifest" ? whole(part.path, manifest) : part
    )
    const of = (path: string | undefined, size = 8_192) =>
      only(path === undefined ? files : [...files, file(`${path}/${place}`, "", { size })])
    assert.strictEqual(of("a/pg_tblspc/16385").status, "COMPLETED")
    // pg_basebackup --tablespace-mapping: a link leads to there.
    assert.strictEqual(of("a_ts").status, "COMPLETED")
    assert.strictEqual(of("tablespaces/fast").status, "COMPLETED")
    const { status, description } = of(undefined)
    assert.strictEqual(status, "FAILED")
    assert.include(description, "not whole: its tablespace 16385 is not in this folder")
    for (const path of ["a/pg_tblspc/16385", "a_ts"]) {
      assert.include(of(path, 8_191).description, `its file pg_tblspc/16385/${place} is missing or cut off`)
    }
  })

  it("needs WAL where none is in it, as with --wal-method=none, or where a link leads to it elsewhere in the folder", () => {
    const files = plainBaseBackup("a")
    const needs = "needs WAL from an archive or another folder, since none was found in it"
    assert.notInclude(only(files).description, needs)
    const without = files.filter(({ path }) => !path.startsWith("a/pg_wal/"))
    for (const path of ["a/pg_wal/archive_status/00000001000000000000001E.done", "a_wal/00000001000000000000001E"]) {
      const { status, description } = only([...without, file(path)])
      assert.strictEqual(status, "COMPLETED")
      assert.include(description, needs)
    }
    assert.include(only(without).description, needs)
    const packed = file("a/pg_wal/00000001000000000000001E.zst", "", { size: 100_000 })
    assert.notInclude(only([...without, packed]).description, needs)
    // Before PostgreSQL 10.
    const old = file("a/pg_xlog/00000001000000000000001E", "", { size: 16_777_216 })
    assert.notInclude(only([...without, old]).description, needs)
    const broken = without.filter(({ path }) => path !== "a/global/pg_control")
    assert.notInclude(only(broken).description, needs)
  })
})
