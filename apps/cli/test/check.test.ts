import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { parse as parseYaml } from "yaml"
import { backups, type Env, inTerminal, shell } from "./support/backups.ts"
import { parseCsv } from "./support/csv.ts"
import { importRecords } from "./support/importRecords.ts"
import { type CatalogServer, record, startCatalog, withServer } from "./support/servers.ts"

const at = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString().slice(0, 19)
const postgres = { type: "PostgreSQL", version: "17", version_id: null }

const made = (id: string, instance: string, hours: number, members: object = {}) =>
  record({ id, name: `nightly ${id}`, instance_id: instance, created: at(hours), datastore: postgres, ...members })

let catalog: CatalogServer
let mixed: Env
let healthy: Env
let empty: Env
let partly: Env
let unnamed: Env

beforeAll(async () => {
  catalog = await startCatalog()
  mixed = await catalog.account("mixed", [])
  await importRecords(mixed, "pg", [
    made("a", "db-fresh", 2),
    made("b", "db-stale", 50),
    made("c", "db-never", 2, { status: "FAILED", datastore: { type: "MySQL", version: null, version_id: null } }),
    made("d", "db-suspect", 2, { suspect: "its checksum differs" }),
    made("e", "old-suspect", 60, { suspect: "its checksum differs" }),
    made("e2", "old-suspect", 55, { parent_id: "e" }),
    made("f", "db-broken", 2, { parent_id: "gone", native_parent_id: "20261101F" })
  ])
  healthy = await catalog.account("healthy", [made("a", "db-1", 2), made("b", "db-2", 3)])
  empty = await catalog.account("empty", [])
  const without = (id: string) => ({ ...made(id, "", 2), instance_id: null })
  partly = await catalog.account("partly", [made("a", "db-1", 2), without("b"), without("c")])
  unnamed = await catalog.account("unnamed", [without("a")])
})
afterAll(() => catalog.stop())

const verdictsOf = async (env: Env, ...args: ReadonlyArray<string>) => {
  const { code, stdout } = await backups(["check", "-o", "value", "-c", "instance_id,verdict", ...args], env)
  const verdicts: ReadonlyArray<string> = stdout
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [line.replace("\t", " ")]))
  return { code, verdicts }
}

/** What a catalog answers of an instance that is fresh. */
const entry = (instance: string) => ({
  instance_id: instance,
  datastore: null,
  verdict: "fresh",
  reason: "Fine.",
  max_age: "26h",
  age: 60,
  newest_usable: null,
  newest: null,
  failures_since: 0
})

