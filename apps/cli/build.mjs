import { chmodSync, readFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { build } from "esbuild"

const here = new URL(".", import.meta.url)
const { version } = JSON.parse(readFileSync(new URL("package.json", here), "utf8"))

// esbuild keeps a module whole when it is imported through a namespace that a barrel re-exports, as in
// `import { Schema } from "effect"`, and drops what is not used of `import * as Schema from "effect/Schema"`.
// The second form makes the program half as large, and its start faster by a third.
const functions = new Set(["pipe", "flow", "identity"])

const direct = (source) =>
  source.replace(/^import \{([^}]*)\} from "(effect|@effect\/platform)"$/gm, (_, names, from) =>
    names
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "" && !name.startsWith("type "))
      .map((name) => {
        const [module, alias = module] = name.split(" as ")
        return functions.has(module)
          ? `import { ${name} } from "${from}/Function"`
          : `import * as ${alias} from "${from}/${module}"`
      })
      .join(";")
  )

const directImports = {
  name: "direct-imports",
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/](?:packages|apps)[\\/][a-z]+[\\/]src[\\/].*\.ts$/ }, async ({ path }) => ({
      contents: direct(await readFile(path, "utf8")),
      loader: "ts"
    }))
}

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ["src/main.ts"],
  outfile: "dist/main.js",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  conditions: ["@backup-catalog/source"],
  plugins: [directImports],
  // Reading the file is most of the start, so everything that makes it shorter is worth it.
  minify: true,
  legalComments: "none",
  define: { BACKUPS_VERSION: JSON.stringify(version) },
  banner: {
    js: '#!/usr/bin/env node\nimport { createRequire } from "node:module"; const require = createRequire(import.meta.url);'
  }
})
chmodSync(new URL("dist/main.js", here), 0o755)
