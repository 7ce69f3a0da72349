import type { Policy } from "@backup-catalog/core"
import {
  type PageLimits,
  StoreCatalog,
  StoreCoverage,
  StoreImports,
  type StoreUnavailable
} from "@backup-catalog/core/store"
import { Data, Effect, Layer, type Scope } from "effect"
import { type KeystoneSettings, layerKeystone } from "./auth/keystone/KeystoneVerifier.ts"
import { layerTokens } from "./auth/TokenVerifier.ts"
import { type DemoHasData, DemoNotOfKeystone, DemoReachable, DemoTokenExposed, fillDemo, hasDemoToken } from "./demo.ts"
import * as EntityTags from "./http/EntityTags.ts"
import { HttpListener, type ListenerLimits } from "./http/HttpListener.ts"
import { HttpLive, makeApplication } from "./http/HttpLive.ts"
import { makeLeanList } from "./http/leanList.ts"
import { MetricsAccess } from "./http/MetricsHandler.ts"
import { makeOutbox } from "./http/Outbox.ts"
import * as PageMemory from "./http/PageMemory.ts"
import * as PublicUrl from "./http/PublicUrl.ts"
import { isLoopback } from "./isLoopback.ts"
import { Admission, type AdmissionLimits } from "./limits/Admission.ts"
import * as BodyLimit from "./limits/BodyLimit.ts"
import * as ImportSlots from "./limits/ImportSlots.ts"
import * as RateLimiter from "./limits/RateLimiter.ts"
import { RequestLog } from "./log/RequestLog.ts"
import * as Logging from "./log.ts"
import { replicaMetrics } from "./metrics/replicaMetrics.ts"
import { ServerMetrics } from "./metrics/ServerMetrics.ts"
import type { PostgresLimits, ReplicaSettings } from "./store/postgres/PostgresLimits.ts"
import type { StoreAddress } from "./store/StoreAddress.ts"
import { storeLayer } from "./store/StoreLive.ts"
import type { StoreRefused } from "./store/StoreRefused.ts"
import { StoreStatus } from "./store/StoreStatus.ts"
import { makeOtlpCounters } from "./telemetry/otlpCounters.ts"
import { RequestTraces } from "./telemetry/RequestTraces.ts"
import type { TelemetrySettings } from "./telemetry/TelemetrySettings.ts"
import { tracedStores } from "./telemetry/tracedStores.ts"
import { version } from "./version.ts"
import { rateLimiterLayer, supervisor } from "./workers/supervised.ts"

/** Everything that a server is told when it starts. */
export interface ServerSettings {
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
  readonly store: StoreAddress
  /** How a store of PostgreSQL is connected to. */
  readonly postgres: PostgresLimits
  /** Which replicas of it lists are read from. */
  readonly replicas: ReplicaSettings
  readonly demo: boolean
  /** What links begin with, without a slash at its end; undefined for the request's own scheme and host. */
  readonly publicUrl: string | undefined
  readonly pages: PageLimits
  readonly limits: ListenerLimits
  readonly admission: AdmissionLimits
  /** How many bytes of pages are remembered as they were sent; 0 for none. */
  readonly pageMemory: number
  /** The largest body of a request, in bytes. */
  readonly maxBodyBytes: number
  /** How many imports may run at once. */
  readonly maxImports: number
  /** How many sources an account may have. */
  readonly maxSources: number
  /** How old backups may be where the policy of an account says nothing. */
  readonly policy: Policy
  /** Who may read the metrics. */
  readonly metrics: typeof MetricsAccess.Service
  /** List requests of an account in a minute; 0 for no limit. */
  readonly rateLimit: number
  /** Who knows the tokens: the store of this server, or a Keystone. */
  readonly auth: "tokens" | KeystoneSettings
  /** Where traces and metrics are sent; undefined for nowhere. */
  readonly telemetry: TelemetrySettings | undefined
  readonly logLevel: (typeof Logging.logLevels)[number]
  /** Whether plainly asked lists are answered in front of the router; the answers are the same either way. */
  readonly leanList: boolean
  /** Whether this is one of several processes on the port, whose supervisor counts what accounts send. */
  readonly isWorker: boolean
}

/** A server cannot listen where it was told to. */
export class CannotListen extends Data.TaggedError("CannotListen")<{
  readonly host: string
  readonly port: number
  /** Why not; undefined where something else listens there. */
  readonly reason: string | undefined
}> {}

/** Why a server does not start. */
export type StartFailure =
  | StoreRefused
  | StoreUnavailable
  | DemoHasData
  | DemoNotOfKeystone
  | DemoReachable
  | DemoTokenExposed
  | CannotListen

const cannotListen = (host: string, port: number) => (error: NodeJS.ErrnoException) =>
  new CannotListen({ host, port, reason: error.code === "EADDRINUSE" ? undefined : error.message })

