const decoder = new TextDecoder()

/**
 * Reads the numbers and texts of a PostgreSQL archive, one after the other; beyond the end everything is 0 and null.
 */
export interface ByteCursor {
  readonly byte: () => number
  /** An integer of the archive: its sign, and its bytes from the lowest on. */
  readonly integer: () => number
  /** So many bytes from the lowest on. */
  readonly offset: (size: number) => number
  /** A text with its length in front of it; null where the archive has none. */
  readonly text: () => string | null
  /** Where the next byte is read. */
  readonly position: () => number
  /** Whether anything was read beyond the end. */
  readonly isBeyond: () => boolean
}

/** A cursor over bytes from a position on, for integers of so many bytes. */
export const byteCursor = (bytes: Uint8Array, start: number, integerSize: () => number): ByteCursor => {
  let position = start
  const byte = () => bytes[position++] ?? 0
  const offset = (size: number) => {
    let value = 0
    for (let place = 0; place < size; place++) value += byte() * 256 ** place
    return value
  }
  const integer = () => {
    const sign = byte() === 0 ? 1 : -1
    return sign * offset(integerSize())
  }
  const text = () => {
    const length = integer()
    if (length < 0 || position > bytes.length) return null
    const from = position
    position += length
    return decoder.decode(bytes.subarray(from, position))
  }
  return { byte, integer, offset, text, position: () => position, isBeyond: () => position > bytes.length }
}
