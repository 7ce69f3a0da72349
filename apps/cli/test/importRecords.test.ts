import { spawnSync } from "node:child_process"
import { appendFileSync, existsSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from "node:fs"
import type { RequestListener } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { eventually } from "../../../testing/eventually.ts"
import { ImportProgress, interruptedAt } from "../src/imports/ImportProgress.ts"
import { describeProgress } from "../src/imports/progressLine.ts"
import { type Ended, type Env, ended, backups as run, shown, start, startInTerminal } from "./support/backups.ts"
import { type CatalogServer, record, startCatalog, withServer } from "./support/servers.ts"
import { ask, listed } from "./support/sources.ts"

let catalog: CatalogServer
let accounts = 0

beforeAll(async () => {
  catalog = await startCatalog()
})
afterAll(() => catalog.stop())

const fresh = (records: ReadonlyArray<object> = []) => catalog.account(`records-${++accounts}`, records)

const folder = mkdtempSync(join(tmpdir(), "backups-records-"))
const file = (content: string | Uint8Array): string => {
  const path = join(folder, `file-${++accounts}`)
  writeFileSync(path, content)
  return path
}

const lines = (count: number, from = 0): string =>
  Array.from(
    { length: count },
    (_, n) => `${JSON.stringify(record({ id: `r-${from + n}`, name: `n-${from + n}` }))}\n`
  ).join("")

const importing = (args: ReadonlyArray<string>, env: Env, input?: string | Uint8Array): Promise<Ended> => {
  const child = start(["import", "records", ...args], env)
  child.stdin.end(input)
  return ended(child)
}

/** Waits until the catalog knows of an import that is in some state. */
const importIs = (env: Env, status: string) =>
  eventually(`the newest import is ${status}`, async (see) => {
    const [last] = see((await ask(env, "imports?limit=1")).imports)
    return last?.status === status && last
  })

describe("backups import records", { concurrent: true }, () => {
  it("sends lines as they are, plain or as gzip, from a file or a pipe", async () => {
    const env = await fresh()
    const text = lines(50)
    const first = await importing([file(text), "--source", "copy"], env)
    assert.deepStrictEqual(first, {
      code: 0,
      signal: null,
      stdout: "copy: 50 new, 0 changed, 0 unchanged, 0 retired, 0 rejected.\n",
      stderr: ""
    })
    const again = "copy: 0 new, 0 changed, 50 unchanged, 0 retired, 0 rejected.\n"
    for (const body of [gzipSync(text), text]) {
      assert.strictEqual((await importing([file(body), "--source", "copy"], env)).stdout, again)
      assert.strictEqual((await importing(["-", "--source", "copy"], env, body)).stdout, again)
    }
    assert.strictEqual(
      (await importing([file(lines(40)), "--source", "copy"], env)).stdout.split(", ")[3],
      "10 retired"
    )
  })

  it("what a list writes can be imported", async () => {
    const [from, to] = [
      await fresh([record({ id: "a", size: 0.1 }), record({ id: "b", parent_id: "a" })]),
      await fresh()
    ]
    const { stdout } = await run(["list", "-o", "ndjson"], from)
    assert.match((await importing([file(stdout)], to)).stdout, /^records: 2 new, /)
    assert.strictEqual((await run(["list", "-o", "ndjson"], to)).stdout, stdout)
  })

  it("names lines that are rejected, imports the rest, and ends with 1", async () => {
    const env = await fresh()
    await importing([file(lines(5))], env)
    const text = `${lines(3)}{"id":"r-3","name":"no time"}\n`
    const { code, stdout, stderr } = await importing([file(text)], env)
    assert.deepStrictEqual([code, stdout], [1, "records: 0 new, 0 changed, 3 unchanged, 1 retired, 1 rejected.\n"])
    assert.match(stderr, /^records: line 4 \(r-3\) was rejected: [^\n]+\nbackups: records: 1 line was rejected\.\n$/)
    // What it was to be is not known, but it is there.
    assert.deepStrictEqual(await listed(env), ["n-0", "n-1", "n-2", "n-3"])
  })

  it("retires nothing where a line may be of any backup, and names twenty of the lines", async () => {
    const env = await fresh()
    await importing([file(lines(5))], env)
    const { code, stdout, stderr } = await importing([file(`${lines(1)}${"garbage\n".repeat(30)}`)], env)
    assert.deepStrictEqual([code, stdout], [1, "records: 0 new, 0 changed, 1 unchanged, 0 retired, 30 rejected.\n"])
    const said = stderr.trimEnd().split("\n")
    assert.deepStrictEqual([said.length, said[20]], [22, "And 10 more."])
    assert.match(
      said[21] ?? "",
      /^backups: records: 30 lines were rejected; Nothing was retired: line 2 cannot be read/
    )
    assert.strictEqual((await listed(env)).length, 5)
  })

  it("gzip that ends early retires nothing", async () => {
    const env = await fresh()
    await importing([file(lines(500))], env)
    const path = file(gzipSync(lines(400)).subarray(0, -20))
    const { code, stderr } = await importing([path], env)
    assert.deepStrictEqual([code, (await listed(env)).length], [1, 500])
    assert.strictEqual(
      stderr,
      `backups: ${path} is not valid gzip, or ends too early; nothing was retired. What was read before that stays.\n`
    )
  })

  it("a file that cannot be read is one sentence, and nothing is sent", async () => {
    let asked = 0
    const counting: RequestListener = (_, response) => {
      asked++
      response.writeHead(500).end()
    }
    await withServer(counting, async (env) => {
      for (const path of [join(folder, "none"), folder]) {
        const { code, stdout, stderr } = await importing([path], env)
        assert.deepStrictEqual([code, stdout, stderr.split("\n").length], [1, "", 2])
        assert.include(stderr, path)
      }
    })
    assert.strictEqual(asked, 0)
  })

  for (const [change, act] of [
    ["grows", (path: string) => appendFileSync(path, lines(10, 1_000_000))],
    ["becomes shorter", (path: string) => truncateSync(path, 20_000_000)]
  ] as const) {
    it(`a file that ${change} while it is read is not sent to its end`, async () => {
      // More than connections and buffers on the way can hold, so that it is still being read.
      const path = file(lines(150_000))
      let whole = false
      const answer: RequestListener = (request) => {
        act(path)
        request.on("end", () => {
          whole = true
        })
        request.on("error", () => {})
        request.resume()
      }
      await withServer(answer, async (env) => {
        const { code, stderr } = await importing([path], env)
        assert.deepStrictEqual([code, whole], [1, false])
        assert.include(stderr, "was written to while it was read, so nothing was retired")
      })
    })
  }

  it("the answer of a catalog that refuses before it has everything is told", async () => {
    const env = await fresh()
    const path = file(lines(150_000))
    const { code, stderr } = await importing([path], { ...env, BACKUPS_TOKEN: "wrong" })
    assert.strictEqual(code, 3)
    assert.match(stderr, /^backups: [^\n]+\n$/)
  })
})

describe("records from a pipe", { concurrent: true }, () => {
  it("retire nothing, and say so, unless they are said to be all", async () => {
    const env = await fresh()
    assert.strictEqual((await importing([file(lines(3))], env)).code, 0)
    const some = await importing(["-"], env, lines(1))
    assert.deepStrictEqual(some, {
      code: 0,
      signal: null,
      stdout: "records: 0 new, 0 changed, 1 unchanged, 0 retired, 0 rejected.\n",
      stderr: "Nothing was retired, since a pipe may break off unseen; --snapshot says that this was all.\n"
    })
    assert.strictEqual((await listed(env)).length, 3)
    const all = await importing(["-", "--snapshot"], env, lines(1))
    assert.deepStrictEqual(all, {
      code: 0,
      signal: null,
      stdout: "records: 0 new, 0 changed, 1 unchanged, 2 retired, 0 rejected.\n",
      stderr: ""
    })
    assert.strictEqual((await importing(["-", "--snapshot", "--merge"], env, lines(1))).code, 2)
  })

  it("retire nothing by another name of it either", async () => {
    const env = await fresh()
    assert.strictEqual((await importing([file(lines(3))], env)).code, 0)
    const path = join(mkdtempSync(join(folder, "pipe-")), "records")
    assert.strictEqual(spawnSync("mkfifo", [path]).status, 0)
    const some = importing([path], env)
    writeFileSync(path, lines(1))
    assert.deepStrictEqual(await some, {
      code: 0,
      signal: null,
      stdout: "records: 0 new, 0 changed, 1 unchanged, 0 retired, 0 rejected.\n",
      stderr: "Nothing was retired, since a pipe may break off unseen; --snapshot says that this was all.\n"
    })
    assert.strictEqual((await listed(env)).length, 3)
  })
})

describe("an import that is interrupted", { concurrent: true }, () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it(`by ${signal} ends by it, and says that nothing was retired, which is so`, async () => {
      const env = await fresh()
      await importing([file(lines(5))], env)
      const child = start(["import", "records", "-", "--snapshot"], env)
      const result = ended(child)
      child.stdin.write(lines(1))
      await importIs(env, "RUNNING")
      child.kill(signal)
      assert.deepStrictEqual(await result, {
        code: null,
        signal,
        stdout: "",
        stderr: "records: interrupted; what was sent stays, and nothing was retired. Import again.\n"
      })
      await importIs(env, "INTERRUPTED")
      assert.strictEqual((await listed(env)).length, 5)
    })
  }

  it("before anything was sent says so, and the tool that was run ends with it", async () => {
    const env = await fresh()
    const at = join(folder, "pid")
    const child = start(
      ["import", "restic", "--exec", "--", "sh", "-c", 'echo $$ > "$0.new"; mv "$0.new" "$0"; exec sleep 600', at],
      env
    )
    const result = ended(child)
    await eventually("the tool runs", () => existsSync(at))
    const pid = Number(readFileSync(at, "utf8"))
    child.kill("SIGINT")
    const { signal, stderr } = await result
    assert.strictEqual(signal, "SIGINT")
    assert.strictEqual(stderr, "restic: interrupted before anything was sent; nothing was imported.\n")
    // What nobody has waited for yet is still listed, as Z.
    assert.match(spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).stdout, /^(?:Z.*\s*)?$/)
  })

  it("by Ctrl-C in a terminal exits 130, with how far it was shown until then", async () => {
    const env = await fresh()
    const child = startInTerminal(80, ["import", "records", "-", "--snapshot"], env)
    const result = ended(child)
    child.stdin.write(lines(1))
    await shown(child, " sent, ")
    child.stdin.write("\u0003")
    assert.strictEqual((await result).code, 130)
    await importIs(env, "INTERRUPTED")
  })

  it("is told as far as it had come", () => {
    const task = { source: "pg", mode: "snapshot", dryRun: false } as Parameters<typeof interruptedAt>[1]
    const at = (phase: ImportProgress["phase"], other = {}) =>
      interruptedAt(Object.assign(new ImportProgress(), { phase }), { ...task, ...other })
    assert.match(at("reading"), /nothing was imported/)
    assert.match(at("sending"), /nothing was retired/)
    assert.match(at("sent"), /may have been retired/)
    assert.notMatch(at("sent", { mode: "merge" }), /retired/)
    assert.match(at("sent", { dryRun: true }), /nothing was changed/)
  })
})

