// pnpm bench: how soon the server is ready, how much memory it has, and what a second worker gives.
import { contest, load, tell } from "./contest.mjs"
import { emptyFolder, memory, run, serve } from "./programs.mjs"
import { writeRecords } from "./records.mjs"
import { median } from "./rounds.mjs"

const RECORDS = 20_000
const STARTS = 7
const folder = emptyFolder(".bench")
const store = `sqlite:${folder}/catalog.sqlite`
const file = await writeRecords(`${folder}/records.ndjson`, RECORDS)
run("load", "--store", store, "--account", "bench", file)
const token = run("token", "create", "--store", store, "--account", "bench")
const headers = { "X-Auth-Token": token }

const starts = []
for (let n = 0; n < STARTS; n++) {
  const server = await serve(store, folder)
  starts.push(server.ready)
  await server.stop()
}
console.log(`\nready after ${Math.round(median(starts))} ms, the median of ${STARTS} starts (target 700 or less)`)

const server = await serve(store, folder)
await new Promise((resolve) => setTimeout(resolve, 2000))
const idle = memory(server, "VmRSS")
for (const limit of [20, 1000]) await load({ url: `${server.url}/v1.0/bench/backups?limit=${limit}`, headers })
console.log(`memory idle ${Math.round(idle)} MB (target 120 or less)`)
console.log(
  `memory under load, at most, with pages remembered ${Math.round(memory(server, "VmHWM"))} MB (target 250 or less)`
)
await server.stop()
const forgetful = await serve(store, folder, "--page-memory", "0")
for (const limit of [20, 1000]) await load({ url: `${forgetful.url}/v1.0/bench/backups?limit=${limit}`, headers })
console.log(
  `memory under load, at most, with none remembered ${Math.round(memory(forgetful, "VmHWM"))} MB (target 250 or less)`
)
await forgetful.stop()

// Pages that have to be read, so that the servers are what works: the generator has a part of the same two cores.
const workers = Object.fromEntries(
  await Promise.all(["1", "2"].map(async (n) => [n, await serve(store, folder, "--page-memory", "0", "--workers", n)]))
)
const path = "/v1.0/bench/backups?limit=100"
const ratio = await contest("page of 100 by one worker and by two", {
  "one worker": { url: workers[1].url + path, headers },
  "two workers": { url: workers[2].url + path, headers }
})
tell("two workers / one", ratio("two workers", "one worker"), "1.4 or more")
await Promise.all(Object.values(workers).map(({ stop }) => stop()))
