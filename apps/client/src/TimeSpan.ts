import { Duration, Option } from "effect"

/** How long something may take: milliseconds, text such as `"10 seconds"`, or a Duration of Effect. */
export type TimeSpan = Exclude<Duration.DurationInput, bigint | readonly [seconds: number, nanos: number]>

/** The duration above 0 that an input means. */
export const parseTimeSpan = (input: unknown): Option.Option<Duration.Duration> =>
  // Effect takes a bigint for nanoseconds, which whoever writes milliseconds elsewhere does not mean.
  typeof input === "bigint" || Array.isArray(input)
    ? Option.none()
    : Option.filter(Duration.decodeUnknown(input), (duration) => Duration.toMillis(duration) > 0)
