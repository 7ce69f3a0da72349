import type { IncomingMessage } from "node:http"
import { type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeHttpServerRequest } from "@effect/platform-node"
import type { Answer } from "./conditionalList.ts"

/** Node's own request below the framework's. */
export const incoming = (request: HttpServerRequest.HttpServerRequest): IncomingMessage =>
  NodeHttpServerRequest.toIncomingMessage(request)

/** An answer that is ready to be sent, as the framework's response. */
export const rawResponse = ({ status, headers, body }: Answer): HttpServerResponse.HttpServerResponse =>
  status === 304
    ? HttpServerResponse.empty({ status, headers })
    : HttpServerResponse.uint8Array(Buffer.from(body as string), {
        status,
        headers,
        contentType: headers["Content-Type"]
      })
