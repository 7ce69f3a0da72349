const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY

/**
 * How long ago something was, as a person says it: `40s 5m 3h 3d 12y`, in whole units; with a `-` when it is still to
 * come.
 */
export const formatAge = (millis: number): string => {
  const age = Math.abs(millis)
  const [unit, letter] =
    age < MINUTE
      ? [SECOND, "s"]
      : age < HOUR
        ? [MINUTE, "m"]
        : age < DAY
          ? [HOUR, "h"]
          : age < YEAR
            ? [DAY, "d"]
            : [YEAR, "y"]
  const count = Math.floor(age / unit)
  return `${millis < 0 && count > 0 ? "-" : ""}${count}${letter}`
}
