import { DateTime, Option } from "effect"

/** Whether a text names a time zone: an IANA name, `UTC`, or an offset such as `+05:30`. */
export const isTimeZone = (text: string): boolean => Option.isSome(DateTime.zoneFromString(text))

/** What a time zone is, as the end of a sentence. */
export const timeZoneForms = "a name such as Europe/Berlin, UTC, or an offset such as +05:30"
