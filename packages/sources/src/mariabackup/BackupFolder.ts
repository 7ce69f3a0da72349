import { Array as Arr } from "effect"
import { isRunning } from "../folders/runningName.ts"
import { ancestorsOf, baseName, keptEnding, parentPath } from "../folders/sourcePath.ts"
import type { SourceFile } from "../Importer.ts"
import { type Payload, packings, payloadsAmong } from "./Payload.ts"

/** A folder that one backup was made into, with all files below it that belong to no other. */
export interface BackupFolder {
  /** Below the folder of backups; empty for that itself. */
  readonly path: string
  readonly files: ReadonlyArray<SourceFile>
  /**
   * The stream, or the packed folder, that is the data of its metadata; undefined where that is unpacked, or not there.
   */
  readonly payload: Payload | undefined
  /** What lies among the data of an unpacked one and is not its own: streams, and what is packed otherwise. */
  readonly foreign: ReadonlyArray<SourceFile>
  /** Those beside the metadata that it cannot be of as well: none of their files is of this folder. */
  readonly rivals: ReadonlyArray<Payload>
}

/** What the tools put behind a name as they compress and encrypt a file, as a part of an expression. */
export const packed = String.raw`(?:\.(?:qp|zst|lz4|gz|xbcrypt))*`

const metadata = new RegExp(`^(?:xtrabackup|mariadb_backup)_(info|checkpoints)${packed}$`)

// What lies in the root of a backup from early on, before the metadata is written.
const rootFile = new RegExp(
  String.raw`^(?:ibdata\d+|mysql\.ibd|ib_logfile\d+|aria_log_control|aria_log\.\d+|backup-my\.cnf|ib_buffer_pool|undo_?\d+|` +
    String.raw`xtrabackup_(?:logfile|tablespaces)|(?:xtrabackup|mariadb_backup)_(?:binlog|galera|slave)_\w+)` +
    String.raw`(?:\.(?:delta|meta))?${packed}$`
)

// Of those, what no tool writes into a folder below the root of a backup.
const onlyInRoot = new RegExp(
  String.raw`^(?:ibdata\d+|ib_logfile\d+|aria_log_control|xtrabackup_logfile)(?:\.(?:delta|meta))?${packed}$`
)

const deltaFile = new RegExp(String.raw`\.delta${packed}$`)

const tableFile = new RegExp(String.raw`\.(?:ibd|frm|MYD|MYI|MAD|MAI)(?:\.(?:delta|meta))?${packed}$`)

// What a server that runs, or ran, has in its data directory, and no tool copies.
const serverFile = /^(?:ibtmp\d+|auto\.cnf|multi-master\.info|ddl_recovery\.log|(?:mysql|mariadb)_upgrade_info)$/

const streamFile = /\.(?:xbstream|mbstream|xb|mbs)(?:\.\w+)*$/
const checksum = String.raw`\.(?:md5|sha\d+)(?:sums?)?$`

/** Which of the two files that a finished backup has this is, packed or not; undefined when it is neither. */
export const metadataKind = (path: string): "info" | "checkpoints" | undefined => {
  const kind = metadata.exec(baseName(path))?.[1]
  return kind === "info" || kind === "checkpoints" ? kind : undefined
}

/** Whether a file of metadata is compressed or encrypted, so that it cannot be read. */
export const isPacked = (path: string): boolean => baseName(path).includes(".")

const decoder = new TextDecoder()

const SERVER_CONFIG = "backup.cnf"

/** The name of the configuration that a tool writes beside a backup. */
export const TOOL_CONFIG = "backup-my.cnf"

/** How much is looked at of a configuration beside a backup, which a tool, or the server by itself, made. */
export const configHead = (path: string): number => ([SERVER_CONFIG, TOOL_CONFIG].includes(baseName(path)) ? 4_096 : 0)

/**
 * Whether a folder is a backup that a server of MariaDB made by itself, with `BACKUP SERVER`, and has other metadata.
 */
export const isOfBackupServer = ({ path, files }: BackupFolder): boolean =>
  files.some(
    (file) =>
      parentPath(file.path) === path &&
      baseName(file.path) === SERVER_CONFIG &&
      /^innodb_log_recovery_target\s*=/m.test(decoder.decode(file.head))
  ) && !files.some((file) => metadataKind(file.path) !== undefined)

