import { Instant, instantFromMillis } from "@backup-catalog/core"
import { Effect, Schema } from "effect"
import { isSignature, packedOtherwise } from "../folders/packedName.ts"
import { type PathNames, readPaths } from "../folders/pathPattern.ts"
import { baseName, keptEnding, locationOf, namedPath, parentPath } from "../folders/sourcePath.ts"
import { isStillWritten, patience } from "../folders/stillWritten.ts"
import { withoutAppleDouble } from "../folders/withoutAppleDouble.ts"
import {
  type FolderImporter,
  type ImportOptions,
  type Inventory,
  type Problem,
  type SourceFile,
  type SourceRecord,
  SourceRefused
} from "../Importer.ts"
import { backupIdOf } from "../records/backupId.ts"
import { backupOf } from "../records/backupOf.ts"
import { plainText } from "../records/recordText.ts"
import { Crc64 } from "./Crc64.ts"
import { endsWhole, hasOwnChecksum, isCutHeader, MAGIC_LENGTH, type RdbHeader, rdbHeader } from "./rdbHeader.ts"

const TITLE = "Redis"

// The header with its fields has some 200 bytes; replication and modules add to it.
const HEAD = 4_096
const TAIL = 16

// The most that is read from the beginning to the end of a file for its checksum: a quarter of a second.
const MOST_READ = 2 ** 26

const packed = new RegExp(String.raw`\.gz${keptEnding}$`, "i")
const rdbName = new RegExp(String.raw`\.rdb${keptEnding}(?:\.gz${keptEnding})?$`, "i")
const packedName = new RegExp(String.raw`\.rdb${keptEnding}${packedOtherwise()}$`, "i")

// A name without an ending of its own, which says nothing of what the file is.
const bareName = new RegExp(String.raw`^[^.]+?${keptEnding}(?:\.gz${keptEnding})?$`, "i")

// Redis writes a save under the first name and then renames it; the others are the parts of an append-only file.
const copied = String.raw`${keptEnding}(?:\.gz${keptEnding})?`
const temporaryName = new RegExp(String.raw`^temp-[\d.]+\.rdb${copied}$`, "i")
const appendOnlyName = new RegExp(
  String.raw`(?:\.\d+\.(?:base\.(?:rdb|aof)|incr\.aof)|\.aof(?:\.manifest)?)${copied}$`,
  "i"
)

const isRdb = ({ path }: SourceFile): boolean => rdbName.test(path) && !appendOnlyName.test(path)

/** Whether a file is of Redis by its name or its content, but not named as any that is read. */
const isOddlyNamed = ({ path, head }: SourceFile): boolean =>
  (/\.rdb(?![a-z\d])/i.test(baseName(path)) || rdbHeader(head) !== undefined) &&
  !rdbName.test(path) &&
  !packedName.test(path) &&
  !appendOnlyName.test(path)

/** A file with its header. */
interface Rdb {
  readonly file: SourceFile
  readonly header: RdbHeader | undefined
  readonly created: Instant
  /** Whether the file itself says when it was made. */
  readonly dated: boolean
}

const isInstant = Schema.is(Instant)

const createdAt = (header: RdbHeader | undefined): Instant | undefined => {
  const seconds = header?.fields.get("ctime")
  const micros = seconds !== undefined && /^\d{1,12}$/.test(seconds) ? BigInt(seconds) * 1_000_000n : undefined
  return micros !== undefined && micros > 0n && isInstant(micros) ? micros : undefined
}

const read = (file: SourceFile): Rdb | Problem => {
  const { path, head, size, problem, unread } = file
  // Of gzip the content may be what is wrong, or nothing.
  if (unread === true || (head.length === 0 && size > 0 && !packed.test(path))) {
    return { place: path, message: `could not be read (${problem ?? "nothing of it was there"}) and was not imported` }
  }
  const header = rdbHeader(head)
  if (header === undefined && !isCutHeader(head)) {
    return { place: path, message: "does not begin as an RDB file of Redis does and was not imported" }
  }
  const created = createdAt(header)
  return { file, header, created: created ?? instantFromMillis(file.modified), dated: created !== undefined }
}

