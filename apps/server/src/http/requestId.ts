import { randomUUID } from "node:crypto"
import type { IncomingMessage } from "node:http"

const ids = new WeakMap<IncomingMessage, string>()

/** The id of a request: in its answer, in the log, and in what is said of a defect. */
export const requestIdOf = (request: IncomingMessage): string => {
  const known = ids.get(request)
  if (known !== undefined) return known
  const id = newRequestId()
  ids.set(request, id)
  return id
}

/** A new id, in the form that OpenStack's tools expect. */
export const newRequestId = (): string => `req-${randomUUID()}`

/** The headers that carry the id of a request: our own (contract §2), and the one that OpenStack's clients read. */
export const requestIdHeaders = (id: string) => ({ "X-Request-Id": id, "X-Openstack-Request-Id": id })
