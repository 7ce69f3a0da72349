import type { IncomingMessage, ServerResponse } from "node:http"
import { Context, Effect, Layer } from "effect"
import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"
import { roleOf } from "../http/requestId.ts"
import { pathOf } from "../http/requestTarget.ts"
import { routeOf } from "../http/routes.ts"
import { version } from "../version.ts"

/** The bounds of the histogram of durations, in seconds. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Methods that are named; callers may send any other. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])

/** What a server counts of itself while it answers, in the text format of Prometheus. */
export class ServerMetrics extends Context.Tag("@backup-catalog/server/ServerMetrics")<
  ServerMetrics,
  {
    /** Counts a request once it is answered, or its caller has hung up. */
    readonly observe: (request: IncomingMessage, response: ServerResponse) => void
    /** Counts a page of a list, by whether it was remembered. */
    readonly page: (remembered: boolean) => void
    readonly text: Effect.Effect<string>
  }
>() {
  /** Counts where somebody may look, and nothing otherwise; `gather` has the counts of all processes, where there are several. */
  static readonly layer = (isShown: boolean, gather: Effect.Effect<string> | undefined): Layer.Layer<ServerMetrics> =>
    Layer.sync(ServerMetrics, () => (isShown ? make(gather) : nothing))
}

const nothing: typeof ServerMetrics.Service = { observe: () => {}, page: () => {}, text: Effect.succeed("") }

// The library answers the supervisor by itself, in a process where there is one of these.
const answerSupervisor = (register: Registry): void => {
  AggregatorRegistry.setRegistries([register])
  new AggregatorRegistry()
}

const make = (gather: Effect.Effect<string> | undefined) => {
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register })
  if (gather !== undefined) answerSupervisor(register)
  const requests = new Counter({
    name: "backup_catalog_requests_total",
    help: "Requests by the path of their operation, method, status and the role of their token; status 499 is a caller who hung up.",
    labelNames: ["route", "method", "status", "role"],
    registers
  })
  const seconds = new Histogram({
    name: "backup_catalog_request_duration_seconds",
    help: "How long requests took, from their headers to the end of their answer.",
    labelNames: ["route"],
    buckets: SECONDS,
    registers
  })
  const inFlight = new Gauge({
    name: "backup_catalog_requests_in_flight",
    help: "Requests that are being answered.",
    registers
  })
  const pages = new Counter({
    name: "backup_catalog_pages_total",
    help: "Pages of lists, by whether they were remembered as they were sent before.",
    labelNames: ["remembered"],
    registers
  })
  new Gauge({
    name: "backup_catalog_info",
    help: "The version of the server.",
    labelNames: ["version"],
    registers
  }).set({ version }, 1)

  return ServerMetrics.of({
    observe: (request, response) => {
      const started = performance.now()
      const { method = "" } = request
      inFlight.inc()
      response.once("close", () => {
        inFlight.dec()
        const route = routeOf(pathOf(request.url ?? "")) ?? "none"
        const status = response.writableFinished ? response.statusCode : 499
        requests.inc({ route, method: METHODS.has(method) ? method : "other", status, role: roleOf(request) ?? "none" })
        seconds.observe({ route }, (performance.now() - started) / 1000)
      })
    },
    page: (remembered) => pages.inc({ remembered: String(remembered) }),
    text: gather ?? Effect.promise(() => register.metrics())
  })
}
