import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { backups } from "./support/backups.ts"

const pages = ["README.md", "../../docs/cli.md", "../../docs/import.md"].map((file) => readFileSync(file, "utf8"))

// By their headings. That of a whole page is its first one.
const texts = new Map(
  pages.flatMap((page) =>
    [page, ...page.split(/^(?=## )/m).slice(1)].map((text) => [/^#+ (.+)/.exec(text)?.[1], text] as const)
  )
)

const shared = ["Settings", "Output"]

const explained: Readonly<Record<string, ReadonlyArray<string>>> = {
  list: ["Finding backups", "All accounts", "History"],
  show: ["History"],
  check: ["Checking"],
  register: ["Registering"],
  delete: ["Deleting"],
  import: ["Importing what backup tools know"],
  sync: ["Importing what backup tools know"],
  login: ["Logging in"],
  logout: ["Logging in"]
}

describe("the documents", () => {
  it("name every command, and its options where they explain the command", async () => {
    const overview = (await backups(["--help"])).stdout
    const [, listed = ""] = overview.split("\nCommands:\n")
    const commands = [...(listed.split("\n\n")[0] ?? "").matchAll(/^ {2}([a-z]+) /gm)].map(([, name = ""]) => name)
    assert.includeMembers(commands, ["completion", ...Object.keys(explained)])
    for (const command of commands) {
      assert.match(pages.join("\n"), new RegExp(`(?:backups |\`)${command}\\b`))
      const headings = [...(explained[command] ?? []), ...shared]
      const text = headings.map((heading) => texts.get(heading) ?? assert.fail(`no ${heading}`)).join("\n")
      const { stdout } = await backups([command, "--help"])
      for (const [, option = ""] of stdout.matchAll(/^ {2}(?:-\w, | {4})?(--[a-z-]+)/gm)) {
        assert.match(text, new RegExp(`${option}(?![\\w-])`), `${option} of ${command} in ${headings.join(", ")}`)
      }
    }
  })
})
