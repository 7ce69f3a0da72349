import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import type { RequestListener } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout } from "node:timers/promises"
import { importers } from "@backup-catalog/sources"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { parse } from "yaml"
import { eventually } from "../../../testing/eventually.ts"
import { importResult } from "../../client/test/badServer.ts"
import { toolNames, tools } from "../src/imports/tools.ts"
import { decodeSyncConfig } from "../src/sync/SyncConfig.ts"
import { syncSchema } from "../src/sync/syncSchema.ts"
import { backups, cleanEnv, type Ended, type Env, ended, inTerminal, main, shell, start } from "./support/backups.ts"
import { isValid, type JsonSchema } from "./support/jsonSchema.ts"
import { type CatalogServer, record, startCatalog, withServer } from "./support/servers.ts"
import { listed, samplePath } from "./support/sources.ts"

let catalog: CatalogServer
let accounts = 0

beforeAll(async () => {
  catalog = await startCatalog()
})
afterAll(() => catalog.stop())

const fresh = () => catalog.account(`syncing-${++accounts}`, [])

const info = samplePath("pgbackrest/info.json")

/** A folder with a configuration. */
const configured = (sources: unknown): { readonly folder: string; readonly config: string } => {
  const folder = mkdtempSync(join(tmpdir(), "backups-sync-"))
  const config = join(folder, "backups.yaml")
  writeFileSync(config, typeof sources === "string" ? sources : JSON.stringify({ sources }))
  return { folder, config }
}

const sync = (env: Env, config: string, ...args: ReadonlyArray<string>): Promise<Ended> =>
  backups(["sync", "--config", config, ...args], env)

const pg = { name: "pg-main", tool: "pgbackrest", file: info }
const restic = { name: "files", tool: "restic", command: ["cat", samplePath("restic/snapshots.json")] }
const broken = { name: "broken", tool: "borg", command: ["sh", "-c", "echo 'repository is locked' >&2; exit 2"] }