/** Why a file is no whole backup; undefined when it is one. */
const faultOf = ({ file, header }: Rdb): string | undefined => {
  if (file.problem !== undefined) return file.problem
  if (header === undefined) return file.head.length === 0 ? "the file is empty" : "the file ends in its header"
  if (!endsWhole(header, file.tail)) return "the file does not end as an RDB file does: it was cut off"
  return file.digest === undefined || hasOwnChecksum(header, file.tail, file.digest)
    ? undefined
    : "the checksum at its end is not that of its content: it was cut off or damaged"
}

type Judgement = { readonly status: "COMPLETED" | "FAILED" | "BUILDING"; readonly remark?: string | undefined }

/** What the saves of one server have in common: the folder that they lie in, and the instance where that is known. */
const seriesOf = (path: string, { instance }: PathNames): ReadonlyArray<string> => [
  `folder ${parentPath(path)}`,
  ...(instance === undefined ? [] : [`instance ${instance}`])
]

/** When the last whole file of each series was made. */
const lastWhole = (files: ReadonlyArray<Rdb>, names: (path: string) => PathNames): ReadonlyMap<string, Instant> => {
  const last = new Map<string, Instant>()
  for (const rdb of files) {
    const { path } = rdb.file
    if (temporaryName.test(baseName(path)) || faultOf(rdb) !== undefined) continue
    for (const series of seriesOf(path, names(path))) {
      const before = last.get(series)
      if (before === undefined || rdb.created > before) last.set(series, rdb.created)
    }
  }
  return last
}

const judgeTemporary = (
  { file: { path, modified }, created }: Rdb,
  last: ReadonlyMap<string, Instant>,
  names: PathNames,
  now: number
): Judgement => {
  if (seriesOf(path, names).some((series) => (last.get(series) ?? created) > created)) {
    return { status: "FAILED", remark: "a save that did not end: a later one is whole" }
  }
  return isStillWritten(modified, now, patience.file)
    ? { status: "BUILDING", remark: "a save that has not ended" }
    : { status: "FAILED", remark: "a save that did not end: nothing was written to it for a day" }
}

const judge = (rdb: Rdb, last: ReadonlyMap<string, Instant>, names: PathNames, now: number): Judgement => {
  if (temporaryName.test(baseName(rdb.file.path))) return judgeTemporary(rdb, last, names, now)
  const fault = faultOf(rdb)
  return fault === undefined ? { status: "COMPLETED" } : { status: "FAILED", remark: fault }
}

const datastoreOf = (header: RdbHeader | undefined) => {
  const valkey = header?.fields.get("valkey-ver")
  if (header?.magic === "VALKEY" || valkey !== undefined) return { type: "Valkey", version: valkey }
  const dragonfly = header?.fields.get("df-ver")
  if (dragonfly !== undefined) return { type: "Dragonfly", version: /\d.*/.exec(dragonfly)?.[0] }
  return { type: "Redis", version: header?.fields.get("redis-ver") }
}

const recordOf = (rdb: Rdb, judgement: Judgement, names: PathNames, options: ImportOptions): SourceRecord => {
  const { file, header, created, dated } = rdb
  const memory = header?.fields.get("used-mem")
  const backup = backupOf({
    // The next save overwrites the file: only with its time it is the same backup.
    id: backupIdOf(options.source, "redis", [file.path, dated ? String(created) : `modified ${created}`]),
    name: baseName(file.path),
    otherwise: file.path,
    description: [
      judgement.remark,
      `file ${file.path}`,
      header === undefined ? undefined : `${header.magic} format ${header.format}`,
      header?.fields.get("aof-base") === "1" ? "base of an append-only file, without its later writes" : undefined,
      dated ? undefined : "its time is that of the file",
      memory === undefined ? undefined : `${memory} bytes of memory used`
    ],
    status: judgement.status,
    created,
    updated: created,
    bytes: BigInt(file.size),
    instance: names.instance,
    locationRef: locationOf(options.location, file.path),
    datastore: datastoreOf(header)
  })
  return { backup, nativeId: plainText(file.path) }
}

