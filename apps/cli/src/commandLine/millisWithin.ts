import { parseDuration } from "@backup-catalog/core"
import { Duration } from "effect"

/**
 * The milliseconds of a duration such as `90s` or `10m`; undefined for one outside of a range in milliseconds, and for
 * any other text.
 */
export const millisWithin = (text: string, least: number, most: number): number | undefined => {
  const duration = parseDuration(text)
  const millis = duration === undefined ? undefined : Duration.toMillis(duration)
  return millis !== undefined && millis >= least && millis <= most ? millis : undefined
}
