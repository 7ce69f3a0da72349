import { layerJson, layerProtobuf, OtlpSerialization } from "@effect/opentelemetry/OtlpSerialization"
import { Effect, Layer } from "effect"

interface Span {
  readonly attributes: ReadonlyArray<{ readonly key: string }>
  readonly events: ReadonlyArray<unknown>
  readonly status: { readonly code: number }
}

/** Spans as the exporter hands them over (OTLP, `ExportTraceServiceRequest`). */
interface Traces {
  readonly resourceSpans: ReadonlyArray<{
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }>
  }>
}

/** The codes of a status (OTLP, `Status.StatusCode`). */
const UNSET = 0
const ERROR = 2

const MARKS = new Set(["span.label", "status.interrupted", "code.stacktrace"])

// The library calls whatever did not fail OK, which is for people to say: a 404 is none. It marks whatever failed as
// interrupted, and with where in the code that was, and puts the whole failure into an event: its stack, and what it
// quotes.
const plain = (span: Span): Span => ({
  ...span,
  attributes: span.attributes.filter(({ key }) => !MARKS.has(key)),
  status: span.status.code === ERROR ? span.status : { code: UNSET },
  events: []
})

const plainTraces = ({ resourceSpans, ...rest }: Traces): Traces => ({
  ...rest,
  resourceSpans: resourceSpans.map((resource) => ({
    ...resource,
    scopeSpans: resource.scopeSpans.map((scope) => ({ ...scope, spans: scope.spans.map(plain) }))
  }))
})

/** How spans and metrics are written; of what failed a span has the kind, and nothing that its failure quotes. */
export const serialization = (protocol: "http/json" | "http/protobuf"): Layer.Layer<OtlpSerialization> =>
  Layer.effect(
    OtlpSerialization,
    Effect.map(OtlpSerialization, (library) => ({
      ...library,
      traces: (data: unknown) => library.traces(plainTraces(data as Traces))
    }))
  ).pipe(Layer.provide(protocol === "http/json" ? layerJson : layerProtobuf))
