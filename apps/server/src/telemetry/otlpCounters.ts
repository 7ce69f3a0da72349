import * as OtlpMetrics from "@effect/opentelemetry/OtlpMetrics"
import { Effect, Layer, Metric, MetricBoundaries, MetricLabel, Schedule, type Scope } from "effect"
import { type Counters, numbersOf, SECONDS, type Watched } from "../metrics/Counters.ts"
import { collectorClient } from "./collectorClient.ts"
import { asTold, resourceOf, SHUTDOWN } from "./resourceOf.ts"
import { serialization, UNIT } from "./serialization.ts"
import type { TelemetrySettings } from "./TelemetrySettings.ts"

/** How often what is watched is looked at. */
const LOOKED_AT = "1 second"

const labels = (named: Readonly<Record<string, string>>) =>
  Object.entries(named).map(([name, value]) => MetricLabel.make(name, value))

// Looking a metric up by its labels costs more than to count; of each there are only so many.
const byLabels = <Type, In, Out>(metric: Metric.Metric<Type, In, Out>) => {
  const known = new Map<string, Metric.Metric<Type, In, Out>>()
  return (named: Readonly<Record<string, string>>): Metric.Metric<Type, In, Out> => {
    const key = Object.values(named).join(" ")
    const found = known.get(key) ?? Metric.taggedWithLabels(metric, labels(named))
    known.set(key, found)
    return found
  }
}

const rememberedOf = (name: string, description: string): ((remembered: boolean) => void) => {
  const counters = byLabels(Metric.counter(name, { description, incremental: true }))
  return (remembered) => counters({ remembered: String(remembered) }).unsafeUpdate(1, [])
}

const labelOf = ({ label }: Watched, value: string) => labels(label === undefined ? {} : { [label]: value })

const watchedGauge = (watched: Watched): (() => void) => {
  const { name, help: description, unit } = watched
  const plain = Metric.gauge(name, { description })
  const gauge = unit === undefined ? plain : Metric.tagged(plain, UNIT, unit)
  return () => {
    for (const [value, number] of numbersOf(watched)) gauge.unsafeUpdate(number, labelOf(watched, value))
  }
}

// A counter here is told what has come since.
const watchedCounter = (watched: Watched): (() => void) => {
  const counter = Metric.counter(watched.name, { description: watched.help, incremental: true })
  const seen = new Map<string, number>()
  return () => {
    for (const [value, number] of numbersOf(watched)) {
      counter.unsafeUpdate(number - (seen.get(value) ?? 0), labelOf(watched, value))
      seen.set(value, number)
    }
  }
}

/** Counts for a collector, to which all is sent again and again, and at last when the scope is closed. */
export const makeOtlpCounters = (
  url: string,
  settings: TelemetrySettings
): Effect.Effect<Counters, never, Scope.Scope> =>
  Effect.gen(function* () {
    const watched: Array<() => void> = []
    const look = Effect.sync(() => {
      for (const one of watched) one()
    })
    const sending = yield* Layer.build(
      Layer.mergeAll(serialization(settings.protocol), collectorClient(settings.timeout))
    )
    yield* OtlpMetrics.make({
      url,
      ...resourceOf(settings),
      exportInterval: settings.metricsInterval,
      shutdownTimeout: SHUTDOWN
    }).pipe(asTold, Effect.provide(sending))
    yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced(LOOKED_AT)))

    const durations = byLabels(
      Metric.histogram(
        "http.server.request.duration",
        MetricBoundaries.fromIterable(SECONDS),
        "How long requests took, from their headers to the end of their answer."
      ).pipe(Metric.tagged(UNIT, "s"))
    )
    const active = byLabels(
      Metric.counter("http.server.active_requests", { description: "Requests that are being answered." }).pipe(
        Metric.tagged(UNIT, "{request}")
      )
    )
    const asked = (method: string) => ({
      "http.request.method": method === "other" ? "_OTHER" : method,
      "url.scheme": "http"
    })
    const overloads = Metric.counter("backup_catalog.overloaded", {
      description: "Requests that were refused because the server had too much to do, by what told so.",
      incremental: true
    })
    return {
      began: (method) => active(asked(method)).unsafeUpdate(1, []),
      ended: ({ route, method, status, role, seconds }) => {
        active(asked(method)).unsafeUpdate(-1, [])
        durations({
          ...asked(method),
          "http.route": route,
          "http.response.status_code": String(status),
          "backup_catalog.role": role
        }).unsafeUpdate(seconds, [])
      },
      page: rememberedOf("backup_catalog.pages", "Pages of lists, by whether they were remembered."),
      token: rememberedOf("backup_catalog.tokens", "Tokens that were looked at, by whether they were remembered."),
      overloaded: (reason) => overloads.unsafeUpdate(1, labels({ reason })),
      watch: (one) => {
        watched.push(one.grows ? watchedCounter(one) : watchedGauge(one))
      }
    }
  })
