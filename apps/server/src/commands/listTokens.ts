import { formatInstant, instantFromMillis } from "@backup-catalog/core"
import { Clock, Effect } from "effect"
import { tokenName } from "../auth/token.ts"
import { existingStoreLayer } from "../store/StoreLive.ts"
import { Tokens } from "../store/Tokens.ts"
import { nothingChanged } from "./nothingChanged.ts"
import { openStore } from "./openStore.ts"
import { print } from "./print.ts"
import { serverCommand } from "./ServerCommand.ts"
import { storeOptions } from "./storeOptions.ts"
import { textTable } from "./textTable.ts"

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
      yield* print(textTable([["TOKEN", "ACCOUNT", "ROLE", "CREATED", "EXPIRES"], ...rows]))
    }).pipe(Effect.catchTag("StoreUnavailable", nothingChanged), Effect.provide(openStore(given, existingStoreLayer)))
})
