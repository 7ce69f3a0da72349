import { AccountId } from "@backup-catalog/core"
import { TokenAuth } from "@backup-catalog/core/http"
import { HttpRouter, HttpServerRequest } from "@effect/platform"
import { Effect, Layer, Redacted, Schema } from "effect"
import { authorise, TokenVerifier } from "../auth/TokenVerifier.ts"
import { RateLimiter } from "../limits/RateLimiter.ts"
import { searchOf } from "../request/requestTarget.ts"
import { incoming } from "./Answer.ts"
import { asksOtherAccounts } from "./listScope.ts"
import { operationOf } from "./operations.ts"
import { limitRate } from "./rateLimit.ts"

const isAccount = Schema.is(AccountId)

/**
 * Lets a request in whose token is good for its operation on the account in its path: 401, then 403, then 413 of the
 * rate.
 */
export const TokenAuthLive = Layer.effect(
  TokenAuth,
  Effect.gen(function* () {
    const verifier = yield* TokenVerifier
    const limiter = yield* RateLimiter
    return {
      token: (token) =>
        Effect.gen(function* () {
          const { params, route } = yield* HttpRouter.RouteContext
          const request = yield* HttpServerRequest.HttpServerRequest
          const { accountId } = params
          // The path was checked before it was routed here.
          if (!isAccount(accountId)) return yield* Effect.dieMessage("an account came through the router that is none")
          const operation = operationOf(route)
          const other = operation === "list" && asksOtherAccounts(searchOf(request.originalUrl))
          const identity = yield* authorise(
            verifier,
            Redacted.value(token),
            accountId,
            other ? "listOtherAccounts" : operation
          )
          incoming(request).role = identity.role
          yield* limitRate(limiter, operation, identity.account)
          return identity
        })
    }
  })
)
