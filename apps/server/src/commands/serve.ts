import { availableParallelism } from "node:os"
import type { Flags } from "@backup-catalog/command-line"
import { Effect, Layer } from "effect"
import * as Logging from "../log.ts"
import { type ServerSettings, startServer } from "../startServer.ts"
import { leaveOneFile } from "../store/StoreLive.ts"
import { readTelemetry } from "../telemetry/TelemetrySettings.ts"
import { supervise } from "../workers/supervise.ts"
import { isWorker, refuseOtherVersion, tellListening } from "../workers/supervised.ts"
import { keystoneOptions, readAuth } from "./keystoneOptions.ts"
import { readMetricsToken } from "./metricsToken.ts"
import { demoNamedBy, replicasNamedBy } from "./namedSettings.ts"
import { policyOptions, readServerPolicy } from "./policyOptions.ts"
import { print } from "./print.ts"
import { serverCommand } from "./ServerCommand.ts"
import { durationSetting, inRange, isOn, oneOf, publicUrl } from "./settings.ts"
import { readPostgresLimits, readReplicas, replicaOptions, storeOf, storeOptions } from "./storeOptions.ts"

const PAGE_SIZE = 1000
const RATE_LIMIT = 100
const MAX_WORKERS = 128

const listening = "Listening"
const limits = "Limits"
const coverage = "Imports and coverage"

const flags = {
  host: {
    section: listening,
    value: "HOST",
    variable: "CATALOG_HOST",
    default: "127.0.0.1",
    help: "The address or name of this machine to listen on."
  },
  port: {
    section: listening,
    value: "N",
    variable: "CATALOG_PORT",
    default: "8779",
    help: "The port to listen on; 0 picks a free one and prints it."
  },
  "public-url": {
    section: listening,
    value: "URL",
    mayBeEmpty: true,
    variable: "CATALOG_PUBLIC_URL",
    otherwise: "the request's own host",
    help: "What links in answers begin with, behind a proxy."
  },
  workers: {
    section: listening,
    value: "N|auto",
    variable: "CATALOG_WORKERS",
    default: "1",
    help: "Processes that answer on the port; auto for one a core."
  },
  grace: {
    section: listening,
    value: "DURATION",
    variable: "CATALOG_GRACE",
    default: "10s",
    help: "Time for requests in flight to end after SIGTERM."
  },
  ...storeOptions,
  demo: {
    section: "Store",
    variable: "CATALOG_DEMO",
    help: "Fill an empty store with the demo account 1234, whose token everybody knows; for this machine alone."
  },
  ...replicaOptions,
  ...keystoneOptions,
  "page-size": {
    section: limits,
    value: "N",
    variable: "CATALOG_PAGE_SIZE",
    otherwise: `${PAGE_SIZE}, or the most there may be`,
    help: "Records in a page when the caller does not say."
  },
  "max-page-size": {
    section: limits,
    value: "N",
    variable: "CATALOG_MAX_PAGE_SIZE",
    default: "1000",
    help: "The most records that a caller may ask for in a page."
  },
  "rate-limit": {
    section: limits,
    value: "N",
    variable: "CATALOG_RATE_LIMIT",
    otherwise: `${RATE_LIMIT}, or 0 with --demo`,
    help: "List requests that an account may send in a minute; 0 for no limit."
  },
  "max-requests": {
    section: limits,
    value: "N",
    variable: "CATALOG_MAX_REQUESTS",
    default: "1000",
    help: "Requests without a body that may be in flight; the next one is answered 503; 0 for any number."
  },
  "max-delay": {
    section: limits,
    value: "DURATION",
    variable: "CATALOG_MAX_DELAY",
    default: "100ms",
    help: "How long requests may wait for their turn before overload begins, in which some are answered 503; 0s for any time."
  },
  "request-timeout": {
    section: limits,
    value: "DURATION",
    variable: "CATALOG_REQUEST_TIMEOUT",
    default: "30s",
    help: "Time for a request to arrive; for an import, the longest pause; for an answer, the longest time nothing is read."
  },
  "max-body-bytes": {
    section: limits,
    value: "N",
    variable: "CATALOG_MAX_BODY_BYTES",
    default: "1048576",
    help: "The largest request body, in bytes."
  },
  "max-header-bytes": {
    section: limits,
    value: "N",
    variable: "CATALOG_MAX_HEADER_BYTES",
    default: "16384",
    help: "The largest request line and headers, in bytes."
  },
  "page-memory": {
    section: limits,
    value: "N",
    variable: "CATALOG_PAGE_MEMORY",
    default: "64",
    help: "Megabytes of pages that are remembered as they were sent, until their account changes; 0 for none."
  },
  "max-imports": {
    section: coverage,
    value: "N",
    variable: "CATALOG_MAX_IMPORTS",
    default: "8",
    help: "Imports that may run at once."
  },
  "max-sources": {
    section: coverage,
    value: "N",
    variable: "CATALOG_MAX_SOURCES",
    default: "1000",
    help: "Sources of imports that an account may have; a new one beyond that is answered 413."
  },
  ...policyOptions,
  "max-metrics": {
    section: coverage,
    value: "N",
    variable: "CATALOG_MAX_METRICS",
    default: "10000",
    help: "The most instances, and accounts, that GET /metrics shows."
  },
  log: {
    section: "Logging",
    value: "LEVEL",
    choices: Logging.logLevels,
    variable: "CATALOG_LOG",
    default: "info",
    help: `What is logged, as JSON lines on stderr: ${Logging.logLevels.join(" ")}; info has one line a request.`
  }
} satisfies Flags

