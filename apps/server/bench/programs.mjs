// What the benchmarks start: servers and commands in processes of their own.
import { spawn, spawnSync } from "node:child_process"
import { mkdirSync, openSync, readFileSync, rmSync } from "node:fs"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

/** The program that is measured. */
export const main = fileURLToPath(new URL("../dist/main.js", import.meta.url))

/** An empty folder for what a benchmark writes. */
export const emptyFolder = (name) => {
  rmSync(name, { recursive: true, force: true })
  mkdirSync(name, { recursive: true })
  return name
}

/** What is set for the server as it is deployed (Dockerfile, docs/systemd), and for the yardsticks likewise. */
const MALLOC = { MALLOC_ARENA_MAX: "1", MALLOC_MMAP_THRESHOLD_: "33554432", MALLOC_TRIM_THRESHOLD_: "134217728" }

/** Starts a process that says `listening on URL`, and gives that URL and how long it took, in milliseconds. */
export const start = (args, { log = "inherit", env = {} } = {}) =>
  new Promise((resolve, reject) => {
    const started = performance.now()
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", log],
      env: { ...process.env, ...MALLOC, ...env }
    })
    const failed = (code) => reject(new Error(`${args[0]} ended with ${code}`))
    child.on("exit", failed)
    createInterface({ input: child.stdout }).on("line", (line) => {
      const url = /^listening on (\S+)$/.exec(line)?.[1]
      if (url === undefined) return
      child.off("exit", failed)
      const stop = () =>
        new Promise((done) => {
          child.once("exit", done)
          child.kill()
        })
      resolve({ url, pid: child.pid, ready: performance.now() - started, stop })
    })
  })

/** Serves a store; the log goes to a file, as an operator's would. */
export const serve = (store, folder, ...args) =>
  start([main, "serve", "--store", store, "--port", "0", "--rate-limit", "0", ...args], {
    log: openSync(`${folder}/server.log`, "a")
  })

/** Runs a command of the program to its end and gives what it prints. */
export const run = (...args) => {
  const done = spawnSync(process.execPath, [main, ...args], { maxBuffer: 1 << 28 })
  if (done.status !== 0) throw new Error(done.stderr.toString())
  return done.stdout.toString().trim()
}

/** Memory of a process in megabytes: `VmRSS` at the moment, `VmHWM` at most. */
export const memory = ({ pid }, what) =>
  Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024
