const START = 1_024

/**
 * Whether bytes are JSON that `isOurs`, or are no valid JSON but begin as such: so a damaged output is still known for
 * whose it is, and refused with words that fit.
 */
export const looksLike = (bytes: Uint8Array, isOurs: (value: unknown) => boolean, beginning: RegExp): boolean => {
  const start = new TextDecoder().decode(bytes.subarray(0, START)).trimStart()
  if (!(start.startsWith("{") || start.startsWith("["))) return false
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
  } catch {
    return beginning.test(start)
  }
  return isOurs(value)
}
