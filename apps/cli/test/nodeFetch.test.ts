import { text } from "node:stream/consumers"
import { assert, describe, it } from "@effect/vitest"
import { badServer, sendJson } from "../../client/test/badServer.ts"
import { describeBodies } from "../../client/test/importBodies.ts"
import { nodeFetch } from "../src/catalog/nodeFetch.ts"

describeBodies("the fetch of the program", nodeFetch)

describe("the fetch of the program", () => {
  it("keeps a connection for what may be asked again, and gives each import one of its own", async () => {
    await using server = await badServer(sendJson(200, {}))
    const ask = async (init?: RequestInit) => {
      const { body } = await nodeFetch(server.url, init)
      if (body !== null) await text(body)
      return server.connections()
    }
    const body = () => new Blob(["{}"]).stream()
    const counts = [
      await ask(),
      await ask(),
      await ask({ method: "POST", body: "{}" }),
      await ask({ method: "POST", body: body() }),
      await ask()
    ]
    assert.deepStrictEqual(counts, [1, 1, 2, 3, 3])
  })

  it("gives the answer that refuses a stream while it is still being sent", async () => {
    await using server = await badServer(sendJson(401, {}))
    for (let n = 0; n < 5; n++) {
      const body = new Blob([new Uint8Array(16 * 2 ** 20)]).stream()
      assert.strictEqual((await nodeFetch(server.url, { method: "POST", body })).status, 401)
    }
  })
})
