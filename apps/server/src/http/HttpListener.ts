import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { BadMethod, BadRequest, type Fault, ServiceUnavailable } from "@backup-catalog/core"
import { Effect } from "effect"
import type { Logger } from "pino"
import type { Admission } from "../limits/Admission.ts"
import type { RequestLog } from "../log/RequestLog.ts"
import type { ServerMetrics } from "../metrics/ServerMetrics.ts"
import type { RequestTraces } from "../telemetry/RequestTraces.ts"
import { logRequest } from "./AccessLog.ts"
import { sendAnswer } from "./Answer.ts"
import { hasBody, limitArrival } from "./arrival.ts"
import { faultAnswer } from "./faultAnswer.ts"
import type { LeanHandler } from "./leanList.ts"
import type { Outbox } from "./Outbox.ts"
import { hostFault } from "./PublicUrl.ts"
import { answerRaw, parserFault, waitsForRequest } from "./rawAnswer.ts"
import { IdentifiedRequest, newRequestId, requestIdHeaders, requestIdOf } from "./requestId.ts"
import { pathOf } from "./requestTarget.ts"

/** The bounds of the listener. */
export interface ListenerLimits {
  /** The largest request line and headers together, in bytes. */
  readonly maxHeaderBytes: number
  /**
   * How long the headers of a request may take to arrive, and then its body, in milliseconds; an import's may pause as
   * long, and so may the reading of an answer.
   */
  readonly requestTimeout: number
  /** How long requests in flight may go on after the listener is told to stop, in milliseconds. */
  readonly grace: number
}

/** How long a caller that asked for a tunnel has to close its side, once it was refused, in milliseconds. */
const LINGER = 1000

type Handler = (request: IncomingMessage, response: ServerResponse) => void

const identify: Handler = (request, response) => {
  response.setHeaders(new Map(Object.entries(requestIdHeaders(requestIdOf(request)))))
}

const sendFault = (response: ServerResponse, fault: Fault): void =>
  sendAnswer(response, faultAnswer(fault), { Connection: "close" })

const STOPPING = new ServiceUnavailable({
  message: "The server is shutting down; try again in a moment.",
  retryAfter: 1
})

const OVERLOADED = faultAnswer(
  new ServiceUnavailable({
    message: "The server has too much to do at the moment; try again in a second.",
    retryAfter: 1
  })
)

// What is left of a body is read and thrown away on a connection that stays, and it may be of any length.
const refuseOverload: Handler = (request, response) =>
  hasBody(request)
    ? sendAnswer(response, OVERLOADED, requestIdHeaders(requestIdOf(request)), { Connection: "close" })
    : sendAnswer(response, OVERLOADED, requestIdHeaders(requestIdOf(request)))

