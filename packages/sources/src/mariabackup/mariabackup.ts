import type { BackupStatus } from "@backup-catalog/core"
import { Array as Arr, Effect } from "effect"
import { mysqlServer } from "../datastores/mysqlServer.ts"
import { isNotFinished } from "../folders/notFinished.ts"
import { readPaths } from "../folders/pathPattern.ts"
import { baseName, locationOf, namedPath } from "../folders/sourcePath.ts"
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
import { requireTimeZone } from "../reading/requireTimeZone.ts"
import { backupOf } from "../records/backupOf.ts"
import { plainText } from "../records/recordText.ts"
import {
  type BackupFolder,
  backupFolders,
  configHead,
  hasDeltas,
  isArchive,
  isOfBackupServer,
  isStream,
  metadataKind,
  ofNoServerIn,
  streamHead
} from "./BackupFolder.ts"
import { type Candidate, candidateOf, isPrepared, isSelection, NAME, withoutCopies } from "./Candidate.ts"
import { type FolderReading, readFolder } from "./FolderReading.ts"
import { onRolledBack, type ParentReference, referencesOf } from "./ParentReference.ts"
import { isBeingWritten, payloadName } from "./Payload.ts"

const TITLE = "MariaDB Backup or Percona XtraBackup"
// The position of a server that has seen many others is as long as the list of their transactions.
const METADATA_BYTES = 1_048_576

/** Whether it is the name of its stream that says that it is not finished. */
const isNamedUnfinished = ({ reading: { folder } }: Candidate): boolean =>
  folder.payload !== undefined && isBeingWritten(folder.payload)

const isBeingMade = (candidate: Candidate, all: ReadonlyArray<Candidate>, now: number): boolean =>
  isStillWritten(candidate.reading.lastWrite, now, isNamedUnfinished(candidate) ? patience.file : patience.folder) &&
  !all.some(
    (other) => other.finished && other.instance === candidate.instance && other.times.updated > candidate.times.updated
  )

const statusOf = (candidate: Candidate, all: ReadonlyArray<Candidate>, now: number): BackupStatus => {
  if (candidate.finished) return "COMPLETED"
  const mayBeMade = candidate.info === undefined || isNotFinished(candidate.failure)
  return mayBeMade && isBeingMade(candidate, all, now) ? "BUILDING" : "FAILED"
}

const datastoreOf = ({ info, reading }: Candidate) => {
  if (info?.server_version !== undefined) return mysqlServer(info.server_version)
  // Only MariaDB has Aria, in every backup.
  return reading.folder.files.some(({ path }) => baseName(path).startsWith("aria_log_control"))
    ? { type: "MariaDB" }
    : undefined
}

/** Whether it is an increment by its files, and nothing that can be read tells on what. */
const isOnUnknown = ({ incremental, failure, fromLsn, reading }: Candidate): boolean =>
  !incremental && failure === undefined && fromLsn === undefined && hasDeltas(reading.folder)

const kindOf = (candidate: Candidate, parent: ParentReference | undefined) => {
  const { info, incremental, failure, fromLsn } = candidate
  if (failure !== undefined && fromLsn === undefined) return undefined
  const kind = incremental || isOnUnknown(candidate) ? `incremental on ${parent?.name ?? "an unknown backup"}` : "full"
  const prepared = isPrepared(candidate) ? `, prepared${candidate.merged ? " with increments" : ""}` : ""
  return `${kind}${prepared}${info?.partial === "Y" ? ", not of all tables" : ""}`
}

/** Where the backup was made, if its folder still has the name that it had there. */
const targetOf = ({ command: { target }, path }: Candidate): string | undefined =>
  target?.startsWith("/") && path !== "" && baseName(target) === baseName(path) ? target : undefined

const LOST = "what it builds on was prepared without --apply-log-only, so no increment can be applied to that any more"

const recordOf = (
  candidate: Candidate,
  parent: ParentReference | undefined,
  status: BackupStatus,
  isLost: boolean,
  { source, location }: ImportOptions
): SourceRecord => {
  const { path, info, times, reading } = candidate
  const name = info?.name ?? (path === "" ? source : baseName(path))
  const backup = backupOf({
    id: candidate.id,
    name,
    otherwise: candidate.nativeId,
    description: [
      kindOf(candidate, parent),
      isLost ? LOST : undefined,
      candidate.uuid === undefined ? undefined : `uuid ${candidate.uuid}`,
      status === "BUILDING" && !isNamedUnfinished(candidate)
        ? "being made: its files were written to just before the import"
        : candidate.failure,
      reading.bytes === undefined ? "only its metadata is in this folder" : undefined,
      path === "" || path === name ? undefined : `in ${path}`
    ],
    status,
    created: times.created,
    updated: times.updated,
    bytes: reading.bytes,
    instance: candidate.instance,
    parentId: parent?.id,
    locationRef: reading.bytes === undefined ? undefined : (locationOf(location, path) ?? targetOf(candidate)),
    datastore: datastoreOf(candidate)
  })
  const suspect = isSelection(candidate)
    ? "it is of chosen tables only, so no server can be restored from it"
    : isLost
      ? LOST
      : undefined
  return { backup, nativeId: candidate.nativeId, nativeParentId: parent?.nativeId, suspect }
}

const unreadable = ({ info, checkpoints }: FolderReading): Problem | undefined => {
  if (info.state === "unreadable") return info.problem
  return checkpoints.state === "unreadable" ? checkpoints.problem : undefined
}

const strayStreams = (files: ReadonlyArray<SourceFile>): ReadonlyArray<Problem> =>
  files.filter(isStream).map(({ path }) => ({
    place: path,
    message: "is a stream without metadata beside it, and was left out: keep its metadata with --extra-lsndir"
  }))

