import { createHash } from "node:crypto"
import type { Row } from "./tables.ts"

const WIDTH = 2n ** 64n

/** How many rows there are, and what they are, whatever their order: the sum of what each is by SHA-256, in 64 bits. */
export class Digest {
  #count = 0
  #sum = 0n

  /** Counts a row. */
  add(row: Row): void {
    this.#count++
    const text = JSON.stringify(row.map((value) => (typeof value === "bigint" ? [String(value)] : value)))
    this.#sum = (this.#sum + createHash("sha256").update(text).digest().readBigUInt64BE()) % WIDTH
  }

  get count(): number {
    return this.#count
  }

  get checksum(): string {
    return this.#sum.toString(16).padStart(16, "0")
  }

  equals(other: Digest): boolean {
    return this.count === other.count && this.checksum === other.checksum
  }
}