describe("backups check", { concurrent: true }, () => {
  it("ends with 0 when every instance is fresh", async () => {
    assert.deepStrictEqual(await verdictsOf(healthy), { code: 0, verdicts: ["db-1 fresh", "db-2 fresh"] })
    assert.strictEqual((await backups(["check"], healthy)).stderr, "")
  })

  it("ends with 1 when one is not, and says so in a sentence", async () => {
    const { code, stdout, stderr } = await backups(["check"], mixed)
    assert.strictEqual(code, 1)
    assert.match(stderr, /^backups: 5 of 6 instances are not fresh: db-broken broken-chain, db-never never, .* stale/)
    for (const text of ["INSTANCE_ID", "MAX_AGE", "26h", "its checksum differs", "20261101F (gone)"]) {
      assert.include(stdout, text)
    }
    assert.deepStrictEqual(await verdictsOf(mixed), {
      code: 1,
      verdicts: [
        "db-broken broken-chain",
        "db-fresh fresh",
        "db-never never",
        "db-stale stale",
        "db-suspect suspect",
        "old-suspect stale"
      ]
    })
  })

  it("takes instances by id and by pattern, a datastore, and verdicts", async () => {
    const cases: ReadonlyArray<readonly [args: ReadonlyArray<string>, code: number, verdicts: ReadonlyArray<string>]> =
      [
        [["--instance", "db-fresh"], 0, ["db-fresh fresh"]],
        [["--instance", "db-fresh", "--instance", "db-fresh"], 0, ["db-fresh fresh"]],
        [["--instance", "db-fresh", "--instance", "db-stale"], 1, ["db-fresh fresh", "db-stale stale"]],
        [["--instance", "*-s*"], 1, ["db-stale stale", "db-suspect suspect", "old-suspect stale"]],
        [["--instance", "db-fres?", "--instance", "db-never"], 1, ["db-fresh fresh", "db-never never"]],
        [["--datastore", "mysql"], 1, ["db-never never"]],
        [["--verdict", "Stale,never"], 1, ["db-never never", "db-stale stale", "old-suspect stale"]],
        [["--verdict", "fresh"], 0, ["db-fresh fresh"]],
        [["--verdict", "never", "--instance", "db-fresh"], 0, []],
        [["--verdict", "fresh", "--instance", "db-stale"], 1, []],
        [["--verdict", "fresh,suspect", "--instance", "db-stale"], 1, []]
      ]
    for (const [args, code, verdicts] of cases) {
      assert.deepStrictEqual(await verdictsOf(mixed, ...args), { code, verdicts }, args.join(" "))
    }
  })

  it("says of a datastore that there is none what the catalog says", async () => {
    const { code, stderr } = await backups(["check", "--datastore", "postgresq"], mixed)
    assert.strictEqual(code, 4)
    assert.match(
      stderr,
      /^backups: The datastore postgresq is neither a known one nor one that the account has a backup of\./
    )
  })

  it("judges by another age, and knows then too what is suspect and what is broken", async () => {
    assert.deepStrictEqual(await verdictsOf(mixed, "--max-age", "3d"), {
      code: 1,
      verdicts: [
        "db-broken broken-chain",
        "db-fresh fresh",
        "db-never never",
        "db-stale fresh",
        "db-suspect suspect",
        "old-suspect suspect"
      ]
    })
    assert.deepStrictEqual(await verdictsOf(mixed, "--max-age", "90m", "--instance", "db-*h"), {
      code: 1,
      verdicts: ["db-fresh stale"]
    })
    assert.deepStrictEqual(await verdictsOf(mixed, "--max-age", "3d", "--verdict", "stale"), { code: 0, verdicts: [] })
  })

  it("has the verdict that a policy of that age has, also where a young backup hides a broken chain", async () => {
    const env = await catalog.account("hidden", [made("y1", "Y", 5), made("y2", "Y", 4, { parent_id: "gone" })])
    assert.deepStrictEqual(await verdictsOf(env), { code: 0, verdicts: ["Y fresh"] })
    assert.deepStrictEqual(await verdictsOf(env, "--max-age", "1h", "--verdict", "broken-chain"), {
      code: 1,
      verdicts: ["Y broken-chain"]
    })
    for (const which of [[], ["--instance", "Y"], ["--instance", "?", "--datastore", "postgresql"]]) {
      const { code, stdout } = await backups(["check", "-o", "nagios", "--max-age", "1h", ...which], env)
      assert.strictEqual(code, 2)
      assert.match(stdout, /^BACKUPS CRITICAL - .* Y broken-chain\. /)
    }
  })

  it("says of a catalog of before ages could be asked for what it judges by, and takes no other age for the one asked", async () => {
    const asked = (status: number, body: object) =>
      withServer(
        (_, response) => {
          response.writeHead(status, { "Content-Type": "application/json" })
          response.end(JSON.stringify(body))
        },
        (env) => backups(["check", "--max-age", "1h"], env)
      )
    const message = "The query parameter max_age is not known here."
    assert.deepInclude(await asked(400, { badRequest: { code: 400, message } }), {
      code: 2,
      stdout: "",
      stderr: `backups: The catalog at this address is too old for --max-age, and judges by the policy of the account alone; it says: ${message}\n`
    })
    assert.deepInclude(await asked(200, { coverage: [entry("a")] }), { code: 6, stdout: "" })
  })

  it("does not take nothing for healthy: no instance at all, or one that was named and is not known", async () => {
    assert.deepStrictEqual(await backups(["check"], empty), {
      code: 1,
      signal: null,
      stdout: "",
      stderr: "backups: The account has no instance: the catalog never had a backup that names one.\n"
    })
    const json = await backups(["check", "-o", "json", "--datastore", "redis"], healthy)
    assert.strictEqual(json.code, 1)
    assert.strictEqual(json.stdout, "[]\n")
    assert.include(json.stderr, "redis")
    const named = await backups(["check", "--instance", "db-1", "--instance", "db-x"], healthy)
    assert.strictEqual(named.code, 1)
    assert.include(named.stderr, "The catalog never had a backup of db-x.")
    const pattern = await backups(["check", "--instance", "x-*"], healthy)
    assert.strictEqual(pattern.code, 1)
    assert.include(pattern.stderr, "x-*")
  })

  it("says that an instance is of another datastore than the one that was asked for, and not that it never was", async () => {
    const dual = await catalog.account("dual", [
      made("m", "dual", 12, { datastore: { type: "MySQL", version: null, version_id: null } }),
      made("p", "dual", 2),
      made("q", "db-1", 2)
    ])
    const of = (...args: ReadonlyArray<string>) => backups(["check", "--datastore", "mysql", ...args], dual)
    const alone = "The account has no instance that fits dual whose newest backup is of mysql."
    assert.deepInclude(await of("--instance", "dual"), { code: 1, stderr: `backups: ${alone}\n` })
    assert.deepInclude(await of("--instance", "dual", "-o", "nagios"), {
      code: 3,
      stdout: `BACKUPS UNKNOWN - ${alone}\n`
    })
    const beside = "The catalog has no instance dual whose newest backup is of mysql. 1 instance is fresh."
    await importRecords(dual, "more", [
      made("r", "db-2", 2, { datastore: { type: "MySQL", version: null, version_id: null } })
    ])
    const both = ["--instance", "dual", "--instance", "db-2"]
    assert.deepInclude(await of(...both), { code: 1, stderr: `backups: ${beside}\n` })
    assert.include((await of(...both, "-o", "nagios")).stdout, `BACKUPS CRITICAL - ${beside}|`)
    assert.include((await of(...both, "-o", "prometheus")).stderr, "no instance dual whose newest backup is of mysql.")
  })

  it("says how many backups name no instance, where all was asked for, and with the same exit code", async () => {
    const said = "2 backups name no instance, so they are not checked.\n"
    for (const form of ["table", "json", "value"]) {
      assert.deepInclude(await backups(["check", "-o", form], partly), { code: 0, stderr: said }, form)
    }
    assert.deepInclude(await backups(["check", "--verdict", "never"], partly), {
      code: 0,
      stderr: `No instance is never. ${said}`
    })
    const old = await backups(["check", "--max-age", "1m"], partly)
    assert.strictEqual(old.code, 1)
    assert.include(old.stderr, `is older than 1m. ${said}`)
    for (const args of [
      ["--instance", "db-1"],
      ["--instance", "db-*"],
      ["--datastore", "postgresql"]
    ]) {
      assert.deepInclude(await backups(["check", ...args], partly), { code: 0, stderr: "" }, args.join(" "))
    }
    assert.deepInclude(await backups(["check"], unnamed), {
      code: 1,
      stderr:
        "backups: The account has no instance: the catalog never had a backup that names one. 1 backup names no instance, so it is not checked.\n"
    })
  })

  it("says so where the catalog counted no further, and nothing where it does not count", async () => {
    const asked = (members: object, ...args: ReadonlyArray<string>) =>
      withServer(
        (_, response) => {
          response.writeHead(200, { "Content-Type": "application/json" })
          response.end(JSON.stringify({ coverage: [entry("a")], ...members }))
        },
        (env) => backups(["check", ...args], env)
      )
    assert.deepInclude(await asked({ without_instance: 1000 }), {
      code: 0,
      stderr: "1000 or more backups name no instance, so they are not checked.\n"
    })
    assert.deepInclude(await asked({}), { code: 0, stderr: "" })
    assert.notInclude((await asked({}, "-o", "nagios")).stdout, "without_instance")
    assert.notMatch((await asked({}, "-o", "prometheus")).stdout, /^backup_catalog_backups_without_instance/m)
  })

  it("is records for programs, member for member", async () => {
    const args = ["check", "--instance", "db-suspect"]
    const [entry] = JSON.parse((await backups([...args, "-o", "json"], mixed)).stdout)
    assert.deepInclude(entry, { instance_id: "db-suspect", verdict: "suspect", max_age: "26h", failures_since: 0 })
    assert.deepInclude(entry.newest_usable, { id: "d", name: "nightly d", status: "COMPLETED" })
    assert.deepStrictEqual(entry.datastore, postgres)
    assert.include(entry.reason, "its checksum differs")
    const [line] = (await backups([...args, "-o", "ndjson"], mixed)).stdout.split("\n")
    assert.deepInclude(JSON.parse(line ?? ""), { instance_id: "db-suspect", newest_usable: entry.newest_usable })
    assert.deepInclude(parseYaml((await backups([...args, "-o", "yaml"], mixed)).stdout)[0], { verdict: "suspect" })
    const [header, cells] = parseCsv((await backups([...args, "-o", "csv"], mixed)).stdout)
    assert.strictEqual(cells?.[header?.indexOf("newest_usable_id") ?? -1], "d")
  })

  it("fits 60 columns, with verdicts in colour and every instance whole", async () => {
    const { stdout, code } = await inTerminal(60, ["check"], mixed)
    assert.strictEqual(code, 1)
    assert.include(stdout, "\u001b[32mfresh")
    assert.include(stdout, "\u001b[31mstale")
    assert.include(stdout, "\u001b[33msuspect")
    for (const instance of ["db-broken", "db-fresh", "db-never", "db-stale", "db-suspect", "old-suspect"]) {
      assert.match(stdout, new RegExp(`^${instance} `, "m"))
    }
  })

  it("an error is never 0 or 1: it does not look like an answer", async () => {
    const answers = [
      [200, "<p>"],
      [500, { instanceFault: { code: 500, message: "A defect." } }],
      [422, { unprocessableEntity: { code: 422, message: "Impossible." } }],
      [501, { notImplemented: { code: 501, message: "Not here." } }],
      [200, { coverage: [{ instance_id: "db-1" }] }]
    ] as const
    for (const [status, body] of answers) {
      await withServer(
        (_, response) => {
          response.writeHead(status, { "Content-Type": "application/json" })
          response.end(typeof body === "string" ? body : JSON.stringify(body))
        },
        async (env) => {
          const { code, stdout, stderr } = await backups(["check"], env)
          assert.strictEqual(code, 6, stderr)
          assert.strictEqual(stdout, "")
          assert.notStrictEqual(stderr, "")
        }
      )
    }
    assert.strictEqual((await backups(["check"], { ...healthy, BACKUPS_TOKEN: "wrong" })).code, 3)
    assert.strictEqual((await backups(["check", "--verdict", "rotten"], healthy)).code, 2)
    assert.strictEqual((await backups(["check", "--max-age", "soon"], healthy)).code, 2)
    assert.strictEqual((await backups(["check"], { ...healthy, BACKUPS_URL: "http://127.0.0.1:9" })).code, 6)
  })

  it("a reader who has had enough does not make it look healthy", async () => {
    const { stdout } = await shell("backups check | head -c 1 >/dev/null; echo $PIPESTATUS", mixed)
    assert.strictEqual(stdout, "1\n")
  })

  it("follows every page, also short and empty ones, and writes nothing when a later one fails", async () => {
    const pages = (fails: boolean) => [
      { coverage: [entry("a")], next: "1" },
      { coverage: [], next: "2" },
      fails ? undefined : { coverage: [entry("b")], next: undefined }
    ]
    for (const fails of [false, true]) {
      for (const form of ["value", "prometheus"]) {
        await withServer(
          (request, response) => {
            const marker = new URL(request.url ?? "", "http://x").searchParams.get("marker") ?? "0"
            const page = pages(fails)[Number(marker)]
            response.writeHead(page === undefined ? 500 : 200, { "Content-Type": "application/json" })
            const links = page?.next === undefined ? {} : { links: [{ rel: "next", href: `?marker=${page.next}` }] }
            response.end(JSON.stringify({ coverage: page?.coverage, ...links }))
          },
          async (env) => {
            const { code, stdout } = await backups(["check", "-o", form], env)
            assert.strictEqual(code, fails ? 6 : 0)
            if (fails) assert.strictEqual(stdout, "")
            else assert.match(stdout, form === "value" ? /^a\t.*\nb\t/ : /instance_id="b"/)
          }
        )
      }
    }
  })
})

