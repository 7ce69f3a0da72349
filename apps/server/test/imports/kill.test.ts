import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import Database from "better-sqlite3"
import { assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import { firstLine, spawnProgram } from "../support/program.ts"
import { prepare, temporaryFolder } from "../support/server.ts"
import { ACCOUNT, NDJSON, record } from "./support/ImportServer.ts"

const RECORDS = 100_000
const INVENTORIES = 4
const KILLS_OF_EACH = 5
const SEED = 20_260_102

/** Numbers from 0 to 1 that are the same every time (mulberry32). */
const numbers = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What the source has at one time: of each backup the name, which a text of the same words goes with. */
type Inventory = ReadonlyMap<string, string>

// One in fifty is gone, one in fifty is new and one in twenty is another one each time.
const inventoryOf = (generation: number): Inventory => {
  const inventory = new Map<string, string>()
  for (let n = 0; n < RECORDS; n++) {
    const id = (n + generation) % 50 === 0 ? `b${n} of ${generation}` : `b${n}`
    inventory.set(id, (n + generation) % 20 === 0 ? `name ${generation}` : "name")
  }
  return inventory
}

const bodyOf = (inventory: Inventory): Uint8Array<ArrayBuffer> => {
  const lines = [...inventory].map(([id, name]) => `${JSON.stringify(record(id, { name, description: name }))}\n`)
  return new Uint8Array(gzipSync(lines.join(""), { level: 1 }))
}

const begin = async (store: string): Promise<readonly [server: ChildProcess, url: string]> => {
  const server = spawnProgram(["serve", "--port", "0", "--store", store, "--log", "silent"])
  return [server, (await firstLine(server)).replace("listening on ", "")]
}

const importAll = async (url: string, body: Uint8Array<ArrayBuffer>) => {
  const answer = await fetch(`${url}/v1.0/${ACCOUNT}/imports?source=pg&mode=snapshot`, {
    method: "POST",
    headers: { "X-Auth-Token": "member", "Content-Type": NDJSON, "Content-Encoding": "gzip" },
    body
  })
  const text = await answer.text()
  assert.strictEqual(answer.status, 200, text)
  return JSON.parse(text).import
}

const kill = async (server: ChildProcess): Promise<void> => {
  server.kill("SIGKILL")
  await once(server, "close")
}

interface Left {
  readonly backups: Inventory
  readonly retired: ReadonlySet<string>
}

/** What is in the store, which must be whole: each record of one piece, and of one index as of the other. */
const look = (path: string): Left => {
  const database = new Database(path)
  try {
    assert.deepStrictEqual(database.pragma("integrity_check"), [{ integrity_check: "ok" }])
    const rows = database
      .prepare<[], { id: string; inner: string; name: string; description: string }>(
        "SELECT id, record ->> 'id' AS inner, record ->> 'name' AS name, record ->> 'description' AS description FROM backups"
      )
      .all()
    for (const { id, inner, name, description } of rows) {
      if (inner !== id || description !== name) assert.fail(`${id} is of several pieces`)
    }
    const both = "SELECT count(*) FROM backups JOIN retired USING (account, id)"
    assert.strictEqual(database.prepare(both).pluck().get(), 0, "nothing is both there and retired")
    const unclaimed = "SELECT count(*) FROM backups WHERE id NOT IN (SELECT id FROM origins)"
    assert.strictEqual(database.prepare(unclaimed).pluck().get(), 0, "every backup is still its source's")
    return {
      backups: new Map(rows.map(({ id, name }) => [id, name])),
      retired: new Set(database.prepare<[], string>("SELECT id FROM retired").pluck().all())
    }
  } finally {
    database.close()
  }
}

const assertSame = (found: Inventory, expected: Inventory): void => {
  assert.strictEqual(found.size, expected.size)
  for (const [id, name] of expected) if (found.get(id) !== name) assert.fail(`${id} is ${found.get(id)}, not ${name}`)
}

const assertBetween = ({ backups, retired }: Left, before: Inventory, after: Inventory): void => {
  for (const [id, name] of backups) {
    if (before.get(id) !== name && after.get(id) !== name) assert.fail(`${id} is of neither inventory: ${name}`)
  }
  for (const id of before.keys()) {
    if (backups.has(id)) continue
    if (after.has(id)) assert.fail(`${id} is gone although its source has it`)
    if (!retired.has(id)) assert.fail(`${id} is gone and was not retired`)
  }
  for (const id of retired) {
    if (before.has(id) && after.has(id)) assert.fail(`${id} was retired although it is there`)
  }
}

/** Waits until the newest import has retired something. */
const untilRetiring = async (path: string, over: () => boolean): Promise<void> => {
  const database = new Database(path, { readonly: true })
  const retired = database.prepare("SELECT retired FROM imports WHERE status = 'RUNNING'").pluck()
  try {
    await eventually("it retires something", (see) => over() || Number(see(retired.get() ?? 0)) > 0, 300_000)
  } finally {
    database.close()
  }
}

/** Lets the time pass after which nobody waits for a process any more that is gone. */
const forget = (path: string): void => {
  const database = new Database(path)
  database.exec("UPDATE sources SET heard = 0")
  database.close()
}

describe("a server that is killed in the middle of a snapshot", () => {
  it("loses no backup, keeps each of one piece, and has exactly the snapshot when it comes again", {
    timeout: 900_000
  }, async () => {
    const path = join(temporaryFolder(onTestFinished), "catalog.sqlite")
    const store = `sqlite:${path}`
    await prepare(store, {}, { member: { account: ACCOUNT } })
    const random = numbers(SEED)
    let server: ChildProcess | undefined
    onTestFinished(() => void server?.kill("SIGKILL"))
    let cuts = 0
    let shortest = Number.POSITIVE_INFINITY

    const complete = async (inventory: Inventory, body: Uint8Array<ArrayBuffer>): Promise<void> => {
      const [started, url] = await begin(store)
      server = started
      const since = Date.now()
      assert.strictEqual((await importAll(url, body)).status, "COMPLETED")
      shortest = Math.min(shortest, Date.now() - since)
      await kill(started)
      assertSame(look(path).backups, inventory)
    }

    /** Kills an import after some milliseconds, or else when it begins to retire. */
    const killWithin = async (body: Uint8Array<ArrayBuffer>, delay: number | undefined): Promise<void> => {
      const [started, url] = await begin(store)
      server = started
      let over = false
      const importing = importAll(url, body)
        .catch(() => cuts++)
        .finally(() => {
          over = true
        })
      if (delay === undefined) await untilRetiring(path, () => over)
      else await new Promise((resolve) => setTimeout(resolve, delay))
      await kill(started)
      await importing
      forget(path)
    }

    let before = inventoryOf(0)
    await complete(before, bodyOf(before))
    for (let generation = 1; generation <= INVENTORIES; generation++) {
      const after = inventoryOf(generation)
      const body = bodyOf(after)
      for (let n = 1; n <= KILLS_OF_EACH; n++) {
        await killWithin(body, n === KILLS_OF_EACH ? undefined : random() * shortest)
        assertBetween(look(path), before, after)
      }
      await complete(after, body)
      before = after
    }
    assert.isAbove(cuts, (INVENTORIES * KILLS_OF_EACH) / 2, "most imports were under way when they were killed")
  })
})
