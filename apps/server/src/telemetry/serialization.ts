import { layerJson, layerProtobuf, OtlpSerialization } from "@effect/opentelemetry/OtlpSerialization"
import { Effect, Layer } from "effect"

interface Span {
  readonly attributes: ReadonlyArray<{ readonly key: string }>
  readonly events: ReadonlyArray<unknown>
}

/** Spans as the exporter hands them over (OTLP, `ExportTraceServiceRequest`). */
interface Traces {
  readonly resourceSpans: ReadonlyArray<{
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }>
  }>
}

const MARKS = new Set(["span.label", "status.interrupted"])

// The library marks whatever failed as interrupted, and puts the whole failure into an event: its stack, and what it quotes.
const plain = (span: Span): Span => ({
  ...span,
  attributes: span.attributes.filter(({ key }) => !MARKS.has(key)),
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
