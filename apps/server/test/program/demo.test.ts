import Database from "better-sqlite3"
import { assert, describe, it } from "vitest"
import { runProgram } from "../support/program.ts"
import { get } from "../support/socket.ts"
import { DEMO_TOKEN, freshStore, serve } from "./support.ts"

const answerFile = new URL("../fixtures/list-all.json", import.meta.url).pathname

describe("serve", () => {
  it("fills the demo once when several start at the same time, and again where a filling was cut short", async () => {
    const store = freshStore()
    const servers = await Promise.all([1, 2, 3].map(() => serve(["--store", store, "--demo"])))
    for (const { url } of servers) {
      assert.strictEqual(JSON.parse((await get(url, "/v1.0/1234/backups", DEMO_TOKEN)).body).backups.length, 6)
    }
    const database = new Database(store.slice("sqlite:".length))
    database.exec("DELETE FROM backups")
    database.close()
    const { url } = await serve(["--store", store, "--demo"])
    assert.strictEqual(JSON.parse((await get(url, "/v1.0/1234/backups", DEMO_TOKEN)).body).backups.length, 6)
  })

  it("never serves the demo's token to others, nor fills a store that has data", async () => {
    const store = freshStore()
    const { child, all } = await serve(["--store", store, "--demo"])
    child.kill("SIGTERM")
    await all
    const open = await runProgram(["serve", "--store", store, "--host", "0.0.0.0", "--port", "0"])
    assert.strictEqual(open.code, 2)
    assert.match(open.stderr, /has the demo's token, which everybody knows/)
    const other = freshStore()
    await runProgram(["load", "--store", other, "--account", "real", answerFile])
    const full = await runProgram(["serve", "--store", other, "--demo", "--port", "0"])
    assert.strictEqual(full.code, 2)
    assert.match(full.stderr, /--demo is for an empty store/)
  })
})
