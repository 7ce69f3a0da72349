import { type Clock, Effect, type Exit, Fiber, FiberHandle, Option, type Scope } from "effect"
import type { OwnToken } from "./KeystoneApi.ts"
import { KeystoneAway, KeystoneRefusal } from "./KeystoneTrouble.ts"

type Trouble = KeystoneAway | KeystoneRefusal

/** The token that the server itself shows to Keystone. */
export interface ServiceToken {
  /** A good one: the one at hand, or a new one. */
  readonly get: Effect.Effect<string, Trouble>
  /** Drops one that Keystone no longer takes; a newer one stays. */
  readonly drop: (token: string) => void
}

/** What it takes to get a token. */
export interface SignIn {
  readonly signIn: Effect.Effect<OwnToken, Trouble>
  /** How long that may take, in milliseconds. */
  readonly timeout: number
  readonly log: (trouble: Trouble) => Effect.Effect<void>
}

/** The part of its lifetime after which a token is renewed. */
const RENEWED_AFTER = 0.9

// Keystone may lock a user who shows a wrong password again and again.
const PAUSE = 30_000

/**
 * A service token that renews itself, before it expires and without anybody waiting for it where that can be.
 *
 * However many ask, there is one request for a token at a time. When Keystone refuses the credentials, everybody is
 * told so for 30 seconds before it is asked again.
 */
export const makeServiceToken = (
  clock: Clock.Clock,
  { signIn, timeout, log }: SignIn
): Effect.Effect<ServiceToken, never, Scope.Scope> =>
  Effect.gen(function* () {
    let current: { readonly token: string; readonly renewAt: number; readonly expires: number } | undefined
    let refused: { readonly refusal: KeystoneRefusal; readonly until: number } | undefined

    const handle = yield* FiberHandle.make<Exit.Exit<string, Trouble>, never>()
    const run = yield* FiberHandle.runtime(handle)()

    const succeeded = (asked: number, { token, lifetime }: OwnToken) => {
      current = { token, renewAt: asked + lifetime * RENEWED_AFTER, expires: asked + lifetime }
      return token
    }

    const failed = (trouble: Trouble) => {
      const until = clock.unsafeCurrentTimeMillis() + PAUSE
      if (current !== undefined) current = { ...current, renewAt: until }
      if (trouble instanceof KeystoneRefusal) refused = { refusal: trouble, until }
      return log(trouble)
    }

    const renew = Effect.suspend(() => {
      const asked = clock.unsafeCurrentTimeMillis()
      return Effect.map(signIn, (own) => succeeded(asked, own))
    }).pipe(
      Effect.timeoutFail({
        duration: timeout,
        onTimeout: () => new KeystoneAway({ reason: `it gave the server no token within ${timeout} ms` })
      }),
      Effect.tapError(failed),
      Effect.exit
    )

    const renewing = () => Option.getOrElse(FiberHandle.unsafeGet(handle), () => run(renew))

    return {
      get: Effect.suspend((): Effect.Effect<string, Trouble> => {
        const now = clock.unsafeCurrentTimeMillis()
        if (current !== undefined && now < current.expires) {
          if (now >= current.renewAt) renewing()
          return Effect.succeed(current.token)
        }
        if (refused !== undefined && now < refused.until) return refused.refusal
        return Effect.flatMap(Fiber.join(renewing()), (exit) => exit)
      }),
      drop: (token) => {
        if (current?.token === token) current = undefined
      }
    }
  })
