import { gzipSync } from "node:zlib"
import { assert, describe, it } from "vitest"
import { file } from "../support/folders.ts"
import { archive16, bytes, only, text, whole } from "./support.ts"

describe("a dump of a part", () => {
  const part = (path: string, content = bytes(`parts/${path}`)) => only([whole(`shop/${path}`, content)])
  const table = /-- Table structure[\s\S]*?@saved_cs_client \*\/;\n/
  const many = (name: string, count: number) => text(`parts/${name}`).replace(table, (one) => one.repeat(count))

  it("is whole and of no instance, so that it makes none fresh", () => {
    const parts = {
      "schema.dump": "the schema alone",
      "schema.tar": "the schema alone",
      "schema.sql": "the schema alone",
      "data.dump": "the data alone",
      "data.sql": "the data alone",
      "indexes.dump": "indexes and constraints alone",
      "mysql-schema.sql": "the schema alone",
      "mysql-data.sql": "the data alone",
      "mysql-rows.sql": "rows that a condition chose alone",
      "mysql-accounts.sql": "accounts alone"
    }
    for (const [path, says] of Object.entries(parts)) {
      const { status, instance, description } = part(path)
      assert.deepStrictEqual([status, instance], ["COMPLETED", null], path)
      assert.include(description, `; ${says}, so it is of no instance; `, path)
    }
    for (const path of ["whole.dump", "whole.sql", "mysql-whole.sql"]) assert.strictEqual(part(path).instance, "shop")
  })

  it("has only statistics where nothing else is in it, as of PostgreSQL 18", () => {
    const statistics = text("parts/data.sql").replace(
      /^-- Data for (Name: .*; Type:) [A-Z ]+;/gm,
      "-- Statistics for $1 STATISTICS DATA;"
    )
    const says = "; the statistics alone, so it is of no instance; "
    assert.include(part("a.sql", new TextEncoder().encode(statistics)).description, says)
    assert.include(
      part("a.dump", archive16("ENCODING", "STDSTRINGS", "SEARCHPATH", "STATISTICS DATA")).description,
      says
    )
    assert.strictEqual(part("a.dump", archive16("ENCODING", "VIEW", "STATISTICS DATA")).instance, "shop")
    assert.strictEqual(part("a.dump", archive16("TABLE", "TABLE DATA", "STATISTICS DATA")).instance, "shop")
    assert.strictEqual(part("a.dump", archive16("ENCODING", "STDSTRINGS")).instance, "shop")
  })

  it("of a cluster has no database", () => {
    assert.include(part("globals.sql", bytes("pg_dump/globals.sql")).description, "roles and tablespaces alone")
    assert.strictEqual(part("all.sql", bytes("kolkata/all.sql")).instance, "shop")
  })

  it("of a cluster has no roles where only the data of its databases was asked for", () => {
    const data = text("kolkata/all.sql").replace(/^(?:CREATE|ALTER) ROLE .*\n/gm, "")
    const { description, instance } = part("all.sql", new TextEncoder().encode(data))
    assert.include(description, "; the data alone, so it is of no instance; ")
    assert.isNull(instance)
    const started = "-- PostgreSQL database cluster dump\n--\n\n"
    const older = text("kolkata/all.sql").replace(started, `${started}\\connect postgres\n\n`)
    assert.include(older, "\n\\connect postgres\n\n")
    const withoutCreation = text("kolkata/all.sql").replace(/^CREATE ROLE .*\n/gm, "")
    for (const whole of [older, withoutCreation]) {
      assert.strictEqual(part("all.sql", new TextEncoder().encode(whole)).instance, "shop")
    }
  })

  it("is told of a table of contents that goes on behind what is looked at, by the end of the file", () => {
    const of = (content: Uint8Array) =>
      only([
        file("shop/a.dump", "", { size: content.length, head: content.slice(0, -150), tail: content.slice(-4_096) })
      ])
    assert.include(of(bytes("parts/schema.dump")).description, "the schema alone")
    assert.strictEqual(of(bytes("parts/whole.dump")).instance, "shop")
  })

  it("is not told of one that was cut off, which lacks more than it was to lack", () => {
    const cut = text("parts/mysql-whole.sql").replace(/-- Dumping data[\s\S]*/, "")
    const { status, instance } = only([whole("shop/a.sql", cut)])
    assert.deepStrictEqual([status, instance], ["FAILED", "shop"])
  })

  it("is not told of SQL that is longer than what is looked at, but of mysqldump, which has data behind each table", () => {
    const far = (content: string) => content.replace("CREATE TABLE", `${"-- \n".repeat(20_000)}CREATE TABLE`)
    assert.strictEqual(only([whole("shop/a.sql", far(text("parts/schema.sql")))]).instance, "shop")
    assert.isNull(only([whole("shop/a.sql", many("mysql-schema.sql", 2_000))]).instance)
    assert.strictEqual(only([whole("shop/a.sql", far(text("parts/mysql-whole.sql")))]).instance, "shop")
  })

  it("is not told of a schema that has its data behind it in the same file", () => {
    for (const count of [1, 2_000]) {
      const both = many("mysql-schema.sql", count) + text("parts/mysql-data.sql")
      assert.strictEqual(both.length > 65_536, count > 1)
      assert.strictEqual(only([whole("shop/a.sql", both)]).instance, "shop")
    }
  })

  it("is not told of tables that are partitioned, whose data is that of their partitions, or elsewhere", () => {
    const partitioned = "CREATE TABLE public.m (\n    id integer\n)\nPARTITION BY RANGE (id);\n"
    const comment = (name: string, kind: string) => `-- Name: ${name}; Type: ${kind}; Schema: public; Owner: postgres`
    const own =
      text("parts/schema.sql").match(/^--\n-- Name: goods; Type: TABLE;[\s\S]*?\);\n/m)?.[0] ?? assert.fail("none")
    const parent = `--\n${comment("m", "TABLE")}\n--\n\n${partitioned}`
    const foreign = `--\n${comment("m1", "FOREIGN TABLE")}\n--\n\nCREATE FOREIGN TABLE public.m1 ();\n`
    const key = `--\n${comment("m m_pkey", "CONSTRAINT")}\n--\n\nALTER TABLE ONLY public.m ADD CONSTRAINT m_pkey;\n`
    const instanceOf = (tables: string) =>
      part("a.sql", new TextEncoder().encode(text("parts/schema.sql").replace(own, () => tables))).instance
    assert.strictEqual(instanceOf(parent), "shop")
    assert.strictEqual(instanceOf(parent + foreign + key), "shop")
    assert.isNull(instanceOf(parent + own))
    const archived = (...kinds: ReadonlyArray<string>) => part("a.dump", archive16(...kinds)).instance
    assert.strictEqual(archived("ENCODING", `TABLE ${partitioned}`), "shop")
    assert.strictEqual(archived("ENCODING", `TABLE ${partitioned}`, "FOREIGN TABLE", "CONSTRAINT"), "shop")
    assert.isNull(archived("ENCODING", `TABLE ${partitioned}`, "TABLE"))
  })

  it("is told of a schema whose routines write data, between their delimiters", () => {
    const schema = text("parts/mysql-schema.sql")
    const end = schema.indexOf("/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;")
    const routine = "DELIMITER ;;\nCREATE PROCEDURE `p`()\nBEGIN\nINSERT INTO goods VALUES (1);\nEND ;;\nDELIMITER ;\n"
    for (const count of [1, 2_000]) {
      const routines = routine.repeat(count)
      const tables = many("mysql-schema.sql", count).slice(0, end - schema.length)
      const { status, instance } = only([whole("shop/a.sql", tables + routines + schema.slice(end))])
      assert.deepStrictEqual([status, instance], ["COMPLETED", null], `${count}`)
    }
    const data = text("parts/mysql-data.sql").replace(
      "/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;",
      (line) => routine + line
    )
    assert.include(data, routine)
    assert.strictEqual(only([whole("shop/a.sql", many("mysql-schema.sql", 2_000) + data)]).instance, "shop")
  })

  it("of --tab is told of a view, and of a table whose triggers are behind the end", () => {
    const schema = text("parts/mysql-schema.sql")
    const says = "; the schema alone, so it is of no instance; "
    // As MariaDB 10.11 writes them.
    const view = "--\n-- Final view structure for view `v`\n--\n\n/*!50001 DROP VIEW IF EXISTS `v`*/;\n"
    const first = schema.indexOf("--\n-- Table structure")
    const last = schema.indexOf("/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;")
    assert.isAbove(last, first)
    assert.include(only([whole("shop/v.sql", schema.slice(0, first) + view + schema.slice(last))]).description, says)
    const triggers = [
      "/*!50003 SET @saved_cs_client      = @@character_set_client */ ;",
      "DELIMITER ;;",
      "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 trigger shop.tr before insert on t for each row set new.b='y' ",
      "*/;;",
      "DELIMITER ;",
      "/*!50003 SET collation_connection  = @saved_col_connection */ ;",
      ""
    ].join("\n")
    const table = only([whole("shop/t.sql", schema + triggers)])
    assert.deepStrictEqual(
      [table.status, table.created, table.instance],
      ["COMPLETED", only([whole("shop/t.sql", schema)]).created, null]
    )
    assert.include(table.description, says)
    assert.strictEqual(only([whole("shop/t.sql", schema + triggers.slice(0, -20))]).status, "FAILED")
    const alone = schema.slice(0, first) + triggers + schema.slice(last)
    assert.include(
      only([whole("shop/triggers.sql", alone)]).description,
      "; triggers and routines alone, so it is of no instance; "
    )
  })

  it("is not told of tables that have no comments, which may have triggers and stand beside accounts", () => {
    const start = "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n"
    const table = "CREATE TABLE `t` (\n  `a` int\n);\nINSERT INTO `t` VALUES (1);\n"
    const end = "/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n"
    const accounts = "CREATE USER `a`@`%`;\n"
    const trigger = "/*!50003 CREATE*/ /*!50003 TRIGGER `x` BEFORE INSERT ON `t` FOR EACH ROW SET NEW.a=1 */;;\n"
    for (const besides of [accounts, trigger]) {
      assert.strictEqual(only([whole("shop/a.sql", start + table + besides + end)]).instance, "shop")
      assert.isNull(only([whole("shop/a.sql", start + besides + end)]).instance)
    }
  })

  it("of mydumper has tables and no data, or data and no tables", () => {
    const metadata = whole(
      "shop/d/metadata",
      "Started dump at: 2026-11-23 18:04:28\nFinished dump at: 2026-11-23 18:04:29\n"
    )
    const of = (...names: ReadonlyArray<string>) =>
      only([metadata, ...names.map((name) => whole(`shop/d/${name}`, name.endsWith(".gz") ? gzipSync(";") : ";"))])
    const schema = ["parts-schema-create.sql", "parts.goods-schema.sql", "parts.goods-schema-triggers.sql"]
    assert.include(of(...schema).description, "the schema alone")
    assert.include(of("all-schema-create-tablespace.sql", ...schema).description, "the schema alone")
    assert.include(of("parts.goods.sql").description, "the data alone")
    assert.include(of("parts.goods.00000.sql.gz").description, "the data alone")
    for (const data of ["parts.goods.sql", "parts.goods.00001.sql.zst", "parts.goods.00000.dat"]) {
      assert.strictEqual(of(...schema, data).instance, "shop", data)
    }
    assert.strictEqual(of("parts-schema-create.sql").instance, "shop")
    // As mydumper 0.10 writes a database of nothing but a view.
    const view = ["parts-schema-create.sql", "parts.v-schema.sql.gz", "parts.v-schema-view.sql.gz"]
    assert.strictEqual(of(...view).instance, "shop")
    assert.include(of(...view, ...schema).description, "the schema alone")
  })
})
