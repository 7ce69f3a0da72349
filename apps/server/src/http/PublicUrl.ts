import type { IncomingMessage } from "node:http"
import { BadRequest } from "@backup-catalog/core"
import { Context, Layer } from "effect"
import type { ListenerRequest } from "../request/ListenerRequest.ts"

const authority = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?$/

/**
 * Where links in answers lead: the configured public URL, else the request's own scheme and host, which are those of
 * its target where that is a whole URL, whatever its `Host` says (RFC 9112, 3.2.2).
 */
export class PublicUrl extends Context.Tag("@backup-catalog/server/PublicUrl")<
  PublicUrl,
  (request: ListenerRequest) => string
>() {}

/** `publicUrl` is without a slash at its end; undefined for the request's own. */
export const layer = (publicUrl: string | undefined): Layer.Layer<PublicUrl> =>
  Layer.succeed(PublicUrl, (request) => {
    const fixed = publicUrl ?? request.origin
    if (fixed !== undefined) return fixed
    const { localAddress = "127.0.0.1", localPort = 80 } = request.socket
    const host = localAddress.includes(":") ? `[${localAddress}]` : localAddress
    return `http://${request.headers.host ?? `${host}:${localPort}`}`
  })

const isHostName = (name: string): boolean =>
  name === "Host" || name === "host" || (name.length === 4 && name.toLowerCase() === "host")

// Most requests name the host that the one before them named.
let lastValid = ""

/** Whether a text is a host name or address, with or without a port. */
export const isAuthority = (host: string): boolean => {
  if (host === lastValid) return true
  if (!authority.test(host) || !URL.canParse(`http://${host}`)) return false
  lastValid = host
  return true
}

/** What is wrong with the Host header: links are built from it, and HTTP/1.1 demands exactly one. */
export const hostFault = (request: IncomingMessage): BadRequest | undefined => {
  const { host } = request.headers
  let count = 0
  for (let n = 0; n < request.rawHeaders.length; n += 2) {
    if (isHostName(request.rawHeaders[n] ?? "")) count++
  }
  if (host === undefined && request.httpVersion === "1.0") return undefined
  return host !== undefined && count === 1 && isAuthority(host)
    ? undefined
    : new BadRequest({ message: "The request must have one Host header with a host name or address." })
}
