import { BadRequest } from "@backup-catalog/core"
import { Effect, Stream } from "effect"
import { concat } from "./concat.ts"
import type { Settings } from "./HttpCatalogOptions.ts"

/** How much of a stream is held where none can be sent, in bytes. */
const MAX_HELD = 64 * 2 ** 20

/** Whether this is a page or a worker of a browser. */
const isBrowser = (): boolean => "document" in globalThis || "importScripts" in globalThis

/**
 * Whether the `fetch` that there is sends streams. Those of browsers would send the text "[object ReadableStream]", but
 * Chromium's, which sends them over HTTP/2 alone: and nobody can tell it which version a server, or a proxy in front, has.
 */
const sendsStreams = ({ fetch }: Settings): boolean => {
  if (isBrowser()) return false
  if (fetch !== undefined) return true
  let asked = false
  const request = new Request("https://localhost", {
    method: "POST",
    body: new ReadableStream(),
    get duplex() {
      asked = true
      return "half"
    }
  } as RequestInit)
  return asked && !request.headers.has("Content-Type")
}

/** A body as it can be sent here: a stream is held as a whole where none can be, up to 64 MiB, else a `BadRequest`. */
export const sendable = <E>(
  body: Uint8Array | Stream.Stream<Uint8Array, E>,
  settings: Settings
): Effect.Effect<Uint8Array<ArrayBuffer> | Stream.Stream<Uint8Array, E>, BadRequest | E> => {
  if (body instanceof Uint8Array) return Effect.succeed(body as Uint8Array<ArrayBuffer>)
  if (sendsStreams(settings)) return Effect.succeed(body)
  return body.pipe(
    Stream.runFoldEffect({ size: 0, arrays: [] as Uint8Array[] }, (held, array) => {
      held.size += array.length
      held.arrays.push(array)
      return held.size <= MAX_HELD
        ? Effect.succeed(held)
        : new BadRequest({
            message: `Nothing was asked: this browser cannot send a stream, and holds at most ${MAX_HELD} bytes of one; compress it with gzip, or import in several parts with the mode merge.`
          })
    }),
    Effect.map(({ size, arrays }) => concat(arrays, size))
  )
}
