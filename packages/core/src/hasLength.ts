const codePoints = (text: string): number => {
  let count = 0
  for (const _ of text) count++
  return count
}

/** Whether a text has `least` to `most` characters: code points, as people and JSON Schema count them. */
export const hasLength = (text: string, least: number, most: number): boolean => {
  // Each character takes one unit or two, so most texts need no counting.
  if (text.length <= most && text.length >= 2 * least) return true
  if (text.length < least || text.length > 2 * most) return false
  const count = codePoints(text)
  return count >= least && count <= most
}
