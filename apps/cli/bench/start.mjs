// pnpm bench: how long `backups list` of 100 takes as a whole process, beside `node -e 0`, in turn.
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { emptyFolder, serve } from "../../server/bench/programs.mjs"
import { median } from "../../server/bench/rounds.mjs"

const RUNS = Number(process.env.BENCH_RUNS ?? 30)
const TARGET = 3
const ACCOUNT = "bench"

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))
const folder = emptyFolder(path("../.bench"))
const backups = path("../dist/main.js")

const store = `${folder}/catalog.sqlite`
const filled = execFileSync(process.execPath, [path("../../server/bench/fill.mjs"), store, ACCOUNT, 1000])
const { url, stop } = await serve(`sqlite:${store}`, folder)
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
await stop()

console.log(`\nwhole processes, median of ${RUNS} runs (target: a list of 100 in ${TARGET} times node -e 0)`)
for (const [name, times] of Object.entries(results)) {
  const ratio = median(times.map((time, n) => time / results["node -e 0"][n]))
  console.log(`  ${name.padEnd(20)} ${median(times).toFixed(0).padStart(5)} ms   ${ratio.toFixed(2)} times node -e 0`)
}
