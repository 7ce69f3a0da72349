/** Whether bytes end with so many zeros. */
export const endsWithZeros = (bytes: Uint8Array, count: number): boolean =>
  bytes.length >= count && bytes.subarray(-count).every((byte) => byte === 0)
