import { randomBytes } from "node:crypto"
import { createServer, get, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout } from "node:timers/promises"
import { assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import { type Body, sendAnswer } from "../../src/http/Answer.ts"

/** Asks a server for an answer of this body, and gives it to who will read it. */
const ask = async (body: Body): Promise<IncomingMessage> => {
  const server = createServer((_, response) => sendAnswer(response, { status: 200, headers: {}, body }))
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => get({ port, host: "127.0.0.1" }, resolve).on("error", reject))
}

const read = async (response: IncomingMessage): Promise<Buffer> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of response) chunks.push(chunk)
  return Buffer.concat(chunks)
}

// More than the buffers of both sockets hold.
const MUCH = 32 * 2 ** 20

const bytes = (length: number): Buffer => {
  const own = Buffer.allocUnsafeSlow(length)
  randomBytes(length).copy(own)
  return own
}

describe("an answer whose bytes were counted", () => {
  it("is what it is as UTF-8, of characters of one byte and of more, short and long", async () => {
    for (const text of ["", "plain", "é", "日本語 😀", "x".repeat(100_000), `${"x".repeat(100_000)}é`]) {
      const expected = Buffer.from(text)
      const response = await ask({ text, bytes: expected.length })
      assert.strictEqual(response.headers["content-length"], String(expected.length))
      assert.isTrue((await read(response)).equals(expected), text.slice(-20))
    }
  })
})

describe("an answer in pieces", () => {
  it("has its memory until the last of it was taken, however slowly, and gives it back then", async () => {
    const pieces = [bytes(MUCH), bytes(100_000)]
    const expected = Buffer.concat(pieces)
    const response = await ask(pieces)
    await setTimeout(200)
    assert.deepStrictEqual(
      pieces.map(({ byteLength }) => byteLength),
      [MUCH, 100_000]
    )
    assert.isTrue((await read(response)).equals(expected))
    await eventually("their memory is given back", (see) =>
      see(pieces.map(({ byteLength }) => byteLength)).every((bytes) => bytes === 0)
    )
  })

  it("leaves alone what shares its memory with others, what is short, and what is no piece", async () => {
    const shared = bytes(100_000)
    const short = bytes(100)
    const whole = bytes(100_000)
    const expected = Buffer.concat([shared.subarray(1), short])
    assert.isTrue((await read(await ask([shared.subarray(1), short]))).equals(expected))
    assert.isTrue((await read(await ask(whole))).equals(whole))
    await setTimeout(100)
    assert.deepStrictEqual([shared.byteLength, short.byteLength, whole.byteLength], [100_000, 100, 100_000])
  })
})
