import { CatalogApi } from "@backup-catalog/core/http"
import { HttpApiBuilder, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeHttpServerRequest } from "@effect/platform-node"
import { Effect } from "effect"
import { faultAnswer } from "./faultAnswer.ts"
import { faultOfCause } from "./faultOfCause.ts"
import { requestIdOf } from "./requestId.ts"
import { pathOf } from "./requestTarget.ts"
import { route } from "./routes.ts"

/**
 * Around the router: what it does not route is answered before anything else is looked at, and whatever goes wrong
 * behind it leaves as the envelope of contract §2.
 */
export const FaultsLive = HttpApiBuilder.middleware(CatalogApi, (app) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
    const routed = route(request.method, pathOf(request.originalUrl))
    if (routed._tag === "Options") {
      return HttpServerResponse.empty({ status: 204, headers: { Allow: routed.allow.join(", ") } })
    }
    const answer: Effect.Effect<HttpServerResponse.HttpServerResponse, unknown, HttpServerRequest.HttpServerRequest> =
      routed._tag === "Unroutable" ? Effect.fail(routed.fault) : app
    return answer.pipe(
      // What one account sees must not be kept for another.
      Effect.map(HttpServerResponse.setHeader("Cache-Control", "private, no-cache")),
      Effect.catchAllCause((cause) =>
        Effect.map(faultOfCause(cause, requestIdOf(NodeHttpServerRequest.toIncomingMessage(request))), (fault) => {
          const { status, headers, body } = faultAnswer(fault)
          return HttpServerResponse.text(body, { status, headers, contentType: "application/json" })
        })
      )
    )
  })
)
