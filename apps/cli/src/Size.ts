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
