import { Effect } from "effect"

/**
 * A turn that one after the other has, in the order in which it was asked for. A semaphore of Effect is for whoever
 * asks while it is free: beside an import, which asks again as soon as it has left it, others would wait until that
 * ends.
 */
export class Turn {
  readonly #waiting: Array<() => void> = []
  #isTaken = false

  /** How many have it or wait for it. */
  get users(): number {
    return this.#waiting.length + (this.#isTaken ? 1 : 0)
  }

  /** Whether somebody waits for it. */
  get isAwaited(): boolean {
    return this.#waiting.length > 0
  }

  readonly #enter = Effect.async<void>((resume) => {
    if (this.#isTaken) this.#waiting.push(() => resume(Effect.void))
    else {
      this.#isTaken = true
      resume(Effect.void)
    }
  })

  // It goes from hand to hand, and is free only where nobody waits.
  readonly #leave = Effect.sync(() => {
    const next = this.#waiting.shift()
    if (next === undefined) this.#isTaken = false
    else next()
  })

  /** Does something when its turn has come; the wait for that cannot be interrupted. */
  readonly take = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.acquireUseRelease(
      this.#enter,
      () => work,
      () => this.#leave
    )
}
