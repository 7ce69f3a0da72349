import { join } from "node:path"
import Database from "better-sqlite3"
import { assert, describe, it, onTestFinished } from "vitest"
import { defaults, prepare, start, temporaryFolder } from "../support/server.ts"
import { get } from "../support/socket.ts"

const put = (url: string, id: string) =>
  fetch(`${url}/v1.0/1234/backups/${id}`, {
    method: "PUT",
    headers: { "X-Auth-Token": "good", "Content-Type": "application/json" },
    body: JSON.stringify({
      backup: { name: "n", status: "COMPLETED", created: "2026-01-02T03:04:05", updated: "2026-01-02T03:04:05" }
    })
  })

const locked = async () => {
  const path = join(temporaryFolder(onTestFinished), "catalog.sqlite")
  await prepare(`sqlite:${path}`, {}, { good: { account: "1234" } })
  // An answer may take longer than a request.
  const limits = { ...defaults.limits, requestTimeout: 300 }
  const [url, stop] = await start({ store: `sqlite:${path}`, limits })
  onTestFinished(stop)
  const other = new Database(path)
  onTestFinished(() => void other.close())
  other.exec("BEGIN IMMEDIATE")
  return { url, other }
}

describe("a store that another process writes to", () => {
  it("lets writes wait, and everything else go on meanwhile", async () => {
    const { url, other } = await locked()
    const writes = ["a", "b", "c"].map((id) => put(url, id))
    let done = false
    void Promise.all(writes).then(() => {
      done = true
    })
    for (let n = 0; n < 20; n++) {
      assert.strictEqual((await get(url, "/healthz")).status, 200)
      assert.strictEqual((await get(url, "/v1.0/1234/backups", "good")).status, 200)
    }
    assert.isFalse(done, "the writes wait")
    other.exec("COMMIT")
    for (const answer of await Promise.all(writes)) assert.strictEqual(answer.status, 201)
  })

  it("is 503 for writes after a while, and well again when the other has ended", async () => {
    const { url, other } = await locked()
    const answers = await Promise.all(["a", "b"].map((id) => put(url, id)))
    for (const answer of answers) {
      assert.strictEqual(answer.status, 503)
      assert.match(answer.headers.get("retry-after") ?? "", /^\d+$/)
    }
    other.exec("COMMIT")
    assert.strictEqual((await put(url, "a")).status, 201)
  })
})
