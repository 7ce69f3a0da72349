import { ServiceUnavailable } from "@backup-catalog/core"
import { CatalogApi } from "@backup-catalog/core/http"
import { BackupStore } from "@backup-catalog/core/store"
import { HttpApiBuilder, type HttpServerRequest } from "@effect/platform"
import { Effect } from "effect"
import { incoming } from "./Answer.ts"
import { makeMetrics } from "./MetricsHandler.ts"
import { PublicUrl } from "./PublicUrl.ts"

const ok = { status: "ok" } as const

/** What the service says of itself: its versions, its health and its metrics. */
export const ServiceHandlers = HttpApiBuilder.group(CatalogApi, "service", (handlers) =>
  Effect.gen(function* () {
    const store = yield* BackupStore
    const publicUrl = yield* PublicUrl
    const metrics = yield* makeMetrics
    const version = (request: HttpServerRequest.HttpServerRequest) => ({
      id: "v1.0",
      status: "CURRENT",
      updated: "2012-08-01T00:00:00Z",
      links: [{ rel: "self", href: `${publicUrl(incoming(request))}/v1.0` }]
    })
    return handlers
      .handle("versions", ({ request }) => Effect.succeed({ versions: [version(request)] }))
      .handle("version", ({ request }) => Effect.succeed({ version: version(request) }))
      .handle("metrics", ({ request }) => metrics(request))
      .handle("health", () => Effect.succeed(ok))
      .handle("readiness", () =>
        Effect.as(store.ready, ok).pipe(
          Effect.catchTag(
            "StoreUnavailable",
            () => new ServiceUnavailable({ message: "The backup store does not answer.", retryAfter: 5 })
          )
        )
      )
  })
)
