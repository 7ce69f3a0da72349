import { assert, describe, it } from "vitest"
import { dumps } from "../../src/dumps/dumps.ts"
import { descriptionOf, flat, inventoryOf, refusalOf } from "../support/samples.ts"
import { only, text, whole } from "./support.ts"

describe("plain SQL of PostgreSQL", () => {
  const complete = text("kolkata/create.sql")

  it("is whole by its last line, wherever \\unrestrict is, and with either end of lines", () => {
    assert.strictEqual(only([whole("a.sql", complete)]).status, "COMPLETED")
    assert.strictEqual(only([whole("a.sql", complete.replaceAll("\n", "\r\n"))]).status, "COMPLETED")
    assert.strictEqual(only([whole("a.sql", complete.replace(/\\(un)?restrict \S+\n\n?/g, ""))]).status, "COMPLETED")
    assert.strictEqual(only([whole("a.sql", complete.replace(/\n*$/, ""))]).status, "COMPLETED")
  })

  it("is FAILED wherever it is cut off before that", () => {
    const end = complete.indexOf("\n--\n-- PostgreSQL database dump complete\n--") + 43
    for (let length = 40; length < end; length += 7) {
      assert.strictEqual(only([whole("a.sql", complete.slice(0, length))]).status, "FAILED", `cut to ${length}`)
    }
  })

  it("of a whole cluster is FAILED where only one of its databases is whole", () => {
    const cluster = text("kolkata/all.sql")
    const end = cluster.indexOf("-- PostgreSQL database dump complete\n--\n") + 40
    assert.strictEqual(only([whole("all.sql", cluster)]).status, "COMPLETED")
    assert.strictEqual(only([whole("all.sql", cluster.slice(0, end))]).status, "FAILED")
  })

  describe("with roles in front of databases, as pg_dumpall --globals-only and pg_dump write it into one file", () => {
    const globals = text("pg_dump/globals.sql")
    const database = (name: string) =>
      `${complete.slice(0, complete.indexOf("-- Name:"))}-- Name: ${name}; Type: DATABASE; Schema: -; Owner: postgres\n${complete.slice(complete.indexOf("\n--\n-- PostgreSQL database dump complete"))}`
    const dumpOf = (...parts: ReadonlyArray<string>) => only([whole("srv/backup.sql", parts.join(""))])

    it("is whole by the end of pg_dump, and is of its instance", () => {
      const read = dumpOf(globals, complete)
      assert.deepStrictEqual([read.status, read.instance], ["COMPLETED", "srv"])
      assert.include(read.description, "pg_dumpall and pg_dump as SQL of the database commandes-été and perhaps more;")
      assert.strictEqual(dumpOf(globals, globals, complete).status, "COMPLETED")
      assert.strictEqual(dumpOf((globals + complete).replaceAll("\n", "\r\n")).status, "COMPLETED")
    })

    it("names several databases, as far as they are looked at", () => {
      const read = dumpOf(globals, database("shop"), database("crm"))
      assert.strictEqual(read.status, "COMPLETED")
      assert.include(read.description, "of the databases shop, crm and perhaps more;")
    })

    it("is FAILED where either was cut off", () => {
      assert.strictEqual(dumpOf(globals, complete.slice(0, 2_000)).status, "FAILED")
      const cut = globals.slice(0, globals.indexOf("-- PostgreSQL database cluster dump complete"))
      assert.strictEqual(dumpOf(cut, complete).status, "FAILED")
    })

    it("is whole by the end of pg_dumpall where that is behind them", () => {
      const cluster = text("kolkata/all.sql")
      const end = cluster.indexOf("-- PostgreSQL database dump complete\n--\n") + 40
      for (const roles of [globals, globals + globals]) {
        assert.strictEqual(dumpOf(roles, cluster).status, "COMPLETED")
        assert.strictEqual(dumpOf(roles, cluster.slice(0, end)).status, "FAILED")
      }
    })

    it("is roles alone where nothing is behind them, and a part where the schema is", () => {
      assert.isNull(dumpOf(globals).instance)
      assert.strictEqual(dumpOf(globals, globals).status, "COMPLETED")
      const schema = complete.replace(/^-- Data for Name[\s\S]*?^\\\.$/gm, "")
      assert.include(dumpOf(globals, schema).description, "the schema alone")
    })
  })

  it("does not take a trailer in its data for its own", () => {
    const quoted = `${complete.slice(0, 2_000)}\n--\n-- PostgreSQL database dump complete\n--\n\nCOPY public.t (x) FROM stdin;\n1`
    assert.strictEqual(only([whole("a.sql", quoted)]).status, "FAILED")
  })

  it("has the times of --verbose, in the zone that was given unless they are in UTC or with an offset", () => {
    const verbose = text("kolkata/verbose.sql")
    const times = (zone: string, timeZone?: string) => {
      const { created, updated } = only([whole("a.sql", verbose.replaceAll(" IST\n", ` ${zone}\n`))], { timeZone })
      return [created.slice(0, 19), updated.slice(0, 19)]
    }
    assert.deepStrictEqual(times("IST", "Asia/Kolkata"), ["2026-11-23T23:08:17", "2026-11-23T23:08:17"])
    assert.deepStrictEqual(times("UTC"), ["2026-11-24T04:38:17", "2026-11-24T04:38:17"])
    assert.deepStrictEqual(times("-03"), ["2026-11-24T07:38:17", "2026-11-24T07:38:17"])
    assert.deepStrictEqual(times("+0545"), ["2026-11-23T22:53:17", "2026-11-23T22:53:17"])
    assert.include(refusalOf(dumps, [whole("a.sql", verbose)]), "--time-zone")
  })

  it("has the times of --verbose also where Windows has several words for the zone, which is the one that was given", () => {
    const verbose = text("kolkata/verbose.sql")
    for (const zone of [
      "GMT Standard Time",
      "E. South America Standard Time",
      "Paris, Madrid",
      "Paris, Madrid (heure d\u2019\u00e9t\u00e9)"
    ]) {
      for (const ending of ["\n", "\r\n"]) {
        const files = [whole("a.sql", verbose.replaceAll(" IST\n", ` ${zone}\n`).replaceAll("\n", ending))]
        const { status, created, updated, description } = only(files, { timeZone: "America/Sao_Paulo" })
        assert.deepStrictEqual(
          [status, created.slice(0, 19), updated.slice(0, 19), description],
          ["COMPLETED", "2026-11-24T07:38:17", "2026-11-24T07:38:17", "pg_dump as SQL"],
          zone
        )
        assert.include(refusalOf(dumps, files), "--time-zone")
      }
    }
  })

  it("has the time of its file where it has none of its own, and needs no zone", () => {
    const { records } = inventoryOf(dumps, [whole("a.sql", complete)])
    assert.strictEqual(records[0] && flat(records[0].backup).created, "2026-11-23T18:00:00.000000Z")
    assert.include(records[0] && descriptionOf(records[0].backup), "its time is that of the file")
  })
})