describe("backups sync", { concurrent: true }, () => {
  it("imports all sources, and one that fails stops none of the others", async () => {
    const env = await fresh()
    const { config } = configured([broken, pg, restic])
    const { code, stdout, stderr } = await sync(env, config)
    assert.strictEqual(code, 1)
    const lines = stdout.trimEnd().split("\n")
    assert.sameMembers(lines.slice(0, 2), [
      "pg-main: 7 new, 0 changed, 0 unchanged, 0 retired, 0 rejected.",
      "files: 5 new, 0 changed, 0 unchanged, 0 retired, 0 rejected."
    ])
    assert.deepStrictEqual(
      lines.slice(2).map((line) => line.split(/ +/)),
      [
        ["SOURCE", "RESULT", "NEW", "CHANGED", "UNCHANGED", "RETIRED", "REJECTED"],
        ["broken", "failed", "-", "-", "-", "-", "-"],
        ["pg-main", "ok", "7", "0", "0", "0", "0"],
        ["files", "ok", "5", "0", "0", "0", "0"]
      ]
    )
    const [why, sum, ...others] = stderr.trimEnd().split("\n")
    assert.match(why ?? "", /^backups: broken: sh ended with 2 and said this: repository is locked$/)
    assert.strictEqual(sum, "backups: 1 of 3 sources failed, in whole or in part: broken.")
    assert.deepStrictEqual(others, [])
    assert.strictEqual((await listed(env)).length, 12)
  })

  it("ends with 0 and without a word on stderr where all is well, also for one of them only", async () => {
    const env = await fresh()
    const { config } = configured([broken, pg])
    const { code, stdout, stderr } = await sync(env, config, "--only", "pg-main")
    assert.deepStrictEqual([code, stderr], [0, ""])
    assert.notInclude(stdout, "broken")
    const unknown = await sync(env, config, "--only", "pg")
    assert.deepStrictEqual([unknown.code, unknown.stdout], [2, ""])
    assert.include(unknown.stderr, "has no source pg; there are broken pg-main.")
  })

  it("imports all sources where what it says cannot be written, and then fails", async () => {
    const env = await fresh()
    const named = ["f1", "f2", "f3", "f4"].map((name) => ({ ...pg, name }))
    const { config } = configured(named)
    const { code, stderr } = await shell(`backups sync --config '${config}' > /dev/full`, env)
    assert.strictEqual(code, 1)
    assert.match(stderr, /^backups: The output cannot be written: ENOSPC[^\n]*\n$/)
    assert.strictEqual((await listed(env)).length, 28)
    const both = configured([...named, broken])
    assert.match(
      (await shell(`backups sync --config '${both.config}' > /dev/full`, env)).stderr,
      /^backups: broken: .*\nbackups: 1 of 5 sources failed, in whole or in part: broken\.\nbackups: The output cannot be written: ENOSPC.*\n$/
    )
  })

  it("says only in a terminal what is so in every round: that backups have no instance", async () => {
    const env = await fresh()
    const { folder, config } = configured([{ name: "dumps", tool: "trove", file: "list.json" }])
    writeFileSync(join(folder, "list.json"), JSON.stringify({ backups: [record({ id: "t", name: "t" })] }))
    const { code, stderr } = await sync(env, config)
    assert.deepStrictEqual([code, stderr], [0, ""])
    const { stdout } = await inTerminal(100, ["sync", "--config", config], env)
    assert.include(stdout, "dumps: 1 backup has no instance, and is not seen by backups check.\n")
  })

  it("is not kept waiting by a pipe that nobody writes to", async () => {
    const env = await fresh()
    const { folder, config } = configured([{ name: "pipe", tool: "restic", file: "pipe" }, pg])
    await shell(`mkfifo '${folder}/pipe'`)
    const { code, stdout, stderr } = await sync(env, config)
    assert.strictEqual(code, 1)
    assert.include(stdout, "pg-main: 7 new")
    assert.include(stderr, `backups: pipe: ${folder}/pipe is not a regular file, and may never end.`)
    const checked = await sync({}, config, "--check")
    assert.include(checked.stderr, `pipe: ${folder}/pipe is not a regular file, and may never end.`)
  })

  it("parses what a tool printed while no other source is sent, whose server would hear nothing meanwhile", async () => {
    const answers: Array<() => void> = []
    const answerLater: RequestListener = (request, response) => {
      const source = new URL(request.url ?? "", "http://host").searchParams.get("source")
      const body = JSON.stringify({ import: { ...importResult, source, mode: "snapshot" } })
      request.resume().on("end", () => {
        answers.push(() => response.setHeader("Content-Type", "application/json").end(body))
      })
    }
    await withServer(answerLater, async (env) => {
      const { folder, config } = configured([
        pg,
        { name: "odd", tool: "restic", command: ["sh", "-c", 'until [ -e "$0" ]; do sleep 0.05; done; rm "$0"', "go"] }
      ])
      const child = spawn(process.execPath, [main, "sync", "--config", config], { cwd: folder, env: cleanEnv(env) })
      const result = ended(child)
      let said = ""
      child.stderr.on("data", (chunk) => {
        said += chunk
      })
      await eventually("the first source is sent", () => answers.length === 1)
      writeFileSync(join(folder, "go"), "")
      await eventually("the tool of the other has ended", () => !existsSync(join(folder, "go")))
      await setTimeout(500)
      assert.strictEqual(said, "")
      answers[0]?.()
      assert.include((await result).stderr, "backups: odd: Nothing was imported. restic printed nothing;")
    })
  })

  it("a source of which a part was rejected counts as one that failed", async () => {
    const env = await fresh()
    const { folder, config } = configured([{ name: "copy", tool: "records", file: "records" }])
    writeFileSync(join(folder, "records"), `${JSON.stringify(record({}))}\ngarbage\n`)
    const { code, stdout } = await sync(env, config)
    assert.strictEqual(code, 1)
    assert.match(stdout, /^copy +partly +1 +0 +0 +0 +1$/m)
  })

  it("has paths that begin where the configuration is, mappings, modes and accounts of their own", async () => {
    const [env, other] = [await fresh(), await fresh()]
    const { folder, config } = configured(`
sources:
  - name: pg-main
    tool: pgbackrest
    file: in/info.json
    mapping: in/mapping.yaml
    location: s3://bucket
  - name: pg-other
    tool: pgbackrest
    file: in/info.json
    account: ${other.BACKUPS_ACCOUNT}
`)
    mkdirSync(join(folder, "in"))
    writeFileSync(join(folder, "in/info.json"), readFileSync(info))
    writeFileSync(join(folder, "in/mapping.yaml"), "instances: [{ match: crm, to: pg-crm }]\n")
    const { stdout, stderr } = await sync(env, config)
    assert.match(stdout, /^pg-main: 7 new, /)
    const found = await backups(["list", "--instance", "pg-crm", "-o", "value", "-c", "locationRef"], env)
    assert.match(found.stdout, /^(?:s3:\/\/bucket\/\S+\n){2}$/)
    // The token is of one account only, and the other one says so.
    assert.match(stderr, /^backups: pg-other: .*\nbackups: 1 of 2 sources failed/)
    assert.deepStrictEqual(await listed(other), [])
  })

  it("its table fits into 60 columns", async () => {
    const env = await fresh()
    const { config } = configured([{ ...pg, name: "a-name-of-a-source-that-is-rather-long-for-a-table" }])
    const { stdout } = await inTerminal(60, ["sync", "--config", config], env)
    const at = stdout.indexOf("SOURCE")
    for (const line of stdout.slice(at).trimEnd().split("\n")) assert.isAtMost(line.length, 60, line)
  })

  it("finds the configuration here, else in the folder for configurations", async () => {
    const env = await fresh()
    const { folder } = configured([pg])
    const here = await shell(`cd '${folder}' && backups sync --check`, env)
    assert.deepStrictEqual([here.code, here.stdout], [0, "backups.yaml: 1 source, and nothing is wrong.\n"])
    const home = mkdtempSync(join(tmpdir(), "backups-config-"))
    mkdirSync(join(home, "backup-catalog"))
    writeFileSync(join(home, "backup-catalog/backups.yaml"), JSON.stringify({ sources: [pg, restic] }))
    const there = await shell(`cd '${home}' && backups sync --check`, { ...env, XDG_CONFIG_HOME: home })
    assert.match(there.stdout, /backup-catalog\/backups\.yaml: 2 sources, and nothing is wrong\.\n$/)
    const nowhere = await shell(`cd '${home}' && backups sync --check`, env)
    assert.deepStrictEqual([nowhere.code, nowhere.stderr.startsWith("backups: There is no configuration")], [2, true])
  })

  it("a command in a file that others may write is not run", async () => {
    const env = await fresh()
    const { folder, config } = configured([{ ...restic, command: ["touch", "ran"] }])
    chmodSync(config, 0o666)
    const { stdout, stderr } = await shell(`cd '${folder}' && backups sync; ls`, env)
    assert.include(stderr, "it names commands, and others may write it; chmod go-w closes it to them.")
    assert.strictEqual(stdout, "backups.yaml\n")
  })
})

