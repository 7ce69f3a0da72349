import type { Flags, Setting } from "@backup-catalog/command-line"
import { Effect } from "effect"
import { defaultLimits, type PostgresLimits, type ReplicaSettings } from "../store/postgres/PostgresLimits.ts"
import { type NoStoreAddress, postgresAddress, type StoreAddress, storeAddress } from "../store/StoreAddress.ts"
import type { CommandError } from "./CommandError.ts"
import type { Given } from "./ServerCommand.ts"
import { durationSetting, inRange, oneOf, wrong } from "./settings.ts"

/** The value of an option that is the address of a store. */
export const STORE = "STORE"

const section = "PostgreSQL"

/** How a server of PostgreSQL is connected to. */
export const postgresOptions = {
  "store-connections": {
    section,
    value: "N",
    variable: "CATALOG_STORE_CONNECTIONS",
    default: String(defaultLimits.connections),
    help: "Connections to PostgreSQL at once."
  },
  "store-queue": {
    section,
    value: "N",
    variable: "CATALOG_STORE_QUEUE",
    default: String(defaultLimits.queue),
    help:
      "Statements that may wait for a connection to PostgreSQL, and writes that may wait for others of their " +
      "account; the next one is answered 503."
  },
  "store-timeout": {
    section,
    value: "DURATION",
    variable: "CATALOG_STORE_TIMEOUT",
    default: "10s",
    help: "Time for a statement of PostgreSQL."
  },
  "store-prepare": {
    section,
    value: "on|off",
    choices: ["on", "off"],
    variable: "CATALOG_STORE_PREPARE",
    default: "on",
    help: "Whether statements are prepared once for each connection to PostgreSQL."
  },
  "store-partitions": {
    section,
    value: "N",
    variable: "CATALOG_STORE_PARTITIONS",
    default: String(defaultLimits.partitions),
    help: "Partitions by account of the tables of a new PostgreSQL store; 0 for none."
  }
} satisfies Flags

/** Which store a command works on, and how a server of PostgreSQL is connected to. */
export const storeOptions = {
  store: {
    section: "Store",
    value: STORE,
    variable: "CATALOG_STORE",
    default: "sqlite:backup-catalog.sqlite",
    help: "Where the backups are kept: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE."
  },
  ...postgresOptions
} satisfies Flags

/** Which replicas of a PostgreSQL store a server reads lists from. */
export const replicaOptions = {
  "store-read": {
    section,
    value: "URL",
    repeatable: true,
    variable: "CATALOG_STORE_READ",
    help: "A replica of the PostgreSQL store that lists are read from."
  },
  "max-lag": {
    section,
    value: "DURATION",
    variable: "CATALOG_MAX_LAG",
    default: "5s",
    help: "How far a replica may be behind that lists are read from."
  }
} satisfies Flags

const refuse =
  (name: string, shown = "") =>
  ({ part, must }: NoStoreAddress) =>
    wrong(`${part === undefined ? name : `The ${part} of ${name}`} must be ${must}${shown}.`)

/** Where a store setting says that the store is. */
export const storeOf = ({ name, value }: Setting): Effect.Effect<StoreAddress, CommandError> =>
  // What it is instead may have a password in it.
  Effect.mapError(storeAddress(value), refuse(name, /^postgres|@/i.test(value) ? "" : `; not ${value}`))

/** How a command's options say that a server of PostgreSQL is connected to. */
export const readPostgresLimits = (given: Given<typeof postgresOptions>): Effect.Effect<PostgresLimits, CommandError> =>
  Effect.all({
    connections: inRange(given["store-connections"], 1, 1000),
    queue: inRange(given["store-queue"], 0, 1_000_000),
    timeout: durationSetting(given["store-timeout"], "100ms", "1h"),
    prepare: Effect.map(oneOf(given["store-prepare"], ["on", "off"]), (word) => word === "on"),
    partitions: inRange(given["store-partitions"], 0, 1024)
  })

/** Which replicas a command's options name. */
export const readReplicas = (given: Given<typeof replicaOptions>): Effect.Effect<ReplicaSettings, CommandError> =>
  Effect.all({
    addresses: Effect.forEach(given["store-read"], ({ name, value }) =>
      Effect.mapError(postgresAddress(value), refuse(name))
    ),
    maxLag: durationSetting(given["max-lag"], "1s", "1h")
  })
