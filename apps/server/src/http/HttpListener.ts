import { createServer, type Server, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { Fault } from "@backup-catalog/core"
import { Effect } from "effect"
import type { Logger } from "pino"
import type { Admission } from "../limits/Admission.ts"
import type { RequestLog } from "../log/RequestLog.ts"
import type { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { limitArrival, waitsToBeAsked } from "../request/arrival.ts"
import { ListenerRequest, requestIdHeaders } from "../request/ListenerRequest.ts"
import { wholeTarget } from "../request/requestTarget.ts"
import type { RequestTraces } from "../telemetry/RequestTraces.ts"
import { logRequest } from "./AccessLog.ts"
import { Connections } from "./Connections.ts"
import { asksForUpgrade, framingFault, originIn, toRouterForm } from "./framing.ts"
import type { LeanHandler } from "./leanList.ts"
import type { Outbox } from "./Outbox.ts"
import { hostFault } from "./PublicUrl.ts"
import { refuseOverload, refuseTunnel, refuseUnread, STOPPING, sendFault } from "./refusals.ts"

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

type Handler = (request: ListenerRequest, response: ServerResponse<ListenerRequest>) => void

const identify: Handler = (request, response) => {
  response.setHeaders(new Map(Object.entries(requestIdHeaders(request.id))))
}

// The framework waits until an answer is written out, which never comes where the caller has gone: its fiber would
// wait, and be kept, for ever.
const waitForNobody = (response: ServerResponse): void => {
  const end = response.end.bind(response) as (chunk?: unknown) => ServerResponse
  response.end = ((...args: ReadonlyArray<unknown>) => {
    const [chunk] = args
    const written = typeof chunk === "function" ? end() : end(chunk)
    for (const done of args) if (typeof done === "function") done()
    return written
  }) as ServerResponse["end"]
}

const makeServer = ({ maxHeaderBytes, requestTimeout }: ListenerLimits): Server<typeof ListenerRequest> => {
  const server = createServer({
    IncomingMessage: ListenerRequest,
    maxHeaderSize: maxHeaderBytes,
    // Node's own would also cut what takes long because it is much; `limitArrival` is for those that do not.
    requestTimeout: 0,
    headersTimeout: requestTimeout,
    connectionsCheckingInterval: Math.min(1000, requestTimeout),
    // Node would refuse it with an empty answer; hostFault gives it a proper one.
    requireHostHeader: false
  })
  // Whoever reads nothing of an answer would keep the place of a request in flight for ever.
  server.timeout = requestTimeout
  // Node would leave out what is above a number of headers; the bytes of all of them are bounded already.
  server.maxHeadersCount = 0
  return server
}

/** Where a listener writes what happens. */
export interface ListenerLogs {
  readonly log: Logger
  readonly requests: typeof RequestLog.Service
  readonly observe: (typeof ServerMetrics.Service)["observe"]
  readonly overloaded: (typeof ServerMetrics.Service)["overloaded"]
  readonly trace: (typeof RequestTraces.Service)["begin"]
}

/** What a listener is made of. */
export interface ListenerParts {
  readonly limits: ListenerLimits
  readonly admission: Admission
  readonly logs: ListenerLogs
  readonly outbox: Outbox
  readonly lean: LeanHandler
  readonly application: Handler
}

/**
 * An HTTP server in front of the application: gives every request an id, a log line and an answer, faults in their
 * envelope (docs/api.md, Faults), also where Node's own parser refuses it, and stops without cutting answers short.
 */
export class HttpListener {
  readonly #server: Server<typeof ListenerRequest>
  readonly #limits: ListenerLimits
  readonly #connections = new Connections()
  #stopping = false

  constructor(parts: ListenerParts) {
    this.#limits = parts.limits
    this.#server = makeServer(parts.limits)
    // Node's own takes an answer for sent once it has all of it, and would cut off a caller who still reads it.
    this.#server.closeIdleConnections = () => this.#connections.closeIdle()
    const handle = this.#handler(parts)
    this.#server.on("request", handle)
    // Node's own would ask for every body, also where the headers alone settle the answer.
    this.#server.on("checkContinue", (request, response) => {
      waitsToBeAsked(request, response)
      handle(request, response)
    })
    this.#server.on("checkExpectation", handle)
    this.#refuseOthers(parts.logs)
  }

  /** What becomes of a request that Node's parser has read. */
  #handler({ admission, logs, outbox, lean, application }: ListenerParts): Handler {
    const { log, requests, observe, overloaded, trace } = logs
    const begin = (request: ListenerRequest, response: ServerResponse<ListenerRequest>, fault: Fault | undefined) => {
      limitArrival(request, this.#limits.requestTimeout, () => {
        const late = Object.assign(new Error("the body is late"), { code: "ERR_HTTP_REQUEST_TIMEOUT" })
        this.#refuseUnread(late, request.socket, log)
      })
      if (fault === undefined && lean(request, response)) return
      identify(request, response)
      if (fault !== undefined) return sendFault(response, fault)
      waitForNobody(response)
      application(request, response)
    }
    return (request, response) => {
      let leave = () => {}
      this.#connections.owe(request, response, () => leave())
      logRequest(requests, request, response)
      observe(request, response)
      const fault = this.#stopping ? STOPPING : (framingFault(request) ?? hostFault(request))
      if (asksForUpgrade(request)) response.shouldKeepAlive = false
      if (fault === undefined) {
        const { url = "" } = request
        request.origin = originIn(url)
        request.url = wholeTarget(toRouterForm(url))
      }
      trace(request, response)
      leave = admission.admit(request, {
        begin: () => begin(request, response, fault),
        refuse: (why) => {
          overloaded(why)
          // One at a time would wake its reader for each.
          outbox.post(() => refuseOverload(request, response))
        }
      })
    }
  }

  /** Answers what Node does not make a request of, and ends what nothing happens on. */
  #refuseOthers({ log }: ListenerLogs): void {
    this.#server.on("timeout", (socket: Socket) => this.#connections.giveUp(socket))
    this.#server.on("connect", (request, socket: Socket) => {
      this.#connections.adopt(socket)
      refuseTunnel(request, socket, this.#connections.of(socket), log)
    })
    this.#server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) =>
      this.#refuseUnread(error, socket, log)
    )
  }

  #refuseUnread(error: NodeJS.ErrnoException, socket: Socket, log: Logger): void {
    refuseUnread(error, socket, this.#connections.of(socket), this.#limits.maxHeaderBytes, log)
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
      this.#connections.cutAdopted()
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
