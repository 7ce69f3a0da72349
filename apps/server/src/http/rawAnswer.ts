import type { ServerResponse } from "node:http"
import { STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"
import { BadRequest, type Fault } from "@backup-catalog/core"
import { requestIdHeaders } from "../request/ListenerRequest.ts"
import { faultAnswer } from "./faultAnswer.ts"

/** The fault of what Node's HTTP parser refuses before any handler sees it. */
export const parserFault = (code: string | undefined, maxHeaderBytes: number): Fault => {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return new BadRequest({ message: `The request line and headers are larger than ${maxHeaderBytes} bytes.` })
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new BadRequest({ message: "The request did not arrive in time; send it again." })
    case "HPE_INVALID_METHOD":
      return new BadRequest({
        message: "The request does not begin with a method that this server knows, in capitals as GET is, and a space."
      })
    case "HPE_INVALID_URL":
      return new BadRequest({
        message:
          "The URL of the request line must begin with / or with http://, and each character that a URL cannot have " +
          "must be percent-encoded."
      })
    // Behind a space, the parser looks for the version.
    case "HPE_INVALID_CONSTANT":
      return new BadRequest({
        message:
          "The request line must be a method of HTTP, a URL and HTTP/1.1, with one space between them; within the URL " +
          "a space must be percent-encoded, as %20."
      })
    default:
      return new BadRequest({ message: "This is not a valid HTTP/1.1 request." })
  }
}

/** Whether a response still waits for the rest of its own request, which is why nothing of it was written. */
export const waitsForRequest = (response: ServerResponse): boolean => !response.headersSent && !response.req.complete

/**
 * Answers on a bare socket and closes it; after the answer that is still owed before it, if there is one. To a request
 * by HEAD, as far as its method is known, without the body.
 */
export const answerRaw = (
  socket: Duplex,
  fault: Fault,
  { id, method }: { readonly id: string; readonly method?: string | undefined },
  before: ServerResponse | undefined
): void => {
  const send = () => {
    if (!socket.writable) return void socket.destroy()
    const { status, headers, body } = faultAnswer(fault)
    const lines = Object.entries({
      ...headers,
      ...requestIdHeaders(id),
      Date: new Date().toUTCString(),
      "Content-Length": Buffer.byteLength(body),
      Connection: "close"
    }).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n${method === "HEAD" ? "" : body}`
    )
  }
  if (before === undefined || before.writableFinished) send()
  else before.once("close", send)
}
