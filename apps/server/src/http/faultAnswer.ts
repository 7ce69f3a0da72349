import { type Fault, Unauthorized } from "@backup-catalog/core"
import type { Answer } from "./Answer.ts"

/** The answer of a fault: its envelope, and the headers that belong to it (docs/api.md, Faults). */
export const faultAnswer = (fault: Fault): Answer & { readonly body: string } => ({
  status: fault.code,
  headers: {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    ...(fault instanceof Unauthorized ? { "WWW-Authenticate": 'Token realm="backup-catalog"' } : {}),
    ...(fault.retryAfter === undefined ? {} : { "Retry-After": String(fault.retryAfter) }),
    ...(fault.allow === undefined ? {} : { Allow: fault.allow.join(", ") })
  },
  body: JSON.stringify(fault.envelope)
})
