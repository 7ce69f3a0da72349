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
