import { Effect } from "effect"
import { tokenName } from "../auth/token.ts"
import { existingStoreLayer } from "../store/StoreLive.ts"
import { Tokens } from "../store/Tokens.ts"
import { CommandError } from "./CommandError.ts"
import { nothingChanged } from "./nothingChanged.ts"
import { openStore } from "./openStore.ts"
import { print } from "./print.ts"
import { serverCommand } from "./ServerCommand.ts"
import { storeOptions } from "./storeOptions.ts"

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
    }).pipe(Effect.catchTag("StoreUnavailable", nothingChanged), Effect.provide(openStore(given, existingStoreLayer)))
})
