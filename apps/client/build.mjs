// What Node loads of the entry that gives no Effect away: a few files, with all that they use
// (docs/decisions/0018-client-for-node.md).
import { rmSync } from "node:fs"
import { join } from "node:path"
import { build } from "esbuild"
import { directImports } from "../../scripts/directImports.mjs"
import { writeNotices } from "../../scripts/writeNotices.mjs"

const here = import.meta.dirname
const folder = join(here, "dist/node")

rmSync(folder, { recursive: true, force: true })

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ["src/index.ts"],
  outdir: "dist/node",
  bundle: true,
  // What is imported when it is needed is a file of its own.
  splitting: true,
  platform: "neutral",
  mainFields: ["module"],
  target: "node20",
  format: "esm",
  conditions: ["@backup-catalog/source"],
  plugins: [directImports],
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: "linked",
  sourcesContent: false,
  metafile: true
})
writeNotices(metafile, here, join(folder, "licenses.txt"))