describe("backups check -o nagios", { concurrent: true }, () => {
  const plugin = async (env: Env, ...args: ReadonlyArray<string>) => {
    const { code, stdout, stderr } = await backups(["check", "-o", "nagios", ...args], env)
    assert.strictEqual(stderr, "")
    assert.match(stdout, /^BACKUPS [A-Z]+ - [^|\n]+(?:\|[^|\n]+)?\n$/)
    return { code, stdout }
  }

  it("is OK, WARNING or CRITICAL by the worst, with how many there are of each", async () => {
    assert.deepStrictEqual(await plugin(healthy), {
      code: 0,
      stdout:
        "BACKUPS OK - 2 instances are fresh.|fresh=2;;;0;2 suspect=0;;;0;2 stale=0;;;0;2 never=0;;;0;2 broken-chain=0;;;0;2 without_instance=0;;;0\n"
    })
    assert.deepStrictEqual(await plugin(partly), {
      code: 0,
      stdout:
        "BACKUPS OK - 1 instance is fresh. 2 backups name no instance, so they are not checked.|fresh=1;;;0;1 suspect=0;;;0;1 stale=0;;;0;1 never=0;;;0;1 broken-chain=0;;;0;1 without_instance=2;;;0\n"
    })
    assert.notInclude((await plugin(partly, "--instance", "db-1")).stdout, "without_instance")
    for (const [instance, code, state] of [
      ["db-stale", 1, "WARNING"],
      ["db-suspect", 1, "WARNING"],
      ["db-never", 2, "CRITICAL"],
      ["db-broken", 2, "CRITICAL"],
      ["db-unknown", 2, "CRITICAL"],
      ["*", 2, "CRITICAL"]
    ] as const) {
      const answer = await plugin(mixed, "--instance", instance)
      assert.strictEqual(answer.code, code, instance)
      assert.match(answer.stdout, new RegExp(`^BACKUPS ${state} - `))
      if (instance !== "*") assert.include(answer.stdout, instance)
    }
    assert.deepInclude(await plugin(mixed, "--instance", "db-fresh", "--verdict", "never"), { code: 0 })
  })

  it("is UNKNOWN when nothing could be found out, whatever the reason", async () => {
    const cases: ReadonlyArray<readonly [env: Env, args: ReadonlyArray<string>, named: string]> = [
      [empty, [], "no instance"],
      [unnamed, [], "1 backup names no instance"],
      [{ ...healthy, BACKUPS_TOKEN: "wrong" }, [], "token"],
      [{ ...healthy, BACKUPS_URL: "http://127.0.0.1:9" }, [], "cannot be reached"],
      [{}, [], "Missing"],
      [healthy, ["--bogus"], "--bogus"],
      [healthy, ["--max-age", "soon"], "--max-age"],
      [healthy, ["-c", "age"], "--column"]
    ]
    for (const [env, args, named] of cases) {
      const { code, stdout } = await plugin(env, ...args)
      assert.strictEqual(code, 3, stdout)
      assert.match(stdout, /^BACKUPS UNKNOWN - /)
      assert.include(stdout, named)
    }
  })

  it("is UNKNOWN in less than the minute that monitoring has, and says what does not answer", () =>
    withServer(
      () => {},
      async ({ BACKUPS_URL = "", ...account }) => {
        const began = Date.now()
        const keystone = {
          OS_AUTH_URL: BACKUPS_URL,
          OS_USERNAME: "alice",
          OS_PASSWORD: "secret",
          OS_PROJECT_NAME: "shop",
          OS_USER_DOMAIN_NAME: "Default",
          OS_PROJECT_DOMAIN_NAME: "Default"
        }
        const answers = await Promise.all([plugin({ BACKUPS_URL, ...account }), plugin(keystone)])
        assert.isBelow(Date.now() - began, 55_000)
        assert.deepStrictEqual(answers, [
          {
            code: 3,
            stdout: `BACKUPS UNKNOWN - Nothing was found out within 45 seconds: ${BACKUPS_URL} had not answered all that it was asked.\n`
          },
          {
            code: 3,
            stdout:
              "BACKUPS UNKNOWN - Nothing was found out within 45 seconds: the token had not come from Keystone, the command of the profile or the keyring.\n"
          }
        ])
      }
    ))

  it("is UNKNOWN however it is written, also where that is wrong, and is no answer to anybody else", async () => {
    for (const words of [
      ["check", "-o=nagios"],
      ["check", "-o", "=nagios"],
      ["check", "-o:nagios"],
      ["check", "-o", " nagios"],
      ["check", "-output", "nagios"],
      ["check", "-output=nagios"],
      ["check", "--out", "nagios"],
      ["check", "--out=nagios"],
      ["check", "--format=nagios"],
      ["check", "-f", "nagios"],
      ["check", "-O", "nagios"],
      ["check", "--nagios"],
      ["check", "nagios"],
      ["chekc", "-o", "nagios"],
      ["-o", "nagios", "check"],
      ["-o", "nagios"]
    ]) {
      const { code, stdout, stderr } = await backups(words, healthy)
      assert.deepStrictEqual([code, stderr], [3, ""], words.join(" "))
      assert.match(stdout, /^BACKUPS UNKNOWN - [^|\n]+\n$/)
    }
    for (const words of [
      ["check", "--instance", "nagios", "--bogus"],
      ["check", "--instance=nagios", "--bogus"],
      ["check", "--os-cloud=nagios", "--bogus"],
      ["check", "--forget", "nagios", "--bogus"],
      ["list", "-o", "nagios"]
    ]) {
      assert.deepInclude(await backups(words, healthy), { code: 2, stdout: "" }, words.join(" "))
    }
  })

  it("is UNKNOWN where nothing could be wrong by the verdicts that are judged, or what is good is asked for and is not there", async () => {
    for (const args of [
      ["--verdict", "fresh"],
      ["--verdict", "fresh,FRESH", "--max-age", "1h"]
    ]) {
      const { code, stdout } = await plugin(healthy, ...args)
      assert.strictEqual(code, 3)
      assert.include(stdout, "--verdict fresh leaves out all that could be wrong")
    }
    assert.deepStrictEqual(await plugin(healthy, "--verdict", "fresh,never", "--max-age", "1h"), {
      code: 3,
      stdout: "BACKUPS UNKNOWN - No instance is fresh or never.\n"
    })
  })

  it("counts the verdicts that are judged alone, of all instances", async () => {
    assert.deepStrictEqual(await plugin(mixed, "--verdict", "stale,never", "--instance", "db-*"), {
      code: 2,
      stdout:
        "BACKUPS CRITICAL - 2 of 2 instances are not fresh: db-never never, db-stale stale.|stale=1;;;0;5 never=1;;;0;5\n"
    })
    assert.deepStrictEqual(await plugin(healthy, "--verdict", "stale"), {
      code: 0,
      stdout: "BACKUPS OK - No instance is stale.|stale=0;;;0;2 without_instance=0;;;0\n"
    })
  })

  it("is UNKNOWN also where its own name is misspelt", async () => {
    for (const words of [["-o", "Nagios"], ["-oNAGIOS"], ["--output", "nagois"], ["--output=nagio"]]) {
      const { code, stdout, stderr } = await backups(["check", ...words], healthy)
      assert.deepStrictEqual([code, stderr], [3, ""])
      assert.match(stdout, /^BACKUPS UNKNOWN - The output nag\w+ is not known; there are .* nagios prometheus\. See /i)
    }
  })

  it("has nothing in its text that would be data, another line, or an order to a terminal", async () => {
    const env = await catalog.account("hostile", [made("x", "db|evil=1\u202e", 99, { name: "a|b\u0085c" })])
    const { stdout, code } = await plugin(env)
    assert.strictEqual(code, 1)
    assert.include(stdout, "db\\u007cevil=1\\u202e stale")
    assert.include(stdout, "a\\u007cb\\u0085c")
  })
})

