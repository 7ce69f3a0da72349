import { Instant, instantFromMillis, parseInstant } from "@backup-catalog/core"
import { Schema } from "effect"

const seconds = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const

const duration = /^(\d{1,9})([smhdw])$/
const date = /^\d{4}-\d{2}-\d{2}$/

const isInstant = Schema.is(Instant)

const isUnit = (text: string | undefined): text is keyof typeof seconds =>
  text !== undefined && Object.hasOwn(seconds, text)

/** What `parsePointInTime` takes, as the end of a sentence. */
export const pointInTimeForms =
  "how long ago it was (30m 12h 7d 4w), a date (2026-11-01) or a time (2026-11-01T08:30:00Z; UTC where no zone is given)"

/**
 * The instant that a person names: `7d` is seven days before `now` (milliseconds since 1970), a date its midnight in
 * UTC, a time without a zone one in UTC. Undefined for any other text, and for a day that does not exist.
 */
export const parsePointInTime = (text: string, now: number): Instant | undefined => {
  const [, count, unit] = duration.exec(text) ?? []
  if (isUnit(unit)) {
    const then: bigint = instantFromMillis(now - Number(count) * seconds[unit] * 1000)
    return isInstant(then) ? then : undefined
  }
  return parseInstant(date.test(text) ? `${text}T00:00:00` : text)
}
