import { formatInstant, instantFromMillis, type StoreUnavailable } from "@backup-catalog/core"
import { Role } from "@backup-catalog/core/http"
import { Clock, Effect } from "effect"
import { Tokens } from "../auth/Tokens.ts"
import { generateToken, hashToken, tokenName } from "../auth/token.ts"
import { existingStoreLayer, storeLayer } from "../store/StoreLive.ts"
import { CommandError } from "./CommandError.ts"
import { openStore } from "./openStore.ts"
import { print, writeLine } from "./print.ts"
import { serverCommand } from "./ServerCommand.ts"
import { accountFlag, accountOf, durationSetting, oneOf } from "./settings.ts"
import { storeOptions } from "./storeOptions.ts"

const unavailable = ({ reason }: StoreUnavailable) =>
  new CommandError({
    exitCode: 1,
    message: `The store does not answer (${reason}); nothing was changed.`
  })

/** Revokes a token that nobody has seen, for it would be good for as long as one that somebody has. */
const takeBack = (hash: Buffer, reason: string) =>
  Effect.gen(function* () {
    const tokens = yield* Tokens
    yield* Effect.catchTag(
      tokens.remove(hash),
      "StoreUnavailable",
      ({ reason: away }) =>
        new CommandError({
          exitCode: 1,
          message: `The token ${tokenName(hash)} cannot be printed (${reason}) and the store does not answer (${away}); revoke it by that name.`
        })
    )
    return yield* new CommandError({
      exitCode: 1,
      message: `The token cannot be printed (${reason}), so it was revoked again.`
    })
  })

/** `token create`: makes one and prints it. */
export const createToken = serverCommand({
  name: "token create",
  summary: "Make a token and print it, this once.",
  details: "The store keeps only its hash.",
  flags: {
    account: { ...accountFlag, required: true },
    role: {
      value: Role.literals.join("|"),
      choices: Role.literals,
      default: "member",
      help: "What it may do: reader reads, member also registers and deletes, admin also sees all accounts."
    },
    expires: { value: "DURATION", otherwise: "never", help: "How long it is good, such as 12h or 30d." },
    ...storeOptions
  },
  examples: [
    ["backup-catalog-server token create --account 1234", "A token that may register and delete, for ever."],
    ["backup-catalog-server token create --account 1234 --role reader --expires 30d", "One that reads for a month."]
  ],
  run: (given) =>
    Effect.gen(function* () {
      const account = yield* accountOf(given.account)
      const role = yield* oneOf(given.role, Role.literals)
      const good = given.expires === undefined ? undefined : yield* durationSetting(given.expires, "1s", "36500d")
      const now = yield* Clock.currentTimeMillis
      const token = generateToken()
      const record = {
        hash: hashToken(token),
        account,
        role,
        created: instantFromMillis(now),
        expires: good === undefined ? undefined : instantFromMillis(now + good)
      }
      const tokens = yield* Tokens
      yield* tokens.put(record)
      yield* Effect.catchAll(writeLine(token), ({ message }) => takeBack(record.hash, message))
    }).pipe(Effect.catchTag("StoreUnavailable", unavailable), Effect.provide(openStore(given, storeLayer)))
})

/** `token list`: shows them by their names. */
export const listTokens = serverCommand({
  name: "token list",
  summary: "List the tokens by their names.",
  details: "Those are the first 12 digits of their hashes.",
  flags: storeOptions,
  examples: [["backup-catalog-server token list", "All of them, also those that have expired."]],
  run: (given) =>
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
      const widths = (table[0] ?? []).map((_, n) => table.reduce((most, row) => Math.max(most, row[n]?.length ?? 0), 0))
      yield* print(
        table
          .map((row) =>
            row
              .map((cell, n) => cell.padEnd(widths[n] ?? 0))
              .join("  ")
              .trimEnd()
          )
          .join("\n")
      )
    }).pipe(Effect.catchTag("StoreUnavailable", unavailable), Effect.provide(openStore(given, existingStoreLayer)))
})

/** `token revoke`: makes one count for nothing. */
export const revokeToken = serverCommand({
  name: "token revoke",
  summary: "Revoke a token.",
  details: "A running server refuses it from the next request on.",
  argument: { name: "TOKEN", help: "The name of the token, as token list shows it." },
  flags: storeOptions,
  examples: [["backup-catalog-server token revoke 0123456789ab", "The token of that name."]],
  run: (given, name) =>
    Effect.gen(function* () {
      const tokens = yield* Tokens
      const found = (yield* tokens.list).filter(({ hash }) => tokenName(hash) === name)
      const [only] = found
      if (only === undefined || found.length > 1) {
        return yield* new CommandError({
          exitCode: 1,
          message: "There is no token of this name; backup-catalog-server token list has the names."
        })
      }
      yield* tokens.remove(only.hash)
      yield* print(`Token ${name} of account ${only.account} is revoked.`)
    }).pipe(Effect.catchTag("StoreUnavailable", unavailable), Effect.provide(openStore(given, existingStoreLayer)))
})
