import { AccountId, type Backup, decodeBackup, encodeBackup } from "@backup-catalog/core"
import { arbitrary } from "@backup-catalog/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { parse as parseYaml } from "yaml"
import { parseColumns } from "../src/commandLine/outputFlags.ts"
import { csv } from "../src/output/csv.ts"
import { formats } from "../src/output/formats.ts"
import { json } from "../src/output/json.ts"
import { ndjson } from "../src/output/ndjson.ts"
import type { OutputFormat, OutputOptions } from "../src/output/OutputFormat.ts"
import { table } from "../src/output/table.ts"
import { value } from "../src/output/value.ts"
import { wide } from "../src/output/wide.ts"
import { yaml } from "../src/output/yaml.ts"
import { type BackupRow, backupColumns, backupShape, makeRow } from "../src/rows/BackupRow.ts"
import { type Column, named, plainCell } from "../src/rows/Column.ts"
import { displayWidth } from "../src/terminal/displayWidth.ts"
import { escapeText } from "../src/terminal/escapeText.ts"
import { parseCsv } from "./support/csv.ts"

const NOW = Date.UTC(2026, 0, 11)
const piped: OutputOptions<BackupRow> = {
  shape: backupShape(),
  picked: undefined,
  header: true,
  width: undefined,
  colour: false
}

const ofProjects = { shape: backupShape({ projects: true }) }

const columnNames = backupColumns.map(({ name }) => name)
const columnsNamed = (...names: ReadonlyArray<string>) => named(backupColumns, ...names)

const row = (backup: Backup) => makeRow(backup, NOW)

/** The whole output of a list that comes in pages of three. */
const listed = (
  format: OutputFormat,
  backups: ReadonlyArray<Backup>,
  options: Partial<OutputOptions<BackupRow>> = {}
): string => {
  const writer = format.list({ ...piped, ...options })
  let text = ""
  for (let at = 0; at === 0 || at < backups.length; at += 3) text += writer.rows(backups.slice(at, at + 3).map(row))
  return text + (writer.end ?? "")
}

const shown = (format: OutputFormat, backup: Backup, options: Partial<OutputOptions<BackupRow>> = {}): string =>
  format.show({ ...piped, ...options })(row(backup))

const backup = (members: object): Backup =>
  Either.getOrThrow(
    decodeBackup({
      id: "e2d3dfca-430f-4cd2-bec0-884cd7426f13",
      name: "nightly",
      status: "COMPLETED",
      created: "2026-01-01T00:00:00",
      updated: "2026-01-01T00:00:00",
      ...members
    })
  )

const check = (property: (backups: ReadonlyArray<Backup>) => void) =>
  fc.assert(fc.property(arbitrary.backups, property), { numRuns: 200 })

