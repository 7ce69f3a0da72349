import { type Backup, decodeBackup } from "@backup-catalog/core"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Either, Option } from "effect"
import { table } from "../src/output/table.ts"
import { chainRows, chainShape } from "../src/rows/ChainRow.ts"
import { backups, type Env, inTerminal } from "./support/backups.ts"
import { parseCsv } from "./support/csv.ts"
import { importRecords } from "./support/importRecords.ts"
import { type CatalogServer, record, startCatalog, withServer } from "./support/servers.ts"

const made = (id: string, parent: string | null = null, members: object = {}) =>
  record({
    id,
    name: `nightly ${id}`,
    instance_id: "db-1",
    parent_id: parent,
    created: `2026-11-0${id.length}T02:00:00`,
    native_id: `T_${id}`,
    ...(parent === null ? {} : { native_parent_id: `T_${parent}` }),
    ...members
  })

const family = [made("f"), made("fd", "f"), made("fdi", "fd"), made("fdii", "fdi"), made("fdx", "fd"), made("fe", "f")]

let catalog: CatalogServer
let whole: Env
let broken: Env

beforeAll(async () => {
  catalog = await startCatalog()
  whole = await catalog.account("whole", [])
  await importRecords(whole, "pg", family)
  broken = await catalog.account("broken", [])
  await importRecords(broken, "pg", [...family, made("z"), made("zz", "z", { status: "FAILED" }), made("zzz", "zz")])
  await importRecords(broken, "pg", [
    ...family.filter(({ id }) => id !== "fd"),
    made("z"),
    made("zz", "z", { status: "FAILED" }),
    made("zzz", "zz")
  ])
})
afterAll(() => catalog.stop())

describe("backups chain", { concurrent: true }, () => {
  it("is what a backup builds on, itself marked, and what builds on it", async () => {
    const { code, stdout, stderr } = await backups(["chain", "fd", "--no-header"], whole)
    assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" })
    assert.deepStrictEqual(
      stdout.split("\n").map((line) => line.replace(/ {2,}COMPLETED .*-01?.* (\w+)$|\s+COMPLETED .* (\w+)$/, " $1$2")),
      ["  nightly f f", "> nightly fd fd", "  ├─ nightly fdx fdx", "  nightly fdi fdi", "  nightly fdii fdii", ""]
    )
  })

  it("has each link with its relation for programs, in every form", async () => {
    const links = JSON.parse((await backups(["chain", "fdi", "-o", "json"], whole)).stdout)
    assert.deepStrictEqual(
      links.map(({ relation, id, problem }: Record<string, unknown>) => [relation, id, problem]),
      [
        ["ancestor", "f", null],
        ["ancestor", "fd", null],
        ["asked", "fdi", null],
        ["descendant", "fdii", null]
      ]
    )
    assert.deepInclude(links[2].backup, { id: "fdi", parent_id: "fd", status: "COMPLETED" })
    const cells = parseCsv((await backups(["chain", "fdi", "-o", "csv", "-c", "id,relation,name"], whole)).stdout)
    assert.deepStrictEqual(cells[3], ["fdi", "asked", "nightly fdi"])
    assert.strictEqual((await backups(["chain", "fdi", "-o", "value", "-c", "id"], whole)).stdout, "f\nfd\nfdi\nfdii\n")
  })

  it("shows a parent that is missing in its place, by the name that its tool gave it, and ends with 1", async () => {
    const { code, stdout, stderr } = await backups(["chain", "fdii"], broken)
    assert.strictEqual(code, 1)
    assert.match(stdout, /^ {2}T_fd +MISSING +- +- +fd$/m)
    assert.match(
      stderr,
      /^backups: The chain of nightly fdii \(fdii\) is broken: nightly fdi \(fdi\) builds on T_fd \(fd\), which the catalog does not have; it was retired at \d{4}-\d{2}-\d{2}T[\d:]{8}Z\.\n$/
    )
    const [link] = JSON.parse((await backups(["chain", "fdii", "-o", "json"], broken)).stdout)
    assert.deepInclude(link, { relation: "ancestor", id: "fd", problem: "missing", native_id: "T_fd", backup: null })
    assert.strictEqual(link.gone.event, "retired")
  })

  it("names a parent that is not COMPLETED, and a backup that is not so itself", async () => {
    const child = await backups(["chain", "zzz"], broken)
    assert.strictEqual(child.code, 1)
    assert.strictEqual(
      child.stderr,
      "backups: The chain of nightly zzz (zzz) is broken: it builds on nightly zz (zz), which is not COMPLETED but FAILED.\n"
    )
    const itself = await backups(["chain", "zz"], broken)
    assert.strictEqual(itself.code, 1)
    assert.strictEqual(itself.stderr, "backups: The backup nightly zz (zz) is not COMPLETED but FAILED.\n")
    // What builds on it is its own affair.
    assert.strictEqual((await backups(["chain", "z"], broken)).code, 0)
  })

  it("fits 60 columns, ids on lines of their own", async () => {
    const { stdout } = await inTerminal(60, ["chain", "fd"], whole)
    for (const line of stdout.split("\n")) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours take no room
      assert.isAtMost(line.replace(/\u001b\[\d+m/g, "").length, line.startsWith("Not shown") ? 200 : 60)
    }
    assert.match(stdout, /^ {2}fdii$/m)
  })

  it("shows names of every sort harmlessly", async () => {
    const env = await catalog.account("hostile", [record({ id: "h", name: "\u001b[31mred\u202e" })])
    assert.include((await backups(["chain", "h"], env)).stdout, "> \\u001b[31mred\\u202e")
  })

  it("of what is not there ends with 4, and with 6 where nothing can be found out", async () => {
    assert.strictEqual((await backups(["chain", "nothing"], whole)).code, 4)
    await withServer(
      (_, response) => response.writeHead(200, { "Content-Type": "application/json" }).end("{}"),
      async (env) => assert.strictEqual((await backups(["chain", "f"], env)).code, 6)
    )
  })

  it("says where it leads in a circle, and what another catalog does not tell", async () => {
    const parents: Readonly<Record<string, string>> = { a: "b", b: "c", c: "b" }
    await withServer(
      ({ url = "" }, response) => {
        const id = url.split("/")[4] ?? ""
        const there = parents[id] !== undefined && url.split("/").length === 5
        response.writeHead(there ? 200 : 404, { "Content-Type": "application/json" })
        response.end(
          JSON.stringify(
            there
              ? { backup: record({ id, name: `n-${id}`, parent_id: parents[id] ?? null }) }
              : { itemNotFound: { code: 404, message: "There is no such path." } }
          )
        )
      },
      async (env) => {
        const { code, stdout, stderr } = await backups(["chain", "a"], env)
        assert.strictEqual(code, 1)
        assert.match(stdout, /CYCLE .* b$/m)
        assert.include(stderr, "leads in a circle, since n-c (c) builds on b again")
        assert.include(stderr, "does not tell which backups are incremental")
      }
    )
  })
})

