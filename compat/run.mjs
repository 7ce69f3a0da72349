// pnpm test:compat: installs a Keystone, the OpenStack clients, PostgreSQL, MariaDB, Redis, backup tools, PgBouncer and
// HAProxy from Debian's packages, builds the server and the program backups, and runs the tests of this package with them. Further
// arguments go to vitest.
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, rmSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { install, pnpm } from "../scripts/workspace.mjs"

const PACKAGES = [
  "keystone",
  "gunicorn",
  "python3-openstackclient",
  "python3-troveclient",
  "python3-openstacksdk",
  "postgresql",
  "mariadb-server",
  "redis-server",
  "pgbackrest",
  "barman",
  "restic",
  "borgbackup",
  "mariadb-backup",
  "mydumper",
  "pgbouncer",
  "haproxy"
]

const say = (line) => process.stdout.write(`${line}\n`)

const isInstalled = (name) => {
  const { stdout } = spawnSync("dpkg", ["--status", name], { encoding: "utf8" })
  return /^Status: install ok installed$/m.test(stdout)
}

const apt = (...args) => {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  return spawnSync("apt-get", args, { stdio: ["ignore", "inherit", "inherit"], env }).status === 0
}

const installPackages = () => {
  const missing = PACKAGES.filter((name) => !isInstalled(name))
  if (missing.length === 0) return true
  say(`Installing ${missing.join(", ")} …`)
  return apt("update", "-qq") && apt("install", "-y", "-qq", "--no-install-recommends", ...missing)
}

const stop = (code, sentence) => {
  say(sentence)
  say(`\n0 passed, ${code === 0 ? 0 : 1} failed`)
  process.exit(code)
}

if (spawnSync("apt-get", ["--version"]).error !== undefined) {
  stop(
    0,
    "Not run: there is no apt-get on this machine, and Keystone, the OpenStack clients, the databases and the backup tools come from Debian's packages."
  )
}
if (!installPackages()) {
  stop(1, `The packages could not be installed. As root: apt-get install --no-install-recommends ${PACKAGES.join(" ")}`)
}
await install()
const built = ["server", "cli"].map((name) => `--filter=@backup-catalog/${name}`)
if ((await pnpm("exec", "turbo", "run", "build", ...built, "--output-logs=errors-only")) !== 0) {
  stop(1, "The server and the program backups could not be built.")
}

const resultFile = fileURLToPath(new URL("test-results.json", import.meta.url))
rmSync(resultFile, { force: true })
const code = await pnpm("--filter", "@backup-catalog/compat", "exec", "vitest", "run", ...process.argv.slice(2))
if (!existsSync(resultFile)) stop(1, "The tests did not come to an end.")

const { numPassedTests, numFailedTests, success, testResults } = JSON.parse(readFileSync(resultFile, "utf8"))
const notRun = testResults.flatMap(({ assertionResults }) =>
  assertionResults.filter(({ status }) => status !== "passed" && status !== "failed").map(({ fullName }) => fullName)
)
for (const name of notRun) say(`Not run: ${name}`)
// A file that could not be run at all has no failed test in it.
const failed = numFailedTests === 0 && !(success && code === 0) ? 1 : numFailedTests
say(`\n${numPassedTests} passed, ${failed} failed${notRun.length > 0 ? `, ${notRun.length} not run` : ""}`)
process.exit(failed === 0 ? 0 : 1)
