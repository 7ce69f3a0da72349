import { type Instant, instantFromMillis } from "@backup-catalog/core"
import type { SourceFile } from "../Importer.ts"
import { endsWithZeros } from "./endsWithZeros.ts"
import { isGzip } from "./fileNames.ts"

const BLOCK = 512

/** How many bytes `tar` writes at once, of zeros where there is nothing else. */
const RECORD = 20 * BLOCK

/** The bytes that every tar file has at least: the two blocks of zeros at its end. */
export const TAR_LEAST = 2 * BLOCK

/** A file of a tar file, as far as the bytes go. */
export interface TarMember {
  readonly name: string
  /** When it was last written to; undefined where that cannot be read. */
  readonly modified: Instant | undefined
  readonly content: Uint8Array
}

const decoder = new TextDecoder()

const field = (block: Uint8Array, start: number, length: number): string =>
  decoder
    .decode(block.subarray(start, start + length))
    .replace(/\0.*$/s, "")
    .trim()

const octal = (text: string): number | undefined => (/^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined)

// With "ustar" begin the headers of every kind of tar that PostgreSQL and its tools write.
const isHeader = (block: Uint8Array): boolean => field(block, 257, 5) === "ustar"

/** The files at the beginning of a tar file; none when it is none. */
export const tarMembers = (bytes: Uint8Array): ReadonlyArray<TarMember> => {
  const members: Array<TarMember> = []
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK)
    const size = octal(field(header, 124, 12))
    if (!isHeader(header) || size === undefined) break
    const seconds = octal(field(header, 136, 12))
    members.push({
      name: field(header, 0, 100),
      modified: seconds === undefined ? undefined : instantFromMillis(seconds * 1000),
      content: bytes.subarray(at + BLOCK, at + BLOCK + size)
    })
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return members
}

/** Whether a file, of which enough of the end was looked at, ends as a tar file does: in two blocks of zeros. */
export const endsAsTar = ({ path, size, tail }: SourceFile): boolean =>
  endsWithZeros(tail, TAR_LEAST) && (isGzip(path) || size % BLOCK === 0)

/** Whether a file has nothing but the end of a tar file, as `tar` writes one without any file. */
export const isEmptyTar = (file: SourceFile): boolean =>
  file.size >= TAR_LEAST &&
  file.size <= RECORD &&
  file.head.length === file.size &&
  endsWithZeros(file.head, file.size) &&
  endsAsTar(file)
