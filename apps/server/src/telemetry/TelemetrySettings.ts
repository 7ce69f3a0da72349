import cluster from "node:cluster"
import { randomUUID } from "node:crypto"
import { Data, Effect, Redacted } from "effect"
import { httpUrl } from "../httpUrl.ts"
import { version } from "../version.ts"
import { makeSampler, type Sampler, samplerNames } from "./Sampler.ts"

/** Where a server sends its traces and metrics, as the variables of OpenTelemetry say. */
export interface TelemetrySettings {
  /** Where traces go; undefined for nowhere. */
  readonly traces: string | undefined
  /** Where metrics go; undefined for nowhere. */
  readonly metrics: string | undefined
  /** Headers of each request to the collector, which may be secrets. */
  readonly headers: Redacted.Redacted<Readonly<Record<string, string>>>
  readonly protocol: "http/json" | "http/protobuf"
  readonly serviceName: string
  /** What else is said of this process. */
  readonly attributes: Readonly<Record<string, string>>
  readonly sampler: Sampler
  /** How long the collector has for one request, with its repetitions, in milliseconds. */
  readonly timeout: number
  /** How often spans are sent, in milliseconds. */
  readonly tracesInterval: number
  /** How often metrics are sent, in milliseconds. */
  readonly metricsInterval: number
}

/** A variable of OpenTelemetry cannot be used; the problem is what may follow its name in a sentence. */
export class TelemetryInvalid extends Data.TaggedError("TelemetryInvalid")<{
  readonly variable: string
  readonly problem: string
}> {}

const wrong = (variable: string, problem: string) => new TelemetryInvalid({ variable, problem })

const urlIn = (variable: string, text: string): Effect.Effect<string, TelemetryInvalid> =>
  Effect.mapError(httpUrl(text), ({ must }) => wrong(variable, `must be ${must}`))

const PROTOCOLS = ["http/json", "http/protobuf"] as const

const HEADERS = "OTEL_EXPORTER_OTLP_HEADERS"

/** A list as `a=1,b=2`, each part percent-encoded. */
const pairs = (variable: string, text: string): Effect.Effect<Record<string, string>, TelemetryInvalid> =>
  Effect.try({
    try: () =>
      Object.fromEntries(
        text.split(",").flatMap((pair) => {
          if (pair.trim() === "") return []
          const at = pair.indexOf("=")
          if (at < 1) throw new Error("no name")
          return [[pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())] as const]
        })
      ),
    // What it is instead may be a secret.
    catch: () => wrong(variable, "must be of the form name=value,name=value; special characters as %XX")
  })

// What the exporter sets, or HTTP itself; one of these would be left out, or break every request.
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent"
])

const headersIn = (text: string): Effect.Effect<Record<string, string>, TelemetryInvalid> =>
  Effect.filterOrFail(
    pairs(HEADERS, text),
    (found) =>
      Object.entries(found).every(
        ([name, value]) => /^[!#$%&'*+.^_`|~\w-]+$/.test(name) && /^[\x20-\x7e]*$/.test(value)
      ),
    () => wrong(HEADERS, "has a name or a value that no header can have")
  ).pipe(
    Effect.tap((found) => {
      const own = Object.keys(found).find((name) => OWN_HEADERS.has(name.toLowerCase()))
      return own === undefined ? Effect.void : wrong(HEADERS, `must not have ${own}, which the server sets itself`)
    })
  )

const millis = (variable: string, text: string | undefined, fallback: number, least: number) =>
  text === undefined
    ? Effect.succeed(fallback)
    : /^\d{1,9}$/.test(text) && Number(text) >= least
      ? Effect.succeed(Number(text))
      : wrong(variable, `must be a whole number of milliseconds from ${least}; not ${text}`)

const readSampler = (name: string, argument: string): Effect.Effect<Sampler, TelemetryInvalid> => {
  if (!samplerNames.includes(name)) {
    return wrong("OTEL_TRACES_SAMPLER", `must be one of ${samplerNames.join(" ")}; not ${name}`)
  }
  const ratio = argument.trim() === "" ? Number.NaN : Number(argument)
  return ratio >= 0 && ratio <= 1
    ? Effect.succeed(makeSampler(name, ratio))
    : wrong("OTEL_TRACES_SAMPLER_ARG", `must be a number from 0 to 1; not ${argument}`)
}

// Several workers that were one instance would overwrite each other's metrics.
const instanceOf = (given: string | undefined): string => {
  if (given === undefined) return randomUUID()
  return cluster.worker === undefined ? given : `${given}-${cluster.worker.id}`
}

/**
 * What the variables of OpenTelemetry say; undefined where they name no collector, or `OTEL_SDK_DISABLED` is `true`.
 * The headers are taken out of the environment. Empty variables count as not set.
 */
export const readTelemetry = (env: NodeJS.ProcessEnv): Effect.Effect<TelemetrySettings | undefined, TelemetryInvalid> =>
  Effect.gen(function* () {
    const given = (name: string): string | undefined => env[name] || undefined
    const headers = given(HEADERS) ?? ""
    delete env[HEADERS]
    const endpoint = (signal: "traces" | "metrics") =>
      Effect.gen(function* () {
        const exporter = `OTEL_${signal.toUpperCase()}_EXPORTER`
        const to = given(exporter) ?? "otlp"
        if (to === "none") return undefined
        if (to !== "otlp") return yield* wrong(exporter, `must be otlp or none; not ${to}`)
        const own = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`
        const whole = given(own)
        if (whole !== undefined) return yield* urlIn(own, whole)
        const base = given("OTEL_EXPORTER_OTLP_ENDPOINT")
        return base && `${yield* urlIn("OTEL_EXPORTER_OTLP_ENDPOINT", base)}/v1/${signal}`
      })
    if (given("OTEL_SDK_DISABLED")?.toLowerCase() === "true") return undefined
    const traces = yield* endpoint("traces")
    const metrics = yield* endpoint("metrics")
    if (traces === undefined && metrics === undefined) return undefined

    const asked = given("OTEL_EXPORTER_OTLP_PROTOCOL") ?? PROTOCOLS[0]
    const protocol = PROTOCOLS.find((one) => one === asked)
    if (protocol === undefined) {
      return yield* wrong("OTEL_EXPORTER_OTLP_PROTOCOL", `must be one of ${PROTOCOLS.join(" ")}; not ${asked}`)
    }
    const {
      "service.name": named,
      "service.instance.id": instance,
      ...attributes
    } = yield* pairs("OTEL_RESOURCE_ATTRIBUTES", given("OTEL_RESOURCE_ATTRIBUTES") ?? "")
    return {
      traces,
      metrics,
      headers: Redacted.make(yield* headersIn(headers)),
      protocol,
      serviceName: given("OTEL_SERVICE_NAME") ?? named ?? "backup-catalog",
      attributes: { "service.version": version, "service.instance.id": instanceOf(instance), ...attributes },
      sampler: yield* readSampler(
        given("OTEL_TRACES_SAMPLER") ?? "parentbased_always_on",
        given("OTEL_TRACES_SAMPLER_ARG") ?? "1"
      ),
      timeout: yield* millis("OTEL_EXPORTER_OTLP_TIMEOUT", given("OTEL_EXPORTER_OTLP_TIMEOUT"), 10_000, 1),
      tracesInterval: yield* millis("OTEL_BSP_SCHEDULE_DELAY", given("OTEL_BSP_SCHEDULE_DELAY"), 5000, 10),
      metricsInterval: yield* millis("OTEL_METRIC_EXPORT_INTERVAL", given("OTEL_METRIC_EXPORT_INTERVAL"), 60_000, 10)
    }
  })
