import { createReadStream } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import { createGunzip } from "node:zlib"
import { systemReason } from "@backup-catalog/command-line"
import type { Digest, Wanted } from "@backup-catalog/sources"
import { isMissing } from "../processes/isMissing.ts"

/** The beginning and the end of a file, or of its content where that is compressed. */
export interface FileEnds {
  readonly head: Uint8Array
  readonly tail: Uint8Array
  /** What the digest that was wanted made of what is there. */
  readonly digest?: bigint
  /** Why there is not all of it. */
  readonly problem?: string
  /** Whether it is the system that did not let it be read. */
  readonly unread?: boolean
}

const CHUNK_BYTES = 262_144

const nothing: FileEnds = { head: new Uint8Array(), tail: new Uint8Array() }

const readAt = async (file: FileHandle, position: number, length: number): Promise<Uint8Array> => {
  const bytes = new Uint8Array(length)
  let read = 0
  while (read < length) {
    const { bytesRead } = await file.read(bytes, read, length - read, position + read)
    if (bytesRead === 0) break
    read += bytesRead
  }
  return read === length ? bytes : bytes.slice(0, read)
}

const soughtEnds = async (place: Buffer, { head, tail }: Wanted): Promise<FileEnds> => {
  const file = await open(place)
  try {
    const { size } = await file.stat()
    return {
      head: await readAt(file, 0, Math.min(head, size)),
      tail: await readAt(file, Math.max(size - tail, 0), Math.min(tail, size))
    }
  } finally {
    await file.close()
  }
}

/** The ends of what goes by, in as much memory as they have. */
class Ends {
  readonly #head: Buffer
  // Filled from its beginning again when it is full.
  readonly #ring: Buffer
  readonly #digest: Digest | undefined
  #size = 0

  constructor({ head, tail, digest }: Wanted) {
    this.#head = Buffer.alloc(head)
    this.#ring = Buffer.alloc(tail)
    this.#digest = digest?.()
  }

  /** Takes what comes next; whether more of it is wanted. */
  take(chunk: Buffer): boolean {
    if (this.#size < this.#head.length) chunk.copy(this.#head, this.#size)
    const length = this.#ring.length
    const last = chunk.subarray(Math.max(chunk.length - length, 0))
    const at = length === 0 ? 0 : (this.#size + chunk.length - last.length) % length
    last.copy(this.#ring, at)
    if (last.length > length - at) last.copy(this.#ring, 0, length - at)
    this.#size += chunk.length
    this.#digest?.take(chunk)
    return length > 0 || this.#digest !== undefined || this.#size < this.#head.length
  }

  get ends(): FileEnds {
    const at = this.#ring.length === 0 ? 0 : this.#size % this.#ring.length
    const ordered =
      this.#size < this.#ring.length
        ? [this.#ring.subarray(0, this.#size)]
        : [this.#ring.subarray(at), this.#ring.subarray(0, at)]
    return {
      head: new Uint8Array(this.#head.subarray(0, this.#size)),
      tail: new Uint8Array(Buffer.concat(ordered)),
      ...(this.#digest === undefined ? {} : { digest: this.#digest.value })
    }
  }
}

const readEnds = async (place: Buffer, wanted: Wanted): Promise<FileEnds> => {
  const ends = new Ends(wanted)
  for await (const chunk of createReadStream(place, { highWaterMark: CHUNK_BYTES })) ends.take(chunk)
  return ends.ends
}

const plainEnds = (place: Buffer, wanted: Wanted): Promise<FileEnds> =>
  wanted.digest === undefined ? soughtEnds(place, wanted) : readEnds(place, wanted)

const gunzippedEnds = async (place: Buffer, wanted: Wanted): Promise<FileEnds> => {
  const ends = new Ends(wanted)
  const source = createReadStream(place)
  const content = createGunzip({ chunkSize: CHUNK_BYTES })
  // An iteration that ends early would leave the file open.
  source.on("error", (error) => content.destroy(error)).pipe(content)
  try {
    for await (const chunk of content) if (!ends.take(chunk)) break
  } catch (error) {
    // A system error is one of the file; all others are of its content, whose beginning is of use.
    if (error instanceof Error && "syscall" in error) throw error
    return { ...ends.ends, problem: systemReason(error) }
  } finally {
    source.destroy()
  }
  // zlib takes no bytes at all for a whole file.
  return source.bytesRead === 0 ? { ...nothing, problem: "unexpected end of file" } : ends.ends
}

/**
 * As much of the beginning and the end of a file as is wanted, uncompressed where that is; undefined when it is gone. A
 * file that cannot be read, or not be uncompressed to its end, says why.
 */
export const readFileEnds = async (place: Buffer, wanted: Wanted): Promise<FileEnds | undefined> => {
  if (wanted.head === 0 && wanted.tail === 0) return nothing
  try {
    return await (wanted.gunzip === true ? gunzippedEnds(place, wanted) : plainEnds(place, wanted))
  } catch (error) {
    return isMissing(error) ? undefined : { ...nothing, problem: systemReason(error), unread: true }
  }
}
