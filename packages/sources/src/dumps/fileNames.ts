import { otherPackings, packedOtherwise, streamPackings } from "../folders/packedName.ts"
import { finishedPath } from "../folders/runningName.ts"
import { baseName, keptEnding } from "../folders/sourcePath.ts"

// A copy that cp or an editor has kept has a `~` behind all.
const kept = `${keptEnding}~?`

const surely = "sql|dump|dmp|pgdump|pgsql|psql|mysql"
// What has one of these is an archive, of pg_dump or another one.
const archives = "backup|custom|tar"
const endingIn = (endings: string) => new RegExp(String.raw`\.(?:${endings})${kept}(?:\.gz)?${kept}$`, "i")
const surelyDump = endingIn(surely)
const archive = endingIn(archives)
const perhapsDump = endingIn(`${archives}|bak|db|pg|out`)
// Of a day of the week, say: shop.sql.Monday. What is being copied has such a name behind a dot.
const otherEnding = new RegExp(String.raw`^[^.].*\.(?:${surely})[._-]`, "i")
const otherwisePacked = new RegExp(String.raw`\.(?:${surely}|${archives})${kept}${packedOtherwise()}~?$`, "i")
const packedDump = new RegExp(
  String.raw`(?:\.(?:${surely}|backup|custom)|^base\.tar)${kept}${packedOtherwise()}~?$`,
  "i"
)
// Without anything behind it: of what is kept by number, the next one is another dump.
const wholeDump = new RegExp(
  String.raw`(?:\.(?:${surely}|backup|custom)|^base\.tar)(?:${kept}\.(?:gz|${otherPackings})){0,2}$`,
  "i"
)
// A name without an ending of its own, but for a day, as it is where the output of pg_dump was compressed: shop.gz.
const bare = `^[^.]+?${kept}`
const barePacked = new RegExp(`${bare}${packedOtherwise(streamPackings)}~?$`, "i")
const bareGzip = new RegExp(String.raw`${bare}\.gz$`, "i")
// Tables, WAL and its history of PostgreSQL, and binary logs of MySQL, which have no ending but their number.
const serverFile = /^(?:\d+(?:_\w+)?(?:\.\w+)?|[0-9A-F]{24}(?:\.\w+)*)$|(?:[-_]bin|binlog)\.\d{6}(?:\.\w+)*$/

/** Whether the name of a file says that it is a dump, which is missed when it is none. */
export const isSurelyDump = (path: string): boolean => surelyDump.test(baseName(finishedPath(path)))

/** Whether the name of a file says that it is an archive, of pg_dump or of something else. */
export const isArchiveName = (path: string): boolean => archive.test(baseName(finishedPath(path)))

/** Whether a file that was compressed by another program than gzip, or encrypted, is surely a dump by its name. */
export const isPackedDump = (path: string): boolean => packedDump.test(baseName(finishedPath(path)))

/** Whether a file that is there in pieces is a dump by the name that it has when they are put together. */
export const isWholeName = (path: string): boolean => wholeDump.test(baseName(path))

/**
 * Whether the name of a file says that it is, or may be, a dump that was compressed by another program than gzip, or
 * encrypted.
 */
export const isOtherwisePacked = (path: string): boolean => {
  const name = baseName(finishedPath(path))
  return (otherwisePacked.test(name) || barePacked.test(name)) && !serverFile.test(name)
}

/**
 * Whether a file may be a dump by its name: one of its endings, whatever is behind it, or no ending, and no file of a
 * server's own.
 */
export const isPerhapsDump = (path: string): boolean => {
  const name = baseName(finishedPath(path))
  return (
    surelyDump.test(name) ||
    perhapsDump.test(name) ||
    (otherEnding.test(name) && !isOtherwisePacked(path)) ||
    ((!name.includes(".") || bareGzip.test(name)) && !serverFile.test(name))
  )
}

/** Whether a file is compressed by gzip, by its name. */
export const isGzip = (path: string): boolean => new RegExp(String.raw`\.gz${kept}$`, "i").test(finishedPath(path))

/** Whether the name of a file says that it is a tar file, packed or not. */
export const isTarName = (path: string): boolean => /\.tar\b/i.test(baseName(path))
