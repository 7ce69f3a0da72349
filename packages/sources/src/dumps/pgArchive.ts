import type { SourceFile } from "../Importer.ts"
import { plainText } from "../recordText.ts"
import { baseName } from "../sourcePath.ts"
import { type ByteCursor, byteCursor } from "./ByteCursor.ts"
import { type DumpContent, shortVersion } from "./Dump.ts"
import { endsWithZeros } from "./endsWithZeros.ts"
import { isGzip } from "./fileNames.ts"
import { partOf } from "./pgPart.ts"
import { endsAsTar, tarMembers } from "./tar.ts"

const decoder = new TextDecoder()

const MAGIC = [0x50, 0x47, 0x44, 0x4d, 0x50]
const CUSTOM = 1

// The archive formats that are known: 1.10 came with PostgreSQL 8.0, 1.16 with 17.
const OLDEST = 10
const NEWEST = 16

// What an entry says of its data: where it is, or that it has none; else there is some, without a place.
const DATA_AT = 2
const NO_DATA = 3

/** The head of an archive of pg_dump: of a custom one, or of the table of contents of one of the others. */
interface Head {
  readonly minor: number
  readonly format: number
  readonly created: string
  readonly isdst: boolean
  readonly database: string | null
  readonly server: string | null
  readonly offsetSize: number
  readonly isCompressed: boolean
}

/** What the table of contents says of the data. */
interface Contents {
  readonly isWhole: boolean
  /** Where it ends. */
  readonly end: number
  /** The data of a custom archive in the order in which it was written, with where it begins as far as that is known. */
  readonly data: ReadonlyArray<{ readonly kind: string | null; readonly position: number | undefined }>
  readonly files: ReadonlyArray<string>
  /** The kinds of objects, as far as it was read. */
  readonly kinds: ReadonlySet<string>
}

/** Whether bytes begin as an archive of pg_dump. */
export const isArchive = (bytes: Uint8Array): boolean => MAGIC.every((byte, index) => bytes[index] === byte)

const two = (number: number): string => String(number).padStart(2, "0")

const readHead = (bytes: Uint8Array): { readonly head: Head; readonly cursor: ByteCursor } | undefined => {
  let integerSize = 4
  const cursor = byteCursor(bytes, MAGIC.length, () => integerSize)
  const major = cursor.byte()
  const minor = cursor.byte()
  cursor.byte()
  integerSize = cursor.byte()
  const offsetSize = cursor.byte()
  const format = cursor.byte()
  if (major !== 1 || minor < OLDEST || integerSize === 0 || integerSize > 8 || offsetSize > 8) return undefined
  const compression = minor >= 15 ? cursor.byte() : cursor.integer()
  const [second, minute, hour, day, month, year, isdst] = Array.from({ length: 7 }, cursor.integer)
  const database = cursor.text()
  const server = cursor.text()
  cursor.text()
  const time = [hour ?? 0, minute ?? 0, second ?? 0].map(two).join(":")
  const created = `${(year ?? 0) + 1900}-${two((month ?? 0) + 1)}-${two(day ?? 0)} ${time}`
  return {
    head: { minor, format, created, isdst: isdst !== 0, database, server, offsetSize, isCompressed: compression !== 0 },
    cursor
  }
}

const skipTexts = (cursor: ByteCursor, count: number): void => {
  for (let index = 0; index < count; index++) cursor.text()
}

/** One entry up to where the formats differ; its kind. */
const readEntry = (cursor: ByteCursor, minor: number): string | null => {
  cursor.integer()
  cursor.integer()
  skipTexts(cursor, 3)
  const kind = cursor.text()
  if (minor >= 11) cursor.integer()
  skipTexts(cursor, minor >= 14 ? 6 : 5)
  if (minor >= 16) cursor.integer()
  skipTexts(cursor, 2)
  while (!cursor.isBeyond() && cursor.text() !== null);
  return kind
}

