import { assert, describe, it } from "vitest"
import { only, whole, written } from "./support.ts"

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
  // As mydumper writes it with --load-data.
  const loading = (name: string, table: string) =>
    `/*!40101 SET NAMES binary*/;\nLOAD DATA LOCAL INFILE '${name}' REPLACE INTO TABLE \`${table}\` CHARACTER SET binary (\`n\`);\n`
  const tables = listing(["`blog`.`post`", 3], ["`blog`.`tag`", 0], ["`blog`.`mydumper_0`", 2])
  const files = {
    metadata: tables,
    "blog-schema-create.sql.zst": "zstd",
    "blog.post-schema.sql": "CREATE TABLE `post` (`n` int);\n",
    "blog.post.00000.sql": "INSERT INTO `post` VALUES (1),(2),(3);\n",
    "blog.tag-schema.sql": "CREATE TABLE `tag` (`n` int);\n",
    "blog.mydumper_0-schema.sql": "CREATE TABLE `été` (`n` int);\n",
    "blog.mydumper_0.00000.dat.zst": "zstd",
    "blog.mydumper_0.00000.sql": loading("blog.mydumper_0.00000.dat", "été")
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

  it("lacks the data of a table that is in a file besides its SQL", () => {
    const sql = loading("blog.post.00000.dat", "post")
    const named = "blog.post.00000.dat"
    const old = "Started dump at: 2026-11-23 18:04:28\nFinished dump at: 2026-11-23 18:04:29\n"
    for (const there of [named, `${named}.gz`, `${named}.zst`]) {
      assert.strictEqual(read({ "blog.post.00000.sql": sql, [there]: "3 rows" }).status, "COMPLETED", there)
    }
    const unpacked = { "blog.post.00000.sql": loading(`${named}.zst`, "post"), [named]: "3 rows" }
    assert.strictEqual(read(unpacked).status, "COMPLETED")
    for (const lost of [{}, { [named]: "" }]) {
      const reason = "FAILED: the data of blog.post is missing"
      assert.strictEqual(failure({ "blog.post.00000.sql": sql, ...lost }), reason)
    }
    const second = { "blog.post.00001.sql": loading("blog.post.00001.dat", "post") }
    assert.strictEqual(failure(second), "FAILED: the data in blog.post.00001.dat is missing")
    assert.strictEqual(failure({ metadata: old, ...second }), "FAILED: the data in blog.post.00001.dat is missing")
    // With --build-empty-files.
    const empty = { "blog.tag.00000.sql": loading("blog.tag.00000.dat", "tag"), "blog.tag.00000.dat": "" }
    assert.strictEqual(read(empty).status, "COMPLETED")
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
