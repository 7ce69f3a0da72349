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

// Paths mean what they say (docs/api.md): case matters, a slash at the end is another path. An id of 255 characters
// may take 12 characters each in a URL.
const strictRouter = HttpRouter.setRouterConfig({
  caseSensitive: true,
  ignoreTrailingSlash: false,
  maxParamLength: 3060
})

/** For how long requests that were cut off may still write down what became of them, in milliseconds. */
const LAST_WORDS = 2000

/**
 * Everything that the API definition routes, its document and its docs page, as a handler of Node requests; and when
 * all that was begun of them has come to its end, also where nobody waits for the answer any more.
 */
export const makeApplication = Effect.gen(function* () {
  const traces = yield* RequestTraces
  const application = yield* HttpApiBuilder.httpApp
  let running = 0
  let tellIdle = () => {}
  const traced = Effect.acquireUseRelease(
    Effect.sync(() => running++),
    () =>
      Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => traces.within(incoming(request), application)),
    () =>
      Effect.sync(() => {
        running--
        if (running === 0) tellIdle()
      })
  )
  // The framework's own span would have every header and the query in it.
  const handle = yield* HttpMiddleware.withTracerDisabledWhenEffect(NodeHttpServer.makeHandler(traced), () => true)
  const idle = Effect.async<void>((resume) => {
    tellIdle = () => resume(Effect.void)
    if (running === 0) tellIdle()
    else setTimeout(tellIdle, LAST_WORDS).unref()
  })
  return { handle, idle }
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
