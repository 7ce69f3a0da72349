import { Clock, Effect } from "effect"

const NANOS_PER_MILLI = 1_000_000n

/**
 * Does something again and again, so many milliseconds from one beginning to the next. Where one takes longer, the next
 * begins when it has ended, and `late` is told how many milliseconds it took.
 */
export const rounds = <E, R, E2, R2>(
  everyMs: number,
  round: Effect.Effect<void, E, R>,
  late: (tookMs: number) => Effect.Effect<void, E2, R2>
): Effect.Effect<never, E | E2, R | R2> =>
  Effect.gen(function* () {
    // Not the time of day, which may be set back.
    const begun = yield* Clock.currentTimeNanos
    yield* round
    const took = Number(((yield* Clock.currentTimeNanos) - begun) / NANOS_PER_MILLI)
    if (took > everyMs) yield* late(took)
    else yield* Effect.sleep(everyMs - took)
  }).pipe(Effect.forever)
