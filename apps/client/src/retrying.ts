import type { CatalogError } from "@backup-catalog/core"
import { Duration, Effect, Option, Random } from "effect"

const FIRST_WAIT = 200

// The statuses after which trying again is of use when the answer asks for it.
const onRequest: ReadonlySet<number> = new Set([413, 429, 502, 504])

/**
 * How many milliseconds to wait before trying again after an error; none when trying again is of no use.
 *
 * Tried again are 503, also that of a proxy; 413, 429, 502 and 504 with `Retry-After`; and what got no whole answer.
 * The wait doubles with each attempt, is between half and all of that by chance (so that those who failed together do
 * not return together), and comes on top of what `Retry-After` asks for.
 */
export const waitBefore = (
  error: CatalogError,
  retry: number,
  maxWait: number,
  chance: number
): Option.Option<number> => {
  const transient = error._tag === "ConnectionFailed" || error._tag === "TimedOut" || error.code === 503
  const retryAfter = "retryAfter" in error ? error.retryAfter : undefined
  if (!transient && !(onRequest.has(error.code) && retryAfter !== undefined)) return Option.none()
  const asked = (retryAfter ?? 0) * 1000
  const backoff = FIRST_WAIT * 2 ** retry * (0.5 + chance / 2)
  return asked > maxWait ? Option.none() : Option.some(Math.min(asked + backoff, maxWait))
}

/** Whether an error says that nothing was done: the catalog's own refusal, not silence and not a proxy's word. */
export const saysNothingDone = (error: CatalogError): boolean =>
  error._tag === "ServiceUnavailable" || error._tag === "OverLimit"

/**
 * The same request, tried again after errors that may pass: at most `retries` times, with waits of at most `maxWait`.
 * What must not be done twice is tried again only after errors that `again` allows.
 */
export const retrying =
  (
    { retries, maxWait }: { readonly retries: number; readonly maxWait: Duration.Duration },
    again: (error: CatalogError) => boolean = () => true
  ) =>
  <A, R>(read: Effect.Effect<A, CatalogError, R>): Effect.Effect<A, CatalogError, R> => {
    const attempt = (retry: number): Effect.Effect<A, CatalogError, R> =>
      Effect.catchAll(read, (error) =>
        Effect.gen(function* () {
          const wait = waitBefore(error, retry, Duration.toMillis(maxWait), yield* Random.next)
          // Not the error as an effect: what gives the token may have made it with another copy of Effect.
          if (retry >= retries || Option.isNone(wait) || !again(error)) return yield* Effect.fail(error)
          yield* Effect.logDebug(`${error.message} Trying again in ${Math.round(wait.value)} ms.`)
          yield* Effect.sleep(wait.value)
          return yield* attempt(retry + 1)
        })
      )
    return attempt(0)
  }
