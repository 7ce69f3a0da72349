import { type Instant, instantFromMillis } from "@backup-catalog/core"
import type { SourceFile } from "../Importer.ts"
import { endsWithZeros } from "./endsWithZeros.ts"
import { isGzip } from "./fileNames.ts"

/** What a walk through a tar file makes of one that is cut off, or of which a part was never written. */
export const BROKEN_TAR = 0n

/** What it makes of one that is whole. */
export const WHOLE_TAR = 1n

/** What it makes of one that is whole, of which the last file is SQL of PostgreSQL that is. */
export const WHOLE_TAR_OF_SQL = 2n

/** The bytes of a block, of which a tar file is made. */
export const BLOCK = 512

/** How many bytes `tar` writes at once, of zeros where there is nothing else. */
const RECORD = 20 * BLOCK

/** The bytes that every tar file has at least: the two blocks of zeros at its end. */
export const TAR_LEAST = 2 * BLOCK

const LARGEST_RECORD = 2_048 * BLOCK

const doubles = (size: number): ReadonlyArray<number> => (size > LARGEST_RECORD ? [] : [size, ...doubles(2 * size)])

// What `tar --blocking-factor` and `dd bs= conv=sync` are given. Were it any number, all zeros were the end of some
// record.
const RECORDS = [...doubles(2 * BLOCK), ...doubles(RECORD)]

/**
 * How many zeros a tar file of records of a size may end with: its two blocks may begin in the last one of a record.
 */
const zerosOfRecord = (record: number): number => record + BLOCK

/** The most zeros that any tar file ends with. */
export const MOST_END = zerosOfRecord(LARGEST_RECORD)

/** The most zeros that a tar file without a file in it ends with. */
export const MOST_EMPTY = zerosOfRecord(RECORD)

/**
 * The most zeros that a tar file of a size ends with: only one of whole records has more than the two blocks. Its
 * records are of 10 KiB, of a power of two from 1 KiB on, or of 10 KiB doubled, and of at most 1 MiB.
 */
export const mostEnd = (size: number): number =>
  RECORDS.reduce((most, record) => (size % record === 0 ? Math.max(most, zerosOfRecord(record)) : most), TAR_LEAST)

/** A file of a tar file, as far as the bytes go. */
export interface TarMember {
  readonly name: string
  /** Where the next one begins, or the end of the tar file. */
  readonly end: number
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

/** Whether bytes are nothing but zeros. */
export const isZeros = (bytes: Uint8Array): boolean => endsWithZeros(bytes, bytes.length)

const octal = (text: string): number | undefined => (/^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined)

// A number that does not fit into octal digits is binary behind a first bit, from the highest byte on.
const numberIn = (block: Uint8Array, start: number, length: number): number | undefined =>
  ((block[start] ?? 0) & 0x80) === 0
    ? octal(field(block, start, length))
    : block.subarray(start + 1, start + length).reduce((number, byte) => number * 256 + byte, 0)

/** How many bytes so many take in a tar file, of whole blocks. */
export const inBlocks = (bytes: number): number => Math.ceil(bytes / BLOCK) * BLOCK

/** How many bytes of a tar file are behind a header, of the file that it is of. */
export const memberBytes = (header: Uint8Array): number | undefined => {
  const size = numberIn(header, 124, 12)
  return size === undefined ? undefined : inBlocks(size)
}

/** The text at the end of a file in a tar file, or of a tar file, without the zeros behind it. */
export const withoutZeros = (tail: Uint8Array): string => {
  const last = tail.findLastIndex((byte) => byte !== 0)
  return decoder.decode(tail.subarray(0, last + 1))
}

/** Whether a block is a header, which in every kind of tar that PostgreSQL and its tools write has "ustar" in it. */
export const isHeader = (block: Uint8Array): boolean => field(block, 257, 5) === "ustar"

/** The files at the beginning of a tar file; none when it is none. */
export const tarMembers = (bytes: Uint8Array): ReadonlyArray<TarMember> => {
  const members: Array<TarMember> = []
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK)
    const size = numberIn(header, 124, 12)
    if (!isHeader(header) || size === undefined) break
    const end = at + BLOCK + inBlocks(size)
    const seconds = octal(field(header, 136, 12))
    members.push({
      name: field(header, 0, 100),
      end,
      modified: seconds === undefined ? undefined : instantFromMillis(seconds * 1000),
      content: bytes.subarray(at + BLOCK, at + BLOCK + size)
    })
    at = end
  }
  return members
}

/**
 * Whether a tar file surely is not whole, though it may end in zeros as it should: a file in it that is zeros does,
 * too. Where it was not walked through, the headers at its beginning tell how long it is at least.
 */
export const isBrokenTar = ({ path, size, head, digest }: SourceFile): boolean => {
  if (digest !== undefined) return digest === BROKEN_TAR
  return !isGzip(path) && size < (tarMembers(head).at(-1)?.end ?? 0) + TAR_LEAST
}

/** Whether a file, of which enough of the end was looked at, ends as a tar file does: in two blocks of zeros. */
export const endsAsTar = (file: SourceFile): boolean =>
  endsWithZeros(file.tail, TAR_LEAST) && (isGzip(file.path) || file.size % BLOCK === 0) && !isBrokenTar(file)

/** Whether a file has nothing but the end of a tar file, as `tar` writes one without any file. */
export const isEmptyTar = (file: SourceFile): boolean =>
  file.size >= TAR_LEAST &&
  file.size <= RECORD &&
  file.head.length === file.size &&
  endsWithZeros(file.head, file.size) &&
  endsAsTar(file)
