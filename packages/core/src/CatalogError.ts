import { Data } from "effect"
import { acrossCopies } from "./acrossCopies.ts"
import { type Fault, isFault } from "./Fault.ts"

/** No answer came: the server could not be reached, or the connection broke. `code` is 0, since no status arrived. */
export class ConnectionFailed extends acrossCopies(Data.TaggedError("ConnectionFailed"))<{
  readonly message: string
  readonly requestId?: string
  readonly cause?: unknown
}> {
  readonly code = 0
}

/** No complete answer came in time. `code` is 0, since none can be trusted. */
export class TimedOut extends acrossCopies(Data.TaggedError("TimedOut"))<{
  readonly message: string
  readonly requestId?: string
}> {
  readonly code = 0
}

/** An answer came that is not what the contract says; the message names the member or header. `code` is its status. */
export class UnexpectedAnswer extends acrossCopies(Data.TaggedError("UnexpectedAnswer"))<{
  readonly message: string
  readonly code: number
  readonly requestId?: string
  /** Seconds after which trying again makes sense, when the answer named them in `Retry-After`. */
  readonly retryAfter?: number
}> {}

/** What was asked for is more than the caller allowed; nothing was cut off silently. `code` is 0: no server said so. */
export class TooMany extends acrossCopies(Data.TaggedError("TooMany"))<{
  readonly message: string
  readonly max: number
  readonly requestId?: string
}> {
  readonly code = 0
}

/**
 * What an operation of the catalog may fail with, wherever it runs: a fault of the server, or no good answer at all.
 */
export type CatalogError = Fault | ConnectionFailed | TimedOut | UnexpectedAnswer

/** Whether a value is one of these. */
export const isCatalogError = (value: unknown): value is CatalogError =>
  isFault(value) || value instanceof ConnectionFailed || value instanceof TimedOut || value instanceof UnexpectedAnswer
