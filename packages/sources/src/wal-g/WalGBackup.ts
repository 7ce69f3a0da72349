import { type Instant, parseInstantWithZone } from "@backup-catalog/core"
import { Schema } from "effect"
import { maybe, someText } from "../reading/decodeEntry.ts"
import { Bytes, WholeNumber } from "../reading/toolNumbers.ts"

// Go's zero time is how WAL-G writes one that it does not know.
const UNKNOWN_TIME = /^0001-01-01T/

const Time = Schema.String.pipe(
  Schema.filter((text) => UNKNOWN_TIME.test(text) || parseInstantWithZone(text) !== undefined)
)

/** The instant of a time of WAL-G; undefined when it is not known. */
export const instantOf = (text: string | null | undefined): Instant | undefined =>
  text === null || text === undefined || UNKNOWN_TIME.test(text) ? undefined : parseInstantWithZone(text)

/** A size, where 0 is how older versions write one that they did not keep. */
export const knownBytes = (bytes: bigint | null | undefined): bigint | undefined => bytes || undefined

const common = {
  is_permanent: maybe(Schema.Boolean),
  user_data: Schema.optional(Schema.Unknown),
  hostname: maybe(Schema.String),
  uncompressed_size: maybe(Bytes),
  compressed_size: maybe(Bytes)
}

/** A backup of `wal-g backup-list --json`, with or without `--detail`, of any database but those below. */
export const ListedBackup = Schema.Struct({
  ...common,
  backup_name: someText,
  storage_name: maybe(Schema.String),
  wal_file_name: maybe(Schema.String),
  /** When its metadata was written. */
  time: maybe(Time),
  modification_time: maybe(Time),
  modify_time: maybe(Time),
  creation_time: maybe(Time),
  /** PostgreSQL, with `--detail`. */
  start_time: maybe(Time),
  finish_time: maybe(Time),
  pg_version: maybe(Schema.Int),
  system_identifier: maybe(Schema.Union(WholeNumber, someText)),
  /** MySQL, MariaDB and newer MongoDB, with `--detail`. */
  start_local_time: maybe(Time),
  stop_local_time: maybe(Time),
  /** MySQL and MariaDB, with `--detail`. */
  binlog_start: maybe(Schema.String),
  /** MongoDB, with `--detail`: a time of its oplog. */
  ts_start: Schema.optional(Schema.Unknown),
  /** The versions whose plain lists have all that they know, under the names that it has in Go. */
  StartTime: maybe(Time),
  FinishTime: maybe(Time),
  Hostname: maybe(Schema.String),
  UncompressedSize: maybe(Bytes),
  CompressedSize: maybe(Bytes),
  IsPermanent: maybe(Schema.Boolean),
  UserData: Schema.optional(Schema.Unknown)
})

/** A backup of `backup-list --detail --json` of Greenplum. */
export const GreenplumBackup = Schema.Struct({
  ...common,
  Name: someText,
  start_time: maybe(Time),
  finish_time: maybe(Time),
  gp_version: maybe(someText),
  /** In newer versions: `greenplum`, or `cloudberry`, whose versions are its own. */
  gp_flavor: maybe(Schema.String),
  system_identifier: maybe(Schema.Union(WholeNumber, someText)),
  increment_from: maybe(someText)
})

/** A backup of `backup-list --detail --json` of Redis, and of older MongoDB. */
export const StreamedBackup = Schema.Struct({
  BackupName: someText,
  StartLocalTime: maybe(Time),
  FinishLocalTime: maybe(Time),
  modify_time: maybe(Time),
  Permanent: maybe(Schema.Boolean),
  UserData: Schema.optional(Schema.Unknown),
  Hostname: maybe(Schema.String),
  /** Redis: the bytes that were stored. */
  BackupSize: maybe(Bytes),
  /** Redis: the bytes that were read; MongoDB: those that were stored. */
  DataSize: maybe(Bytes),
  UncompressedSize: maybe(Bytes),
  CompressedDataSize: maybe(Bytes),
  UncompressedDataSize: maybe(Bytes),
  /** Only MongoDB. */
  MongoMeta: maybe(Schema.Struct({ Version: maybe(Schema.String) })),
  /** Of Redis. */
  Version: maybe(Schema.String)
})
