import { randomUUID } from "node:crypto"
import { IncomingMessage } from "node:http"
import type { Role } from "@backup-catalog/core/http"
import type { Tracer } from "effect"

/** A new id, in the form that OpenStack's tools expect. */
export const newRequestId = (): string => `req-${randomUUID()}`

// Nothing that would have to be escaped, in a header or a log, and long enough to be told from others.
const wellFormed = /^[A-Za-z0-9][A-Za-z0-9._-]{7,127}$/

/**
 * A request with its id, as the listener makes them: what its caller calls it in `X-Request-Id`, if that is 8 to 128
 * characters of `A-Z a-z 0-9 . _ -` and begins with a letter or digit, else a new one.
 */
export class ListenerRequest extends IncomingMessage {
  #id: string | undefined
  /** The role of its token, once that is known. */
  role: Role | undefined
  /** The scheme and host of its target, where that is a whole URL. */
  origin: string | undefined
  /** Its span, where there are traces; of one that is not recorded, what its trace is called. */
  span: Tracer.AnySpan | undefined

  get id(): string {
    const given = this.headers["x-request-id"]
    this.#id ??= typeof given === "string" && wellFormed.test(given) ? given : newRequestId()
    return this.#id
  }
}

/** Notes whose request it is, for those who count requests. */
export const noteRole = (request: IncomingMessage, role: Role): void => {
  if (request instanceof ListenerRequest) request.role = role
}

/** The role of a request's token; undefined where nobody was let in. */
export const roleOf = (request: IncomingMessage): Role | undefined =>
  request instanceof ListenerRequest ? request.role : undefined

/** Notes the scheme and host that a request's target names, for links in its answer. */
export const noteOrigin = (request: IncomingMessage, origin: string | undefined): void => {
  if (request instanceof ListenerRequest) request.origin = origin
}

/** The scheme and host of a request's target; undefined where that is no whole URL. */
export const originOf = (request: IncomingMessage): string | undefined =>
  request instanceof ListenerRequest ? request.origin : undefined

/** Notes the span of a request, for what is done for it. */
export const noteSpan = (request: IncomingMessage, span: Tracer.AnySpan): void => {
  if (request instanceof ListenerRequest) request.span = span
}

/** The span of a request; undefined where there are no traces. */
export const spanOf = (request: IncomingMessage): Tracer.AnySpan | undefined =>
  request instanceof ListenerRequest ? request.span : undefined

/** The id of a request that came through the listener: in its answer, in the log, and in what is said of a defect. */
export const requestIdOf = (request: IncomingMessage): string => {
  if (request instanceof ListenerRequest) return request.id
  throw new Error("this request did not come through the listener, which gives each its id")
}

/** The headers that carry the id of a request: our own (docs/api.md), and the one that OpenStack's clients read. */
export const requestIdHeaders = (id: string) => ({ "X-Request-Id": id, "X-Openstack-Request-Id": id })
