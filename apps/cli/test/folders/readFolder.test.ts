import { spawnSync } from "node:child_process"
import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import type { Digest, SourceFile, Wanted } from "@backup-catalog/sources"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck as fc } from "effect"
import { readFileEnds } from "../../src/folders/fileEnds.ts"
import { type FolderLimits, readFolder } from "../../src/folders/readFolder.ts"
import { asNobody, temporaryFolder } from "../support/temporaryFolder.ts"

const all: Wanted = { head: 1_000, tail: 1_000 }

const read = (folder: string, wanted: Wanted = all, limits?: FolderLimits) =>
  Effect.runPromise(readFolder(folder, () => wanted, limits))

const refusal = async (folder: string, limits?: FolderLimits): Promise<string> =>
  (await Effect.runPromise(Effect.flip(readFolder(folder, () => all, limits)))).message

const pathsOf = ({ files }: { readonly files: ReadonlyArray<SourceFile> }) => files.map(({ path }) => path)

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1")

describe("a folder of backups", () => {
  it("is its files, in the order of their names, each folder before those below it", async () => {
    const folder = temporaryFolder({
      "b/z": "1",
      "b/a/x": "22",
      a: "",
      "B.sql": "4444",
      é: "5",
      ".hidden": "6",
      "b.sql": "7"
    })
    mkdirSync(join(folder, "empty"))
    const { files, problems } = await read(folder)
    assert.deepStrictEqual(
      files.map(({ path, size, head, tail }) => [path, size, text(head), text(tail)]),
      [
        [".hidden", 1, "6", "6"],
        ["B.sql", 4, "4444", "4444"],
        ["a", 0, "", ""],
        ["b.sql", 1, "7", "7"],
        ["é", 1, "5", "5"],
        ["b/z", 1, "1", "1"],
        ["b/a/x", 2, "22", "22"]
      ]
    )
    assert.deepStrictEqual(problems, [])
  })

  it("has the times of its files, of which some are none that a record can hold", async () => {
    const folder = temporaryFolder({ a: "", b: "", c: "" })
    const times = ["1795456234.5", "-10000000", "400000000000"]
    for (const [n, time] of times.entries()) {
      assert.strictEqual(spawnSync("touch", ["-d", `@${time}`, join(folder, "abc".charAt(n))]).status, 0)
    }
    const [a, b, c] = (await read(folder)).files.map(({ modified }) => modified)
    assert.deepStrictEqual([a, b], [1_795_456_234_500, -10_000_000_000])
    // Some file systems have no such time, and keep another.
    assert.isAtMost(c ?? 0, Date.UTC(9999, 11, 31, 23, 59, 59, 999))
  })

  it("has files whose names are not UTF-8", async () => {
    const folder = temporaryFolder()
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x61, 0xff, 0xfe])]), "latin")
    const { files } = await read(folder)
    assert.deepStrictEqual(
      files.map(({ path, head, problem }) => [path, text(head), problem]),
      [["a\\xFF\\xFE", "latin", undefined]]
    )
  })

  it("has all files whose names are not UTF-8, also behind links, each by its own path", async () => {
    const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()]
    const named = (parent: string, byte: number) => Buffer.concat([Buffer.from(`${parent}/d`), Buffer.from([byte])])
    for (const [n, byte] of [0xe8, 0xe9].entries()) {
      writeFileSync(named(folder, byte), `inside ${n}`)
      writeFileSync(named(elsewhere, byte), `outside ${n}`)
      symlinkSync(named(elsewhere, byte), join(folder, `link-${n}`))
    }
    const { files } = await read(folder)
    assert.deepStrictEqual(
      files.map(({ path, head }) => [path, text(head)]),
      [
        ["d\\xE8", "inside 0"],
        ["d\\xE9", "inside 1"],
        ["link-0", "outside 0"],
        ["link-1", "outside 1"]
      ]
    )
  })

  it("is looked at only as far as it is wanted, and by the path of each file", async () => {
    const folder = temporaryFolder({ "a/x.sql": "0123456789", "a/y.ibd": "0123456789" })
    const seen: Array<readonly [string, number]> = []
    const wants = (path: string, size: number): Wanted => {
      seen.push([path, size])
      return path.endsWith(".sql") ? { head: 3, tail: 2 } : { head: 0, tail: 0 }
    }
    const { files } = await Effect.runPromise(readFolder(folder, wants))
    assert.deepStrictEqual(
      files.map(({ path, size, head, tail }) => [path, size, text(head), text(tail)]),
      [
        ["a/x.sql", 10, "012", "89"],
        ["a/y.ibd", 10, "", ""]
      ]
    )
    assert.sameDeepMembers(seen, [
      ["a/x.sql", 10],
      ["a/y.ibd", 10]
    ])
  })

  it("has neither sockets nor pipes in it, nor waits for them", async () => {
    const folder = temporaryFolder({ a: "1" })
    assert.strictEqual(spawnSync("mkfifo", [join(folder, "pipe")]).status, 0)
    symlinkSync("/dev/null", join(folder, "null"))
    const server = createServer()
    await new Promise<void>((listening) => server.listen(join(folder, "socket"), listening))
    assert.deepStrictEqual(pathsOf(await read(folder)), ["a"])
    server.close()
  })

  it("has no lost+found of a file system, in which there may be anything", async () => {
    const folder = temporaryFolder({ "lost+found/#12": "1", "a/lost+found/x": "2" })
    assert.deepStrictEqual(pathsOf(await read(folder)), ["a/lost+found/x"])
  })

  it("has each file once, whatever links there are", async () => {
    const elsewhere = temporaryFolder({ "full/data": "1", "other.sql": "2", "more/x": "3" })
    const folder = temporaryFolder({ "real/a.sql": "4" })
    symlinkSync(join(folder, "real"), join(folder, "again"))
    symlinkSync("real/a.sql", join(folder, "latest.sql"))
    symlinkSync(folder, join(folder, "real", "loop"))
    symlinkSync("..", join(folder, "real", "up"))
    symlinkSync("/", join(folder, "system"))
    symlinkSync(join(elsewhere, "full"), join(folder, "full"))
    symlinkSync(join(elsewhere, "full"), join(folder, "full2"))
    symlinkSync(join(elsewhere, "other.sql"), join(folder, "one.sql"))
    symlinkSync(join(elsewhere, "other.sql"), join(folder, "two.sql"))
    symlinkSync(elsewhere, join(elsewhere, "more", "loop"))
    symlinkSync(join(elsewhere, "more"), join(folder, "more"))
    assert.deepStrictEqual(pathsOf(await read(folder)), ["real/a.sql", "full/data", "more/x", "one.sql"])
  })

  it("has no file again by a link in a folder that a link led to", async () => {
    const nas = temporaryFolder({ "m-1/toc.dat": "1", "shop.sql": "2" })
    symlinkSync("m-1", join(nas, "current"))
    symlinkSync("shop.sql", join(nas, "aa.sql"))
    const folder = temporaryFolder()
    symlinkSync(nas, join(folder, "nas"))
    assert.deepStrictEqual(pathsOf(await read(folder)), ["nas/shop.sql", "nas/m-1/toc.dat"])
  })

  it("has a file by the outermost folder that links lead to, and is not led to from elsewhere as well", async () => {
    const nas = temporaryFolder({ "m-1/toc.dat": "1", "m-1/part/2.dat": "2", "shop.sql": "3", "wiki.sql": "4" })
    const between = temporaryFolder()
    symlinkSync(nas, join(between, "nas"))
    const folder = temporaryFolder()
    symlinkSync(join(nas, "m-1"), join(folder, "current"))
    symlinkSync(join(nas, "m-1", "part"), join(folder, "a"))
    symlinkSync(join(nas, "shop.sql"), join(folder, "z.sql"))
    symlinkSync(between, join(folder, "between"))
    assert.deepStrictEqual(pathsOf(await read(folder)), [
      "current/toc.dat",
      "current/part/2.dat",
      "z.sql",
      "between/nas/wiki.sql"
    ])
    symlinkSync(nas, join(folder, "nas"))
    assert.deepStrictEqual(pathsOf(await read(folder)), [
      "nas/shop.sql",
      "nas/wiki.sql",
      "nas/m-1/toc.dat",
      "nas/m-1/part/2.dat"
    ])
  })

  it("has every name of a file that has several", async () => {
    const folder = temporaryFolder({ "monday/a": "1" })
    mkdirSync(join(folder, "tuesday"))
    linkSync(join(folder, "monday/a"), join(folder, "tuesday/a"))
    assert.deepStrictEqual(pathsOf(await read(folder)), ["monday/a", "tuesday/a"])
  })

  it("has by a link what lies in a folder that another link led to and that cannot be looked into", async () => {
    const folder = temporaryFolder({})
    const shared = temporaryFolder({ "mine/a.sql": "", "theirs/b.sql": "", "open/shut/mine/c.sql": "" })
    for (const shut of [shared, join(shared, "open/shut")]) chmodSync(shut, 0o711)
    for (const [name, target] of [
      ["all", ""],
      ["again", ""],
      ["mine", "mine"],
      ["open", "open"],
      ["part", "open/shut/mine"]
    ] as const) {
      symlinkSync(join(shared, target), join(folder, name))
    }
    const { files, problems } = await asNobody(() => read(folder))
    assert.deepStrictEqual(
      files.map(({ path }) => path),
      ["mine/a.sql", "part/c.sql"]
    )
    assert.deepStrictEqual(
      problems.map(({ place }) => place),
      ["again", "open/shut"]
    )
  })

  it("reports a link that cannot be followed", async () => {
    const folder = temporaryFolder({ "c.sql": "1", "shut/d": "2" })
    symlinkSync("unmounted", join(folder, "a"))
    symlinkSync("b", join(folder, "b"))
    chmodSync(join(folder, "shut"), 0)
    symlinkSync("shut/d", join(folder, "d"))
    const found = await asNobody(() => read(folder))
    assert.deepStrictEqual(pathsOf(found), ["c.sql"])
    const why = (reason: string) => `is a link that cannot be followed (${reason})`
    assert.deepStrictEqual(found.problems.slice(0, 3), [
      { place: "a", message: why("no such file or directory") },
      { place: "b", message: why("too many symbolic links encountered") },
      { place: "d", message: why("permission denied") }
    ])
  })

  it("reports files that may not be read, and folders that may not be looked into", async () => {
    const folder = temporaryFolder({ "a.sql": "1", "b.sql.gz": gzipSync("2"), "shut/c": "3", z: "4" })
    for (const name of ["a.sql", "b.sql.gz", "shut"]) chmodSync(join(folder, name), 0)
    const { files, problems } = await asNobody(() => read(folder))
    assert.deepStrictEqual(
      files.map(({ path, head, problem }) => [path, text(head), problem]),
      [
        ["a.sql", "", "permission denied"],
        ["b.sql.gz", "", "permission denied"],
        ["z", "4", undefined]
      ]
    )
    assert.deepStrictEqual(problems, [{ place: "shut", message: "cannot be looked into (permission denied)" }])
    const packed = await asNobody(() => read(folder, { ...all, gunzip: true }))
    assert.strictEqual(packed.files[1]?.problem, "permission denied")
  })

  it("is refused where it is none", async () => {
    const folder = temporaryFolder({ file: "1" })
    assert.strictEqual(await refusal(join(folder, "gone")), `The folder ${folder}/gone does not exist: is it mounted?`)
    assert.strictEqual(
      await refusal(join(folder, "file")),
      `The folder ${folder}/file cannot be looked into: not a directory.`
    )
    chmodSync(folder, 0)
    assert.strictEqual(
      await asNobody(() => refusal(folder)),
      `The folder ${folder} cannot be looked into: permission denied.`
    )
  })

  it("is refused where it has more than is read", async () => {
    const folder = temporaryFolder({ "a/1": "xx", "a/2": "xx", "b/3": "xx" })
    const few = { files: 2, bytes: 100 }
    assert.strictEqual(
      await refusal(folder, few),
      `The folder ${folder} has more than 2 files, which is the most that is read: give a folder below it.`
    )
    assert.strictEqual((await read(folder, all, { files: 3, bytes: 12 })).files.length, 3)
    assert.strictEqual(
      await refusal(folder, { files: 3, bytes: 11 }),
      `The folder ${folder} has more files of this kind than fit into memory (11 bytes): give a folder below it.`
    )
  })
})

