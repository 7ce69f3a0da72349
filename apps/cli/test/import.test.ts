import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { type Importer, importers } from "@backup-catalog/sources"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { detectTool } from "../src/imports/detectTool.ts"
import { toolNames, tools } from "../src/imports/tools.ts"
import * as Keyboard from "../src/reading/Keyboard.ts"
import { displayWidth } from "../src/terminal/displayWidth.ts"
import { backups, type Ended, type Env, ended, inTerminal, start } from "./support/backups.ts"
import { evaluation } from "./support/evaluation.ts"
import { cloudsYaml, startKeystone } from "./support/keystone.ts"
import { type CatalogServer, DEMO_TOKEN, record, startCatalog, withServer } from "./support/servers.ts"
import { ask, listed, sampleJson, samplePath } from "./support/sources.ts"
import { temporaryFolder } from "./support/temporaryFolder.ts"

let catalog: CatalogServer
let accounts = 0

beforeAll(async () => {
  catalog = await startCatalog()
})
afterAll(() => catalog.stop())

const fresh = (records: ReadonlyArray<object> = []) => catalog.account(`importing-${++accounts}`, records)

const folder = mkdtempSync(join(tmpdir(), "backups-import-"))
const file = (content: unknown): string => {
  const path = join(folder, `file-${++accounts}`)
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content), { mode: 0o600 })
  return path
}

const run = (env: Env, ...args: ReadonlyArray<string>): Promise<Ended> => backups(["import", ...args], env)

const fed = (input: string | Buffer, args: ReadonlyArray<string>, env: Env): Promise<Ended> => {
  const child = start(["import", ...args], env)
  child.stdin.end(input)
  return ended(child)
}

const info = samplePath("pgbackrest/info.json")

/** What pgBackRest prints once some of its backups have expired. */
const infoWithout = (...labels: ReadonlyArray<string>) => {
  const stanzas: ReadonlyArray<{ backup: ReadonlyArray<{ label: string }> }> = sampleJson("pgbackrest/info.json")
  return file(stanzas.map((one) => ({ ...one, backup: one.backup.filter(({ label }) => !labels.includes(label)) })))
}

const labels: ReadonlyArray<string> = sampleJson("pgbackrest/info.json")
  .flatMap(({ backup }: { backup: ReadonlyArray<{ label: string }> }) => backup.map(({ label }) => label))
  .sort()

/** Runs an import against a server that notes the requests, of which there must be none. */
const asking = (...args: ReadonlyArray<string>) => {
  let asked = 0
  return withServer(
    (_, response) => {
      asked++
      response.writeHead(500).end()
    },
    async (env) => ({ ...(await run(env, ...args)), asked })
  )
}

