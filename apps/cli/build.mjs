import { chmodSync, readFileSync } from "node:fs"
import { build } from "esbuild"
import { directImports } from "../../scripts/directImports.mjs"

const here = new URL(".", import.meta.url)
const { version } = JSON.parse(readFileSync(new URL("package.json", here), "utf8"))

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
