import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { serve } from "../../src/commands/serve.ts"
import { runProgram } from "../support/program.ts"

const docs = "../../docs"

/** Documents of the other program, which has some options of the same name. */
const ofOthers = new Set(["cli.md", "import.md"])

const rowsOfServer = new Map(
  readFileSync(`${docs}/server.md`, "utf8")
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([, option = "", variable, value]) => [option, { variable, value }] as const)
)

describe("docs/server.md", () => {
  it.each(Object.entries(serve.flags))("has a row of --%s, with its variable and its default", (name, flag) => {
    const row = rowsOfServer.get(`\`--${name}\``)
    assert.isDefined(row, `no row begins with --${name}`)
    if (flag.variable !== undefined) assert.strictEqual(row?.variable, `\`${flag.variable}\``)
    if (flag.default !== undefined) assert.strictEqual(row?.value, `\`${flag.default}\``)
  })
})

describe("the documents", () => {
  it("name every command of the server, and its options", async () => {
    const text = readdirSync(docs)
      .filter((name) => name.endsWith(".md") && !ofOthers.has(name))
      .map((name) => readFileSync(`${docs}/${name}`, "utf8"))
      .join("\n")
    const { stdout } = await runProgram(["--help"])
    const [, listed = ""] = stdout.split("\nCommands:\n")
    const commands = [...listed.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) /gm)].map(([, name = ""]) => name)
    assert.include(commands, "serve")
    for (const command of commands) {
      assert.match(text, new RegExp(`(?:backup-catalog-server |\`)${command}\\b`))
      const help = await runProgram([...command.split(" "), "--help"])
      for (const [, option = ""] of help.stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)) {
        if (option !== "--help") assert.match(text, new RegExp(`${option}(?![\\w-])`), `of ${command}`)
      }
    }
  })
})
