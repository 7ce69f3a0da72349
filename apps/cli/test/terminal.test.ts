import { once } from "node:events"
import { stripVTControlCharacters } from "node:util"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import example from "../../server/src/demo.json" with { type: "json" }
import { displayWidth } from "../src/terminal/displayWidth.ts"
import { type Env, ended, inTerminal, shown, start, startInTerminal } from "./support/backups.ts"
import { type CatalogServer, DEMO_TOKEN, record, startCatalog, withServer } from "./support/servers.ts"

let catalog: CatalogServer
let demo: Env

beforeAll(async () => {
  catalog = await startCatalog()
  demo = { BACKUPS_URL: catalog.url, BACKUPS_ACCOUNT: "1234", BACKUPS_TOKEN: DEMO_TOKEN }
})
afterAll(() => catalog.stop())

describe("in a terminal", () => {
  for (const columns of [60, 80, 100, 200]) {
    it(`of ${columns} columns a table fits and tells what is needed`, async () => {
      const { code, stdout } = await inTerminal(columns, ["list"], demo)
      assert.strictEqual(code, 0)
      const lines = stripVTControlCharacters(stdout).split("\n")
      for (const line of lines) {
        // The note on what had no room is a sentence, and may wrap.
        if (!line.startsWith("Not shown")) assert.isAtMost(displayWidth(line), columns, line)
      }
      const text = lines.join("\n")
      for (const { id, status } of example.backups) {
        assert.include(text, id)
        assert.include(text, status)
      }
      assert.include(text, "12y")
      assert.include(text, "144 MiB")
      assert.strictEqual(text.includes("…"), columns === 80)
    })
  }

  it("COLUMNS wins over what the terminal says", async () => {
    const { stdout } = await inTerminal(60, ["list"], { ...demo, COLUMNS: "200" })
    assert.include(stdout, "34d6c8bf-539e-47d1-8a06-2b7590521309")
  })

  it("statuses are coloured, unless NO_COLOR is set or the terminal cannot", async () => {
    assert.include((await inTerminal(120, ["list"], demo)).stdout, "\u001b[32mCOMPLETED\u001b[39m")
    for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }] as ReadonlyArray<Env>) {
      assert.notInclude((await inTerminal(120, ["list"], { ...demo, ...env })).stdout, "\u001b")
    }
  })

  it("wide characters keep the columns in line, and hostile names stay harmless", async () => {
    const env = await catalog.account("names", [
      record({ id: "b-3", name: "毎晩のバックアップ" }),
      record({ id: "b-2", name: "👩‍👩‍👧 family" }),
      record({ id: "b-1", name: "\u001b[2J\u202egone" })
    ])
    const { stdout } = await inTerminal(200, ["list"], { ...env, NO_COLOR: "1" })
    const starts = stdout
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => displayWidth(line.slice(0, line.indexOf("COMPLETED"))))
    assert.strictEqual(starts.length, 3)
    assert.strictEqual(new Set(starts).size, 1)
    assert.include(stdout, "\\u001b[2J\\u202egone")
  })

  it("help is as wide as the terminal", async () => {
    for (const command of ["list", "show", "register", "delete", "import", "sync", "login", "logout", "completion"]) {
      const { stdout } = await inTerminal(60, [command, "--help"])
      for (const line of stdout.split("\n").filter((text) => !text.startsWith("  backups ") && !text.includes("<("))) {
        assert.isAtMost(line.length, 60, line)
      }
    }
  })
})

describe("a tool that asks at a terminal", () => {
  // As restic does where it is told no password.
  const asking = `
    process.stderr.write("enter password for repository: ")
    process.stdin.setRawMode(true).once("data", () => {
      process.stderr.write("\\n")
      process.stdout.write(JSON.stringify([{ id: "a".repeat(64), time: "2026-11-23T18:00:00Z", tree: "b" }]))
      process.exit(0)
    })`

  it("is heard, and has its answer", async () => {
    const env = await catalog.account("asking", [])
    const child = startInTerminal(80, ["import", "restic", "--exec", "--", process.execPath, "-e", asking], env)
    const result = ended(child)
    await shown(child, "enter password for repository:\r\n")
    child.stdin.write("secret\r")
    const { code, stdout } = await result
    assert.include(stdout, "restic: 1 new, 0 changed, 0 unchanged, 0 retired, 0 rejected.")
    assert.notInclude(stdout, "secret")
    assert.strictEqual(code, 0)
  })
})

describe("interrupting", () => {
  const page = JSON.stringify({
    backups: [record({})],
    links: [{ rel: "next", href: "/v1.0/1234/backups?marker=m" }]
  })

  /** A server that gives one page and then keeps the next one back for ever. */
  const withSlowServer = <A>(use: (env: Env) => Promise<A>) =>
    withServer((request, response) => {
      if (!request.url?.includes("marker")) response.setHeader("content-type", "application/json").end(page)
    }, use)

  it("ends the program by the signal, so that a shell's loop ends too", async () => {
    await withSlowServer(async (env) => {
      const child = start(["list", "-o", "ndjson"], env)
      const result = ended(child)
      await once(child.stdout, "data")
      child.kill("SIGINT")
      const { signal, stderr } = await result
      assert.deepStrictEqual({ signal, stderr }, { signal: "SIGINT", stderr: "" })
    })
  })

  it("with Ctrl-C in a terminal exits 130 and says nothing", async () => {
    await withSlowServer(async (env) => {
      const child = startInTerminal(80, ["list", "-o", "ndjson"], env)
      const result = ended(child)
      await once(child.stdout, "data")
      child.stdin.write("\u0003")
      const { code, stdout } = await result
      assert.strictEqual(code, 130)
      assert.strictEqual(stdout.replaceAll("\r\n", "\n").replace("^C", ""), `${JSON.stringify(record({}))}\n`)
    })
  })
})
