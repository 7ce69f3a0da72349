// The three forms of a date in HTTP (RFC 9110, 5.6.7), without the day of the week, which says nothing more.
const dateForm = /^(?:\d{2}([ -])\w{3}\1(?:\d{4}|\d{2}) [\d:]{8} GMT|\w{3} \w{3} [ \d]\d [\d:]{8} \d{4})$/

const secondsOf = (text: string, now: number): number => {
  // Of more digits it is more than any caller waits, and must not become none.
  if (/^\d+$/.test(text)) return Math.min(Number(text), Number.MAX_SAFE_INTEGER)
  // The oldest form has no zone, and means UTC as well.
  const date = dateForm.test(text) ? `${text.replaceAll("-", " ").replace(" GMT", "")} GMT` : ""
  return Math.max(0, Math.ceil((Date.parse(date) - now) / 1000))
}

/**
 * The seconds that a `Retry-After` header asks to wait, in its form as seconds or as a date, the most of them where it
 * came more than once; undefined for any other text. A date that has passed is 0. `now` is in milliseconds.
 */
export const parseRetryAfter = (header: string | undefined, now: number): number | undefined => {
  const values = (header ?? "").replace(/[A-Z][a-z]+, /g, "").split(",")
  const seconds = Math.max(...values.map((value) => secondsOf(value.trim(), now)))
  return Number.isNaN(seconds) ? undefined : seconds
}
