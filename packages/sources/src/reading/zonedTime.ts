import { Instant, parseInstant } from "@backup-catalog/core"
import { DateTime, Option, Schema } from "effect"

const pattern = /^(\d{4})-(\d{1,2})-(\d{1,2})[T ]\s*(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d+))?$/

const offset = /(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$/

const MAX_OFFSET_MILLIS = 24 * 3_600_000

const isInstant = Schema.is(Instant)

const zoneNamed = (zone: string): DateTime.TimeZone | undefined => {
  const found = Option.getOrUndefined(DateTime.zoneFromString(/^gmt$/i.test(zone) ? "UTC" : zone))
  if (found?._tag !== "Offset") return found
  // It is added up from whatever digits are there.
  return /^(?:GMT)?[+-]\d{2}:[0-5]\d$/.test(zone) && Math.abs(found.offset) < MAX_OFFSET_MILLIS ? found : undefined
}

/** Whether a text names a time zone that times can be read in: an IANA name, `UTC`, or an offset below 24 hours. */
export const isTimeZone = (zone: string): boolean => zoneNamed(zone) !== undefined

/**
 * The instant of a time that says its offset, however short (`2019-06-17 18:25:11+03`); undefined when it says none, or
 * is no time.
 */
export const instantWithOffset = (text: string): Instant | undefined =>
  offset.test(text) ? parseInstant(text) : undefined

/** The offset that a time says, as a time zone: `+01:00`; undefined when it says none, or is no time. */
export const offsetOf = (text: string): string | undefined => {
  const said = instantWithOffset(text) === undefined ? undefined : offset.exec(text)?.[0]
  if (said === undefined) return undefined
  return said.length === 1 ? "UTC" : `${said.slice(0, 3)}:${said.slice(3).replace(":", "") || "00"}`
}

/**
 * The instant that a local time without a zone (`2026-11-24 04:28:10`, hour padded with a blank or not, with or without
 * a fraction) means in a zone; undefined when it is no such time, the zone is none, or a record cannot hold it. A time
 * that the change of clocks skips or repeats is taken as before the change; one that it repeats as after it where
 * `repeated` says so.
 */
export const instantInZone = (
  text: string,
  zone: string,
  repeated: "before" | "after" = "before"
): Instant | undefined => {
  const match = pattern.exec(text.trim())
  const known = zoneNamed(zone)
  if (match === null || known === undefined) return undefined
  const [, year, month, day, hours, minutes, seconds, fraction = ""] = match
  const parts = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hours: Number(hours),
    minutes: Number(minutes),
    seconds: Number(seconds),
    millis: 0
  }
  if (
    parts.month > 12 ||
    parts.day > new Date(Date.UTC(parts.year, parts.month, 0)).getUTCDate() ||
    parts.hours > 23 ||
    parts.minutes > 59 ||
    parts.seconds > 59 ||
    parts.day < 1 ||
    parts.month < 1
  ) {
    return undefined
  }
  const zoned = Option.getOrUndefined(
    DateTime.makeZoned(parts, {
      timeZone: known,
      adjustForTimeZone: true,
      disambiguation: repeated === "after" ? "later" : "compatible"
    })
  )
  if (zoned === undefined) return undefined
  const micros = BigInt(DateTime.toEpochMillis(zoned)) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, "0"))
  return isInstant(micros) ? micros : undefined
}

/**
 * The instant of the local time of an end in a zone; in the hour that the clocks repeat, one before the start is of the
 * second time.
 */
export const endInZone = (text: string, zone: string, start: Instant | undefined): Instant | undefined => {
  const end = instantInZone(text, zone)
  return start !== undefined && end !== undefined && end < start ? instantInZone(text, zone, "after") : end
}
