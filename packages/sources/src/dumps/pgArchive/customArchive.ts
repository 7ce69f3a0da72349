import type { SourceFile } from "../../Importer.ts"
import type { DumpContent } from "../Dump.ts"
import { endsWithZeros } from "../endsWithZeros.ts"
import { isGzip } from "../fileNames.ts"
import { partOf } from "../pgPart.ts"
import { type Contents, contentOf, type Head, NO_DATA, readArchive, unreadHead } from "./contents.ts"

// Behind the last block of data there is its end, an integer 0; behind a table of contents without data an offset 0.
// Large objects come one after the other, with an end behind each and behind all.
const END_BYTES = 5
const LARGE_OBJECTS_END_BYTES = 10

// More than any archive ends with: a copy that was broken off may have its whole size, and zeros where nothing was
// written.
const UNWRITTEN_BYTES = 64

/** Whether it ends in zeros that are none of its own: a large object that is not compressed may have as many. */
const endsUnwritten = ({ tail }: SourceFile, { isCompressed }: Head, contents: Contents | undefined): boolean =>
  endsWithZeros(tail, UNWRITTEN_BYTES) &&
  (isCompressed || (contents?.isWhole === true && contents.data.at(-1)?.kind !== "BLOBS"))

const isCut = (file: SourceFile, size: number | undefined, contents: Contents | undefined): boolean => {
  if (contents === undefined || !contents.isWhole) return !endsWithZeros(file.tail, END_BYTES)
  if (contents.data.length > 0 && contents.end === size) return true
  const isLargeObjects = contents.data.at(-1)?.kind === "BLOBS"
  return (
    !endsWithZeros(file.tail, isLargeObjects ? LARGE_OBJECTS_END_BYTES : END_BYTES) ||
    (size !== undefined && contents.data.some(({ position = 0 }) => position >= size))
  )
}

const customFailure = (
  file: SourceFile,
  wanted: number,
  head: Head,
  contents: Contents | undefined
): string | undefined => {
  const isPacked = isGzip(file.path)
  const headIsAll = isPacked ? file.head.length < wanted : file.head.length >= file.size
  if (contents !== undefined && !contents.isWhole && headIsAll) return "cut off in its table of contents"
  const size = headIsAll ? file.head.length : isPacked ? undefined : file.size
  return isCut(file, size, contents) || endsUnwritten(file, head, contents) ? "cut off in its data" : undefined
}

/** Whether a custom archive ends with its table of contents, in an entry that has no data. */
const endsInContents = ({ tail }: SourceFile, offsetSize: number): boolean =>
  endsWithZeros(tail, offsetSize) && tail.at(-1 - offsetSize) === NO_DATA

/** What a custom archive says; `wanted` is how much of its beginning was asked for. */
export const readCustomArchive = (file: SourceFile, wanted: number): DumpContent => {
  const read = readArchive(file.head)
  if (read === undefined) return unreadHead("custom archive", file.head)
  const { head, contents } = read
  const part = contents && partOf(contents.kinds, contents.isWhole || endsInContents(file, head.offsetSize))
  return contentOf(head, "custom archive", customFailure(file, wanted, head, contents), part)
}