/** The RDB files that were compressed by another program than gzip, or encrypted. */
const packedFiles = (files: ReadonlyArray<SourceFile>): ReadonlyArray<SourceFile> => {
  const paths = new Set(files.map(({ path }) => path))
  return files.filter(({ path }) => packedName.test(path) && !isSignature(path, paths))
}

/** What lies beside the RDB files and is not imported, each folder of an append-only file once. */
const passedOver = (files: ReadonlyArray<SourceFile>): ReadonlyArray<Problem> => {
  const folders = new Set(files.filter(({ path }) => appendOnlyName.test(path)).map(({ path }) => parentPath(path)))
  return [
    ...[...folders].map((folder) => ({
      place: namedPath(folder),
      message: "holds an append-only file (AOF), which is not imported; only RDB files are"
    })),
    ...packedFiles(files).map(({ path }) => ({
      place: path,
      message: "is compressed or encrypted in a way that is not read, and was not imported"
    })),
    ...files.filter(isOddlyNamed).map(({ path }) => ({
      place: path,
      message: "has a name that is not read, and was not imported: let it end in .rdb or .rdb.gz"
    }))
  ]
}

const inventory = (
  files: ReadonlyArray<SourceFile>,
  names: (path: string) => PathNames,
  options: ImportOptions
): Inventory => {
  const found = files.filter(isRdb).map(read)
  const readable = found.filter((one): one is Rdb => "file" in one)
  const unreadable = found.filter((one): one is Problem => "place" in one)
  const last = lastWhole(readable, names)
  return {
    records: readable.map((rdb) => {
      const own = names(rdb.file.path)
      return recordOf(rdb, judge(rdb, last, own, options.now), own, options)
    }),
    problems: [...unreadable, ...passedOver(files)],
    complete: unreadable.length === 0 && packedFiles(files).length === 0
  }
}

/** Why a folder without a file that can be read is refused. */
const refuseNone = (files: ReadonlyArray<SourceFile>): SourceRefused => {
  const [first] = passedOver(files)
  const none = "There is no RDB file of Redis (*.rdb, *.rdb.gz) in this folder"
  return new SourceRefused({
    message:
      first === undefined
        ? `${none}: give the folder in which the copies of dump.rdb are.`
        : `${none} that can be read: ${plainText(first.place)} ${first.message}.`
  })
}

/** Reads the headers of the RDB files of a folder, plain or with gzip. */
export const redis: FolderImporter = withoutAppleDouble({
  kind: "folder",
  name: "redis",
  title: TITLE,
  wants: (path, size) => {
    const gunzip = packed.test(path)
    if (!rdbName.test(path)) {
      return bareName.test(baseName(path)) ? { head: MAGIC_LENGTH, tail: 0, gunzip } : { head: 0, tail: 0 }
    }
    return { head: HEAD, tail: TAIL, gunzip, digest: size <= MOST_READ ? () => new Crc64() : undefined }
  },
  detect: (files) => files.some((file) => isRdb(file) && rdbHeader(file.head) !== undefined),
  parse: (files, options) =>
    Effect.gen(function* () {
      const paths = files.filter(isRdb).map(({ path }) => path)
      if (paths.length === 0) {
        return yield* refuseNone(files)
      }
      const reading = yield* readPaths(paths, options.pattern)
      const found = inventory(files, reading.namesOf, options)
      return { ...found, problems: [...found.problems, ...reading.problems] }
    })
})
