import type { Digest } from "../Importer.ts"
import { isCompleteSql, SQL_TAIL } from "./pgSql.ts"
import {
  BLOCK,
  BROKEN_TAR,
  isHeader,
  isZeros,
  MOST_EMPTY,
  MOST_END,
  memberBytes,
  mostEnd,
  TAR_LEAST,
  WHOLE_TAR,
  WHOLE_TAR_OF_SQL,
  withoutZeros
} from "./tar.ts"

/**
 * Goes through a tar file from header to header: its value is `BROKEN_TAR` unless behind its last file there is its
 * end, and nothing else; then `WHOLE_TAR_OF_SQL` or `WHOLE_TAR`.
 */
export class TarWalk implements Digest {
  /** The bytes of the file that it is in, and of what fills its last block. */
  #within = 0
  /** The block that a header is read from, as far as it went by. */
  readonly #block = new Uint8Array(BLOCK)
  #filled = 0
  /** The last bytes of the file; undefined before there is one. */
  #last: Uint8Array | undefined
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
    if (this.#isBroken || zeros < TAR_LEAST || zeros > this.#mostEnd) return BROKEN_TAR
    return this.#endsInSql ? WHOLE_TAR_OF_SQL : WHOLE_TAR
  }

  get #endsInSql(): boolean {
    return this.#last !== undefined && isCompleteSql(withoutZeros(this.#last))
  }

  get #mostEnd(): number {
    // pg_dump writes its SQL last, so behind that nothing is missing.
    if (this.#endsInSql) return MOST_END
    const most = mostEnd(this.#size)
    // Where there are only zeros, more of them are rather what was never written.
    return this.#last === undefined ? Math.min(most, MOST_EMPTY) : most
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
      this.#keep(bytes.subarray(0, passed))
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
    else {
      this.#within = size
      this.#last = new Uint8Array()
    }
  }

  #keep(bytes: Uint8Array): void {
    const end = bytes.subarray(-SQL_TAIL)
    const before = this.#last?.subarray(Math.max(this.#last.length + end.length - SQL_TAIL, 0)) ?? new Uint8Array()
    this.#last = new Uint8Array(before.length + end.length)
    this.#last.set(before)
    this.#last.set(end, before.length)
  }
}