describe("a configuration of backups sync", { concurrent: true }, () => {
  it.each([
    ["sources: []", "sources must have 1 to 1000 sources"],
    ["source: []", "source is not known; known are sources"],
    ["- a", "it must be an object"],
    ["sources: []\n---\nsources: []", "it has several documents, which --- parts, and must be one"],
    ["sources: [{tool: borg, exec: true}]", "sources[0].name"],
    ["sources: [{name: a, tool: bacula, exec: true}]", "sources[0].tool must be one of barman borg"],
    ["sources: [{name: a, tool: borg}]", "sources[0] must have one of file exec command, and has none"],
    ["sources: [{name: a, tool: borg, exec: true, file: x}]", "and has file and exec"],
    ["sources: [{name: a, tool: dumps, file: x}]", "sources[0] must not have file: dumps is read from folder"],
    ["sources: [{name: a, tool: borg, exec: false}]", "sources[0].exec must be true, or be left out"],
    ["sources: [{name: a, tool: borg, command: cat x}]", "sources[0].command must be a list of words, such as ["],
    ["sources: [{name: a, tool: borg, command: []}]", "sources[0].command must have 1 to 1000 words"],
    ["sources: [{name: a, tool: borg, exec: true, timeout: 2d}]", "sources[0].timeout must be 1s to 1d"],
    ["sources: [{name: a, tool: borg, exec: true, timeout: 10}]", "sources[0].timeout must be a duration such as 10m"],
    ["sources: [{name: a, tool: borg, file: x, timeout: 5s}]", "must not have timeout"],
    ["sources: [{name: a, tool: borg, exec: true, time_zone: Mars}]", "sources[0].time_zone must be a name such as"],
    [
      "sources: [{name: a, tool: borg, exec: true, time_zone: '+25:00'}]",
      "sources[0].time_zone must be a name such as"
    ],
    [
      "sources: [{name: a, tool: dumps, folder: x, pattern: '{hunter2}/{database}'}]",
      "sources[0].pattern must have at most 255 characters, {instance} or {database} in it, and in braces nothing else but {date}"
    ],
    [
      "sources: [{name: a, tool: borg, file: x, pattern: '{instance}/*'}]",
      "sources[0] must not have pattern: borg reads no paths"
    ],
    ["sources: [{name: a, tool: borg, exec: true, mode: all}]", "sources[0].mode must be snapshot or merge"],
    ["sources: [{name: a, tool: borg, exec: true, timezone: UTC}]", "sources[0].timezone is not known; known are"],
    ["sources: [{name: a, tool: records, file: x, mapping: y}]", "must not have mapping: records are sent as they are"],
    [
      "sources: [{name: a, tool: borg, exec: true}, {name: a, tool: restic, exec: true}]",
      "sources[1].name must not be"
    ],
    [
      "sources: [{name: a, tool: borg, exec: true, mapping: {instances: [{match: '(', to: x}]}}]",
      "sources[0].mapping.instances[0].match is not a regular expression"
    ],
    ["sources: [{name: a, name: b, tool: borg, exec: true}]", "line 1: Map keys must be unique"],
    ["sources: [", "line 1: "],
    [
      "sources:\n  - !env hunter2",
      "line 2: it has a tag that is not known or does not fit its value; a text that begins with ! needs quotes"
    ],
    ["sources:\n\n  - {name: a, tool: !hunter2}", "line 3: it has a tag that is not known"],
    [
      "sources:\n  - {name: a, exec: !!bool hunter2}",
      "line 2: it has a tag that is not known or does not fit its value"
    ],
    ["sources: &a\n  - *hunter2", "line 2: it has an alias that leads nowhere; what begins with * needs quotes"]
  ])("%s is refused in a sentence", async (text, words) => {
    const { config } = configured(text)
    const { code, stdout, stderr } = await sync({}, config)
    assert.deepStrictEqual([code, stdout], [2, ""])
    assert.match(stderr, /^backups: The configuration \S+ cannot be used: [^\n]+\. See backups sync --help\.\n$/)
    assert.include(stderr, words)
    assert.notInclude(stderr, "hunter2")
  })

  it.each([
    [
      "command: 'restic -r rest:https://user:hunter2@nas/ snapshots --json'",
      "sources[0].command must be a list of words"
    ],
    ["command: { restic: 'hunter2' }", "sources[0].command must be a list of words"],
    ["command: [restic, [hunter2]]", "sources[0].command[1] must be a text"],
    ["command: [restic], location: [hunter2]", "sources[0].location must be a text"],
    ["exec: hunter2", "sources[0].exec must be true, or be left out"],
    ["exec: true, allow_empty: hunter2", "sources[0].allow_empty must be true or false"],
    ["exec: true, mapping: [hunter2]", "sources[0].mapping"]
  ])("with %s is refused without a word of what may be a secret", async (members, words) => {
    const { config } = configured(`sources: [{name: a, tool: restic, ${members}}]`)
    const { code, stderr } = await sync({}, config)
    assert.strictEqual(code, 2)
    assert.include(stderr, words)
    assert.notInclude(stderr, "hunter2")
  })

  it.each(["- hunter2", "sources: hunter2", "sources: { a: { command: hunter2 } }", "sources: [hunter2]"])(
    "that is no list of sources, as %s, is refused without a word of what may be a secret",
    async (text) => {
      const { stderr } = await sync({}, configured(text).config)
      assert.match(stderr, /^backups: The configuration \S+ cannot be used: \S+ must be an (?:array|object)\. See /)
    }
  )

  it("with more aliases than anybody writes is refused, also where they are inside of one another", async () => {
    for (const text of [
      `a: &a x\nsources: [${"*a,".repeat(10_001)}]`,
      `a: &a [x]\nb: &b [${"*a,".repeat(101)}]\nsources: [${"*b,".repeat(100)}]`
    ]) {
      const { config } = configured(text)
      const { code, stderr } = await sync({}, config)
      assert.strictEqual(code, 2)
      assert.include(
        stderr,
        `The configuration ${config} cannot be used: it has more than 10000 aliases of one anchor, `
      )
    }
  })

  it("may use an anchor as often as it has sources, and tags of YAML itself", async () => {
    const sources = Array.from({ length: 1_000 }, (_, n) => `  - { name: !!str s${n}, tool: restic, command: *list }`)
    const command = `&list [cat, '${samplePath("restic/snapshots.json")}']`
    const { config } = configured(
      ["sources:", `  - { name: first, tool: restic, command: ${command} }`, ...sources.slice(1)].join("\n")
    )
    const { code, stdout } = await sync({}, config, "--check")
    assert.deepStrictEqual([code, stdout], [0, `${config}: 1000 sources, and nothing is wrong.\n`])
  })

  it("is checked without anybody being asked, nor settings being needed", async () => {
    const { folder, config } = configured([
      { name: "a", tool: "borg", exec: true, mapping: "none.yaml" },
      { name: "b", tool: "records", file: "none" },
      { name: "c", tool: "restic", command: ["no-such-program"] },
      { name: "d", tool: "redis", folder: "backups.yaml" },
      { name: "h", tool: "redis", folder: ".", pattern: "{instance}/*.rdb" },
      pg,
      restic
    ])
    const { code, stdout, stderr } = await sync({}, config, "--check")
    assert.deepStrictEqual([code, stdout], [2, ""])
    assert.deepStrictEqual(stderr.trimEnd().split("\n"), [
      `a: The mapping ${folder}/none.yaml cannot be used: no such file or directory.`,
      `b: ${folder}/none cannot be read: no such file or directory.`,
      "c: there is no program no-such-program on this host.",
      `d: ${config} is not a folder.`,
      `backups: Of 7 sources in ${config}, 4 cannot be imported.`
    ])
    const good = await sync({}, config, "--check", "--only", "pg-main", "--only", "files")
    assert.deepStrictEqual([good.code, good.stdout], [0, `${config}: 2 sources, and nothing is wrong.\n`])
  })

  it("has its clouds looked up in clouds.yaml, without signing in", async () => {
    const cloud = (name: string) => ({ name: `of-${name}`, tool: "trove", from_os_cloud: name })
    const { folder, config } = configured(["shop", "half", "none"].map(cloud))
    const auth = {
      auth_url: "http://127.0.0.1:1/v3",
      application_credential_id: "a",
      application_credential_secret: "b"
    }
    const clouds = join(folder, "clouds.yaml")
    writeFileSync(clouds, JSON.stringify({ clouds: { shop: { auth }, half: { auth: { username: "demo" } } } }))
    const { code, stderr } = await sync({ OS_CLIENT_CONFIG_FILE: clouds }, config, "--check")
    assert.strictEqual(code, 2)
    const [half = "", none = "", sum, ...others] = stderr.trimEnd().split("\n")
    assert.match(half, /^of-half: .*auth_url.* is missing: the address of Keystone, such as \S+\.$/)
    assert.match(none, /^of-none: .*\bnone\b.*clouds\.yaml/)
    assert.strictEqual(sum, `backups: Of 3 sources in ${config}, 2 cannot be imported.`)
    assert.deepStrictEqual(others, [])
  })

  it("has the profiles of other servers read as their import reads them, without asking anybody", async () => {
    const url = "http://127.0.0.1:1"
    const { folder, config } = configured(
      ["good", "asking", "half", "text", "writable", "odd", "path", "cloud", "none"].map((name) => ({
        name,
        tool: "trove",
        from_profile: `${name}.json`
      }))
    )
    const profile = (name: string, text: unknown, mode = 0o600) =>
      writeFileSync(join(folder, `${name}.json`), typeof text === "string" ? text : JSON.stringify(text), { mode })
    const tokenCommand = `touch '${folder}/asked'; echo token`
    profile("good", { url, account: "1234", token: "t" })
    profile("asking", { url, account: "1234", tokenCommand })
    profile("half", { url, token: "hunter2" })
    profile("text", "hunter2")
    profile("writable", { url, account: "1234", tokenCommand })
    chmodSync(join(folder, "writable.json"), 0o622)
    profile("odd", { url, account: "a/b", token: "hunter2" })
    profile("path", { url: `${url}/v1.0`, account: "1234", token: "hunter2" })
    profile("cloud", { cloud: "shop" })
    // None of this catalog's own settings stands in for what is missing.
    const env = { BACKUPS_URL: url, BACKUPS_ACCOUNT: "1234", BACKUPS_TOKEN: "t", OS_CLOUD: "shop" }
    const { code, stderr } = await sync(env, config, "--check")
    assert.strictEqual(code, 2)
    const wrong = Object.fromEntries(
      stderr
        .trimEnd()
        .split("\n")
        .slice(0, -1)
        .map((line) => line.split(/: (.*)/))
    )
    assert.hasAllKeys(wrong, ["half", "text", "writable", "odd", "path", "cloud", "none"])
    assert.match(wrong.half, /^Missing: account\. .* the profile \S+half\.json, which backups login does\.$/)
    assert.match(wrong.text, /^The profile \S+text\.json cannot be used: it is not JSON; /)
    assert.match(wrong.writable, /it names a command, and others may write it; chmod 600 closes it to them\.$/)
    assert.match(wrong.odd, /^The account from \S+odd\.json must have /)
    assert.match(wrong.path, /^The url from \S+path\.json must not have \/v1\.0 at its end/)
    assert.match(wrong.cloud, /\bshop\b/)
    assert.match(wrong.none, /^The profile \S+none\.json cannot be used: there is no such file\.$/)
    assert.notInclude(stderr, "hunter2")
    assert.isFalse(existsSync(join(folder, "asked")))
  })

  it("has its programs looked for where the system looks for them", async () => {
    const { folder, config } = configured([
      { name: "own", tool: "restic", command: ["bin/list", "words"] },
      { name: "here", tool: "restic", command: ["./backups.yaml"] },
      { name: "cat", tool: "restic", command: ["cat", samplePath("restic/snapshots.json")] }
    ])
    mkdirSync(join(folder, "bin"))
    writeFileSync(
      join(folder, "bin/list"),
      `#!/bin/sh\n[ "$1" = words ] && exec cat '${samplePath("restic/snapshots.json")}'\n`,
      { mode: 0o755 }
    )
    const { stderr } = await sync({}, config, "--check")
    assert.strictEqual(stderr.split("\n")[0], `here: there is no program ${config} on this host.`)
    const env = await fresh()
    const only = "--only own --only cat"
    const without = await shell(
      `cd / && unset PATH && backups sync --config '${config}' ${only} --check && backups sync --config '${config}' ${only}`,
      env
    )
    assert.deepStrictEqual([without.code, without.stderr], [0, ""])
    assert.match(without.stdout, /nothing is wrong\./)
    assert.match(without.stdout, /^own: 5 new, /m)
    assert.match(without.stdout, /^cat: 5 new, /m)
  })

  it("takes for each tool what its importer reads, and nothing else", () => {
    const inputs = { file: "x", folder: "x", exec: true, command: ["x"] }
    const takes = (tool: string) =>
      Object.entries(inputs)
        .filter(([name, input]) => Either.isRight(decodeSyncConfig({ sources: [{ name: "a", tool, [name]: input }] })))
        .map(([name]) => name)
    for (const importer of importers) {
      const run = importer.kind === "output" && importer.command.length > 0 ? ["exec"] : []
      assert.deepStrictEqual(
        takes(importer.name),
        importer.kind === "folder" ? ["folder"] : ["file", ...run, "command"]
      )
    }
    assert.deepStrictEqual(takes("records"), ["file"])
  })

  it("has its JSON Schema published as it is", async () => {
    const published = readFileSync(new URL("../../../docs/backups.schema.json", import.meta.url), "utf8")
    const { stdout } = await backups(["sync", "--print-schema"])
    assert.deepStrictEqual(JSON.parse(stdout), JSON.parse(published))
    const { items } = JSON.parse(published).properties.sources
    assert.strictEqual(items.additionalProperties, false)
    const undescribed = Object.entries<JsonSchema>(items.properties).filter(([, member]) => !("description" in member))
    assert.deepStrictEqual(undescribed, [])
  })

  const base = { name: "a", tool: "restic", file: "f" }
  const exec = { name: "a", tool: "restic", exec: true }
  const dumps = { name: "a", tool: "dumps", folder: "f" }
  const inputOf = (tool: string, ...names: ReadonlyArray<string>) => ({
    name: "a",
    tool,
    ...Object.fromEntries(names.map((name) => [name, name === "exec" ? true : name === "command" ? ["x"] : "x"]))
  })
  const mapped = (rule: object) => ({ ...base, mapping: { instances: [{ match: "a", to: "b", ...rule }] } })

  it.each<readonly [object, boolean]>([
    [base, true],
    ...["", "a\u0001", "a\u007f", "a\u0085", "x".repeat(256)].map((name) => [{ ...base, name }, false] as const),
    ...["ä", "x y/z", "💾".repeat(255)].map((name) => [{ ...base, name }, true] as const),
    ...["", "a\u0000", "x".repeat(4097)].map((file) => [{ ...base, file }, false] as const),
    ...["a\nb", "💾".repeat(4096)].map((file) => [{ ...base, file }, true] as const),
    [{ ...base, tool: "Restic" }, false],
    ...["", ".", "..", "a b"].map((account) => [{ ...base, account }, false] as const),
    ...["...", ".a", "1234"].map((account) => [{ ...base, account }, true] as const),
    ...["", " ", "UTC ", "+0530", "+5:30", "+24:00", "++05:30", "+05:60", "CET-1CEST", "UTC+1", "Europe/"].map(
      (time_zone) => [{ ...base, time_zone }, false] as const
    ),
    ...["UTC", "utc", "+05:30", "-23:59", "GMT", "GMT+01:00", "EST5EDT", "Etc/GMT-14", "W-SU"].map(
      (time_zone) => [{ ...base, time_zone }, true] as const
    ),
    ...["", "a", "*", "{date}.sql", "{host}/{database}", "{database", "{instance}}", "{{database}}"].map(
      (pattern) => [{ ...dumps, pattern }, false] as const
    ),
    ...["{instance}", "{database}-{date}.sql.gz", "**/{instance}/*\n", `{instance}${"💾".repeat(245)}`].map(
      (pattern) => [{ ...dumps, pattern }, true] as const
    ),
    [{ ...dumps, pattern: `{instance}${"x".repeat(246)}` }, false],
    ...toolNames.map((tool) => {
      const name = tools[tool] === "folder" ? "folder" : "file"
      return [{ ...inputOf(tool, name), pattern: "{instance}" }, name === "folder"] as const
    }),
    [mapped({ source: "a", tool: "restic" }), true],
    ...["match", "to"].flatMap((name) =>
      ["", "x".repeat(501)].map((text) => [mapped({ [name]: text }), false] as const)
    ),
    [mapped({ match: "x".repeat(500) }), true],
    [mapped({ source: "" }), false],
    [mapped({ tool: "records" }), false],
    [{ ...base, mapping: { instances: Array(1001).fill({ match: "a", to: "b" }) } }, false],
    [{ ...base, mapping: "" }, false],
    [{ name: "a", tool: "restic" }, false],
    ...[...toolNames, "trove"].flatMap((tool) =>
      ["file", "folder", "exec", "command", "from_profile", "from_os_cloud"].map((name) => {
        const source = inputOf(tool, name)
        return [source, Either.isRight(decodeSyncConfig({ sources: [source] }))] as const
      })
    ),
    [inputOf("restic", "file", "exec"), false],
    [inputOf("trove", "from_profile", "from_os_cloud"), false],
    [{ ...base, exec: false }, false],
    [{ ...base, timeout: "5m" }, false],
    ...["0s", "1ms", "999ms", "86400001ms", "86401s", "1441m", "25h", "2d", "1w", "0000000010s", "5", "5m\n"].map(
      (timeout) => [{ ...exec, timeout }, false] as const
    ),
    ...["1s", "1000ms", "86400000ms", "86400s", "60m", "1440m", "24h", "1d", "000000010s"].map(
      (timeout) => [{ ...exec, timeout }, true] as const
    ),
    [inputOf("records", "file"), true],
    ...["time_zone", "location", "pattern", "mapping"].map(
      (name) => [{ ...inputOf("records", "file"), [name]: "UTC" }, false] as const
    ),
    [{ ...base, more: 1 }, false]
  ])("is by its JSON Schema what it is to the program: %j", (source, right) => {
    const config = { sources: [source] }
    assert.strictEqual(Either.isRight(decodeSyncConfig(config)), right)
    assert.strictEqual(isValid(JSON.parse(syncSchema()), config), right)
  })

  it("has by its JSON Schema every time zone that there is", () => {
    const schema = JSON.parse(syncSchema())
    for (const time_zone of Intl.supportedValuesOf("timeZone")) {
      assert.isTrue(isValid(schema, { sources: [{ ...base, time_zone }] }), time_zone)
    }
  })

  it("has by its JSON Schema the timeouts that the program takes", () => {
    const schema = JSON.parse(syncSchema())
    const timeouts = fc
      .tuple(fc.nat(100_000_000), fc.integer({ min: 0, max: 4 }), fc.constantFrom("ms", "s", "m", "h", "d", "w"))
      .map(([number, cut, unit]) => `${Math.trunc(number / 10 ** (cut * 2))}${unit}`)
    fc.assert(
      fc.property(timeouts, (timeout) => {
        const config = { sources: [{ ...exec, timeout }] }
        assert.strictEqual(isValid(schema, config), Either.isRight(decodeSyncConfig(config)))
      }),
      { numRuns: 2000 }
    )
  })

  it("may have one name twice where each has its account, and says so where one has none", () => {
    const wrong = (...accounts: ReadonlyArray<string | undefined>) =>
      Either.getOrNull(
        Either.flip(
          decodeSyncConfig({
            sources: accounts.map((account) => (account === undefined ? base : { ...base, account }))
          })
        )
      )
    assert.isNull(wrong("1", "2"))
    const same = "sources[1].name must not be that of sources[0] as well"
    assert.strictEqual(wrong("1", "1"), same)
    assert.strictEqual(wrong(undefined, undefined), `${same}, unless each of the two has an account of its own`)
    assert.strictEqual(wrong("1", undefined), `${same}, unless each of the two has an account of its own`)
  })

  it("refuses an account that is asked for beside another one of a source that is imported", async () => {
    const env = await fresh()
    const { config } = configured([{ ...pg, account: "other" }, restic])
    for (const more of [[], ["--check"], ["--every", "10s"]]) {
      const { code, stdout, stderr } = await sync(env, config, "--account", "1234", ...more)
      assert.deepStrictEqual([code, stdout], [2, ""])
      assert.include(
        stderr,
        `In ${config} the source pg-main has an account of its own, which is not 1234 as --account says; leave one of them out`
      )
    }
    const account = env.BACKUPS_ACCOUNT ?? ""
    assert.deepInclude(await sync(env, config, "--account", account, "--only", "files"), { code: 0 })
    const same = configured([{ ...pg, account }])
    assert.deepInclude(await sync(env, same.config, "--account", account), { code: 0 })
  })

  it("is right in every example of the documentation", () => {
    const page = readFileSync(new URL("../../../docs/import.md", import.meta.url), "utf8")
    const examples = [...page.matchAll(/```yaml\n([^`]*sources:[^`]*)```/g)].map(([, text = ""]) => text)
    assert.isNotEmpty(examples)
    for (const text of examples) assert.deepStrictEqual(decodeSyncConfig(parse(text))._tag, "Right", text)
  })
})

