/** What the beginning of an RDB file says. */
export interface RdbHeader {
  /** `REDIS`, or `VALKEY` since Valkey 9. */
  readonly magic: "REDIS" | "VALKEY"
  /** The version of the format: 10 for Redis 7.0. */
  readonly format: number
  /** The AUX fields in front of the data, as far as they could be read, as text: `redis-ver`, `ctime`, `aof-base`. */
  readonly fields: ReadonlyMap<string, string>
}

/** How many bytes of a file tell whether it is an RDB file. */
export const MAGIC_LENGTH = 9
const AUX = 0xfa
const END = 0xff
const CHECKSUM_LENGTH = 8

const magicPattern = /^(?:(REDIS)(\d{4})|(VALKEY)(\d{3}))$/

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

/** Whether bytes are a header that was cut off: none at all, or the first few. */
export const isCutHeader = (head: Uint8Array): boolean => {
  const text = latin1(head.subarray(0, MAGIC_LENGTH)).replace(/\d/g, "0")
  return text.length < MAGIC_LENGTH && ["REDIS0000", "VALKEY000"].some((whole) => whole.startsWith(text))
}

/** A string of an RDB file, and where the next one begins; its text is undefined where it is compressed. */
interface RdbString {
  readonly text: string | undefined
  readonly next: number
}

interface Length {
  readonly length: number
  readonly next: number
}

/** A length at a place, or undefined where the bytes end, or where it is no plain length. */
const lengthAt = (view: DataView, at: number): Length | undefined => {
  const first = view.getUint8(at)
  if (first < 0x40) return { length: first, next: at + 1 }
  if (first < 0x80) return { length: ((first & 0x3f) << 8) | view.getUint8(at + 1), next: at + 2 }
  if (first === 0x80) return { length: view.getUint32(at + 1), next: at + 5 }
  if (first === 0x81) return { length: Number(view.getBigUint64(at + 1)), next: at + 9 }
  return undefined
}

/** A string that is kept as a small integer, or compressed (LZF). */
const encodedAt = (view: DataView, at: number): RdbString | undefined => {
  switch (view.getUint8(at)) {
    case 0xc0:
      return { text: String(view.getInt8(at + 1)), next: at + 2 }
    case 0xc1:
      return { text: String(view.getInt16(at + 1, true)), next: at + 3 }
    case 0xc2:
      return { text: String(view.getInt32(at + 1, true)), next: at + 5 }
    case 0xc3: {
      const packed = lengthAt(view, at + 1)
      const unpacked = packed && lengthAt(view, packed.next)
      return unpacked && { text: undefined, next: unpacked.next + packed.length }
    }
    default:
      return undefined
  }
}

const stringAt = (view: DataView, at: number): RdbString | undefined => {
  const plain = lengthAt(view, at)
  if (plain === undefined) return encodedAt(view, at)
  const next = plain.next + plain.length
  if (next > view.byteLength) return undefined
  return {
    text: new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + plain.next, plain.length)),
    next
  }
}

const readFields = (view: DataView, fields: Map<string, string>): void => {
  let at = MAGIC_LENGTH
  while (view.getUint8(at) === AUX) {
    const key = stringAt(view, at + 1)
    const value = key && stringAt(view, key.next)
    if (value === undefined) return
    if (key?.text !== undefined && value.text !== undefined) fields.set(key.text, value.text)
    at = value.next
  }
}

/** The header of an RDB file from its first bytes; undefined where they are none. */
export const rdbHeader = (head: Uint8Array): RdbHeader | undefined => {
  const match = magicPattern.exec(latin1(head.subarray(0, MAGIC_LENGTH)))
  if (match === null) return undefined
  const fields = new Map<string, string>()
  try {
    readFields(new DataView(head.buffer, head.byteOffset, head.byteLength), fields)
  } catch (error) {
    // The bytes end in the middle of a field: what was read before them is known all the same.
    if (!(error instanceof RangeError)) throw error
  }
  return match[1] === undefined
    ? { magic: "VALKEY", format: Number(match[4]), fields }
    : { magic: "REDIS", format: Number(match[2]), fields }
}

const hasChecksum = ({ magic, format }: RdbHeader): boolean => magic === "VALKEY" || format >= 5

/** Whether a file ends as an RDB file does: with the mark of its end and, since format 5, a checksum behind it. */
export const endsWhole = (header: RdbHeader, tail: Uint8Array): boolean =>
  tail.at(hasChecksum(header) ? -1 - CHECKSUM_LENGTH : -1) === END

/** Whether a file, whose end is whole, has the checksum of its content, by the `Crc64` of all of it. */
export const hasOwnChecksum = (header: RdbHeader, tail: Uint8Array, digest: bigint): boolean =>
  // Redis writes zeros where it is not to compute one (rdbchecksum no), and does not look at them.
  !hasChecksum(header) || digest === 0n || tail.subarray(-CHECKSUM_LENGTH).every((byte) => byte === 0)
