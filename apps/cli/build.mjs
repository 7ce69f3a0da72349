import { execFile } from "node:child_process"
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { build } from "esbuild"
import { builtVersion } from "../../scripts/builtVersion.mjs"
import { directImports } from "../../scripts/directImports.mjs"
import { writeNotices } from "../../scripts/writeNotices.mjs"

const here = import.meta.dirname
const dist = join(here, "dist")
const launcher = join(here, "launch.cjs")
const packageJson = JSON.parse(readFileSync(join(here, "package.json"), "utf8"))

const options = (version) => ({
  absWorkingDir: here,
  entryPoints: { backups: "src/main.ts" },
  outdir: "dist",
  // Reading and resolving many files takes longer than reading one that has more than a run needs.
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  conditions: ["@backup-catalog/source"],
  plugins: [directImports],
  minify: true,
  legalComments: "none",
  metafile: true,
  define: { BACKUPS_VERSION: JSON.stringify(version) }
})
const version = await builtVersion(packageJson.version, build, options, [launcher])

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist)
const { metafile } = await build(options(version))
writeNotices(metafile, here, join(dist, "licenses.txt"))
// It is read as latin1, which is faster, and would be other text.
if (/[^\0-\x7f]/.test(readFileSync(join(dist, "backups.js"), "utf8"))) {
  throw new Error("dist/backups.js has a character beyond ASCII; write it as an escape.")
}
writeFileSync(join(dist, "package.json"), '{ "type": "commonjs" }\n')
copyFileSync(launcher, join(dist, "main.js"))
chmodSync(join(dist, "main.js"), 0o755)

// V8 compiles a function when it is first called: so the cache is made of a run that does what most runs do.
const backup = {
  id: "a4a7b9b0-7e5a-4b8f-8f0a-0d9f8f1c2d3e",
  name: "nightly",
  description: "Full",
  status: "COMPLETED",
  created: "2026-01-02T03:04:05Z",
  updated: "2026-01-02T03:14:05Z",
  size: 0.14,
  instance_id: "44b277eb-39be-4921-be31-3d61b43651d7",
  parent_id: null,
  locationRef: null,
  datastore: { type: "mysql", version: "8.0", version_id: null }
}
const server = createServer((_, answer) =>
  answer.setHeader("Content-Type", "application/json").end(JSON.stringify({ backups: [backup] }))
)
server.listen(0, "127.0.0.1", async () => {
  const home = mkdtempSync(join(tmpdir(), "backups-build-"))
  try {
    await promisify(execFile)(process.execPath, [join(here, "writeCodeCache.cjs"), "list"], {
      env: {
        HOME: home,
        BACKUPS_URL: `http://127.0.0.1:${server.address().port}`,
        BACKUPS_ACCOUNT: "1234",
        BACKUPS_TOKEN: "token"
      }
    })
  } finally {
    rmSync(home, { recursive: true })
    server.close()
  }
})
