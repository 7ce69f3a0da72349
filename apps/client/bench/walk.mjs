// pnpm bench: a walk over a list of a million records, each way in a process of its own, beside a program that only
// fetches each page and parses its JSON. BENCH_WALK_RECORDS for another number, a multiple of 1,000.
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { emptyFolder, serve } from "../../server/bench/programs.mjs"
import { median, ROUNDS } from "../../server/bench/rounds.mjs"

const RECORDS = Number(process.env.BENCH_WALK_RECORDS ?? 1_000_000)
const TARGETS = { rate: 100_000, peak: 150 }
const ACCOUNT = "bench"
const ways = {
  bare: "fetch and JSON.parse",
  effect: "Stream of Effect",
  pages: "for await, by page",
  promise: "for await, by record"
}

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))
const folder = emptyFolder(path("../.bench"))
const store = `${folder}/catalog.sqlite`
const filled = execFileSync(process.execPath, [path("../../server/bench/fill.mjs"), store, ACCOUNT, RECORDS])
const token = filled.toString().trim()

const { url, stop } = await serve(`sqlite:${store}`, folder)

const walk = (way) => {
  const env = { ...process.env, BACKUPS_URL: url, BACKUPS_ACCOUNT: ACCOUNT, BACKUPS_TOKEN: token }
  const result = JSON.parse(execFileSync(process.execPath, [path("walker.mjs"), way], { env }).toString())
  if (result.count !== RECORDS) throw new Error(`${way} found ${result.count} records`)
  return result
}

// Taken in turn, so that a slow minute of the machine falls on all of them.
const results = Object.fromEntries(Object.keys(ways).map((way) => [way, []]))
for (let round = 0; round < ROUNDS; round++) for (const way of Object.keys(ways)) results[way].push(walk(way))
await stop()

console.log(
  `\nwalk of ${RECORDS} records in pages of 1000, median of ${ROUNDS} rounds (target ${TARGETS.rate} records/s, memory ${TARGETS.peak} MB)`
)
for (const [way, name] of Object.entries(ways)) {
  const of = (measure) => median(results[way].map(measure))
  const rate = Math.round(of(({ seconds }) => RECORDS / seconds))
  const ratio = median(results.bare.map(({ seconds }, n) => seconds / results[way][n].seconds))
  const micros = of(({ cpu }) => (cpu / RECORDS) * 1e6)
  console.log(
    `  ${name.padEnd(21)} ${String(rate).padStart(7)} records/s   ${micros.toFixed(1).padStart(5)} µs of processor a record   ${Math.round(of(({ peak }) => peak))} MB at most   beside fetch and JSON.parse: ${ratio.toFixed(2)}`
  )
}
