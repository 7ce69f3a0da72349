import { setTimeout } from "node:timers/promises"
import { inspect } from "node:util"

/**
 * Looks again and again until there is something to find, and gives that; fails with what was to come and what was
 * seen last when it has not come within some time. A look that throws fails at once.
 * @param what what is waited for, as a clause: "all of it is loaded"
 * @param look gives what was found, or undefined or false while there is nothing; what it says with `see`, which gives
 *   it back, is what it saw, and otherwise what it gave
 * @param withinMs how long to look, in milliseconds
 */
export const eventually = async <A>(
  what: string,
  look: (see: <S>(seen: S) => S) => A | undefined | false | Promise<A | undefined | false>,
  withinMs = 30_000
): Promise<A> => {
  let last: unknown
  let hasSeen = false
  const see = <S>(seen: S): S => {
    last = seen
    hasSeen = true
    return seen
  }
  for (const end = Date.now() + withinMs; ; ) {
    const found = await look(see)
    if (found !== undefined && found !== false) return found
    if (Date.now() > end) {
      const seen = inspect(hasSeen ? last : found, { depth: 4, maxStringLength: 2000 })
      throw new Error(`Within ${withinMs / 1000} s it never came to this: ${what}. Last seen: ${seen}`)
    }
    await setTimeout(10)
  }
}
