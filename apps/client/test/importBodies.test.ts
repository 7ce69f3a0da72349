import { afterEach, assert, describe, it } from "vitest"
import { BadRequest } from "../src/index.ts"
import { badServer, clientOf, failure, importResult, sendJson } from "./badServer.ts"
import { describeBodies } from "./importBodies.ts"

describeBodies("the fetch of Node")

it("a stream is sent as one where no Request reads duplex, as in Bun and Deno", async () => {
  const { Request } = globalThis
  globalThis.Request = class extends Request {
    constructor(input: string | URL, { method = "GET" }: RequestInit = {}) {
      super(input, { method })
    }
  } as typeof Request
  try {
    await using server = await badServer((response, request) => {
      request.resume().on("end", () => sendJson(200, { import: importResult })(response))
    })
    async function* pieces() {
      yield new TextEncoder().encode("{}\n")
    }
    await clientOf(server.url).imports.run("pg-main", { ndjson: pieces() })
    assert.strictEqual(server.seen[0]?.headers["transfer-encoding"], "chunked")
  } finally {
    globalThis.Request = Request
  }
})

describe("in a browser, of which most send no stream, and Chromium only over HTTP/2", () => {
  afterEach(() => {
    Reflect.deleteProperty(globalThis, "document")
  })

  const MEBIBYTE = new Uint8Array(2 ** 20).fill(0x20)

  async function* mebibytes(count: number) {
    for (let n = 0; n < count; n++) yield MEBIBYTE
  }

  it("a stream is held and sent as a whole, with its length, also by a fetch that was given", async () => {
    Reflect.set(globalThis, "document", {})
    const lengths: Array<string | undefined> = []
    await using server = await badServer((response, request) => {
      lengths.push(request.headers["content-length"])
      request.resume().on("end", () => sendJson(200, { import: importResult })(response))
    })
    for (const fetch of [undefined, globalThis.fetch]) {
      const client = clientOf(server.url, fetch === undefined ? {} : { fetch })
      await client.imports.run("pg-main", { ndjson: mebibytes(2) })
    }
    assert.deepStrictEqual(lengths, [String(2 ** 21), String(2 ** 21)])
  })

  it("more than 64 MiB of one are refused before anything is sent", async () => {
    Reflect.set(globalThis, "document", {})
    await using server = await badServer()
    const error = await failure(clientOf(server.url).imports.run("pg-main", { ndjson: mebibytes(65) }))
    assert.instanceOf(error, BadRequest)
    assert.include(error.message, "holds at most 67108864 bytes")
    assert.lengthOf(server.seen, 0)
  })
})
