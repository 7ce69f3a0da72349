import { Cause, Effect, Exit } from "effect"

/**
 * Runs an effect as a Promise that rejects with the very error of the effect, or at once with the reason of a signal
 * that is aborted meanwhile (or was before: then the effect is not begun).
 */
export const runPromise = async <A, E>(effect: Effect.Effect<A, E>, signal?: AbortSignal): Promise<A> => {
  signal?.throwIfAborted()
  const exit = await Effect.runPromiseExit(effect, signal === undefined ? {} : { signal })
  if (Exit.isSuccess(exit)) return exit.value
  if (Cause.isInterrupted(exit.cause)) signal?.throwIfAborted()
  // Effect hands on an error of a span in a Proxy, which can be sent to no other thread.
  throw Cause.originalError(Cause.squash(exit.cause))
}
