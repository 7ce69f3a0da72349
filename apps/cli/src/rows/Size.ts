const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const

/** A number of bytes as a person reads it: `512 B`, `9.8 KiB`, `144 MiB`; one decimal below ten, else whole. */
export const formatSize = (bytes: bigint): string => {
  let value = Number(bytes)
  let unit = 0
  // What would be shown as 1024 of a unit is one of the next.
  while (Math.round(value) >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  const shown = unit > 0 && value < 9.95 ? value.toFixed(1) : String(Math.round(value))
  return `${shown} ${units[unit]}`
}

const factors = ["", "k", "m", "g", "t", "p"]
const sizePattern = /^(\d{1,19})(?:\.(\d{1,9}))?(?:([kmgtp])(?:i?b)?|b)?$/i

/** What `parseSize` takes, as the end of a sentence. */
export const sizeForms = "a number of bytes (1048576), or of a binary unit (500M 1.5G 2T)"

/**
 * The bytes that a text such as `1048576`, `500M` or `1.5G` names, units being powers of 1024; undefined for any other.
 */
export const parseSize = (text: string): bigint | undefined => {
  const match = sizePattern.exec(text)
  if (match === null) return undefined
  const [, whole = "", fraction = "", unit = ""] = match
  if (fraction !== "" && unit === "") return undefined
  const factor = 1024n ** BigInt(factors.indexOf(unit.toLowerCase()))
  const scale = 10n ** BigInt(fraction.length)
  // Half a byte up.
  return (BigInt(whole + fraction) * factor * 2n + scale) / (scale * 2n)
}
