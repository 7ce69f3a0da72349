import { once } from "node:events"
import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestHttp
} from "node:http"
import { Agent as HttpsAgent, request as requestHttps } from "node:https"
import { Readable } from "node:stream"

/** What a client reads of an answer. */
type Answer = Pick<Response, "status" | "body"> & {
  readonly headers: Pick<Headers, "get" | "has" | typeof Symbol.iterator>
}

const headersOf = ({ rawHeaders }: IncomingMessage): Answer["headers"] => {
  const values = new Map<string, string>()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? "").toLowerCase()
    const before = values.get(name)
    const value = rawHeaders[i + 1] ?? ""
    values.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return {
    has: (name) => values.has(name.toLowerCase()),
    get: (name) => values.get(name.toLowerCase()) ?? null,
    [Symbol.iterator]: () => values[Symbol.iterator]()
  }
}

// Not a `Response`: that class and `Headers` take longer to load than a short list does to come, and it refuses
// statuses outside 200 to 599.
const responseOf = (incoming: IncomingMessage): Response => {
  const answer: Answer = {
    status: incoming.statusCode ?? 0,
    headers: headersOf(incoming),
    body: Readable.toWeb(incoming)
  }
  return answer as Response
}

const plainHeaders = (headers: RequestInit["headers"] = {}): OutgoingHttpHeaders => {
  const pairs = Symbol.iterator in headers ? [...headers] : Object.entries(headers)
  return Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]))
}

type Sendable = string | Uint8Array | ReadableStream<Uint8Array> | null | undefined

const isSendable = (body: unknown): body is Sendable =>
  body === undefined ||
  body === null ||
  typeof body === "string" ||
  body instanceof Uint8Array ||
  body instanceof ReadableStream

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Sends a stream as fast as it is taken, until nobody wants it any more. */
const sendStream = async (
  request: ClientRequest,
  body: ReadableStream<Uint8Array>,
  ready: "connect" | "secureConnect",
  signal: AbortSignal
): Promise<void> => {
  const reader = body.getReader()
  const cancel = () => void reader.cancel().catch(() => {})
  signal.addEventListener("abort", cancel)
  try {
    // Nothing of the body is asked for before there is somebody to send it to.
    const [socket] = await once(request, "socket", { signal })
    if (socket.connecting) await once(socket, ready, { signal })
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const room = request.write(piece.value)
      // A server that refuses answers before all is sent, and hangs up: what it said has to be read before a write
      // fails, and it is read between two turns.
      await (room ? nextTurn() : once(request, "drain", { signal }))
    }
    if (!signal.aborted) request.end()
  } catch (error) {
    if (!signal.aborted) request.destroy(error instanceof Error ? error : new Error(String(error)))
  } finally {
    signal.removeEventListener("abort", cancel)
  }
}

/**
 * The agent of a request that is to have a connection of its own; undefined where it may share one.
 *
 * What was closed while this program was busy looks as if it were open, as to whoever has parsed a large inventory: a
 * read that it fails is asked again, but an import is not sent again. It is kept alive all the same: what is to be
 * closed is closed as soon as the server has refused, and writing to it may fail before the answer is read.
 */
const ownAgent = (method: string, secure: boolean): HttpAgent | undefined => {
  if (method !== "POST") return undefined
  return secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
}

/**
 * `fetch` over `node:http`, for bodies of text, bytes or a stream of them; redirects are not followed. The answer may
 * come before all of a stream is sent, and then the rest is not.
 *
 * Of an answer there is the status, the headers and the body. The built-in one takes a tenth of a second before its
 * first request, longer than everything else that a short list needs.
 */
export const nodeFetch: typeof globalThis.fetch = (input, init = {}) =>
  new Promise((resolve, reject) => {
    const { body } = init
    if (!isSendable(body)) throw new TypeError("only a body of text or bytes, or a stream of them, can be sent")
    const url = new URL(input instanceof URL || typeof input === "string" ? input : input.url)
    const secure = url.protocol === "https:"
    const send = secure ? requestHttps : requestHttp
    const method = init.method ?? "GET"
    const agent = ownAgent(method, secure)
    const options = {
      method,
      headers: plainHeaders(init.headers),
      ...(agent && { agent }),
      ...(init.signal ? { signal: init.signal } : {})
    }
    const sending = new AbortController()
    const answer = (incoming: IncomingMessage) => {
      sending.abort()
      // Node would keep the connection for the rest of the request, which never comes.
      incoming.once("end", () => request.writableEnded || request.destroy())
      incoming.once("close", () => agent?.destroy())
      resolve(responseOf(incoming))
    }
    const request = send(url, options, answer)
    // Nobody asked for another protocol; left alone, such an answer would be waited for in vain.
    request.on("upgrade", (incoming, socket) => {
      socket.destroy()
      answer(incoming)
    })
    request.on("error", (error) => {
      reject(error)
      sending.abort()
    })
    if (body instanceof ReadableStream) {
      void sendStream(request, body, secure ? "secureConnect" : "connect", sending.signal)
    } else {
      request.end(body)
    }
  })
