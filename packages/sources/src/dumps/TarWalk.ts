import type { Digest } from "../Importer.ts"
import { BLOCK, BROKEN_TAR, isHeader, isZeros, MOST_END, memberBytes, RECORD, TAR_LEAST } from "./tar.ts"

const WHOLE_TAR = 1n

/**
 * Goes through a tar file from header to header: its value is `BROKEN_TAR` unless behind its last file there is its end, and
 * nothing else.
 */
export class TarWalk implements Digest {
  /** The bytes of the file that it is in, and of what fills its last block. */
  #within = 0
  /** The block that a header is read from, as far as it went by. */
  readonly #block = new Uint8Array(BLOCK)
  #filled = 0
  /** The zeros since the last file; undefined before there are any. */
  #zeros: number | undefined
  #size = 0
  #isBroken = false
  #isUnknown = false

  take(bytes: Uint8Array): void {
    this.#size += bytes.length
    for (let at = 0; at < bytes.length && !this.#isBroken && !this.#isUnknown; ) at += this.#step(bytes.subarray(at))
  }

  get value(): bigint {
    if (this.#isUnknown) return WHOLE_TAR
    const zeros = this.#zeros ?? 0
    // Only what writes whole records has more than the two blocks, of which zeros may else be files that are not there.
    const hasEnd = zeros === TAR_LEAST || (zeros > TAR_LEAST && zeros <= MOST_END && this.#size % RECORD === 0)
    return hasEnd && !this.#isBroken ? WHOLE_TAR : BROKEN_TAR
  }

  /** Takes so many of the bytes as are of one kind; how many these are. */
  #step(bytes: Uint8Array): number {
    if (this.#zeros !== undefined) {
      this.#zeros += bytes.length
      this.#isBroken = this.#zeros > MOST_END || !isZeros(bytes)
      return bytes.length
    }
    if (this.#within > 0) {
      const passed = Math.min(this.#within, bytes.length)
      this.#within -= passed
      return passed
    }
    const part = bytes.subarray(0, BLOCK - this.#filled)
    this.#block.set(part, this.#filled)
    this.#filled += part.length
    if (this.#filled === BLOCK) this.#enter()
    return part.length
  }

  #enter(): void {
    this.#filled = 0
    if (isZeros(this.#block)) {
      this.#zeros = BLOCK
      return
    }
    const size = memberBytes(this.#block)
    if (!isHeader(this.#block) || size === undefined) this.#isBroken = true
    // Of a sparse file of GNU tar more headers follow.
    else if (this.#block[156] === 0x53) this.#isUnknown = true
    else this.#within = size
  }
}