it("has branches of one moment in the order of their ids that catalogs have, which is not that of UTF-16", () => {
  const [root, ...descendants] = ["root", "\u{1f600}", "\uff5e"].map((id, n) =>
    Either.getOrThrow(decodeBackup(record({ id, parent_id: n === 0 ? null : "root" })))
  )
  assert(root !== undefined)
  const whole = { backup: root, ancestors: [], broken: Option.none(), descendants: Option.some(descendants) }
  const ids = chainRows(whole, 0).map(({ backupRow }) => String(backupRow?.backup.id))
  assert.deepStrictEqual(ids, ["root", "\u{1f600}", "\uff5e"])
})

describe("a chain of ten thousand", () => {
  const MANY = 10_000
  const backup = (n: number, parent: number | undefined): Backup =>
    Either.getOrThrow(decodeBackup(record({ id: `b${n}`, parent_id: parent === undefined ? null : `b${parent}` })))
  const options = { shape: chainShape, picked: undefined, header: false, width: undefined, colour: false }
  const linesOf = (ancestors: ReadonlyArray<Backup>, asked: Backup, descendants: ReadonlyArray<Backup>) => {
    const rows = chainRows(
      { backup: asked, ancestors, broken: Option.none(), descendants: Option.some(descendants) },
      Date.UTC(2026, 10, 24)
    )
    return table.list(options).rows(rows).trimEnd().split("\n")
  }

  it("stays in its place, upwards and downwards", () => {
    const all = Array.from({ length: 2 * MANY }, (_, n) => backup(n, n === 0 ? undefined : n - 1))
    const [asked, ...below] = all.slice(MANY)
    assert(asked !== undefined)
    const lines = linesOf(all.slice(0, MANY), asked, below.reverse())
    assert.lengthOf(lines, 2 * MANY)
    assert.isTrue(lines[MANY]?.startsWith("> nightly"))
    assert.isTrue(lines.every((line, n) => n === MANY || line.startsWith("  nightly")))
  })

  it("is hardly indented where everything branches", () => {
    const comb = Array.from({ length: MANY }, (_, n) => backup(n + 1, Math.max(0, n - 1)))
    const halves = Array.from({ length: MANY }, (_, n) => backup(n + 1, Math.floor(n / 2)))
    for (const descendants of [comb, halves]) {
      const lines = linesOf([], backup(0, undefined), descendants)
      assert.lengthOf(lines, MANY + 1)
      assert.isAtMost(Math.max(...lines.map((line) => line.indexOf("nightly"))), 50)
      assert.strictEqual(new Set(lines.map((line) => line.split(" ").at(-1))).size, MANY + 1)
    }
  })
})
