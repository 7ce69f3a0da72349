import { type Forbidden, ServiceUnavailable, Unauthorized } from "@backup-catalog/core"
import type { Identity } from "@backup-catalog/core/http"
import { Effect, Exit, Fiber, FiberMap, Layer, Option } from "effect"
import { ServerMetrics } from "../../metrics/ServerMetrics.ts"
import { inThisTrace } from "../../telemetry/callersTrace.ts"
import { MAX_TOKEN_LENGTH, missingToken, TokenVerifier, unknownToken } from "../TokenVerifier.ts"
import { type TokenKey, tokenKey } from "../token.ts"
import { makeCircuitBreaker } from "./CircuitBreaker.ts"
import type { KeystoneCredentials } from "./Credentials.ts"
import { makeKeystoneApi } from "./KeystoneApi.ts"
import { identityOf, type KeystoneToken } from "./KeystoneToken.ts"
import { Crowded, KeystoneAway, makeTroubleLog } from "./KeystoneTrouble.ts"
import { makeServiceToken } from "./ServiceToken.ts"
import { makeTokenCache } from "./TokenCache.ts"

/** How tokens are checked with Keystone; times are in milliseconds. */
export interface KeystoneSettings {
  /** Where Keystone is, with or without `/v3`, without a slash at its end. */
  readonly url: string
  readonly credentials: KeystoneCredentials
  /** How long the check of one token may take, including a new token for the server itself. */
  readonly timeout: number
  /** How long a valid token is remembered at most, and so how long it may outlive its revocation; 0 for not at all. */
  readonly cacheTtl: number
  /** How long an invalid token is remembered; 0 for not at all. */
  readonly invalidCacheTtl: number
  /** How many valid tokens are remembered, and how many invalid ones; at least 1. */
  readonly cacheSize: number
}

/** What a server has that is told nothing else. */
export const keystoneDefaults = {
  timeout: 1800,
  cacheTtl: 300_000,
  invalidCacheTtl: 10_000,
  cacheSize: 10_000
} as const satisfies Partial<KeystoneSettings>

type Verdict = Exit.Exit<Identity, Unauthorized | Forbidden | ServiceUnavailable>

/** How many tokens Keystone is asked about at a time; more wait for their turn. */
const MAX_CALLS = 32

/** How long one waits for its turn, in milliseconds: with the call itself no more than two seconds. */
const MAX_WAIT = 200

/** After how many seconds to try again when an operator has to put something right first. */
const REPAIR = 30

const missing: Verdict = Exit.fail(new Unauthorized({ message: missingToken }))
const unknown: Verdict = Exit.fail(new Unauthorized({ message: unknownToken }))

// Keystone's tokens are of these; fetch throws at what no header may carry, with the token in its message.
const isToken = (token: string): boolean => token.length <= MAX_TOKEN_LENGTH && /^[!-~]+$/.test(token)

const notNow = (retryAfter: number) =>
  new ServiceUnavailable({
    message: `Tokens cannot be checked at the moment, because Keystone does not answer; try again in ${retryAfter} s.`,
    retryAfter
  })

const TOO_MANY_REQUESTS = 429

const odd = (status: number) => {
  const reason =
    status === TOO_MANY_REQUESTS
      ? "Keystone is asked more often than it allows"
      : `Keystone answers to it with what was not expected (${status})`
  return new ServiceUnavailable({
    message: `The token cannot be checked at the moment, because ${reason}; try again in 1 s.`,
    retryAfter: 1
  })
}

const crowded = new ServiceUnavailable({
  message: "Too many tokens are being checked with Keystone at the moment; try again in a second.",
  retryAfter: 1
})

const unreadable = new ServiceUnavailable({
  message: "Keystone knows the token, but says of it what this server cannot read; its operator finds it in the log.",
  retryAfter: REPAIR
})

const refusedByKeystone = new ServiceUnavailable({
  message: "Tokens cannot be checked, because Keystone refuses this server; its operator finds why in its log.",
  retryAfter: REPAIR
})

