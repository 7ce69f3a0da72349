import { Effect, Option } from "effect"

/**
 * An effect without its result, and what takes that, once, when it has run.
 *
 * For large results: sets of fibers that have ended keep them, with their results and spans, until the next full
 * collection, and would keep hundreds of pages with them.
 */
export const handedOver = <A, E, R>(effect: Effect.Effect<A, E, R>) => {
  let result = Option.none<A>()
  return {
    run: Effect.map(effect, (made) => {
      result = Option.some(made)
    }),
    take: (): A => {
      const taken = Option.getOrThrow(result)
      result = Option.none()
      return taken
    }
  }
}
