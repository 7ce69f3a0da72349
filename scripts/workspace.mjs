import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The root of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))

/** Runs a command in the root; gives its exit code. */
const run = (command, args) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      shell: process.platform === "win32",
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" }
    })
    child.on("error", reject)
    child.on("exit", (code, signal) => resolve(code ?? (signal === null ? 1 : 130)))
  })

/** Runs the pnpm that package.json pins, without a global install; gives its exit code. */
export const pnpm = (...args) => run("npx", ["--yes", packageManager, ...args])

const same = (a, b) => existsSync(a) && readFileSync(a).equals(readFileSync(b))

/** Installs what is missing: nothing when the installed packages are those of the lockfile. */
export const install = async () => {
  if (same(join(root, "node_modules/.pnpm/lock.yaml"), join(root, "pnpm-lock.yaml"))) return
  console.log("Installing packages (the first time takes about two minutes: SQLite is compiled) …")
  const code = await pnpm("install", "--frozen-lockfile")
  if (code === 0) return
  console.error(
    "\nThe packages could not be installed. Compiling SQLite needs python3, make and a C++ compiler;" +
      "\non Debian or Ubuntu: apt-get install python3 make g++; on macOS: xcode-select --install."
  )
  process.exit(code)
}