describe("backups sync --every", { concurrent: true }, () => {
  it.each(["9s", "2d", "soon", "10"])("%s is refused", async (every) => {
    const { config } = configured([pg])
    const { code, stderr } = await sync({}, config, "--every", every)
    assert.strictEqual(code, 2)
    assert.include(stderr, "The option --every takes 10s to 1d")
  })

  it("goes on with what the configuration then says, and with the previous one where it is broken", async () => {
    const env = await fresh()
    const { config } = configured([pg])
    const child = start(["sync", "--config", config, "--every", "10s"], env)
    const result = ended(child)
    const out = createInterface(child.stdout)[Symbol.asyncIterator]()
    const line = async () => (await out.next()).value
    const [complaint] = [once(createInterface(child.stderr), "line")]
    assert.strictEqual(await line(), "pg-main: 7 new, 0 changed, 0 unchanged, 0 retired, 0 rejected.")
    writeFileSync(config, "sources: [")
    assert.match(
      String((await complaint)[0]),
      /^backups: The configuration .* cannot be used: .* The previous configuration stays in use\.$/
    )
    assert.strictEqual(await line(), "pg-main: 0 new, 0 changed, 7 unchanged, 0 retired, 0 rejected.")
    writeFileSync(config, JSON.stringify({ sources: [restic] }))
    assert.strictEqual(await line(), "files: 5 new, 0 changed, 0 unchanged, 0 retired, 0 rejected.")
    child.kill("SIGTERM")
    const { signal } = await result
    assert.strictEqual(signal, "SIGTERM")
  })

  it("goes on where what it says cannot be written, and says so each round", async () => {
    const env = await fresh()
    const { config } = configured([pg])
    const command = [process.execPath, main, "sync", "--config", config, "--every", "10s"]
    const child = spawn("sh", ["-c", 'exec "$@" > /dev/full', "sh", ...command], { env: cleanEnv(env) })
    const lines = createInterface(child.stderr)[Symbol.asyncIterator]()
    const said = [(await lines.next()).value, (await lines.next()).value]
    child.kill("SIGTERM")
    for (const line of said) {
      assert.match(
        String(line),
        /^backups: The output cannot be written: ENOSPC.* What the round imported is in the catalog\.$/
      )
    }
    assert.strictEqual((await listed(env)).length, 7)
  })

  it("says what is under way when it is ended, and ends its tools", async () => {
    const env = await fresh()
    const folder = mkdtempSync(join(tmpdir(), "backups-tool-"))
    const fifo = join(folder, "fifo")
    const { config } = configured([
      { name: "slow", tool: "restic", command: ["sh", "-c", 'mkfifo "$0"; echo > "$0"; exec sleep 600', fifo] }
    ])
    const child = start(["sync", "--config", config, "--every", "1h"], env)
    const result = ended(child)
    // Opens once the tool writes to it.
    await shell(`until [ -p '${fifo}' ]; do sleep 0.05; done; read _ < '${fifo}'`)
    child.kill("SIGTERM")
    assert.deepStrictEqual(await result, {
      code: null,
      signal: "SIGTERM",
      stdout: "",
      stderr: "slow: interrupted before anything was sent; nothing was imported.\n"
    })
  })

  it("needs its settings from the beginning", async () => {
    const { config } = configured([pg])
    const { code, stderr } = await sync({}, config, "--every", "1h")
    assert.strictEqual(code, 2)
    assert.match(stderr, /^backups: Missing: url, account and token\./)
  })
})