const hostile = backup({
  name: 'a\u001b[31m\nb\u202ec\u009b,"d"',
  description: "no\u{e0041}\u3164",
  locationRef: "2026-01-01"
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come out
const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/
const unseen = /[\u3164\u{e0000}-\u{e007f}]/u

const recordColumns: ReadonlyArray<Column<BackupRow>> = columnsNamed(...columnNames.slice(0, 13))

describe("forms for programs", () => {
  it("json is the array of records in wire form", () => {
    check((backups) => assert.deepStrictEqual(JSON.parse(listed(json, backups)), backups.map(encodeBackup)))
  })

  it("ndjson is a record a line in wire form", () => {
    check((backups) => {
      const lines = listed(ndjson, backups).split("\n")
      assert.strictEqual(lines.pop(), "")
      assert.deepStrictEqual(
        lines.map((line) => JSON.parse(line)),
        backups.map(encodeBackup)
      )
    })
  })

  it("yaml is the sequence of records in wire form, for readers of YAML 1.2 and 1.1", () => {
    check((backups) => {
      const text = listed(yaml, backups)
      assert.deepStrictEqual(parseYaml(text), backups.map(encodeBackup))
      assert.deepStrictEqual(parseYaml(text, { version: "1.1" }), backups.map(encodeBackup))
    })
  })

  it("yaml has one escape for a hidden character, also above U+FFFF, and none that is half of one", () => {
    const name = "x\u{1f3f4}\u{e0067}\u{e007f}\u202e\uffff"
    const text = listed(yaml, [backup({ name })])
    assert.include(text, '"x\u{1f3f4}\\U000e0067\\U000e007f\\u202e\\uffff"')
    assert.deepStrictEqual(parseYaml(text)[0].name, name)
    assert.notMatch(listed(yaml, [{ ...backup({}), name: "\ud800" }]), /\\ud8|\ud800/)
  })

  it("csv and value have a row a record, every cell as plain as it can be", () => {
    check((backups) => {
      const cells = backups.map((one) => recordColumns.map((column) => plainCell(column, row(one))))
      // None of the columns of a record has a number below zero.
      const guarded = cells.map((line) => line.map((cell) => (/^[=+\-@＝＋－＠]/.test(cell) ? `'${cell}` : cell)))
      assert.deepStrictEqual(parseCsv(listed(csv, backups)), [recordColumns.map(({ name }) => name), ...guarded])
      assert.deepStrictEqual(parseCsv(listed(csv, backups, { header: false })), guarded)
      assert.strictEqual(listed(value, backups), cells.map((line) => `${line.join("\t")}\n`).join(""))
    })
  })

  it("csv of one column has a row for an empty cell too", () => {
    const picked = columnsNamed("description")
    const backups = [backup({ description: "d" }), backup({}), backup({ description: "" })]
    assert.strictEqual(listed(csv, backups, { picked }), 'description\nd\n""\n""\n')
  })

  it("csv has no text that a spreadsheet would calculate, and leaves numbers alone", () => {
    const picked = columnsNamed("name", "age")
    const names = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "a=1", "'=1"]
    const backups = names.map((name) => backup({ name, created: "2026-01-11T00:00:05" }))
    assert.deepStrictEqual(
      parseCsv(listed(csv, backups, { picked, header: false })),
      names.map((name, index) => [index < 5 ? `'${name}` : name, "-5"])
    )
    assert.strictEqual(listed(value, backups.slice(0, 1), { picked }), "=1+1\t-5\n")
  })

  it("records of several accounts name them, in every form; others have no such column", () => {
    const project = "c19c6355eaaf4c1db3de3de84b21899c"
    const theirs = [backup({ project_id: project })]
    for (const format of formats) {
      assert.include(listed(format, theirs, ofProjects), project, format.name)
      assert.notInclude(listed(format, [backup({})]).toLowerCase(), "project_id", format.name)
    }
    assert.strictEqual(JSON.parse(listed(json, theirs, ofProjects))[0].project_id, project)
    assert.strictEqual(parseCsv(listed(csv, theirs, ofProjects))[0]?.at(-1), "project_id")
  })

  it("show is the record alone", () => {
    fc.assert(
      fc.property(arbitrary.backup, (one) => {
        assert.deepStrictEqual(JSON.parse(shown(json, one)), encodeBackup(one))
        assert.deepStrictEqual(JSON.parse(shown(ndjson, one)), encodeBackup(one))
        assert.deepStrictEqual(parseYaml(shown(yaml, one)), encodeBackup(one))
      }),
      { numRuns: 100 }
    )
  })

  it("picked members are all there is, derived ones too; an unknown datastore is absent as on the wire", () => {
    const picked = columnsNamed("age", "name", "datastore", "datastore_version", "size_bytes")
    const whole = backup({ size: 0.5, datastore: { type: "MySQL", version: "5.1" } })
    const members = { age: 864_000, name: "nightly" }
    const full = {
      ...members,
      datastore: { type: "MySQL", version: "5.1", version_id: null },
      datastore_version: "5.1",
      size_bytes: 536_870_912
    }
    const bare = { ...members, datastore_version: null, size_bytes: null }
    for (const parse of [
      () => JSON.parse(listed(json, [whole, backup({})], { picked })),
      () => parseYaml(listed(yaml, [whole, backup({})], { picked }))
    ]) {
      assert.deepStrictEqual(parse(), [full, bare])
    }
    assert.strictEqual(
      listed(value, [whole, backup({})], { picked }),
      "864000\tnightly\tMySQL\t5.1\t536870912\n864000\tnightly\t\t\t\n"
    )
    assert.deepStrictEqual(parseYaml(listed(yaml, [backup({})], { picked: columnsNamed("datastore") })), [{}])
  })

  it("an empty list is still one", () => {
    assert.deepStrictEqual(JSON.parse(listed(json, [])), [])
    assert.deepStrictEqual(parseYaml(listed(yaml, [])), [])
    assert.strictEqual(listed(ndjson, []), "")
    assert.strictEqual(listed(value, []), "")
    assert.deepStrictEqual(parseCsv(listed(csv, [])), [recordColumns.map(({ name }) => name)])
  })

  it("nothing that a terminal obeys comes out of any form", () => {
    for (const format of formats) {
      assert.notMatch(listed(format, [hostile]).replaceAll("\t", ""), obeyed, format.name)
      assert.notMatch(shown(format, hostile).replaceAll("\t", ""), obeyed, format.name)
      assert.notMatch(listed(format, [hostile]) + shown(format, hostile), unseen, format.name)
    }
    const name = escapeText(Either.getOrThrow(decodeBackup(encodeBackup(hostile))).name)
    for (const format of [table, wide, value]) assert.include(listed(format, [hostile]), name, format.name)
    for (const format of [table, wide, value])
      assert.include(listed(format, [hostile]), "\\u001b[31m\\u000ab\\u202ec\\u009b")
  })
})

describe("tables", () => {
  const some = [
    backup({
      size: 0.141026,
      datastore: { type: "MySQL", version: "5.1" },
      instance_id: "34d6c8bf-539e-47d1-8a06-2b7590521309"
    }),
    backup({ id: "b2", name: "毎晩のバックアップ", status: "DELETE_FAILED", created: "2025-12-31T23:00:00" })
  ]

  it("piped, is plain and whole", () => {
    assert.deepStrictEqual(listed(table, some).split("\n"), [
      "NAME                STATUS         AGE   SIZE      DATASTORE  INSTANCE_ID                           ID",
      "nightly             COMPLETED      10d   144 MiB   MySQL 5.1  34d6c8bf-539e-47d1-8a06-2b7590521309  e2d3dfca-430f-4cd2-bec0-884cd7426f13",
      "毎晩のバックアップ  DELETE_FAILED  10d   -         -          -                                     b2",
      ""
    ])
  })

  it("without a header has only rows", () => {
    assert.strictEqual(listed(table, some, { header: false }).split("\n").length, 3)
  })

  it("takes picked columns in their order", () => {
    assert.strictEqual(
      listed(table, some, { picked: columnsNamed("id", "size") }),
      "ID                                    SIZE\ne2d3dfca-430f-4cd2-bec0-884cd7426f13  144 MiB\nb2                                    -\n"
    )
  })

  it("fits every width from 60 on, with every id whole and every status", () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 220 }), fc.boolean(), (width, long) => {
        const name = long ? "x".repeat(255) : "nightly"
        const text = listed(table, [...some, backup({ name })], { width })
        for (const line of text.split("\n")) assert.isAtMost(displayWidth(line), width, line)
        for (const needed of ["e2d3dfca-430f-4cd2-bec0-884cd7426f13", "DELETE_FAILED", "10d", "NAME", "AGE"]) {
          assert.include(text, needed)
        }
      })
    )
  })

  it("keeps the account beside the age as long as there is room for both", () => {
    const project = "c19c6355eaaf4c1db3de3de84b21899c"
    const theirs = some.map((one) => ({ ...one, projectId: AccountId.make(project) }))
    for (const width of [80, 100, 132, 200]) {
      const text = listed(table, theirs, { width, ...ofProjects })
      assert.include(text, project, String(width))
      for (const line of text.split("\n")) assert.isAtMost(displayWidth(line), width, line)
    }
    const narrow = table.list({ ...piped, width: 60, ...ofProjects })
    narrow.rows(theirs.map(row))
    assert.include(narrow.note?.() ?? "", "project_id")
  })

  it("says which columns had no room", () => {
    const writer = table.list({ ...piped, width: 80 })
    assert.isUndefined(writer.note?.())
    writer.rows(some.map(row))
    assert.include(writer.note?.() ?? "", "datastore instance_id")
    const roomy = table.list({ ...piped, width: 200 })
    roomy.rows(some.map(row))
    assert.isUndefined(roomy.note?.())
  })

  describe("whose later rows are wider than the first page", () => {
    const uuid = "34d6c8bf-539e-47d1-8a06-2b7590521309"
    const long = {
      id: "an-id-that-is-even-longer-than-a-uuid-is",
      name: "much-longer-than-before",
      status: "DELETE_FAILED",
      created: "1000-01-01T00:00:00",
      size: 1023,
      instance_id: uuid,
      datastore: { type: "PostgreSQL", version: "15.3-of-a-distribution" }
    }
    const first = backup({ id: "b1", name: "n", status: "NEW", created: "2026-01-10T23:59:58", size: 0 })
    const late = [first, first, first, backup(long), backup({ ...long, id: uuid, size: 2 ** 33, name: "n" }), first]
    const cellsOf = (line: string | undefined) => (line ?? "").trim().split(/ {2,}/)

    it("cuts names and datastores on a terminal and nothing else, with the gap between all of them", () => {
      for (const width of [80, 100, 132, 200]) {
        const lines = listed(table, late, { width, header: false }).split("\n")
        const names = width < 129 ? (width < 91 ? [] : ["Postgre…"]) : [uuid, "Postgre…"]
        const [, , , longest, next, last] = lines.map(cellsOf)
        assert.includeMembers([...(longest ?? [])], ["much-longe…", "DELETE_FAILED", "1026y", "1023 GiB", long.id])
        assert.includeMembers([...(next ?? [])], ["n", "DELETE_FAILED", "1026y", uuid])
        assert.includeMembers([...(longest ?? [])], names)
        assert.strictEqual(longest?.length, 5 + names.length)
        // What comes after a row that reached beyond its columns is in line again.
        assert.strictEqual(lines[5], lines[0])
        assert.strictEqual(last?.length, longest?.length)
      }
    })

    it("cuts nothing when piped, with the gap between all of them", () => {
      const lines = listed(table, late, { header: false }).split("\n")
      assert.deepStrictEqual(cellsOf(lines[3]), [
        "much-longer-than-before",
        "DELETE_FAILED",
        "1026y",
        "1023 GiB",
        "PostgreSQL 15.3-of-a-distribution",
        uuid,
        long.id
      ])
      assert.strictEqual(lines[5], lines[0])
    })

    it("has room for every usual status, age, size and id from the start", () => {
      const usual = [first, first, first, backup({ ...long, id: uuid, name: "n", created: "2025-01-12T00:00:00" })]
      for (const width of [80, 132, undefined]) {
        const lines = listed(table, usual, { width, header: false }).split("\n")
        const row = lines[3] ?? ""
        assert.include(row, "364d")
        for (const text of ["DELETE_FAILED", "364d", "1023 GiB"]) {
          const short = { DELETE_FAILED: "NEW", "364d": "2s", "1023 GiB": "0 B" }[text] ?? ""
          assert.strictEqual(row.indexOf(text), lines[0]?.indexOf(short), `${text} in ${width}`)
        }
      }
    })

    it("never cuts ids where they were picked", () => {
      const picked = columnsNamed("parent_id", "instance_id", "id", "status")
      const text = listed(table, [...late, backup({ ...long, parent_id: long.id })], { picked, width: 40 })
      assert.deepStrictEqual(cellsOf(text.trimEnd().split("\n").at(-1)), [long.id, uuid, long.id, "DELETE_FAILED"])
    })
  })

  it("has fewer columns the narrower it is, once the id is on a line of its own, to the last", () => {
    let before = Number.POSITIVE_INFINITY
    for (let width = 69; width > 0; width--) {
      const count = listed(table, some, { width }).split("\n")[0]?.trim().split(/ +/).length ?? 0
      assert.isAtMost(count, before, String(width))
      before = count
    }
    assert.strictEqual(before, 3)
  })

  it("colours statuses where colour is wanted, and nowhere else", () => {
    assert.include(listed(table, some, { colour: true }), "\u001b[32mCOMPLETED\u001b[39m")
    assert.include(listed(table, some, { colour: true }), "\u001b[31mDELETE_FAILED\u001b[39m")
    assert.include(shown(table, backup({ status: "BUILDING" }), { colour: true }), "\u001b[33mBUILDING\u001b[39m")
    assert.notInclude(listed(table, some), "\u001b")
  })

  it("wide is cut nowhere, whatever the terminal", () => {
    const description = "d".repeat(300)
    assert.include(listed(wide, [backup({ description })], { width: 60 }), description)
  })

  it("one backup is a property a line", () => {
    const lines = shown(table, backup({ size: 1.5, datastore: { type: "MySQL", version: "8.0" } })).split("\n")
    assert.include(lines, "id                    e2d3dfca-430f-4cd2-bec0-884cd7426f13")
    assert.include(lines, "created               2026-01-01T00:00:00Z")
    assert.include(lines, "size                  1.5 GiB")
    assert.include(lines, "datastore             MySQL 8.0")
    assert.include(lines, "description           -")
    assert.strictEqual(shown(table, backup({}), { picked: columnsNamed("status"), header: false }), "COMPLETED\n")
  })
})

describe("picking columns", () => {
  it("takes names, also with commas between them, each once", () => {
    const picked = Either.getOrThrow(parseColumns(backupColumns, ["id,age", "status", "id"]))
    assert.deepStrictEqual(
      picked?.map(({ name }) => name),
      ["id", "age", "status"]
    )
    assert.isUndefined(Either.getOrThrow(parseColumns(backupColumns, [])))
  })

  it("refuses an unknown name and says which there are", () => {
    const { message } = Either.getOrThrow(Either.flip(parseColumns(backupColumns, ["id", "sise"])))
    assert.strictEqual(message, `The column sise is not known; there are ${columnNames.join(" ")}.`)
    assert.isTrue(Either.isLeft(parseColumns(backupColumns, ["id,"])))
  })
})
