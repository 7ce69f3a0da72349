// pnpm bench: what becomes of requests when twice as many come as the server can carry, with and without a bound.
import { capacityFor, offer, summary } from "./OpenLoop.mjs"
import { emptyFolder, run, serve } from "./programs.mjs"
import { record, writeRecords } from "./records.mjs"
import { median, ROUNDS, SECONDS } from "./rounds.mjs"

const RECORDS = Number(process.env.BENCH_OVERLOAD_RECORDS ?? 100_000)
const ACCOUNT = "bench"
const CALLERS = 32
/** What comes before is not counted: overload has to last for a moment before it is taken for one. In seconds. */
const WARM_UP = 2

const folder = emptyFolder(".bench-overload")
const store = `sqlite:${folder}/catalog.sqlite`

const fill = async () => {
  run("load", "--store", store, "--account", ACCOUNT, await writeRecords(`${folder}/records.ndjson`, RECORDS))
  return run("token", "create", "--store", store, "--account", ACCOUNT)
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

const isGood = ({ status }) => status >= 200 && status < 300
const isRefused = ({ status }) => status === 503
const ms = (value) =>
  value === undefined || Number.isNaN(value) ? "-" : Number.isFinite(value) ? `${value.toFixed(1)} ms` : "never"

const token = await fill()
const bounded = await serve(store, folder)
const unbounded = await serve(store, folder, "--max-delay", "0s", "--max-requests", "0")
const portOf = ({ url }) => Number(new URL(url).port)

const measure = async (what, server, rate, bytesOf) => {
  const port = portOf(server)
  const { answers, utilization, late } = await offer({ port, rate, seconds: SECONDS, warmUp: WARM_UP, bytesOf })
  const good = summary(answers.filter(isGood))
  const refused = summary(answers.filter(isRefused))
  const share = (100 * refused.count) / answers.length
  console.log(
    `    ${what.padEnd(16)} ${String(Math.round(rate)).padStart(6)}/s offered ${String(Math.round(good.count / SECONDS)).padStart(6)}/s answered, p50 ${ms(good.p50)}, p99 ${ms(good.p99)}; 503 ${share.toFixed(0)} %, p50 ${ms(refused.p50)}, p99 ${ms(refused.p99)}; others ${answers.length - good.count - refused.count}; generator busy ${(utilization * 100).toFixed(0)} %, late ${ms(late)}`
  )
  return good.p99
}

for (const [name, bytesOf] of Object.entries(requests(token))) {
  console.log(`\n${name}: ${ROUNDS} rounds of ${SECONDS} s; p99 is the median of that of each second`)
  await capacityFor({ port: portOf(bounded), callers: CALLERS, seconds: 2, bytesOf })
  const ratios = []
  for (let round = 0; round < ROUNDS; round++) {
    const carried = await capacityFor({ port: portOf(unbounded), callers: CALLERS, seconds: SECONDS, bytesOf })
    console.log(`  carries ${Math.round(carried)}/s`)
    const idle = await measure("a tenth", bounded, carried * 0.1, bytesOf)
    await measure("seven tenths", bounded, carried * 0.7, bytesOf)
    ratios.push((await measure("twice", bounded, carried * 2, bytesOf)) / idle)
    await measure("twice, no bound", unbounded, carried * 2, bytesOf)
  }
  console.log(`  p99 of what is answered at twice the load / at a tenth: ${median(ratios).toFixed(2)} (target 3)`)
}
await Promise.all([bounded.stop(), unbounded.stop()])
