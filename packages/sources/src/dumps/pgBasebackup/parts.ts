import { otherPackings } from "../../folders/packedName.ts"
import { baseName, nameBelow, parentPath } from "../../folders/sourcePath.ts"
import { wholePath } from "../../folders/unfinishedCopy.ts"
import type { SourceFile } from "../../Importer.ts"
import { tarMembers } from "../tar.ts"

const decoder = new TextDecoder()

const tarNamed = (names: string): RegExp =>
  new RegExp(String.raw`^(?:${names})\.tar(?:\.(?:gz|${otherPackings}))*$`, "i")
/** The name of the tar file that has the data of a server. */
export const baseTar = tarNamed("base")

/** The name of any tar file of a base backup: that of the data, of its WAL, or of a tablespace. */
export const anyTar = tarNamed(String.raw`base|pg_wal|\d+`)

/**
 * The name of a file of the data of a server, as its manual has it in "Database File Layout", with the names before
 * PostgreSQL 10. Folders called `base` and `global` may hold other backups as well.
 */
export const dataFile = new RegExp(
  String.raw`^(?:(?:base\/\d+|global)\/(?:(?:INCREMENTAL\.)?\d+(?:_\w+)?(?:\.\d+)?|pg_control|pg_filenode\.map|PG_VERSION)$` +
    "|pg_(?:clog|commit_ts|dynshmem|logical|multixact|notify|replslot|serial|snapshots|stat|stat_tmp|subtrans" +
    String.raw`|tblspc|twophase|wal|xact|xlog)\/|(?:backup_label|PG_VERSION|tablespace_map)$)`
)

const manifestFile = /^backup_manifest(?:\.tmp)?$/
const logFile = /^(?:pg_)?log\//

/** Whether a file lies in the root of a base backup, and only there. */
export const isBaseMark = ({ path, head, problem }: SourceFile): boolean => {
  const name = baseName(path)
  if (manifestFile.test(name)) {
    return head.length === 0 || decoder.decode(head.subarray(0, 200)).includes("PostgreSQL-Backup-Manifest-Version")
  }
  // One that cannot be read may well be what its name says.
  const isUnread = problem !== undefined && head.length === 0
  if (name === "backup_label") return isUnread || decoder.decode(head).startsWith("START WAL LOCATION: ")
  if (isUnread && baseTar.test(name)) return true
  return baseTar.test(name) && tarMembers(head).some((member) => member.name === "backup_label")
}

// Where a server has a tablespace or its WAL, which may be links to other disks.
const tablespaceOrWal = /^(?:(.*)\/)?(?:pg_tblspc\/\d+|pg_wal|pg_xlog)$/

/**
 * Whether a path is that of a tablespace or of the WAL of one of the base backups that are among files. Elsewhere a
 * link of such a name may lead to anything.
 */
export const insideBaseBackup = (files: ReadonlyArray<SourceFile>): ((path: string) => boolean) => {
  const roots = new Set(files.filter(isBaseMark).map(({ path }) => parentPath(path)))
  return (path) => {
    const place = tablespaceOrWal.exec(path)
    return place !== null && roots.has(place[1] ?? "")
  }
}

/** The name below the root of the file that one is, or will be once it is whole. */
export const nameIn = (root: string, { path }: SourceFile): string => wholePath(nameBelow(root, path))

/** Whether any of its WAL is in a base backup that is the files of a server; `pg_xlog` was before PostgreSQL 10. */
export const hasWal = (root: string, files: ReadonlyArray<SourceFile>): boolean =>
  files.some((file) => /^pg_(?:wal|xlog)\/[0-9A-F]{24}(?:\.\w+)*$/.test(nameIn(root, file)))

/**
 * Whether a tar file may be that of the data by another name, or a piece of it, which is not looked into:
 * `base.tar.gz.aa`.
 */
const isOddBase = (name: string): boolean => /^(?:base|data)[^/]*\.tar\b/i.test(name) && !anyTar.test(name)

/** What a base backup is: tar files, the files of a server, or a manifest or label alone. */
export type Shape = "tar" | "plain" | "bare"

/** What a folder with a mark has besides a manifest, which may be one that is kept apart from its backup. */
export const shapeOf = (root: string, files: ReadonlyArray<SourceFile>): Shape => {
  const names = files.map((file) => nameIn(root, file))
  if (names.some((name) => baseTar.test(name))) return "tar"
  if (names.some((name) => dataFile.test(name))) return "plain"
  return names.some((name) => anyTar.test(name)) && !names.some(isOddBase) ? "tar" : "bare"
}

/**
 * The files of a base backup among those below its root. A plain one has whatever lies in its root, too, such as the
 * configuration, unless that is a dump of its own.
 */
export const baseParts = (
  root: string,
  files: ReadonlyArray<SourceFile>,
  isDump: (file: SourceFile) => boolean
): ReadonlyArray<SourceFile> => {
  const shape = shapeOf(root, files)
  return files.filter((file) => {
    const name = nameIn(root, file)
    if (manifestFile.test(name) || dataFile.test(name)) return true
    if (shape === "plain") return logFile.test(name) || (!name.includes("/") && !isDump(file))
    return anyTar.test(name) || (shape === "bare" && isOddBase(name))
  })
}