/** What lies beside metadata that is of another stream: its own may have been there before. */
const besideOthers = ({ payload, rivals }: BackupFolder): ReadonlyArray<Problem> => {
  if (payload === undefined) return []
  const message =
    `is beside metadata that is of ${payloadName(payload)}, so it was left out, and nothing is retired: give ` +
    "each backup a folder of its own with --extra-lsndir"
  return rivals.map(({ path }) => ({ place: path, message }))
}

const UNSEEN =
  "was left out: it is packed or encrypted, so it cannot be read. If it is a backup, keep its metadata beside it with --extra-lsndir"

const unseen = (file: SourceFile): string | undefined => {
  if (isStream(file)) return undefined
  if (isArchive(file)) return UNSEEN
  return file.unread === true && streamHead(file.path) > 0
    ? `could not be read, and was left out: ${plainText(file.problem ?? "")}`
    : undefined
}

/** What may be a backup, and is nothing that can be looked into. */
const strayArchives = (files: ReadonlyArray<SourceFile>): ReadonlyArray<Problem> =>
  ofNoServerIn(files).flatMap((file) => {
    const message = unseen(file)
    return message === undefined ? [] : [{ place: file.path, message }]
  })

const madeByServer = ({ path }: BackupFolder): Problem => ({
  place: namedPath(path),
  message: "is a backup that the server itself made (BACKUP SERVER), and was left out: such backups cannot be imported"
})

const refuseNone = (
  files: ReadonlyArray<SourceFile>,
  streams: ReadonlyArray<Problem>,
  [archive]: ReadonlyArray<Problem>
): SourceRefused => {
  if (files.length === 0) {
    return new SourceRefused({ message: `The folder holds no files, and so no backup of ${TITLE}: is it mounted?` })
  }
  if (streams.length === 0 && archive !== undefined) {
    return new SourceRefused({
      message: `The folder holds no backup of ${TITLE} that can be read: ${plainText(archive.place)} ${archive.message}.`
    })
  }
  if (streams.length > 0) {
    return new SourceRefused({
      message: `The folder holds only streams of ${TITLE} without metadata beside them: keep their metadata with --extra-lsndir.`
    })
  }
  const isOfServer = ofNoServerIn(files).length < files.length
  return new SourceRefused({
    message: `The folder holds no backup of ${TITLE}: ${
      isOfServer
        ? "what is there is the data directory of a server."
        : `none of its ${files.length} files is an xtrabackup_info or mariadb_backup_info.`
    }`
  })
}

/** What is odd about a backup that is imported. */
const oddities = (candidate: Candidate): ReadonlyArray<Problem> => {
  const { path, times, failure } = candidate
  return [
    times.problem,
    failure?.startsWith("not understood") ? `is ${failure}; imported as FAILED` : undefined,
    isOnUnknown(candidate)
      ? "is an increment whose metadata is encrypted or compressed, so its parent is not known: keep readable metadata beside it with --extra-lsndir"
      : undefined
  ].flatMap((message) => (message === undefined ? [] : [{ place: path, message }]))
}

const parse: FolderImporter["parse"] = (files, options) =>
  Effect.gen(function* () {
    const folders = backupFolders(files)
    const [ofTools, ofServers] = Arr.partition(folders, isOfBackupServer)
    const all = ofTools.map(readFolder)
    const known = new Set(
      folders.flatMap((folder) => [...folder.files, ...folder.rivals.flatMap((rival) => rival.files)])
    )
    const rivals = folders.flatMap(besideOthers)
    const stray = files.filter((file) => !known.has(file))
    const streams = strayStreams(stray)
    const archives = [...ofServers.map(madeByServer), ...strayArchives(stray)]
    if (all.length === 0) return yield* refuseNone(files, streams, archives)
    const broken = all.map(unreadable).filter((problem) => problem !== undefined)
    const readings = all.filter((reading) => unreadable(reading) === undefined)
    const zone = readings.some(({ info }) => info.state === "read")
      ? yield* requireTimeZone(TITLE, options, "make the backups where TZ=UTC is set and give --time-zone UTC")
      : undefined
    const paths = yield* readPaths(
      readings.map(({ folder }) => folder.path),
      options.pattern
    )
    const { kept, problems: copies } = withoutCopies(
      readings.map((reading) => candidateOf(reading, paths, zone, options.source))
    )
    const { references, problems: cycles } = referencesOf(kept, options)
    const lost = onRolledBack(kept, references)
    const inventory: Inventory = {
      records: kept.map((candidate) => {
        const status = statusOf(candidate, kept, options.now)
        return recordOf(candidate, references.get(candidate.id), status, lost.has(candidate), options)
      }),
      problems: [
        ...broken,
        ...rivals,
        ...streams,
        ...archives,
        ...paths.problems,
        ...copies,
        ...kept.flatMap(oddities),
        ...cycles
      ],
      complete: broken.length === 0 && rivals.length === 0
    }
    return inventory
  })

/** Reads folders of backups that MariaDB Backup (mariabackup) and Percona XtraBackup made. */
export const mariabackup: FolderImporter = withoutAppleDouble({
  kind: "folder",
  name: NAME,
  title: TITLE,
  wants: (path) => {
    if (metadataKind(path) !== undefined) return { head: METADATA_BYTES, tail: 0 }
    const head = streamHead(path) || configHead(path)
    return { head, tail: 0, gunzip: /\.gz$/i.test(path) }
  },
  detect: (files) => backupFolders(files).length > 0,
  parse
})
