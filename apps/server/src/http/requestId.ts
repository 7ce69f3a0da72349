import { randomUUID } from "node:crypto"
import { IncomingMessage } from "node:http"

/** A new id, in the form that OpenStack's tools expect. */
export const newRequestId = (): string => `req-${randomUUID()}`

/** A request with its id, as the listener makes them. */
export class IdentifiedRequest extends IncomingMessage {
  readonly id: string = newRequestId()
}

/** The id of a request that came through the listener: in its answer, in the log, and in what is said of a defect. */
export const requestIdOf = (request: IncomingMessage): string => {
  if (request instanceof IdentifiedRequest) return request.id
  throw new Error("this request did not come through the listener, which gives each its id")
}

/** The headers that carry the id of a request: our own (contract §2), and the one that OpenStack's clients read. */
export const requestIdHeaders = (id: string) => ({ "X-Request-Id": id, "X-Openstack-Request-Id": id })
