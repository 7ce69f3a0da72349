import type { BackupId } from "@backup-catalog/core"
import { oneOfEach } from "../folders/oneOfEach.ts"
import type { PathReading } from "../folders/pathPattern.ts"
import { baseName, namedPath } from "../folders/sourcePath.ts"
import { backupIdOf } from "../records/backupId.ts"
import { plainText } from "../records/recordText.ts"
import { type BackupInfo, type Checkpoints, isPreparedType, ROLLED_BACK } from "./BackupInfo.ts"
import { contentOf, type FolderReading } from "./FolderReading.ts"
import { commandPaths, type Link } from "./parents.ts"
import { type Times, timesOf } from "./times.ts"
import { hasExclusion, hasSelection } from "./toolCommand.ts"
import { failureOf } from "./wholeness.ts"

/** The name of the importer, of which ids are made. */
export const NAME = "mariabackup"

/** A folder as a link of a chain, with all that its record needs. */
export interface Candidate extends Link {
  readonly reading: FolderReading
  readonly info: BackupInfo | undefined
  readonly checkpoints: Checkpoints | undefined
  readonly id: BackupId
  readonly nativeId: string
  readonly times: Times
  /** Whether it is a full backup that was prepared with an increment, and since then has the metadata of that. */
  readonly merged: boolean
  /** Why it is not whole; undefined when it is. */
  readonly failure: string | undefined
}

/** Whether it was prepared, so that no increment can be made on it any more. */
export const isPrepared = ({ checkpoints }: Pick<Candidate, "checkpoints">): boolean =>
  isPreparedType(checkpoints?.backup_type)

/**
 * Whether its transactions were rolled back when it was prepared, so that no increment can be applied to it any more:
 * "Prepare an incremental backup" in the manual of Percona XtraBackup.
 */
export const isRolledBack = ({ checkpoints }: Pick<Candidate, "checkpoints">): boolean =>
  checkpoints?.backup_type === ROLLED_BACK

/**
 * Whether it is of chosen tables only. Where the command says what to leave out, and nothing else, it is of all that
 * whoever gave it wants to keep.
 */
export const isSelection = ({ info }: Pick<Candidate, "info">): boolean =>
  info?.partial === "Y" && (hasSelection(info.tool_command) || !hasExclusion(info.tool_command))

// Of an increment that is prepared into it, the info is copied over that of the full backup, and the rest brought
// forward.
const isMerged = (info: BackupInfo | undefined, checkpoints: Checkpoints | undefined): boolean =>
  (info?.incremental === "Y" || (info?.innodb_from_lsn ?? 0n) > 0n) &&
  checkpoints?.from_lsn === 0n &&
  isPreparedType(checkpoints.backup_type)

/**
 * What the command of a backup says; of a merged one, which has that of an increment, only what it says of the server.
 */
const commandOf = (info: BackupInfo | undefined, merged: boolean): Link["command"] => {
  const command = commandPaths(info?.tool_command)
  return merged ? { ...commandPaths(undefined), server: command.server } : command
}

/** The candidate for a record that a folder is; `zone` is needed for one with readable metadata. */
export const candidateOf = (
  reading: FolderReading,
  paths: PathReading,
  zone: string | undefined,
  source: string
): Candidate => {
  const { path } = reading.folder
  const info = contentOf(reading.info)
  const checkpoints = contentOf(reading.checkpoints)
  const uuid = info?.uuid?.toLowerCase()
  const failure = failureOf(reading)
  const times = timesOf(reading, zone)
  const merged = isMerged(info, checkpoints)
  const fromLsn = merged ? 0n : (info?.innodb_from_lsn ?? checkpoints?.from_lsn)
  // The uuid of a merged one is that of the increment, which may still be there.
  const own = merged ? undefined : uuid
  return {
    reading,
    info,
    checkpoints,
    merged,
    id: backupIdOf(source, NAME, uuid === undefined ? ["folder", path] : merged ? [uuid, "merged"] : [uuid]),
    nativeId: own ?? plainText(namedPath(path)),
    times,
    failure,
    path,
    uuid,
    name: info?.name,
    partial: info?.partial === "Y",
    instance: paths.namesOf(path).instance,
    command: commandOf(info, merged),
    incremental: !merged && (info?.incremental === "Y" || (fromLsn !== undefined && fromLsn > 0n)),
    fromLsn,
    // Prepared with its increments, a full backup has their end in its checkpoints.
    toLsn: info?.innodb_to_lsn ?? checkpoints?.to_lsn,
    finished: failure === undefined,
    started: times.created
  }
}

/**
 * Before another one of the same backup: with its data, whole, as it was made, where it was made, with more of it, in
 * the first folder.
 */
const byRank = (a: Candidate, b: Candidate): number => {
  const rank = (candidate: Candidate) =>
    (candidate.reading.bytes === undefined ? 8 : 0) +
    (candidate.failure === undefined ? 0 : 4) +
    (isPrepared(candidate) ? 2 : 0) +
    (baseName(candidate.command.target ?? "") === baseName(candidate.path) ? 0 : 1)
  const more = Number((b.reading.bytes ?? 0n) - (a.reading.bytes ?? 0n))
  return rank(a) - rank(b) || more || (a.path < b.path ? -1 : 1)
}

/** One folder for every backup; the others hold copies of it, which are reported, or only its metadata. */
export const withoutCopies = (candidates: ReadonlyArray<Candidate>) =>
  oneOfEach(candidates, byRank, ({ path, reading }, kept) =>
    reading.bytes === undefined
      ? undefined
      : {
          place: path,
          message: `is a copy of the backup in ${plainText(kept.path)}, with the same uuid, and was not imported again`
        }
  )
