import { EventEmitter, once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { Effect, type Scope } from "effect"

/** A request as it reached the identity server. */
export interface Call {
  readonly method: "GET" | "POST"
  readonly path: string
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

/** Answers a request in another way than Keystone would. */
export type Misbehaviour = (response: ServerResponse) => void

/** An answer with any status, headers and body. */
export const answers =
  (status: number, body: unknown = "", headers: Record<string, string> = {}): Misbehaviour =>
  (response) => {
    response.writeHead(status, { "Content-Type": "application/json", ...headers })
    response.end(typeof body === "string" ? body : JSON.stringify(body))
  }

/** Keystone's own form of an error. */
export const fails = (status: number, title: string): Misbehaviour =>
  answers(status, { error: { code: status, title, message: "The request you have made was refused." } })

/** No answer, ever. */
export const staysSilent: Misbehaviour = () => undefined

/** An answer that is given when its second part is called with it. */
export const answersLater = (): readonly [Misbehaviour, (answer: Misbehaviour) => void] => {
  let waiting: ServerResponse | undefined
  return [
    (response) => {
      waiting = response
    },
    (answer) => waiting && answer(waiting)
  ]
}

/** The connection ends instead of an answer. */
export const hangsUp: Misbehaviour = (response) => response.destroy()

/** An answer whose body goes on until the connection is closed from the other side; then `onClosed` is called. */
export const neverEnds =
  (onClosed: () => void): Misbehaviour =>
  (response) => {
    response.writeHead(200, { "Content-Type": "application/json" })
    const chunk = Buffer.alloc(65_536, " ")
    const more = () => {
      while (!response.destroyed && response.write(chunk)) {}
    }
    response.on("drain", more)
    response.on("close", onClosed)
    more()
  }

/** The members of a token that is scoped to a project. */
export const scopedTo = (project: string, ...roles: ReadonlyArray<string>) => ({
  project: { id: project, name: `name of ${project}`, domain: { id: "default", name: "Default" } },
  is_domain: false,
  roles: roles.map((name) => ({ id: `id of ${name}`, name }))
})

/** What the server's own user signs in with. */
export const OWN_PASSWORD = "the-password-of-the-server"

/** An identity server that keeps to the documented API of Keystone v3 for tokens, unless it is told to misbehave. */
export class IdentityServer {
  /** Every request so far. */
  readonly calls: Array<Call> = []
  /** The tokens of callers: the members that Keystone tells of them, and until when they are good, in milliseconds. */
  readonly callers = new Map<string, { readonly expires?: number; readonly [member: string]: unknown }>()
  /** How long its tokens for the server itself are good, in milliseconds. */
  ownLifetime = 3_600_000
  /** How far its clock is ahead of the test's, in milliseconds. */
  ahead = 0
  /** Looks at every request before it is answered. */
  misbehave: (call: Call) => Misbehaviour | undefined = () => undefined
  /** How many requests wait for their answers, and how many ever did at a time. */
  readonly open = { now: 0, most: 0 }

  readonly #arrivals = new EventEmitter().setMaxListeners(0)
  readonly #ownTokens = new Map<string, number>()
  readonly #server: Server
  readonly #testTime: () => number
  #port = 0
  #issued = 0
  #gate: Promise<void> = Promise.resolve()

  constructor(testTime: () => number) {
    this.#testTime = testTime
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Listens, again on the port of before. */
  async start(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1")
    await once(this.#server, "listening")
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Stops listening and drops all connections. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  count(method: Call["method"]): number {
    return this.calls.filter((call) => call.method === method).length
  }

  /** Waits until so many requests of a method have arrived altogether. */
  async arrived(method: Call["method"], count: number): Promise<void> {
    while (this.count(method) < count) await once(this.#arrivals, "arrival")
  }

  /** Holds every answer back until the function that it gives is called. */
  hold(): () => void {
    let open = () => {}
    this.#gate = new Promise((resolve) => {
      open = resolve
    })
    return open
  }

  /** Makes all tokens of the server itself worthless, as a rotation of keys does. */
  forgetOwnTokens(): void {
    this.#ownTokens.clear()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url, headers } = request
    if (method !== "GET" && method !== "POST") return answers(405)(response)
    const call: Call = { method, path: url ?? "", headers, body: await text(request) }
    this.calls.push(call)
    this.open.now += 1
    this.open.most = Math.max(this.open.most, this.open.now)
    response.once("close", () => {
      this.open.now -= 1
    })
    this.#arrivals.emit("arrival")
    await this.#gate
    const answer =
      this.misbehave(call) ??
      (call.path !== "/v3/auth/tokens?nocatalog"
        ? answers(404, "<!doctype html><title>404 Not Found</title>", { "Content-Type": "text/html" })
        : call.method === "POST"
          ? this.#signIn(call)
          : this.#validate(call))
    answer(response)
  }

  #now(): number {
    return this.#testTime() + this.ahead
  }

  #token(issued: number, expires: number, members: object): object {
    // Keystone writes microseconds.
    const format = (time: number) => new Date(time).toISOString().replace("Z", "000Z")
    return {
      token: {
        methods: ["password"],
        user: { domain: { id: "default", name: "Default" }, id: "u-1", name: "somebody", password_expires_at: null },
        audit_ids: ["5nfQmmVoR-KrNWn7bkThyw"],
        expires_at: format(expires),
        issued_at: format(issued),
        ...members
      }
    }
  }

  #signIn(call: Call): Misbehaviour {
    if (!call.body.includes(`"${OWN_PASSWORD}"`)) return fails(401, "Unauthorized")
    this.#issued += 1
    const token = `own-token-${this.#issued}`
    const expires = this.#now() + this.ownLifetime
    this.#ownTokens.set(token, expires)
    return answers(201, this.#token(this.#now(), expires, scopedTo("service", "service")), { "X-Subject-Token": token })
  }

  #validate({ headers }: Call): Misbehaviour {
    const own = this.#ownTokens.get(String(headers["x-auth-token"]))
    if (own === undefined || own <= this.#now()) return fails(401, "Unauthorized")
    const caller = this.callers.get(String(headers["x-subject-token"]))
    if (caller === undefined) return fails(404, "Not Found")
    const { expires = 24 * 3_600_000, ...members } = caller
    if (expires <= this.#now()) return fails(404, "Not Found")
    return answers(200, this.#token(this.#now(), expires, members))
  }
}

/** An identity server on a free port, whose clock is that of the test. */
export const identityServer: Effect.Effect<IdentityServer, never, Scope.Scope> = Effect.flatMap(Effect.clock, (clock) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const server = new IdentityServer(() => clock.unsafeCurrentTimeMillis())
      await server.start()
      return server
    }),
    (server) => Effect.promise(() => server.stop())
  )
)
