import { gzipSync } from "node:zlib"
import { assert, describe, it } from "vitest"
import { dumps } from "../../src/dumps/dumps.ts"
import { file } from "../support/folders.ts"
import { flat, refusalOf } from "../support/samples.ts"
import { bytes, importOf, only, statuses, text, whole, written } from "./support.ts"

describe("mydumper", () => {
  const listing = text("mydumper/mydumper-blog/file-listing.tsv")
    .split("\n")
    .filter((line) => line !== "")
  const files = listing.map((line) => {
    const [size, name = ""] = line.split("\t")
    const content = name === "metadata" ? bytes("mydumper/mydumper-blog/metadata") : ""
    return file(`mydumper-blog/${name}`, content, { size: Number(size) })
  })

  it("is one backup of a folder, with the times of its metadata", () => {
    const read = only(files)
    assert.strictEqual(read.nativeId, "mydumper-blog")
    assert.strictEqual(read.created, "2026-11-23T18:04:28.000000Z")
    assert.strictEqual(read.updated, "2026-11-23T18:04:28.000000Z")
    // awk '{s += $1} END {print s}' file-listing.tsv
    assert.strictEqual(read.bytes, 557_414n)
    assert.strictEqual(read.description, "mydumper of the database blog")
    assert.deepStrictEqual(read.datastore, ["MariaDB", null])
    assert.include(refusalOf(dumps, files), "mydumper prints times without a time zone")
  })

  it("is not finished with metadata.partial only, empty or not", () => {
    const others = files.filter(({ path }) => !path.endsWith("/metadata"))
    for (const content of ["", "Started dump at: 2026-11-23 18:04:28\n"]) {
      const partial = [...others, file("mydumper-blog/metadata.partial", content)]
      assert.deepStrictEqual(statuses(partial), { "mydumper-blog": "FAILED" })
      assert.deepStrictEqual(statuses(partial, { now: written + 60_000 }), { "mydumper-blog": "BUILDING" })
    }
  })

  it("is not finished while another run writes into its folder, or where that died", () => {
    const both = [...files, file("mydumper-blog/metadata.partial", "Started dump at: 2026-11-24 18:04:28\n")]
    const read = only(both)
    assert.deepStrictEqual([read.status, read.created], ["FAILED", "2026-11-24T18:04:28.000000Z"])
    assert.include(
      read.description,
      "not finished: beside its metadata file there is the metadata.partial of another run"
    )
    assert.deepStrictEqual(statuses(both, { now: written + 60_000 }), { "mydumper-blog": "BUILDING" })
  })

  it("is not finished where its metadata does not say so", () => {
    const cut = files.map((part) =>
      part.path.endsWith("/metadata") ? file(part.path, "Started dump at: 2026-11-23 18:04:28\nSHOW MASTER") : part
    )
    assert.strictEqual(only(cut).status, "FAILED")
  })

  it("is FAILED with a file that was cut off, and of the same instance", () => {
    const metadata = whole(
      "db/d/metadata",
      "Started dump at: 2026-11-23 18:04:28\nFinished dump at: 2026-11-23 18:04:29\n"
    )
    const cut = gzipSync("INSERT INTO `goods` VALUES (1);").slice(0, -9)
    const read = only([metadata, whole("db/d/blog.goods-schema.sql", ";"), whole("db/d/blog.goods.sql.gz", cut)])
    assert.deepStrictEqual([read.status, read.instance, read.complete], ["FAILED", "db", true])
    assert.include(read.description, "not whole: its blog.goods.sql.gz could not be read to its end: ")
  })

  it("leaves other dumps in its folder alone, by what they are named or begin with", () => {
    const metadata = whole(
      "db/d/metadata",
      "Started dump at: 2026-11-23 18:04:28\nFinished dump at: 2026-11-23 18:04:29\n"
    )
    const own = [
      ...[
        "all-schema-create-tablespace.sql",
        "blog-schema-create.sql",
        "blog-schema-post.sql",
        "blog-schema-triggers.sql"
      ],
      ...["blog.t-schema.sql", "blog.t-schema-triggers.sql", "blog.v-schema.sql", "blog.v-schema-view.sql"],
      ...["blog.s-schema-sequence.sql", "blog.t.sql", "blog.t.00000.sql", "blog.t.00000.00001.sql", "blog.t.00000.dat"],
      ...["blog.t.00001.sql.zst", "blog.t.00002.sql.xz", "blog.t-metadata", "blog.t-checksum", "metadata.partial.0"],
      ...["blog.t-schema-checksum", "blog-schema-create-checksum"]
    ].map((name) => whole(`db/d/${name}`, ";"))
    const sql = bytes("kolkata/create.sql")
    const others = [
      whole("db/d/crm-20261123.sql.gz", gzipSync(sql)),
      whole("db/d/crm.20261123.sql.gz", gzipSync(sql)),
      whole("db/d/crm.dump", bytes("kolkata/z0.dump")),
      whole("db/d/crm-schema.sql", sql),
      whole("db/d/cut.20261123.sql", sql.slice(0, 900)),
      whole("db/d/globals.sql", bytes("pg_dump/globals.sql")),
      whole("db/d/example.com.sql", text("mysqldump/wiki.sql.head.txt") + text("mysqldump/wiki.sql.tail.txt")),
      whole("db/d/sub/base.dump", bytes("kolkata/z0.dump"))
    ]
    const { records, problems } = importOf([metadata, ...own, ...others])
    assert.deepStrictEqual(
      records.map(({ nativeId, backup }) => [nativeId, backup.status]),
      [
        ["db/d", "COMPLETED"],
        ["db/d/crm-20261123.sql.gz", "COMPLETED"],
        ["db/d/crm-schema.sql", "COMPLETED"],
        ["db/d/crm.20261123.sql.gz", "COMPLETED"],
        ["db/d/crm.dump", "COMPLETED"],
        ["db/d/cut.20261123.sql", "FAILED"],
        ["db/d/example.com.sql", "COMPLETED"],
        ["db/d/globals.sql", "COMPLETED"],
        ["db/d/sub/base.dump", "COMPLETED"]
      ]
    )
    assert.deepStrictEqual(problems, [])
    assert.strictEqual(records[0] && flat(records[0].backup).bytes, BigInt(metadata.size + own.length))
    const packed = importOf([metadata, ...own, whole("db/d/crm.sql.zst", "zstd")])
    assert.deepStrictEqual([packed.problems.map(({ place }) => place), packed.complete], [["db/d/crm.sql.zst"], false])
  })

  it("of dumpling has the policies of TiDB, which are no data of a table", () => {
    const files = [
      whole("db/d/metadata", "Started dump at: 2026-11-23 18:04:28\nFinished dump at: 2026-11-23 18:04:29\n"),
      ...["blog-schema-create.sql", "blog.t-schema.sql", "p1-placement-policy-create.sql"].map((name) =>
        whole(`db/d/${name}`, ";")
      )
    ]
    const data = whole("db/d/blog.t.0000000010000.sql", ";")
    const read = only([...files, data])
    assert.deepStrictEqual([read.status, read.problems, read.instance], ["COMPLETED", [], "db"])
    assert.include(only(files).description, "the schema alone")
  })

  it("ends after it began, also in the hour that the clocks repeat", () => {
    const times = (started: string, ended: string) => {
      const metadata = `Started dump at: 2026-10-25 ${started}\nFinished dump at: 2026-10-25 ${ended}\n`
      const { created, updated } = only([whole("blog/metadata", metadata)], { timeZone: "Europe/Berlin" })
      return [created, updated].map((time) => time.slice(11, 19))
    }
    assert.deepStrictEqual(times("02:10:00", "02:30:00"), ["00:10:00", "00:30:00"])
    assert.deepStrictEqual(times("02:30:00", "02:10:00"), ["00:30:00", "01:10:00"])
    assert.deepStrictEqual(times("02:30:00", "03:10:00"), ["00:30:00", "02:10:00"])
    // The clock of the host was put right meanwhile.
    assert.deepStrictEqual(times("12:00:10", "12:00:05"), ["11:00:10", "11:00:10"])
  })

  it("is read at once, whatever its metadata is", () => {
    const metadata = `Started dump at: 2026-11-23 18:04:28\n${"\n".repeat(2_000_000)}\tGTID: 0-1-5\r\nFinished dump at: 2026-11-23 18:05:00\n`
    assert.deepStrictEqual(only([file("m/metadata", metadata)]).datastore, ["MariaDB", null])
  })

  it("of newer versions has comments for the times, and tells MySQL by its transaction ids", () => {
    const metadata = `# Started dump at: 2026-11-23 18:04:28
[config]
quote_character = BACKTICK

[source]
executed_gtid_set = "866a7051-3311-11eb-8485-0aa2f299396b:1-1213"

# Finished dump at: 2026-11-23 18:06:28
`
    const read = only(files.map((part) => (part.path.endsWith("/metadata") ? file(part.path, metadata) : part)))
    assert.strictEqual(read.updated, "2026-11-23T18:06:28.000000Z")
    assert.deepStrictEqual(read.datastore, ["MySQL", null])
  })
})

