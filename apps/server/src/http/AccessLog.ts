import type { ServerResponse } from "node:http"
import { ACCOUNT_PATTERN } from "@backup-catalog/core"
import type { RequestLog } from "../log/RequestLog.ts"
import type { ListenerRequest } from "../request/ListenerRequest.ts"
import { pathOf } from "../request/requestTarget.ts"

const accountPath = new RegExp(String.raw`^/v1\.0/(${ACCOUNT_PATTERN})(?:/|$)`)

/** The longest path that is logged, in characters. */
const MAX_PATH = 300

/**
 * Logs one line for a request when its answer is out: id, trace where there is one, method, path, account, status,
 * milliseconds.
 *
 * Never the query or a header: that is where secrets travel. Status 499 is a caller that hung up before the answer.
 */
export const logRequest = (
  log: typeof RequestLog.Service,
  request: ListenerRequest,
  response: ServerResponse
): void => {
  const started = performance.now()
  response.on("close", () => {
    const path = pathOf(request.url ?? "")
    log({
      id: request.id,
      trace: request.span?.traceId,
      method: request.method ?? "",
      path: path.slice(0, MAX_PATH),
      account: accountPath.exec(path)?.[1],
      status: response.writableFinished ? response.statusCode : 499,
      micros: Math.round((performance.now() - started) * 1000)
    })
  })
}
