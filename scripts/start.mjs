// npm start: installs what is missing, builds, and serves the demo account. Further flags go to the server.
import { spawn } from "node:child_process"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { install, pnpm, root } from "./workspace.mjs"

const ACCOUNT = "1234"
const TOKEN = "87c6033c-9ff6-405f-943e-2deb73f278b7"

await install()
const built = await pnpm(
  "exec",
  "turbo",
  "run",
  "build",
  "--filter=@backup-catalog/server",
  "--filter=@backup-catalog/cli",
  "--output-logs=errors-only"
)
if (built !== 0) process.exit(built)

mkdirSync(join(root, ".demo"), { recursive: true })
const flags = process.argv.slice(2)
// A variable that is set to nothing counts as one that is not.
const { CATALOG_STORE: store, ...env } = process.env
const server = spawn(process.execPath, ["apps/server/dist/main.js", "serve", "--demo", ...flags], {
  cwd: root,
  stdio: ["ignore", "pipe", "inherit"],
  env: { ...env, CATALOG_STORE: store || "sqlite:.demo/catalog.sqlite" }
})
createInterface({ input: server.stdout }).on("line", (line) => {
  console.log(line)
  const url = /^listening on (\S+)$/.exec(line)?.[1]
  if (url === undefined) return
  console.log(`
The demo account ${ACCOUNT} is served at ${url}/v1.0/${ACCOUNT}/backups (Ctrl-C stops it).
Its list, from another terminal in this folder:

  curl -H 'X-Auth-Token: ${TOKEN}' ${url}/v1.0/${ACCOUNT}/backups

  BACKUPS_URL=${url} BACKUPS_ACCOUNT=${ACCOUNT} BACKUPS_TOKEN=${TOKEN} node apps/cli/dist/main.js list

The API in a browser: ${url}/docs
`)
})
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => server.kill("SIGTERM"))
server.on("exit", (code) => process.exit(code ?? 1))
