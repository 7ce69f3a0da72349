import { Duration } from "effect"

const pattern = /^(\d{1,9})(ms|s|m|h|d|w)$/
const millis = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/** The duration that a text such as `10s`, `30m`, `26h`, `7d` or `4w` names; undefined when it names none. */
export const parseDuration = (text: string): Duration.Duration | undefined => {
  const match = pattern.exec(text)
  if (match === null) return undefined
  return Duration.millis(Number(match[1]) * millis[match[2] as keyof typeof millis])
}
