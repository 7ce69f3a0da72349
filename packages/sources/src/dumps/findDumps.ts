import { isRunning } from "../folders/runningName.ts"
import { ancestorsOf, baseName, parentPath } from "../folders/sourcePath.ts"
import type { SourceFile } from "../Importer.ts"
import { plainText } from "../records/recordText.ts"
import type { Dump, DumpContent } from "./Dump.ts"
import { isArchiveName, isGzip, isOtherwisePacked, isPerhapsDump, isSurelyDump, isTarName } from "./fileNames.ts"
import { isMydumperMark, isMydumperPart, readMydumper } from "./mydumper.ts"
import { readMysqlSql } from "./mysqlSql.ts"
import { INSTEAD_OF_UTF16, isUtf16, packingOf, UTF16, utf16Text } from "./packing.ts"
import { isArchive } from "./pgArchive/contents.ts"
import { readCustomArchive } from "./pgArchive/customArchive.ts"
import { isDirectoryMark, isDirectoryPart, readDirectoryArchive } from "./pgArchive/directoryArchive.ts"
import { readTarArchive } from "./pgArchive/tarArchive.ts"
import { baseParts, isBaseMark } from "./pgBasebackup/parts.ts"
import { readBaseBackup, readBaseTar } from "./pgBasebackup/pgBasebackup.ts"
import { type TablespaceFiles, tablespaceFiles } from "./pgBasebackup/tablespaces.ts"
import { readPostgresSql } from "./pgSql.ts"
import { nameInOne, piecesIn } from "./pieces.ts"
import { isEmptyTar, TAR_LEAST } from "./tar.ts"
import { DUMP_HEAD } from "./wants.ts"

const decoder = new TextDecoder()

/** How many bytes of a file are enough to see which program wrote it. */
const FIRST_LINES = 4_096

/** Whether the beginning of a file, or of what is compressed in it, is all of it: its end then is the same. */
const isHeadAll = ({ head, tail }: SourceFile): boolean => {
  const end = head.length - tail.length
  return head.length < DUMP_HEAD && end >= 0 && tail.every((byte, index) => head[end + index] === byte)
}

const readSql = (head: string, tail: string, isAll: boolean): DumpContent | undefined =>
  readMysqlSql(head, tail, isAll) ?? readPostgresSql(head, tail, isAll)

const contentOf = (file: SourceFile): DumpContent | undefined => {
  const whole = isArchive(file.head) ? readCustomArchive(file, DUMP_HEAD) : (readTarArchive(file) ?? readBaseTar(file))
  if (whole !== undefined) return whole
  return readSql(decoder.decode(file.head), decoder.decode(file.tail), isHeadAll(file))
}

const beginnings = [
  "PGDMP",
  "--\n-- PostgreSQL database dump",
  "--\n-- PostgreSQL database cluster dump",
  "-- MySQL dump ",
  "-- MariaDB dump ",
  "/*M!999999\\- enable the sandbox mode */"
]

const damaged = (failure: string, oddity?: string): DumpContent => ({ form: "dump", databases: [], failure, oddity })

/** The names of the first file of a tar archive of pg_dump, and of a base backup, as a header has them. */
const firstMembers = ["toc.dat\0", "backup_label\0"]

/** How many characters of a beginning cannot be there by chance: a file of one or two may be of anything. */
const UNMISTAKABLE = 8

const isCutInHead = ({ path, head }: SourceFile, isSure: boolean): boolean => {
  if (head.length < (isSure ? 1 : UNMISTAKABLE)) return false
  const text = decoder.decode(head)
  if (beginnings.some((beginning) => beginning.startsWith(text))) return true
  const isMember = firstMembers.some((name) => text.startsWith(name) || name.startsWith(text))
  return isTarName(path) && isMember && head.length < TAR_LEAST
}

