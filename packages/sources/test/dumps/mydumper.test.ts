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

describe("a folder of mydumper that was copied in part", () => {
  // As mydumper 0.16 writes it; 0.12 and 0.13 put `_` between the names.
  const listing = (...tables: ReadonlyArray<readonly [heading: string, rows: number]>) =>
    [
      "# Started dump at: 2026-11-23 18:04:28",
      "[config]",
      "quote-character = BACKTICK",
      "",
      "[source]",
      '# executed_gtid_set = "0-53306-12"',
      ...tables.flatMap(([heading, rows]) => [
        "",
        `[${heading}]`,
        "real_table_name=whatever",
        `rows = ${rows}`,
        "schema_checksum = 0"
      ]),
      "# Finished dump at: 2026-11-23 18:04:29",
      ""
    ].join("\n")
  const tables = listing(["`blog`.`post`", 3], ["`blog`.`tag`", 0], ["`blog`.`mydumper_0`", 2])
  const files = {
    metadata: tables,
    "blog-schema-create.sql.zst": "zstd",
    "blog.post-schema.sql": "CREATE TABLE `post` (`n` int);\n",
    "blog.post.00000.sql": "INSERT INTO `post` VALUES (1),(2),(3);\n",
    "blog.tag-schema.sql": "CREATE TABLE `tag` (`n` int);\n",
    "blog.mydumper_0-schema.sql": "CREATE TABLE `été` (`n` int);\n",
    "blog.mydumper_0.00000.dat.zst": "zstd",
    "blog.mydumper_0.00000.sql": "LOAD DATA LOCAL INFILE '…' (`n`);\n"
  }
  const read = (changed: Readonly<Record<string, string | undefined>> = {}, now = written + 3_600_000) =>
    only(
      Object.entries({ ...files, ...changed }).flatMap(([name, content]) =>
        content === undefined ? [] : [whole(`shop/d/${name}`, content)]
      ),
      { now }
    )
  const failure = (changed: Readonly<Record<string, string | undefined>>): string => {
    const { status, description } = read(changed)
    return `${status}: ${/not whole: (.*?), last written/.exec(description)?.[1]}`
  }

  it("is whole with all files, also where a table has no rows, and files have endings of other programs", () => {
    assert.strictEqual(read().status, "COMPLETED")
    for (const ending of ["xz", "gz.gpg", "zst.age"]) {
      const packed = { "blog.post.00000.sql": undefined, [`blog.post.00000.sql.${ending}`]: "packed" }
      assert.strictEqual(read(packed).status, "COMPLETED", ending)
    }
    assert.strictEqual(read({ "blog.tag.00000.sql": "" }).status, "COMPLETED")
    assert.strictEqual(read({ "README.sql": "no statement" }).status, "COMPLETED")
  })

  it("lacks the data of a table with rows", () => {
    assert.strictEqual(failure({ "blog.post.00000.sql": undefined }), "FAILED: the data of blog.post is missing")
    assert.strictEqual(failure({ "blog.post.00000.sql": "" }), "FAILED: the data of blog.post is missing")
    const others = { "blog.mydumper_0.00000.dat.zst": undefined, "blog.mydumper_0.00000.sql": undefined }
    assert.strictEqual(
      failure({ "blog.post.00000.sql": undefined, ...others }),
      "FAILED: the data of blog.post and of 1 more is missing"
    )
    for (const heading of ["`wiki`_`post`", '"wiki"."post"', "`wiki`.`post`"])
      assert.strictEqual(
        failure({ metadata: listing([heading, 1], ["`blog`.`mydumper_0`", 2]) }),
        "FAILED: the data of wiki.post is missing",
        heading
      )
  })

  describe("whose metadata has names that its files have not", () => {
    // As mydumper 0.18 writes it: a file has a number for a name with a dot, a slash, another letter than those of ASCII.
    const names = ["`shop`.`orders.2024`", "`shop`.`a/b`", "`shop`.`größe`", "`shop`.`mydumper_7`", "`blog.été`.`post`"]
    const own = {
      "shop-schema-create.sql": "CREATE DATABASE `shop`;\n",
      "mydumper_4-schema-create.sql": "CREATE DATABASE `blog.été`;\n",
      "shop.user-schema.sql": "CREATE TABLE `user` (`n` int);\n",
      "shop.user.00000.sql.xz": "xz",
      ...Object.fromEntries(
        ["shop.mydumper_0", "shop.mydumper_1", "shop.mydumper_2", "shop.mydumper_3", "mydumper_4.post"].flatMap(
          (name) => [
            [`${name}-schema.sql`, "CREATE TABLE `t` (`n` int);\n"],
            [`${name}-metadata`, "1"],
            [`${name}.00000.sql`, "INSERT INTO `t` VALUES (1);\n"],
            [`${name}.00001.sql.gz.gpg`, "gpg"]
          ]
        )
      )
    }
    const metadata = listing(
      ...names.map((name) => [name, 9] as const),
      ["`shop`.`user`", 3],
      ["`shop`.`none.2023`", 0]
    )
    const lackOf = (changed: Readonly<Record<string, string | undefined>>, other = metadata): string => {
      const present = Object.entries({ ...own, ...changed, metadata: other }).flatMap(([name, content]) =>
        content === undefined ? [] : [whole(`shop/d/${name}`, content)]
      )
      const { status, description } = only(present)
      return `${status}: ${/not whole: (.*?), last written/.exec(description)?.[1]}`
    }
    const without = (name: string) => ({ [`${name}.00000.sql`]: undefined, [`${name}.00001.sql.gz.gpg`]: undefined })

    it("is whole with as many files with numbers as it has such tables", () => {
      assert.strictEqual(lackOf({}), "COMPLETED: undefined")
      // Where files are to have no names, all of them have numbers.
      const hidden = listing(["`shop`.`orders`", 1])
      const files = { "mydumper_0.mydumper_1-schema.sql": ";", "mydumper_0.mydumper_1.00000.sql": ";" }
      const read = (changed: Readonly<Record<string, string>>) =>
        only(
          Object.entries({ metadata: hidden, ...changed }).map(([name, content]) => whole(`shop/d/${name}`, content))
        )
      assert.strictEqual(read(files).status, "COMPLETED")
      assert.strictEqual(read({ "mydumper_0.mydumper_1-schema.sql": ";" }).status, "FAILED")
    })

    it("lacks data with fewer of them", () => {
      const some = "(shop.orders.2024, shop.a/b, shop.größe …)"
      assert.strictEqual(lackOf(without("shop.mydumper_2")), `FAILED: the data of 1 of 5 tables ${some} is missing`)
      assert.strictEqual(lackOf(without("mydumper_4.post")), `FAILED: the data of 1 of 5 tables ${some} is missing`)
      assert.strictEqual(
        lackOf({ ...without("shop.mydumper_0"), "shop.user.00000.sql.xz": undefined }),
        "FAILED: the data of shop.user and of 1 more is missing"
      )
      // A number is no name of a table that can be one itself, also where there are as many.
      const empty = listing(["`shop`.`user`", 5], ["`shop`.`a.b`", 0])
      assert.strictEqual(
        lackOf({ "shop.user.00000.sql.xz": undefined }, empty),
        "FAILED: the data of shop.user is missing"
      )
      const alone = listing(["`shop`.`orders.2024`", 9], ["`shop`.`user`", 3])
      const gone = Object.fromEntries(
        Object.keys(own).flatMap((name) => (/mydumper_/.test(name) ? [[name, undefined]] : []))
      )
      assert.strictEqual(lackOf(gone, alone), "FAILED: the data of shop.orders.2024 is missing")
    })
  })

  it("lacks the structure of a table whose data is there, of any version", () => {
    const old = "Started dump at: 2026-11-23 18:04:28\nFinished dump at: 2026-11-23 18:04:29\n"
    for (const metadata of [tables, old]) {
      assert.strictEqual(
        failure({ metadata, "blog.post-schema.sql": undefined }),
        "FAILED: the structure of blog.post is missing"
      )
    }
    // A table whose name ends in a number, as older versions call its files.
    const numbered = { metadata: old, "blog.log.2020-schema.sql": ";", "blog.log.2020.00001.sql": ";" }
    assert.strictEqual(read(numbered).status, "COMPLETED")
  })

  it("has a file that was cut off, or nothing but its metadata", () => {
    assert.strictEqual(
      failure({ "blog.post.00000.sql": "INSERT INTO `post` VALUES (1),(" }),
      "FAILED: its blog.post.00000.sql is cut off"
    )
    assert.strictEqual(
      failure({ "blog.post.00000.sql": `INSERT INTO \`post\` VALUES (1),(${"\0".repeat(5_000)}` }),
      "FAILED: its blog.post.00000.sql is cut off"
    )
    assert.strictEqual(failure({ "blog.tag-schema.sql": "" }), "FAILED: its blog.tag-schema.sql is cut off")
    assert.include(
      only([whole("shop/d/metadata", tables)]).description,
      "not whole: it has nothing but its metadata file"
    )
  })

  it("has a file that is empty and was compressed, which none is", () => {
    for (const name of ["blog-schema-create.sql.zst", "blog.tag-schema.sql.zst", "blog.post.00001.sql.zst"]) {
      assert.strictEqual(failure({ [name]: "" }), `FAILED: its ${name} is cut off`)
    }
    assert.strictEqual(failure({ "blog.post.00001.dat.xz": "" }), "FAILED: its blog.post.00001.dat.xz is cut off")
  })

  it("has a file that is still being copied, and is being made while it is young", () => {
    for (const [copied, name] of [
      ["blog.post.00001.sql.part", "blog.post.00001.sql"],
      ["blog.post.00001.sql.gz.part", "blog.post.00001.sql.gz"],
      ["blog.post.00001.sql.zst.part", "blog.post.00001.sql.zst"],
      [".blog.post.00001.sql.Ab12Cd", "blog.post.00001.sql"],
      [".blog.tag-schema.sql.zst.Ab12Cd", "blog.tag-schema.sql.zst"]
    ] as const) {
      const { status, description } = read({ [copied]: "INSE" })
      assert.strictEqual(status, "FAILED", copied)
      assert.include(description, `not finished: its ${name} is there as ${copied} only`)
      assert.strictEqual(read({ [copied]: "INSE" }, written + 60_000).status, "BUILDING", copied)
    }
    const alone = { "blog.post.00000.sql": undefined, "blog.post.00000.sql.zst.part": "INSE" }
    assert.include(read(alone).description, "not finished: its blog.post.00000.sql.zst is there as")
    // What was left over of a copy that was broken off is nothing to the next one.
    const left = { ".blog.post.00000.sql.Ab12Cd": "INSE", "blog.post.00000.sql.part": "INSE" }
    assert.strictEqual(read(left).status, "COMPLETED")
    assert.strictEqual(failure({ ...left, "blog.post.00000.sql": "" }), "FAILED: the data of blog.post is missing")
  })

  it("has metadata of any length", () => {
    const many = Array.from({ length: 2_000 }, (_, n) => [`\`blog\`.\`t${n}\``, n === 1_000 ? 1 : 0] as const)
    const metadata = listing(["`blog`.`mydumper_0`", 2], ...many)
    assert.isAbove(metadata.length, 100_000)
    assert.strictEqual(failure({ metadata }), "FAILED: the data of blog.t1000 is missing")
  })

  it("takes no rows for those of another table, wherever the end of its metadata that is looked at begins", () => {
    const many = Array.from({ length: 100 }, (_, n) => `t${n}`)
    const data = Object.fromEntries(many.map((table) => [`blog.${table}.00000.sql.xz`, "xz"]))
    const tables = listing(...many.map((table) => [`\`blog\`.\`${table}\``, 1] as const), ["`blog`.`void`", 0])
    for (let length = 0; length < 80; length++) {
      const metadata = `${tables}#${"-".repeat(length)}\n`
      assert.strictEqual(
        only([
          whole("d/metadata", metadata),
          ...Object.entries(data).map(([name, content]) => whole(`d/${name}`, content))
        ]).status,
        "COMPLETED",
        String(length)
      )
    }
  })
})
