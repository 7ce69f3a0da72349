import { AccountId } from "@backup-catalog/core"
import { TokenAuth } from "@backup-catalog/core/http"
import { HttpRouter } from "@effect/platform"
import { Effect, Layer, Redacted, Schema } from "effect"
import { authorise, TokenVerifier } from "../auth/TokenVerifier.ts"

const isAccount = Schema.is(AccountId)

/** Lets a request in whose token is good for the account in its path (401, then 403). */
export const TokenAuthLive = Layer.effect(
  TokenAuth,
  Effect.map(TokenVerifier, (verifier) => ({
    token: (token) =>
      Effect.gen(function* () {
        const { accountId } = (yield* HttpRouter.RouteContext).params
        // The path was checked before it was routed here.
        if (!isAccount(accountId)) return yield* Effect.dieMessage("an account came through the router that is none")
        return yield* authorise(verifier, Redacted.value(token), accountId)
      })
  }))
)