const readContents = (cursor: ByteCursor, { minor, format, offsetSize }: Head): Contents => {
  const count = cursor.integer()
  const data: Array<Contents["data"][number]> = []
  const files: Array<string> = []
  const kinds = new Set<string>()
  for (let index = 0; index < count && !cursor.isBeyond(); index++) {
    const kind = readEntry(cursor, minor)
    if (format === CUSTOM) {
      const flag = cursor.byte()
      const position = cursor.offset(offsetSize)
      if (flag !== NO_DATA) data.push({ kind, position: flag === DATA_AT ? position : undefined })
    } else {
      const file = cursor.text()
      if (file) files.push(file)
    }
    // The last one may have been cut off in its middle.
    if (kind !== null && !cursor.isBeyond()) kinds.add(kind)
  }
  return { isWhole: !cursor.isBeyond(), end: cursor.position(), data, files, kinds }
}

const contentOf = (head: Head, form: string, failure: string | undefined, part?: string): DumpContent => ({
  form: `pg_dump ${form}`,
  databases: head.database === null ? [] : [head.database],
  datastore: { type: "PostgreSQL", version: head.server === null ? undefined : shortVersion(head.server) },
  started: { local: head.created, isdst: head.isdst },
  stamp: head.created,
  part,
  failure
})

const unreadHead = (form: string, bytes: Uint8Array): DumpContent => {
  const [major = 0, minor = 0] = bytes.subarray(MAGIC.length)
  const isOld = bytes.length > 16 && (major !== 1 || minor < OLDEST)
  return {
    form: `pg_dump ${form}`,
    databases: [],
    datastore: { type: "PostgreSQL" },
    failure: isOld ? `not understood: it has the archive format ${major}.${minor}` : "cut off in its head",
    oddity: isOld ? `has the archive format ${major}.${minor}, which is not known` : undefined
  }
}

// Behind the last block of data there is its end, an integer 0; behind a table of contents without data an offset 0.
// Large objects come one after the other, with an end behind each and behind all.
const END_BYTES = 5
const LARGE_OBJECTS_END_BYTES = 10

// More than any archive ends with: a copy that was broken off may have its whole size, and zeros where nothing was written.
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
  const read = readHead(file.head)
  if (read === undefined || read.cursor.isBeyond()) return unreadHead("custom archive", file.head)
  const contents = read.head.minor > NEWEST ? undefined : readContents(read.cursor, read.head)
  const part = contents && partOf(contents.kinds, contents.isWhole || endsInContents(file, read.head.offsetSize))
  return contentOf(read.head, "custom archive", customFailure(file, wanted, read.head, contents), part)
}

/** What a tar archive of pg_dump says; undefined when it is another tar file. */
export const readTarArchive = (file: SourceFile): DumpContent | undefined => {
  const [member] = tarMembers(file.head)
  if (member?.name !== "toc.dat" || !isArchive(member.content)) return undefined
  const read = readHead(member.content)
  if (read === undefined || read.cursor.isBeyond()) return unreadHead("tar archive", member.content)
  const contents = read.head.minor > NEWEST ? undefined : readContents(read.cursor, read.head)
  const part = contents && partOf(contents.kinds, contents.isWhole)
  const content = contentOf(read.head, "tar archive", endsAsTar(file) ? undefined : "cut off", part)
  // The table of contents is written last, at a time that is kept in UTC.
  return member.modified === undefined ? content : { ...content, ended: { instant: member.modified } }
}

const dataFile = /^(?:\d+|blob_\d+)\.dat(?:\.(?:gz|lz4|zst))?$/

/** Whether a file is one of a directory of pg_dump. */
export const isDirectoryPart = (path: string): boolean =>
  baseName(path) === "toc.dat" || /^blobs(?:_\d+)?\.toc$/.test(baseName(path)) || dataFile.test(baseName(path))

