// pnpm bench: how long `backups list` of 100 takes as a whole process, beside `node -e 0`, in turn.
import { execFileSync, spawn } from "node:child_process"
import { mkdirSync, openSync, rmSync } from "node:fs"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

const RUNS = Number(process.env.BENCH_RUNS ?? 30)
const TARGET = 3
const ACCOUNT = "bench"

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))
const folder = path("../.bench")
const main = path("../../server/dist/main.js")
const backups = path("../dist/main.js")
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)

const store = `${folder}/catalog.sqlite`
const filled = execFileSync(process.execPath, [path("../../server/bench/fill.mjs"), store, ACCOUNT, 1000])
const server = spawn(
  process.execPath,
  [main, "serve", "--store", `sqlite:${store}`, "--port", "0", "--rate-limit", "0"],
  {
    stdio: ["ignore", "pipe", openSync(`${folder}/server.log`, "w")]
  }
)
const url = await new Promise((resolve, reject) => {
  server.on("exit", (code) => reject(new Error(`the server ended with ${code}`)))
  createInterface({ input: server.stdout }).on("line", (line) => resolve(line.replace("listening on ", "")))
})
const env = { ...process.env, BACKUPS_URL: url, BACKUPS_ACCOUNT: ACCOUNT, BACKUPS_TOKEN: filled.toString().trim() }

const contestants = {
  "node -e 0": ["-e", "0"],
  "backups --help": [backups, "--help"],
  "backups version": [backups, "version"],
  "backups list of 100": [backups, "list", "--limit", "100"]
}

const run = (args) => {
  const started = performance.now()
  execFileSync(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] })
  return performance.now() - started
}

for (const args of Object.values(contestants)) run(args)
const results = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]))
for (let n = 0; n < RUNS; n++) for (const [name, args] of Object.entries(contestants)) results[name].push(run(args))
server.removeAllListeners("exit")
server.kill()

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
console.log(`\nwhole processes, median of ${RUNS} runs (target: a list of 100 in ${TARGET} times node -e 0)`)
for (const [name, times] of Object.entries(results)) {
  const ratio = median(times.map((time, n) => time / results["node -e 0"][n]))
  console.log(`  ${name.padEnd(20)} ${median(times).toFixed(0).padStart(5)} ms   ${ratio.toFixed(2)} times node -e 0`)
}
