/** The most answers that wait for the end of a turn. */
const MAX_WAITING = 64

/**
 * Keeps what is to be sent until the event loop has gone through all that had arrived, and then sends it in one go: one
 * answer at a time would wake its reader for each, which costs more than a short page (docs/performance-steps.md).
 */
export interface Outbox {
  /** Sends something, by the function that does it, when the loop has gone through all that had arrived. */
  readonly post: (send: () => void) => void
  /** Sends all that waits. */
  readonly flush: () => void
}

/** An outbox with nothing in it. */
export const makeOutbox = (): Outbox => {
  let waiting: Array<() => void> = []
  const flush = () => {
    const sends = waiting
    waiting = []
    for (const send of sends) send()
  }
  return {
    flush,
    post: (send) => {
      waiting.push(send)
      if (waiting.length === 1) setImmediate(flush)
      else if (waiting.length === MAX_WAITING) flush()
    }
  }
}
