import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { eventually } from "../../../testing/eventually.ts"
import { createClient } from "../src/index.ts"

/** What a server saw of a request. */
export interface Seen {
  readonly url: string
  readonly method: string | undefined
  readonly headers: IncomingMessage["headers"]
}

export interface BadServer extends AsyncDisposable {
  readonly url: string
  readonly seen: ReadonlyArray<Seen>
  /** How many connections were opened. */
  readonly connections: () => number
  /** How many requests wait for their answer or its end. */
  readonly underWay: () => number
  /** Waits until so many requests do. */
  readonly untilUnderWay: (count: number) => Promise<unknown>
}

export type Handler = (response: ServerResponse, request: IncomingMessage) => void

/** A real server that answers as it is told: each request by the next handler, and by the last for ever. */
export const badServer = async (...handlers: ReadonlyArray<Handler>): Promise<BadServer> => {
  const seen: Array<Seen> = []
  let connections = 0
  let underWay = 0
  const server = createServer((request, response) => {
    const handler = handlers[Math.min(seen.length, handlers.length - 1)]
    underWay++
    response.on("close", () => underWay--)
    seen.push({ url: request.url ?? "", method: request.method, headers: request.headers })
    handler?.(response, request)
  })
  server.on("connection", () => connections++)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    connections: () => connections,
    underWay: () => underWay,
    untilUnderWay: (count) => eventually(`${count} requests are under way`, (see) => see(underWay) === count),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

export const TOKEN = "5e7c7a1e-6f6f-4b6e-9d3e-secret-token"

export const clientOf = (url: string, options: Partial<Parameters<typeof createClient>[0]> = {}) =>
  createClient({ url, account: "1234", token: TOKEN, ...options })

/** What a promise rejects with. */
export const failure = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`expected a failure, got ${JSON.stringify(value)}`)
    },
    (error: unknown) => error
  )

export const sendJson =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { "Content-Type": "application/json", "X-Request-Id": "req-1", ...headers })
    response.end(typeof body === "string" ? body : JSON.stringify(body))
  }

export const record = (id: string): { readonly id: string; readonly [member: string]: unknown } => ({
  id,
  name: `backup ${id}`,
  description: null,
  status: "COMPLETED",
  created: "2014-06-19T15:56:58",
  updated: "2014-06-19T15:57:13",
  size: 0.5,
  instance_id: "db-1",
  parent_id: null,
  locationRef: null,
  datastore: { type: "MySQL", version: "5.1", version_id: "v" }
})

/** An import that is over, without what an answer to it has besides. */
export const pastImport = {
  id: "i1",
  source: "pg-main",
  mode: "merge",
  status: "COMPLETED",
  started: "2026-11-23T02:00:00",
  finished: "2026-11-23T02:00:00",
  created: 0,
  updated: 0,
  unchanged: 0,
  retired: 0,
  rejected: 0,
  orphaned: 0
} as const

/** What came of it. */
export const importResult = { ...pastImport, dry_run: false, rejections: [], orphans: [], differences: [] } as const

export const listOf = (ids: ReadonlyArray<string>, next?: string): Record<string, unknown> => ({
  backups: ids.map(record),
  ...(next === undefined ? {} : { links: [{ rel: "next", href: next }] })
})

export const fault = (name: string, code: number, message = "A sentence."): Record<string, unknown> => ({
  [name]: { code, message }
})
