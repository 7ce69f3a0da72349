import type { ServerResponse } from "node:http"
import { type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeHttpServerRequest } from "@effect/platform-node"
import { ListenerRequest } from "../request/ListenerRequest.ts"
import { freeMemory } from "./freeMemory.ts"

/**
 * A text whose bytes, as UTF-8, were counted piece by piece: to count those of a text that was just put together takes
 * longer.
 */
export interface CountedText {
  readonly text: string
  readonly bytes: number
}

/**
 * The body of an answer. Pieces are sent behind each other, and need not be copied into one; they are for this answer
 * only, and their memory is given back when it was sent.
 */
export type Body = string | CountedText | Uint8Array | ReadonlyArray<Uint8Array>

/** An answer as it is sent. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body
}

const isPieces = (body: Body): body is ReadonlyArray<Uint8Array> => Array.isArray(body)

const isCounted = (body: Body): body is CountedText => typeof body === "object" && "text" in body

/** The bytes of a body, piece by piece. */
export const piecesOf = (body: Body): ReadonlyArray<Uint8Array> => {
  if (typeof body === "string") return [Buffer.from(body)]
  if (isCounted(body)) return [Buffer.from(body.text)]
  return isPieces(body) ? body : [body]
}

/** How many bytes a body has. */
export const bodyBytes = (body: Body): number => {
  if (typeof body === "string") return Buffer.byteLength(body)
  if (isCounted(body)) return body.bytes
  return isPieces(body) ? body.reduce((sum, { length }) => sum + length, 0) : body.length
}

/** The answer as the framework's response. */
export const toResponse = ({ status, headers, body }: Answer): HttpServerResponse.HttpServerResponse =>
  status === 304
    ? HttpServerResponse.empty({ status, headers })
    : HttpServerResponse.uint8Array(Buffer.concat(piecesOf(body)), {
        status,
        headers,
        contentType: headers["Content-Type"]
      })

/** Sends an answer by Node's own response, with some headers besides its own. */
export const sendAnswer = (
  response: ServerResponse,
  { status, headers, body }: Answer,
  ...more: ReadonlyArray<Readonly<Record<string, string>>>
): void => {
  const raw: Array<string> = []
  for (const some of [headers, ...more]) for (const name in some) raw.push(name, some[name] ?? "")
  if (status !== 304) raw.push("Content-Length", String(bodyBytes(body)))
  response.writeHead(status, raw)
  // Characters of one byte each go out without being looked at.
  if (isCounted(body)) return void response.end(body.text, body.bytes === body.text.length ? "latin1" : "utf8")
  if (!isPieces(body)) return void response.end(body)
  response.once("finish", () => {
    for (const piece of body) freeMemory(piece)
  })
  response.cork()
  for (const piece of body) response.write(piece)
  response.end()
  response.uncork()
}

/** Node's own request below the framework's, as the listener made it. */
export const incoming = (request: HttpServerRequest.HttpServerRequest): ListenerRequest => {
  const message = NodeHttpServerRequest.toIncomingMessage(request)
  if (message instanceof ListenerRequest) return message
  throw new Error("this request did not come through the listener, which gives each its id")
}