/** What a file is that has nothing in it. */
const nothingIn = ({ size, head, problem }: SourceFile): DumpContent | undefined => {
  if (size === 0 || (head.length === 0 && problem === undefined)) return damaged("empty")
  // A copy that was broken off may have its whole size, and zeros where nothing was written.
  return head.length > 0 && head.every((byte) => byte === 0) ? damaged("damaged: it begins with zeros") : undefined
}

/**
 * What a file is by its name and size, and so little of its content as tells no more; undefined where that says
 * nothing.
 */
const unknownContent = (file: SourceFile): DumpContent | undefined => {
  if (isTarName(file.path) && isEmptyTar(file)) return undefined
  const isNamed = isSurelyDump(file.path)
  const isSure = isNamed || isArchiveName(file.path)
  const nothing = isSure ? nothingIn(file) : undefined
  if (nothing !== undefined) return nothing
  if (isCutInHead(file, isSure)) return damaged("cut off in its head")
  if (!isNamed) return undefined
  if (file.problem !== undefined) return isGzip(file.path) && file.unread !== true ? damaged("damaged") : undefined
  if (isRunning(file.path) || !/\.(?:pg)?dump\b/i.test(baseName(file.path))) return undefined
  return isUtf16(file.head)
    ? damaged("damaged: it is text in UTF-16", `${UTF16}, and was imported as FAILED: ${INSTEAD_OF_UTF16}`)
    : damaged(
        "not understood: it is not an archive of pg_dump",
        "is not an archive of pg_dump, and was imported as FAILED"
      )
}

/** What a single file says; undefined when nothing in it tells that it is a dump. */
const readFile = (file: SourceFile): DumpContent | undefined => {
  const content = (file.head.length === 0 ? undefined : contentOf(file)) ?? unknownContent(file)
  return content === undefined || file.problem === undefined || file.size === 0
    ? content
    : { ...content, failure: `could not be read to its end: ${plainText(file.problem)}`, ended: undefined }
}

// A dump by its content alone may have been imported before, and is not gone because nobody may read it now. Of gzip
// the content may be what is wrong, which then says nothing of a dump.
const isUnknown = ({ path, head, problem, unread }: SourceFile): boolean =>
  problem !== undefined && head.length === 0 && (unread === true || !isGzip(path))

const isSqlInUtf16 = ({ head }: SourceFile): boolean => readSql(utf16Text(head) ?? "", "", false) !== undefined

/** The dump that a file is by its name or content; undefined where it is none. */
const singleDump = (file: SourceFile): Dump | undefined => {
  if (!isPerhapsDump(file.path)) return undefined
  const content = readFile(file)
  const isPacked = packingOf(file.head) !== undefined && !isRunning(file.path) && !isGzip(file.path)
  return content !== undefined || isSurelyDump(file.path) || isUnknown(file) || isPacked || isSqlInUtf16(file)
    ? { path: file.path, files: [file], isFolder: false, content }
    : undefined
}

/** Whether a file begins as a dump, or as what a program has compressed. */
const isBeginning = (file: SourceFile): boolean => packingOf(file.head) !== undefined || contentOf(file) !== undefined

/** Whether a file, the first of several by its name, is a piece: as far as it shows, it begins a dump without an end. */
const isFirstPiece = (file: SourceFile): boolean => {
  const content = readFile(file)
  if (content !== undefined && content.failure === undefined) return false
  return file.head.length === 0 || isOtherwisePacked(nameInOne(file.path)) || isBeginning(file)
}

/** Whether files are pieces of one dump: the first is not whole, and none of the others has a beginning of its own. */
const arePieces = ([first, ...others]: ReadonlyArray<SourceFile>): boolean =>
  first !== undefined &&
  isFirstPiece(first) &&
  others.every((file) => file.size > 0 && (file.head.length === 0 || !isBeginning(file)))

