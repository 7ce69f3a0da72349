import { notFinished } from "../../folders/notFinished.ts"
import { baseName } from "../../folders/sourcePath.ts"
import type { SourceFile } from "../../Importer.ts"
import { plainText } from "../../records/recordText.ts"
import type { DumpContent } from "../Dump.ts"
import { isGzip } from "../fileNames.ts"
import { partOf } from "../pgPart.ts"
import { type Contents, contentOf, isArchive, mayBeArchive, readArchive, unreadHead } from "./contents.ts"

const decoder = new TextDecoder()

const dataFile = /^(?:\d+|blob_\d+)\.dat(?:\.(?:gz|lz4|zst))?$/

/** Whether a file is one of a directory of pg_dump. */
export const isDirectoryPart = (path: string): boolean =>
  baseName(path) === "toc.dat" || /^blobs(?:_\d+)?\.toc$/.test(baseName(path)) || dataFile.test(baseName(path))

// The last line of the data of a table, as COPY or, with --inserts, as statements.
const endOfTable = /(?:\\\.|;)\n\n\n$/

/** How much of the end of the data of a table tells that it is of pg_dump. */
export const TABLE_TAIL = 5

/**
 * Whether a file tells that its folder is a directory of pg_dump: compressed data is named like nothing else, and what
 * is not compressed ends like nothing else.
 */
export const isDirectoryMark = ({ path, head, tail }: SourceFile): boolean => {
  const name = baseName(path)
  if (name === "toc.dat") return mayBeArchive(head)
  if (/^\d+\.dat$/.test(name)) return endOfTable.test(decoder.decode(tail))
  return /^(?:\d+\.dat\.(?:gz|lz4|zst)|blobs(?:_\d+)?\.toc)$/.test(name)
}

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
    return { form: "pg_dump directory", databases: [], datastore, failure: notFinished("it has no toc.dat") }
  }
  const read = isArchive(toc.head) ? readArchive(toc.head) : undefined
  if (read === undefined) return unreadHead("directory", toc.head)
  const damage = damageIn(files)
  const { head, contents } = read
  if (contents === undefined) return contentOf(head, "directory", damage)
  const part = partOf(contents.kinds, contents.isWhole)
  return contentOf(head, "directory", damage ?? directoryFailure(contents, toc, files), part)
}
