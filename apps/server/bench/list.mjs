// pnpm bench: the list of 20 and of 1,000 in an account of 100,000, beside two yardsticks, all in one run.
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, openSync, rmSync, writeFileSync } from "node:fs"
import { createInterface } from "node:readline"
import autocannon from "autocannon"
import Database from "better-sqlite3"
import { record } from "./records.mjs"

const RECORDS = 100_000
const ACCOUNT = "bench"
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 5)
const CONNECTIONS = 16
const TARGETS = { 20: 1.5, 1000: 5 }

const folder = ".bench"
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)

const main = "dist/main.js"
const store = `sqlite:${folder}/catalog.sqlite`

const server = (args, log) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", log ?? "inherit"] })
    child.on("exit", (code) => reject(new Error(`${args[0]} ended with ${code}`)))
    createInterface({ input: child.stdout }).on("line", (line) => {
      const url = /^listening on (\S+)$/.exec(line)?.[1]
      if (url !== undefined) resolve({ url, stop: () => child.kill() })
    })
  })

const fill = () => {
  writeFileSync(
    `${folder}/records.ndjson`,
    Array.from({ length: RECORDS }, (_, n) => JSON.stringify(record(n))).join("\n")
  )
  const started = performance.now()
  const loaded = spawnSync(process.execPath, [
    main,
    "load",
    "--store",
    store,
    "--account",
    ACCOUNT,
    `${folder}/records.ndjson`
  ])
  if (loaded.status !== 0) throw new Error(loaded.stderr.toString())
  const seconds = (performance.now() - started) / 1000
  console.log(`load: ${RECORDS} records in ${seconds.toFixed(1)} s, ${Math.round(RECORDS / seconds)} records/s`)
  const created = spawnSync(process.execPath, [main, "token", "create", "--store", store, "--account", ACCOUNT])
  return created.stdout.toString().trim()
}

const fillHandWritten = (token) => {
  const path = `${folder}/handwritten.sqlite`
  const database = new Database(path)
  database.pragma("journal_mode = WAL")
  database.exec(`
    CREATE TABLE tokens (hash BLOB PRIMARY KEY, account TEXT);
    CREATE TABLE backups (account TEXT, id TEXT, name TEXT, description TEXT, status TEXT, created INTEGER, updated INTEGER,
      size REAL, instance_id TEXT, parent_id TEXT, locationRef TEXT, type TEXT, version TEXT, version_id TEXT,
      PRIMARY KEY (account, id));
    CREATE INDEX newest ON backups (account, created DESC, id DESC);`)
  database.prepare("INSERT INTO tokens VALUES (?, ?)").run(createHash("sha256").update(token).digest(), ACCOUNT)
  const insert = database.prepare(`INSERT INTO backups VALUES (${Array(14).fill("?").join(", ")})`)
  const micros = (text) => Date.parse(`${text}Z`) * 1000
  database.transaction(() => {
    for (let n = 0; n < RECORDS; n++) {
      const { id, name, description, status, created, updated, size, instance_id, parent_id, locationRef, datastore } =
        record(n)
      const { type = null, version = null, version_id = null } = datastore ?? {}
      insert.run(
        ACCOUNT,
        id,
        name,
        description,
        status,
        micros(created),
        micros(updated),
        size,
        instance_id,
        parent_id,
        locationRef,
        type,
        version,
        version_id
      )
    }
  })()
  database.close()
  return path
}

const withWrk = spawnSync("wrk", ["--version"]).error === undefined

/** wrk is the lighter generator, and the one whose numbers the documents give; autocannon is what npm can bring. */
const measure = async (url, limit, token) => {
  const target = `${url}/v1.0/${ACCOUNT}/backups?limit=${limit}`
  if (withWrk) return measureWithWrk(target, token)
  const { requests, latency, non2xx, errors } = await autocannon({
    url: target,
    headers: { "X-Auth-Token": token },
    connections: CONNECTIONS,
    duration: SECONDS
  })
  if (non2xx + errors > 0) throw new Error(`${non2xx + errors} requests of ${url} failed`)
  return { rate: requests.average, p50: latency.p50, p99: latency.p99 }
}

const measureWithWrk = async (target, token) => {
  const args = [
    "-t1",
    `-c${CONNECTIONS}`,
    `-d${SECONDS}s`,
    "--timeout",
    "30s",
    "--latency",
    "-H",
    `X-Auth-Token: ${token}`,
    target
  ]
  const wrk = spawn("wrk", args, { stdio: ["ignore", "pipe", "inherit"] })
  const output = (await wrk.stdout.toArray()).join("")
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(`requests of ${target} failed:\n${output}`)
  const millis = (text) =>
    text.endsWith("us") ? parseFloat(text) / 1000 : text.endsWith("ms") ? parseFloat(text) : parseFloat(text) * 1000
  const percentile = (n) => millis(new RegExp(`${n}%\\s+(\\S+)`).exec(output)[1])
  return { rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)[1]), p50: percentile(50), p99: percentile(99) }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

const token = fill()
const path = fillHandWritten(token)
const log = openSync(`${folder}/server.log`, "w")
const catalog = await server([main, "serve", "--store", store, "--port", "0", "--rate-limit", "0"], log)
const handWritten = await server(["bench/handWritten.mjs", path, token])

for (const limit of [20, 1000]) {
  const answer = await fetch(`${catalog.url}/v1.0/${ACCOUNT}/backups?limit=${limit}`, {
    headers: { "X-Auth-Token": token }
  })
  const body = Buffer.from(await answer.arrayBuffer())
  if (JSON.parse(body.toString()).backups.length !== limit) throw new Error("the page is not full")
  writeFileSync(`${folder}/page-${limit}.json`, body)
  const wire = await server(["bench/wire.mjs", `${folder}/page-${limit}.json`])
  const contestants = { catalog, "hand-written": handWritten, wire }
  const results = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]))
  for (const { url } of Object.values(contestants)) await measure(url, limit, token)
  // Taken in turn, so that a slow minute of the machine falls on all of them.
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, { url }] of Object.entries(contestants)) results[name].push(await measure(url, limit, token))
  }
  console.log(
    `\npage of ${limit} (${body.length} bytes), ${CONNECTIONS} connections of ${withWrk ? "wrk" : "autocannon"}, median of ${ROUNDS} rounds of ${SECONDS} s`
  )
  for (const [name, rounds] of Object.entries(results)) {
    const [rate, p50, p99] = ["rate", "p50", "p99"].map((key) => median(rounds.map((round) => round[key])))
    console.log(
      `  ${name.padEnd(13)} ${String(Math.round(rate)).padStart(6)} requests/s   p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms`
    )
  }
  const ratio = (other) => median(results.catalog.map(({ rate }, n) => rate / results[other][n].rate)).toFixed(2)
  console.log(
    `  catalog / hand-written: ${ratio("hand-written")} (target ${TARGETS[limit]})   catalog / wire: ${ratio("wire")}`
  )
  wire.stop()
}
catalog.stop()
handWritten.stop()
process.exit(0)
