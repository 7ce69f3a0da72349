import { Options } from "@effect/cli"
import { Config, Effect } from "effect"
import type { CommandError } from "../CommandError.ts"
import { durationSetting, inRange, numberSetting, oneOf, settingName, textSetting, wrong } from "../settings.ts"
import { defaultLimits, type PostgresLimits, type ReplicaSettings } from "../store/postgres/PostgresLimits.ts"
import { type NoStoreAddress, postgresAddress, type StoreAddress, storeAddress } from "../store/StoreAddress.ts"

/** Which store a command works on, and how a server of PostgreSQL is connected to. */
export const storeOptions = {
  store: textSetting(
    "store",
    "CATALOG_STORE",
    "Where the backups are kept: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE",
    "sqlite:backup-catalog.sqlite"
  ),
  storeConnections: numberSetting(
    "store-connections",
    "CATALOG_STORE_CONNECTIONS",
    "Connections to PostgreSQL at once",
    defaultLimits.connections
  ),
  storeQueue: numberSetting(
    "store-queue",
    "CATALOG_STORE_QUEUE",
    "How many requests may wait for a connection to PostgreSQL; the next one is answered 503",
    defaultLimits.queue
  ),
  storeTimeout: textSetting(
    "store-timeout",
    "CATALOG_STORE_TIMEOUT",
    "How long a statement of PostgreSQL may take",
    "10s"
  ),
  storePrepare: textSetting(
    "store-prepare",
    "CATALOG_STORE_PREPARE",
    "Whether statements are prepared once for each connection to PostgreSQL: on off",
    "on"
  ),
  storePartitions: numberSetting(
    "store-partitions",
    "CATALOG_STORE_PARTITIONS",
    "How many partitions by account the tables of a new PostgreSQL store get; 0 for none",
    defaultLimits.partitions
  )
}

/** Which replicas of a PostgreSQL store a server reads lists from. */
export const replicaOptions = {
  storeRead: Options.text("store-read").pipe(
    Options.withDescription(
      "A replica of the PostgreSQL store that lists are read from; may be given several times [CATALOG_STORE_READ, with spaces between several]"
    ),
    Options.repeated
  ),
  maxLag: textSetting("max-lag", "CATALOG_MAX_LAG", "How far a replica may be behind that lists are read from", "5s")
}

/** What a command was told of its store. */
export type GivenStore = { readonly [Name in keyof typeof storeOptions]: string }

const refuse =
  (flag: string, shown = "") =>
  ({ part, must }: NoStoreAddress) =>
    wrong(`${part === undefined ? settingName(flag) : `The ${part} of ${settingName(flag)}`} must be ${must}${shown}.`)

/** Where a store setting says that the store is. */
export const storeOf = (flag: string, store: string): Effect.Effect<StoreAddress, CommandError> =>
  // What it is instead may have a password in it.
  Effect.mapError(storeAddress(store), refuse(flag, /^postgres|@/i.test(store) ? "" : `; not ${store}`))

/** How a command's options say that a server of PostgreSQL is connected to. */
export const readPostgresLimits = (given: Omit<GivenStore, "store">): Effect.Effect<PostgresLimits, CommandError> =>
  Effect.all({
    connections: inRange("--store-connections", given.storeConnections, 1, 1000),
    queue: inRange("--store-queue", given.storeQueue, 0, 1_000_000),
    timeout: durationSetting("--store-timeout", given.storeTimeout, "100ms", "1h"),
    prepare: Effect.map(oneOf("--store-prepare", given.storePrepare, ["on", "off"]), (word) => word === "on"),
    partitions: inRange("--store-partitions", given.storePartitions, 0, 1024)
  })

/** What a command was told of the replicas of its store. */
export type GivenReplicas = { readonly storeRead: ReadonlyArray<string>; readonly maxLag: string }

// The options of a list cannot fall back on a variable by themselves.
const replicasOfVariable = Config.string("CATALOG_STORE_READ").pipe(
  Config.map((urls) => urls.split(/\s+/).filter((url) => url !== "")),
  Config.withDefault<ReadonlyArray<string>>([]),
  Effect.orDie
)

/** Which replicas a command's options name, or else `CATALOG_STORE_READ`, with spaces between several. */
export const readReplicas = (given: GivenReplicas): Effect.Effect<ReplicaSettings, CommandError> =>
  Effect.gen(function* () {
    const urls = given.storeRead.length > 0 ? given.storeRead : yield* replicasOfVariable
    const addresses = yield* Effect.forEach(urls, (url) =>
      Effect.mapError(postgresAddress(url), refuse("--store-read"))
    )
    return { addresses, maxLag: yield* durationSetting("--max-lag", given.maxLag, "1s", "1h") }
  })
