import { readFileSync } from "node:fs"
import { build } from "esbuild"

const { version } = JSON.parse(readFileSync("package.json", "utf8"))

await build({
  entryPoints: ["src/main.ts"],
  outfile: "dist/main.js",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  conditions: ["@backup-catalog/source"],
  // Both are native or load files of their own at run time.
  external: ["better-sqlite3", "pino"],
  minifySyntax: true,
  minifyWhitespace: !process.env.READABLE,
  sourcemap: "linked",
  sourcesContent: false,
  define: { VERSION: JSON.stringify(version) },
  banner: {
    js: '#!/usr/bin/env node\nimport { createRequire } from "node:module"; const require = createRequire(import.meta.url);'
  }
})
