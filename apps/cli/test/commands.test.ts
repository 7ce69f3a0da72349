import { execFileSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { faults } from "@backup-catalog/core"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { parse as parseYaml } from "yaml"
import example from "../../server/src/demo.json" with { type: "json" }
import packageJson from "../package.json" with { type: "json" }
import { backups, type Env, shell } from "./support/backups.ts"
import { parseCsv } from "./support/csv.ts"
import { faultCodes } from "./support/faultCodes.ts"
import { type CatalogServer, DEMO_TOKEN, record, records, startCatalog, withServer } from "./support/servers.ts"

let catalog: CatalogServer
let demo: Env

beforeAll(async () => {
  catalog = await startCatalog()
  demo = { BACKUPS_URL: catalog.url, BACKUPS_ACCOUNT: "1234", BACKUPS_TOKEN: DEMO_TOKEN }
})
afterAll(() => catalog.stop())

const all = example.backups
const ids = all.map(({ id }) => id)

/** Runs the program, which must succeed without a word on stderr. */
const out = async (args: ReadonlyArray<string>, env: Env = demo): Promise<string> => {
  const { code, stdout, stderr } = await backups(args, env)
  assert.strictEqual(stderr, "", args.join(" "))
  assert.strictEqual(code, 0, args.join(" "))
  return stdout
}

const idsOf = async (...args: ReadonlyArray<string>) =>
  (await out(["list", "-o", "value", "-c", "id", ...args])).split("\n").filter((line) => line !== "")

describe("arguments that are no UTF-8", { concurrent: true }, () => {
  it("are refused, since something else would be asked for or written", async () => {
    for (const command of ["list --instance", "show", "register --id a --name", "import records"]) {
      const { code, stdout, stderr } = await shell(`backups ${command} "$(printf 'db\\351')"`, demo)
      assert.deepStrictEqual(
        [code, stdout, stderr.split("\n")[0]],
        [2, "", "backups: The argument db\ufffd is not valid UTF-8; is the terminal set to another encoding?"]
      )
    }
  })

  it("are not those that have the character which stands for them", async () => {
    const { code, stdout, stderr } = await backups(["list", "--instance", "db\ufffd"], demo)
    assert.deepStrictEqual([code, stdout, stderr], [0, "", "No backups match.\n"])
  })
})

describe("backups list against the real server", { concurrent: true }, () => {
  it("json, ndjson and yaml are the records of the answer, member for member", async () => {
    assert.deepStrictEqual(JSON.parse(await out(["list", "-o", "json"])), all)
    const lines = (await out(["list", "-o", "ndjson"])).trimEnd().split("\n")
    assert.deepStrictEqual(
      lines.map((line) => JSON.parse(line)),
      all
    )
    assert.deepStrictEqual(parseYaml(await out(["list", "-o", "yaml"])), all)
  })

  it("csv has a header and a line a record, value only values", async () => {
    const [header, ...rows] = parseCsv(await out(["list", "-o", "csv", "-c", "id,size", "-c", "datastore"]))
    assert.deepStrictEqual(header, ["id", "size", "datastore"])
    assert.deepStrictEqual(
      rows,
      all.map(({ id, size, datastore }) => [id, String(size ?? ""), datastore?.type ?? ""])
    )
    assert.deepStrictEqual(await idsOf(), ids)
  })

  it("piped, a table and wide have no decoration and are cut nowhere", async () => {
    for (const format of ["table", "wide"]) {
      const text = await out(["list", "-o", format], { ...demo, COLUMNS: "40" })
      assert.notInclude(text, "\u001b")
      assert.notInclude(text, "…")
      for (const { id, instance_id } of all)
        assert.match(text, new RegExp(`${id}.*${instance_id}|${instance_id}.*${id}`))
    }
  })

  it("filters reach the server", async () => {
    assert.deepStrictEqual(await idsOf("--datastore", "MYSQL"), ids.slice(0, 5))
    assert.deepStrictEqual(await idsOf("--instance", "8814db50-da7d-4151-b271-6b3a64215b8e"), ids.slice(5))
    assert.deepStrictEqual(await idsOf("--status", "new"), ids.slice(5))
    assert.deepStrictEqual(await idsOf("--status", "completed,NEW"), ids)
    assert.deepStrictEqual(await idsOf("--status", "completed", "--status", "New"), ids)
    assert.deepStrictEqual(await idsOf("--since", "2014-06-19"), ids.slice(0, 4))
    assert.deepStrictEqual(await idsOf("--before", "2014-06-19"), ids.slice(4))
    assert.deepStrictEqual(await idsOf("--since", "2014-06-19T15:25:06", "--before", "2014-06-19T17:55:54+02:00"), [
      ids[1]
    ])
  })

  it("durations are counted back from now", async () => {
    const at = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString().slice(0, 19)
    const env = await catalog.account("recent", [
      record({ id: "an-hour", created: at(1) }),
      record({ id: "two-days", created: at(48) })
    ])
    assert.strictEqual(
      await out(["list", "--since", "1d", "-o", "value", "-c", "id,age"], env).then((text) => text.split("\t")[0]),
      "an-hour"
    )
    assert.strictEqual(await out(["list", "--before", "24h", "-o", "value", "-c", "id"], env), "two-days\n")
    assert.match(await out(["list", "-c", "id,age", "--no-header"], env), /^an-hour +1h\ntwo-days +2d\n$/)
  })

  it("an empty list says so to people and is empty for programs", async () => {
    const table = await backups(["list", "--before", "2001-01-01"], demo)
    assert.deepStrictEqual(table, { code: 0, signal: null, stdout: "", stderr: "No backups match.\n" })
    const env = await catalog.account("empty", [])
    assert.strictEqual((await backups(["list"], env)).stderr, "No backups.\n")
    assert.deepStrictEqual(JSON.parse(await out(["list", "-o", "json"], env)), [])
    assert.strictEqual(await out(["list", "-o", "ndjson"], env), "")
  })

  it("--limit is a total and says when there are more", async () => {
    for (const limit of [1, 5]) {
      const { code, stdout, stderr } = await backups(["list", "-o", "json", "--limit", String(limit)], demo)
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(JSON.parse(stdout), all.slice(0, limit))
      assert.strictEqual(stderr, `Only ${limit} shown, and more exist: --limit ${limit} was given.\n`)
    }
    for (const limit of ["6", "7", "100000"]) assert.deepStrictEqual(await idsOf("--limit", limit), ids)
  })

  it("show is one record, in every form", async () => {
    const [first] = all
    assert(first !== undefined)
    assert.deepStrictEqual(JSON.parse(await out(["show", first.id, "-o", "json"])), first)
    assert.deepStrictEqual(parseYaml(await out(["show", first.id, "-o", "yaml"])), first)
    assert.strictEqual(await out(["show", first.id, "-o", "value", "-c", "status"]), "COMPLETED\n")
    assert.strictEqual(parseCsv(await out(["show", first.id, "-o", "csv"])).length, 2)
    const table = await out(["show", first.id])
    for (const text of [first.id, "144 MiB", "MySQL 5.1", "2014-06-19T15:55:54Z"]) assert.include(table, text)
  })

  it("names of every sort come out harmless, and whole where a program reads", async () => {
    const name = '\u001b]0;title\u0007\u001b[31mred\u202egnp.exe\n"quoted", 日本語 👩‍👩‍👧'
    const env = await catalog.account("hostile", [record({ name })])
    assert.strictEqual(JSON.parse(await out(["list", "-o", "json"], env))[0].name, name)
    assert.strictEqual(parseYaml(await out(["list", "-o", "yaml"], env))[0].name, name)
    const escaped = '\\u001b]0;title\\u0007\\u001b[31mred\\u202egnp.exe\\u000a"quoted", 日本語 👩‍👩‍👧'
    assert.strictEqual(parseCsv(await out(["list", "-o", "csv", "-c", "name"], env))[1]?.[0], escaped)
    for (const format of ["table", "wide", "value"]) assert.include(await out(["list", "-o", format], env), escaped)
    assert.include(await out(["show", "b-1"], env), escaped)
  })
})

describe("thousands of records", () => {
  const many = records(3500)
  let env: Env
  beforeAll(async () => {
    env = await catalog.account("many", many)
  })

  it("come page after page, all of them, in every form", async () => {
    assert.deepStrictEqual(JSON.parse(await out(["list", "-o", "json"], env)), many)
    assert.strictEqual((await out(["list", "-o", "ndjson"], env)).trimEnd().split("\n").length, 3500)
    assert.strictEqual(parseYaml(await out(["list", "-o", "yaml", "-c", "id"], env)).length, 3500)
    assert.strictEqual(parseCsv(await out(["list", "-o", "csv"], env)).length, 3501)
    assert.strictEqual((await out(["list"], env)).trimEnd().split("\n").length, 3501)
  })

  it("are limited across pages, also above what one page may have", async () => {
    for (const limit of [999, 1000, 1001, 2500]) {
      const { stdout, stderr } = await backups(["list", "-o", "json", "--limit", String(limit)], env)
      assert.deepStrictEqual(JSON.parse(stdout), many.slice(0, limit))
      assert.include(stderr, "more exist")
    }
    assert.deepStrictEqual(JSON.parse(await out(["list", "-o", "json", "--limit", "3500"], env)), many)
  })

  it("a closed pipe ends the program quietly and successfully", async () => {
    const { code, stdout, stderr } = await shell("set -o pipefail; backups list -o ndjson | head -1", env)
    assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" })
    assert.deepStrictEqual(JSON.parse(stdout), many[0])
  })

  it("an output that cannot be written is an error", async () => {
    const { code, stderr } = await shell("backups list -o ndjson > /dev/full", env)
    assert.strictEqual(code, 1)
    assert.match(stderr, /^backups: The output cannot be written: ENOSPC.*\n$/)
  })

  it("a limit is met on a server whose pages are smaller than that", async () => {
    const small = await startCatalog("--page-size", "10", "--max-page-size", "10")
    try {
      const settings = await small.account("small", records(35))
      const { stdout } = await backups(["list", "-o", "json", "--limit", "25"], settings)
      assert.deepStrictEqual(JSON.parse(stdout), records(35).slice(0, 25))
    } finally {
      await small.stop()
    }
  })

  it("and such a server is asked for too much once, not page by page", async () => {
    const asked: Array<string | undefined> = []
    const { stdout } = await withServer(
      (request, response) => {
        asked.push(request.url)
        const { searchParams } = new URL(request.url ?? "", "http://server")
        response.setHeader("content-type", "application/json")
        if (Number(searchParams.get("limit")) > 2) {
          response.writeHead(413).end('{"overLimit":{"code":413,"message":"At most 2."}}')
          return
        }
        const page = Number(searchParams.get("marker") ?? 0)
        const links = [{ rel: "next", href: `?marker=${page + 1}` }]
        response.end(JSON.stringify({ backups: [record({ id: `a${page}` }), record({ id: `b${page}` })], links }))
      },
      (settings) => backups(["list", "-o", "value", "-c", "id", "--limit", "7"], settings)
    )
    assert.strictEqual(stdout, "a0\nb0\na1\nb1\na2\nb2\na3\n")
    assert.strictEqual(asked.length, 5)
  })
})

describe("errors", { concurrent: true }, () => {
  const refused = async (args: ReadonlyArray<string>, env: Env = demo) => {
    const { code, stdout, stderr } = await backups(args, env)
    assert.strictEqual(stdout, "")
    assert.match(stderr, /^backups: [^\n]+\n$/, "one line on stderr")
    assert.notInclude(stderr, DEMO_TOKEN)
    return { code, line: stderr.trimEnd() }
  }

  it("2: what is not understood, with a hint to the help", async () => {
    for (const args of [
      ["list", "--bogus"],
      ["show", "--bogus"],
      ["list", "--limit"],
      ["list", "--limit", "0"],
      ["list", "extra"],
      ["list", "-o", "xml"],
      ["list", "-c", "sise"],
      ["list", "--status", "done"],
      ["list", "--since", "yesterday"],
      ["list", "--wizard"],
      ["lsit"],
      []
    ]) {
      const { code, line } = await refused(args)
      assert.strictEqual(code, 2, args.join(" "))
      assert.match(line, /--help\.$/)
    }
    assert.include((await refused(["list", "--status", "done"])).line, "NEW BUILDING SAVING COMPLETED FAILED")
    assert.include((await refused(["list", "-c", "sise"])).line, "size instance_id")
    for (const args of [
      ["list", "--instance", "."],
      ["check", "--instance", ".."],
      ["check", "--forget", "."]
    ]) {
      assert.include((await refused(args)).line, `The option ${args[1]} must not be one dot or two.`)
    }
    assert.include((await refused(["list", "--limit", "9".repeat(20)])).line, "from 1 to 999999999999999, not 9999")
  })

  it("3: a token that is unknown, or of another account", async () => {
    const unknown = await refused(["list"], { ...demo, BACKUPS_TOKEN: "nobody" })
    assert.strictEqual(unknown.code, 3)
    assert.match(unknown.line, /\(request [^)]+\)$/)
    assert.notInclude(unknown.line, "nobody")
    assert.strictEqual((await refused(["list", "--account", "4321"])).code, 3)
  })

  it("4: a backup or a datastore that does not exist", async () => {
    assert.strictEqual((await refused(["show", "nothing"])).code, 4)
    const { code, line } = await refused(["list", "--datastore", "mysqll"])
    assert.strictEqual(code, 4)
    assert.include(line, "mysqll")
  })

  const answers = (status: number, fault: string, headers: Record<string, string> = {}) =>
    withServer(
      (_, response) => {
        response.writeHead(status, { "content-type": "application/json", "x-request-id": "r-1", ...headers })
        response.end(JSON.stringify({ [fault]: { code: status, message: "Because\u001b[2J." } }))
      },
      (env) => refused(["list"], env)
    )

  it("each fault of a server has its code, its message made harmless, and its request id", async () => {
    for (const { code: status, fault } of faults) {
      const { code, line } = await answers(status, fault)
      assert.deepStrictEqual([code, line], [faultCodes[fault], "backups: Because\\u001b[2J. (request r-1)"], fault)
    }
  })

  it("6: nobody there", async () => {
    const url = await withServer(
      () => {},
      async (env) => env.BACKUPS_URL ?? ""
    )
    const { code, line } = await refused(["list"], { ...demo, BACKUPS_URL: url })
    assert.strictEqual(code, 6)
    assert.include(line, url)
  })

  it("1: something that is no catalog", async () => {
    const { code } = await withServer(
      (_, response) => response.setHeader("content-type", "text/html").end("<h1>Hello</h1>"),
      (env) => refused(["list"], env)
    )
    assert.strictEqual(code, 1)
  })

  it("1: a status that HTTP does not have, or another protocol: it was reached, and the sentence says so", async () => {
    for (const [status, head] of [
      [999, "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"],
      [101, "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n"]
    ] as const) {
      const { code, line } = await withServer(
        (request) => request.socket.write(head),
        (env) => refused(["list"], env)
      )
      assert.strictEqual(code, 1)
      assert.match(line, new RegExp(`^backups: http://127.0.0.1:\\d+ answered ${status}, but [^.]+[^.]\\.$`))
    }
  })

  it("1: a record nested as deep as no stack is", async () => {
    const deep = `{"backups":[{"id":"a","name":${"[".repeat(100_000)}${"]".repeat(100_000)}}]}`
    const { code, line } = await withServer(
      (_, response) => response.setHeader("content-type", "application/json").end(deep),
      (env) => refused(["list"], env)
    )
    assert.strictEqual(code, 1)
    assert.isBelow(line.length, 300)
  })

  it("1: a list that is not what was asked for, of which nothing is shown", async () => {
    const { code, line } = await withServer(
      (_, response) =>
        response.setHeader("content-type", "application/json").end(JSON.stringify({ backups: [record({})] })),
      (env) => refused(["list", "--since", "7d", "--status", "failed"], env)
    )
    assert.strictEqual(code, 1)
    assert.include(line, "backups[0] does not match the filter status")
  })

  it("6: the page of a proxy whose catalog is away", async () => {
    const { code } = await withServer(
      (_, response) => response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad Gateway</h1>"),
      (env) => refused(["list"], env)
    )
    assert.strictEqual(code, 6)
  })

  it("an error in the middle of a list leaves output that nobody takes for the whole", async () => {
    const page = { backups: [record({})], links: [{ rel: "next", href: "/v1.0/1234/backups?marker=m" }] }
    const { code, stdout, stderr } = await withServer(
      (request, response) => {
        response.setHeader("content-type", "application/json")
        if (request.url?.includes("marker"))
          response.writeHead(401).end('{"unauthorized":{"code":401,"message":"Expired."}}')
        else response.end(JSON.stringify(page))
      },
      (env) => backups(["list", "-o", "json"], env)
    )
    assert.strictEqual(code, 3)
    assert.include(stdout, '"id": "b-1"')
    assert.throws(() => JSON.parse(stdout))
    assert.strictEqual(stderr, "backups: Expired.\n")
  })
})

