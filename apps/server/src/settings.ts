import { isIP } from "node:net"
import { AccountId, parseDuration } from "@backup-catalog/core"
import { Options } from "@effect/cli"
import { Config, Duration, Effect, Option, Redacted, Schema } from "effect"
import { CommandError } from "./CommandError.ts"
import {
  defaultLimits,
  type PostgresAddress,
  type PostgresLimits,
  type ReplicaSettings
} from "./store/postgres/PostgresLimits.ts"

const SQLITE = "sqlite:"

/** Where a store is: a file of SQLite, or a database of PostgreSQL. */
export type StoreAddress =
  | { readonly kind: "sqlite"; readonly path: string }
  | ({ readonly kind: "postgres" } & PostgresAddress)

const wrong = (message: string) => new CommandError({ exitCode: 2, message })

/** What whoever gave a setting calls it: its flag, or its variable where that is what was given. */
export const settingName = (flag: string): string => {
  const variable = `CATALOG_${flag.slice(2).toUpperCase().replaceAll("-", "_")}`
  const isFlag = process.argv.some((one) => one === flag || one.startsWith(`${flag}=`))
  return isFlag || process.env[variable] === undefined ? flag : variable
}

const flagOrVariable = (name: string, variable: string, description: string, fallback?: string) =>
  Options.text(name).pipe(
    Options.withDescription(`${description} [${variable}${fallback === undefined ? "" : `, default: ${fallback}`}]`),
    Options.withFallbackConfig(Config.string(variable))
  )

/** A text setting: from its flag, else from the environment, else its default. */
export const textSetting = (name: string, variable: string, description: string, fallback: string) =>
  Options.withDefault(flagOrVariable(name, variable, description, fallback), fallback)

/**
 * A text setting that may be missing: from its flag, else from the environment. `fallback` says in words what then
 * counts, where something does.
 */
export const optionalSetting = (name: string, variable: string, description: string, fallback?: string) =>
  Options.optional(flagOrVariable(name, variable, description, fallback))

/** A number setting: as text, so that `inRange` can name it when it is none. */
export const numberSetting = (name: string, variable: string, description: string, fallback: number) =>
  textSetting(name, variable, description, String(fallback))

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

const withoutPassword = (url: URL): string => {
  const shown = new URL(url)
  shown.password = ""
  shown.search = ""
  return shown.href
}

const isPostgres = (store: string): boolean => /^postgres(ql)?:/i.test(store)

// Of another one the driver would make its strictest.
const SSL_MODES = ["disable", "prefer", "require", "verify-ca", "verify-full", "no-verify"]

const postgresAddress = (flag: string, store: string): Effect.Effect<PostgresAddress, CommandError> => {
  const url = Option.getOrUndefined(Option.liftThrowable((href: string) => new URL(href))(store))
  if (!isPostgres(store) || url === undefined || url.hostname === "" || url.pathname.length < 2) {
    // What it is instead may have a password in it.
    return wrong(
      `${settingName(flag)} must be of the form postgres://USER:PASSWORD@HOST:PORT/DATABASE; special characters as %XX.`
    )
  }
  return url.searchParams.getAll("sslmode").every((mode) => SSL_MODES.includes(mode))
    ? Effect.succeed({ url: Redacted.make(store), name: withoutPassword(url) })
    : wrong(`The sslmode of ${settingName(flag)} must be one of ${SSL_MODES.join(", ")}.`)
}

/** Where a store setting, `sqlite:PATH` or `postgres://…`, says that the store is. */
export const storeAddress = (store: string): Effect.Effect<StoreAddress, CommandError> => {
  if (isPostgres(store)) {
    return Effect.map(postgresAddress("--store", store), (address) => ({ kind: "postgres", ...address }))
  }
  const path = store.slice(SQLITE.length)
  return store.startsWith(SQLITE) && path !== "" && path !== ":memory:"
    ? Effect.succeed({ kind: "sqlite", path })
    : wrong(
        `${settingName("--store")} must be sqlite: and the path of a file, such as sqlite:/var/lib/backup-catalog/catalog.sqlite, or postgres://USER:PASSWORD@HOST/DATABASE${store.includes("@") ? "" : `; not ${store}`}.`
      )
}

/** A setting that is a duration such as `10s`, `30m` or `30d`, within a range given in the same form; in milliseconds. */
export const durationSetting = (
  flag: string,
  text: string,
  min: string,
  max: string
): Effect.Effect<number, CommandError> => {
  const [value, least, most] = [text, min, max].map((one) => Duration.toMillis(parseDuration(one) ?? Duration.infinity))
  return value !== undefined && value >= (least ?? 0) && value <= (most ?? 0)
    ? Effect.succeed(value)
    : wrong(`${settingName(flag)} must be a duration from ${min} to ${max}, in ms, s, m, h, d or w; not ${text}.`)
}

/** A number setting, checked to be a whole number of its range; `besides` says what else it may be. */
export const inRange = (flag: string, text: string, min: number, max: number, besides = "") =>
  /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max
    ? Effect.succeed(Number(text))
    : wrong(`${settingName(flag)} must be a whole number from ${min} to ${max}${besides}; not ${text}.`)

/** A text setting, checked to be one of its words. */
export const oneOf = <const Words extends ReadonlyArray<string>>(
  flag: string,
  text: string,
  words: Words
): Effect.Effect<Words[number], CommandError> => {
  const known = words.find((word) => word === text)
  return known === undefined
    ? wrong(`${settingName(flag)} must be one of ${words.join(" ")}; not ${text}.`)
    : Effect.succeed(known)
}

/** The account that a command is about. */
export const accountSetting = Options.text("account").pipe(Options.withDescription("The account, such as 1234"))

/** An account setting, checked. */
export const accountOf = (text: string): Effect.Effect<AccountId, CommandError> =>
  Effect.mapError(Schema.decode(AccountId)(text), () =>
    wrong(`--account must have 1 to 255 characters of A-Z a-z 0-9 . _ ~ -; not ${JSON.stringify(text)}.`)
  )

/** What a command was told of its store. */
export type GivenStore = { readonly [Name in keyof typeof storeOptions]: string }

/** How a command's options say that a server of PostgreSQL is connected to. */
export const readPostgresLimits = (given: GivenStore): Effect.Effect<PostgresLimits, CommandError> =>
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
    const addresses = yield* Effect.forEach(urls, (url) => postgresAddress("--store-read", url))
    return { addresses, maxLag: yield* durationSetting("--max-lag", given.maxLag, "1s", "1h") }
  })

/** A setting that is an http or https URL, without a slash at its end. */
export const httpUrl = (flag: string, text: string): Effect.Effect<string, CommandError> => {
  const url = Option.getOrUndefined(Option.liftThrowable((href: string) => new URL(href))(text))
  return url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.search === "" &&
    url.hash === "" &&
    url.username === "" &&
    url.password === ""
    ? Effect.succeed(url.href.replace(/\/+$/, ""))
    : wrong(
        // What it is instead may have a secret in it.
        `${settingName(flag)} must be an http or https URL without credentials, query or fragment, such as https://backups.example.com${/[@?]/.test(text) ? "" : `; not ${text}`}.`
      )
}

/** The public URL setting; a text that is empty counts as none. */
export const publicUrl = (given: Option.Option<string>): Effect.Effect<string | undefined, CommandError> =>
  Option.isNone(given) || given.value === "" ? Effect.succeed(undefined) : httpUrl("--public-url", given.value)

/** Whether nobody but this machine can reach what listens on a host. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))
