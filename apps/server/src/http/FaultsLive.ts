import { type AccountId, type Fault, NotImplemented } from "@backup-catalog/core"
import { CatalogApi, TOKEN_HEADER } from "@backup-catalog/core/http"
import { HttpApiBuilder, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
import { authorise, TokenVerifier } from "../auth/TokenVerifier.ts"
import { pathOf } from "../request/requestTarget.ts"
import { route } from "../request/routes.ts"
import { incoming, toResponse } from "./Answer.ts"
import { faultAnswer } from "./faultAnswer.ts"
import { faultOfCause } from "./faultOfCause.ts"

const notOffered = new NotImplemented({
  message:
    "The catalog keeps the list of backups and runs no databases: this operation of Trove is not offered " +
    "here; ask the service that runs the instance."
})

/**
 * Around the router: what it does not route is answered before anything else is looked at, and whatever goes wrong
 * behind it leaves as the envelope of faults (docs/api.md, Faults).
 */
export const FaultsLive = HttpApiBuilder.middleware(
  CatalogApi,
  Effect.map(TokenVerifier, (verifier) => (app) => {
    const refuseOffer = (
      request: HttpServerRequest.HttpServerRequest,
      account: AccountId
    ): Effect.Effect<never, Fault> =>
      Effect.zipRight(
        authorise(verifier, request.headers[TOKEN_HEADER.toLowerCase()] ?? "", account, "notOffered"),
        notOffered
      )
    return Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const routed = route(request.method, pathOf(request.originalUrl))
      if (routed._tag === "Options") {
        return HttpServerResponse.empty({ status: 204, headers: { Allow: routed.allow.join(", ") } })
      }
      const answer: Effect.Effect<HttpServerResponse.HttpServerResponse, unknown, HttpServerRequest.HttpServerRequest> =
        routed._tag === "Unroutable"
          ? Effect.fail(routed.fault)
          : routed._tag === "NotOffered"
            ? refuseOffer(request, routed.account)
            : app
      return answer.pipe(
        // What one account sees must not be kept for another.
        Effect.map(HttpServerResponse.setHeader("Cache-Control", "private, no-cache")),
        Effect.catchAllCause((cause) =>
          Effect.map(faultOfCause(cause, incoming(request).id), (fault) => toResponse(faultAnswer(fault)))
        )
      )
    })
  })
)
