import { execFileSync, spawn } from "node:child_process"
import { cpSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import { ended, firstLine, runProgram } from "../support/program.ts"
import { temporaryFolder } from "../support/server.ts"

const here = fileURLToPath(new URL("../..", import.meta.url))

/** A server that runs from a copy of the program, on a store of its own, and how it is asked. */
const installed = async (...args: ReadonlyArray<string>) => {
  const folder = temporaryFolder(onTestFinished)
  const program = join(folder, "version-1")
  for (const part of ["dist", "package.json"]) cpSync(join(here, part), join(program, part), { recursive: true })
  symlinkSync(join(here, "node_modules"), join(program, "node_modules"))
  const store = `sqlite:${join(folder, "catalog.sqlite")}`
  const token = (await runProgram(["token", "create", "--account", "1234", "--store", store])).stdout.trim()
  const link = join(folder, "program")
  symlinkSync(program, link)
  const child = spawn(
    process.execPath,
    [join(link, "dist/main.js"), "serve", "--port", "0", "--store", store, ...args],
    { env: { PATH: process.env.PATH } }
  )
  onTestFinished(() => void child.kill("SIGKILL"))
  let said = ""
  child.stderr.on("data", (chunk) => (said += chunk))
  const all = ended(child)
  const url = (await firstLine(child)).replace("listening on ", "")
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(url + path, { ...init, headers: { "X-Auth-Token": token, Connection: "close", ...init.headers } })
  return { child, all, ask, program, link, folder, said: () => said }
}

const workersOf = (pid: number | undefined): ReadonlyArray<number> =>
  execFileSync("ps", ["-eo", "pid=,ppid="])
    .toString()
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child = 0, parent]) => (parent === pid ? [child] : []))

const kill = (pid: number | undefined) => process.kill(pid ?? assert.fail("there is no worker"), "SIGKILL")

/** Makes another version of a program, as an upgrade in its place does. */
const change = (program: string): void => {
  const dist = join(program, "dist")
  for (const name of readdirSync(dist).filter((name) => name.endsWith(".js"))) {
    const text = readFileSync(join(dist, name), "utf8")
    writeFileSync(join(dist, name), text.replaceAll(/"0\.0\.0\+[0-9a-f]{8}"/g, '"0.0.0+00000000"'))
  }
}

describe("a server whose program is replaced", () => {
  it("imports without its files, and shows the document of the API once they are back", async () => {
    const { ask, program } = await installed()
    renameSync(join(program, "dist"), join(program, "gone"))
    const imported = await ask("/v1.0/1234/imports?source=s&mode=merge", {
      method: "POST",
      headers: { "Content-Type": "application/x-ndjson" },
      body: '{"id":"a","name":"a","status":"COMPLETED","created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z"}\n'
    })
    assert.strictEqual(imported.status, 200, await imported.text())
    assert.strictEqual((await ask("/openapi.json")).status, 500)
    renameSync(join(program, "gone"), join(program, "dist"))
    assert.strictEqual((await ask("/openapi.json")).status, 200)
  })

  it("starts no worker of another version beside the others, and says what to do", async () => {
    const { child, all, ask, program, said } = await installed("--workers", "2")
    change(program)
    kill(workersOf(child.pid)[0])
    await eventually("it is refused", (see) =>
      /^A worker cannot start, .* version 0\.0\.0\+00000000 instead of 0\.0\.0\+[0-9a-f]{8}; restart the server\.$/m.test(
        see(said())
      )
    )
    assert.strictEqual((await ask("/v1.0/1234/backups")).status, 200)
    child.kill("SIGTERM")
    assert.strictEqual((await all).code, 0)
  })

  it("tries no refused worker again, and ends with 1 once none is left", async () => {
    const { child, all, program } = await installed("--workers", "2")
    change(program)
    for (const worker of workersOf(child.pid)) kill(worker)
    const { code, stderr } = await all
    assert.strictEqual(code, 1)
    assert.lengthOf(stderr.match(/^A worker cannot start, /gm) ?? [], 2)
    assert.lengthOf(stderr.match(/another takes its place/g) ?? [], 2)
  })

  it("starts workers of the version that it has, wherever a link to it leads meanwhile", async () => {
    const { child, program, link, folder, said } = await installed("--workers", "2")
    cpSync(program, join(folder, "version-2"), { recursive: true, verbatimSymlinks: true })
    change(join(folder, "version-2"))
    symlinkSync(join(folder, "version-2"), `${link}.new`)
    renameSync(`${link}.new`, link)
    const [first] = workersOf(child.pid)
    kill(first)
    await eventually(
      "there are two again",
      (see) => see(workersOf(child.pid)).filter((pid) => pid !== first).length === 2
    )
    assert.notInclude(said(), "another version")
  })
})
