import { notFinished } from "../folders/notFinished.ts"
import { baseName, nameBelow } from "../folders/sourcePath.ts"
import { unfinishedCopy, wholePath } from "../folders/unfinishedCopy.ts"
import type { SourceFile } from "../Importer.ts"
import { plainText } from "../records/recordText.ts"
import { type BackupFolder, hasDeltas, isData, TOOL_CONFIG } from "./BackupFolder.ts"
import { type BackupInfo, type Checkpoints, isKnownType, isPreparedType } from "./BackupInfo.ts"
import { contentOf, type FolderReading, type Metadata } from "./FolderReading.ts"
import { payloadFailure, unpacked } from "./Payload.ts"
import { hasExclusion, hasSelection } from "./toolCommand.ts"

const lacks = (what: string, { state }: Metadata<unknown>): string | undefined => {
  if (state === "missing") return `it has no ${what}`
  return state === "damaged" ? `its ${what} is damaged` : undefined
}

const decoder = new TextDecoder()

// What another program packed in place can be unpacked again.
const thereIn = ({ files, foreign }: BackupFolder): ReadonlyArray<SourceFile> => [...files, ...foreign]

/** The path of a file below the root of its backup, without what is added as it is compressed or encrypted. */
const nameIn = ({ path }: BackupFolder, file: SourceFile): string => unpacked(nameBelow(path, file.path))

// XtraBackup for MySQL 8 has it in the folder of newer servers while it prepares a backup.
const redoLog = /^(?:ib_logfile\d+|xtrabackup_logfile|#innodb_redo\/.+)$/

const lacksRedoLog = (folder: BackupFolder): boolean =>
  !thereIn(folder).some((file) => file.size > 0 && redoLog.test(nameIn(folder, file)))

/** What is wrong with the first file of the system tablespace, where the configuration of the backup can be read. */
const systemTablespaceFault = (folder: BackupFolder): string | undefined => {
  const config = folder.files.find((file) => nameIn(folder, file) === TOOL_CONFIG)
  const path = /^innodb_data_file_path\s*=\s*"?((?:[A-Za-z]:(?=[/\\]))?[^:;"\s]+):/m.exec(
    decoder.decode(config?.head)
  )?.[1]
  if (path === undefined) return undefined
  const name = baseName(path.replaceAll("\\", "/"))
  const found = thereIn(folder).filter((file) => baseName(nameIn(folder, file)) === name)
  if (found.some(({ size }) => size > 0)) return undefined
  return plainText(`its ${name} is ${found.length === 0 ? "missing" : "empty"}`)
}

/** Whether it has nothing of the system's database, which for MySQL 8 is a tablespace too. */
const lacksSystemDatabase = (folder: BackupFolder): boolean =>
  !thereIn(folder).some((file) => /^mysql(?:\/|\.ibd$)/.test(nameIn(folder, file)))

/**
 * What the data of an unpacked backup lacks; undefined where nothing shows it. Of a prepared one a server may do
 * without its redo log, and import the tables of a choice without the system tablespace; an increment is of no use any
 * more once its changes were taken out of it.
 */
const lackOf = (folder: BackupFolder, info: BackupInfo | undefined, checkpoints: Checkpoints): string | undefined => {
  const isPrepared = isPreparedType(checkpoints.backup_type)
  const isFull = checkpoints.backup_type === "full-backuped" || (isPrepared && checkpoints.from_lsn === 0n)
  if (!isPrepared && (isFull || hasDeltas(folder)) && lacksRedoLog(folder)) return "it has no redo log"
  if (!isFull) return undefined
  // Older tools call it partial only where tables are chosen, not where some are left out.
  const hasChoice = hasSelection(info?.tool_command) || hasExclusion(info?.tool_command)
  const isExported = isPrepared && (info?.partial === "Y" || hasChoice)
  const fault = isExported ? undefined : systemTablespaceFault(folder)
  if (fault !== undefined) return fault
  return info?.partial === "N" && !hasChoice && lacksSystemDatabase(folder)
    ? "its database mysql is missing"
    : undefined
}

const dataFailure = ({ folder, info, checkpoints }: FolderReading): string | undefined => {
  const { files } = folder
  const unfinished = unfinishedCopy(files.filter(({ path }) => isData(wholePath(path))))
  if (unfinished !== undefined) return notFinished(unfinished)
  const read = contentOf(checkpoints)
  if (read === undefined || !files.some(({ path }) => isData(path))) return undefined
  const lack = lackOf(folder, contentOf(info), read)
  return lack && `not whole: ${lack}`
}

/** Why a backup is not finished, or not whole; undefined where nothing shows it. */
export const failureOf = (reading: FolderReading): string | undefined => {
  const { folder, info, checkpoints } = reading
  if (info.state === "missing" && checkpoints.state === "missing") {
    return notFinished("it has neither xtrabackup_checkpoints nor xtrabackup_info")
  }
  const lacking = [lacks("xtrabackup_checkpoints", checkpoints), lacks("xtrabackup_info", info)].filter(
    (part) => part !== undefined
  )
  if (lacking.length > 0) return `not whole: ${lacking.join(" and ")}`
  const type = contentOf(checkpoints)?.backup_type
  if (type !== undefined && !isKnownType(type)) return `not understood: its backup_type is ${type}`
  return folder.payload === undefined ? dataFailure(reading) : payloadFailure(folder.payload)
}