const checkDemo = Effect.fnUntraced(function* ({ host, demo, auth }: ServerSettings) {
  if (demo && auth !== "tokens") return yield* new DemoNotOfKeystone()
  if (demo && !isLoopback(host)) return yield* new DemoReachable()
})

const prepareDemo = Effect.fnUntraced(function* ({ host, demo, auth }: ServerSettings) {
  if (demo) yield* fillDemo
  if (auth === "tokens" && !isLoopback(host) && (yield* hasDemoToken)) return yield* new DemoTokenExposed({ host })
})

const listen = Effect.fnUntraced(function* ({ host, port, limits, admission, leanList }: ServerSettings) {
  const outbox = makeOutbox()
  const lean = leanList ? yield* makeLeanList(outbox) : () => false
  const { observe, overloaded } = yield* ServerMetrics
  const { begin } = yield* RequestTraces
  const logs = { log: yield* Logging.Log, requests: yield* RequestLog, observe, overloaded, trace: begin }
  const { handle, idle } = yield* makeApplication
  const listener = new HttpListener({
    limits,
    admission: new Admission(admission, outbox.flush),
    logs,
    outbox,
    lean,
    application: handle
  })
  // An import that was cut off says so in the store.
  yield* Effect.addFinalizer(() => Effect.zipRight(listener.stop, idle))
  const bound = yield* Effect.mapError(listener.listen(host, port), cannotListen(host, port))
  return `http://${host.includes(":") ? `[${host}]` : host}:${bound}`
})

const metricsLayer = ({ metrics, telemetry, isWorker }: ServerSettings): Layer.Layer<ServerMetrics> =>
  Layer.unwrapScoped(
    Effect.map(
      telemetry?.metrics === undefined
        ? Effect.succeed([])
        : Effect.map(makeOtlpCounters(telemetry.metrics, telemetry), (counters) => [counters]),
      (counters) => ServerMetrics.layer(metrics.token !== undefined, isWorker ? supervisor : undefined, counters)
    )
  )

const tracesLayer = (telemetry: TelemetrySettings | undefined): Layer.Layer<RequestTraces> =>
  telemetry?.traces === undefined ? RequestTraces.none : RequestTraces.layer(telemetry.traces, telemetry)

const watch = Effect.gen(function* () {
  const { watch } = yield* ServerMetrics
  const { kind, schema, connections, replicas } = yield* StoreStatus
  const memory = yield* PageMemory.PageMemory
  watch({
    name: "backup_catalog_page_memory_bytes",
    help: "Bytes of pages that are remembered as they were sent.",
    unit: "By",
    together: "sum",
    read: memory.size
  })
  watch({
    name: "backup_catalog_store_schema",
    help: "The version of the schema of the store, by its kind.",
    label: "kind",
    together: "max",
    read: () => ({ [kind]: schema })
  })
  if (connections !== undefined) {
    watch({
      name: "backup_catalog_store_connections",
      help: "Connections to PostgreSQL that are used, idle, and the most that there may be; and the statements that wait for one.",
      label: "state",
      together: "sum",
      read: () => ({ ...connections() })
    })
  }
  if (replicas !== undefined) for (const one of replicaMetrics(replicas)) watch(one)
})

/** Starts a server and gives its URL; it stops, and then closes its store, with the scope. */
export const startServer = (settings: ServerSettings): Effect.Effect<string, StartFailure, Scope.Scope> =>
  Effect.gen(function* () {
    yield* checkDemo(settings)
    // The store is provided last, so it is closed last: requests in flight still have it.
    const live = HttpLive.pipe(
      Layer.provideMerge(
        Layer.mergeAll(
          StoreCatalog.layer(settings.pages),
          StoreImports.layer(settings.pages, settings.maxSources),
          StoreCoverage.layer(settings.pages, settings.policy),
          settings.auth === "tokens" ? layerTokens : layerKeystone(settings.auth),
          settings.isWorker && settings.rateLimit > 0 ? rateLimiterLayer : RateLimiter.layer(settings.rateLimit),
          BodyLimit.layer(settings.maxBodyBytes),
          ImportSlots.layer(settings.maxImports),
          Layer.succeed(MetricsAccess, settings.metrics),
          EntityTags.layer(JSON.stringify([version, settings.pages])),
          PageMemory.layer(settings.pageMemory),
          PublicUrl.layer(settings.publicUrl)
        )
      ),
      Layer.provideMerge(Layer.merge(metricsLayer(settings), tracesLayer(settings.telemetry))),
      Layer.provideMerge(
        settings.telemetry?.traces === undefined
          ? storeLayer(settings.store, settings.postgres, settings.replicas)
          : tracedStores(storeLayer(settings.store, settings.postgres, settings.replicas))
      ),
      Layer.provideMerge(Logging.layer(settings.logLevel, settings.isWorker))
    )
    const context = yield* Layer.build(live)
    return yield* Effect.zipRight(Effect.zipRight(watch, prepareDemo(settings)), listen(settings)).pipe(
      Effect.provide(context)
    )
  })
