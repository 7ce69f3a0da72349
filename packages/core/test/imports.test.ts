import { execFile } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative, resolve } from "node:path"
import { assert, describe, it, onTestFinished } from "vitest"

const root = resolve("../..")

const rules = ["lint/style/noRestrictedImports", "lint/correctness/noNodejsModules"]

interface Diagnostic {
  readonly category: string
  readonly location: { readonly path: string; readonly start: { readonly line: number } }
}

/** Files, each with what it imports. */
const refused: ReadonlyArray<readonly [file: string, imported: string]> = [
  ["packages/core/src/Page.ts", "@backup-catalog/sources"],
  ["packages/core/src/Page.ts", "@effect/platform-node"],
  ["packages/core/src/Page.ts", "node:fs"],
  ["packages/core/src/Page.ts", "../../../apps/server/src/version.ts"],
  ["packages/core/src/http/Api.ts", "../../../sources/dist/index.js"],
  ["packages/sources/src/tool.ts", "@backup-catalog/client"],
  ["packages/sources/src/tool.ts", "@backup-catalog/core/http"],
  ["packages/sources/src/tool.ts", "node:fs"],
  ["packages/sources/src/tool/read.ts", "../../../core/src/Page.ts"],
  ["packages/command-line/src/help.ts", "@backup-catalog/core"],
  ["packages/command-line/src/help.ts", "@backup-catalog/core/http"],
  ["packages/command-line/src/help.ts", "../../core/src/index.ts"],
  ["apps/client/src/ask.ts", "@backup-catalog/sources"],
  ["apps/client/src/ask.ts", "@backup-catalog/server"],
  ["apps/client/src/ask.ts", "node:fs"],
  ["apps/client/src/ask.ts", "../../cli/src/main.ts"],
  ["apps/client/src/keystone/ask.ts", "@effect/platform-node"],
  ["apps/server/src/main.ts", "@backup-catalog/client/effect"],
  ["apps/server/src/main.ts", "@backup-catalog/cli"],
  ["apps/server/src/commands/serve.ts", "../../../cli/src/main.ts"],
  ["apps/server/src/commands/serve.ts", "../http/Answer.ts"],
  ["apps/server/src/http/Answer.ts", "@backup-catalog/client"],
  ["apps/server/src/http/Answer.ts", "../commands/serve.ts"],
  ["apps/server/src/http/Answer.ts", "../../../client/src/index.ts"],
  ["apps/server/src/limits/Admission.ts", "../http/Answer.ts"],
  ["apps/server/src/store/postgres/Postgres.ts", "../../http/Answer.ts"],
  ["apps/server/src/request/routes.ts", "../http/Answer.ts"],
  ["apps/server/src/request/routes.ts", "../limits/Admission.ts"],
  ["apps/cli/src/main.ts", "@backup-catalog/server"],
  ["apps/cli/src/commands/List.ts", "../../../server/src/version.ts"]
]

const allowed: typeof refused = [
  ["packages/core/src/Page.ts", "./http/Api.ts"],
  ["packages/core/src/Page.ts", "effect"],
  ["packages/sources/src/tool.ts", "@backup-catalog/core"],
  ["packages/command-line/src/help.ts", "node:fs"],
  ["apps/client/src/ask.ts", "@backup-catalog/core/http"],
  ["apps/client/src/keystone/ask.ts", "node:fs"],
  ["apps/server/src/main.ts", "./commands/serve.ts"],
  ["apps/server/src/startServer.ts", "./http/Answer.ts"],
  ["apps/server/src/limits/Admission.ts", "../request/routes.ts"],
  ["apps/server/src/limits/Admission.ts", "@backup-catalog/core/http"],
  ["apps/server/src/request/routes.ts", "@backup-catalog/core/http"],
  ["apps/server/src/request/routes.ts", "./mediaType.ts"],
  ["apps/server/src/http/Answer.ts", "@backup-catalog/core/http"],
  ["apps/cli/src/main.ts", "@backup-catalog/client"]
]

/** Those of some imports that Biome refuses, under the rules of the project. */
const refusedOf = async (imports: typeof refused): Promise<typeof refused> => {
  const folder = mkdtempSync(join(tmpdir(), "backup-catalog-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  copyFileSync(join(root, "biome.json"), join(folder, "biome.json"))
  // Each on a line of its own, by which it is known in the report.
  const lines = new Map<string, Array<string>>()
  for (const [file, imported] of imports) lines.set(file, [...(lines.get(file) ?? []), imported])
  for (const [file, imported] of lines) {
    mkdirSync(join(folder, dirname(file)), { recursive: true })
    writeFileSync(join(folder, file), imported.map((name) => `export * from "${name}"\n`).join(""))
  }
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome")
  const report = await new Promise<string>((done) =>
    execFile(
      process.execPath,
      [biome, "lint", "--vcs-enabled=false", "--reporter=json", "--max-diagnostics=none"],
      { cwd: folder },
      (_, stdout) => done(stdout)
    )
  )
  const diagnostics: ReadonlyArray<Diagnostic> = JSON.parse(report).diagnostics
  const found = diagnostics
    .filter(({ category }) => rules.includes(category))
    .map(({ location: { path, start } }) => `${relative(folder, resolve(folder, path))} ${start.line}`)
  return imports.filter(([file, imported]) => {
    const line = 1 + (lines.get(file) ?? []).indexOf(imported)
    return found.includes(`${file} ${line}`)
  })
}

describe("Biome", () => {
  it("refuses each import against the direction in which the packages may import", async () =>
    assert.deepStrictEqual(await refusedOf(refused), [...refused]))

  it("lets every other import pass", async () => assert.deepStrictEqual(await refusedOf(allowed), []))
})
