/** The bytes of arrays of a total size, one after the other. */
export const concat = (arrays: ReadonlyArray<Uint8Array>, size: number): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const array of arrays) {
    bytes.set(array, offset)
    offset += array.length
  }
  return bytes
}
