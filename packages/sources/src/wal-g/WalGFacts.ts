import type { Instant } from "@backup-catalog/core"
import { Predicate } from "effect"
import { postgresVersion } from "../datastores/postgresVersion.ts"
import type { Problem } from "../Importer.ts"
import { decodeEntry } from "../reading/decodeEntry.ts"
import { GreenplumBackup, instantOf, knownBytes, ListedBackup, StreamedBackup } from "./WalGBackup.ts"

/** What an entry of WAL-G's tells, in whichever of its forms. */
export interface WalGFacts {
  readonly place: string
  readonly name: string
  /** The failover storage that it is in; undefined for the usual one. */
  readonly storage: string | undefined
  readonly start: Instant | undefined
  readonly stop: Instant | undefined
  readonly bytes: bigint | undefined
  readonly datastore: { readonly type: string; readonly version?: string | undefined } | undefined
  readonly instance: string | undefined
  /** The name of its parent, where the entry tells it whole. */
  readonly parent: string | undefined
  readonly isPermanent: boolean
  readonly userData: unknown
}

interface FactsRead {
  readonly facts: WalGFacts | undefined
  readonly problems: ReadonlyArray<Problem>
}

/** What WAL-G calls the storage that is no failover storage. */
export const DEFAULT_STORAGE = "default"
const WAL_NAME = /^[0-9A-F]{24}$/
const POSTGRES_NAME = /^base_[0-9A-F]{24}(?:_|$)/

const some = (text: string | null | undefined): string | undefined => text || undefined

/** What a server calls itself; 0, which none does, is how Go writes one that was not kept. */
const systemOf = (identifier: number | bigint | string | null | undefined): string | undefined => {
  const text = identifier?.toString()
  return text === "0" ? undefined : text
}

const datastoreOf = (backup: typeof ListedBackup.Type): WalGFacts["datastore"] => {
  if (typeof backup.pg_version === "number") {
    return { type: "PostgreSQL", version: postgresVersion(backup.pg_version) }
  }
  // Every other database has a name of its own form, and ZZZZZZZZZZZZZZZZZZZZZZZZ for the WAL that it does not have.
  if (POSTGRES_NAME.test(backup.backup_name) || WAL_NAME.test(backup.wal_file_name ?? "")) return { type: "PostgreSQL" }
  if (typeof backup.binlog_start === "string") return { type: "MySQL" }
  return backup.ts_start === undefined || backup.ts_start === null ? undefined : { type: "MongoDB" }
}

const listed = (backup: typeof ListedBackup.Type, place: string): WalGFacts => ({
  place,
  name: backup.backup_name,
  storage: backup.storage_name === DEFAULT_STORAGE ? undefined : some(backup.storage_name),
  start:
    instantOf(backup.start_time) ??
    instantOf(backup.start_local_time) ??
    instantOf(backup.StartTime) ??
    instantOf(backup.creation_time),
  stop:
    instantOf(backup.finish_time) ??
    instantOf(backup.stop_local_time) ??
    instantOf(backup.FinishTime) ??
    instantOf(backup.modification_time) ??
    instantOf(backup.modify_time) ??
    instantOf(backup.time),
  bytes:
    knownBytes(backup.compressed_size) ??
    knownBytes(backup.CompressedSize) ??
    knownBytes(backup.uncompressed_size) ??
    knownBytes(backup.UncompressedSize),
  datastore: datastoreOf(backup),
  // The name of a host is another one at each run where it is that of a container.
  instance: systemOf(backup.system_identifier) ?? some(backup.hostname) ?? some(backup.Hostname),
  parent: undefined,
  isPermanent: backup.is_permanent === true || backup.IsPermanent === true,
  userData: backup.user_data ?? backup.UserData
})

const greenplumType = (flavor: string | null | undefined): string => {
  if (!flavor || /^greenplum$/i.test(flavor)) return "Greenplum"
  return /^cloudberry$/i.test(flavor) ? "Cloudberry" : flavor
}

const greenplum = (backup: typeof GreenplumBackup.Type, place: string): WalGFacts => ({
  place,
  name: backup.Name,
  storage: undefined,
  start: instantOf(backup.start_time),
  stop: instantOf(backup.finish_time),
  bytes: knownBytes(backup.compressed_size) ?? knownBytes(backup.uncompressed_size),
  datastore: { type: greenplumType(backup.gp_flavor), version: backup.gp_version ?? undefined },
  instance: systemOf(backup.system_identifier) ?? some(backup.hostname),
  parent: backup.increment_from ?? undefined,
  isPermanent: backup.is_permanent === true,
  userData: backup.user_data
})

const streamed = (backup: typeof StreamedBackup.Type, place: string): WalGFacts => {
  const isMongo = backup.MongoMeta !== undefined && backup.MongoMeta !== null
  const stored = isMongo ? [backup.CompressedDataSize, backup.DataSize] : [backup.BackupSize]
  const read = isMongo ? [backup.UncompressedDataSize, backup.UncompressedSize] : [backup.DataSize]
  const version = isMongo ? backup.MongoMeta?.Version : backup.Version
  return {
    place,
    name: backup.BackupName,
    storage: undefined,
    start: instantOf(backup.StartLocalTime),
    stop: instantOf(backup.FinishLocalTime) ?? instantOf(backup.modify_time),
    bytes: [...stored, ...read].map(knownBytes).find((bytes) => bytes !== undefined),
    datastore: { type: isMongo ? "MongoDB" : "Redis", version: some(version) },
    instance: some(backup.Hostname),
    parent: undefined,
    isPermanent: backup.Permanent === true,
    userData: backup.UserData
  }
}

/** Reads an entry of `wal-g backup-list`, in the form that it has. */
export const readWalGFacts = (entry: unknown, place: string): FactsRead => {
  const has = (name: string) => Predicate.isRecord(entry) && Object.hasOwn(entry, name)
  // Versions whose plain lists have all that they know say the name twice.
  if (has("BackupName") && !has("backup_name")) {
    const { value, problems } = decodeEntry(StreamedBackup, entry, place)
    return { facts: value && streamed(value, place), problems }
  }
  if (has("Name")) {
    const { value, problems } = decodeEntry(GreenplumBackup, entry, place, ["increment_from"])
    return { facts: value && greenplum(value, place), problems }
  }
  const { value, problems } = decodeEntry(ListedBackup, entry, place, ["storage_name"])
  return { facts: value && listed(value, place), problems }
}
