import { once } from "node:events"
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http"

interface KeyValue {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

/** A span as it came over OTLP, with its attributes by name, and those of the process it is of. */
export interface CollectedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status: { readonly code: number; readonly message?: string }
  readonly events: ReadonlyArray<unknown>
  readonly attributes: Readonly<Record<string, unknown>>
  readonly resource: Readonly<Record<string, unknown>>
}

/** A data point of a metric as it came over OTLP. */
export interface CollectedPoint {
  readonly name: string
  readonly unit: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly resource: Readonly<Record<string, unknown>>
  readonly value: number | undefined
  readonly count: number | undefined
}

interface Resource {
  readonly attributes: ReadonlyArray<KeyValue>
}

interface SentSpans {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: Resource
    readonly scopeSpans: ReadonlyArray<{
      readonly spans: ReadonlyArray<Omit<CollectedSpan, "attributes" | "resource"> & Resource>
    }>
  }>
}

interface Points {
  readonly dataPoints: ReadonlyArray<
    Resource & { readonly asDouble?: number; readonly asInt?: number; readonly count?: number }
  >
}

interface SentMetrics {
  readonly resourceMetrics: ReadonlyArray<{
    readonly resource: Resource
    readonly scopeMetrics: ReadonlyArray<{
      readonly metrics: ReadonlyArray<{
        readonly name: string
        readonly unit: string
        readonly sum?: Points
        readonly gauge?: Points
        readonly histogram?: Points
      }>
    }>
  }>
}

const named = (attributes: ReadonlyArray<KeyValue>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

const bodyOf = async (request: IncomingMessage): Promise<string> => (await request.toArray()).join("")

/** A collector of OTLP over HTTP, in JSON, which keeps all that it is sent; it can be told to misbehave. */
export class Collector {
  readonly spans: Array<CollectedSpan> = []
  readonly points: Array<CollectedPoint> = []
  /** Each request, as it came. */
  readonly requests: Array<{ readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: string }> = []
  /** Answers a request in another way than by taking it. */
  misbehave: ((response: ServerResponse) => void) | undefined

  readonly #server = createServer((request, response) => void this.#take(request, response))

  /** Starts it on a port, 0 for a free one; gives the URL. */
  async start(port = 0): Promise<string> {
    this.#server.listen(port, "127.0.0.1")
    await once(this.#server, "listening")
    const address = this.#server.address()
    if (typeof address !== "object" || address === null) throw new Error("no port")
    return `http://127.0.0.1:${address.port}`
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = "", headers } = request
    const body = await bodyOf(request)
    this.requests.push({ url, headers, body })
    if (this.misbehave !== undefined) return this.misbehave(response)
    if (headers["content-type"] === "application/json") {
      const data = JSON.parse(body)
      if (url.endsWith("/v1/traces")) this.#keepSpans(data)
      if (url.endsWith("/v1/metrics")) this.#keepPoints(data)
    }
    response.setHeader("Content-Type", "application/json").end("{}")
  }

  #keepSpans({ resourceSpans }: SentSpans): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        this.spans.push({ ...span, attributes: named(span.attributes), resource: named(resource.attributes) })
      }
    }
  }

  #keepPoints({ resourceMetrics }: SentMetrics): void {
    for (const { resource, scopeMetrics } of resourceMetrics) {
      for (const { name, unit, sum, gauge, histogram } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
        for (const { attributes, asDouble, asInt, count } of (sum ?? gauge ?? histogram)?.dataPoints ?? []) {
          this.points.push({
            name,
            unit,
            attributes: named(attributes),
            resource: named(resource.attributes),
            value: asDouble ?? asInt,
            count
          })
        }
      }
    }
  }
}
