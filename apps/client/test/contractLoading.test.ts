import { assert, describe, it } from "vitest"
import { badServer, clientOf, failure, record, sendJson } from "./badServer.ts"

const reason = new Error("enough")
const known = sendJson(200, { backup: record("a") })

// The first of these loads the rest of the client, for all the calls of this file.
describe("the first call for anything but a list", () => {
  it("may be given up while others wait for the same, and is no matter to them", async () => {
    await using server = await badServer(known)
    const client = clientOf(server.url)
    const controller = new AbortController()
    const givenUp = failure(client.backups.get("a", { signal: controller.signal }))
    const beside = client.backups.get("a")
    controller.abort(reason)
    assert.strictEqual(await givenUp, reason)
    assert.strictEqual((await beside).id, "a")
    assert.strictEqual((await client.backups.get("a")).id, "a")
  })

  it("may be given up alone", async () => {
    await using server = await badServer(known)
    const client = clientOf(server.url)
    const controller = new AbortController()
    const givenUp = failure(client.backups.get("a", { signal: controller.signal }))
    controller.abort(reason)
    assert.strictEqual(await givenUp, reason)
    assert.strictEqual((await client.backups.get("a")).id, "a")
  })
})