/** `serve`: answers the API until it is told to stop. */
export const serve = serverCommand({
  name: "serve",
  summary: "Answer the API until told to stop.",
  details: "That is by SIGTERM or Ctrl-C. Its first line on stdout says that it is ready, and where.",
  flags,
  variables: [
    ["CATALOG_METRICS_TOKEN", "The token that GET /metrics wants; where it is not set there are no metrics."],
    ["OS_*", "With --auth keystone: what the server signs in with, such as OS_USERNAME and OS_PASSWORD."],
    ["OTEL_*", "Where traces and metrics are sent, such as OTEL_EXPORTER_OTLP_ENDPOINT."]
  ],
  examples: [
    ["backup-catalog-server serve --demo --store sqlite:demo.sqlite", "The demo account, for this machine alone."],
    [
      "CATALOG_STORE=postgres://… backup-catalog-server serve --host 0.0.0.0",
      "A PostgreSQL store, whose password is not among the arguments that everybody on the machine sees."
    ]
  ],
  run: (given) =>
    Effect.gen(function* () {
      if (isWorker) yield* refuseOtherVersion
      // Secrets are taken out of it when they are read; workers read them anew.
      const environment = { ...process.env }
      const maxPageSize = yield* inRange(given["max-page-size"], 1, 100_000)
      const demo = yield* isOn(given.demo)
      const workers =
        given.workers.value === "auto"
          ? availableParallelism()
          : yield* inRange(given.workers, 1, MAX_WORKERS, ", or auto for one a core")
      const settings: ServerSettings = {
        host: given.host.value,
        port: yield* inRange(given.port, 0, 65_535),
        store: yield* storeOf(given.store),
        postgres: yield* readPostgresLimits(given),
        replicas: yield* readReplicas(given),
        demo,
        publicUrl: yield* publicUrl(given["public-url"]),
        pages: {
          maxPageSize,
          pageSize:
            given["page-size"] === undefined
              ? Math.min(PAGE_SIZE, maxPageSize)
              : yield* inRange(given["page-size"], 1, maxPageSize)
        },
        admission: {
          maxRequests: yield* inRange(given["max-requests"], 0, 1_000_000),
          maxDelay: yield* durationSetting(given["max-delay"], "0s", "1m")
        },
        limits: {
          maxHeaderBytes: yield* inRange(given["max-header-bytes"], 1024, 1_048_576),
          requestTimeout: yield* durationSetting(given["request-timeout"], "100ms", "1h"),
          grace: yield* durationSetting(given.grace, "0s", "1h")
        },
        pageMemory: (yield* inRange(given["page-memory"], 0, 65_536)) * 1_000_000,
        maxBodyBytes: yield* inRange(given["max-body-bytes"], 1024, 104_857_600),
        maxImports: yield* inRange(given["max-imports"], 1, 1000),
        maxSources: yield* inRange(given["max-sources"], 1, 100_000),
        policy: yield* readServerPolicy(given),
        metrics: {
          maxInstances: yield* inRange(given["max-metrics"], 1, 1_000_000),
          token: yield* readMetricsToken(process.env)
        },
        rateLimit:
          given["rate-limit"] !== undefined ? yield* inRange(given["rate-limit"], 0, 1_000_000) : demo ? 0 : RATE_LIMIT,
        auth: yield* readAuth(given, process.env),
        telemetry: yield* readTelemetry(process.env),
        logLevel: yield* oneOf(given.log, Logging.logLevels),
        leanList: true,
        isWorker
      }
      if (isWorker) {
        yield* Effect.flatMap(startServer(settings), tellListening)
        yield* Effect.never
      } else {
        if (workers > 1) yield* Effect.addFinalizer(() => leaveOneFile(settings.store))
        const { url, over } =
          workers === 1
            ? { url: yield* startServer(settings), over: Effect.never }
            : yield* Effect.zipRight(
                // For as long as the supervisor has something to say, not only until all listen.
                Layer.build(Logging.layer(settings.logLevel, true)),
                supervise({ workers, environment, rateLimit: settings.rateLimit, grace: settings.limits.grace })
              )
        // A server whose output nobody takes answers all the same.
        yield* Effect.ignore(print(`listening on ${url}`))
        yield* over
      }
    }).pipe(Effect.mapError(replicasNamedBy(given["store-read"])), Effect.mapError(demoNamedBy(given)), Effect.scoped)
})
