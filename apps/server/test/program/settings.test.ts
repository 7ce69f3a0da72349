import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it, onTestFinished } from "vitest"
import { logLines, runProgram } from "../support/program.ts"
import { temporaryFolder } from "../support/server.ts"
import { get, sendLines } from "../support/socket.ts"
import { DEMO_TOKEN, freshStore, serve } from "./support.ts"

describe("serve", () => {
  it("takes its settings from the environment, flags first", async () => {
    const store = freshStore()
    const env = {
      CATALOG_STORE: store,
      CATALOG_PAGE_SIZE: "2",
      CATALOG_DEMO: "true",
      CATALOG_PUBLIC_URL: "https://backups.example.com/db/",
      CATALOG_LOG: "silent",
      CATALOG_GRACE: "",
      CATALOG_PORT: ""
    }
    const { url } = await serve(["--max-page-size", "3"], env)
    const { body } = await get(url, "/v1.0/1234/backups", DEMO_TOKEN)
    assert.strictEqual(JSON.parse(body).backups.length, 2)
    assert.match(
      JSON.parse(body).links[0].href,
      /^https:\/\/backups\.example\.com\/db\/v1\.0\/1234\/backups\?marker=p1\./
    )
    const over = await get(url, "/v1.0/1234/backups?limit=4", DEMO_TOKEN)
    assert.strictEqual(over.status, 413)
    assert.include(over.body, "maximum 3")
  })

  it("names variables that are no settings: in its log, and to who gives another command", async () => {
    const env = { CATALOG_STOR: "x", CATALOG_DIR: "y", CATALOG_STORE: freshStore() }
    const said = [
      "The variable CATALOG_STOR is not known, and does nothing; CATALOG_STORE may be meant.",
      "The variable CATALOG_DIR is not known, and does nothing."
    ]
    for (const workers of ["1", "2"]) {
      const { child, all } = await serve(["--workers", workers, "--log", "warn"], env)
      child.kill("SIGTERM")
      const warned = logLines((await all).stderr).map(({ level, msg }) => [level, msg])
      assert.deepStrictEqual(
        warned,
        said.map((line) => ["warn", line])
      )
    }
    const { code, stderr } = await runProgram(["token", "list"], undefined, env)
    assert.deepStrictEqual([code, stderr], [0, `${said.join("\n")}\n`])
  })

  it("takes a policy with a byte order mark, and refuses in a sentence what is no policy", async () => {
    const folder = temporaryFolder(onTestFinished)
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    await serve(["--store", freshStore(), "--policy", file("marked.json", '\ufeff{"max_age":"7d"}')])
    for (const [path, why] of [
      [file("secret.json", "{hunter2"), "is not JSON"],
      [join(folder, "none.json"), "cannot be read: no such file or directory"]
    ] as const) {
      const { code, stderr } = await runProgram(["serve", "--policy", path])
      assert.deepStrictEqual([code, stderr], [2, `--policy ${path} ${why}.\n`])
    }
  })

  it("refuses wrong settings with one sentence that names them and exit code 2", async () => {
    const store = freshStore()
    const cases: ReadonlyArray<readonly [ReadonlyArray<string>, RegExp, NodeJS.ProcessEnv?]> = [
      [["--port", "70000"], /--port must be a whole number from 0 to 65535; not 70000/],
      [["--port", "http"], /--port must be .* not http/],
      [["--page-size", "5", "--max-page-size", "4"], /--page-size must be a whole number from 1 to 4; not 5/],
      [["--max-page-size", "0"], /--max-page-size must be/],
      [["--max-header-bytes", "10"], /--max-header-bytes must be/],
      [["--grace", "soon"], /--grace must be a duration from 0s to 1h, in ms, s, m, h, d or w; not soon\./],
      [["--grace", "30d"], /--grace must be a duration from 0s to 1h/],
      [["--request-timeout", "1 minute"], /--request-timeout must be a duration/],
      [
        ["--public-url", "backups.example.com"],
        /--public-url must be an http or https URL.*; not backups\.example\.com\./
      ],
      [["--public-url", "https://a:secret@b.example.com"], /--public-url must be .* without credentials, .*\.com\.$/m],
      [
        ["--store", "postgres://u:secret@db"],
        /--store must be of the form postgres:\/\/USER:PASSWORD@HOST:PORT\/DATABASE/
      ],
      [
        ["--store", "postgres://u:secret@db/x?sslmode=verify_full"],
        /The sslmode of --store must be one of disable, prefer, require, verify-ca, verify-full, no-verify\.\n/
      ],
      [["--store", "mysql://u:secret@db/x"], /--store must be sqlite: and the path of a file/],
      [["--store-connections", "0"], /--store-connections must be a whole number from 1 to 1000; not 0/],
      [["--store-queue", "-1"], /--store-queue must be a whole number from 0/],
      [["--store-timeout", "soon"], /--store-timeout must be a duration from 100ms to 1h/],
      [["--store-prepare", "maybe"], /--store-prepare must be one of on off; not maybe/],
      [["--store-partitions", "2000"], /--store-partitions must be a whole number from 0 to 1024/],
      [["--store", "sqlite::memory:"], /--store must be sqlite:/],
      [["--demo", "--host", "0.0.0.0"], /^--demo lets everybody in, .*: --host 127\.0\.0\.1, not 0\.0\.0\.0\.\n$/],
      [
        [],
        /^CATALOG_DEMO lets everybody in, .*: CATALOG_HOST=127\.0\.0\.1, not 0\.0\.0\.0\.\n$/,
        { CATALOG_DEMO: "true", CATALOG_HOST: "0.0.0.0" }
      ],
      [[], /^CATALOG_WORKERS must be .*; not "auto "\.\n$/, { CATALOG_WORKERS: "auto " }],
      [["--rate-limit", "-1"], /--rate-limit/],
      [["--rate-limit", "many"], /--rate-limit must be a whole number from 0 to 1000000; not many/],
      [["--max-body-bytes", "10"], /--max-body-bytes must be/],
      [["--max-sources", "0"], /--max-sources must be a whole number from 1 to 100000; not 0/],
      [[], /CATALOG_MAX_SOURCES must be .* not 100001/, { CATALOG_MAX_SOURCES: "100001" }],
      [["--max-sources", "100002"], /--max-sources must be .* not 100002/, { CATALOG_MAX_SOURCES: "100001" }],
      [["--max-sources=100002"], /--max-sources must be .* not 100002/, { CATALOG_MAX_SOURCES: "100001" }],
      [[], /CATALOG_STORE must be .* not somewhere/, { CATALOG_STORE: "somewhere" }],
      [[], /CATALOG_STORE_READ must be of the form/, { CATALOG_STORE_READ: "somewhere" }],
      [[], /CATALOG_MAX_AGE must be .* not old/, { CATALOG_MAX_AGE: "old" }],
      [[], /CATALOG_LOG must be one of .* not INFO/, { CATALOG_LOG: "INFO" }],
      [["--auth", "ldap"], /--auth must be one of tokens keystone; not ldap/],
      [["--log", "loud"], /--log must be one of debug info/],
      [["--auth", "keystone"], /--keystone-url/],
      [
        ["--keystone-url", "https://keystone.example.com/v3"],
        /--keystone-url is for --auth keystone, .* leave the URL out\./
      ],
      [[], /CATALOG_KEYSTONE_URL is for --auth keystone/, { CATALOG_KEYSTONE_URL: "https://keystone.example.com/v3" }],
      [["--keystone-timeout", "5s"], /--keystone-timeout must be a duration from 100ms to 2s/],
      [["--token-cache", "10m"], /--token-cache must be a duration from 0s to 5m/],
      [["--invalid-token-cache", "10m"], /--invalid-token-cache must be a duration from 0s to 5m/],
      [["--token-cache-size", "0"], /--token-cache-size must be a whole number from 1 to/],
      [["--nonsense"], /The option --nonsense is not known\./],
      [["--nonsense=secret"], /The option --nonsense is not known\./],
      [["-x"], /The option -x is not known\./],
      [
        ["--demo"],
        /^--demo has a token of its own, .*; leave --demo or CATALOG_AUTH=keystone out\.\n$/,
        {
          ...{ CATALOG_AUTH: "keystone", CATALOG_KEYSTONE_URL: "https://keystone.example.com" },
          ...{ OS_APPLICATION_CREDENTIAL_ID: "a", OS_APPLICATION_CREDENTIAL_SECRET: "b" }
        }
      ],
      [["--demo", "maybe"], /^serve takes no argument, but got maybe\./],
      [["postgres://a:secret@b/c"], /^serve takes no argument, and got more\./],
      [["--demo=maybe"], /The option --demo takes no value\./],
      [["--demo="], /The option --demo takes no value\./],
      [["--port="], /The option --port is empty; leave it out, or give it a value\./],
      [[], /CATALOG_DEMO must be one of true false; not maybe/, { CATALOG_DEMO: "maybe" }],
      [[], /CATALOG_PORT must be .* not none/, { CATALOG_PORT: "none" }]
    ]
    for (const [args, message, env] of cases) {
      const { code, stderr, stdout } = await runProgram(["serve", ...args], undefined, { CATALOG_STORE: store, ...env })
      assert.match(stderr, message)
      assert.strictEqual(stderr.trim().split("\n").length, 1, stderr)
      assert.strictEqual(code, 2, args.join(" "))
      assert.strictEqual(stdout, "")
    }
  })

  it("calls the setting of replicas as it was given", async () => {
    const { code, stderr } = await runProgram(["serve", "--store", "sqlite:zz"], undefined, {
      CATALOG_STORE_READ: "postgres://a@127.0.0.1/b"
    })
    assert.strictEqual(code, 2)
    assert.match(stderr, /^CATALOG_STORE_READ names replicas of a PostgreSQL store; /)
  })

  it("limits lists to 100 a minute unless told otherwise, and not at all in the demo; and bodies as it is told", async () => {
    const limitsOf = async (url: string, token: string) =>
      JSON.parse((await get(url, "/v1.0/1234/limits", token)).body).limits.map(
        ({ verb, value }: { verb: string; value?: number }) => [verb, value]
      )
    const demo = await serve(["--store", freshStore(), "--demo"])
    assert.deepStrictEqual(await limitsOf(demo.url, DEMO_TOKEN), [["ABSOLUTE", undefined]])
    const limited = await serve(["--store", freshStore(), "--demo"], { CATALOG_RATE_LIMIT: "7" })
    assert.deepStrictEqual(await limitsOf(limited.url, DEMO_TOKEN), [
      ["ABSOLUTE", undefined],
      ["GET", 7]
    ])
    const store = freshStore()
    const token = (await runProgram(["token", "create", "--account", "1234", "--store", store])).stdout.trim()
    const usual = await serve(["--store", store, "--max-body-bytes", "1024"])
    assert.deepStrictEqual(await limitsOf(usual.url, token), [
      ["ABSOLUTE", undefined],
      ["GET", 100]
    ])
    const large = await sendLines(
      usual.url,
      [
        "POST /v1.0/1234/backups HTTP/1.1",
        "Host: x",
        `X-Auth-Token: ${token}`,
        "Content-Type: application/json",
        "Content-Length: 1025"
      ],
      " ".repeat(1025)
    )
    assert.strictEqual(large.status, 413)
    assert.include(large.body, "1024 bytes")
  })

  it("has pages of the greatest size when that is smaller than the usual one", async () => {
    const { url } = await serve(["--store", freshStore(), "--demo", "--max-page-size", "4"])
    assert.strictEqual(JSON.parse((await get(url, "/v1.0/1234/backups", DEMO_TOKEN)).body).backups.length, 4)
  })

  it("refuses a port in use with one sentence", async () => {
    const { url } = await serve(["--store", freshStore()])
    const { port } = new URL(url)
    const { code, stderr } = await runProgram(["serve", "--port", port, "--store", freshStore()])
    assert.strictEqual(code, 1)
    assert.strictEqual(
      stderr.trim(),
      `Port ${port} of 127.0.0.1 is in use already; choose another with --port, or 0 for any.`
    )
  })
})
