import { BadRequest } from "@backup-catalog/core"
import { Effect, Stream } from "effect"
import { concat } from "./concat.ts"
import type { Settings } from "./HttpCatalogOptions.ts"
import { classOf } from "./readMembers.ts"

/** How much of a stream is held where none can be sent, in bytes. */
const MAX_HELD = 64 * 2 ** 20

/** Whether this is a page or a worker of a browser. */
const isBrowser = (): boolean => "document" in globalThis || "importScripts" in globalThis

/**
 * Whether the `fetch` that there is sends streams. Those of browsers would send the text "[object ReadableStream]", but
 * Chromium's, which sends them over HTTP/2 alone: and nobody can tell it which version a server, or a proxy in front,
 * has.
 */
const sendsStreams = ({ fetch }: Settings): boolean => {
  if (isBrowser()) return false
  if (fetch !== undefined) return true
  // What makes a text of a stream says that it sends a text.
  const half: RequestInit & { readonly duplex: "half" } = {
    method: "POST",
    body: new ReadableStream(),
    duplex: "half"
  }
  return !new Request("https://localhost", half).headers.has("Content-Type")
}

/**
 * Fails for a piece that is no Uint8Array: of one without bytes none would be sent, and a snapshot would retire what
 * was in it.
 */
export const bytesOnly = (piece: unknown): Effect.Effect<void, BadRequest> =>
  classOf(piece) === "Uint8Array"
    ? Effect.void
    : new BadRequest({
        message:
          `The import broke off, since a piece of it is of the type ${classOf(piece)} and each must be a ` +
          "Uint8Array; what was sent before it stays, and nothing was retired."
      })

/** A body as it can be sent here: a stream is held as a whole where none can be, up to 64 MiB, else a `BadRequest`. */
export const sendable = <E>(
  body: Uint8Array | Stream.Stream<Uint8Array, E>,
  settings: Settings
): Effect.Effect<Uint8Array<ArrayBuffer> | Stream.Stream<Uint8Array, E>, BadRequest | E> => {
  if (body instanceof Uint8Array) return Effect.succeed(body as Uint8Array<ArrayBuffer>)
  if (sendsStreams(settings)) return Effect.succeed(body)
  const arrays: Array<Uint8Array> = []
  let size = 0
  return Effect.map(
    Stream.runForEach(body, (array) =>
      Effect.flatMap(bytesOnly(array), () => {
        arrays.push(array)
        size += array.length
        return size <= MAX_HELD
          ? Effect.void
          : new BadRequest({
              message:
                `Nothing was asked: this runtime sends no stream, and holds at most ${MAX_HELD} bytes of ` +
                "one; compress it with gzip, or import in several parts with the mode merge."
            })
      })
    ),
    () => concat(arrays, size)
  )
}
