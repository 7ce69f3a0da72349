import { Duration, Schema } from "effect"
import { Instant, parseInstant } from "./Instant.ts"
import { parseDuration } from "./parseDuration.ts"

const date = /^\d{4}-\d{2}-\d{2}$/

const isInstant = Schema.is(Instant)

// Nobody means milliseconds who asks for backups.
const ago = (text: string) => (text.endsWith("ms") ? undefined : parseDuration(text))

/** What `parsePointInTime` takes, by examples of durations and of a date, as the end of a sentence. */
export const pointInTimeFormsAs = (durations: string, date: string): string =>
  `how long ago it was (${durations}), a date (${date}) or a time (${date}T08:30:00Z; UTC where no zone is given)`

/** The same by the usual examples. */
export const pointInTimeForms = pointInTimeFormsAs("30m 12h 7d 4w", "2026-11-01")

/**
 * The instant that a person names: `7d` is seven days before `now` (milliseconds since 1970), a date its midnight in
 * UTC, a time without a zone one in UTC. Undefined for any other text, and for a day that does not exist. `parse` reads
 * times: `parseInstant`, or `parseBound` where it is a bound of others.
 */
export const parsePointInTime = (text: string, now: number, parse = parseInstant): Instant | undefined => {
  const duration = ago(text)
  if (duration !== undefined) {
    const then = BigInt(Math.trunc(now - Duration.toMillis(duration))) * 1000n
    return isInstant(then) ? then : undefined
  }
  return parse(date.test(text) ? `${text}T00:00:00` : text)
}
