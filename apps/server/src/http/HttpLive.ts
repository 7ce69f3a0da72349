import { CatalogApi } from "@backup-catalog/core/http"
import { HttpApiBuilder, HttpMiddleware, HttpRouter, HttpServerRequest } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { RequestTraces } from "../telemetry/RequestTraces.ts"
import { incoming } from "./Answer.ts"
import { BackupsHandlers } from "./BackupsHandlers.ts"
import { CoverageHandlers } from "./CoverageHandlers.ts"
import { DocumentsLive } from "./DocumentsLive.ts"
import { FaultsLive } from "./FaultsLive.ts"
import { ImportsHandlers } from "./ImportsHandlers.ts"
import { InstancesHandlers } from "./InstancesHandlers.ts"
import { LimitsHandlers } from "./LimitsHandlers.ts"
import { ServiceHandlers } from "./ServiceHandlers.ts"
import { StrictRequestLive } from "./StrictRequestLive.ts"
import { TokenAuthLive } from "./TokenAuthLive.ts"

const ApiLive = HttpApiBuilder.api(CatalogApi).pipe(
  Layer.provide([
    BackupsHandlers,
    InstancesHandlers,
    ImportsHandlers,
    CoverageHandlers,
    LimitsHandlers,
    ServiceHandlers
  ])
)

// Paths mean what they say (contract §1): case matters, a slash at the end is another path. An id of 255 characters
// may take 12 characters each in a URL.
const strictRouter = HttpRouter.setRouterConfig({
  caseSensitive: true,
  ignoreTrailingSlash: false,
  maxParamLength: 3060
})

/** Everything that the API definition routes, its document and its docs page, as a handler of Node requests. */
export const makeApplication = Effect.gen(function* () {
  const traces = yield* RequestTraces
  const application = yield* HttpApiBuilder.httpApp
  const traced = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
    traces.within(incoming(request), application)
  )
  // The framework's own span would have every header and the query in it.
  return yield* HttpMiddleware.withTracerDisabledWhenEffect(NodeHttpServer.makeHandler(traced), () => true)
})

/** What `makeApplication` needs: the API, its handlers and its faults. */
export const HttpLive = Layer.merge(FaultsLive, DocumentsLive).pipe(
  Layer.provideMerge(ApiLive),
  Layer.provide([TokenAuthLive, StrictRequestLive]),
  Layer.provideMerge(HttpApiBuilder.Router.Live),
  Layer.provideMerge(HttpApiBuilder.Middleware.layer),
  Layer.provideMerge(NodeHttpServer.layerContext),
  Layer.provide(strictRouter)
)