describe("how far an import is", () => {
  const line = (members: Partial<ImportProgress>, elapsedMs: number) =>
    describeProgress("pg", Object.assign(new ImportProgress(), members), elapsedMs)

  it("is shown in records or bytes, with the rate, and the time that is left where the total is known", () => {
    assert.strictEqual(line({}, 5000), "pg: reading what it has…")
    assert.strictEqual(
      line({ phase: "sending", sent: 12_000, total: 100_000 }, 4000),
      "pg: 12,000 of 100,000 records sent, 3,000 a second, 29s left"
    )
    assert.strictEqual(
      line({ phase: "sending", sent: 2 ** 20, total: 2 ** 30, unit: "bytes" }, 2000),
      "pg: 1.0 MiB of 1.0 GiB sent, 512 KiB a second, 34m left"
    )
    assert.strictEqual(
      line({ phase: "sending", sent: 2 ** 20, unit: "bytes" }, 1000),
      "pg: 1.0 MiB sent, 1.0 MiB a second"
    )
    assert.strictEqual(line({ phase: "sending", total: 5 }, 3000), "pg: 0 of 5 records sent, 0 a second")
    assert.strictEqual(line({ phase: "sent", sent: 7 }, 1), "pg: all 7 records sent, waiting for the catalog…")
  })
})
