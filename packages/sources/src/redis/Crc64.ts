import type { Digest } from "../Importer.ts"

// The polynomial of Jones with its bits in reverse, as two halves, since numbers hold no 64 bits.
const HIGH = 0x95ac9329
const LOW = 0xac4bc9b5

/** The checksums of all bytes, by halves. */
const tables = () => {
  const high = new Uint32Array(256)
  const low = new Uint32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let upper = 0
    let lower = byte
    for (let bit = 0; bit < 8; bit++) {
      const carry = lower & 1
      lower = (lower >>> 1) | (upper << 31)
      upper >>>= 1
      if (carry === 1) {
        upper ^= HIGH
        lower ^= LOW
      }
    }
    high[byte] = upper
    low[byte] = lower
  }
  return { high, low }
}

/** The CRC-64 of Redis: 0 for what ends in its own checksum, as an RDB file does. */
export class Crc64 implements Digest {
  static #tables: ReturnType<typeof tables> | undefined
  #high = 0
  #low = 0

  take(bytes: Uint8Array): void {
    Crc64.#tables ??= tables()
    const tableHigh = Crc64.#tables.high
    const tableLow = Crc64.#tables.low
    let high = this.#high
    let low = this.#low
    for (let at = 0; at < bytes.length; at++) {
      const index = (low ^ (bytes[at] as number)) & 0xff
      low = ((low >>> 8) | (high << 24)) ^ (tableLow[index] as number)
      high = (high >>> 8) ^ (tableHigh[index] as number)
    }
    this.#high = high
    this.#low = low
  }

  get value(): bigint {
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0)
  }
}
