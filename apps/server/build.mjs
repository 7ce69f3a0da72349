import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { build } from "esbuild"
import { builtVersion } from "../../scripts/builtVersion.mjs"
import { directImports } from "../../scripts/directImports.mjs"
import { writeNotices } from "../../scripts/writeNotices.mjs"

const packageJson = JSON.parse(readFileSync("package.json", "utf8"))
const thread = "src/store/sqlite/sqliteThreadMain.cjs"

const options = (version) => ({
  entryPoints: ["src/main.ts"],
  outdir: "dist",
  chunkNames: "[name]-[hash]",
  bundle: true,
  // What is imported when it is needed is a file of its own.
  splitting: true,
  platform: "node",
  target: "node20",
  format: "esm",
  plugins: [directImports],
  conditions: ["@backup-catalog/source"],
  // Both are native or load files of their own at run time.
  external: ["better-sqlite3", "pino"],
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: "linked",
  sourcesContent: false,
  metafile: true,
  define: { VERSION: JSON.stringify(version) },
  banner: {
    js: '#!/usr/bin/env node\nimport { createRequire } from "node:module"; const require = createRequire(import.meta.url);'
  }
})
// What is not bundled is another package by the lockfile alone.
const version = await builtVersion(packageJson.version, build, options, [thread, "../../pnpm-lock.yaml"])

rmSync("dist", { recursive: true, force: true })
mkdirSync("dist")
// A thread has a text of its own.
copyFileSync(thread, "dist/sqliteThreadMain.cjs")
const { metafile } = await build(options(version))
writeNotices(metafile, ".", "dist/licenses.txt")
chmodSync("dist/main.js", 0o755)