// A request line may name the whole URL (RFC 9112, 3.2.2); behind the authority it means the same.
const absolute = /^https?:\/\/[^/?#]+(.*)$/is
const toOriginForm = (url: string): string =>
  url.startsWith("/") ? url : (absolute.exec(url)?.[1]?.replace(/^(?!\/)/, "/") ?? url)

/** What is wrong with how a request is framed, which Node lets through: another reader of it might see another request. */
const framingFault = ({ httpVersion, headers, url = "" }: IncomingMessage): Fault | undefined => {
  if (httpVersion !== "1.1" && httpVersion !== "1.0") {
    return new BadRequest({ message: `This server speaks HTTP/1.1, not HTTP/${httpVersion}.` })
  }
  const coding = headers["transfer-encoding"]
  if (coding !== undefined && (httpVersion === "1.0" || coding.trim().toLowerCase() !== "chunked")) {
    return new BadRequest({ message: "The only Transfer-Encoding that is read is chunked, in HTTP/1.1." })
  }
  return /^https?:/i.test(url) && !absolute.test(url)
    ? new BadRequest({ message: "The URL of the request line has no host." })
    : undefined
}

// The router ends a path at ; and #, which would make an id with one of them another backup's id.
const toRouterForm = (target: string): string => {
  if (!target.includes(";") && !target.includes("#")) return target
  const path = pathOf(target)
  return /[;#]/.test(path) ? path.replaceAll(";", "%3B").replaceAll("#", "%23") + target.slice(path.length) : target
}

// The framework waits until an answer is written out, which never comes where the caller has gone: its fiber would wait,
// and be kept, for ever.
const waitForNobody = (response: ServerResponse): void => {
  const end = response.end.bind(response) as (chunk?: unknown) => ServerResponse
  response.end = ((...args: ReadonlyArray<unknown>) => {
    const [chunk] = args
    const written = typeof chunk === "function" ? end() : end(chunk)
    for (const done of args) if (typeof done === "function") done()
    return written
  }) as ServerResponse["end"]
}

/** What is known of a connection. */
interface Connection {
  /** The answers that it still owes, in the order of their requests. */
  readonly owed: Array<ServerResponse>
  /** Its last request. */
  asked: IncomingMessage
  /** How much had been read of it when it owed nothing any more; undefined where more of a body was to come. */
  read: number | undefined
}

/** Whether what is refused is the rest of a request that was answered before it was there. */
const isAnswered = (connection: Connection | undefined, last: ServerResponse | undefined): boolean => {
  const request = last === undefined ? connection?.asked : last.headersSent ? last.req : undefined
  return request?.complete === false
}

/** Where a listener writes what happens. */
export interface ListenerLogs {
  readonly log: Logger
  readonly requests: typeof RequestLog.Service
  readonly observe: (typeof ServerMetrics.Service)["observe"]
  readonly overloaded: (typeof ServerMetrics.Service)["overloaded"]
  readonly trace: (typeof RequestTraces.Service)["begin"]
}

/**
 * An HTTP server in front of the application: gives every request an id, a log line and an answer, faults in their
 * envelope (docs/api.md, Faults), also where Node's own parser refuses it, and stops without cutting answers short.
 */
export class HttpListener {
  readonly #server: Server
  readonly #limits: ListenerLimits
  readonly #connections = new Map<Socket, Connection>()
  readonly #adopted = new Set<Socket>()
  #stopping = false

  constructor(
    limits: ListenerLimits,
    admission: Admission,
    { log, requests, observe, overloaded, trace }: ListenerLogs,
    { post }: Outbox,
    lean: LeanHandler,
    application: Handler
  ) {
    this.#limits = limits
    this.#server = createServer({
      IncomingMessage: IdentifiedRequest,
      maxHeaderSize: limits.maxHeaderBytes,
      // Node's own would also cut what takes long because it is much; `limitArrival` is for those that do not.
      requestTimeout: 0,
      headersTimeout: limits.requestTimeout,
      connectionsCheckingInterval: Math.min(1000, limits.requestTimeout),
      // Node would refuse it with an empty answer; hostFault gives it a proper one.
      requireHostHeader: false
    })
    const begin = (request: IncomingMessage, response: ServerResponse, fault: Fault | undefined) => {
      limitArrival(request, limits.requestTimeout, () => {
        const late = Object.assign(new Error("the body is late"), { code: "ERR_HTTP_REQUEST_TIMEOUT" })
        this.#refuse(late, request.socket, log)
      })
      if (fault === undefined && lean(request, response)) return
      identify(request, response)
      if (fault !== undefined) return sendFault(response, fault)
      waitForNobody(response)
      application(request, response)
    }
    const handle: Handler = (request, response) => {
      let leave = () => {}
      this.#owe(request, response, () => leave())
      logRequest(requests, request, response)
      observe(request, response)
      const fault = this.#stopping ? STOPPING : (framingFault(request) ?? hostFault(request))
      if (fault === undefined) request.url = toRouterForm(toOriginForm(request.url ?? ""))
      trace(request, response)
      leave = admission.admit(request, {
        begin: () => begin(request, response, fault),
        refuse: (why) => {
          overloaded(why)
          // One at a time would wake its reader for each.
          post(() => refuseOverload(request, response))
        }
      })
    }
    // Node's own takes an answer for sent once it has all of it, and would cut off a caller who still reads it.
    this.#server.closeIdleConnections = () => this.#closeIdle()
    // Whoever reads nothing of an answer would keep the place of a request in flight for ever.
    this.#server.timeout = limits.requestTimeout
    this.#server.on("timeout", (socket: Socket) => this.#giveUp(socket))
    // Node would leave out what is above a number of headers; the bytes of all of them are bounded already.
    this.#server.maxHeadersCount = 0
    this.#server.on("request", handle)
    this.#server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
      identify(request, response)
      logRequest(requests, request, response)
      observe(request, response)
      sendFault(response, new BadRequest({ message: "The Expect header may only ask for 100-continue." }))
    })
    this.#server.on("connect", (request: IncomingMessage, socket: Socket) => {
      this.#adopt(socket)
      const fault = new BadMethod({ message: "This is not a proxy.", allow: ["GET", "HEAD", "OPTIONS"] })
      const id = requestIdOf(request)
      log.info({ msg: "request", id, method: "CONNECT", status: fault.code })
      answerRaw(socket, fault, id, this.#connections.get(socket)?.owed.at(-1))
    })
    this.#server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => this.#refuse(error, socket, log))
  }

  /**
   * Ends a connection on which nothing has happened for too long, unless that is not its caller's doing. Whoever listens to
   * a server's `timeout` has to end those as well that are only kept alive.
   */
  #giveUp(socket: Socket): void {
    const owed = this.#connections.get(socket)?.owed
    const isIdle = owed?.length === 0
    if (isIdle || socket.writableLength > 0) socket.destroy()
  }

  /** Closes the connections that owe nothing, and on which no request is arriving. */
  #closeIdle(): void {
    for (const [socket, { owed, asked, read = socket.bytesRead }] of this.#connections) {
      const isIdle = owed.length === 0 && asked.complete && read === socket.bytesRead && socket.writableLength === 0
      if (isIdle && !this.#adopted.has(socket)) socket.destroy()
    }
  }

  // Node has taken its hands off it: nobody else would hear that it broke, or close it when its caller does not.
  #adopt(socket: Socket): void {
    this.#adopted.add(socket)
    socket.on("error", () => socket.destroy())
    socket.once("finish", () => setTimeout(() => socket.destroy(), LINGER).unref())
    socket.once("close", () => this.#adopted.delete(socket))
  }

  #refuse(error: NodeJS.ErrnoException, socket: Socket, log: Logger): void {
    const connection = this.#connections.get(socket)
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
    const fault = parserFault(error.code, this.#limits.maxHeaderBytes)
    const id = waiting === undefined ? newRequestId() : requestIdOf(waiting)
    log.info({ msg: "request refused", id, status: fault.code, reason: error.code })
    answerRaw(socket, fault, id, waiting === undefined ? last : owed.at(-2))
  }

  #owe(request: IncomingMessage, response: ServerResponse, leave: () => void): void {
    const { socket } = request
    const known = this.#connections.get(socket)
    const connection = known ?? { owed: [], asked: request, read: undefined }
    const { owed } = connection
    if (known === undefined) {
      this.#connections.set(socket, connection)
      // Node tells no end of an answer whose turn on its connection had not come when that ended.
      socket.once("close", () => {
        this.#connections.delete(socket)
        for (const waiting of [...owed]) if (waiting.socket === null && !waiting.writableFinished) waiting.emit("close")
      })
    }
    connection.asked = request
    owed.push(response)
    response.on("close", () => {
      if (owed[0] === response) owed.shift()
      else owed.splice(owed.indexOf(response), 1)
      connection.read = connection.asked.complete ? socket.bytesRead : undefined
      leave()
    })
  }

  /** Listens on an address; port 0 picks a free one. Gives the port. */
  listen(host: string, port: number): Effect.Effect<number, NodeJS.ErrnoException> {
    return Effect.async((resume) => {
      this.#server.once("error", (error) => resume(Effect.fail(error)))
      this.#server.listen({ host, port }, () => {
        const address = this.#server.address()
        resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : port))
      })
    })
  }

  /** Stops listening, lets what is in flight end for as long as the grace allows, then cuts it off. */
  readonly stop: Effect.Effect<void> = Effect.async<void>((resume) => {
    this.#stopping = true
    // Node leaves a connection open that falls idle after close began, until its keep-alive runs out.
    const sweep = setInterval(() => this.#server.closeIdleConnections(), 20)
    const cut = setTimeout(() => {
      this.#server.closeAllConnections()
      for (const socket of this.#adopted) socket.destroy()
    }, this.#limits.grace)
    // Node says that all are closed before each says so itself, and its request is logged.
    const heard = () => {
      if (this.#connections.size === 0) resume(Effect.void)
      else setImmediate(heard)
    }
    this.#server.close(() => {
      clearInterval(sweep)
      clearTimeout(cut)
      heard()
    })
    this.#server.closeIdleConnections()
  })
}
