// Reads a whole list in one of several ways, and prints how long it took and how much memory: node bench/walker.mjs WAY
// Each loads what it needs, and no more.
import { readFileSync } from "node:fs"

const { BACKUPS_URL: url, BACKUPS_ACCOUNT: account, BACKUPS_TOKEN: token } = process.env

const bare = async () => {
  let count = 0
  let next = `${url}/v1.0/${account}/backups`
  while (next !== undefined) {
    const answer = await fetch(next, { headers: { "X-Auth-Token": token } })
    const { backups, links } = JSON.parse(await answer.text())
    count += backups.length
    next = links?.find(({ rel }) => rel === "next")?.href
  }
  return count
}

const list = async () => {
  const { createClient } = await import("@backup-catalog/client")
  return createClient({ url, account, token }).backups.list()
}

const promise = async () => {
  let count = 0
  for await (const _ of await list()) count++
  return count
}

const pages = async () => {
  let count = 0
  for await (const page of (await list()).pages()) count += page.length
  return count
}

const effect = async () => {
  const { layer } = await import("@backup-catalog/client/effect")
  const { BackupCatalog } = await import("@backup-catalog/core")
  const Effect = await import("effect/Effect")
  const Stream = await import("effect/Stream")
  return Effect.flatMap(BackupCatalog, (catalog) => Stream.runCount(catalog.stream(account, {}))).pipe(
    Effect.provide(layer({ url, token })),
    Effect.runPromise
  )
}

const started = performance.now()
const before = process.cpuUsage()
const count = await { bare, promise, pages, effect }[process.argv[2]]()
const seconds = (performance.now() - started) / 1000
const { user, system } = process.cpuUsage(before)
const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? Number.NaN) / 1024
console.log(JSON.stringify({ count, seconds, cpu: (user + system) / 1e6, peak }))
