import { randomBytes } from "node:crypto"
import type { ServerResponse } from "node:http"
import { isFault } from "@backup-catalog/core"
import * as OtlpTracer from "@effect/opentelemetry/OtlpTracer"
import { Cause, type Clock, Context, Effect, Exit, Layer, Option, Tracer } from "effect"
import { knownMethod } from "../request/knownMethod.ts"
import type { ListenerRequest } from "../request/ListenerRequest.ts"
import { pathOf } from "../request/requestTarget.ts"
import { routeOf } from "../request/routes.ts"
import { collectorClient } from "./collectorClient.ts"
import { asTold, resourceOf, SHUTDOWN } from "./resourceOf.ts"
import type { Sampler } from "./Sampler.ts"
import { serialization } from "./serialization.ts"
import type { TelemetrySettings } from "./TelemetrySettings.ts"
import { parseTraceparent, traceparentOf } from "./traceparent.ts"

/** Traces of requests: a span for each, below that of its caller, and what is done for it below that. */
export class RequestTraces extends Context.Tag("@backup-catalog/server/RequestTraces")<
  RequestTraces,
  {
    /** Begins the span of a request, which ends with its answer. */
    readonly begin: (request: ListenerRequest, response: ServerResponse) => void
    /** Runs an effect below the span of a request. */
    readonly within: <A, E, R>(request: ListenerRequest, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  }
>() {
  /** Traces for nobody. */
  static readonly none: Layer.Layer<RequestTraces> = Layer.succeed(RequestTraces, {
    begin: () => {},
    within: (_, effect) => effect
  })

  /** Sends traces to a collector, what is left of them when the layer is released. */
  static readonly layer = (url: string, settings: TelemetrySettings): Layer.Layer<RequestTraces> =>
    Layer.scoped(
      RequestTraces,
      Effect.map(Effect.all({ tracer: exporting(url, settings), clock: Effect.clock }), ({ tracer, clock }) =>
        make(discreet(tracer), clock, settings.sampler)
      )
    ).pipe(Layer.provide([serialization(settings.protocol), collectorClient(settings.timeout)]))
}

const exporting = (url: string, settings: TelemetrySettings) =>
  OtlpTracer.make({
    url,
    ...resourceOf(settings),
    exportInterval: settings.tracesInterval,
    shutdownTimeout: SHUTDOWN
  }).pipe(asTold)

// What a failure says may quote what nobody but the log may see; a span has its kind.
const kindOf = (failure: unknown): string => {
  if (typeof failure === "string") return failure
  return failure instanceof Error && "_tag" in failure ? String(failure._tag) : "defect"
}

const discreetExit = (exit: Exit.Exit<unknown, unknown>): Exit.Exit<void, string> => {
  if (Exit.isSuccess(exit) || Cause.isInterruptedOnly(exit.cause)) return Exit.void
  const failure: unknown = Option.getOrUndefined(Cause.failureOption(exit.cause))
  // What the caller did wrong is no failure of the server.
  return isFault(failure) && failure.code < 500 ? Exit.void : Exit.fail(kindOf(failure))
}

/** A tracer whose spans keep nothing of what they were of, and that leaves out what is below an unsampled one. */
const discreet = (tracer: Tracer.Tracer): Tracer.Tracer =>
  Tracer.make({
    context: (run, fiber) => tracer.context(run, fiber),
    span: (name, parent, context, links, startTime, kind, options) => {
      const span = tracer.span(name, parent, context, links, startTime, kind, options)
      const end = span.end.bind(span)
      const isSampled = Option.match(parent, { onNone: () => true, onSome: ({ sampled }) => sampled })
      return Object.assign(span, {
        sampled: isSampled,
        end: (endTime: bigint, exit: Exit.Exit<unknown, unknown>) => {
          if (isSampled) end(endTime, discreetExit(exit))
        }
      })
    }
  })

const randomId = (bytes: number): string => randomBytes(bytes).toString("hex")

const make = (tracer: Tracer.Tracer, clock: Clock.Clock, sampler: Sampler): typeof RequestTraces.Service => ({
  begin: (request, response) => {
    const given = request.headers.traceparent
    const caller = typeof given === "string" ? parseTraceparent(given) : undefined
    if (!sampler(caller)) {
      const { traceId = randomId(16), spanId = randomId(8) } = caller ?? {}
      request.span = Tracer.externalSpan({ traceId, spanId, sampled: false })
      return
    }
    const method = knownMethod(request)
    const route = routeOf(pathOf(request.url ?? ""))
    const name = [method ?? "HTTP", route].filter((part) => part !== undefined).join(" ")
    const parent = Option.map(Option.fromNullable(caller), ({ traceId, spanId }) =>
      // Whether its caller records it or not, this one is recorded.
      Tracer.externalSpan({ traceId, spanId, sampled: true })
    )
    const span = tracer.span(name, parent, Context.empty(), [], clock.unsafeCurrentTimeNanos(), "server")
    span.attribute("http.request.method", method ?? "_OTHER")
    if (route !== undefined) span.attribute("http.route", route)
    span.attribute("url.scheme", "http")
    span.attribute("backup_catalog.request_id", request.id)
    request.span = span
    response.setHeader("traceresponse", traceparentOf(span))
    response.once("close", () => {
      const { headersSent, statusCode, writableFinished } = response
      if (headersSent) span.attribute("http.response.status_code", statusCode)
      const error = !writableFinished ? "the caller hung up" : statusCode >= 500 ? String(statusCode) : undefined
      if (error !== undefined) span.attribute("error.type", error)
      span.end(clock.unsafeCurrentTimeNanos(), statusCode >= 500 ? Exit.fail(String(statusCode)) : Exit.void)
    })
  },
  within: ({ span }, effect) =>
    span === undefined ? effect : effect.pipe(Effect.withParentSpan(span), Effect.withTracer(tracer))
})
