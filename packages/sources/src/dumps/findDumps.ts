import type { SourceFile } from "../Importer.ts"
import { plainText } from "../recordText.ts"
import { ancestorsOf, baseName, parentPath } from "../sourcePath.ts"
import type { Dump, DumpContent } from "./Dump.ts"
import { isArchiveName, isGzip, isPerhapsDump, isRunning, isSurelyDump } from "./fileNames.ts"
import { isMydumperMark, readMydumper } from "./mydumper.ts"
import { readMysqlSql } from "./mysqlSql.ts"
import { packingOf } from "./packing.ts"
import {
  isArchive,
  isDirectoryMark,
  isDirectoryPart,
  readCustomArchive,
  readDirectoryArchive,
  readTarArchive
} from "./pgArchive.ts"
import { isBaseFolder, isBaseMark, readBaseBackup, readBaseTar } from "./pgBasebackup.ts"
import { readPostgresSql } from "./pgSql.ts"
import { isEmptyTar, TAR_LEAST } from "./tar.ts"
import { DUMP_HEAD } from "./wants.ts"

const decoder = new TextDecoder()

/** Whether the beginning of a file, or of what is compressed in it, is all of it: its end then is the same. */
const isHeadAll = ({ head, tail }: SourceFile): boolean => {
  const end = head.length - tail.length
  return head.length < DUMP_HEAD && end >= 0 && tail.every((byte, index) => head[end + index] === byte)
}

const contentOf = (file: SourceFile): DumpContent | undefined => {
  const whole = isArchive(file.head) ? readCustomArchive(file, DUMP_HEAD) : (readTarArchive(file) ?? readBaseTar(file))
  if (whole !== undefined) return whole
  const head = decoder.decode(file.head)
  const tail = decoder.decode(file.tail)
  const isAll = isHeadAll(file)
  return readMysqlSql(head, tail, isAll) ?? readPostgresSql(head, tail, isAll)
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

const isTar = (path: string): boolean => /\.tar\b/i.test(baseName(path))

const isCutInHead = ({ path, head }: SourceFile, isSure: boolean): boolean => {
  if (head.length < (isSure ? 1 : UNMISTAKABLE)) return false
  const text = decoder.decode(head)
  if (beginnings.some((beginning) => beginning.startsWith(text))) return true
  const isMember = firstMembers.some((name) => text.startsWith(name) || name.startsWith(text))
  return isTar(path) && isMember && head.length < TAR_LEAST
}

/** What a file is that has nothing in it. */
const nothingIn = ({ size, head, problem }: SourceFile): DumpContent | undefined => {
  if (size === 0 || (head.length === 0 && problem === undefined)) return damaged("empty")
  // A copy that was broken off may have its whole size, and zeros where nothing was written.
  return head.length > 0 && head.every((byte) => byte === 0) ? damaged("damaged: it begins with zeros") : undefined
}

/** What a file is by its name and size, and so little of its content as tells no more; undefined where that says nothing. */
const unknownContent = (file: SourceFile): DumpContent | undefined => {
  if (isTar(file.path) && isEmptyTar(file)) return undefined
  const isNamed = isSurelyDump(file.path)
  const isSure = isNamed || isArchiveName(file.path)
  const nothing = isSure ? nothingIn(file) : undefined
  if (nothing !== undefined) return nothing
  if (isCutInHead(file, isSure)) return damaged("cut off in its head")
  if (!isNamed) return undefined
  if (file.problem !== undefined) return isGzip(file.path) && file.unread !== true ? damaged("damaged") : undefined
  return !isRunning(file.path) && /\.(?:pg)?dump\b/i.test(baseName(file.path))
    ? damaged("not understood: it is no archive of pg_dump", "is no archive of pg_dump, and was imported as FAILED")
    : undefined
}

/** What a single file says; undefined when nothing in it tells that it is a dump. */
const readFile = (file: SourceFile): DumpContent | undefined => {
  const content = (file.head.length === 0 ? undefined : contentOf(file)) ?? unknownContent(file)
  return content === undefined || file.problem === undefined || file.size === 0
    ? content
    : { ...content, failure: `could not be read to its end: ${plainText(file.problem)}`, ended: undefined }
}

// A dump by its content alone may have been imported before, and is not gone because nobody may read it now. Of gzip the
// content may be what is wrong, which then says nothing of a dump.
const isUnknown = ({ path, head, problem, unread }: SourceFile): boolean =>
  problem !== undefined && head.length === 0 && (unread === true || !isGzip(path))

interface FolderForm {
  /** Whether a file tells that its folder is a dump. */
  readonly isMark: (file: SourceFile) => boolean
  /** Whether a file of that folder is part of the dump. */
  readonly isPart: (file: SourceFile) => boolean
  /** Whether files in folders below are too; only where `isFolder` holds of a folder with a mark, else the mark alone is. */
  readonly isDeep: boolean
  readonly isFolder?: (path: string, paths: ReadonlySet<string>) => boolean
  readonly read: (path: string, files: ReadonlyArray<SourceFile>) => DumpContent
}

const forms: ReadonlyArray<FolderForm> = [
  { isMark: isBaseMark, isPart: () => true, isDeep: true, isFolder: isBaseFolder, read: readBaseBackup },
  { isMark: isMydumperMark, isPart: () => true, isDeep: false, read: (_, files) => readMydumper(files) },
  {
    isMark: isDirectoryMark,
    isPart: ({ path }) => isDirectoryPart(path),
    isDeep: false,
    read: (_, files) => readDirectoryArchive(files)
  }
]

const foldersOf = (form: FolderForm, files: ReadonlyArray<SourceFile>): ReadonlyArray<Dump> => {
  const marks = files.filter(form.isMark)
  const found = new Map<string, Array<SourceFile>>(marks.map(({ path }) => [parentPath(path), []]))
  const paths = new Set(files.map(({ path }) => path))
  const folders = new Set([...found.keys()].filter((path) => form.isFolder?.(path, paths) ?? true))
  const rootOf = (file: SourceFile): string | undefined =>
    form.isDeep
      ? (ancestorsOf(file.path).findLast((above) => folders.has(above)) ??
        (form.isMark(file) ? parentPath(file.path) : undefined))
      : parentPath(file.path)
  for (const file of files) {
    const root = rootOf(file)
    if (root !== undefined && form.isPart(file)) found.get(root)?.push(file)
  }
  return [...found]
    .filter(([, own]) => own.length > 0)
    .map(([path, own]) => ({ path, files: own, isFolder: true, content: form.read(path, own) }))
}

/** The dumps among files: folders of them first, then every file that is left over and is one, by its name or content. */
export const findDumps = (files: ReadonlyArray<SourceFile>): ReadonlyArray<Dump> => {
  const dumps: Array<Dump> = []
  let rest = files
  for (const form of forms) {
    const folders = foldersOf(form, rest)
    const own = new Set(folders.flatMap((folder) => folder.files))
    rest = rest.filter((file) => !own.has(file))
    dumps.push(...folders)
  }
  for (const file of rest) {
    if (!isPerhapsDump(file.path)) continue
    const content = readFile(file)
    const isPacked = packingOf(file.head) !== undefined && !isRunning(file.path)
    if (content !== undefined || isSurelyDump(file.path) || isUnknown(file) || (isPacked && !isGzip(file.path))) {
      dumps.push({ path: file.path, files: [file], isFolder: false, content })
    }
  }
  return dumps.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}
