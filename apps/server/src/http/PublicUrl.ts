import type { IncomingMessage } from "node:http"
import { BadRequest } from "@backup-catalog/core"
import { Context, Either, Layer } from "effect"

const authority = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

/** Where links in answers lead: the configured public URL, else the request's own scheme and host (contract §1). */
export class PublicUrl extends Context.Tag("@backup-catalog/server/PublicUrl")<
  PublicUrl,
  (request: IncomingMessage) => string
>() {}

/** `publicUrl` is without a slash at its end; undefined for the request's own. */
export const layer = (publicUrl: string | undefined): Layer.Layer<PublicUrl> =>
  Layer.succeed(PublicUrl, (request) => {
    if (publicUrl !== undefined) return publicUrl
    const { localAddress = "127.0.0.1", localPort = 80 } = request.socket
    const host = localAddress.includes(":") ? `[${localAddress}]` : localAddress
    return `http://${request.headers.host ?? `${host}:${localPort}`}`
  })

/** Checks the Host header: links are built from it, and HTTP/1.1 demands exactly one. */
export const checkHost = (request: IncomingMessage): Either.Either<void, BadRequest> => {
  const { host } = request.headers
  let count = 0
  for (let n = 0; n < request.rawHeaders.length; n += 2) {
    if (request.rawHeaders[n]?.toLowerCase() === "host") count++
  }
  if (host === undefined && request.httpVersion === "1.0") return Either.void
  return host !== undefined && count === 1 && authority.test(host) && URL.canParse(`http://${host}`)
    ? Either.void
    : Either.left(new BadRequest({ message: "The request must have one Host header with a host name or address." }))
}
