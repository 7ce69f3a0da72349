import { Effect, Schema } from "effect"

/** A member that counts as missing where it is empty, or not understood. */
const lenient = <A>(schema: Schema.Schema<A, string>) =>
  Schema.optional(Schema.UndefinedOr(schema).annotations({ decodingFallback: () => Effect.succeed(undefined) }))

const text = lenient(Schema.NonEmptyString)

// 64 bits without a sign: a number would round it.
const lsn = lenient(Schema.BigInt.pipe(Schema.betweenBigInt(0n, 2n ** 64n - 1n)))

/** What xtrabackup_info (mariadb_backup_info) says, as far as a record needs it. */
export const BackupInfo = Schema.Struct({
  uuid: text,
  name: text,
  tool_name: text,
  tool_command: text,
  server_version: text,
  start_time: text,
  end_time: text,
  innodb_from_lsn: lsn,
  innodb_to_lsn: lsn,
  partial: text,
  incremental: text,
  format: text,
  compressed: text,
  encrypted: text
})
export type BackupInfo = typeof BackupInfo.Type

/** What xtrabackup_checkpoints (mariadb_backup_checkpoints) says, as far as a record needs it. */
export const Checkpoints = Schema.Struct({ backup_type: text, from_lsn: lsn, to_lsn: lsn, last_lsn: lsn })
export type Checkpoints = typeof Checkpoints.Type

/** The type of a backup that Percona XtraBackup prepared without --apply-log-only. */
export const ROLLED_BACK = "full-prepared"

// MariaDB's tool writes log-applied whenever it prepares.
const preparedTypes = new Set(["log-applied", ROLLED_BACK])
const unpreparedTypes = new Set(["full-backuped", "incremental"])

/** Whether a type is that of a backup that was prepared. */
export const isPreparedType = (type: string | undefined): boolean => type !== undefined && preparedTypes.has(type)

/** Whether a tool is known to write a type. */
export const isKnownType = (type: string): boolean => isPreparedType(type) || unpreparedTypes.has(type)

/**
 * The lines `key = value` of a file; the value is all behind the first `=`, and of two lines with one key the first
 * counts.
 */
const keyValues = (content: string): Readonly<Record<string, string>> => {
  const values: Record<string, string> = {}
  for (const line of content.split(/\r?\n/)) {
    const [, key, value] = /^\s*(\w+)\s*=(.*)$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) values[key] ??= value.trim()
  }
  return values
}

const decodeInfo = Schema.decodeUnknownSync(BackupInfo)
const decodeCheckpoints = Schema.decodeUnknownSync(Checkpoints)

// A file that ends in the middle of a line may have lost half a number.
const endsWhole = (content: string, lastKeys: RegExp): boolean => content.endsWith("\n") || lastKeys.test(content)

/** What an info file says; undefined when it is damaged: it was cut off, or has not what every one has. */
export const readInfo = (content: string): BackupInfo | undefined => {
  const info = decodeInfo(keyValues(content))
  return info.uuid !== undefined &&
    info.end_time !== undefined &&
    info.innodb_to_lsn !== undefined &&
    endsWhole(content, /\n(?:compressed|encrypted)\s*=\s*\S+$/)
    ? info
    : undefined
}

/** What a checkpoints file says; undefined when it is damaged, as for `readInfo`. */
export const readCheckpoints = (content: string): Checkpoints | undefined => {
  const checkpoints = decodeCheckpoints(keyValues(content))
  return checkpoints.backup_type !== undefined &&
    checkpoints.to_lsn !== undefined &&
    endsWhole(content, /\n(?:recover_binlog_info|flushed_lsn|redo_memory|redo_frames)\s*=\s*\d+$/)
    ? checkpoints
    : undefined
}
