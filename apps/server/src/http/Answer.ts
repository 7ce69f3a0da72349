import type { IncomingMessage } from "node:http"
import { type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeHttpServerRequest } from "@effect/platform-node"

/** An answer as it is sent. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** The answer as the framework's response. */
export const toResponse = ({ status, headers, body }: Answer): HttpServerResponse.HttpServerResponse =>
  status === 304
    ? HttpServerResponse.empty({ status, headers })
    : HttpServerResponse.uint8Array(typeof body === "string" ? Buffer.from(body) : body, {
        status,
        headers,
        contentType: headers["Content-Type"]
      })

/** Node's own request below the framework's. */
export const incoming = (request: HttpServerRequest.HttpServerRequest): IncomingMessage =>
  NodeHttpServerRequest.toIncomingMessage(request)
