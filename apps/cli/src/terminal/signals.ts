import { Effect, Fiber, FiberRef } from "effect"
import { Screen } from "./Screen.ts"

// The last is that of a terminal which goes away; what Node was started with, as by nohup, it does not keep.
const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const
type SignalName = (typeof names)[number]

/** The first signal that asks the program to end. */
const signalled = Effect.async<SignalName>((resume) => {
  const handlers = names.map((name) => [name, () => taken(name)] as const)
  const release = () => {
    for (const [name, handler] of handlers) process.off(name, handler)
  }
  // From the second one on, they do what they do elsewhere.
  const taken = (name: SignalName) => {
    release()
    resume(Effect.succeed(name))
  }
  for (const [name, handler] of handlers) process.on(name, handler)
  return Effect.sync(release)
})

/** How long what is interrupted may take to end. */
const GRACE = "5 seconds"

const isPart = FiberRef.unsafeMake(false)

/**
 * Carries something out unless a signal asks the program to end: then it is interrupted, so that what it has begun is
 * ended well, what is to be known is said, and the program ends by that signal as it would have without this. What is
 * part of something that is carried out so is interrupted with it.
 */
export const unlessSignalled = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  farewell: () => string | undefined
): Effect.Effect<A, E, R | Screen> =>
  Effect.gen(function* () {
    if (yield* FiberRef.get(isPart)) return yield* effect
    // Before anything is started that a signal would have to end.
    const signal = yield* Effect.forkScoped(signalled)
    const fiber = yield* Effect.fork(Effect.locally(effect, isPart, true))
    const end = yield* Effect.raceFirst(
      Effect.map(Fiber.join(fiber), (value) => ({ value })),
      Effect.map(Fiber.join(signal), (name) => ({ name }))
    )
    if ("value" in end) return end.value
    const { note } = yield* Screen
    yield* Effect.timeoutOption(Effect.disconnect(Fiber.interrupt(fiber)), GRACE)
    const said = farewell()
    if (said !== undefined) yield* note(said)
    process.kill(process.pid, end.name)
    return yield* Effect.never
  }).pipe(Effect.scoped)
