import { availableParallelism } from "node:os"
import { Command, Options } from "@effect/cli"
import { Config, Console, Effect, Layer, Option } from "effect"
import * as Logging from "../log.ts"
import { durationSetting, inRange, numberSetting, oneOf, optionalSetting, publicUrl, textSetting } from "../settings.ts"
import { type ServerSettings, startServer } from "../startServer.ts"
import { leaveOneFile } from "../store/StoreLive.ts"
import { readTelemetry } from "../telemetry/TelemetrySettings.ts"
import { supervise } from "../workers/supervise.ts"
import { isWorker, tellListening } from "../workers/supervised.ts"
import { keystoneOptions, readAuth } from "./keystoneOptions.ts"
import { readMetricsToken } from "./metricsToken.ts"
import { policyOptions, readServerPolicy } from "./policyOptions.ts"
import { readPostgresLimits, readReplicas, replicaOptions, storeOf, storeOptions } from "./storeOptions.ts"

const PAGE_SIZE = 1000
const RATE_LIMIT = 100
const MAX_WORKERS = 128

const options = {
  host: textSetting("host", "CATALOG_HOST", "The address to listen on", "127.0.0.1"),
  port: numberSetting("port", "CATALOG_PORT", "The port to listen on; 0 picks a free one and prints it", 8779),
  ...storeOptions,
  ...replicaOptions,
  publicUrl: optionalSetting(
    "public-url",
    "CATALOG_PUBLIC_URL",
    "What links in answers begin with, behind a proxy; the request's own host when left out"
  ),
  pageSize: optionalSetting(
    "page-size",
    "CATALOG_PAGE_SIZE",
    "Records in a page when the caller does not say",
    `${PAGE_SIZE}, or the most there may be`
  ),
  maxPageSize: numberSetting(
    "max-page-size",
    "CATALOG_MAX_PAGE_SIZE",
    "The most records that a caller may ask for in a page",
    1000
  ),
  auth: textSetting(
    "auth",
    "CATALOG_AUTH",
    "Who knows the tokens: tokens (this store, by token create), or keystone (OS_* variables have what to sign in with)",
    "tokens"
  ),
  ...keystoneOptions,
  rateLimit: optionalSetting(
    "rate-limit",
    "CATALOG_RATE_LIMIT",
    "List requests that an account may send in a minute; 0 for no limit",
    `${RATE_LIMIT}, or 0 with --demo`
  ),
  pageMemory: numberSetting(
    "page-memory",
    "CATALOG_PAGE_MEMORY",
    "How many megabytes of pages are remembered as they were sent, until their account changes; 0 for none",
    64
  ),
  workers: textSetting("workers", "CATALOG_WORKERS", "How many processes answer on the port; auto for one a core", "1"),
  maxBodyBytes: numberSetting(
    "max-body-bytes",
    "CATALOG_MAX_BODY_BYTES",
    "The largest request body, in bytes",
    1_048_576
  ),
  maxImports: numberSetting("max-imports", "CATALOG_MAX_IMPORTS", "How many imports may run at once", 8),
  maxSources: numberSetting(
    "max-sources",
    "CATALOG_MAX_SOURCES",
    "How many sources of imports an account may have; a new one beyond that is answered 413",
    1000
  ),
  ...policyOptions,
  maxMetrics: numberSetting(
    "max-metrics",
    "CATALOG_MAX_METRICS",
    "The most instances, and accounts, that GET /metrics shows; it is there when CATALOG_METRICS_TOKEN has a token for it",
    10_000
  ),
  maxRequests: numberSetting(
    "max-requests",
    "CATALOG_MAX_REQUESTS",
    "How many requests without a body may be in flight; the next one is answered 503; 0 for any number",
    1000
  ),
  maxDelay: textSetting(
    "max-delay",
    "CATALOG_MAX_DELAY",
    "How long requests may wait to be begun before those that have waited are answered 503; 0s for any time",
    "100ms"
  ),
  requestTimeout: textSetting(
    "request-timeout",
    "CATALOG_REQUEST_TIMEOUT",
    "How long a request may take to arrive; an import, how long it may say nothing; how long nothing of an answer may be read",
    "30s"
  ),
  maxHeaderBytes: numberSetting(
    "max-header-bytes",
    "CATALOG_MAX_HEADER_BYTES",
    "The largest request line and headers, in bytes",
    16_384
  ),
  grace: textSetting("grace", "CATALOG_GRACE", "How long requests in flight may go on after SIGTERM", "10s"),
  logLevel: textSetting(
    "log",
    "CATALOG_LOG",
    `What is logged, as JSON lines on stderr; info has one line a request: ${Logging.logLevels.join(" ")}`,
    "info"
  ),
  demo: Options.boolean("demo").pipe(
    Options.withDescription(
      "Fill an empty store with the demo account 1234, whose token everybody knows; loopback only [CATALOG_DEMO]"
    ),
    Options.withFallbackConfig(Config.string("CATALOG_DEMO")),
    Options.withDefault(false)
  )
}

