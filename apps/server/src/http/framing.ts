import type { IncomingMessage } from "node:http"
import { BadRequest, type Fault } from "@backup-catalog/core"
import { pathOf } from "../request/requestTarget.ts"
import { isAuthority } from "./PublicUrl.ts"

const absolute = /^https?:\/\/([^/?#]+)(.*)$/is

// Node reads 100-continue out of anything that has it among others.
const isExpected = (expect: string): boolean =>
  expect.split(",").every((one) => one.trim().toLowerCase() === "100-continue")

/** Whether a request asks for another protocol: what comes with it, Node takes to be in that one, and drops. */
export const asksForUpgrade = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade !== undefined && /upgrade/i.test(headers.connection ?? "")

/**
 * What is wrong with how a request is framed, which Node lets through: another reader of it might see another request.
 */
export const framingFault = ({ httpVersion, headers, url = "" }: IncomingMessage): Fault | undefined => {
  if (httpVersion !== "1.1" && httpVersion !== "1.0") {
    return new BadRequest({ message: `This server speaks HTTP/1.1, not HTTP/${httpVersion}.` })
  }
  const coding = headers["transfer-encoding"]
  if (coding !== undefined && (httpVersion === "1.0" || coding.trim().toLowerCase() !== "chunked")) {
    return new BadRequest({ message: "The only Transfer-Encoding that is read is chunked, in HTTP/1.1." })
  }
  if (headers.expect !== undefined && httpVersion === "1.1" && !isExpected(headers.expect)) {
    return new BadRequest({ message: "The Expect header may only ask for 100-continue." })
  }
  return /^https?:/i.test(url) && !isAuthority(absolute.exec(url)?.[1] ?? "")
    ? new BadRequest({ message: "The URL of the request line must have a host name or address, and no credentials." })
    : undefined
}

// A request line may name the whole URL (RFC 9112, 3.2.2); behind the authority it means the same.
const toOriginForm = (url: string): string =>
  url.startsWith("/") ? url : (absolute.exec(url)?.[2]?.replace(/^(?!\/)/, "/") ?? url)

/**
 * The scheme and host of a target that is a whole URL, in which framingFault finds nothing wrong; undefined of any
 * other.
 */
export const originIn = (url: string): string | undefined =>
  !url.startsWith("/") && absolute.test(url) ? new URL(url).origin : undefined

/** The target of a request line as the router reads it: from the path on. */
export const toRouterForm = (url: string): string => {
  const target = toOriginForm(url)
  // The router ends a path at ; and #, which would make an id with one of them another backup's id.
  if (!target.includes(";") && !target.includes("#")) return target
  const path = pathOf(target)
  return /[;#]/.test(path) ? path.replaceAll(";", "%3B").replaceAll("#", "%23") + target.slice(path.length) : target
}
