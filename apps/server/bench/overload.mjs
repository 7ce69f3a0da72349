// pnpm bench: what becomes of requests when twice as many come as the server can carry, with and without a bound.
import { spawn, spawnSync } from "node:child_process"
import { mkdirSync, openSync, rmSync, writeFileSync } from "node:fs"
import { createInterface } from "node:readline"
import { ask, offer, summary } from "./OpenLoop.mjs"
import { record } from "./records.mjs"

const RECORDS = Number(process.env.BENCH_OVERLOAD_RECORDS ?? 20_000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 5)
const ACCOUNT = "bench"
/** Nothing before is counted: overload has to last for a moment before it is taken for one. */
const WARM_UP = 2

const folder = ".bench-overload"
const main = "dist/main.js"
const store = `sqlite:${folder}/catalog.sqlite`

const ready = (child) =>
  new Promise((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}`)))
    createInterface({ input: child.stdout }).on("line", (line) => {
      const port = /^listening on http:\/\/127\.0\.0\.1:(\d+)$/.exec(line)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
  })

const serve = async (...args) => {
  const log = openSync(`${folder}/server.log`, "a")
  const child = spawn(
    process.execPath,
    [main, "serve", "--store", store, "--port", "0", "--rate-limit", "0", ...args],
    {
      stdio: ["ignore", "pipe", log]
    }
  )
  const port = await ready(child)
  child.removeAllListeners("exit")
  return { port, stop: () => new Promise((resolve) => child.once("exit", resolve) && child.kill()) }
}

const fill = () => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  writeFileSync(
    `${folder}/records.ndjson`,
    Array.from({ length: RECORDS }, (_, n) => JSON.stringify(record(n))).join("\n")
  )
  const run = (...args) => spawnSync(process.execPath, [main, ...args, "--store", store, "--account", ACCOUNT])
  const loaded = run("load", `${folder}/records.ndjson`)
  if (loaded.status !== 0) throw new Error(loaded.stderr.toString())
  return run("token", "create").stdout.toString().trim()
}

const requests = (token) => {
  const head = `Host: 127.0.0.1\r\nX-Auth-Token: ${token}\r\n`
  const get = (path) => Buffer.from(`GET /v1.0/${ACCOUNT}/backups${path} HTTP/1.1\r\n${head}\r\n`)
  const put = (n) => {
    const { id, ...backup } = record(n)
    const body = JSON.stringify({ backup })
    return Buffer.from(
      `PUT /v1.0/${ACCOUNT}/backups/${id} HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    )
  }
  const ids = Array.from({ length: RECORDS }, (_, n) => record(n).id)
  // Each its own place in the list: hardly any is remembered.
  const places = ids.map((id) => get(`?limit=20&marker=${id}`))
  const newest = get("?limit=20")
  const shown = ids.slice(0, 1000).map((id) => get(`/${id}`))
  const puts = Array.from({ length: 1000 }, (_, n) => put(n))
  const at = (all, n) => all[(n * 7919) % all.length]
  return {
    "lists of 20, each at another place": (n) => at(places, n),
    "lists, one in four remembered, and one in ten shown": (n) =>
      n % 10 === 0 ? at(shown, n) : n % 4 === 1 ? newest : at(places, n),
    "the same, and one in fifty written": (n) =>
      n % 50 === 0 ? at(puts, n) : n % 10 === 0 ? at(shown, n) : n % 4 === 1 ? newest : at(places, n)
  }
}

/** How many requests a second it answers callers who ask again as soon as they are answered. */
const capacity = async (port, bytesOf) => {
  const { times } = await ask({ port, callers: 32, seconds: SECONDS, warmUp: 1, bytesOf })
  return good(times).length / SECONDS
}

const good = (times) => [...times].flatMap(([status, some]) => (status >= 200 && status < 300 ? some : []))
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
const ms = (value) =>
  value === undefined || Number.isNaN(value)
    ? "-"
    : value === Number.POSITIVE_INFINITY
      ? "never"
      : `${value.toFixed(1)} ms`

const token = fill()
const bounded = await serve()
const unbounded = await serve("--max-delay", "0s", "--max-requests", "0")
for (const [name, bytesOf] of Object.entries(requests(token))) {
  await offer({ port: bounded.port, rate: 1000, seconds: 2, warmUp: 0, bytesOf })
  const carried = await capacity(unbounded.port, bytesOf)
  console.log(`\n${name}: carries ${Math.round(carried)} requests/s; ${ROUNDS} rounds of ${SECONDS} s`)
  const ratios = []
  for (let round = 0; round < ROUNDS; round++) {
    const measure = async (port, share) => {
      const rate = carried * share
      const { times, utilization, late } = await offer({ port, rate, seconds: SECONDS, warmUp: WARM_UP, bytesOf })
      const answered = summary(good(times))
      const refused = summary(times.get(503) ?? [])
      const all = [...times.values()].reduce((sum, { length }) => sum + length, 0)
      console.log(
        `  ${share} of that${port === bounded.port ? "" : ", no bound"}: ${Math.round(answered.count / SECONDS)}/s answered, p50 ${ms(answered.p50)}, p99 ${ms(answered.p99)}; 503 ${((100 * refused.count) / all).toFixed(0)} %, p50 ${ms(refused.p50)}, p99 ${ms(refused.p99)}; other ${all - answered.count - refused.count}; generator busy ${(utilization * 100).toFixed(0)} %, late ${ms(late)}`
      )
      return answered.p99
    }
    const idle = await measure(bounded.port, 0.1)
    await measure(bounded.port, 0.7)
    ratios.push((await measure(bounded.port, 2)) / idle)
    if (round === 0) await measure(unbounded.port, 2)
  }
  console.log(`  p99 of what is answered at twice the load / p99 idle: ${median(ratios).toFixed(2)} (target 3)`)
}
await Promise.all([bounded.stop(), unbounded.stop()])