describe("backups check -o prometheus", { concurrent: true }, () => {
  it("is metrics of every instance, with exit code 0 whatever they say", async () => {
    const { code, stdout, stderr } = await backups(["check", "-o", "prometheus"], mixed)
    assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" })
    const labels = 'account="mixed",instance_id="db-stale",datastore="PostgreSQL"'
    assert.include(stdout, `\nbackup_catalog_verdict{${labels},verdict="stale"} 1\n`)
    assert.include(stdout, `\nbackup_catalog_verdict{${labels},verdict="fresh"} 0\n`)
    assert.include(stdout, `\nbackup_catalog_max_age_seconds{${labels}} 93600\n`)
    assert.match(stdout, new RegExp(`\nbackup_catalog_newest_usable_timestamp_seconds\\{${labels}\\} \\d{10}\n`))
    for (const line of stdout.trimEnd().split("\n")) {
      assert.match(line, /^(?:# (?:HELP|TYPE) |[a-z_]+\{(?:[a-z_]+="[^"]*",?)+\} [\d.]+$)/)
    }
  })

  it("says how many backups name no instance, where all was asked for", async () => {
    const metric = /^backup_catalog_backups_without_instance\{account="partly"\} 2$/m
    assert.match((await backups(["check", "-o", "prometheus"], partly)).stdout, metric)
    assert.notMatch((await backups(["check", "-o", "prometheus", "--instance", "db-1"], partly)).stdout, metric)
  })

  it("is nothing at all when there is nothing, or it cannot be had", async () => {
    for (const [env, code] of [
      [empty, 1],
      [{ ...healthy, BACKUPS_TOKEN: "wrong" }, 3]
    ] as const) {
      const ended = await backups(["check", "-o", "prometheus"], env)
      assert.deepInclude(ended, { code, stdout: "" })
      assert.notStrictEqual(ended.stderr, "")
    }
  })
})

it("backups check --forget stops expecting backups of an instance that has none", async () => {
  const env = await catalog.account("forgetful", [])
  await importRecords(env, "pg", [made("x", "db-gone", 2), made("y", "db-here", 2)])
  const early = await backups(["check", "--forget", "db-gone"], env)
  assert.strictEqual(early.code, 1)
  assert.include(early.stderr, "db-gone")
  await importRecords(env, "pg", [made("y", "db-here", 2)])
  assert.deepStrictEqual((await verdictsOf(env)).verdicts, ["db-gone stale", "db-here fresh"])
  assert.deepInclude(await backups(["check", "--forget", "db-gone"], env), {
    code: 0,
    stdout: "forgotten db-gone\n",
    stderr: ""
  })
  assert.deepStrictEqual(await verdictsOf(env), { code: 0, verdicts: ["db-here fresh"] })
  assert.strictEqual((await backups(["check", "--forget", "db-gone"], env)).code, 4)
  assert.strictEqual((await backups(["check", "--forget", "db-gone", "--max-age", "1h"], env)).code, 2)
})
