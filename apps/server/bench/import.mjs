// pnpm bench: the import of a source from an NDJSON file, first and again unchanged, beside what a hand-written program
// takes for the same lines; and how much memory the server has had at most.
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { createReadStream, createWriteStream, mkdirSync, openSync, readFileSync, rmSync } from "node:fs"
import { request } from "node:http"
import { createInterface } from "node:readline"
import { record } from "./records.mjs"

const RECORDS = Number(process.env.BENCH_IMPORT_RECORDS ?? 200_000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const TARGET = 50_000
const ACCOUNT = "bench"

const folder = ".bench-import"
const main = "dist/main.js"
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)

const file = `${folder}/records.ndjson`
const lines = createWriteStream(file)
for (let n = 0; n < RECORDS; n++) {
  if (!lines.write(`${JSON.stringify({ ...record(n), native_id: `n${n}` })}\n`)) await once(lines, "drain")
}
lines.end()
await once(lines, "finish")

const serve = (store) =>
  new Promise((resolve, reject) => {
    const log = openSync(`${folder}/server.log`, "a")
    const child = spawn(process.execPath, [main, "serve", "--store", store, "--port", "0"], {
      stdio: ["ignore", "pipe", log]
    })
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}`)))
    createInterface({ input: child.stdout }).on("line", (line) => {
      const url = /^listening on (\S+)$/.exec(line)?.[1]
      if (url !== undefined) resolve({ url, child })
    })
  })

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

const peak = ({ child }) => {
  const kibibytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]
  return Number(kibibytes) / 1024
}

const byHand = () => {
  const done = spawnSync(process.execPath, ["bench/handWrittenImport.mjs", file, `${folder}/handwritten.sqlite`])
  if (done.status !== 0) throw new Error(done.stderr.toString())
}

const results = { first: [], again: [], "hand-written": [], peak: [], ratio: [] }
for (let round = 0; round < ROUNDS; round++) {
  for (const part of ["", "-wal", "-shm"]) rmSync(`${folder}/catalog.sqlite${part}`, { force: true })
  const store = `sqlite:${folder}/catalog.sqlite`
  const created = spawnSync(process.execPath, [main, "token", "create", "--store", store, "--account", ACCOUNT])
  const token = created.stdout.toString().trim()
  const server = await serve(store)
  const first = await timed(() => send(server.url, token))
  if (first.result.created !== RECORDS) throw new Error(JSON.stringify(first.result))
  results.peak.push(peak(server))
  const again = await timed(() => send(server.url, token))
  if (again.result.unchanged !== RECORDS) throw new Error(JSON.stringify(again.result))
  server.child.removeAllListeners("exit")
  server.child.kill()
  await once(server.child, "exit")
  const hand = await timed(byHand)
  results.first.push(first.rate)
  results.again.push(again.rate)
  results["hand-written"].push(hand.rate)
  results.ratio.push(first.rate / hand.rate)
}
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
const rate = (name) => `${String(Math.round(median(results[name]))).padStart(7)} records/s`
console.log(`\nimport of ${RECORDS} records, median of ${ROUNDS} rounds (target ${TARGET} records/s, memory 150 MB)`)
console.log(`  first         ${rate("first")}   server's memory at most ${Math.round(Math.max(...results.peak))} MB`)
console.log(`  unchanged     ${rate("again")}`)
console.log(`  hand-written  ${rate("hand-written")}   import / hand-written: ${median(results.ratio).toFixed(2)}`)
process.exit(0)
