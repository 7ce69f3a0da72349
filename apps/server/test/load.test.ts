import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import Database from "better-sqlite3"
import { assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../testing/eventually.ts"
import { ended, runProgram, spawnProgram } from "./support/program.ts"
import { start, temporaryFolder } from "./support/server.ts"
import { get } from "./support/socket.ts"

const answer = readFileSync(new URL("fixtures/list-all.json", import.meta.url))
const records: ReadonlyArray<Record<string, unknown>> = JSON.parse(answer.toString()).backups
const ndjson = records.map((record) => JSON.stringify(record)).join("\n")

const freshStore = (): string => `sqlite:${join(temporaryFolder(onTestFinished), "catalog.sqlite")}`

const load = (store: string, input: string | Buffer, ...args: ReadonlyArray<string>) =>
  runProgram(["load", "--store", store, "--account", "acme", ...args, "-"], input)

const record = (n: number): string =>
  JSON.stringify({
    id: `b${n}`,
    name: "nightly",
    status: "COMPLETED",
    created: "2026-01-01T00:00:00",
    updated: "2026-01-01T00:00:00"
  })

const numbered = function* (count: number): Generator<string> {
  for (let n = 0; n < count; n++) yield `${record(n)}\n`
}

const count = async (store: string): Promise<number> => {
  const { stdout } = await runProgram(["token", "create", "--store", store, "--account", "acme"])
  const [url, stop] = await start({ store, pages: { pageSize: 100_000, maxPageSize: 100_000 } })
  const { body } = await get(url, "/v1.0/acme/backups", stdout.trim())
  await stop()
  return JSON.parse(body).backups.length
}

const loaded = (store: string): number => {
  try {
    const database = new Database(store.slice("sqlite:".length), { readonly: true, fileMustExist: true })
    const rows = Number(database.prepare("SELECT count(*) FROM backups").pluck().get())
    database.close()
    return rows
  } catch {
    // The program has not made its store yet.
    return 0
  }
}

const untilLoaded = (store: string, rows: number): Promise<boolean> =>
  eventually(`${rows} records are loaded`, (see) => see(loaded(store)) >= rows)

// Prints the largest memory of the process when it ends, in kilobytes.
const PRINT_PEAK = `--import "data:text/javascript,process.on('exit',()=>console.error('peak',process.resourceUsage().maxRSS))"`

describe("load", () => {
  it.each([
    ["a saved list answer", answer],
    ["the same in one line", Buffer.from(JSON.stringify(JSON.parse(answer.toString())))],
    ["an answer whose links come first", `{"links": [], "backups": ${JSON.stringify(records)}}`],
    [
      "two answers behind each other",
      `${JSON.stringify({ backups: records.slice(0, 2) })}\n${JSON.stringify({ backups: records.slice(2) })}`
    ],
    ["a JSON array", JSON.stringify(records)],
    ["NDJSON", ndjson],
    ["NDJSON with empty lines and Windows line ends", `\r\n${ndjson.replaceAll("\n", "\r\n\r\n")}\r\n`],
    ["a file with a byte order mark", `\ufeff${ndjson}`]
  ])("takes %s, and changes nothing the second time", async (_, input) => {
    const store = freshStore()
    const first = await load(store, input)
    assert.strictEqual(first.stdout, "Account acme: 6 new, 0 changed, 0 unchanged, 0 rejected.\n")
    assert.strictEqual(first.code, 0, first.stderr)
    const again = await load(store, input)
    assert.strictEqual(again.stdout, "Account acme: 0 new, 0 changed, 6 unchanged, 0 rejected.\n")
  })

  it("names each bad record by its place and loads the others", async () => {
    const store = freshStore()
    const lines = [
      record(1),
      "not json",
      '{"id":"x"}',
      "",
      record(2),
      '"text"',
      record(3).replace("COMPLETED", "DONE"),
      record(4).replace('"b4"', '"\\ud800"'),
      record(5)
    ]
    const { code, stdout, stderr } = await load(store, lines.join("\n"), "--batch-size", "2")
    assert.strictEqual(code, 1)
    assert.strictEqual(stdout, "Account acme: 3 new, 0 changed, 0 unchanged, 5 rejected.\n")
    const places = [...stderr.matchAll(/^standard input: (line \d+): /gm)].map(([, place]) => place)
    assert.deepStrictEqual(places, ["line 2", "line 3", "line 6", "line 7", "line 8"])
    assert.match(stderr, /line 7: status must be one of NEW/)
    assert.strictEqual(await count(store), 3)
  })

  it("takes no record of another account", async () => {
    const store = freshStore()
    const of = (project: string | null, n: number) => JSON.stringify({ ...JSON.parse(record(n)), project_id: project })
    const { code, stdout, stderr } = await load(
      store,
      [of("acme", 1), of("other", 2), of(null, 3), record(4)].join("\n")
    )
    assert.strictEqual(code, 1)
    assert.strictEqual(stdout, "Account acme: 3 new, 0 changed, 0 unchanged, 1 rejected.\n")
    assert.include(stderr, "standard input: line 2: project_id is another account than --account\n")
    assert.strictEqual(await count(store), 3)
  })

  it("refuses bytes that are not UTF-8, in the line that has them", async () => {
    const bad = Buffer.concat([
      Buffer.from(`${record(1)}\n{"id":"`),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(`"}\n${record(2)}\n`)
    ])
    const { code, stdout, stderr } = await load(freshStore(), bad)
    assert.strictEqual(code, 1)
    assert.match(stdout, /2 new, .* 1 rejected/)
    assert.match(stderr, /line 2: it is not valid UTF-8/)
  })

  it("keeps what came before the place where a file breaks off, and says where that is", async () => {
    const store = freshStore()
    const cut = JSON.stringify({ backups: records }).slice(0, -200)
    const { code, stdout, stderr } = await load(store, cut)
    assert.strictEqual(code, 1)
    assert.match(stdout, /5 new/)
    assert.match(stderr, /cannot be read to its end: it ends in the middle, behind record 5/)
    assert.match(
      (await load(freshStore(), `${JSON.stringify({ backups: records })} nonsense`)).stderr,
      /not valid JSON/
    )
  })

  it("says in one sentence that there is no such file, and no counts", async () => {
    const { code, stdout, stderr } = await runProgram(["load", "--store", freshStore(), "--account", "a", "none.json"])
    assert.strictEqual(code, 1)
    assert.strictEqual(stdout, "")
    assert.match(stderr, /^none\.json cannot be read: no such file or directory\.\n$/)
  })

  it("says that a page with a next link is not the whole list", async () => {
    const { code, stderr } = await load(
      freshStore(),
      JSON.stringify({ backups: records, links: [{ rel: "next", href: "http://x" }] })
    )
    assert.strictEqual(code, 0)
    assert.match(stderr, /one page of a longer list/)
  })

  it("does not take a document without a list for one without records", async () => {
    const documents: ReadonlyArray<readonly [string, RegExp]> = [
      [`{"links":[],"id":"x","name":"n"}`, /something that has no list of backups/],
      [`{"backups":[]}\n${record(1)}`, /something that has no list of backups/],
      [`{"links":[],"backups":null}`, /something that has no list of backups/],
      [`{"backups":[${record(1)}]} 5 `, /something that has no list of backups/],
      [`{"links":[],"more":{"backups":[${record(1)}]}}`, /something that has no list of backups/]
    ]
    for (const [input, message] of documents) {
      const { code, stderr } = await load(freshStore(), input)
      assert.strictEqual(code, 1, input)
      assert.match(stderr, message, input)
    }
  })

  it("does not call a list unfinished whose last page is in the file", async () => {
    const pages = `{"backups":[${record(1)}],"links":[{"rel":"next","href":"x"}]}\n{"backups":[${record(2)}]}`
    const { code, stdout, stderr } = await load(freshStore(), pages)
    assert.strictEqual(code, 0)
    assert.match(stdout, /2 new/)
    assert.strictEqual(stderr, "")
  })

  it("counts a record that comes again in the same file as changed or unchanged, wherever batches are cut", async () => {
    const lines = [record(1), record(1), record(2), record(1).replace("nightly", "weekly")].join("\n")
    for (const size of ["1", "2", "1000"]) {
      const { stdout } = await load(freshStore(), lines, "--batch-size", size)
      assert.strictEqual(stdout, "Account acme: 2 new, 1 changed, 1 unchanged, 0 rejected.\n")
    }
  })

  it("rejects a record that is nested without end, and goes on", async () => {
    const deep = `{"id":${"[".repeat(100_000)}${"]".repeat(100_000)}}`
    const { code, stdout, stderr } = await load(freshStore(), `${record(1)}\n${deep}\n${record(2)}`)
    assert.strictEqual(code, 1)
    assert.match(stdout, /2 new, .* 1 rejected/)
    assert.match(stderr, /line 2: id is not what it must be/)
  })

  it("says how far it came when it is stopped, with 130", async () => {
    const store = freshStore()
    const child = spawnProgram(["load", "--store", store, "--account", "acme", "-"])
    const end = ended(child, undefined, false)
    child.stdin?.write([...numbered(2500)].join(""))
    await untilLoaded(store, 2000)
    // What is left of the input must have been read before the signal comes.
    await new Promise((resolve) => setTimeout(resolve, 500))
    child.kill("SIGINT")
    const { code, stderr } = await end
    assert.strictEqual(code, 130)
    assert.match(stderr, /Stopped after 2,000 records of standard input; the rest was not loaded/)
    assert.strictEqual(await count(store), 2000)
  })

  it("writes large records in smaller batches, so that memory stays bounded", async () => {
    const large = record(0).replace('nightly"', `nightly","unknown":"${"x".repeat(900_000)}"`)
    const input = Array.from({ length: 60 }, (_, n) => large.replace('"b0"', `"large${n}"`)).join("\n")
    const store = freshStore()
    const { code, stdout } = await load(store, input)
    assert.strictEqual(code, 0)
    assert.match(stdout, /60 new/)
  })

  it("refuses a record of more than a megabyte without keeping it in memory", async () => {
    const huge = record(1).replace("nightly", "x".repeat(3_000_000))
    const lines = await load(freshStore(), `${record(0)}\n${huge}\n${record(2)}\n`)
    assert.match(lines.stderr, /line 2: it is larger than 1048576 bytes/)
    assert.match(lines.stdout, /2 new, .* 1 rejected/)
    const document = await load(freshStore(), `{"backups":[${record(0)},${huge}]}`)
    assert.match(document.stderr, /record 2 is larger than 1048576 bytes/)
    assert.match(document.stdout, /1 new/)
  })

  it("refuses files that are none, with a sentence", async () => {
    const store = freshStore()
    const folder = temporaryFolder(onTestFinished)
    const file = join(folder, "other.json")
    writeFileSync(file, '{"backups": {"a": 1}}')
    for (const [name, message] of [
      [join(folder, "missing"), /no such file/],
      [folder, /directory/],
      [file, /its backups are not an array/]
    ] as const) {
      const { code, stderr } = await runProgram(["load", "--store", store, "--account", "acme", name])
      assert.strictEqual(code, 1)
      assert.match(stderr, message)
    }
    const { code, stderr } = await runProgram(["load", "--store", store, "--account", "acme", "--nonsense"])
    assert.strictEqual(code, 2)
    assert.match(stderr, /The option --nonsense is not known/)
  })

  it("survives SIGKILL in the middle: the store opens, whole batches are in it, and loading again completes it", async () => {
    const store = freshStore()
    const input = [...numbered(30_000)].join("")
    const file = join(temporaryFolder(onTestFinished), "records.ndjson")
    writeFileSync(file, input)
    const child = spawnProgram(["load", "--store", store, "--account", "acme", "--batch-size", "100", file])
    const end = ended(child)
    await untilLoaded(store, 1000)
    child.kill("SIGKILL")
    await end
    const kept = await count(store)
    assert.isAbove(kept, 0)
    assert.isBelow(kept, 30_000)
    assert.strictEqual(kept % 100, 0)
    const again = await load(store, input)
    assert.strictEqual(again.code, 0, again.stderr)
    assert.strictEqual(await count(store), 30_000)
  })

  it("takes its options behind its file as well as in front of it, and says what is missing", async () => {
    const store = freshStore()
    const input = [...numbered(2)].join("")
    for (const args of [
      ["-", "--account", "acme", "--store", store],
      ["--account=acme", "-", `--store=${store}`],
      ["--store", store, "--account", "acme", "-"]
    ]) {
      const { code, stderr } = await runProgram(["load", ...args], input)
      assert.strictEqual(code, 0, stderr)
    }
    assert.strictEqual(await count(store), 2)
    for (const [args, message] of [
      [["--store", store, "-"], "The option --account is missing. It takes ACCOUNT. The account, such as 1234."],
      [
        ["--store", store, "--account", "acme"],
        "The argument FILE is missing: a saved list answer, a JSON array of records or NDJSON; - for standard input."
      ],
      [
        ["-", "--account", "acme", "-x.json"],
        "The option -x.json is not known; a file whose name begins with - is written ./-x.json."
      ]
    ] as const) {
      const { code, stderr } = await runProgram(["load", ...args])
      assert.strictEqual(code, 2)
      assert.strictEqual(stderr.trim(), `${message} See backup-catalog-server load --help.`)
    }
  })

  it("two loads at once both get through", async () => {
    const store = freshStore()
    const input = [...numbered(5000)].join("")
    const [a, b] = await Promise.all([load(store, input), load(store, input)])
    assert.strictEqual(a.code, 0, a.stderr)
    assert.strictEqual(b.code, 0, b.stderr)
    assert.strictEqual(await count(store), 5000)
  })

  it("takes as little memory for a large file as for a small one", async () => {
    const peak = async (count: number): Promise<number> => {
      const file = join(temporaryFolder(onTestFinished), "records.json")
      writeFileSync(file, `{"backups":[${[...numbered(count)].map((line) => line.trim()).join(",")}]}`)
      const args = ["load", "--store", freshStore(), "--account", "acme", file]
      const { code, stderr } = await runProgram(args, undefined, { NODE_OPTIONS: PRINT_PEAK })
      assert.strictEqual(code, 0, stderr)
      return Number(/^peak (\d+)$/m.exec(stderr)?.[1]) / 1024
    }
    const small = await peak(5000)
    const large = await peak(40_000)
    assert.isAbove(small, 30)
    assert.isBelow(large, small + 60, `${small} MiB and ${large} MiB`)
  })
})
