import { type BackupId, type BackupStatus, instantFromMillis, instantToMillis } from "@backup-catalog/core"
import { isNotFinished, notFinished } from "../folders/notFinished.ts"
import { isRunning } from "../folders/runningName.ts"
import { baseName, locationOf, namedPath, parentPath } from "../folders/sourcePath.ts"
import { isStillWritten, patience } from "../folders/stillWritten.ts"
import type { ImportOptions, SourceRecord } from "../Importer.ts"
import { backupIdOf } from "../records/backupId.ts"
import { backupOf } from "../records/backupOf.ts"
import { plainText } from "../records/recordText.ts"
import { type Candidate, NAME } from "./Candidate.ts"
import type { Dump, DumpContent } from "./Dump.ts"

const groupOf = ({ names, dump }: Candidate): string =>
  JSON.stringify([names.instance ?? null, names.instance === undefined ? parentPath(dump.path) : ""])

/** Whether a dump that is not finished is being made: by its name, or since its folder is being written to. */
const isBeingMade = (candidate: Candidate, all: ReadonlyArray<Candidate>, now: number): boolean => {
  const { dump, content, lastWrite } = candidate
  const isNamed = isRunning(dump.path)
  if (!isNamed && !(dump.isFolder && isNotFinished(content.failure))) return false
  if (!isStillWritten(lastWrite, now, isNamed ? patience.file : patience.folder)) return false
  const group = groupOf(candidate)
  return !all.some(
    (other) =>
      other.content.failure === undefined &&
      !isRunning(other.dump.path) &&
      groupOf(other) === group &&
      other.updated > instantFromMillis(lastWrite)
  )
}

const statusOf = (candidate: Candidate, all: ReadonlyArray<Candidate>, now: number): BackupStatus => {
  if (isBeingMade(candidate, all, now)) return "BUILDING"
  return candidate.content.failure === undefined && !isRunning(candidate.dump.path) ? "COMPLETED" : "FAILED"
}

interface ParentReference {
  readonly id: BackupId
  readonly nativeId: string
}

const nativeIdOf = ({ path }: Dump): string => plainText(namedPath(path))

// In a single tar file no server has a name; then two of one instance are taken to be of one server.
const isOfSameServer = (one: Candidate, other: Candidate): boolean =>
  one.content.system === other.content.system &&
  (one.content.system !== undefined || one.names.instance === other.names.instance)

/** What an incremental base backup is on: the one of the same server that begins where it says. */
const parentOf = (candidate: Candidate, all: ReadonlyArray<Candidate>, source: string): ParentReference | undefined => {
  const { content, id } = candidate
  const from = content.increment?.from
  if (from === undefined) return undefined
  const parent = all.find(
    (other) =>
      other.id !== id &&
      other.content.failure === undefined &&
      other.content.increment?.start === from &&
      isOfSameServer(candidate, other)
  )
  return parent === undefined
    ? { id: backupIdOf(source, NAME, ["start", content.system ?? "", from]), nativeId: `start ${from}` }
    : { id: parent.id, nativeId: nativeIdOf(parent.dump) }
}

const databasesText = ({ databases, someOf }: DumpContent, named: string | undefined): string => {
  const all = databases.length === 0 && named !== undefined ? [named] : databases
  if (all.length === 0) return ""
  return ` of the ${all.length === 1 ? "database" : "databases"} ${all.join(", ")}${someOf ? " and perhaps more" : ""}`
}

const statusText = ({ content, dump, lastWrite }: Candidate, status: BackupStatus): string | undefined => {
  if (status === "COMPLETED") return undefined
  const written = `last written to at ${new Date(instantToMillis(instantFromMillis(lastWrite))).toISOString()}`
  if (status === "BUILDING") return `being made, ${written}`
  return `${content.failure ?? (isRunning(dump.path) ? notFinished() : "")}, ${written}`
}

/** The record of a dump; its status and parent depend on all others. */
export const dumpRecord = (
  candidate: Candidate,
  all: ReadonlyArray<Candidate>,
  { source, location, now }: ImportOptions
): SourceRecord => {
  const parent = parentOf(candidate, all, source)
  const status = statusOf(candidate, all, now)
  const { dump, content, names } = candidate
  // One that was cut off tells nothing by what it lacks.
  const part = content.failure === undefined ? content.part : undefined
  const name = dump.path === "" ? source : baseName(dump.path)
  const backup = backupOf({
    id: candidate.id,
    name,
    otherwise: nativeIdOf(dump),
    description: [
      `${content.form}${databasesText(content, names.database)}`,
      part === undefined ? undefined : `${part} alone, so it is of no instance`,
      content.isBare === true ? "only its manifest is in this folder" : undefined,
      content.label === undefined ? undefined : `labelled ${content.label}`,
      parent === undefined ? undefined : `incremental on ${parent.nativeId}`,
      content.system === undefined ? undefined : `system identifier ${content.system}`,
      statusText(candidate, status),
      content.failure === undefined && content.needs !== undefined ? `needs ${content.needs}` : undefined,
      candidate.dated ? undefined : `its time is that of the ${dump.isFolder ? "files" : "file"}`,
      dump.path === "" || dump.path === name ? undefined : `in ${dump.path}`
    ],
    status,
    created: candidate.created,
    updated: candidate.updated,
    bytes: candidate.bytes,
    // A part makes no instance restorable, however young it is.
    instance: part === undefined ? (names.instance ?? content.system) : undefined,
    parentId: parent?.id,
    locationRef: locationOf(location, dump.path),
    datastore: content.datastore
  })
  return { backup, nativeId: nativeIdOf(dump), nativeParentId: parent?.nativeId }
}
