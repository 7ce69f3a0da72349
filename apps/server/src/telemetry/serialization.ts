import { layerJson, layerProtobuf, OtlpSerialization } from "@effect/opentelemetry/OtlpSerialization"
import { Effect, Layer } from "effect"

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string | null }
}

interface Span {
  readonly attributes: ReadonlyArray<Attribute>
  readonly events: ReadonlyArray<unknown>
  readonly status: { readonly code: number }
}

/** Spans as the exporter hands them over (OTLP, `ExportTraceServiceRequest`). */
interface Traces {
  readonly resourceSpans: ReadonlyArray<{
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }>
  }>
}

interface Points {
  readonly dataPoints: ReadonlyArray<{ readonly attributes: ReadonlyArray<Attribute> }>
}

interface Measured {
  readonly name: string
  readonly sum?: Points
  readonly gauge?: Points
  readonly histogram?: Points
}

/** Metrics as the exporter hands them over (OTLP, `ExportMetricsServiceRequest`). */
interface Metrics {
  readonly resourceMetrics: ReadonlyArray<{
    readonly scopeMetrics: ReadonlyArray<{ readonly metrics: ReadonlyArray<Measured> }>
  }>
}

/** The codes of a status (OTLP, `Status.StatusCode`). */
const UNSET = 0
const ERROR = 2

/** The label of a metric that says what it is counted in. */
export const UNIT = "unit"

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

/** What the library counts of itself. */
const LIBRARY = /^effect_/

/** Attributes that are numbers, which labels cannot be. */
const NUMBERS = new Set(["http.response.status_code"])

const typed = ({ key, value }: Attribute) =>
  NUMBERS.has(key) ? { key, value: { intValue: Number(value.stringValue) } } : { key, value }

// The library has the unit of a metric from a label, which it leaves in each data point.
const plainPoints = (points: Points) => ({
  ...points,
  dataPoints: points.dataPoints.map((point) => ({
    ...point,
    attributes: point.attributes.filter(({ key }) => key !== UNIT).map(typed)
  }))
})

const plainMetric = ({ sum, gauge, histogram, ...metric }: Measured) => ({
  ...metric,
  ...(sum && { sum: plainPoints(sum) }),
  ...(gauge && { gauge: plainPoints(gauge) }),
  ...(histogram && { histogram: plainPoints(histogram) })
})

const plainMetrics = ({ resourceMetrics, ...rest }: Metrics) => ({
  ...rest,
  resourceMetrics: resourceMetrics.map((resource) => ({
    ...resource,
    scopeMetrics: resource.scopeMetrics.map((scope) => ({
      ...scope,
      metrics: scope.metrics.filter(({ name }) => !LIBRARY.test(name)).map(plainMetric)
    }))
  }))
})

/** How spans and metrics are written; of what failed a span has the kind, and nothing that its failure quotes. */
export const serialization = (protocol: "http/json" | "http/protobuf"): Layer.Layer<OtlpSerialization> =>
  Layer.effect(
    OtlpSerialization,
    Effect.map(OtlpSerialization, (library) => ({
      ...library,
      traces: (data: unknown) => library.traces(plainTraces(data as Traces)),
      metrics: (data: unknown) => library.metrics(plainMetrics(data as Metrics))
    }))
  ).pipe(Layer.provide(protocol === "http/json" ? layerJson : layerProtobuf))
