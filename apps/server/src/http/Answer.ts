import type { IncomingMessage, ServerResponse } from "node:http"
import { type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeHttpServerRequest } from "@effect/platform-node"
import { letGo } from "./letGo.ts"

/**
 * The body of an answer. Pieces are sent behind each other, and need not be copied into one; they are for this answer only,
 * and their memory is given back when it was sent.
 */
export type Body = string | Uint8Array | ReadonlyArray<Uint8Array>

/** An answer as it is sent. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body
}

const isPieces = (body: Body): body is ReadonlyArray<Uint8Array> => Array.isArray(body)

/** The bytes of a body, piece by piece. */
export const piecesOf = (body: Body): ReadonlyArray<Uint8Array> =>
  typeof body === "string" ? [Buffer.from(body)] : isPieces(body) ? body : [body]

const bytesOf = (body: Body): Uint8Array =>
  typeof body === "string" ? Buffer.from(body) : isPieces(body) ? Buffer.concat(body) : body

/** How many bytes a body has. */
export const bodyBytes = (body: Body): number => {
  if (typeof body === "string") return Buffer.byteLength(body)
  return isPieces(body) ? body.reduce((sum, { length }) => sum + length, 0) : body.length
}

/** The answer as the framework's response. */
export const toResponse = ({ status, headers, body }: Answer): HttpServerResponse.HttpServerResponse =>
  status === 304
    ? HttpServerResponse.empty({ status, headers })
    : HttpServerResponse.uint8Array(bytesOf(body), { status, headers, contentType: headers["Content-Type"] })

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
  if (!isPieces(body)) return void response.end(body)
  response.once("finish", () => {
    for (const piece of body) letGo(piece)
  })
  response.cork()
  for (const piece of body) response.write(piece)
  response.end()
  response.uncork()
}

/** Node's own request below the framework's. */
export const incoming = (request: HttpServerRequest.HttpServerRequest): IncomingMessage =>
  NodeHttpServerRequest.toIncomingMessage(request)
