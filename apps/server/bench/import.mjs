// pnpm bench: the import of a source from an NDJSON file, first and again unchanged, into SQLite and PostgreSQL, beside
// what a hand-written program takes for the same lines with SQLite; and how much memory the server has had at most.
import { spawnSync } from "node:child_process"
import { createReadStream, openSync, rmSync } from "node:fs"
import { request } from "node:http"
import { startCluster } from "../test/support/postgresCluster.ts"
import { emptyFolder, main, memory, run, start } from "./programs.mjs"
import { writeRecords } from "./records.mjs"
import { median, ROUNDS } from "./rounds.mjs"

const RECORDS = Number(process.env.BENCH_IMPORT_RECORDS ?? 200_000)
const STORES = (process.env.BENCH_IMPORT_STORES ?? "sqlite,postgres,hand-written").split(",")
const TARGETS = { sqlite: 50_000, postgres: 20_000, memory: 150 }
const ACCOUNT = "bench"

const folder = emptyFolder(".bench-import")
// As it is deployed (Dockerfile, docs/systemd).
const env = { NODE_OPTIONS: "--max-semi-space-size=4" }

const file = await writeRecords(`${folder}/records.ndjson`, RECORDS, (one, n) => ({ ...one, native_id: `n${n}` }))

const serve = (store) =>
  start([main, "serve", "--store", store, "--port", "0"], { log: openSync(`${folder}/server.log`, "a"), env })

const send = (url, token) =>
  new Promise((resolve, reject) => {
    const sent = request(
      `${url}/v1.0/${ACCOUNT}/imports?source=bench&mode=snapshot`,
      { method: "POST", headers: { "X-Auth-Token": token, "Content-Type": "application/x-ndjson" } },
      async (answer) => {
        const text = (await answer.toArray()).join("")
        if (answer.statusCode === 200) resolve(JSON.parse(text).import)
        else reject(new Error(text))
      }
    )
    sent.on("error", reject)
    createReadStream(file).pipe(sent)
  })

const timed = async (work) => {
  const started = performance.now()
  const result = await work()
  return { result, rate: RECORDS / ((performance.now() - started) / 1000) }
}

/** Imports the file into a new store, and again. */
const importTwice = async (store) => {
  const token = run("token", "create", "--store", store, "--account", ACCOUNT)
  const server = await serve(store)
  const first = await timed(() => send(server.url, token))
  if (first.result.created !== RECORDS) throw new Error(JSON.stringify(first.result))
  const again = await timed(() => send(server.url, token))
  if (again.result.unchanged !== RECORDS) throw new Error(JSON.stringify(again.result))
  const most = memory(server, "VmHWM")
  await server.stop()
  return { first: first.rate, again: again.rate, peak: most }
}

const intoSqlite = () => {
  for (const part of ["", "-wal", "-shm"]) rmSync(`${folder}/catalog.sqlite${part}`, { force: true })
  return importTwice(`sqlite:${folder}/catalog.sqlite`)
}

const intoPostgres = async () => {
  const cluster = await startCluster()
  try {
    return await importTwice(cluster.url)
  } finally {
    await cluster.stop()
  }
}

const byHand = async () => {
  const { result, rate } = await timed(() =>
    spawnSync(process.execPath, ["bench/handWrittenImport.mjs", file, `${folder}/handwritten.sqlite`])
  )
  if (result.status !== 0) throw new Error(result.stderr.toString())
  return { first: rate }
}

const ways = { sqlite: intoSqlite, postgres: intoPostgres, "hand-written": byHand }
const results = Object.fromEntries(STORES.map((store) => [store, []]))
for (let round = 0; round < ROUNDS; round++) {
  for (const store of STORES) results[store].push(await ways[store]())
}

const rate = (store, what) =>
  `${String(Math.round(median(results[store].map((one) => one[what])))).padStart(7)} records/s`
console.log(`\nimport of ${RECORDS} records, median of ${ROUNDS} rounds`)
for (const store of STORES) {
  if (store === "hand-written") console.log(`  by hand, SQLite         ${rate(store, "first")}`)
  else {
    const most = Math.round(Math.max(...results[store].map((one) => one.peak)))
    console.log(`  ${store.padEnd(10)} first        ${rate(store, "first")}   (target ${TARGETS[store]})`)
    console.log(`  ${store.padEnd(10)} unchanged    ${rate(store, "again")}`)
    console.log(`  ${store.padEnd(10)} server's memory at most ${most} MB   (target ${TARGETS.memory})`)
  }
}
if (results.sqlite !== undefined && results["hand-written"] !== undefined) {
  const ratios = results.sqlite.map(({ first }, round) => first / results["hand-written"][round].first)
  console.log(`  SQLite, first / by hand: ${median(ratios).toFixed(2)}`)
}
process.exit(0)
