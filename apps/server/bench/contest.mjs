// A load on several servers in turn, and the ratios between them.
import { spawn, spawnSync } from "node:child_process"
import autocannon from "autocannon"
import { median, ROUNDS, SECONDS } from "./rounds.mjs"

export const CONNECTIONS = 16

const withWrk = spawnSync("wrk", ["--version"]).error === undefined
/** What generates the load: wrk is lighter, and the one whose numbers the documents give; autocannon comes by npm. */
export const generator = withWrk ? "wrk" : "autocannon"

const byAutocannon = async (url, headers, connections) => {
  const run = autocannon({ url, headers, connections, duration: SECONDS })
  // Its own histogram counts whole milliseconds.
  const times = []
  run.on("response", (_client, _status, _bytes, time) => times.push(time))
  const { requests, non2xx, errors } = await run
  if (non2xx + errors > 0) throw new Error(`${non2xx + errors} requests of ${url} failed`)
  const ordered = Float64Array.from(times).sort()
  const percentile = (n) => ordered[Math.floor((ordered.length * n) / 100)]
  return { rate: requests.average, p50: percentile(50), p99: percentile(99) }
}

const millis = (text) => parseFloat(text) * (text.endsWith("us") ? 0.001 : text.endsWith("ms") ? 1 : 1000)

const byWrk = async (url, headers, connections) => {
  const wrk = spawn(
    "wrk",
    [
      "-t1",
      `-c${connections}`,
      `-d${SECONDS}s`,
      "--timeout",
      "30s",
      "--latency",
      ...Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]),
      url
    ],
    { stdio: ["ignore", "pipe", "inherit"] }
  )
  const output = (await wrk.stdout.toArray()).join("")
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(`requests of ${url} failed:\n${output}`)
  const percentile = (n) => millis(new RegExp(`^\\s+${n}%\\s+(\\S+)\\s*$`, "m").exec(output)[1])
  return { rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)[1]), p50: percentile(50), p99: percentile(99) }
}

/** Asks one address as often as it can for some seconds. */
export const load = ({ url, headers = {} }, connections = CONNECTIONS) =>
  (withWrk ? byWrk : byAutocannon)(url, headers, connections)

/**
 * Asks each of some contestants in turn, round by round, so that a slow minute of the machine falls on all of them; and
 * prints what each gave. Gives the median over the rounds of a ratio between two of them.
 */
export const contest = async (title, contestants, connections = CONNECTIONS) => {
  const names = Object.keys(contestants)
  const results = Object.fromEntries(names.map((name) => [name, []]))
  for (const name of names) await load(contestants[name], connections)
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) results[name].push(await load(contestants[name], connections))
  }
  console.log(`\n${title}; ${connections} connections of ${generator}, median of ${ROUNDS} rounds of ${SECONDS} s`)
  const width = Math.max(...names.map(({ length }) => length))
  for (const name of names) {
    const [rate, p50, p99] = ["rate", "p50", "p99"].map((key) => median(results[name].map((round) => round[key])))
    const numbers = `${String(Math.round(rate)).padStart(6)} requests/s   p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms`
    console.log(`  ${name.padEnd(width)}  ${numbers}`)
  }
  return (one, other, key = "rate") => median(results[one].map((round, n) => round[key] / results[other][n][key]))
}

/** Prints a ratio beside what it is to be. */
export const tell = (what, value, target) => console.log(`  ${what}: ${value.toFixed(2)} (target ${target})`)
