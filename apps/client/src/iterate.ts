import { handedOver } from "@backup-catalog/core"
import { Chunk, Effect, Exit, Option, Scope, Stream } from "effect"
import { runPromise } from "./runPromise.ts"

const end = { done: true, value: undefined } as const

async function* walk<A, E>(
  pages: Stream.Stream<ReadonlyArray<A>, E>,
  signal: AbortSignal
): AsyncGenerator<ReadonlyArray<A>, undefined, undefined> {
  const scope = Effect.runSync(Scope.make())
  try {
    const pull = await runPromise(Scope.extend(Stream.toPull(pages), scope), signal)
    const { run, take } = handedOver(pull)
    const next = run.pipe(
      Effect.as(true),
      Effect.catchAll(Option.match({ onNone: () => Effect.succeed(false), onSome: (error) => Effect.fail(error) }))
    )
    while (await runPromise(next, signal)) {
      for (const page of Chunk.toReadonlyArray(take())) {
        yield page
        signal.throwIfAborted()
      }
    }
  } finally {
    await runPromise(Scope.close(scope, Exit.void))
  }
}

/**
 * Pages, one by one.
 *
 * `return()` (what leaving a `for await` calls) ends a request that is under way; an aborted signal does too, and
 * rejects with its reason.
 */
export const iteratePages = <A, E>(
  pages: Stream.Stream<ReadonlyArray<A>, E>,
  signal?: AbortSignal
): AsyncIterableIterator<ReadonlyArray<A>> => {
  const stop = new AbortController()
  const walked = walk(pages, signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]))
  return {
    next: async () => {
      try {
        return await walked.next()
      } catch (error) {
        if (stop.signal.aborted && error === stop.signal.reason) return end
        throw error
      }
    },
    return: async () => {
      stop.abort()
      await walked.return(undefined)
      return end
    },
    [Symbol.asyncIterator]() {
      return this
    }
  }
}

/** The items of pages, one by one; it ends and fails as `iteratePages` does. */
export const iterate = <A, E>(
  pages: Stream.Stream<ReadonlyArray<A>, E>,
  signal?: AbortSignal
): AsyncIterableIterator<A> => {
  const walked = iteratePages(pages, signal)
  const none: ReadonlyArray<A> = []
  let items = none.values()
  let waiting = 0
  let turn: Promise<unknown> = Promise.resolve()

  const take = async (): Promise<IteratorResult<A, undefined>> => {
    if (signal?.aborted) items = none.values()
    for (;;) {
      const item = items.next()
      if (!item.done) return item
      const page = await walked.next()
      if (page.done) return end
      items = page.value.values()
    }
  }

  return {
    next: () => {
      // Most items are of a page that is there; a wait for each would take longer than all else.
      if (waiting === 0 && !signal?.aborted) {
        const item = items.next()
        if (!item.done) return Promise.resolve(item)
      }
      waiting++
      const taken = turn.then(take)
      const through = () => {
        waiting--
      }
      turn = taken.then(through, through)
      return taken
    },
    return: async () => {
      items = none.values()
      await walked.return?.()
      return end
    },
    [Symbol.asyncIterator]() {
      return this
    }
  }
}