/** Whether a folder has changes of files instead of files, as only an increment does. */
export const hasDeltas = ({ files }: BackupFolder): boolean => files.some(({ path }) => deltaFile.test(path))

// With it begins each piece of a file in a stream.
const STREAM_MAGIC = "XBSTCK01"

const streamEnding = /\.(?:gz|stream|xbs|bin|backup|bak)$/i
const perhapsStream = new RegExp(`^[^.]+$|${streamEnding.source}`, "i")

/**
 * How much of a file is looked at to see whether it is a stream that its name does not tell: `backup.gz` may be one.
 */
export const streamHead = (path: string): number => {
  const name = baseName(path)
  return perhapsStream.test(name) && !rootFile.test(name) ? STREAM_MAGIC.length : 0
}

/** Whether a file is the stream of a whole backup. */
export const isStream = ({ path, head }: Pick<SourceFile, "path" | "head">): boolean =>
  (streamFile.test(baseName(path)) && !isBesideData(path)) ||
  (streamHead(path) > 0 && decoder.decode(head.subarray(0, STREAM_MAGIC.length)) === STREAM_MAGIC)

const archive = new RegExp(String.raw`\.(?:tar(?:\.\w+)?|tgz|tbz|txz|tzst|zip|7z|${packings})${keptEnding}$`, "i")
// Binary logs have no ending but their number: mysql-bin.000001, binlog.000001.
const ofNoBackup = /\.(?:sql|dump|dmp|pgdump|pgsql|psql|mysql|rdb|log|txt|err)\b|(?:[-_]bin|binlog)\.\d{6}\.[^.]+$/i

/** Whether a file may hold a backup and cannot be looked into: a folder that was packed, or a stream that was. */
export const isArchive = ({ path }: Pick<SourceFile, "path">): boolean =>
  archive.test(path) && !ofNoBackup.test(baseName(path))

const foldersWith = (files: ReadonlyArray<SourceFile>, isOne: (file: SourceFile) => boolean): ReadonlySet<string> =>
  new Set(files.filter(isOne).map(({ path }) => parentPath(path)))

const isServerFile = ({ path }: SourceFile): boolean => serverFile.test(baseName(path))

/** Those of files that lie in no data directory of a server. */
export const ofNoServerIn = (files: ReadonlyArray<SourceFile>): ReadonlyArray<SourceFile> => {
  const servers = foldersWith(files, isServerFile)
  return files.filter(({ path }) => !ancestorsOf(path).some((above) => servers.has(above)))
}

/**
 * The folders with metadata, but for the data directory of a server that was restored: that has the info of its backup.
 */
const foldersWithMetadata = (files: ReadonlyArray<SourceFile>): ReadonlySet<string> => {
  const servers = foldersWith(files, isServerFile)
  const withCheckpoints = foldersWith(files, ({ path }) => metadataKind(path) === "checkpoints")
  return foldersWith(files, ({ path }) => {
    const folder = parentPath(path)
    return metadataKind(path) !== undefined && (withCheckpoints.has(folder) || !servers.has(folder))
  })
}

const besideData = new RegExp(
  String.raw`^(?:(?:xtrabackup|mariadb_backup)_(?!logfile)|backup-my\.cnf)|\.(?:log|txt|err|sig|done|ok)$|${checksum}`,
  "i"
)

/** Whether a file lies in the root of backups besides the data: metadata, the configuration, logs of the tool. */
export const isBesideData = (path: string): boolean => besideData.test(baseName(path))

/** Whether a file is by its name one of the data of an unpacked backup. */
export const isData = (path: string): boolean =>
  (rootFile.test(baseName(path)) && !isBesideData(path)) || tableFile.test(baseName(path))

/**
 * The folders with the data of a backup in them, one that is not finished included, but for the data directory of a
 * server.
 */
