/** The bits of a set of places, 32 in each of its numbers. */
type Bits = Int32Array

const add = (bits: Bits, place: number): void => {
  const word = place >>> 5
  bits[word] = (bits[word] ?? 0) | (1 << (place & 31))
}

/** What a pattern means: which places of it may stay where they are at any character, and which go on at which one. */
const compile = (pattern: string) => {
  const wanted = [...pattern].filter((character) => character !== "*")
  const none = (): Bits => new Int32Array((wanted.length >>> 5) + 1)
  const staying = none()
  let place = 0
  for (const character of pattern) {
    if (character === "*") add(staying, place)
    else place++
  }
  const otherwise = none()
  for (const [n, character] of wanted.entries()) if (character === "?") add(otherwise, n)
  const goingOn = new Map(wanted.map((character) => [character.codePointAt(0), otherwise.slice()]))
  for (const [n, character] of wanted.entries()) add(goingOn.get(character.codePointAt(0)) ?? otherwise, n)
  return { staying, goingOn, otherwise, last: wanted.length, none }
}

/**
 * Tells of names whether they fit a pattern with `*` for any characters and `?` for any one; all of the name must fit.
 *
 * All places of the pattern that what was read of a name may have led to are known at a time, as bits: nothing is read
 * twice, whatever the pattern.
 */
export const namePattern = (pattern: string): ((name: string) => boolean) => {
  const { staying, goingOn, otherwise, last, none } = compile(pattern)
  const ending = pattern.slice(Math.max(pattern.lastIndexOf("*"), pattern.lastIndexOf("?")) + 1)
  return (name) => {
    // Most names that do not fit are told by their end, or by their first characters.
    if (!name.endsWith(ending)) return false
    const at = none()
    add(at, 0)
    for (let n = 0; n < name.length; n++) {
      const character = name.codePointAt(n) ?? 0
      if (character > 0xffff) n++
      const going = goingOn.get(character) ?? otherwise
      let carried = 0
      let anywhere = 0
      for (let word = 0; word < at.length; word++) {
        const before = at[word] ?? 0
        const moved = before & (going[word] ?? 0)
        const after = (moved << 1) | carried | (before & (staying[word] ?? 0))
        at[word] = after
        carried = moved >>> 31
        anywhere |= after
      }
      if (anywhere === 0) return false
    }
    return (((at[last >>> 5] ?? 0) >>> (last & 31)) & 1) === 1
  }
}
