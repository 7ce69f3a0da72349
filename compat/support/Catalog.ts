import { spawn } from "node:child_process"
import { once } from "node:events"
import { createWriteStream } from "node:fs"
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { CatalogRecord } from "./records.ts"
import { succeed } from "./run.ts"
import { until } from "./until.ts"

const main = fileURLToPath(new URL("../../apps/server/dist/main.js", import.meta.url))

/** A store by the path of its file, or by its URL. */
const storeSetting = (store: string): string => (store.startsWith("postgres:") ? store : `sqlite:${store}`)

/** A running server of ours. */
export interface Catalog {
  readonly url: string
  readonly pid: number
  readonly stop: () => Promise<void>
  /** Ends it as a failing machine would. */
  readonly kill: () => Promise<void>
}

/** Puts records into a store. */
export const load = async (
  store: string,
  account: string,
  records: ReadonlyArray<CatalogRecord>,
  folder: string
): Promise<void> => {
  const file = join(folder, `${account}.ndjson`)
  await writeFile(file, records.map((record) => JSON.stringify(record)).join("\n"))
  await succeed(process.execPath, [main, "load", file, "--account", account, "--store", storeSetting(store)])
}

/** What a server is started with. */
export interface CatalogSettings {
  /** The address of the Keystone that knows its tokens; without it, it knows those of `newToken`. */
  readonly keystone?: string
  /** The OS_* variables of its own credentials at Keystone. */
  readonly credentials?: Record<string, string>
  /** The path of the store, or the URL of one in PostgreSQL. */
  readonly store: string
  /** A new folder that gets all it says: `stdout`, `stderr`, and the diagnostic reports of Node. */
  readonly logs: string
  readonly flags?: ReadonlyArray<string>
}

/** Makes a token of an account, for a server without a Keystone. */
export const newToken = async (store: string, account: string): Promise<string> => {
  const args = [main, "token", "create", "--account", account, "--store", storeSetting(store)]
  return (await succeed(process.execPath, args)).trim()
}

/** Has a server write what Node tells about a process, and gives it once it is there. */
export const report = async (pid: number, logs: string): Promise<Record<string, unknown>> => {
  const reports = async () => (await readdir(logs)).filter((name) => name.startsWith("report."))
  const before = await reports()
  process.kill(pid, "SIGUSR2")
  return until("a diagnostic report", async () => {
    const name = (await reports()).find((one) => !before.includes(one))
    if (name === undefined) return undefined
    const text = await readFile(join(logs, name), "utf8")
    return text.endsWith("\n}\n") ? JSON.parse(text) : undefined
  })
}

/** Starts the built server on a free port; without a limit on the rate of requests unless the flags set one. */
export const startCatalog = async (settings: CatalogSettings): Promise<Catalog> => {
  const { keystone, credentials, store, logs, flags = ["--rate-limit", "0", "--keystone-timeout", "2s"] } = settings
  await mkdir(logs, { recursive: true })
  const auth = keystone === undefined ? [] : ["--auth", "keystone", "--keystone-url", keystone]
  const args = ["serve", ...auth, "--store", storeSetting(store), "--port", "0", "--log", "debug", ...flags]
  const child = spawn(process.execPath, [main, ...args], {
    env: {
      PATH: process.env.PATH,
      NODE_OPTIONS: `--report-on-signal --report-uncaught-exception --report-directory=${JSON.stringify(logs)}`,
      ...credentials
    },
    stdio: ["ignore", "pipe", "pipe"]
  })
  child.stdout.pipe(createWriteStream(join(logs, "stdout")))
  child.stderr.pipe(createWriteStream(join(logs, "stderr")))
  const ended = once(child, "exit")
  const [line] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    ended.then(([code]) => {
      throw new Error(`The server ended with ${code} before it listened; its reason is in ${logs}/stderr.`)
    })
  ])
  const end = (signal: NodeJS.Signals) => async () => {
    child.kill(signal)
    await ended
  }
  return {
    url: String(line).replace("listening on ", ""),
    pid: Number(child.pid),
    stop: end("SIGTERM"),
    kill: end("SIGKILL")
  }
}