/** Whether a file tells that its folder is a directory of pg_dump: compressed data is named like nothing else. */
export const isDirectoryMark = ({ path, head }: SourceFile): boolean =>
  baseName(path) === "toc.dat"
    ? MAGIC.every((byte, index) => index >= head.length || head[index] === byte)
    : /^(?:\d+\.dat\.(?:gz|lz4|zst)|blobs(?:_\d+)?\.toc)$/.test(baseName(path))

const isLargeObjectsToc = ({ path }: SourceFile): boolean => /^blobs(?:_\d+)?\.toc$/.test(baseName(path))

/** The files of large objects, each in a line behind its number; the last line may go on behind what was read. */
const largeObjects = (files: ReadonlyArray<SourceFile>): ReadonlyArray<string> =>
  files
    .filter(isLargeObjectsToc)
    .flatMap(({ head }) => [...decoder.decode(head).matchAll(/^\d+ (\S+)\r?\n/gm)].map(([, name = ""]) => name))

/** Whether a list of large objects is damaged: its lines are not as pg_dump writes them, or it was cut off in one. */
const isDamagedList = ({ head, size }: SourceFile): boolean => {
  const lines = decoder.decode(head).split("\n")
  const rest = lines.pop()
  return lines.some((line) => !/^\d+ \S+\r?$/.test(line)) || (head.length >= size && rest !== "")
}

const missingFiles = ({ files: listed }: Contents, files: ReadonlyArray<SourceFile>): ReadonlyArray<string> => {
  const namesOf = (some: ReadonlyArray<SourceFile>) =>
    new Set(some.map(({ path }) => baseName(path).replace(/\.(?:gz|lz4|zst)$/, "")))
  const filled = namesOf(files.filter(({ size }) => size > 0))
  // A large object may be empty, and of gzip an empty one has some bytes.
  const there = namesOf(files.filter(({ path, size }) => size > 0 || !isGzip(path)))
  return [...listed.filter((name) => !filled.has(name)), ...largeObjects(files).filter((name) => !there.has(name))]
}

const damageIn = (files: ReadonlyArray<SourceFile>): string | undefined => {
  const damaged = files.find(({ problem }) => problem !== undefined)
  return damaged?.problem === undefined
    ? undefined
    : `its file ${baseName(damaged.path)} could not be read to its end: ${plainText(damaged.problem)}`
}

const directoryFailure = (
  contents: Contents,
  toc: SourceFile,
  files: ReadonlyArray<SourceFile>
): string | undefined => {
  if (!contents.isWhole) return toc.head.length < toc.size ? undefined : "its toc.dat is cut off"
  const list = files.find((file) => isLargeObjectsToc(file) && isDamagedList(file))
  if (list !== undefined) return `its file ${baseName(list.path)} is damaged`
  const [first, ...others] = missingFiles(contents, files)
  if (first === undefined) return undefined
  return others.length === 0
    ? `its file ${first} is missing`
    : `its files ${first} and ${others.length} more are missing`
}

/** What the files of a directory archive say, which has its table of contents once it is finished. */
export const readDirectoryArchive = (files: ReadonlyArray<SourceFile>): DumpContent => {
  const toc = files.find(({ path }) => baseName(path) === "toc.dat")
  if (toc === undefined) {
    const datastore = { type: "PostgreSQL" }
    return { form: "pg_dump directory", databases: [], datastore, failure: "not finished: it has no toc.dat" }
  }
  const read = isArchive(toc.head) ? readHead(toc.head) : undefined
  if (read === undefined || read.cursor.isBeyond()) return unreadHead("directory", toc.head)
  const damage = damageIn(files)
  if (read.head.minor > NEWEST) return contentOf(read.head, "directory", damage)
  const contents = readContents(read.cursor, read.head)
  const part = partOf(contents.kinds, contents.isWhole)
  return contentOf(read.head, "directory", damage ?? directoryFailure(contents, toc, files), part)
}