const unpackedFolders = (files: ReadonlyArray<SourceFile>, withMetadata: ReadonlySet<string>): ReadonlySet<string> => {
  const unpacked = new Set(
    files.filter(({ path }) => withMetadata.has(parentPath(path)) && isData(path)).map(({ path }) => parentPath(path))
  )
  const isBelow = (path: string) => ancestorsOf(path).some((above) => unpacked.has(above))
  const addOutermost = (folders: ReadonlyArray<string>) => {
    for (const folder of [...folders].sort((a, b) => a.length - b.length)) if (!isBelow(folder)) unpacked.add(folder)
  }
  const ofNoServer = ofNoServerIn(files)
  for (const { path } of ofNoServer) if (onlyInRoot.test(baseName(path))) unpacked.add(parentPath(path))
  addOutermost(
    ofNoServer
      .filter(({ path }) => rootFile.test(baseName(path)) && !withMetadata.has(parentPath(path)))
      .map(({ path }) => parentPath(path))
  )
  // One that died before anything was written into its root has only the folders of databases. Of one whose root is
  // known, a tablespace may lie in it.
  addOutermost(
    ofNoServer
      .filter(({ path }) => tableFile.test(baseName(path)) && path.includes("/") && !isBelow(path))
      .map(({ path }) => parentPath(parentPath(path)))
  )
  return unpacked
}

const lastEnding = (path: string): string => path.slice(path.lastIndexOf(".") + 1)

/** An unpacked backup: of the files below its root no stream is its own, and nothing packed otherwise than its data. */
const unpackedBackup = (path: string, files: ReadonlyArray<SourceFile>): BackupFolder => {
  const ofData = new Set(files.filter(({ path }) => isData(path)).map(({ path }) => lastEnding(path)))
  const packedData = new RegExp(`${packed}$`)
  const isForeign = (file: SourceFile) =>
    isStream(file) ||
    (isArchive(file) &&
      !isBesideData(file.path) &&
      (!ofData.has(lastEnding(file.path)) || isArchive({ path: file.path.replace(packedData, "") })))
  const [own, foreign] = Arr.partition(files, isForeign)
  return { path, files: own, payload: undefined, foreign, rivals: [] }
}

const mayBePayload = (file: SourceFile): boolean =>
  !isBesideData(file.path) &&
  (isArchive(file) || isRunning(file.path) || (file.size === 0 && streamEnding.test(file.path)))

/**
 * The largest of what was packed, and what is called as that is but for a day or a number: the rest belongs to it, as
 * the configuration does.
 */
const withLikes = (payloads: ReadonlyArray<Payload>): ReadonlyArray<Payload> => {
  const sizeOf = ({ files }: Payload): number => files.reduce((sum, { size }) => sum + size, 0)
  const kindOf = ({ path }: Payload): string => baseName(path).replace(/\d+/g, "#")
  const largest = [...payloads].sort((a, b) => sizeOf(b) - sizeOf(a))[0]
  if (largest === undefined) return []
  return payloads.filter((payload) => kindOf(payload) === kindOf(largest))
}

/**
 * A folder with metadata and no unpacked data: of several streams in it one is its own, that which was written when the
 * metadata was.
 */
const besideMetadata = (path: string, files: ReadonlyArray<SourceFile>): BackupFolder => {
  const streams = files.filter(isStream)
  const others = files.filter((file) => !isStream(file) && mayBePayload(file))
  const written = Math.max(...files.filter((file) => metadataKind(file.path)).map(({ modified }) => modified))
  const [payload, ...rivals] =
    streams.length > 0 ? payloadsAmong(streams, written) : withLikes(payloadsAmong(others, written))
  const notOwn = new Set([...rivals.flatMap((rival) => rival.files), ...(streams.length > 0 ? others : [])])
  return { path, files: files.filter((file) => !notOwn.has(file)), payload, foreign: [], rivals }
}

/**
 * The folders of backups among files: those with metadata, else those that look like an unfinished one, but for the
 * data directory of a server. A backup that is unpacked has what lies below its folder, metadata alone only what is
 * beside it.
 */
export const backupFolders = (files: ReadonlyArray<SourceFile>): ReadonlyArray<BackupFolder> => {
  const withMetadata = foldersWithMetadata(files)
  const unpacked = unpackedFolders(files, withMetadata)
  const folders = new Map<string, Array<SourceFile>>(
    [...new Set([...withMetadata, ...unpacked])].sort().map((path) => [path, []])
  )
  for (const file of files) {
    const folder = parentPath(file.path)
    const root = ancestorsOf(file.path).find(
      (above) => unpacked.has(above) || (above === folder && withMetadata.has(above))
    )
    if (root !== undefined) folders.get(root)?.push(file)
  }
  return [...folders].map(([path, below]) =>
    unpacked.has(path) ? unpackedBackup(path, below) : besideMetadata(path, below)
  )
}
