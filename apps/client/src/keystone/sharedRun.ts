import { Deferred, Effect, Fiber, FiberId } from "effect"

interface Run<A, E> {
  readonly answer: Deferred.Deferred<A, E>
  fiber?: Fiber.RuntimeFiber<A, E>
  waiting: number
}

/**
 * The same effect, of which one run serves all who ask while it is under way, failures included. Who is interrupted
 * stops waiting; the run is ended only when nobody waits for it any more.
 */
export const sharedRun = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> => {
  let current: Run<A, E> | undefined

  const start = (): { readonly run: Run<A, E>; readonly begin: Effect.Effect<void> } => {
    const run: Run<A, E> = { answer: Deferred.unsafeMake(FiberId.none), waiting: 0 }
    current = run
    const begin = Effect.interruptible(effect).pipe(
      Effect.onExit((exit) =>
        Effect.zipRight(
          Effect.sync(() => {
            if (current === run) current = undefined
          }),
          Deferred.done(run.answer, exit)
        )
      ),
      Effect.forkDaemon,
      Effect.flatMap((fiber) =>
        Effect.sync(() => {
          run.fiber = fiber
        })
      )
    )
    return { run, begin }
  }

  return Effect.uninterruptibleMask((restore) =>
    Effect.suspend(() => {
      const { run, begin } = current === undefined ? start() : { run: current, begin: Effect.void }
      run.waiting++
      const leave = Effect.suspend(() => {
        run.waiting--
        if (run.waiting > 0 || current !== run || run.fiber === undefined) return Effect.void
        current = undefined
        return Fiber.interruptFork(run.fiber)
      })
      return Effect.zipRight(begin, restore(Deferred.await(run.answer)).pipe(Effect.ensuring(leave)))
    })
  )
}
