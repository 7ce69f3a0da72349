import { once } from "node:events"
import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { afterAll, assert, beforeAll, it } from "@effect/vitest"
import { eventually } from "../../../testing/eventually.ts"
import { backups, type Env, start } from "./support/backups.ts"
import { type CatalogServer, record, startCatalog } from "./support/servers.ts"
import { ask } from "./support/sources.ts"

// KILL_RECORDS=100000 is what it is about; on a slow machine that takes minutes.
const ALL = Number(process.env.KILL_RECORDS ?? 20_000)
const DOOMED = 100
const KILLS = 20

let catalog: CatalogServer
let env: Env

beforeAll(async () => {
  catalog = await startCatalog()
  env = await catalog.account("killed", [])
})
afterAll(() => catalog.stop())

// All of it is to be more than connections and buffers on the way can hold, so that there is something to break off.
const description = "-".repeat(ALL < 100_000 ? 2000 : 200)

/** Records of a version; the first of all are those that the source is going to lose. */
const lines = (from: number, to: number, version: string): string =>
  Array.from({ length: to - from }, (_, n) => {
    const members = {
      id: `r-${from + n}`,
      name: version,
      instance_id: from + n < DOOMED ? "doomed" : "db",
      description
    }
    return `${JSON.stringify(record(members))}\n`
  }).join("")

const folder = mkdtempSync(join(tmpdir(), "backups-kill-"))
const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const doomed = async (): Promise<number> => (await ask(env, "backups?instance_id=doomed&limit=1000")).backups.length

/** The newest import, once it is over. */
const newest = () =>
  eventually("the newest import is over", async (see) => {
    const [last] = see((await ask(env, "imports?limit=1")).imports)
    return last !== undefined && last.status !== "RUNNING" && last
  })

const duration = async (act: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now()
  await act()
  return performance.now() - begun
}

// The same numbers every time, spread evenly.
const fraction = (n: number): number => (n * 0.618_033_988_749_895) % 1

it(`an import that is killed at any moment of ${KILLS} retires nothing, and the next one completes`, {
  timeout: 600_000
}, async () => {
  const all = file("all", lines(0, ALL, "first"))
  const importing = ["import", "records", "--source", "killed"]
  assert.match((await backups([...importing, all], env)).stdout, new RegExp(` ${ALL} new, `))
  const fewer = file("fewer", lines(DOOMED, ALL, "second"))
  // How long one takes, as far as is known: that changes with what it finds, and with what else the machine does.
  let took = await duration(() => backups([...importing, fewer, "--dry-run"], env))
  let last = await newest()
  let interrupted = 0
  for (let n = 1; n <= KILLS; n++) {
    const child = start([...importing, fewer], env)
    const exit = once(child, "exit")
    const lived = await duration(() => Promise.race([exit, setTimeout(took * fraction(n))]))
    child.kill("SIGKILL")
    const [code] = await exit
    if (code === 0) took = lived
    const now = await newest()
    if (now.id === last.id) assert.isNull(code)
    else if (now.status === "COMPLETED") {
      assert.strictEqual(now.retired, DOOMED)
      await backups([...importing, all], env)
    } else {
      assert.deepStrictEqual([now.status, now.retired], ["INTERRUPTED", 0])
      interrupted++
    }
    last = await newest()
    assert.strictEqual(await doomed(), DOOMED)
  }
  assert.isAbove(interrupted, KILLS / 4)
  const { code, stdout } = await backups([...importing, fewer], env)
  assert.strictEqual(code, 0)
  assert.match(stdout, new RegExp(`^killed: 0 new, \\d+ changed, \\d+ unchanged, ${DOOMED} retired, 0 rejected\\.\\n$`))
  assert.strictEqual(await doomed(), 0)
})
