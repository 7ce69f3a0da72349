import { AccountId, describeParseError, isCatalogError } from "@backup-catalog/core"
import { Effect, Either, Schema } from "effect"
import { type RequestOptions, request } from "./asked.ts"
import { type BackupsClient, makeBackups } from "./BackupsClient.ts"
import { type CoverageClient, makeCoverage } from "./CoverageClient.ts"
import { makeHttpCatalog } from "./HttpCatalog.ts"
import { type HttpCatalogOptions, httpOptions, InvalidOption, readOptions, type Token } from "./HttpCatalogOptions.ts"
import { type ImportsClient, makeImports } from "./ImportsClient.ts"
import { aFunction, type Known } from "./readMembers.ts"
import { runGiven } from "./runGiven.ts"

/** Where the catalog is, whose backups are asked for, and how patient to be. */
export interface ClientOptions extends Omit<HttpCatalogOptions, "traceparent"> {
  /**
   * The account: 1 to 255 characters of `A-Z a-z 0-9 . _ ~ -`, not `.` or `..`, such as `1234` or a Keystone project
   * id.
   */
  readonly account: string
  /**
   * What is sent as `traceparent` (W3C Trace Context) with each request: what this gives, asked before each; what is
   * none is not sent. Default: nothing, and no one learns of the caller's traces.
   */
  readonly traceparent?: (() => string | undefined) | undefined
}

/** How often an account may do something. */
export interface RateLimit {
  /** The method that is limited: `GET` for lists. */
  readonly verb: string
  /** The time that `value` is for: `MINUTE`. */
  readonly unit: string
  readonly value: number
  /** How many are left. */
  readonly remaining: number
  /** When there is one again: `2026-01-02T03:04:05Z`. */
  readonly nextAvailable: string
}

/** A client of one account. It holds nothing that must be closed. */
export interface Client extends CoverageClient {
  readonly backups: BackupsClient
  readonly imports: ImportsClient
  /** How often the account may do what; empty where the server sets no limit. */
  readonly limits: (options?: RequestOptions) => Promise<ReadonlyArray<RateLimit>>
}

const decodeAccount = Schema.decodeUnknown(AccountId)

/** A token that is an Effect, run by the Effect that made it. */
const runByProgram = (token: Token): Token =>
  Effect.isEffect(token)
    ? Effect.catchAll(
        Effect.tryPromise({
          try: (signal) => runGiven(token, signal),
          catch: (error) => error
        }),
        (error) => (isCatalogError(error) ? Effect.fail(error) : Effect.die(error))
      )
    : token

// No span is around a call of a client: "span" would mean nothing, and be sent as nothing.
const clientOptions: Known<ClientOptions> = { account: true, ...httpOptions, traceparent: aFunction }

const make = (given: ClientOptions) =>
  Effect.gen(function* () {
    const { account: text, ...options } = yield* readOptions(given, clientOptions)
    const account = yield* Effect.mapError(
      decodeAccount(text),
      (error) =>
        new InvalidOption({ option: "account", message: `${describeParseError(error, "The option account")}.` })
    )
    const { catalog, importCatalog, coverage, imports, limits } = yield* makeHttpCatalog({
      ...options,
      token: runByProgram(options.token)
    })
    return {
      backups: makeBackups(catalog, importCatalog, account),
      imports: makeImports(imports, importCatalog, account),
      ...makeCoverage(coverage, account),
      limits: (options: RequestOptions = {}) =>
        request(
          options,
          Effect.map(limits(account), (all) => all.filter((limit) => "unit" in limit))
        )
    } satisfies Client
  })

/**
 * A client of the backups of one account. Nothing is asked until its methods are called; an option that cannot be
 * used is thrown as `InvalidOption` at once.
 *
 * ```ts
 * const client = createClient({ url: "https://backups.example.com", account: "1234", token })
 * for await (const backup of client.backups.list({ datastore: "mysql" })) console.log(backup.id, backup.created)
 * ```
 */
export const createClient = (options: ClientOptions): Client =>
  Either.getOrThrowWith(Effect.runSync(Effect.either(make(options))), (error) => error)
