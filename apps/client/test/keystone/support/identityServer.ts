import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"

export const PROJECT = "c19c6355eaaf4c1db3de3de84b21899c"
/** The project that the server has, as its answers tell of it. */
export const SHOP = { id: PROJECT, name: "shop", domain: { id: "default", name: "Default" } }
export const USER = "54e28b67f907405e94330df003ab0af0"
export const CREDENTIAL = "8d9effc0a8be48639fa72c5162baee0c"
export const PASSWORD = `p"ä ss\\w0rd's`
export const SECRET = "application-credential-secret"
export const OLD_TOKEN = "gAAAAABrBLrDXULohGF9LT6iaMYR7otFSnLLbEWAGQsD5bU"

/** A request that the server saw. */
export interface IdentityRequest {
  readonly url: string
  readonly headers: IncomingMessage["headers"]
  readonly body: unknown
}

/** A way to answer one request in place of the usual one. */
export type Answering = (response: ServerResponse, usual: () => void) => void

export interface CatalogService {
  readonly type: string
  readonly endpoints: ReadonlyArray<Readonly<Record<string, unknown>>>
}

export const endpoint = (url: string | null, members: Readonly<Record<string, unknown>> = {}) => ({
  id: "1",
  interface: "public",
  region: "RegionOne",
  region_id: "RegionOne",
  url,
  ...members
})

export const databaseAt = (...urls: ReadonlyArray<string>): ReadonlyArray<CatalogService> => [
  { type: "identity", endpoints: [endpoint("http://127.0.0.1:5000/v3/")] },
  { type: "database", endpoints: urls.map((url) => endpoint(`${url}/v1.0/${PROJECT}`)) }
]

/** What the server says of the tokens that it gives. */
export interface Issuing {
  project: Readonly<Record<string, unknown>> | undefined
  catalog: ReadonlyArray<CatalogService>
  issuedAt: string
  expiresAt: string
}

export interface IdentityServer extends AsyncDisposable {
  /** Its address, without `/v3`. */
  readonly url: string
  readonly requests: ReadonlyArray<IdentityRequest>
  /** Every token that it gave. */
  readonly tokens: ReadonlyArray<string>
  readonly issuing: Issuing
  /** Answers the next requests so, each by one, before it is itself again. */
  readonly answerNext: (...answers: ReadonlyArray<Answering>) => void
}

const isDomain = (value: unknown): boolean =>
  JSON.stringify(value) === '{"id":"default"}' || JSON.stringify(value) === '{"name":"Default"}'

const member = (value: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>((at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined), value)

/** Whether something is named by its id, or by its name in the default domain, and in no other way. */
const names = (value: unknown, id: string, name: string): boolean => {
  if (member(value, "id") === id) return member(value, "name") === undefined && member(value, "domain") === undefined
  return member(value, "name") === name && isDomain(member(value, "domain"))
}

const isUser = (value: unknown): boolean => names(value, USER, "alice")

const isKnown = (body: unknown): boolean => {
  const identity = member(body, "auth", "identity")
  const scope = member(body, "auth", "scope")
  const isScoped = names(member(scope, "project"), PROJECT, "shop")
  switch (JSON.stringify(member(identity, "methods"))) {
    case '["password"]': {
      const user = member(identity, "password", "user")
      return isScoped && isUser(user) && member(user, "password") === PASSWORD
    }
    case '["application_credential"]': {
      const credential = member(identity, "application_credential")
      const isIt =
        member(credential, "id") === CREDENTIAL ||
        (member(credential, "name") === "nightly" && isUser(member(credential, "user")))
      return isIt && scope === undefined && member(credential, "secret") === SECRET
    }
    case '["token"]':
      return isScoped && member(identity, "token", "id") === OLD_TOKEN
    default:
      return false
  }
}

/** An error as Keystone writes it. */
export const sendError = (response: ServerResponse, code: number, title: string, message: string): void => {
  response.writeHead(code, { "Content-Type": "application/json", "X-Openstack-Request-Id": "req-1" })
  response.end(JSON.stringify({ error: { code, title, message } }))
}

/**
 * A server that gives tokens as Keystone does: to alice, her application credential `nightly`, or a token of hers, for
 * the project `shop` of the default domain.
 */
export const identityServer = async (catalog: ReadonlyArray<CatalogService> = []): Promise<IdentityServer> => {
  const requests: Array<IdentityRequest> = []
  const tokens: Array<string> = []
  const scripted: Array<Answering> = []
  const issuing: Issuing = {
    project: SHOP,
    catalog,
    issuedAt: "2026-11-23T22:15:51.000000Z",
    expiresAt: "2026-11-23T23:15:51.000000Z"
  }
  const give = (response: ServerResponse, url: string): void => {
    const token = `gAAAAABrBL${tokens.length}rDXULohGF9LT6iaMYR7otFSnLL-new-token`
    tokens.push(token)
    response.writeHead(201, {
      "Content-Type": "application/json",
      "X-Subject-Token": token,
      "X-Openstack-Request-Id": "req-1"
    })
    response.end(
      JSON.stringify({
        token: {
          methods: ["password"],
          user: { domain: { id: "default", name: "Default" }, id: USER, name: "alice", password_expires_at: null },
          audit_ids: ["6H7EeLc3TV23jL4oNA-kpA"],
          issued_at: issuing.issuedAt,
          expires_at: issuing.expiresAt,
          ...(issuing.project === undefined ? {} : { project: issuing.project }),
          ...(url.endsWith("?nocatalog") ? {} : { catalog: issuing.catalog })
        }
      })
    )
  }
  const server = createServer(async (request, response) => {
    const { url = "", method, headers } = request
    const body: unknown = JSON.parse(await text(request))
    requests.push({ url, headers, body })
    const usual = () => {
      if (method !== "POST" || !/^(?:\/identity)?\/v3\/auth\/tokens(?:\?nocatalog)?$/.test(url)) {
        response.writeHead(404, { "Content-Type": "text/html" }).end("<!doctype html><title>404 Not Found</title>")
      } else if (isKnown(body)) {
        give(response, url)
      } else {
        sendError(response, 401, "Unauthorized", "The request you have made requires authentication.")
      }
    }
    const next = scripted.shift()
    if (next === undefined) usual()
    else next(response, usual)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    tokens,
    issuing,
    answerNext: (...answers) => scripted.push(...answers),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
