import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { backups } from "./support/backups.ts"

const docs = "../../docs"
const files = readdirSync(docs).flatMap((name) => (name.endsWith(".md") ? [`${docs}/${name}`] : []))
const text = ["README.md", ...files].map((file) => readFileSync(file, "utf8")).join("\n")

describe("the documents", () => {
  it("name every command and its options", async () => {
    const overview = (await backups(["--help"])).stdout
    const [, listed = ""] = overview.split("\nCommands:\n")
    const commands = [...(listed.split("\n\n")[0] ?? "").matchAll(/^ {2}([a-z]+) /gm)].map(([, name = ""]) => name)
    assert.include(commands, "completion")
    for (const command of commands) {
      assert.match(text, new RegExp(`(?:backups |\`)${command}\\b`))
      const { stdout } = await backups([command, "--help"])
      for (const [, option = ""] of stdout.matchAll(/^ {2}(?:-\w, | {4})?(--[a-z-]+)/gm)) {
        assert.match(text, new RegExp(`${option}\\b`), `of ${command}`)
      }
    }
  })
})
