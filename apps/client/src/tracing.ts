import { HttpClient, HttpClientRequest } from "@effect/platform"
import { Effect, Option, Tracer } from "effect"
import type { Settings } from "./HttpCatalogOptions.ts"

const wellFormed = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

const isTraceparent = (given: unknown): given is string => typeof given === "string" && wellFormed.test(given)

const ofSpan = Effect.map(
  Effect.serviceOption(Tracer.ParentSpan),
  Option.map(({ traceId, spanId, sampled }) => `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`)
)

/** Has each request say which trace it is part of, as the settings have it; what is no `traceparent` is not sent. */
export const tracing = ({ traceparent }: Pick<Settings, "traceparent">) => {
  // A request does not depend on the trace that it is part of.
  const current = traceparent === "span" ? ofSpan : Effect.sync(Option.liftThrowable(() => traceparent?.()))
  return HttpClient.mapRequestEffect((request: HttpClientRequest.HttpClientRequest) =>
    Effect.map(current, (found) =>
      Option.match(Option.filter(found, isTraceparent), {
        onNone: () => request,
        onSome: (text) => HttpClientRequest.setHeader(request, "traceparent", text)
      })
    )
  )
}
