import type { Tracer } from "effect"

/** Where a caller's trace stands, as its `traceparent` says. */
export interface TraceParent {
  readonly traceId: string
  readonly spanId: string
  /** Whether the caller records the trace. */
  readonly sampled: boolean
}

const form = /^([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/**
 * Reads a `traceparent` header (W3C Trace Context); undefined for one that is not well-formed, which counts as none.
 */
export const parseTraceparent = (header: string): TraceParent | undefined => {
  const [, version, traceId, spanId, flags, more] = form.exec(header) ?? []
  // Version 00 ends with its flags; a later one may go on behind them.
  if (version === "ff" || (version === "00" && more !== undefined)) return undefined
  return traceId === undefined || spanId === undefined || flags === undefined
    ? undefined
    : { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** The `traceparent` header of what is asked for within a span. */
export const traceparentOf = ({ traceId, spanId, sampled }: Tracer.AnySpan): string =>
  `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`
