// The three forms of a date in HTTP (RFC 9110, 5.6.7), without the day of the week, which says nothing more.
const dateForms = [
  /^(?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^(?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/
]

const YEARS_AHEAD = 50

// Of two digits, a year is none of more than 50 years ahead (RFC 9110, 5.6.7).
const wholeYear = (year: string, now: number): number => {
  if (year.length === 4) return Number(year)
  const thisYear = new Date(now).getUTCFullYear()
  const inThisCentury = thisYear - (thisYear % 100) + Number(year)
  return inThisCentury > thisYear + YEARS_AHEAD ? inThisCentury - 100 : inThisCentury
}

const parseDate = (text: string, now: number): number => {
  const groups = dateForms.map((form) => form.exec(text)?.groups).find((found) => found !== undefined)
  if (groups === undefined) return Number.NaN
  const { day = "", month, year = "", time } = groups
  return Date.parse(`${day.trim().padStart(2, "0")} ${month} ${wholeYear(year, now)} ${time} GMT`)
}

const secondsOf = (text: string, now: number): number =>
  // Of more digits it is more than any caller waits, and must not become none.
  /^\d+$/.test(text)
    ? Math.min(Number(text), Number.MAX_SAFE_INTEGER)
    : Math.max(0, Math.ceil((parseDate(text, now) - now) / 1000))

/**
 * The seconds that a `Retry-After` header asks to wait, in its form as seconds or as a date, the most of them where it came
 * more than once; undefined for any other text. A date that has passed is 0. `now` is in milliseconds.
 */
export const parseRetryAfter = (header: string | undefined, now: number): number | undefined => {
  const values = (header ?? "").replace(/[A-Z][a-z]+, /g, "").split(",")
  const seconds = Math.max(...values.map((value) => secondsOf(value.trim(), now)))
  return Number.isNaN(seconds) ? undefined : seconds
}
