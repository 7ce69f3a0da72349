import { type Fault, Unauthorized } from "@backup-catalog/core"

/** A fault as it is sent. */
export interface FaultAnswer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

/** The answer of a fault: its envelope, and the headers that belong to it (contract §2). */
export const faultAnswer = (fault: Fault): FaultAnswer => ({
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
