import { timingSafeEqual } from "node:crypto"
import { type AccountId, Forbidden, instantFromMillis, ServiceUnavailable, Unauthorized } from "@backup-catalog/core"
import { type Identity, TOKEN_HEADER } from "@backup-catalog/core/http"
import type { StoreUnavailable } from "@backup-catalog/core/store"
import { Context, Effect, Layer } from "effect"
import { LRUCache } from "lru-cache"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { StoreState } from "../store/StoreState.ts"
import { type TokenRecord, Tokens } from "../store/Tokens.ts"
import { type Action, policy } from "./policy.ts"
import { tokenKey } from "./token.ts"

/** Whom a token stands for: what every request is let in by. */
export class TokenVerifier extends Context.Tag("@backup-catalog/server/TokenVerifier")<
  TokenVerifier,
  {
    /** The identity of a token, or why it is none; the empty token is a missing one. */
    readonly verify: (token: string) => Effect.Effect<Identity, Unauthorized | Forbidden | ServiceUnavailable>
    /**
     * The identity of a token that was verified before and is still good, without asking anybody; undefined where that
     * cannot be told. `state` is what the store was just seen to have.
     */
    readonly known: (token: string, state: number | undefined) => Identity | undefined
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

/** Tokens that are remembered, each until somebody writes to the store. */
const REMEMBERED = 10_000

interface Remembered {
  readonly record: TokenRecord
  readonly state: number | undefined
}

const isGood = ({ hash, expires }: TokenRecord, asked: Buffer): boolean =>
  timingSafeEqual(hash, asked) && (expires === undefined || expires > instantFromMillis(Date.now()))

/** Verifies tokens against the hashes in the store, compared in constant time. */
export const layerTokens: Layer.Layer<TokenVerifier, never, Tokens | StoreState | ServerMetrics> = Layer.effect(
  TokenVerifier,
  Effect.gen(function* () {
    const tokens = yield* Tokens
    const look = yield* StoreState
    const metrics = yield* ServerMetrics
    const remembered = new LRUCache<string, Remembered>({ max: REMEMBERED })
    return {
      verify: (token) =>
        Effect.suspend(() => {
          if (token === "") return new Unauthorized({ message: missingToken })
          if (token.length > MAX_TOKEN_LENGTH) return new Unauthorized({ message: unknownToken })
          metrics.token(false)
          const key = tokenKey(token)
          // Looked at before the token is read: one that is written in between counts as another state.
          const state = look()
          return Effect.flatMap(Effect.catchTag(tokens.find(key.hash), "StoreUnavailable", unavailable), (record) => {
            if (record === undefined || !isGood(record, key.hash)) return new Unauthorized({ message: unknownToken })
            remembered.set(key.text, { record, state })
            return Effect.succeed({ account: record.account, role: record.role })
          })
        }),
      known: (token, state) => {
        if (state === undefined || token.length > MAX_TOKEN_LENGTH) return undefined
        const key = tokenKey(token)
        const found = remembered.get(key.text)
        if (found?.state !== state || !isGood(found.record, key.hash)) return undefined
        metrics.token(true)
        return found.record
      }
    }
  })
)

/** Why an identity may not act on an account; undefined when it may. */
export const refusal = (identity: Identity, account: AccountId, action: Action): Forbidden | undefined => {
  if (identity.account !== account) {
    return new Forbidden({ message: `The token is not for the account ${account}.` })
  }
  const roles = policy[action]
  return roles.includes(identity.role)
    ? undefined
    : new Forbidden({
        message: `This takes the role ${roles.join(" or ")}; the token has the role ${identity.role}.`
      })
}

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
  Effect.flatMap(verifier.verify(token), (identity) => refusal(identity, account, action) ?? Effect.succeed(identity))
