import { type Clock, Data, Effect } from "effect"

/** Keystone does not answer, or not as Keystone does; the reason says which, with nothing secret in it. */
export class KeystoneAway extends Data.TaggedError("KeystoneAway")<{ readonly reason: string }> {}

/**
 * Keystone, or what is in front of it, answers to one token with what was not expected; to others it may answer better.
 */
export class AnswerUnexpected extends Data.TaggedError("AnswerUnexpected")<{ readonly status: number }> {}

/** Keystone says of one token what cannot be read; of others it may say more. */
export class TokenUnreadable extends Data.TaggedError("TokenUnreadable") {}

/** So many tokens are being checked that this one did not get its turn. */
export class Crowded extends Data.TaggedError("Crowded") {}

/** Keystone answers, but refuses the server itself; the message says what its operator has to do. */
export class KeystoneRefusal extends Data.TaggedError("KeystoneRefusal")<{ readonly message: string }> {}

const PAUSE = 30_000

/** A log of trouble with Keystone: of each kind one line in 30 seconds at most, however many requests run into it. */
export const makeTroubleLog = (
  clock: Clock.Clock,
  origin: string
): ((trouble: KeystoneAway | AnswerUnexpected | KeystoneRefusal) => Effect.Effect<void>) => {
  const silentUntil = { KeystoneAway: 0, AnswerUnexpected: 0, KeystoneRefusal: 0 }
  return (trouble) =>
    Effect.suspend(() => {
      const now = clock.unsafeCurrentTimeMillis()
      if (now < silentUntil[trouble._tag]) return Effect.void
      silentUntil[trouble._tag] = now + PAUSE
      switch (trouble._tag) {
        case "KeystoneAway":
          return Effect.logWarning(`Keystone at ${origin} cannot be asked about tokens: ${trouble.reason}`)
        case "AnswerUnexpected":
          return Effect.logWarning(
            `Keystone at ${origin} cannot be asked about a token: it gave an answer that was not expected (${trouble.status})`
          )
        case "KeystoneRefusal":
          return Effect.logError(`Keystone at ${origin}: ${trouble.message}`)
      }
    })
}
