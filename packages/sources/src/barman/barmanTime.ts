import type { Instant } from "@backup-catalog/core"
import { Schema } from "effect"
import { instantInZone, instantWithOffset } from "../reading/zonedTime.ts"

/**
 * A time of Barman: an instant, or the text of a local time when it was printed without a zone, as before Barman 2.19.
 */
export type BarmanTime = Instant | string

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
const ctime = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{2}:\d{2}:\d{2}) (\d{4})$/
const idPattern = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})/

const ifLocalTime = (text: string): string | undefined => (instantInZone(text, "UTC") === undefined ? undefined : text)

const fromCtime = (text: string): string | undefined => {
  const [, name = "", day = "", time = "", year = ""] = ctime.exec(text) ?? []
  const month = months.indexOf(name) + 1
  return month === 0 ? undefined : ifLocalTime(`${year}-${month}-${day} ${time}`)
}

/** The time that a text of Barman tells, `2026-11-23T14:24:56.960733-03:30` or `Mon Nov 23 14:24:56 2026`, if any. */
export const readBarmanTime = (text: string): BarmanTime | undefined =>
  instantWithOffset(text) ?? fromCtime(text) ?? ifLocalTime(text)

/** A text that tells a time. */
export const TimeText = Schema.String.pipe(Schema.filter((text) => readBarmanTime(text) !== undefined))

/** The local time of Barman's host at which a backup began, from its id; undefined when the id is made otherwise. */
export const localTimeOfId = (id: string): string | undefined => {
  const [, year, month, day, hours, minutes, seconds] = idPattern.exec(id) ?? []
  return year === undefined ? undefined : ifLocalTime(`${year}-${month}-${day} ${hours}:${minutes}:${seconds}`)
}
