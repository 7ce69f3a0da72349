import { timingSafeEqual } from "node:crypto"
import {
  type AccountId,
  Forbidden,
  instantFromMillis,
  ServiceUnavailable,
  type StoreUnavailable,
  Unauthorized
} from "@backup-catalog/core"
import { type Identity, TOKEN_HEADER } from "@backup-catalog/core/http"
import { Context, Effect, Layer } from "effect"
import { type Action, policy } from "./policy.ts"
import { Tokens } from "./Tokens.ts"
import { hashToken } from "./token.ts"

/** Whom a token stands for: what every request is let in by. */
export class TokenVerifier extends Context.Tag("@backup-catalog/server/TokenVerifier")<
  TokenVerifier,
  {
    /** The identity of a token, or why it is none; the empty token is a missing one. */
    readonly verify: (token: string) => Effect.Effect<Identity, Unauthorized | Forbidden | ServiceUnavailable>
  }
>() {}

/** The longest token that is looked at, in characters. */
export const MAX_TOKEN_LENGTH = 4096

/** What a caller without a token is told. */
export const missingToken = `Send a token in the ${TOKEN_HEADER} header.`
/** What a caller is told whose token stands for nobody. */
export const unknownToken = `The token in ${TOKEN_HEADER} is not known or has expired; ask for a new one.`

const unavailable = (error: StoreUnavailable) =>
  Effect.zipRight(
    Effect.logError("the store of tokens does not answer", error.cause),
    new ServiceUnavailable({
      message: "Tokens cannot be checked at the moment; try again in a few seconds.",
      retryAfter: 5
    })
  )

/** Verifies tokens against the hashes in the store, compared in constant time. */
export const layerTokens: Layer.Layer<TokenVerifier, never, Tokens> = Layer.effect(
  TokenVerifier,
  Effect.map(Tokens, (tokens) => ({
    verify: (token) => {
      if (token === "") return new Unauthorized({ message: missingToken })
      if (token.length > MAX_TOKEN_LENGTH) return new Unauthorized({ message: unknownToken })
      const hash = hashToken(token)
      return Effect.flatMap(Effect.catchTag(tokens.find(hash), "StoreUnavailable", unavailable), (record) =>
        record === undefined ||
        !timingSafeEqual(record.hash, hash) ||
        (record.expires !== undefined && record.expires <= instantFromMillis(Date.now()))
          ? new Unauthorized({ message: unknownToken })
          : Effect.succeed({ account: record.account, role: record.role })
      )
    }
  }))
)

/**
 * The identity of a token that is good for an action on an account: 401 when it is nobody's, 403 when it is another
 * account's or its role may not do this.
 */
export const authorise = (
  verifier: typeof TokenVerifier.Service,
  token: string,
  account: AccountId,
  action: Action
): Effect.Effect<Identity, Unauthorized | Forbidden | ServiceUnavailable> =>
  Effect.flatMap(verifier.verify(token), (identity) => {
    if (identity.account !== account) {
      return new Forbidden({ message: `The token is not for the account ${account}.` })
    }
    const roles = policy[action]
    return roles.includes(identity.role)
      ? Effect.succeed(identity)
      : new Forbidden({
          message: `This takes the role ${roles.join(" or ")}; the token has the role ${identity.role}.`
        })
  })