describe("the ends of a file", () => {
  const folder = temporaryFolder()
  let files = 0
  const endsOf = async (bytes: Uint8Array, wanted: Wanted) => {
    const path = join(folder, String(files++))
    writeFileSync(path, bytes)
    return await readFileEnds(Buffer.from(path), wanted)
  }
  const some = (length: number): Uint8Array => Uint8Array.from({ length }, (_, n) => (n * 7 + (n >> 8)) % 251)
  const expected = (content: Uint8Array, { head, tail }: Wanted) => ({
    head: content.slice(0, head),
    tail: content.slice(Math.max(content.length - tail, 0))
  })

  it("are its first and last bytes, compressed or not", async () => {
    const length = fc.oneof(
      fc.nat(40),
      fc.integer({ min: 262_100, max: 262_200 }),
      fc.integer({ min: 500_000, max: 600_000 })
    )
    const end = fc.oneof(fc.nat(50), fc.constantFrom(4_096, 65_536, 262_144, 300_000, 1_000_000))
    await fc.assert(
      fc.asyncProperty(length, end, end, fc.integer({ min: 1, max: 3 }), async (size, head, tail, parts) => {
        const content = some(size)
        const wanted = { head, tail }
        assert.deepStrictEqual(await endsOf(content, wanted), expected(content, wanted))
        // As pigz and several runs of gzip behind each other write it.
        const cut = Math.ceil(size / parts) || 1
        const members = Array.from({ length: Math.ceil(size / cut) || 1 }, (_, n) =>
          gzipSync(content.slice(n * cut, (n + 1) * cut))
        )
        const { head: first, tail: last } = expected(content, wanted)
        const found = await endsOf(Buffer.concat(members), { ...wanted, gunzip: true })
        assert.deepStrictEqual(found, { head: first, tail: last })
      }),
      { numRuns: 60 }
    )
  })

  it("come with the digest of all of the content, compressed or not", async () => {
    /** Adler-32, as Python's zlib has it. */
    const adler = (): Digest => {
      let one = 1n
      let two = 0n
      return {
        take: (bytes) => {
          for (const byte of bytes) {
            one = (one + BigInt(byte)) % 65_521n
            two = (two + one) % 65_521n
          }
        },
        get value() {
          return two * 65_536n + one
        }
      }
    }
    // By Python: zlib.adler32(b"backup catalog " * 40_000), which is 600,000 bytes.
    const content = Buffer.from("backup catalog ".repeat(40_000))
    const wanted = { head: 6, tail: 8, digest: adler }
    const plain = await endsOf(content, wanted)
    const packed = await endsOf(gzipSync(content), { ...wanted, gunzip: true })
    for (const found of [plain, packed]) {
      assert.isDefined(found)
      assert.strictEqual(found.digest, 3_842_831_148n)
      assert.deepStrictEqual([text(found.head), text(found.tail)], ["backup", "catalog "])
    }
    assert.strictEqual((await endsOf(new Uint8Array(), wanted))?.digest, 1n)
  })

  it("are what is there, with a problem, where gzip ends early or is damaged", async () => {
    const content = some(100_000)
    const packed = gzipSync(content, { level: 0 })
    const wanted = { head: 1_000, tail: 10, gunzip: true }
    const cut = await endsOf(packed.subarray(0, 60_000), wanted)
    assert.strictEqual(cut?.problem, "unexpected end of file")
    assert.deepStrictEqual(cut?.head, content.slice(0, 1_000))
    assert.strictEqual((await endsOf(packed.subarray(0, -1), wanted))?.problem, "unexpected end of file")
    assert.strictEqual((await endsOf(new Uint8Array(), wanted))?.problem, "unexpected end of file")
    assert.strictEqual((await endsOf(Buffer.from("-- PostgreSQL"), wanted))?.problem, "incorrect header check")
    const wrong = Buffer.from(packed)
    wrong.writeUInt8(wrong.readUInt8(50_000) ^ 1, 50_000)
    assert.strictEqual((await endsOf(wrong, wanted))?.problem, "incorrect data check")
  })

  it("are not looked for beyond the beginning where only that is wanted", async () => {
    const damaged = Buffer.concat([gzipSync(some(1_000_000), { level: 0 }).subarray(0, 900_000), Buffer.alloc(100)])
    const { head, tail, problem } = (await endsOf(damaged, { head: 500, tail: 0, gunzip: true })) ?? {}
    assert.deepStrictEqual([head, tail?.length, problem], [some(500), 0, undefined])
  })

  it("take little memory, however much is compressed", async () => {
    const member = gzipSync(Buffer.alloc(16 * 2 ** 20))
    const before = process.resourceUsage().maxRSS
    const found = await endsOf(Buffer.concat(Array.from({ length: 40 }, () => member)), {
      head: 4_096,
      tail: 4_096,
      gunzip: true
    })
    assert.deepStrictEqual(found, { head: new Uint8Array(4_096), tail: new Uint8Array(4_096) })
    assert.isBelow(process.resourceUsage().maxRSS - before, 200 * 1_024)
  })

  it("of a file that is gone are none, and nothing is said of it", async () => {
    assert.isUndefined(await readFileEnds(Buffer.from(join(folder, "gone")), all))
    assert.isUndefined(await readFileEnds(Buffer.from(join(folder, "gone")), { ...all, gunzip: true }))
  })
})
