import { gzipSync } from "node:zlib"
import { assert, describe, it } from "vitest"
import type { SourceFile } from "../../src/index.ts"
import { bytes, importOf, statuses, text, whole } from "./support.ts"

describe("a dump in pieces", () => {
  const sql = text("kolkata/create.sql")
  const plain = whole("a.sql", sql)
  const archive = bytes("pg_dump/shop_schema.dump")

  /** A content in pieces with some endings behind a name, as `split` makes them. */
  const split = (name: string, content: string | Uint8Array, endings: ReadonlyArray<string>) => {
    const all = typeof content === "string" ? new TextEncoder().encode(content) : content
    const most = Math.ceil(all.length / endings.length)
    return endings.map((ending, n) => whole(`${name}${ending}`, all.slice(n * most, (n + 1) * most)))
  }

  const read = (pieces: ReadonlyArray<SourceFile>) => {
    const { records, problems, complete } = importOf([plain, ...pieces])
    return [records.map(({ nativeId }) => nativeId), complete, problems] as const
  }

  it("is reported once, and then nothing is retired", () => {
    for (const [name, content, endings] of [
      ["all.sql.gz", gzipSync(sql), [".aa", ".ab", ".ac"]],
      ["h/all.sql.gz", gzipSync(sql), ["aa", "ab"]],
      ["all.sql.gz", gzipSync(sql), [".000", ".001", ".002"]],
      ["all.sql.gz", gzipSync(sql), [".part00", ".part01"]],
      ["all-20261123.sql.zst", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 1, 2), [".001", ".002"]],
      ["shop.sql-20261123.gz.gpg", "encrypted", ["_aa", "_ab"]],
      ["shop.backup", archive, [".aa", ".ab"]],
      ["c.dump", archive, [".aa", ".ab", ".ac"]],
      ["c.dump", archive, [".00", ".01"]],
      ["all.sql", sql, [".aa", ".ab"]],
      ["all.sql", sql, ["-00", "-01", "-02"]]
    ] as const) {
      const message = `was left out: it is the first of ${endings.length} pieces of one file, which cannot be looked into`
      const place = `${name}${endings[0]}`
      assert.deepStrictEqual(read(split(name, content, endings)), [["a.sql"], false, [{ place, message }]], place)
    }
  })

  it("is still one where another piece happens to begin with the two bytes of gzip, but with no method of it", () => {
    const pieces = [whole("all.sql.gz.aa", gzipSync(sql)), whole("all.sql.gz.ab", Uint8Array.of(0x1f, 0x8b, 0xff, 1))]
    assert.deepStrictEqual([read(pieces)[1], read(pieces)[2].length], [false, 1])
  })

  it("may have more pieces than there are endings of two characters, which split then makes longer", () => {
    for (const endings of [
      ["aa", "ab", "yz", "zaaa", "zaab", "zyzz", "zzaaaa"],
      ["00", "01", "89", "9000", "9001", "9899", "990000"]
    ]) {
      const between = (from: string, to: string) => {
        const [letters, digits] = ["abcdefghijklmnopqrstuvwxyz", "0123456789"]
        const signs = /\d/.test(from) ? digits : letters
        const number = (ending: string) =>
          [...ending].reduce((sum, sign) => sum * signs.length + signs.indexOf(sign), 0)
        return Array.from({ length: number(to) - number(from) + 1 }, (_, n) =>
          Array.from(from, (_, place) => {
            const unit = signs.length ** (from.length - 1 - place)
            return signs[Math.floor((number(from) + n) / unit) % signs.length]
          }).join("")
        )
      }
      const [first = "", , last = "", next = "", , longest = "", longer = ""] = endings
      const all = [...between(first, last), ...between(next, longest), longer]
      const [, complete, problems] = read(
        all.map((ending) => whole(`c.dump.${ending}`, ending === first ? "PGDMP" : "data"))
      )
      assert.isFalse(complete)
      assert.deepStrictEqual(
        problems.map(({ place, message }) => [place, /\d+ pieces/.exec(message)?.[0]]),
        [[`c.dump.${first}`, `${all.length} pieces`]]
      )
    }
  })

  it("is none where each is a dump of its own, or another is missing or empty", () => {
    const days = ["shop.sql-2026-11-01", "shop.sql-2026-11-02"].map((path) => whole(path, sql))
    const numbers = ["shop.sql.00", "shop.sql.01"].map((path) => whole(path, sql))
    assert.deepStrictEqual(read([...days, ...numbers])[2], [])
    assert.strictEqual(read([...days, ...numbers])[0].length, 5)
    const cut = sql.slice(0, -100)
    assert.deepStrictEqual(statuses([whole("shop.sql-2026-11-01", cut), whole("shop.sql-2026-11-02", "")]), {
      "shop.sql-2026-11-01": "FAILED",
      "shop.sql-2026-11-02": "FAILED"
    })
    assert.deepStrictEqual(statuses([whole("c.dump.00", archive.slice(0, 500)), whole("c.dump.01", archive)]), {
      "c.dump.00": "FAILED",
      "c.dump.01": "COMPLETED"
    })
    assert.deepStrictEqual(statuses(split("all.sql", cut, [".aa"])), { "all.sql.aa": "FAILED" })
  })

  it("is none where the first begins as no dump, or the others are compressed on their own as well", () => {
    const wide = Uint8Array.from(
      [..."\ufeff", ...sql].flatMap((sign) => [sign.charCodeAt(0) & 255, sign.charCodeAt(0) >> 8])
    )
    const zstd = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 1, 2)
    const noDump = "its first lines are not those of a dump"
    for (const [name, one, other, said] of [
      ["shop.sql", "CREATE TABLE a (b int);\n", "CREATE TABLE c (d int);\n", noDump],
      ["init.sql", "-- migration\n", "-- another\n", noDump],
      ["shop.sql", wide, wide, "is text in UTF-16"],
      ["shop.sql.zst", zstd, zstd, "compressed by another program than gzip"]
    ] as const) {
      for (const endings of [
        ["00", "01"],
        ["000", "001"]
      ]) {
        const [, complete, problems] = read([
          whole(`${name}.${endings[0]}`, one),
          whole(`${name}.${endings[1]}`, other)
        ])
        assert.deepStrictEqual(
          problems.map(({ place }) => place),
          endings.map((ending) => `${name}.${ending}`)
        )
        for (const { message } of problems) assert.include(message, said)
        assert.strictEqual(complete, name !== "shop.sql.zst")
      }
    }
    assert.deepStrictEqual(statuses([whole("c.dump.00", "no archive"), whole("c.dump.01", "no archive")]), {
      "c.dump.00": "FAILED",
      "c.dump.01": "FAILED"
    })
  })
})
