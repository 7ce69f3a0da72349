import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { AccountId, SourceName } from "@backup-catalog/core"
import { Deferred, Effect, Exit, Stream } from "effect"
import { assert, describe, it } from "vitest"
import { eventually } from "../../../testing/eventually.ts"
import { layer, runImport } from "../src/effect.ts"
import { ConnectionFailed, TimedOut, Unauthorized, UnprocessableEntity } from "../src/index.ts"
import { badServer, clientOf, failure, fault, type Handler, importResult, sendJson, TOKEN } from "./badServer.ts"

const answered = { import: importResult }

const PIECE = new Uint8Array(100_000).fill(0x20)

/** A body without an end, and how much of it was asked for. */
const endless = () => {
  const body = {
    pieces: 0,
    ended: false,
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          body.pieces++
          yield PIECE
        }
      } finally {
        body.ended = true
      }
    }
  }
  return body
}

const IMPORT_URL = "/v1.0/1234/imports?source=pg-main&mode=merge&allow_empty=false&dry_run=false"
const REQUEST = { source: SourceName.make("pg-main"), mode: "merge", allowEmpty: false, dryRun: false } as const

const closedServer = async () => {
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await new Promise((resolve) => server.close(resolve))
  return { url }
}

/** Takes all that comes, and then notes whether the body was whole. */
const reading = () => {
  const seen: { whole: boolean | undefined } = { whole: undefined }
  const handler: Handler = (_, request) => {
    request.resume()
    request.on("error", () => {})
    request.on("close", () => {
      seen.whole = request.complete
    })
  }
  return { seen, handler }
}

