import {
  type Backup,
  type BackupSize,
  type BackupStatus,
  type Datastore,
  formatInstantMicros,
  sizeInBytes,
  sizeInGigabytes
} from "@backup-catalog/core"
import { Option } from "effect"

/** The database software of a backup. */
export interface PlainDatastore {
  /** As the server writes it: `MySQL`. Filters compare it without regard to case. */
  readonly type: string
  readonly version: string | null
  readonly versionId: string | null
}

/**
 * A backup as plain data: strings, numbers and null, so that it survives `JSON.stringify`, `structuredClone` and
 * `===`, and needs no library to be read.
 *
 * The members are those of the record (docs/api.md, The record) in camelCase; null is what the catalog does not know.
 * Times are ISO 8601 with `Z`, since a time without a zone is read as local by `new Date`, and always with six digits
 * of a fraction: so they sort as text, and fit `createdSince` and `createdBefore` as they are.
 */
export interface PlainBackup {
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly status: BackupStatus
  /** `2014-06-19T15:56:58.000000Z`. */
  readonly created: string
  /** As `created`. */
  readonly updated: string
  /** Gigabytes of 2^30 bytes, as the API counts them. */
  readonly size: number | null
  /** The same in bytes, a whole number. */
  readonly sizeInBytes: number | null
  /** The database instance that it was taken of. */
  readonly instanceId: string | null
  /** The backup that this one is incremental to. */
  readonly parentId: string | null
  /** Where the bytes are. */
  readonly locationRef: string | null
  readonly datastore: PlainDatastore | null
  /** The account that it belongs to; there only where other accounts were asked for too. */
  readonly projectId?: string
  /** When its source no longer had it, as `created`; there only where what was retired was asked for too. */
  readonly retiredAt?: string
}

const inBytes = (size: BackupSize): number => Number(sizeInBytes(size))

/** The plain form of a datastore. */
export const toPlainDatastore = ({ type, version, versionId }: Datastore): PlainDatastore => ({
  type,
  version: Option.getOrNull(version),
  versionId: Option.getOrNull(versionId)
})

const toPlainListed = (backup: Backup): PlainBackup => {
  const size = Option.getOrUndefined(backup.size)
  return {
    id: backup.id,
    name: backup.name,
    description: Option.getOrNull(backup.description),
    status: backup.status,
    created: formatInstantMicros(backup.created),
    updated: formatInstantMicros(backup.updated),
    size: size === undefined ? null : sizeInGigabytes(size),
    sizeInBytes: size === undefined ? null : inBytes(size),
    instanceId: Option.getOrNull(backup.instanceId),
    parentId: Option.getOrNull(backup.parentId),
    locationRef: Option.getOrNull(backup.locationRef),
    datastore: Option.isNone(backup.datastore) ? null : toPlainDatastore(backup.datastore.value)
  }
}

/** The plain form of a backup. */
export const toPlain = (backup: Backup): PlainBackup => {
  const { projectId, retiredAt } = backup
  const plain = toPlainListed(backup)
  // Copies of objects cost more than all that is in them, and hardly a list has these members.
  if (projectId === undefined && retiredAt === undefined) return plain
  return {
    ...plain,
    ...(projectId === undefined ? {} : { projectId }),
    ...(retiredAt === undefined ? {} : { retiredAt: formatInstantMicros(retiredAt) })
  }
}