/** The dumps that are there in pieces, which nobody can look into. */
const splitDumps = (files: ReadonlyArray<SourceFile>): ReadonlyArray<Dump> =>
  piecesIn(files)
    .filter(arePieces)
    .map((pieces) => ({ path: pieces[0]?.path ?? "", files: pieces, isFolder: false, content: undefined }))

const isOwnDump = (file: SourceFile): boolean => singleDump(file) !== undefined || isOtherwisePacked(file.path)

/** Whether the first lines of a file are those of a dump that is one file, whatever it is named. */
const isOfOtherProgram = (file: SourceFile): boolean =>
  contentOf({ ...file, head: file.head.subarray(0, FIRST_LINES) }) !== undefined

interface FolderForm {
  /** Whether a file tells that its folder is a dump. */
  readonly isMark: (file: SourceFile) => boolean
  /** Whether files in folders below may be part of the dump, too. */
  readonly isDeep: boolean
  /** Those of the files of that folder, and of folders below, that are part of the dump, the marks among them. */
  readonly partsOf: (path: string, files: ReadonlyArray<SourceFile>) => ReadonlyArray<SourceFile>
  readonly read: (path: string, files: ReadonlyArray<SourceFile>) => DumpContent
}

const baseBackups = (found: TablespaceFiles): FolderForm => ({
  isMark: isBaseMark,
  isDeep: true,
  partsOf: (path, files) => baseParts(path, files, isOwnDump),
  read: (path, files) => readBaseBackup(path, files, found)
})

/** The forms of dumps that are folders, among all files of the folder of dumps. */
const formsIn = (all: ReadonlyArray<SourceFile>): ReadonlyArray<FolderForm> => [
  {
    isMark: isMydumperMark,
    isDeep: false,
    partsOf: (_, files) => files.filter((file) => isMydumperPart(file.path) && !isOfOtherProgram(file)),
    read: (_, files) => readMydumper(files)
  },
  {
    isMark: isDirectoryMark,
    isDeep: false,
    partsOf: (_, files) => files.filter(({ path }) => isDirectoryPart(path)),
    read: (_, files) => readDirectoryArchive(files)
  },
  // A server that is its own backup takes what is left in its folder, so it comes last.
  baseBackups(tablespaceFiles(all))
]

/** The dumps of a form that are folders; one in the folder of another one is a dump of its own. */
const foldersOf = (form: FolderForm, files: ReadonlyArray<SourceFile>): ReadonlyArray<Dump> => {
  const found = new Map<string, Array<SourceFile>>(files.filter(form.isMark).map(({ path }) => [parentPath(path), []]))
  for (const file of files) {
    for (const folder of form.isDeep ? ancestorsOf(file.path) : [parentPath(file.path)]) found.get(folder)?.push(file)
  }
  const taken = new Set<SourceFile>()
  const inner = [...found].toSorted(([a], [b]) => b.length - a.length)
  return inner.map(([path, below]) => {
    const own = form.partsOf(
      path,
      below.filter((file) => !taken.has(file))
    )
    for (const file of own) taken.add(file)
    return { path, files: own, isFolder: true, content: form.read(path, own) }
  })
}

/**
 * The dumps among files: folders of them first, then those in pieces, then every file that is left over and is
 * one, by its name or content.
 */
export const findDumps = (files: ReadonlyArray<SourceFile>): ReadonlyArray<Dump> => {
  const folders: Array<Dump> = []
  let rest = files
  for (const form of formsIn(files)) {
    const found = foldersOf(form, rest)
    const own = new Set(found.flatMap((folder) => folder.files))
    rest = rest.filter((file) => !own.has(file))
    for (const folder of found) folders.push(folder)
  }
  const split = splitDumps(rest)
  const pieces = new Set(split.flatMap((dump) => dump.files))
  const single = rest.filter((file) => !pieces.has(file)).flatMap((file) => singleDump(file) ?? [])
  const dumps = [...folders, ...split, ...single]
  return dumps.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}
