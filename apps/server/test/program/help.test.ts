import { execFileSync } from "node:child_process"
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it, onTestFinished } from "vitest"
import packageJson from "../../package.json" with { type: "json" }
import { runInShell, runProgram } from "../support/program.ts"
import { temporaryFolder } from "../support/server.ts"
import { get } from "../support/socket.ts"
import { DEMO_TOKEN, freshStore, serve } from "./support.ts"

const here = fileURLToPath(new URL("../..", import.meta.url))

describe("the program", () => {
  it("explains itself in 80 columns, and every command by its own --help", async () => {
    const overview = await runProgram(["--help"])
    assert.strictEqual(overview.code, 0)
    for (const line of overview.stdout.split("\n")) assert.isAtMost(line.length, 80)
    for (const command of [["serve"], ["token", "create"], ["token", "list"], ["token", "revoke"], ["load"]]) {
      assert.include(overview.stdout, `  ${command.join(" ")}  `)
      const { code, stdout } = await runProgram([...command, "--help"])
      assert.strictEqual(code, 0)
      assert.include(stdout, `Usage:\n  backup-catalog-server ${command.join(" ")} `)
      assert.match(stdout, /^ {2}--store STORE {2,}\S/m)
      for (const line of stdout.split("\n")) assert.isAtMost(line.length, 80)
    }
    const { stdout: narrow } = await runProgram(["--help"], undefined, { COLUMNS: "60" })
    for (const line of narrow.split("\n")) assert.isAtMost(line.length, 60)
  })

  it("says in the help of a command what must be given, and how an option may be", async () => {
    const { stdout } = await runProgram(["token", "create", "--help"])
    assert.match(stdout, / {2}backup-catalog-server token create --account ACCOUNT \[OPTION\]…\n/)
    assert.match(stdout, /^ {2}--role reader\|member\|admin\n {26}What it may do: /m)
    assert.match(stdout, /\[default:\s+member\]/)
    assert.match((await runProgram(["load", "--help"])).stdout, / load FILE --account ACCOUNT \[OPTION\]…\n/)
    assert.match((await runProgram(["serve", "--help"])).stdout, / serve \[OPTION\]…\n[\s\S]*^ {2}--demo {2,}Fill /m)
  })

  it("has the settings of serve under titles, with what their values are, and at the end the variables without an option", async () => {
    const { stdout } = await runProgram(["serve", "--help"])
    const titles = [...stdout.matchAll(/^(\S.*):$/gm)].map(([, title]) => title)
    assert.deepStrictEqual(titles, [
      "Usage",
      "Listening",
      "Store",
      "PostgreSQL",
      "Keystone",
      "Limits",
      "Imports and coverage",
      "Logging",
      "Variables without an option",
      "Examples"
    ])
    for (const shown of ["--public-url URL", "--max-requests N", "--grace DURATION", "--store-prepare on|off"]) {
      assert.include(stdout, `\n  ${shown} `)
    }
    for (const variable of ["CATALOG_METRICS_TOKEN", "OS_*", "OTEL_*"]) assert.include(stdout, `\n  ${variable} `)
    assert.notInclude(stdout, "VALUE")
  })

  it("takes an empty text for the public URL as none, whatever the variable says", async () => {
    const { url } = await serve(["--store", freshStore(), "--demo", "--page-size", "1", "--public-url", ""], {
      CATALOG_PUBLIC_URL: "https://backups.example.com"
    })
    const { body } = await get(url, "/v1.0/1234/backups", DEMO_TOKEN)
    assert.notInclude(body, "backups.example.com")
  })

  it("says of an option what is wrong with it, also where it comes twice or has no value", async () => {
    for (const [args, said] of [
      [
        ["serve", "--port", "0", "--port=1"],
        "The option --port is given twice and takes one value. See backup-catalog-server serve --help.\n"
      ],
      [["token", "create", "--account", "a", "--role", "king"], "--role must be one of reader member admin; not king."],
      [
        ["token", "create", "--account"],
        "The option --account needs a value: ACCOUNT. See backup-catalog-server token create --help.\n"
      ],
      [
        ["serve", "--store-read", "a", "--store-read", "--port"],
        "The option --store-read needs a value; if --port is meant to be it, write --store-read=--port. See "
      ]
    ] as const) {
      const { code, stderr } = await runProgram(args)
      assert.strictEqual(code, 2)
      assert.strictEqual(stderr.slice(0, said.length), said)
    }
  })

  it("takes no empty text for a file", async () => {
    for (const command of [["backup"], ["load", "--account", "acme"]]) {
      const { code, stdout, stderr } = await runProgram([...command, "--store", freshStore(), ""])
      assert.deepStrictEqual([code, stdout], [2, ""])
      assert.match(stderr, /^The argument FILE is missing: [^\n]+ See backup-catalog-server \w+ --help\.\n$/)
    }
  })

  it("tells its version, with what this build is known by", async () => {
    const [ofPackage, build] = (await runProgram(["--version"])).stdout.split("+")
    assert.strictEqual(ofPackage, packageJson.version)
    assert.match(build ?? "", /^[0-9a-f]{8}\n$/)
  })

  it("has another version where the packages that it loads are other ones", () => {
    const root = temporaryFolder(onTestFinished)
    const folder = join(root, "apps/server")
    mkdirSync(folder, { recursive: true })
    for (const name of ["build.mjs", "package.json"]) copyFileSync(join(here, name), join(folder, name))
    for (const name of ["src", "node_modules"]) symlinkSync(join(here, name), join(folder, name))
    symlinkSync(join(here, "../../scripts"), join(root, "scripts"))
    const versionWith = (lockfile: string): string => {
      writeFileSync(join(root, "pnpm-lock.yaml"), lockfile)
      execFileSync(process.execPath, ["build.mjs"], { cwd: folder })
      return execFileSync(process.execPath, ["dist/main.js", "--version"], { cwd: folder }).toString()
    }
    assert.notStrictEqual(versionWith("pino@9.0.1"), versionWith("pino@9.0.0"))
  })

  it("says that its output cannot be written", async () => {
    for (const args of ["--help", "--version", "serve --help"]) {
      const { code, stderr } = await runInShell(`${args} > /dev/full`)
      assert.strictEqual(code, 1)
      assert.match(stderr, /^The output cannot be written: ENOSPC.*\.\n$/)
      assert.strictEqual((await runInShell(`${args} | true`)).stderr, "")
    }
  })

  it("wants a command that exists", async () => {
    for (const [args, message] of [
      [[], /No command is given/],
      [["restore"], /^The command restore is not known; there are serve, token create, /],
      [["token"], /^token needs another word: create, list, revoke\. See backup-catalog-server --help\.\n$/],
      [["-v"], /^The option -v is not known\. See backup-catalog-server --help\.\n$/],
      [
        ["--store=postgres://a:secret@b/c", "serve"],
        /^The option --store is not known\. Options of a command come after it\. See /
      ],
      [["--wizard"], /^The option --wizard is not known\. See /]
    ] as const) {
      const { code, stdout, stderr } = await runProgram(args)
      assert.strictEqual(code, 2)
      assert.match(stderr, message)
      assert.strictEqual(stdout, "")
    }
  })
})