describe("backups import", { concurrent: true }, () => {
  it("knows the importers by their names, and what each reads", () => {
    assert.deepStrictEqual(toolNames, [...importers.map(({ name }) => name), "records"])
    const inputOf = (importer: Importer) =>
      importer.kind === "folder" ? "folder" : importer.command.length === 0 ? "saved" : "printed"
    assert.deepStrictEqual(tools, Object.fromEntries(importers.map((importer) => [importer.name, inputOf(importer)])))
  })

  it("is not evaluated by runs that do something else", async () => {
    // The title of an importer, and the class of an error of the reader of YAML.
    const words = ["pgBackRest", "YAMLParseError"]
    const env = await fresh([])
    const list = await evaluation(["list"], env)
    assert.isTrue(list("backups list"))
    for (const word of words) assert.isFalse(list(word), word)
    const config = temporaryFolder({ "backups.yaml": "sources: []" })
    const sync = await evaluation(["sync", "--check", "--config", join(config, "backups.yaml")], env)
    for (const word of words) assert.isTrue(sync(word), word)
  })

  it("makes the catalog have what a tool has, and finds it unchanged the second time", async () => {
    const env = await fresh([record({ id: "by-hand", name: "by hand" })])
    assert.deepStrictEqual(await run(env, "pgbackrest", info, "--source", "pg-main"), {
      code: 0,
      signal: null,
      stdout: "pg-main: 7 new, 0 changed, 0 unchanged, 0 retired, 0 rejected.\n",
      stderr: ""
    })
    assert.deepStrictEqual(await listed(env), [...labels, "by hand"].sort())
    const { stdout } = await run(env, "pgbackrest", info, "--source", "pg-main")
    assert.strictEqual(stdout, "pg-main: 0 new, 0 changed, 7 unchanged, 0 retired, 0 rejected.\n")
    assert.deepStrictEqual(await listed(env), [...labels, "by hand"].sort())
  })

  it("retires what the tool has no longer, and brings it back", async () => {
    const env = await fresh()
    await run(env, "pgbackrest", info)
    const gone = "20261123-175024F"
    const { code, stdout } = await run(env, "pgbackrest", infoWithout(gone))
    assert.deepStrictEqual([code, stdout], [0, "pgbackrest: 0 new, 0 changed, 6 unchanged, 1 retired, 0 rejected.\n"])
    assert.deepStrictEqual(
      await listed(env),
      labels.filter((label) => label !== gone)
    )
    assert.match((await run(env, "pgbackrest", info)).stdout, /^pgbackrest: .*0 retired, 0 rejected\.\n$/)
    assert.deepStrictEqual(await listed(env), labels)
  })

  it("says which backups lost their parent", async () => {
    const env = await fresh()
    await run(env, "pgbackrest", info)
    const { code, stdout, stderr } = await run(env, "pgbackrest", infoWithout("20261123-175034F"))
    assert.deepStrictEqual([code, stdout], [0, "pgbackrest: 0 new, 0 changed, 6 unchanged, 1 retired, 0 rejected.\n"])
    const [note, retired, ...others] = stderr.trimEnd().split("\n")
    assert.strictEqual(
      note,
      "pgbackrest: crm: 20261123-175034F_20261123-175046I is on what is not in the list (20261123-175034F), and so not to be restored, unless the list was cut down by --type."
    )
    assert.match(
      retired ?? "",
      /^pgbackrest: retired 1 backup, but 1 increment depends on it: 20261123-175034F_20261123-175046I \([0-9a-f-]{36}\)\.$/
    )
    assert.isEmpty(others)
  })

  it("says how many more are on backups that lost their parent", async () => {
    const env = await fresh()
    await run(env, "pgbackrest", info)
    const { stderr } = await run(env, "pgbackrest", infoWithout("20261123-175009F"), "--dry-run")
    assert.match(
      stderr,
      /^pgbackrest: would retire 1 backup, but 1 increment depends on it: 20261123-175009F_20261123-175015D \([0-9a-f-]{36}\)\. 2 more backups depend on that increment\.$/m
    )
  })

  it("retires nothing with --merge", async () => {
    const env = await fresh()
    await run(env, "pgbackrest", info)
    const { code, stdout } = await run(env, "pgbackrest", infoWithout("20261123-175024F"), "--merge")
    assert.deepStrictEqual([code, stdout], [0, "pgbackrest: 0 new, 0 changed, 6 unchanged, 0 retired, 0 rejected.\n"])
    assert.deepStrictEqual(await listed(env), labels)
  })

  it("ends with 0 when a part is merged, says that it is one, and with 1 when something of it was left out", async () => {
    const env = await fresh()
    const links = [{ rel: "next", href: "http://localhost/v1.0/1/backups?marker=a" }]
    const good = record({ id: "t-1", name: "n-1", instance_id: "db" })
    const { code, stdout, stderr } = await run(env, "trove", file({ backups: [good], links }), "--merge")
    assert.deepStrictEqual(
      [code, stdout, stderr],
      [
        0,
        "trove: 1 new, 0 changed, 0 unchanged, 0 retired, 0 rejected.\n",
        "trove: links: more pages follow and were not given, so backups are missing: save the pages behind this link, too.\n"
      ]
    )
    const broken = await run(env, "trove", file({ backups: [good, {}], links }), "--merge")
    assert.strictEqual(broken.code, 1)
    assert.match(broken.stderr, /^backups: trove: this is not all that the source has \(for what is said above\)\.$/m)
  })

  it("retires nothing by an inventory that is not complete, says why, and ends with 1", async () => {
    const env = await fresh()
    const all = [1, 2, 3].map((n) => record({ id: `t-${n}`, name: `n-${n}` }))
    await run(env, "trove", file({ backups: all }))
    const page = {
      backups: all.slice(0, 1),
      links: [{ rel: "next", href: "http://localhost/v1.0/1/backups?marker=a" }]
    }
    const { code, stdout, stderr } = await run(env, "trove", file(page))
    assert.deepStrictEqual([code, stdout], [1, "trove: 0 new, 0 changed, 1 unchanged, 0 retired, 0 rejected.\n"])
    const [first, unassigned, second, ...others] = stderr.trimEnd().split("\n")
    assert.strictEqual(unassigned, "trove: 1 backup has no instance, and is not seen by backups check.")
    assert.strictEqual(
      first,
      "trove: links: more pages follow and were not given, so backups are missing: save the pages behind this link, too."
    )
    assert.match(
      second ?? "",
      /^backups: trove: nothing was retired, since this is not all that the source has \(links: /
    )
    assert.deepStrictEqual(others, [])
    assert.deepStrictEqual(await listed(env), ["n-1", "n-2", "n-3"])
    const { imports } = await ask(env, "imports")
    assert.deepStrictEqual(
      imports.map(({ mode }: { mode: string }) => mode),
      ["merge", "snapshot"]
    )
  })

  it("names twenty broken entries and counts the rest", async () => {
    const env = await fresh()
    const broken = Array.from({ length: 33 }, (_, n) => ({ id: `t-${n}`, name: "no time", status: "COMPLETED" }))
    const { code, stderr } = await run(env, "trove", file({ backups: [record({}), ...broken] }))
    const lines = stderr.trimEnd().split("\n")
    assert.deepStrictEqual([code, lines.length], [1, 23])
    assert.match(lines[0] ?? "", /^trove: backups\[1\]/)
    assert.strictEqual(lines[20], "And 13 more.")
  })

  it("an empty snapshot is refused unless it is allowed", async () => {
    const env = await fresh()
    await run(env, "trove", samplePath("trove/mysql.json"))
    const before = await listed(env)
    assert.isNotEmpty(before)
    const none = samplePath("trove/none.json")
    const refused = await run(env, "trove", none)
    assert.deepStrictEqual([refused.code, refused.stdout], [1, ""])
    assert.match(refused.stderr, /has no backup, .*say so with --allow-empty\. \(request /)
    assert.deepStrictEqual(await listed(env), before)
    assert.strictEqual((await run(env, "trove", none, "--allow-empty")).code, 0)
    assert.deepStrictEqual(await listed(env), [])
  })

  it("a folder that is empty is refused unless it is allowed, and one of other files always", async () => {
    const env = await fresh()
    const dump = "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n-- Dump completed on 2026-01-02  3:04:05\n"
    const folder = temporaryFolder({ "shop.sql": dump })
    const take = (...more: ReadonlyArray<string>) => run(env, "dumps", folder, "--time-zone", "UTC", ...more)
    await take()
    const before = await listed(env)
    assert.isNotEmpty(before)
    rmSync(join(folder, "shop.sql"))
    writeFileSync(join(folder, "notes.txt"), "moved to the other disk")
    const other = await take("--allow-empty")
    assert.deepStrictEqual([other.code, await listed(env)], [1, before])
    assert.match(other.stderr, /holds no dumps/)
    rmSync(join(folder, "notes.txt"))
    const refused = await take()
    assert.deepStrictEqual([refused.code, await listed(env)], [1, before])
    assert.match(refused.stderr, /holds no files: is it mounted\? .*say so with --allow-empty\./)
    assert.strictEqual((await take("--allow-empty")).code, 0)
    assert.deepStrictEqual(await listed(env), [])
  })

  it("calls instances what a mapping says, in YAML or JSON, and ids stay", async () => {
    const env = await fresh()
    await run(env, "pgbackrest", info)
    const yaml = file('instances:\n  - match: "(crm)"\n    to: pg-$1\n    tool: pgbackrest\n')
    const { stdout } = await run(env, "pgbackrest", info, "--mapping", yaml)
    assert.strictEqual(stdout, "pgbackrest: 0 new, 2 changed, 5 unchanged, 0 retired, 0 rejected.\n")
    const json = file({ instances: [{ match: "crm", to: "pg-crm" }] })
    assert.match((await run(env, "pgbackrest", info, "--mapping", json)).stdout, / 7 unchanged/)
    const { backups: found } = await ask(env, "backups?instance_id=pg-crm")
    assert.strictEqual(found.length, 2)
  })

  it("has locations below the one that is given", async () => {
    const env = await fresh()
    await run(env, "pgbackrest", info, "--location", "s3://bucket/repo/")
    const { backups: found } = await ask(env, "backups")
    for (const { locationRef, name } of found)
      assert.match(String(locationRef), new RegExp(`^s3://bucket/repo/.*/${name}$`))
  })

  it("reads standard input, and a folder", async () => {
    const env = await fresh()
    const { stdout } = await fed(readFileSync(samplePath("restic/snapshots.json")), ["restic", "-"], env)
    assert.strictEqual(stdout, "restic: 5 new, 0 changed, 0 unchanged, 0 retired, 0 rejected.\n")
    const dumps = await run(env, "dumps", samplePath("dumps/pg_dump"), "--time-zone", "UTC", "--source", "nightly")
    assert.match(dumps.stdout, /^nightly: [1-9]\d* new, /)
  })

  it("sends what is larger compressed, as many records as there are", async () => {
    const env = await fresh()
    const backups = Array.from({ length: 3000 }, (_, n) => record({ id: `t-${n}`, name: `nightly ${n}` }))
    const path = file({ backups })
    assert.match((await run(env, "trove", path)).stdout, /^trove: 3000 new, /)
    assert.match((await run(env, "trove", path)).stdout, / 3000 unchanged, 0 retired, 0 rejected\.\n$/)
  })
})

describe("backups import --dry-run", { concurrent: true }, () => {
  it("shows what would change and changes nothing", async () => {
    const env = await fresh()
    await run(env, "pgbackrest", info)
    const changed = infoWithout("20261123-175024F")
    const mapping = file({ instances: [{ match: "crm", to: "pg-crm" }] })
    const { code, stdout, stderr } = await run(env, "pgbackrest", changed, "--mapping", mapping, "--dry-run")
    assert.strictEqual(code, 0)
    const [header, ...lines] = stdout.trimEnd().split("\n")
    assert.match(header ?? "", /^CHANGE +INSTANCE +NAME +ID +MEMBERS$/)
    assert.deepStrictEqual(lines.map((line) => line.split(/ +/).toSpliced(3, 1)).sort(), [
      ["changed", "pg-crm", "20261123-175034F", "instance_id"],
      ["changed", "pg-crm", "20261123-175034F_20261123-175046I", "instance_id"],
      ["retired", "shop", "20261123-175024F", "-"]
    ])
    assert.strictEqual(
      stderr,
      "Nothing was changed. Without --dry-run, this would be pgbackrest: 0 new, 2 changed, 4 unchanged, 1 retired, 0 rejected.\n"
    )
    assert.deepStrictEqual(await listed(env), labels)
    const { imports } = await ask(env, "imports")
    assert.strictEqual(imports.length, 1)
  })

  it("is the answer of the catalog as json", async () => {
    const env = await fresh()
    const { stdout } = await run(env, "pgbackrest", info, "--dry-run", "-o", "json")
    const { dry_run, created, differences, complete, problems } = JSON.parse(stdout)
    assert.deepStrictEqual([dry_run, created, complete, problems], [true, 7, true, []])
    assert.deepStrictEqual(differences.map(({ name }: { name: string }) => name).sort(), labels)
  })

  it("fits into 60 columns, with the id below", async () => {
    const env = await fresh()
    const { stdout } = await inTerminal(60, ["import", "pgbackrest", info, "--dry-run"], env)
    const lines = stdout.split("\n").filter((line) => !line.startsWith("Nothing"))
    for (const line of lines) assert.isAtMost(displayWidth(line), 60, line)
    assert.strictEqual(lines.filter((line) => /^ {2}[0-9a-f-]{36}$/.test(line)).length, 7)
  })
})

describe("backups import --exec", { concurrent: true }, () => {
  it("runs another command than the tool's own, without a shell", async () => {
    const env = await fresh()
    const { code, stdout } = await run(env, "restic", "--exec", "--", "cat", samplePath("restic/snapshots.json"))
    assert.deepStrictEqual([code, stdout], [0, "restic: 5 new, 0 changed, 0 unchanged, 0 retired, 0 rejected.\n"])
    const words = await run(
      env,
      "restic",
      "--exec",
      "--",
      "node",
      "-e",
      "console.error(process.argv)",
      "$HOME",
      "--merge"
    )
    assert.include(words.stderr, "'$HOME', '--merge'")
  })

  it("runs the tool's own command where none is given", async () => {
    const path = mkdtempSync(join(tmpdir(), "backups-bin-"))
    writeFileSync(
      join(path, "restic"),
      `#!/bin/sh\n[ "$*" = "snapshots --json" ] && cat '${samplePath("restic/snapshots.json")}'\n`,
      { mode: 0o755 }
    )
    const env = await fresh()
    const { stdout } = await run({ ...env, PATH: `${path}:${process.env.PATH}` }, "restic", "--exec")
    assert.match(stdout, /^restic: 5 new, /)
  })

  it("sends nothing when the tool fails, and has its words", async () => {
    const script = 'echo "repository is locked" >&2; exit 11'
    const { code, stdout, stderr, asked } = await asking("restic", "--exec", "--", "sh", "-c", script)
    assert.deepStrictEqual([code, stdout, asked], [1, "", 0])
    assert.include(stderr, "repository is locked")
    const slow = await asking("restic", "--exec", "--timeout", "1s", "--", "sleep", "60")
    assert.deepStrictEqual([slow.code, slow.asked], [1, 0])
    assert.include(slow.stderr, "did not end within 1 seconds")
  })
})

describe("backups import --detect", { concurrent: true }, () => {
  for (const [path, tool] of [
    ["barman/diagnose.json", "barman"],
    ["borg/info-all-archives.json", "borg"],
    ["pgbackrest/info.json", "pgbackrest"],
    ["rds/documented-describe-db-snapshots.json", "rds"],
    ["restic/snapshots.json", "restic"],
    ["trove/all.json", "trove"],
    ["wal-g/postgres-detail.json", "wal-g"],
    ["dumps", "dumps"],
    ["mariabackup", "mariabackup"],
    ["redis", "redis"]
  ] as const) {
    it(`recognises what ${tool} left`, async () => {
      const env = await fresh()
      const { stdout, stderr } = await run(env, "--detect", samplePath(path), "--time-zone", "UTC")
      assert.include(stderr, `Recognised as ${tool}.\n`)
      assert.match(stdout, new RegExp(`^${tool}: [1-9]\\d* new, `))
    })
  }

  it("recognises every file among the samples as of the tool that left it, or says that nobody does", async () => {
    const recognised = new Set<string>()
    for (const entry of readdirSync(samplePath("."), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      const [tool = ""] = relative(samplePath("."), path).split("/")
      const found = await Effect.runPromise(Effect.either(Effect.provide(detectTool(path), Keyboard.layer)))
      if (Either.isRight(found)) {
        assert.strictEqual(found.right.tool, tool, path)
        recognised.add(tool)
      } else {
        assert.match(found.left.message, / is recognised by no importer\. /)
      }
    }
    assert.sameMembers(
      [...recognised],
      importers.filter(({ kind }) => kind === "output").map(({ name }) => name)
    )
  })

  it("reads a pipe once", async () => {
    const env = await fresh()
    const { stdout } = await fed(readFileSync(info), ["--detect", "-"], env)
    assert.match(stdout, /^pgbackrest: 7 new, /)
  })

  it("sends nothing where none or several recognise it", async () => {
    const none = await asking("--detect", file("hello"))
    assert.deepStrictEqual([none.code, none.asked], [2, 0])
    assert.match(none.stderr, / is recognised by no importer\. If you know the tool, name it: .*barman borg /)
    const several = await asking("--detect", samplePath("."))
    assert.deepStrictEqual([several.code, several.asked], [2, 0])
    assert.match(several.stderr, /is recognised by several importers, dumps mariabackup redis: /)
  })
})

describe("what cannot be imported", { concurrent: true }, () => {
  it("is refused in the tool's own words, and nothing is sent", async () => {
    for (const [tool, path, words] of [
      ["restic", "borg/list.json", "This is not a list of restic"],
      ["trove", "trove/unauthorized.json", "The server did not answer with a list of backups, but said: "],
      ["borg", "borg/list.json", "say in which they are, with --time-zone"],
      ["pgbackrest", "pgbackrest/info.txt", "pgBackRest"]
    ] as const) {
      const { code, stdout, stderr, asked } = await asking(tool, samplePath(path))
      assert.deepStrictEqual([code, stdout, asked], [1, "", 0])
      assert.match(stderr, /^backups: Nothing was imported\. [^\n]+\n$/)
      assert.include(stderr, words)
    }
  })

  it.each([
    [[], "The argument TOOL is missing"],
    [["bacula", "x"], "There is no importer bacula; there are barman borg "],
    [["restic"], "or --exec to run restic snapshots --json here."],
    [["dumps"], "Give the folder of backups"],
    [["trove"], "--from-profile or --from-os-cloud"],
    [["records"], "Give a file of records"],
    [["restic", "a", "b"], "import takes two arguments, but got b as well."],
    [["restic", "a", "--exec"], "give one of them"],
    [["restic", "--", "cat"], "which --exec runs"],
    [["restic", "--exec", "--"], "There is no command behind --"],
    [["restic", "a", "--timeout", "5s"], "give --exec"],
    [["restic", "--exec", "--timeout", "2d"], "takes 1s to 1d"],
    [["restic", "a", "--time-zone", "Mars"], "The option --time-zone takes a name such as Europe/Berlin"],
    [["restic", "a", "--source", "a\u0007b"], "The name of the source must have"],
    [["restic", "a", "--from-profile", "p"], "Only trove lists another server"],
    [["trove", "--from-profile", "p", "--from-os-cloud", "c"], "name two servers"],
    [["records", "a", "--mapping", "m"], "Records are sent as they are"],
    [["restic", "a", "-o", "csv"], "The output csv is not known; there are table json."],
    [["restic", "a", "--mapping", "/nowhere"], "The mapping /nowhere cannot be used: no such file or directory."],
    [["--detect"], "The argument PATH is missing: what the tool printed"],
    [[], "The argument TOOL is missing: what made the backups"],
    [["--detect", "a", "b"], "With --detect there is one argument"],
    [["--detect", "a", "--timeout", "5m"], "The option --timeout is for a tool that is run"],
    [["--detect", "a", "--", "restic", "snapshots"], "What stands behind -- is a command"],
    [["trove", "--exec"], "has no command of its own"],
    [["restic", "/tmp"], "and no folder"],
    [["dumps", "--exec"], "reads a folder of backups"]
  ] as const)("%j is a mistake of the command line", async (args, words) => {
    const { code, stdout, stderr, asked } = await asking(...args)
    assert.deepStrictEqual([code, stdout, asked], [2, "", 0], stderr)
    assert.include(stderr, words)
    assert.match(stderr, /^backups: [^\n]+ See backups import --help\.\n$/)
  })

  it("a mapping that is none is refused with its place", async () => {
    for (const [text, words] of [
      ["instances: [{match: '(', to: x}]", "instances[0].match is not a regular expression"],
      ["instances: [\n", "line "],
      ["instances:\n  - { match: !env SHOP, to: x }", "line 2: it has a tag that is not known"],
      ["instances: [{match: a, to: x, too: y}]", "instances[0].too is not known"]
    ] as const) {
      const { code, stderr, asked } = await asking("restic", "a", "--mapping", file(text))
      assert.deepStrictEqual([code, asked], [2, 0])
      assert.include(stderr, words)
    }
  })

  it("a token that is not good, or may not write, has its exit code", async () => {
    const env = await fresh()
    assert.strictEqual((await run({ ...env, BACKUPS_TOKEN: "wrong" }, "pgbackrest", info)).code, 3)
    const reader = await catalog.account(`importing-${++accounts}`, [], "reader")
    assert.strictEqual((await run(reader, "pgbackrest", info)).code, 3)
    const nobody = await run({ ...env, BACKUPS_URL: "http://127.0.0.1:9" }, "pgbackrest", info)
    assert.strictEqual(nobody.code, 6)
    assert.include(nobody.stderr, "cannot be reached: connect ECONNREFUSED 127.0.0.1:9; nothing was imported.\n")
  })

  it("a catalog that takes no imports, as Trove, is called that", async () => {
    const unknown = JSON.stringify({ itemNotFound: { code: 404, message: "The resource could not be found." } })
    await withServer(
      (_, response) => response.writeHead(404, { "content-type": "application/json" }).end(unknown),
      async (env) => {
        const { code, stderr } = await run(env, "pgbackrest", info)
        assert.deepStrictEqual(
          [code, stderr],
          [4, "backups: The catalog at this address takes no imports; it says: The resource could not be found.\n"]
        )
        for (const asked of [[], ["--datastore", "mysql"], ["--instance", "db-1"], ["--forget", "db-1"]]) {
          assert.deepInclude(await backups(["check", ...asked], env), {
            code: 4,
            stderr:
              "backups: The catalog at this address judges no backups; it says: The resource could not be found.\n"
          })
        }
      }
    )
  })
})

describe("another server", { concurrent: true }, () => {
  const theirs = [1, 2, 3].map((n) =>
    record({ id: `theirs-${n}`, name: `theirs ${n}`, parent_id: n === 3 ? "theirs-1" : null })
  )

  const profileOf = ({ BACKUPS_URL: url, BACKUPS_ACCOUNT: account, BACKUPS_TOKEN: token }: Env) =>
    file({ url, account, token })

  it("is listed by the profile that leads to it, whole or not at all", async () => {
    const [env, other] = [await fresh(), await fresh(theirs)]
    const args = ["trove", "--from-profile", profileOf(other), "--source", "site-b"]
    assert.strictEqual(
      (await run(env, ...args)).stdout,
      "site-b: 3 new, 0 changed, 0 unchanged, 0 retired, 0 rejected.\n"
    )
    assert.deepStrictEqual(await listed(env), ["theirs 1", "theirs 2", "theirs 3"])
    await backups(["delete", "--yes", "theirs-2"], other)
    assert.match((await run(env, ...args)).stdout, / 2 unchanged, 1 retired, 0 rejected\.\n$/)
    const { code, stderr } = await run(env, ...args.with(2, profileOf({ ...other, BACKUPS_TOKEN: "wrong" })))
    assert.strictEqual(code, 3)
    assert.match(
      stderr,
      /^[\w-]+: Nothing was imported, since the account [\w-]+ of http:\S+ could not be listed\.\nbackups: /
    )
    assert.deepStrictEqual(await listed(env), ["theirs 1", "theirs 3"])
  })

  it("that counts its pages from the beginning is read twice, since what is deleted meanwhile shifts the rest", async () => {
    const env = await fresh()
    const all = ["a", "b", "c", "d", "e"].map((id) => record({ id, name: id }))
    let asked = 0
    let present = all
    const answer = (url: string) => {
      const begin = Number(new URL(url, "http://localhost").searchParams.get("marker") ?? 0)
      const backups = present.slice(begin, begin + 2)
      // c is the first of the second page, and now the last of the first, which was read.
      if (++asked === 1) present = all.filter(({ id }) => id !== "b")
      const href = `http://localhost/v1.0/1234/backups?marker=${begin + 2}&limit=2`
      return JSON.stringify(backups.length < 2 ? { backups } : { backups, links: [{ rel: "next", href }] })
    }
    await withServer(
      (request, response) => response.setHeader("content-type", "application/json").end(answer(request.url ?? "")),
      async (other) => {
        const args = ["trove", "--from-profile", profileOf(other), "--source", "offsets"]
        assert.match((await run(env, ...args)).stdout, /^offsets: 5 new, /)
        assert.match((await run(env, ...args)).stdout, / 4 unchanged, 1 retired, 0 rejected\.\n$/)
        assert.deepStrictEqual(await listed(env), ["a", "c", "d", "e"])
      }
    )
  })

  it("is not the one that is imported into", async () => {
    const env = await fresh(theirs)
    const { code, stderr } = await run(env, "trove", "--from-profile", profileOf(env))
    assert.strictEqual(code, 2)
    assert.include(stderr, "is the one that is imported into")
  })

  it("is not the one that is imported into by another address either, as what an import made of its own list tells", async () => {
    const env = await fresh(theirs)
    const profile = profileOf({ ...env, BACKUPS_URL: (env.BACKUPS_URL ?? "").replace("127.0.0.1", "localhost") })
    // Nothing tells it yet.
    assert.match((await run(env, "trove", "--from-profile", profile, "--source", "b")).stdout, /^b: 3 new, /)
    for (const options of [[], ["--merge"], ["--dry-run"]]) {
      const { code, stdout, stderr } = await run(env, "trove", "--from-profile", profile, "--source", "b", ...options)
      assert.deepStrictEqual([code, stdout], [2, ""])
      assert.match(
        stderr,
        /^backups: The account \S+ of http:\/\/localhost:\d+ is the one that is imported into, by another address: it has the same backup theirs-\d, and what an earlier import as b made of that; [^\n]+\n$/
      )
    }
    assert.strictEqual((await listed(env)).length, 6)
    const emptied = await fed("", ["records", "-", "--source", "b", "--snapshot", "--allow-empty"], env)
    assert.match(emptied.stdout, /^b: 0 new, 0 changed, 0 unchanged, 3 retired, /)
    assert.deepStrictEqual(await listed(env), ["theirs 1", "theirs 2", "theirs 3"])
  })

  it("may have imported others itself, also under the same name and account, and itself", async () => {
    const second = await startCatalog()
    const third = await startCatalog()
    try {
      const a = await fresh(theirs)
      const account = a.BACKUPS_ACCOUNT ?? ""
      const [b, c] = [await second.account(account, [record({ id: "b" })]), await third.account(account, [])]
      const from = (env: Env, other: Env) => run(env, "trove", "--from-profile", profileOf(other))
      assert.match((await from(b, a)).stdout, /^trove: 3 new, /)
      assert.match((await from(c, b)).stdout, /^trove: 4 new, /)
      assert.match((await from(c, b)).stdout, /^trove: 0 new, 0 changed, 4 unchanged, /)
      // Each has what the other has made of its own.
      assert.match((await from(a, b)).stdout, /^trove: 4 new, /)
      assert.match((await from(b, a)).stdout, /^trove: 4 new, 0 changed, 3 unchanged, /)
      const own = profileOf({ ...a, BACKUPS_URL: (a.BACKUPS_URL ?? "").replace("127.0.0.1", "localhost") })
      assert.match((await run(a, "trove", "--from-profile", own)).stdout, / new, /)
      assert.strictEqual((await run(a, "trove", "--from-profile", own)).code, 2)
      assert.strictEqual((await from(b, a)).code, 0)
    } finally {
      await Promise.all([second.stop(), third.stop()])
    }
  })

  it("is found by Keystone with a cloud of clouds.yaml", async () => {
    const other = await fresh(theirs)
    const keystone = await startKeystone(other.BACKUPS_ACCOUNT ?? "", other.BACKUPS_TOKEN ?? "", catalog.url)
    try {
      const clouds = file(cloudsYaml(keystone.url))
      const env = { ...(await fresh()), OS_CLIENT_CONFIG_FILE: clouds }
      assert.match((await run(env, "trove", "--from-os-cloud", "shop")).stdout, /^trove: 3 new, /)
      assert.strictEqual((await run(env, "trove", "--from-os-cloud", "wrong")).code, 3)
    } finally {
      keystone.close()
    }
  })

  it("is never one that the settings of this catalog lead to by accident", async () => {
    const profile = file({ url: catalog.url, account: "1234" })
    const { code, stderr } = await run(await fresh(), "trove", "--from-profile", profile)
    assert.deepStrictEqual([code, stderr.startsWith("backups: Missing: token.")], [2, true])
    assert.notInclude(stderr, DEMO_TOKEN)
  })
})
