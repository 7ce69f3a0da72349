const QUOTE = 0x22
const BACKSLASH = 0x5c
const opening: ReadonlySet<number | undefined> = new Set([0x5b, 0x7b])
const closing: ReadonlySet<number | undefined> = new Set([0x5d, 0x7d])

/** Goes through the brackets and braces of JSON that are in no text: where each is, and how many are open behind it. */
export const eachBracket = (bytes: Uint8Array, visit: (open: number, at: number) => void): void => {
  let [open, isText] = [0, false]
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (isText && byte === BACKSLASH) at++
    else if (byte === QUOTE) isText = !isText
    else if (isText) continue
    else if (opening.has(byte)) visit(++open, at)
    else if (closing.has(byte)) visit(--open, at)
  }
}
