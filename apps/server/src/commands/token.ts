import { formatInstant, instantFromMillis, type StoreUnavailable } from "@backup-catalog/core"
import { Role } from "@backup-catalog/core/http"
import { Args, Command, Options } from "@effect/cli"
import { Clock, Console, Effect, Option } from "effect"
import { Tokens } from "../auth/Tokens.ts"
import { generateToken, hashToken, tokenName } from "../auth/token.ts"
import { CommandError } from "../CommandError.ts"
import { accountOf, accountSetting, durationSetting } from "../settings.ts"
import { existingStoreLayer, storeLayer } from "../store/StoreLive.ts"
import { openStore } from "./openStore.ts"
import { storeOptions } from "./storeOptions.ts"

const unavailable = ({ reason }: StoreUnavailable) =>
  new CommandError({
    exitCode: 1,
    message: `The store does not answer (${reason}); nothing was changed.`
  })

const role = Options.choice("role", Role.literals).pipe(
  Options.withDescription(
    "What it may do: reader reads, member also registers and deletes, admin also sees all accounts [default: member]"
  ),
  Options.withDefault("member" as const)
)

const expires = Options.text("expires").pipe(
  Options.withDescription("How long it is good, such as 12h or 30d; for ever when left out"),
  Options.optional
)

/** `token create`: makes one and prints it. */
export const createToken = Command.make(
  "create",
  { account: accountSetting, role, expires, ...storeOptions },
  (options) =>
    Effect.gen(function* () {
      const tokens = yield* Tokens
      const account = yield* accountOf(options.account)
      const now = yield* Clock.currentTimeMillis
      const good = Option.isSome(options.expires)
        ? yield* durationSetting("--expires", options.expires.value, "1s", "36500d")
        : undefined
      const token = generateToken()
      yield* tokens.put({
        hash: hashToken(token),
        account,
        role: options.role,
        created: instantFromMillis(now),
        expires: good === undefined ? undefined : instantFromMillis(now + good)
      })
      yield* Console.log(token)
    }).pipe(Effect.catchTag("StoreUnavailable", unavailable), Effect.provide(openStore(options, storeLayer)))
).pipe(Command.withDescription("Make a token and print it, this once: the store keeps only its hash"))

/** `token list`: shows them by their names. */
export const listTokens = Command.make("list", { ...storeOptions }, (options) =>
  Effect.gen(function* () {
    const now = instantFromMillis(yield* Clock.currentTimeMillis)
    const rows = (yield* (yield* Tokens).list).map(({ hash, account, role, created, expires }) => [
      tokenName(hash),
      account,
      role,
      `${formatInstant(created)}Z`,
      expires === undefined ? "never" : `${formatInstant(expires)}Z${expires <= now ? " (expired)" : ""}`
    ])
    const table = [["TOKEN", "ACCOUNT", "ROLE", "CREATED", "EXPIRES"], ...rows]
    const widths = (table[0] ?? []).map((_, n) => Math.max(...table.map((row) => row[n]?.length ?? 0)))
    yield* Console.log(
      table
        .map((row) =>
          row
            .map((cell, n) => cell.padEnd(widths[n] ?? 0))
            .join("  ")
            .trimEnd()
        )
        .join("\n")
    )
  }).pipe(Effect.catchTag("StoreUnavailable", unavailable), Effect.provide(openStore(options, existingStoreLayer)))
).pipe(Command.withDescription("List the tokens by their names: the first 12 digits of their hashes"))

const name = Args.text({ name: "TOKEN" }).pipe(Args.withDescription("The name of the token, as token list shows it"))

/** `token revoke`: makes one count for nothing. */
export const revokeToken = Command.make("revoke", { name, ...storeOptions }, (options) =>
  Effect.gen(function* () {
    const tokens = yield* Tokens
    const found = (yield* tokens.list).filter(({ hash }) => tokenName(hash) === options.name)
    const [only] = found
    if (only === undefined || found.length > 1) {
      return yield* new CommandError({
        exitCode: 1,
        message: "There is no token of this name; backup-catalog-server token list has the names."
      })
    }
    yield* tokens.remove(only.hash)
    yield* Console.log(`Token ${options.name} of account ${only.account} is revoked.`)
  }).pipe(Effect.catchTag("StoreUnavailable", unavailable), Effect.provide(openStore(options, existingStoreLayer)))
).pipe(Command.withDescription("Revoke a token; a running server refuses it from the next request on"))

/** `token`: makes, lists and revokes the tokens that let clients in. */
export const token = Command.make("token").pipe(
  Command.withDescription("Make, list and revoke the tokens that let clients in"),
  Command.withSubcommands([createToken, listTokens, revokeToken])
)
