import { Schema } from "effect"

const MICROS_PER_SECOND = 1_000_000n
const SECONDS_PER_DAY = 86_400
const MIN = -62_167_219_200_000_000n
const MAX = 253_402_300_799_999_999n

/**
 * A point in time: whole microseconds since 1970-01-01T00:00:00Z, from the year 0000 to the end of 9999.
 *
 * A bigint, so that no time that can be written in a record is rounded, and two times compare with `<`.
 */
export const Instant = Schema.BigIntFromSelf.pipe(
  Schema.betweenBigInt(MIN, MAX, { message: () => "must be a time from the year 0000 to the year 9999" }),
  Schema.brand("Instant"),
  Schema.annotations({ identifier: "Instant" })
)
export type Instant = typeof Instant.Type

const pattern =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:([Zz])|([+-])(\d{2})(?::?(\d{2}))?)?$/
const rfc3339WithZone = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/

/** The whole microseconds of the time that a text names, and whether it is later than these. */
const readTime = (text: string): { readonly micros: bigint; readonly isLater: boolean } | undefined => {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = "", , sign, offsetHour = "0", offsetMinute = "0"] = match
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  // Date rolls 31 June over into July; a day that does not exist must not become another one.
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined
  date.setUTCHours(Number(hour), Number(minute), Number(second))
  const offset = (sign === "-" ? -1 : 1) * (Number(offsetHour) * 3600 + Number(offsetMinute) * 60)
  const seconds = date.getTime() / 1000 - offset
  // A leap second, which is the last of a day, counts as the first of the next, as on every clock of Unix.
  if (second === "60" && seconds % SECONDS_PER_DAY !== 0) return undefined
  const micros = BigInt(seconds) * MICROS_PER_SECOND + BigInt(fraction.slice(0, 6).padEnd(6, "0"))
  return micros < MIN || micros > MAX ? undefined : { micros, isLater: /[1-9]/.test(fraction.slice(6)) }
}

/**
 * The instant that a text names, or undefined when it names none.
 *
 * Takes `2014-06-19T15:56:58` with or without a fraction (kept to the microsecond, the rest cut off) and with or
 * without `Z` or an offset. A time without a zone is UTC, as on the wire (docs/api.md, The record).
 */
export const parseInstant = (text: string): Instant | undefined => readTime(text)?.micros as Instant | undefined

/**
 * The first instant that is not before the time that a text names, or undefined when it names none: what is not before
 * the one is not before the other, so that a bound stays exact, however fine it is. The last instant is that of what is
 * behind it.
 */
export const parseBound = (text: string): Instant | undefined => {
  const time = readTime(text)
  if (time === undefined) return undefined
  const { micros, isLater } = time
  return (isLater && micros < MAX ? micros + 1n : micros) as Instant
}

/** The instant of an RFC 3339 text with a zone, cut to the microsecond; undefined when it is any other text. */
export const parseInstantWithZone = (text: string): Instant | undefined =>
  rfc3339WithZone.test(text) ? parseInstant(text) : undefined

const parseBoundWithZone = (text: string): Instant | undefined =>
  rfc3339WithZone.test(text) ? parseBound(text) : undefined

const twoDigits = Array.from({ length: 60 }, (_, n) => n.toString().padStart(2, "0"))

// Records that follow each other are mostly of the same day, and writing one is what takes time.
let day = 0
let dayText = "1970-01-01"

const dayOf = (number: number): string => {
  if (number !== day) {
    dayText = new Date(number * SECONDS_PER_DAY * 1000).toISOString().slice(0, 10)
    day = number
  }
  return dayText
}

const formatSeconds = (seconds: number): string => {
  const number = Math.floor(seconds / SECONDS_PER_DAY)
  const rest = seconds - number * SECONDS_PER_DAY
  const minutes = Math.floor(rest / 60)
  return `${dayOf(number)}T${twoDigits[Math.floor(minutes / 60)]}:${twoDigits[minutes % 60]}:${twoDigits[rest % 60]}`
}

