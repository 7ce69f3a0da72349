import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Either, Option } from "effect"
import { parseRecords } from "../src/reading/parseRecords.ts"
import { backups, type Ended, type Env, ended, shell, start } from "./support/backups.ts"
import { type CatalogServer, record, startCatalog, withServer } from "./support/servers.ts"

let catalog: CatalogServer
let accounts = 0

beforeAll(async () => {
  catalog = await startCatalog()
})
afterAll(() => catalog.stop())

const fresh = (records: ReadonlyArray<object> = [], role?: "reader") =>
  catalog.account(`registering-${++accounts}`, records, role)

const shownAs = async (id: string, env: Env) => JSON.parse((await backups(["show", id, "-o", "json"], env)).stdout)

const all = async (env: Env) => JSON.parse((await backups(["list", "-o", "json"], env)).stdout)

/** Runs the program with a text on its standard input. */
const fed = (input: string, args: ReadonlyArray<string>, env: Env): Promise<Ended> => {
  const child = start(args, env)
  child.stdin.end(input)
  return ended(child)
}

const folder = mkdtempSync(join(tmpdir(), "backups-records-"))
const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe("backups register with options", { concurrent: true }, () => {
  it("puts a whole record into the catalog", async () => {
    const env = await fresh([record({ id: "full", instance_id: "db-1" })])
    const { code, stdout, stderr } = await backups(
      [
        ...[
          "register",
          "--id",
          "inc",
          "--name",
          "nightly",
          "--status",
          "failed",
          "--created",
          "2026-11-01T08:30:00+02:00"
        ],
        ...["--updated", "2026-11-01T07:00:00Z", "--size", "1.5G", "--instance", "db-1", "--parent", "full"],
        ...["--datastore", "PostgreSQL:17", "--location", "s3://backups/inc", "--description", "=by hand"]
      ],
      env
    )
    assert.deepStrictEqual([code, stdout, stderr], [0, "registered inc\n", ""])
    assert.deepStrictEqual(await shownAs("inc", env), {
      id: "inc",
      name: "nightly",
      description: "=by hand",
      status: "FAILED",
      created: "2026-11-01T06:30:00",
      updated: "2026-11-01T07:00:00",
      size: 1.5,
      instance_id: "db-1",
      parent_id: "full",
      locationRef: "s3://backups/inc",
      datastore: { type: "PostgreSQL", version: "17", version_id: null }
    })
  })

  it("needs only a name: a new id, COMPLETED and now are the rest", async () => {
    const env = await fresh()
    const before = new Date(Date.now() - 1000).toISOString()
    const { stdout } = await backups(["register", "--name", "nightly", "-o", "ndjson"], env)
    const written = JSON.parse(stdout)
    assert.match(written.id, /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    assert.strictEqual(written.status, "COMPLETED")
    assert.strictEqual(written.updated, written.created)
    assert.isAbove(Date.parse(`${written.created}Z`), Date.parse(before) - 1000)
    assert.deepStrictEqual(await all(env), [written])
  })

  it("bytes are kept to the byte", async () => {
    const env = await fresh()
    await backups(["register", "--id", "a", "--name", "n", "--size", "1234567891"], env)
    assert.strictEqual((await backups(["show", "a", "-o", "value", "-c", "size_bytes"], env)).stdout, "1234567891\n")
  })

  it("refuses what is there already, unless it is to be replaced", async () => {
    const env = await fresh([record({ id: "a", name: "before" })])
    const refused = await backups(["register", "--id", "a", "--name", "after"], env)
    assert.deepStrictEqual([refused.code, refused.stdout], [1, ""])
    assert.match(refused.stderr, /^backups: There is a backup with the id a already; --replace [^\n]+\n$/)
    assert.strictEqual((await shownAs("a", env)).name, "before")
    const replaced = await backups(["register", "--id", "a", "--name", "after", "--replace"], env)
    assert.strictEqual(replaced.stdout, "replaced a\n")
    assert.strictEqual((await shownAs("a", env)).name, "after")
  })

  it("--dry-run shows the record alone and writes nothing", async () => {
    const env = await fresh()
    const { code, stdout, stderr } = await backups(
      ["register", "--id", "a", "--name", "n", "--created", "2026-11-01", "--dry-run", "-o", "json"],
      env
    )
    assert.strictEqual(code, 0)
    assert.deepStrictEqual(
      JSON.parse(stdout),
      record({ id: "a", name: "n", created: "2026-11-01T00:00:00", updated: "2026-11-01T00:00:00" })
    )
    assert.strictEqual(stderr, "Nothing was registered: without --dry-run, this record would be.\n")
    assert.deepStrictEqual(await all(env), [])
  })

  it("names the option that cannot be used", async () => {
    const env = await fresh()
    for (const [args, sentence] of [
      [[], "The option --name is missing; or give whole records with --from."],
      [["--name", "n", "--size", "1.5"], "The option --size takes a number of bytes (1048576)"],
      [["--name", "n", "--size", "9000P"], "The option --size takes less than 8 EiB"],
      [["--name", "n", "--status", "done"], "The option --status must be one of NEW BUILDING"],
      [["--name", "n", "--created", "soon"], "The option --created takes how long ago"],
      [["--name", "n", "--instance", "a\nb"], "The option --instance must not contain control characters"],
      [["--name", "n", "--id", ".."], "The option --id must not be one dot or two"],
      [["--name", "n", "--datastore", ":17"], "The option --datastore must have 1 to 255 characters"],
      [["--name", "n".repeat(256)], "The option --name must have 1 to 255 characters"],
      [["--name", "n", "--from", "-"], "The option --from takes whole records"]
    ] as const) {
      const { code, stdout, stderr } = await backups(["register", ...args], env)
      assert.deepStrictEqual([code, stdout], [2, ""], sentence)
      assert.match(stderr, /^backups: [^\n]+\n$/)
      assert.include(stderr, sentence)
    }
    assert.deepStrictEqual(await all(env), [])
  })

  it("an answer that does not come leaves it open, and says how to know, with the id that was made for it", async () => {
    const silent = (args: ReadonlyArray<string>) =>
      withServer(
        (_, response) => response.destroy(),
        (env) => backups(["register", ...args], env)
      )
    const { code, stderr } = await silent(["--name", "nightly"])
    assert.strictEqual(code, 6)
    assert.match(
      stderr,
      /^It is not known whether the backup ([0-9a-f-]{36}) was registered; backups show \1 tells, and --id \1 does it again\.\nbackups: /
    )
    const path = file("silent.json", JSON.stringify(record({ id: "a" })))
    assert.match((await silent(["--from", path])).stderr, /was registered; backups show a tells\.\n/)
  })

  it("what the catalog refuses is its sentence: a parent that is missing is 1, a token that may only read 3", async () => {
    const missing = await backups(["register", "--name", "n", "--parent", "nothing"], await fresh())
    assert.strictEqual(missing.code, 1)
    assert.include(missing.stderr, "parent_id")
    assert.strictEqual((await backups(["register", "--name", "n"], await fresh([], "reader"))).code, 3)
  })
})

describe("backups register --from", { concurrent: true }, () => {
  const full = record({
    id: "full",
    instance_id: "db",
    size: 0.5,
    datastore: { type: "MySQL", version: "8", version_id: null }
  })
  const increment = record({ id: "inc", parent_id: "full", instance_id: "db", created: "2026-01-02T00:00:00" })

  it("takes what show and list write, in every form of JSON, parents first", async () => {
    const source = await fresh([full, increment])
    for (const [command, expected] of [
      ["show full -o json", [full]],
      ["show full -o ndjson", [full]],
      ["list -o json", [increment, full]],
      ["list -o ndjson", [increment, full]]
    ] as const) {
      const target = await fresh()
      const { code, stderr } = await shell(
        `set -o pipefail
         backups ${command} | BACKUPS_ACCOUNT=${target.BACKUPS_ACCOUNT} BACKUPS_TOKEN=${target.BACKUPS_TOKEN} backups register --from -`,
        source
      )
      assert.deepStrictEqual([code, stderr], [0, ""], command)
      assert.deepStrictEqual(await all(target), expected, command)
    }
  })

  it("takes answers of the API, and fractions of seconds", async () => {
    const env = await fresh()
    const exact = { ...full, created: "2026-01-01T00:00:00.5Z", updated: "2026-01-01T01:00:00+01:00" }
    assert.strictEqual(
      (await fed(JSON.stringify({ backup: exact }), ["register", "--from", "-"], env)).stdout,
      "registered full\n"
    )
    const path = file("answer.json", JSON.stringify({ backups: [increment] }, null, 2))
    assert.strictEqual((await backups(["register", "--from", path], env)).stdout, "registered inc\n")
    assert.deepStrictEqual(await all(env), [increment, full])
    const list = await backups(["list", "--since", "2026-01-01T00:00:00.6Z", "-o", "value", "-c", "id"], env)
    assert.strictEqual(list.stdout, "inc\n")
    const before = await backups(["list", "--before", "2026-01-01T00:00:00.5000001Z", "-o", "value", "-c", "id"], env)
    assert.strictEqual(before.stdout, "full\n")
  })

  it("with -o writes the records, one alone as show does", async () => {
    const env = await fresh()
    const one = await fed(JSON.stringify(full), ["register", "--from", "-", "-o", "json"], env)
    assert.deepStrictEqual(JSON.parse(one.stdout), full)
    const two = await fed(
      `${JSON.stringify([increment, full])}`,
      ["register", "--from", "-", "-o", "json", "--replace"],
      env
    )
    assert.deepStrictEqual(JSON.parse(two.stdout), [full, increment])
    const dry = await fed(
      `${JSON.stringify([increment, full])}`,
      ["register", "--from", "-", "-o", "csv", "--dry-run"],
      env
    )
    assert.strictEqual(dry.stdout.trimEnd().split("\n").length, 3)
    assert.include(dry.stderr, "these 2 records would be")
  })

  it("a bad line is named with its number, and nothing of the file is registered", async () => {
    const env = await fresh()
    const good = JSON.stringify(full)
    for (const [text, sentence] of [
      [`${good}\n\n{"id":`, "line 3: it is not JSON."],
      [
        `${good}\n${JSON.stringify({ ...increment, instanceid: "db" })}`,
        'line 2: the member "instanceid" is not known.'
      ],
      [
        `${good}\n${JSON.stringify({ ...increment, datastore: { typ: "x" } })}`,
        'line 2: the member "datastore.typ" is'
      ],
      [`${good}\n7`, "line 2: it must be a JSON object, the record of a backup."],
      [`${good}\n${good}`, "line 2: its id is that of line 1."],
      [
        `${good}\n${JSON.stringify({ ...increment, retired_at: "2026-11-23T02:00:00" })}`,
        "line 2: it has retired_at: its source no longer has it"
      ],
      [JSON.stringify([full, { ...increment, status: "done" }]), "record 2: status must be one of NEW"],
      [JSON.stringify({ ...full, age: 5 }), 'The standard input cannot be used: the member "age" is not known.'],
      [`x\ny\n${good}`, "line 1: it is not JSON. And 1 more of its records cannot be used."],
      [JSON.stringify(full, null, 2).repeat(2), "line 1: it is not JSON; jq -c writes one a line."],
      [
        JSON.stringify({ backups: [full], links: [{ rel: "next", href: "/v1.0/1/backups?marker=m" }] }),
        "this is one page of a list; backups list -o ndjson gives all of it."
      ],
      ["", "it has no record."],
      ["[]", "it has no record."]
    ] as const) {
      const { code, stdout, stderr } = await fed(text, ["register", "--from", "-"], env)
      assert.deepStrictEqual([code, stdout], [2, ""], sentence)
      assert.match(stderr, /^backups: Nothing was registered\. [^\n]+\n$/)
      assert.include(stderr, sentence)
    }
    assert.deepStrictEqual(await all(env), [])
  })

  it("a record of another account stops it before anything is registered", async () => {
    const env = await fresh()
    const account = env.BACKUPS_ACCOUNT ?? ""
    const lines = [record({ id: "a", project_id: account }), record({ id: "b", project_id: "4321" })]
    const text = lines.map((line) => JSON.stringify(line)).join("\n")
    for (const args of [[], ["--dry-run"]]) {
      const { code, stdout, stderr } = await fed(text, ["register", "--from", "-", ...args], env)
      assert.deepStrictEqual([code, stdout], [2, ""])
      assert.include(
        stderr,
        `Nothing was registered: line 2, the backup b, has the project_id 4321, and the account is ${account}; `
      )
    }
    assert.deepStrictEqual(await all(env), [])
    assert.strictEqual((await fed(JSON.stringify(lines[0]), ["register", "--from", "-"], env)).code, 0)
  })

  it("in a table has room for every record from the first line on", async () => {
    const env = await fresh()
    const lines = ["short", "a name that is rather longer than the one before"].map((name, index) =>
      JSON.stringify(record({ id: `id-${index}`, name }))
    )
    for (const last of ["--dry-run", "--replace"]) {
      const { stdout } = await fed(lines.join("\n"), ["register", "--from", "-", "-o", "table", last], env)
      const [header = "", ...rows] = stdout.trimEnd().split("\n")
      const at = header.indexOf("STATUS")
      assert.deepStrictEqual(
        rows.map((row) => row.indexOf("COMPLETED")),
        [at, at],
        stdout
      )
    }
  })

  it("a file that cannot be read is one sentence", async () => {
    const env = await fresh()
    const binary = join(folder, "binary.json")
    writeFileSync(binary, Buffer.from([0x22, 0xff, 0x22]))
    for (const [path, why] of [
      [join(folder, "absent.json"), "no such file or directory."],
      [folder, "illegal operation on a directory."],
      [binary, "it is not valid UTF-8."],
      ["/dev/zero", "it has more than 67108864 bytes, which is the most that is read."]
    ] as const) {
      const { code, stdout, stderr } = await backups(["register", "--from", path], env)
      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.match(stderr, /^backups: [^\n]+\n$/)
      assert.include(stderr, `${path} cannot be read: ${why}`)
    }
  })

  it("the first failure stops it, and says what was registered before", async () => {
    const env = await fresh([record({ id: "b" })])
    const lines = ["a", "b", "c"].map((id) => JSON.stringify(record({ id }))).join("\n")
    const { code, stdout, stderr } = await fed(lines, ["register", "--from", "-"], env)
    assert.deepStrictEqual([code, stdout], [1, "registered a\n"])
    assert.match(
      stderr,
      /^1 of 3 records were registered; stopped at line 2, the backup b\.\nbackups: There is a backup/
    )
    const none = await fed(lines, ["register", "--from", "-"], env)
    assert.include(none.stderr, "Nothing was registered; stopped at line 1, the backup a.\n")
  })

  it("an answer that does not come leaves it open, and that is what is said", async () => {
    const lines = ["a", "b"].map((id) => JSON.stringify(record({ id }))).join("\n")
    const { code, stderr } = await withServer(
      (_, response) => response.destroy(),
      (env) => fed(lines, ["register", "--from", "-"], env)
    )
    assert.strictEqual(code, 6)
    assert.include(stderr, "it is not known whether line 1, the backup a, was.")
  })

  it("a retired_at of null says that a record was not retired", () => {
    const [one] = Either.getOrThrow(parseRecords(JSON.stringify(record({ id: "a", retired_at: null }))))
    assert.strictEqual(one?.backup.id, "a")
  })

  it("parents that are incremental to each other do not keep it reading", () => {
    const circle = [record({ id: "a", parent_id: "b" }), record({ id: "b", parent_id: "a" })]
    const records = Either.getOrThrow(parseRecords(JSON.stringify(circle)))
    assert.deepStrictEqual(
      records.map(({ backup }) => [String(backup.id), String(Option.getOrNull(backup.parentId))]),
      [
        ["b", "a"],
        ["a", "b"]
      ]
    )
  })
})
