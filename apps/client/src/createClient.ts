import { AccountId, BackupCatalog, describeParseError } from "@backup-catalog/core"
import { Effect, Either, Schema } from "effect"
import { type BackupsClient, makeBackups } from "./BackupsClient.ts"
import { layer } from "./HttpCatalog.ts"
import { type HttpCatalogOptions, InvalidOption, refuseUnknown } from "./HttpCatalogOptions.ts"

/** Where the catalog is, whose backups are asked for, and how patient to be. */
export interface ClientOptions extends HttpCatalogOptions {
  /** The account: 1 to 255 characters of `A-Z a-z 0-9 . _ ~ -`, not `.` or `..`, such as `1234` or a Keystone project id. */
  readonly account: string
}

/** A client of one account. It holds nothing that must be closed. */
export interface Client {
  readonly backups: BackupsClient
}

const decodeAccount = Schema.decodeUnknown(AccountId)

const make = ({ account: given, ...options }: ClientOptions) =>
  Effect.gen(function* () {
    yield* refuseUnknown(options, "account")
    const account = yield* Effect.mapError(
      decodeAccount(given),
      (error) =>
        new InvalidOption({ option: "account", message: `${describeParseError(error, "The option account")}.` })
    )
    const catalog = yield* Effect.provide(BackupCatalog, layer(options))
    return { backups: makeBackups(catalog, account) }
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
