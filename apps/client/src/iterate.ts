import { Effect, Exit, Option, Scope, Stream } from "effect"
import { runPromise } from "./runPromise.ts"

async function* walk<A, E>(
  pages: Stream.Stream<ReadonlyArray<A>, E>,
  signal: AbortSignal
): AsyncGenerator<A, undefined, undefined> {
  const scope = Effect.runSync(Scope.make())
  try {
    const pull = await runPromise(Scope.extend(Stream.toPull(pages), scope), signal)
    const next = pull.pipe(
      Effect.asSome,
      Effect.catchAll(Option.match({ onNone: () => Effect.succeedNone, onSome: (error) => Effect.fail(error) }))
    )
    for (let chunk = await runPromise(next, signal); Option.isSome(chunk); chunk = await runPromise(next, signal)) {
      for (const page of chunk.value) {
        for (const item of page) {
          yield item
          signal.throwIfAborted()
        }
      }
    }
  } finally {
    await runPromise(Scope.close(scope, Exit.void))
  }
}

/**
 * The items of pages, one by one, the next page being asked for when the last one is through.
 *
 * `return()` (what leaving a `for await` calls) ends a request that is under way; an aborted signal does too, and
 * rejects with its reason.
 */
export const iterate = <A, E>(
  pages: Stream.Stream<ReadonlyArray<A>, E>,
  signal?: AbortSignal
): AsyncIterableIterator<A> => {
  const stop = new AbortController()
  const items = walk(pages, signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]))
  const end: IteratorResult<A> = { done: true, value: undefined }
  return {
    next: async () => {
      try {
        return await items.next()
      } catch (error) {
        if (stop.signal.aborted && error === stop.signal.reason) return end
        throw error
      }
    },
    return: async () => {
      stop.abort()
      await items.return(undefined)
      return end
    },
    [Symbol.asyncIterator]() {
      return this
    }
  }
}