/** That a `fetch` sends the bodies of imports as it should: the one of Node unless another is given. */
export const describeBodies = (name: string, fetch?: typeof globalThis.fetch): void => {
  describe(`a body that is sent by ${name}`, () => {
    const clientTo = (url: string, options: Parameters<typeof clientOf>[1] = {}) =>
      clientOf(url, { retries: 0, fetch, ...options })

    const refusals: Readonly<Record<string, Handler>> = {
      "and then reads on": (response, request) => {
        sendJson(422, fault("unprocessableEntity", 422, "Another import runs."))(response)
        request.resume()
      },
      "and then no longer reads": sendJson(422, fault("unprocessableEntity", 422, "Another import runs.")),
      "and hangs up at once": (response, request) => {
        sendJson(422, fault("unprocessableEntity", 422, "Another import runs."), { Connection: "close" })(response)
        response.on("finish", () => request.socket.destroySoon())
      }
    }

    it.each(Object.entries(refusals))(
      "is not sent on when the server refuses it meanwhile, %s, and the refusal is the error",
      async (_, refuse) => {
        for (let times = 0; times < 10; times++) {
          await using server = await badServer(refuse)
          const body = endless()
          const error = await failure(clientTo(server.url).imports.run("pg-main", { ndjson: body }))
          assert.instanceOf(error, UnprocessableEntity)
          assert.strictEqual(error.message, "Another import runs.")
          await eventually("the body is let go", () => body.ended)
          assert.lengthOf(server.seen, 1)
          await server.untilUnderWay(0)
        }
      }
    )

    it("is sent no faster than it is taken", async () => {
      await using server = await badServer((response, request) => {
        let taken = 0
        request.on("data", ({ length }: Buffer) => {
          taken += length
          if (taken < 1_000_000) return
          request.pause()
          setTimeout(() => {
            sendJson(422, fault("unprocessableEntity", 422))(response)
          }, 300)
        })
      })
      const body = endless()
      await failure(clientTo(server.url).imports.run("pg-main", { ndjson: body }))
      // What fits into the buffers of two sockets.
      assert.isBelow(body.pieces * PIECE.length, 40_000_000)
      await eventually("the body is let go", () => body.ended)
    })

    it("arrives as it was given, with its length or without, and with what it is", async () => {
      const { text } = await import("node:stream/consumers")
      const arrived: Array<string> = []
      await using server = await badServer(async (response, request) => {
        arrived.push(await text(request))
        sendJson(200, answered)(response)
      })
      const lines = Array.from({ length: 10_000 }, (_, n) => `{"n":${n}}\n`)
      async function* pieces() {
        for (const line of lines) yield new TextEncoder().encode(line)
      }
      const { imports } = clientTo(server.url)
      await imports.run("pg-main", { ndjson: pieces() })
      await imports.run("pg-main", { ndjson: new TextEncoder().encode(lines.join("")), gzip: true })
      assert.deepEqual(arrived, [lines.join(""), lines.join("")])
      assert.deepEqual(
        server.seen.map(({ url, method, headers }) => [
          url,
          method,
          headers["content-type"],
          headers["content-encoding"],
          headers["x-auth-token"]
        ]),
        [
          [IMPORT_URL, "POST", "application/x-ndjson", undefined, TOKEN],
          [IMPORT_URL, "POST", "application/x-ndjson", "gzip", TOKEN]
        ]
      )
    })

    it("may take longer than the timeout of an answer, and so may the answer then", async () => {
      await using server = await badServer((response, request) => {
        request.resume()
        request.on("end", () => setTimeout(() => sendJson(200, answered)(response), 400))
      })
      async function* slow() {
        for (let n = 0; n < 4; n++) {
          await new Promise((resolve) => setTimeout(resolve, 100))
          yield PIECE
        }
      }
      const { imports } = clientTo(server.url, { timeout: 150 })
      assert.strictEqual((await imports.run("pg-main", { ndjson: slow() })).id, "i1")
    })

    it("that the server no longer takes is a TimedOut when that lasts, as is an answer that does not come", async () => {
      await using stuck = await badServer((_, request) => void request.pause())
      const body = endless()
      const untaken = await failure(
        clientTo(stuck.url).imports.run("pg-main", { ndjson: body }, { patience: "300 millis" })
      )
      assert.instanceOf(untaken, TimedOut)
      assert.include(untaken.message, "took nothing more")
      await eventually("the body is let go", () => body.ended)

      await using silent = await badServer((_, request) => void request.resume())
      for (const ndjson of [PIECE, new Blob([PIECE]).stream()]) {
        const unanswered = await failure(
          clientTo(silent.url).imports.run("pg-main", { ndjson }, { patience: "300 millis" })
        )
        assert.instanceOf(unanswered, TimedOut)
        assert.include(unanswered.message, "Import again")
      }
    })

    it("is not sent again when the connection breaks, and not begun where there is none", async () => {
      await using rude = await badServer((_, request) => {
        request.once("data", () => request.socket.destroy())
      })
      const body = endless()
      const error = await failure(clientTo(rude.url, { retries: 3 }).imports.run("pg-main", { ndjson: body }))
      assert.instanceOf(error, ConnectionFailed)
      assert.include(error.message, "nothing was retired")
      assert.lengthOf(rude.seen, 1)

      const untouched = endless()
      const { url } = await closedServer()
      const refused = await failure(clientTo(url, { retries: 1 }).imports.run("pg-main", { ndjson: untouched }))
      assert.instanceOf(refused, ConnectionFailed)
      assert.include(refused.message, "cannot be reached")
      // The fetch of Node asks for one piece before it knows where to send it.
      assert.isAtMost(untouched.pieces, fetch === undefined ? 1 : 0)
    })

    it("ends with the signal, at once, and the server sees that it is not whole", async () => {
      const { seen, handler } = reading()
      await using server = await badServer(handler)
      const stop = new AbortController()
      const body = endless()
      const run = clientTo(server.url).imports.run("pg-main", { ndjson: body }, { signal: stop.signal })
      const failed = failure(run)
      await server.untilUnderWay(1)
      stop.abort(new Error("enough"))
      assert.strictEqual(String(await failed), "Error: enough")
      await eventually("both sides have ended", () => body.ended && seen.whole !== undefined)
      assert.isFalse(seen.whole)
    })

    it("ends with the signal, at once, also while its next record is still to come, perhaps never", async () => {
      const { handler } = reading()
      await using server = await badServer(handler)
      const never = new Promise<void>(() => {})
      async function* records() {
        for (let n = 0; n < 300; n++) {
          yield { id: `${n}`, name: "one", status: "COMPLETED" as const, created: new Date(0) }
        }
        await never
      }
      async function* lines() {
        yield PIECE
        await never
      }
      for (const from of [{ records: records() }, { ndjson: lines() }]) {
        const stop = new AbortController()
        const run = clientTo(server.url).imports.run("pg-main", from, { signal: stop.signal })
        const failed = failure(run)
        await server.untilUnderWay(1)
        stop.abort(new Error("enough"))
        assert.strictEqual(String(await failed), "Error: enough")
        await server.untilUnderWay(0)
      }
    })

    it("that fails cuts the connection, so that the server does not take it for whole", async () => {
      const { seen, handler } = reading()
      await using server = await badServer(handler)
      const program = Effect.gen(function* () {
        const sent = yield* Deferred.make<void>()
        const body = Stream.make(PIECE).pipe(
          Stream.concat(
            Stream.unwrap(
              Effect.as(Effect.repeat(Effect.sleep(10), { until: () => server.underWay() === 1 }), Stream.empty)
            )
          ),
          Stream.concat(Stream.fail("boom" as const)),
          Stream.ensuring(Deferred.succeed(sent, undefined))
        )
        const exit = yield* Effect.exit(runImport(AccountId.make("1234"), REQUEST, body))
        yield* Deferred.await(sent)
        return exit
      })
      const exit = await Effect.runPromise(Effect.provide(program, layer({ url: server.url, token: TOKEN, fetch })))
      assert.deepEqual(exit, Exit.fail("boom"))
      await eventually("the server has seen the end", () => seen.whole !== undefined)
      assert.isFalse(seen.whole)
    })

    it("with a token that is refused is sent once more as bytes, and never as a stream, which cannot begin anew", async () => {
      const refused = sendJson(401, fault("unauthorized", 401))
      await using server = await badServer(refused, sendJson(200, answered))
      let token = TOKEN
      const invalidate = () => {
        token = `${TOKEN}-new`
      }
      const renewing = clientTo(server.url, { token: () => token, invalidate })
      assert.strictEqual((await renewing.imports.run("pg-main", { ndjson: PIECE })).id, "i1")
      assert.lengthOf(server.seen, 2)

      await using other = await badServer(refused)
      token = TOKEN
      const once = clientTo(other.url, { token: () => token, invalidate })
      assert.instanceOf(await failure(once.imports.run("pg-main", { ndjson: endless() })), Unauthorized)
      assert.lengthOf(other.seen, 1)
      // So that the next import has another.
      assert.strictEqual(token, `${TOKEN}-new`)
    })
  })
}