describe("a folder of mydumper of a later version", () => {
  const read = (metadata: Readonly<Record<string, string>>) =>
    only(
      Object.entries({ ...metadata, "blog.post-schema.sql": ";", "blog.post.00000.sql": ";" }).map(([name, content]) =>
        whole(`shop/d/${name}`, content)
      )
    )

  const times = ({ status, created, updated }: ReturnType<typeof read>) => [status, created, updated]

  it("has its start in a file of its own where it was a stream", () => {
    // As `mydumper --stream` sends them, and myloader makes them into files.
    const metadata = "\n[`blog`.`post`]\nreal_table_name=post\nrows = 1\n# Finished dump at: 2026-11-23 18:04:29\n"
    const stream = { metadata, "metadata.partial.0": "\n[`blog`.`post`]\nreal_table_name=post\nrows = 0\n" }
    const header = {
      "metadata.header": "# Started dump at: 2026-11-23 18:04:20\n[config]\nquote-character = BACKTICK\n"
    }
    assert.deepStrictEqual(times(read({ ...stream, ...header })), [
      "COMPLETED",
      "2026-11-23T18:04:20.000000Z",
      "2026-11-23T18:04:29.000000Z"
    ])
    assert.deepStrictEqual(times(read(stream)), [
      "COMPLETED",
      "2026-11-23T18:04:29.000000Z",
      "2026-11-23T18:04:29.000000Z"
    ])
    assert.strictEqual(read(header).status, "FAILED")
  })

  it("ends when the last run that was merged into it did", () => {
    const run = (minute: string) =>
      `# Started dump at: 2026-11-23 18:${minute}:00\n[config]\n# Finished dump at: 2026-11-23 18:${minute}:30\n`
    assert.deepStrictEqual(times(read({ metadata: run("04") + run("15") })), [
      "COMPLETED",
      "2026-11-23T18:04:00.000000Z",
      "2026-11-23T18:15:30.000000Z"
    ])
  })
})
