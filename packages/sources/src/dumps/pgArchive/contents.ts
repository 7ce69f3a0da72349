import { type ByteCursor, byteCursor } from "../ByteCursor.ts"
import { type DumpContent, shortVersion } from "../Dump.ts"
import { objectKind } from "../pgPart.ts"

const MAGIC = [0x50, 0x47, 0x44, 0x4d, 0x50]
const CUSTOM = 1

// The archive formats that are known: 1.10 came with PostgreSQL 8.0, 1.16 with 17.
const OLDEST = 10
const NEWEST = 16

// What an entry says that has its data at a place; of others nobody says where it is.
const DATA_AT = 2

/** What an entry says that has no data. */
export const NO_DATA = 3

/** The head of an archive of pg_dump: of a custom one, or of the table of contents of one of the others. */
export interface Head {
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
export interface Contents {
  readonly isWhole: boolean
  /** Where it ends. */
  readonly end: number
  /**
   * The data of a custom archive in the order in which it was written, with where it begins as far as that is known.
   */
  readonly data: ReadonlyArray<{ readonly kind: string | null; readonly position: number | undefined }>
  readonly files: ReadonlyArray<string>
  /** The kinds of objects, as far as it was read. */
  readonly kinds: ReadonlySet<string>
}

/** Whether bytes begin as an archive of pg_dump. */
export const isArchive = (bytes: Uint8Array): boolean => MAGIC.every((byte, index) => bytes[index] === byte)

/** Whether bytes begin as an archive of pg_dump as far as they go: a file may have been cut off before that. */
export const mayBeArchive = (bytes: Uint8Array): boolean =>
  MAGIC.every((byte, index) => index >= bytes.length || bytes[index] === byte)

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

/** One entry up to where the formats differ; the kind of its object. */
const readEntry = (cursor: ByteCursor, minor: number): string | null => {
  cursor.integer()
  cursor.integer()
  skipTexts(cursor, 3)
  const kind = cursor.text()
  if (minor >= 11) cursor.integer()
  const definition = cursor.text()
  skipTexts(cursor, minor >= 14 ? 5 : 4)
  if (minor >= 16) cursor.integer()
  skipTexts(cursor, 2)
  while (!cursor.isBeyond() && cursor.text() !== null);
  return kind === null ? null : objectKind(kind, definition ?? "")
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

/**
 * The head of an archive, and its table of contents where its format is known; undefined where the head cannot be read.
 */
export const readArchive = (
  bytes: Uint8Array
): { readonly head: Head; readonly contents: Contents | undefined } | undefined => {
  const read = readHead(bytes)
  if (read === undefined || read.cursor.isBeyond()) return undefined
  return { head: read.head, contents: read.head.minor > NEWEST ? undefined : readContents(read.cursor, read.head) }
}

/** What an archive says by its head, in one of its forms. */
export const contentOf = (head: Head, form: string, failure: string | undefined, part?: string): DumpContent => ({
  form: `pg_dump ${form}`,
  databases: head.database === null ? [] : [head.database],
  datastore: { type: "PostgreSQL", version: head.server === null ? undefined : shortVersion(head.server) },
  started: { local: head.created, isdst: head.isdst },
  stamp: head.created,
  part,
  failure
})

/** What is known of an archive whose head cannot be read. */
export const unreadHead = (form: string, bytes: Uint8Array): DumpContent => {
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
