import type { IncomingMessage, ServerResponse } from "node:http"

/** How long a request has for its body, and what is done when that is not there by then. */
interface Deadline {
  readonly millis: number
  readonly onLate: () => void
  timer: NodeJS.Timeout | undefined
}

const deadlines = new WeakMap<IncomingMessage, Deadline>()

/** Whether a request names a length that is not 0, which may be written with any number of digits (RFC 9110, 8.6). */
export const namesBody = ({ headers }: IncomingMessage): boolean => /[1-9]/.test(headers["content-length"] ?? "")

/** Whether a body comes with a request. */
export const hasBody = (request: IncomingMessage): boolean =>
  request.headers["transfer-encoding"] !== undefined || namesBody(request)

const waiting = new WeakMap<IncomingMessage, ServerResponse>()

/** Notes that the caller sends the body of a request only when it is asked for (`Expect: 100-continue`). */
export const waitsToBeAsked = (request: IncomingMessage, response: ServerResponse): void => {
  waiting.set(request, response)
}

/** Asks for the body of a request, which is about to be read, where its caller waits for that. */
export const askForBody = (request: IncomingMessage): void => {
  waiting.get(request)?.writeContinue()
  waiting.delete(request)
}

const begin = (request: IncomingMessage, deadline: Deadline): void => {
  deadline.timer = setTimeout(() => {
    if (!request.complete) deadline.onLate()
  }, deadline.millis).unref()
}

/**
 * Calls `onLate` when the body of a request, whose headers are there, has not arrived whole after some milliseconds.
 */
export const limitArrival = (request: IncomingMessage, millis: number, onLate: () => void): void => {
  if (!hasBody(request)) return
  const deadline: Deadline = { millis, onLate, timer: undefined }
  deadlines.set(request, deadline)
  begin(request, deadline)
  request.once("close", () => {
    deadlines.delete(request)
    clearTimeout(deadline.timer)
  })
}

/**
 * Lets the body of a request take all the time that it needs, for a reader that sees to it that it does come. Gives the
 * milliseconds for which it may pause, and what sets the deadline for what is left of it.
 */
export const withoutDeadline = (
  request: IncomingMessage
): { readonly pause: number | undefined; readonly restore: () => void } => {
  const deadline = deadlines.get(request)
  clearTimeout(deadline?.timer)
  return {
    pause: deadline?.millis,
    restore: () => {
      if (deadline !== undefined && deadlines.has(request)) begin(request, deadline)
    }
  }
}