/** The whole seconds of an instant since 1970, and the microseconds from 0 that are left. */
const split = (instant: Instant): readonly [seconds: number, micros: number] => {
  const number = Number(instant)
  // As numbers, which cost less, where they are exact: from 1684 to 2255.
  const isExact = Number.isSafeInteger(number)
  const micros = isExact ? number % 1_000_000 : Number(instant % MICROS_PER_SECOND)
  const seconds = isExact ? (number - micros) / 1_000_000 : Number(instant / MICROS_PER_SECOND)
  return micros < 0 ? [seconds - 1, micros + 1_000_000] : [seconds, micros]
}

/** The wire form of an instant: UTC, whole seconds, no zone, `2014-06-19T15:56:58` (docs/api.md, The record). */
export const formatInstant = (instant: Instant): string => formatSeconds(split(instant)[0])

/** The exact form of an instant: `2014-06-19T15:56:58.000000Z`. */
export const formatInstantMicros = (instant: Instant): string => {
  const [seconds, micros] = split(instant)
  return `${formatSeconds(seconds)}.${micros === 0 ? "000000" : micros.toString().padStart(6, "0")}Z`
}

/**
 * The instant of a number of milliseconds since 1970, as `Date.now()` gives it; of a clock that shows another year than
 * one from 0000 to 9999, the nearest that there is.
 */
export const instantFromMillis = (millis: number): Instant => {
  const micros = BigInt(Math.trunc(millis)) * 1000n
  return (micros < MIN ? MIN : micros > MAX ? MAX : micros) as Instant
}

/** The milliseconds since 1970 of an instant, cut to whole ones: what `new Date(…)` takes. */
export const instantToMillis = (instant: Instant): number => Number(instant / 1000n)

/**
 * An instant from a text that `parse` understands (a text that it does not is refused with `message`), written by
 * `write`.
 */
const instantFrom = (
  parse: (text: string) => Instant | undefined,
  message: string,
  write: (instant: Instant) => string
) =>
  Schema.String.pipe(
    Schema.filter((text) => parse(text) !== undefined, { message: () => message }),
    Schema.transform(Instant, {
      strict: true,
      decode: (text) => parse(text) ?? 0n,
      encode: (micros) => write(micros as Instant)
    })
  )

const A_TIME = "must be a time such as 2014-06-19T15:56:58"

/** An instant as the record writes it: read with or without zone and fraction, written as `2014-06-19T15:56:58`. */
export const InstantFromWire = instantFrom(parseInstant, A_TIME, formatInstant).annotations({
  identifier: "Time",
  jsonSchema: {
    type: "string",
    description: "UTC, whole seconds, without a zone.",
    examples: ["2014-06-19T15:56:58"]
  }
})

/**
 * An instant of a record that is to be stored: read as `InstantFromWire`, written with microseconds, so that none are
 * lost.
 */
export const InstantToStore = instantFrom(parseInstant, A_TIME, formatInstantMicros).annotations({
  identifier: "TimeToStore",
  jsonSchema: {
    type: "string",
    description: "With or without fraction and zone; UTC where there is none.",
    examples: ["2014-06-19T15:56:58.123456Z"]
  }
})

/** A bound as a filter gives it: RFC 3339 with a zone (docs/api.md, Filters), written with microseconds and `Z`. */
export const InstantFromFilter = instantFrom(
  parseBoundWithZone,
  "must be an RFC 3339 time with a zone, such as 2014-06-19T15:56:58Z (in a URL, + is written %2B)",
  formatInstantMicros
).annotations({
  identifier: "TimeWithZone",
  jsonSchema: {
    type: "string",
    format: "date-time",
    description: "RFC 3339 with a zone.",
    examples: ["2014-06-19T15:56:58Z"]
  }
})
