import type { IncomingMessage } from "node:http"

// An import is of any size, so its body may take any time, as long as it goes on.
const unbounded = /^\/v1\.0\/[^/?]+\/imports(?:\?|$)/

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0"

/**
 * Calls `late` when the body of a request has not arrived after so many milliseconds; of an import, when nothing more of
 * it has.
 */
export const watchArrival = (request: IncomingMessage, millis: number, late: () => void): void => {
  if (!hasBody(request)) return
  const patient = request.method === "POST" && unbounded.test(request.url ?? "")
  let read = request.socket.bytesRead
  const timer = setInterval(() => {
    if (request.complete) return clearInterval(timer)
    const moved = request.socket.bytesRead !== read
    read = request.socket.bytesRead
    // What waits to be read has arrived.
    if (patient && (moved || request.readableLength > 0)) return
    clearInterval(timer)
    late()
  }, millis)
  timer.unref()
  request.once("close", () => clearInterval(timer))
}
