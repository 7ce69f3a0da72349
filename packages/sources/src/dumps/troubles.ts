import { isSignature } from "../folders/packedName.ts"
import { isRunning } from "../folders/runningName.ts"
import { baseName } from "../folders/sourcePath.ts"
import { type Problem, type SourceFile, SourceRefused } from "../Importer.ts"
import { plainText } from "../records/recordText.ts"
import type { Candidate } from "./Candidate.ts"
import type { Dump } from "./Dump.ts"
import { isGzip, isOtherwisePacked, isPackedDump } from "./fileNames.ts"
import { INSTEAD_OF_UTF16, isUtf16, packingOf, UTF16 } from "./packing.ts"

const otherwisePacked =
  "was left out: it is encrypted, compressed more than once, or compressed by another program than gzip, so it cannot be read"

const leftOutAs = {
  gzip: "was left out: it is compressed by gzip, but its name does not say so. Let its name end in .gz",
  other: otherwisePacked,
  none: "was left out: its first lines are not those of a dump of pg_dump, pg_dumpall, mysqldump or mariadb-dump"
}

const leftOut = ({ path, head }: SourceFile): Problem => ({
  place: path,
  message: isUtf16(head) ? `${UTF16}, and was left out: ${INSTEAD_OF_UTF16}` : leftOutAs[packingOf(head) ?? "none"]
})

/**
 * Whether nothing tells what a file that could not be read would. One of a folder that is damaged says that the dump
 * is; of a tar file the manifest beside it has to tell what it is.
 */
const isNeeded = ({ path, head, unread }: SourceFile, { isFolder, content, files }: Dump): boolean => {
  if (!isFolder) return content === undefined
  if (!/\.tar\b/.test(path)) return unread === true || !isGzip(path)
  return unread === true || (head.length === 0 && !files.some((other) => baseName(other.path) === "backup_manifest"))
}

const isInPieces = ({ isFolder, files }: Dump): boolean => !isFolder && files.length > 1

/** Why something is left out, and whether that is a dump, of which an earlier import may have had a record. */
interface Trouble {
  readonly problem: Problem
  readonly isUnread: boolean
}

/** The problem of a dump that could not be read, or is none. */
export const problemOf = (dump: Dump): Trouble | undefined => {
  if (isInPieces(dump)) {
    const message = `was left out: it is the first of ${dump.files.length} pieces of one file, which cannot be looked into`
    return { problem: { place: dump.path, message }, isUnread: true }
  }
  const unread = dump.files.find((file) => file.problem !== undefined && isNeeded(file, dump))
  if (unread !== undefined) {
    const message = `could not be read, so its backup was left out: ${plainText(unread.problem ?? "")}`
    return { problem: { place: unread.path, message }, isUnread: true }
  }
  const [file] = dump.files
  return dump.content === undefined && file !== undefined && !isRunning(dump.path)
    ? { problem: leftOut(file), isUnread: false }
    : undefined
}

/** What is odd about a dump that is imported. */
export const oddities = ({ dump, content, unread }: Candidate): ReadonlyArray<Problem> => [
  ...(content.oddity === undefined ? [] : [{ place: dump.path, message: content.oddity }]),
  ...unread.map((time) => ({
    place: dump.path,
    message: `has the time ${plainText(time)}, which is not valid and was ignored`
  }))
]

/** What was compressed by another program, or encrypted, and may be a dump. */
export const packed = (files: ReadonlyArray<SourceFile>, dumps: ReadonlyArray<Dump>): ReadonlyArray<Trouble> => {
  const own = new Set(dumps.filter((dump) => dump.isFolder || isInPieces(dump)).flatMap((dump) => dump.files))
  const paths = new Set(files.map(({ path }) => path))
  return files
    .filter((file) => isOtherwisePacked(file.path) && !own.has(file) && !isSignature(file.path, paths))
    .map(({ path }) => ({ problem: { place: path, message: otherwisePacked }, isUnread: isPackedDump(path) }))
}

/** Why a folder without a dump is refused. */
export const refuseNone = (files: ReadonlyArray<SourceFile>, problems: ReadonlyArray<Problem>): SourceRefused => {
  const [first] = problems
  if (files.length === 0)
    return new SourceRefused({ message: "The folder holds no files, and so no dumps: is it mounted?" })
  return new SourceRefused({
    message:
      first === undefined
        ? `The folder holds no dumps: none of its ${files.length} files was written by pg_dump, pg_dumpall, pg_basebackup, mysqldump or mydumper.`
        : `The folder holds no dumps that can be read: ${plainText(first.place)} ${first.message}.`
  })
}
