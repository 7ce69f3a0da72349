import { Effect } from "effect"
import { Screen } from "./Screen.ts"

const names = ["SIGINT", "SIGTERM"] as const
type SignalName = (typeof names)[number]

/** The first signal that asks the program to end. */
const signalled = Effect.async<SignalName>((resume) => {
  const handlers = names.map((name) => [name, () => resume(Effect.succeed(name))] as const)
  for (const [name, handler] of handlers) process.once(name, handler)
  return Effect.sync(() => {
    for (const [name, handler] of handlers) process.off(name, handler)
  })
})

/**
 * Carries something out unless a signal asks the program to end: then it is interrupted, so that what it has begun is
 * ended well, what is to be known is said, and the program ends by that signal as it would have without this.
 */
export const unlessSignalled = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  farewell: () => string | undefined
): Effect.Effect<A, E, R | Screen> =>
  Effect.gen(function* () {
    const end = yield* Effect.raceFirst(
      Effect.map(effect, (value) => ({ value })),
      Effect.map(signalled, (name) => ({ name }))
    )
    if ("value" in end) return end.value
    const { note } = yield* Screen
    const said = farewell()
    if (said !== undefined) yield* note(said)
    process.kill(process.pid, end.name)
    return yield* Effect.never
  })
