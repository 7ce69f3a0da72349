import { chmodSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { basename } from "node:path"
import { build } from "esbuild"
import { directImports } from "../../scripts/directImports.mjs"

const here = new URL(".", import.meta.url)
const dist = new URL("dist/", here)
const { version } = JSON.parse(readFileSync(new URL("package.json", here), "utf8"))

const { metafile } = await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ["src/main.ts"],
  outdir: "dist",
  bundle: true,
  // What is imported as the program goes (the sign-in to Keystone) is in files of its own, which other runs do not read.
  splitting: true,
  chunkNames: "[name]-[hash]",
  platform: "node",
  target: "node20",
  format: "esm",
  conditions: ["@backup-catalog/source"],
  plugins: [directImports],
  // Reading the files is most of the start, so everything that makes them shorter is worth it.
  minify: true,
  legalComments: "none",
  metafile: true,
  define: { BACKUPS_VERSION: JSON.stringify(version) },
  banner: {
    js: '#!/usr/bin/env node\nimport { createRequire } from "node:module"; const require = createRequire(import.meta.url);'
  }
})
chmodSync(new URL("main.js", dist), 0o755)

const written = new Set(Object.keys(metafile.outputs).map((path) => basename(path)))
for (const name of readdirSync(dist)) if (!written.has(name)) rmSync(new URL(name, dist))