// By its flag, else by what the variable says.
const isDemo = (given: boolean | string) =>
  typeof given === "boolean"
    ? Effect.succeed(given)
    : Effect.map(oneOf("CATALOG_DEMO", given, ["true", "false"]), (word) => word === "true")

/** `serve`: answers the API until it is told to stop. */
export const serve = Command.make("serve", options, (given) =>
  Effect.gen(function* () {
    // Secrets are taken out of it when they are read; workers read them anew.
    const environment = { ...process.env }
    const maxPageSize = yield* inRange("--max-page-size", given.maxPageSize, 1, 100_000)
    const demo = yield* isDemo(given.demo)
    const workers =
      given.workers === "auto"
        ? availableParallelism()
        : yield* inRange("--workers", given.workers, 1, MAX_WORKERS, ", or auto for one a core")
    const settings: ServerSettings = {
      host: given.host,
      port: yield* inRange("--port", given.port, 0, 65_535),
      store: yield* storeOf("--store", given.store),
      postgres: yield* readPostgresLimits(given),
      replicas: yield* readReplicas(given),
      demo,
      publicUrl: yield* publicUrl(given.publicUrl),
      pages: {
        maxPageSize,
        pageSize: Option.isSome(given.pageSize)
          ? yield* inRange("--page-size", given.pageSize.value, 1, maxPageSize)
          : Math.min(PAGE_SIZE, maxPageSize)
      },
      admission: {
        maxRequests: yield* inRange("--max-requests", given.maxRequests, 0, 1_000_000),
        maxDelay: yield* durationSetting("--max-delay", given.maxDelay, "0s", "1m")
      },
      limits: {
        maxHeaderBytes: yield* inRange("--max-header-bytes", given.maxHeaderBytes, 1024, 1_048_576),
        requestTimeout: yield* durationSetting("--request-timeout", given.requestTimeout, "100ms", "1h"),
        grace: yield* durationSetting("--grace", given.grace, "0s", "1h")
      },
      pageMemory: (yield* inRange("--page-memory", given.pageMemory, 0, 65_536)) * 1_000_000,
      maxBodyBytes: yield* inRange("--max-body-bytes", given.maxBodyBytes, 1024, 104_857_600),
      maxImports: yield* inRange("--max-imports", given.maxImports, 1, 1000),
      maxSources: yield* inRange("--max-sources", given.maxSources, 1, 100_000),
      policy: yield* readServerPolicy(given),
      metrics: {
        maxInstances: yield* inRange("--max-metrics", given.maxMetrics, 1, 1_000_000),
        token: yield* readMetricsToken(process.env)
      },
      rateLimit: Option.isSome(given.rateLimit)
        ? yield* inRange("--rate-limit", given.rateLimit.value, 0, 1_000_000)
        : demo
          ? 0
          : RATE_LIMIT,
      auth: yield* readAuth(given.auth, given, process.env),
      telemetry: yield* readTelemetry(process.env),
      logLevel: yield* oneOf("--log", given.logLevel, Logging.logLevels),
      leanList: true,
      isWorker
    }
    if (isWorker) {
      yield* Effect.flatMap(startServer(settings), tellListening)
    } else {
      if (workers > 1) yield* Effect.addFinalizer(() => leaveOneFile(settings.store))
      const url =
        workers === 1
          ? yield* startServer(settings)
          : yield* Effect.zipRight(
              // For as long as the supervisor has something to say, not only until all listen.
              Layer.build(Logging.layer(settings.logLevel, true)),
              supervise({ workers, environment, rateLimit: settings.rateLimit, grace: settings.limits.grace })
            )
      yield* Console.log(`listening on ${url}`)
    }
    yield* Effect.never
  }).pipe(Effect.scoped)
).pipe(Command.withDescription("Answer the API until told to stop (SIGTERM or Ctrl-C)"))