describe("settings", { concurrent: true }, () => {
  const folder = mkdtempSync(join(tmpdir(), "backups-profile-"))
  const profile = (name: string, content: string | object, mode = 0o600): string => {
    const path = join(folder, name)
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content))
    chmodSync(path, mode)
    return path
  }
  const whole = () => ({ url: catalog.url, account: "1234", token: DEMO_TOKEN })
  const count = ["list", "-o", "value", "-c", "id", "--limit", "100"]

  it("all from the profile that is named, or found in XDG_CONFIG_HOME or the home", async () => {
    assert.strictEqual(await out(count, { BACKUPS_PROFILE: profile("whole.json", whole()) }), `${ids.join("\n")}\n`)
    for (const [variable, path] of [
      ["XDG_CONFIG_HOME", "xdg/backups"],
      ["HOME", "home/.config/backups"]
    ] as const) {
      mkdirSync(join(folder, path), { recursive: true })
      profile(`${path}/profile.json`, whole())
      const base = join(folder, path.split("/")[0] ?? "")
      assert.strictEqual(await out(count, { [variable]: base }), `${ids.join("\n")}\n`)
    }
  })

  it("says that a variable may be misspelt, and nothing of one that is somebody's own", async () => {
    const env = { ...(await catalog.account("misspelt", [])), BACKUPS_TOKN: "x", BACKUPS_DIR: "/srv/backups" }
    const said =
      "backups: warning: The variable BACKUPS_TOKN is not known, and does nothing; BACKUPS_TOKEN may be meant.\n"
    assert.strictEqual((await backups(["list", "-o", "json"], env)).stderr, said)
    assert.strictEqual((await backups(["check", "-o", "nagios"], env)).stderr, "")
    for (const args of [["version"], ["completion", "bash"]]) assert.strictEqual((await backups(args, env)).stderr, "")
  })

  it("nothing from a profile in the current folder, whatever the home is", async () => {
    const ran = join(folder, "ran")
    mkdirSync(join(folder, "here/.config/backups"), { recursive: true })
    mkdirSync(join(folder, "here/xdg/backups"), { recursive: true })
    const evil = { url: catalog.url, account: "1234", tokenCommand: `touch ${ran}; echo ${DEMO_TOKEN}` }
    for (const base of [".config", "xdg"]) profile(`here/${base}/backups/profile.json`, evil)
    for (const env of ["HOME=", "HOME=.", "XDG_CONFIG_HOME=xdg HOME="]) {
      const { code, stderr } = await shell(`cd '${folder}/here' && ${env} backups list`)
      assert.deepStrictEqual([code, existsSync(ran)], [2, false], env)
      assert.include(
        stderr,
        ". There is no home folder, so name a profile with BACKUPS_PROFILE; backups login writes it."
      )
      assert.include(
        (await shell(`cd '${folder}/here' && ${env} backups sync --check`)).stderr,
        "there is no ./backups.yaml"
      )
    }
  })

  it("all from the environment where the system knows no home of the user", async () => {
    const homeless = join(folder, "homeless.cjs")
    writeFileSync(homeless, 'require("node:os").homedir = () => { throw new Error("there is none") }')
    const NODE_OPTIONS = `-r ${homeless}`
    assert.strictEqual(await out(count, { ...demo, NODE_OPTIONS }), `${ids.join("\n")}\n`)
    const { code, stderr } = await backups(["login", "--url", catalog.url, "--account", "1234"], { NODE_OPTIONS })
    assert.deepStrictEqual(
      [code, stderr.split(" See ")[0]],
      [2, "backups: There is no home folder to keep a profile in; set BACKUPS_PROFILE to a path for it."]
    )
  })

  it("an option wins over the environment, which wins over the profile", async () => {
    const BACKUPS_PROFILE = profile("lowest.json", { ...whole(), account: "from-profile", token: "wrong" })
    const of = async (args: ReadonlyArray<string>, env: Env) =>
      (await backups(["list", ...args], { BACKUPS_PROFILE, ...env })).code
    assert.strictEqual(await of([], {}), 3)
    assert.strictEqual(await of([], { BACKUPS_ACCOUNT: "1234", BACKUPS_TOKEN: DEMO_TOKEN }), 0)
    assert.strictEqual(await of(["--token", "worse"], { BACKUPS_ACCOUNT: "1234", BACKUPS_TOKEN: DEMO_TOKEN }), 3)
    assert.strictEqual(await of(["--account", "1234", "--token", DEMO_TOKEN], { BACKUPS_TOKEN: "" }), 0)
    assert.strictEqual(await of(["--url", "http://127.0.0.1:9"], { BACKUPS_ACCOUNT: "1234" }), 6)
  })

  it("what is missing is named with all three ways to give it", async () => {
    const path = join(folder, "nowhere/backups/profile.json")
    const { code, stderr } = await backups(["list"], {
      XDG_CONFIG_HOME: join(folder, "nowhere"),
      BACKUPS_URL: catalog.url
    })
    assert.strictEqual(code, 2)
    assert.strictEqual(
      stderr,
      "backups: Missing: account and token. Give --account and --token, or set BACKUPS_ACCOUNT and BACKUPS_TOKEN, or " +
        `write "account" and "token" into the profile ${path}, which backups login does. See backups list --help.\n`
    )
  })

  it("a profile that cannot be used is one sentence with its path, without its content", async () => {
    for (const [path, why] of [
      [profile("text.json", `{"token": "${DEMO_TOKEN}", }`), "it is not JSON"],
      [profile("list.json", `["${DEMO_TOKEN}"]`), "it must be a JSON object"],
      [profile("number.json", { ...whole(), account: 1234 }), "its member account must be a text"],
      [join(folder, "absent.json"), "there is no such file"],
      [folder, "it is not a regular file"]
    ] as const) {
      const { code, stderr } = await backups(["list"], { BACKUPS_PROFILE: path })
      assert.strictEqual(code, 2)
      assert.match(stderr, /^backups: The profile [^\n]+\n$/)
      assert.include(stderr, `The profile ${path} cannot be used: ${why}`)
      assert.notInclude(stderr, DEMO_TOKEN)
    }
  })

  it("a profile that is a pipe, which nobody may ever write to, is refused and not waited for", async () => {
    const path = join(folder, "pipe")
    execFileSync("mkfifo", [path])
    const { code, stderr } = await backups(["list"], { BACKUPS_PROFILE: path })
    assert.strictEqual(code, 2)
    assert.include(stderr, `The profile ${path} cannot be used: it is not a regular file.`)
  })

  it("a profile whose token others may read is a warning, and works", async () => {
    const path = profile("open.json", whole(), 0o644)
    const { code, stderr } = await backups(count, { BACKUPS_PROFILE: path })
    assert.strictEqual(code, 0)
    assert.strictEqual(stderr, `backups: warning: others may read the token in ${path}; chmod 600 closes it to them.\n`)
    const { token, ...rest } = whole()
    assert.strictEqual(
      await out(count, { BACKUPS_PROFILE: profile("harmless.json", rest, 0o644), BACKUPS_TOKEN: token }),
      `${ids.join("\n")}\n`
    )
  })

  it("an address with the version in it, as OpenStack lists it, is told how it has to be", async () => {
    for (const [end, base] of [
      ["/v1.0", ""],
      ["/v1.0/", ""],
      ["/v1.0/1234", ""],
      ["/db/v1.0/1234/", "/db"]
    ] as const) {
      const { code, stderr } = await backups(["list"], { ...demo, BACKUPS_URL: catalog.url + end })
      assert.strictEqual(code, 2)
      assert.match(stderr, /^backups: The url from BACKUPS_URL must not have \/v1\.0\S* at its end: [^\n]+\n$/)
      assert.include(stderr, ` at its end: ${catalog.url}${base} is the address.`)
    }
  })

  it("a value that cannot be used is named with where it came from", async () => {
    const { code, stderr } = await backups(["list"], { ...demo, BACKUPS_URL: "localhost:8779" })
    assert.strictEqual(code, 2)
    assert.match(stderr, /^backups: The url from BACKUPS_URL must [^\n]+\n$/)
    for (const wrong of ["a/b", ".", ".."]) {
      const account = await backups(["list", "--account", wrong], demo)
      assert.strictEqual(account.code, 2)
      assert.match(account.stderr, /^backups: The account from --account must [^\n]+\n$/)
    }
    const token = await backups(["list"], { ...demo, BACKUPS_TOKEN: "sec ret" })
    assert.match(token.stderr, /^backups: The token from BACKUPS_TOKEN must [^\n]+\n$/)
    assert.notInclude(token.stderr, "sec ret")
  })
})

describe("what needs no catalog", { concurrent: true }, () => {
  it("the version", async () => {
    const said = await out(["version"], {})
    const [ofPackage, build] = said.split("+")
    assert.strictEqual(ofPackage, packageJson.version)
    assert.match(build ?? "", /^[0-9a-f]{8}\n$/)
    assert.strictEqual(await out(["--version"], {}), said)
  })

  it("help for the whole and for each command, on stdout, without decoration", async () => {
    const whole = await out(["--help"], {})
    for (const name of ["list", "show", "register", "delete", "login", "logout", "version", "completion"]) {
      assert.include(whole, `  ${name}`)
      const help = await out([name, "--help"], {})
      assert.include(help, `Usage:\n  backups ${name}`)
      assert.notInclude(help, "\u001b")
      for (const line of help.split("\n").filter((text) => !text.startsWith("  backups ")))
        assert.isAtMost(line.length, 100)
    }
    const list = await out(["list", "-h"], {})
    for (const option of ["--datastore", "--since", "--limit", "-o, --output", "-c, --column", "--token"]) {
      assert.include(list, option)
    }
  })
})
