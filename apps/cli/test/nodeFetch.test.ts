import { text } from "node:stream/consumers"
import { assert, describe, it } from "@effect/vitest"
import { badServer, sendJson } from "../../client/test/badServer.ts"
import { describeBodies } from "../../client/test/importBodies.ts"
import { nodeFetch } from "../src/connection/nodeFetch.ts"

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
    // A server closes what it is told to close as soon as it has refused, and a write to it fails before that is read.
    for (const { headers } of server.seen) assert.strictEqual(headers.connection, "keep-alive")
  })
})
