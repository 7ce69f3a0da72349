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
  /** The role of its token, for those who count requests; undefined where nobody was let in. */
  role: Role | undefined
  /** The scheme and host of its target, for links in its answer; undefined where that is no whole URL. */
  origin: string | undefined
  /** Its span, where there are traces; of one that is not recorded, what its trace is called. */
  span: Tracer.AnySpan | undefined

  /** In its answer, in the log, and in what is said of a defect. */
  get id(): string {
    const given = this.headers["x-request-id"]
    this.#id ??= typeof given === "string" && wellFormed.test(given) ? given : newRequestId()
    return this.#id
  }
}

/** The headers that carry the id of a request: our own (docs/api.md), and the one that OpenStack's clients read. */
export const requestIdHeaders = (id: string) => ({ "X-Request-Id": id, "X-Openstack-Request-Id": id })