/** Verifies tokens with Keystone: a token's project is its account. What Keystone said is remembered for a while. */
export const layerKeystone = (settings: KeystoneSettings): Layer.Layer<TokenVerifier, never, ServerMetrics> =>
  Layer.scoped(
    TokenVerifier,
    Effect.gen(function* () {
      const { url, credentials, timeout, cacheTtl, invalidCacheTtl, cacheSize } = settings
      const clock = yield* Effect.clock
      const metrics = yield* ServerMetrics
      const log = makeTroubleLog(clock, new URL(url).origin)
      const api = makeKeystoneApi(url, credentials)
      const own = yield* makeServiceToken(clock, { signIn: api.signIn, timeout, log })
      const breaker = makeCircuitBreaker(clock)
      const calls = yield* Effect.makeSemaphore(MAX_CALLS)
      const known = makeTokenCache<Verdict>(cacheSize)
      // Of its own, so that a flood of invalid tokens leaves the valid ones where they are.
      const invalid = makeTokenCache<Verdict>(cacheSize)
      const flights = yield* FiberMap.make<string, Verdict, never>()
      const run = yield* FiberMap.runtime(flights)()

      const ask = (token: string) =>
        Effect.flatMap(own.get, (ownToken) =>
          Effect.tapErrorTag(api.validate(ownToken, token), "OwnTokenRejected", () =>
            Effect.sync(() => own.drop(ownToken))
          )
        )

      const askTwice = (token: string) =>
        Effect.catchTag(ask(token), "OwnTokenRejected", () =>
          Effect.catchTag(
            ask(token),
            "OwnTokenRejected",
            () => new KeystoneAway({ reason: "it refuses the token that it has just given to the server" })
          )
        )

      // The wait for a turn is none of Keystone's doing: it must not count against it.
      const inTurn = <A, E>(call: Effect.Effect<A, E>): Effect.Effect<A, E | Crowded> =>
        Effect.suspend(() => {
          let begun = false
          const begin = Effect.suspend(() => {
            begun = true
            return call
          })
          const giveUp = Effect.suspend(() => (begun ? Effect.never : new Crowded()))
          return Effect.raceFirst(calls.withPermits(1)(begin), Effect.delay(giveUp, MAX_WAIT))
        })

      const remember = (key: TokenKey, token: KeystoneToken | undefined): Verdict => {
        const now = clock.unsafeCurrentTimeMillis()
        if (token === undefined) {
          invalid.put(key, unknown, now + invalidCacheTtl)
          return unknown
        }
        const verdict = identityOf(token)
        known.put(key, verdict, Math.min(now + cacheTtl, token.expires_at.getTime()))
        return verdict
      }

      const check = (token: string, key: TokenKey): Effect.Effect<Verdict> =>
        inTurn(
          breaker.protect(
            Effect.timeoutFail(askTwice(token), {
              duration: timeout,
              onTimeout: () => new KeystoneAway({ reason: `it did not answer within ${timeout} ms` })
            })
          )
        ).pipe(
          Effect.map((answer) => remember(key, answer)),
          Effect.tapErrorTag("KeystoneAway", log),
          Effect.tapErrorTag("AnswerUnexpected", log),
          Effect.tapErrorTag("KeystoneRefusal", log),
          Effect.catchTags({
            CircuitOpen: ({ retryAfter }) => Effect.succeed(Exit.fail(notNow(retryAfter))),
            KeystoneAway: () => Effect.sync(() => Exit.fail(notNow(breaker.retryAfter()))),
            AnswerUnexpected: ({ status }) => Effect.succeed(Exit.fail(odd(status))),
            KeystoneRefusal: () => Effect.succeed(Exit.fail(refusedByKeystone)),
            Crowded: () => Effect.succeed(Exit.fail(crowded)),
            TokenUnreadable: () =>
              Effect.as(Effect.logError("Keystone says of a token what cannot be read"), Exit.fail(unreadable))
          })
        )

      // So that wrong credentials are in the log when the server starts, not when the first request comes.
      yield* Effect.forkScoped(Effect.ignore(own.get))

      return {
        known: (token) => {
          if (!isToken(token)) return undefined
          const verdict = known.get(tokenKey(token), clock.unsafeCurrentTimeMillis())
          if (verdict === undefined || Exit.isFailure(verdict)) return undefined
          metrics.token(true)
          return verdict.value
        },
        verify: (token) =>
          Effect.suspend((): Effect.Effect<Identity, Unauthorized | Forbidden | ServiceUnavailable> => {
            if (token === "") return missing
            if (!isToken(token)) return unknown
            const key = tokenKey(token)
            const now = clock.unsafeCurrentTimeMillis()
            const verdict = known.get(key, now) ?? invalid.get(key, now)
            metrics.token(verdict !== undefined)
            if (verdict !== undefined) return verdict
            // A fiber of its own: the one who asked first may hang up while others wait for the same answer.
            return Effect.flatMap(inThisTrace, (within) => {
              const flight = Option.getOrElse(FiberMap.unsafeGet(flights, key.text), () =>
                run(key.text, within(check(token, key)))
              )
              return Effect.flatMap(Fiber.await(flight), Exit.flatten)
            })
          })
      }
    })
  )
