import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"
import { version } from "../version.ts"
import { type Counters, numbersOf, SECONDS } from "./Counters.ts"
import { type Counts, onlyGrows } from "./Counts.ts"

/** Gauges of the library that are named like counters, of which each is the sum of another of its gauges. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"]

/** Counts for Prometheus; `text` is what there is, in its text format, and `counts` the same for a supervisor. */
export const makePrometheusCounters = (): {
  readonly counters: Counters
  readonly text: () => Promise<string>
  readonly counts: (onlyGrowing: boolean) => Promise<Counts>
} => {
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register })
  for (const name of MISNAMED) register.removeSingleMetric(name)
  const requests = new Counter({
    name: "backup_catalog_requests_total",
    help: "Requests by the path of their operation, method, status and the role of their token; status 499 is a caller who hung up.",
    labelNames: ["route", "method", "status", "role"],
    registers
  })
  const durations = new Histogram({
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
  const tokens = new Counter({
    name: "backup_catalog_tokens_total",
    help: "Tokens that were looked at, by whether what they stand for was remembered.",
    labelNames: ["remembered"],
    registers
  })
  const overloads = new Counter({
    name: "backup_catalog_overloaded_total",
    help: "Requests that were refused because the server had too much to do, by what told so.",
    labelNames: ["reason"],
    registers
  })
  for (const reason of ["requests", "delay"]) overloads.inc({ reason }, 0)
  new Gauge({
    name: "backup_catalog_info",
    help: "The version of the server.",
    labelNames: ["version"],
    aggregator: "max",
    registers
  }).set({ version }, 1)

  return {
    text: () => register.metrics(),
    counts: (onlyGrowing) =>
      Promise.all(
        register
          .getMetricsAsArray()
          // Some gauges begin anew whenever they are looked at.
          .filter((metric) => !onlyGrowing || onlyGrows(metric))
          .flatMap(({ name }) => register.getSingleMetric(name)?.get() ?? [])
      ),
    counters: {
      began: () => inFlight.inc(),
      ended: ({ route, method, status, role, seconds }) => {
        inFlight.dec()
        requests.inc({ route, method, status, role })
        durations.observe({ route }, seconds)
      },
      page: (remembered) => pages.inc({ remembered: String(remembered) }),
      token: (remembered) => tokens.inc({ remembered: String(remembered) }),
      overloaded: (reason) => overloads.inc({ reason }),
      watch: (watched) => {
        const { name, help, label, together, grows } = watched
        const labelNames = label === undefined ? [] : [label]
        const labelsOf = (value: string) => (label === undefined ? {} : { [label]: value })
        const shared = { name, help, labelNames, registers, aggregator: together }
        if (grows) {
          new Counter({
            ...shared,
            collect() {
              this.reset()
              for (const [value, number] of numbersOf(watched)) this.inc(labelsOf(value), number)
            }
          })
        } else {
          new Gauge({
            ...shared,
            collect() {
              for (const [value, number] of numbersOf(watched)) this.set(labelsOf(value), number)
            }
          })
        }
      }
    }
  }
}
