import { instantFromMillis } from "@backup-catalog/core"
import { Role } from "@backup-catalog/core/http"
import { Clock, Effect } from "effect"
import { generateToken, hashToken, tokenName } from "../auth/token.ts"
import { storeLayer } from "../store/StoreLive.ts"
import { Tokens } from "../store/Tokens.ts"
import { CommandError } from "./CommandError.ts"
import { nothingChanged } from "./nothingChanged.ts"
import { openStore } from "./openStore.ts"
import { writeLine } from "./print.ts"
import { serverCommand } from "./ServerCommand.ts"
import { accountFlag, accountOf, durationSetting, oneOf } from "./settings.ts"
import { storeOptions } from "./storeOptions.ts"

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
    }).pipe(Effect.catchTag("StoreUnavailable", nothingChanged), Effect.provide(openStore(given, storeLayer)))
})
