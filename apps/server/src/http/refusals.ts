import type { ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { BadMethod, type Fault, ServiceUnavailable } from "@backup-catalog/core"
import type { Logger } from "pino"
import { hasBody } from "../request/arrival.ts"
import { type ListenerRequest, newRequestId, requestIdHeaders } from "../request/ListenerRequest.ts"
import { sendAnswer } from "./Answer.ts"
import type { Connection } from "./Connections.ts"
import { faultAnswer } from "./faultAnswer.ts"
import { answerRaw, parserFault, waitsForRequest } from "./rawAnswer.ts"

/** What a request is told that comes while the server stops. */
export const STOPPING = new ServiceUnavailable({
  message: "The server is shutting down; try again in a moment.",
  retryAfter: 1
})

const NO_PROXY = new BadMethod({ message: "This is not a proxy.", allow: ["GET", "HEAD", "OPTIONS"] })

const OVERLOADED = faultAnswer(
  new ServiceUnavailable({
    message: "The server has too much to do at the moment; try again in a second.",
    retryAfter: 1
  })
)

/** Answers a request with a fault, and closes its connection behind that. */
export const sendFault = (response: ServerResponse, fault: Fault): void =>
  sendAnswer(response, faultAnswer(fault), { Connection: "close" })

/** Answers a request for which there is no room. */
export const refuseOverload = (request: ListenerRequest, response: ServerResponse): void =>
  // What is left of a body is read and thrown away on a connection that stays, and it may be of any length.
  hasBody(request)
    ? sendAnswer(response, OVERLOADED, requestIdHeaders(request.id), { Connection: "close" })
    : sendAnswer(response, OVERLOADED, requestIdHeaders(request.id))

/** Answers a request for a tunnel, on a connection that Node has taken its hands off. */
export const refuseTunnel = (
  request: ListenerRequest,
  socket: Socket,
  connection: Connection | undefined,
  log: Logger
): void => {
  const { id } = request
  log.info({ msg: "request", id, method: "CONNECT", status: NO_PROXY.code })
  answerRaw(socket, NO_PROXY, { id }, connection?.owed.at(-1))
}

/** Whether what is refused is the rest of a request that was answered before it was there. */
const isAnswered = (connection: Connection | undefined, last: ServerResponse<ListenerRequest> | undefined): boolean => {
  const request = last === undefined ? connection?.asked : last.headersSent ? last.req : undefined
  return request?.complete === false
}

/**
 * Answers, and closes, a connection of which Node's parser cannot read a request, where there is somebody to answer.
 */
export const refuseUnread = (
  error: NodeJS.ErrnoException,
  socket: Socket,
  connection: Connection | undefined,
  maxHeaderBytes: number,
  log: Logger
): void => {
  const owed = connection?.owed ?? []
  const last = owed.at(-1)
  // What comes behind an answer that closes the connection is nobody's.
  const closing = error.code === "HPE_CLOSED_CONNECTION" || (last?.headersSent && !last.shouldKeepAlive)
  if (closing) return void (last === undefined && socket.destroy())
  if (isAnswered(connection, last)) return void socket.destroySoon()
  const waiting = last !== undefined && waitsForRequest(last) ? last.req : undefined
  // A caller that hangs up in the middle of its request is logged as such when its response closes.
  const hungUp = error.code === "ECONNRESET" || (waiting !== undefined && error.code === "HPE_INVALID_EOF_STATE")
  if (hungUp || !socket.writable) return void socket.destroy()
  const fault = parserFault(error.code, maxHeaderBytes)
  const id = waiting?.id ?? newRequestId()
  log.info({ msg: "request refused", id, status: fault.code, reason: error.code })
  answerRaw(socket, fault, { id, method: waiting?.method }, waiting === undefined ? last : owed.at(-2))
}
