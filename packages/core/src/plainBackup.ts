import { Either, Option, Predicate, Schema } from "effect"
import {
  AccountId,
  type Backup,
  type BackupId,
  type BackupRecord,
  type BackupStatus,
  backupStatuses,
  type Datastore,
  decodeBackup,
  type InstanceId,
  sizeInGigabytes
} from "./Backup.ts"
import { decodeSourcedBackup, type SourcedBackup } from "./Import.ts"
import { formatInstant, type Instant } from "./Instant.ts"

/*
 * Records by the hundred thousand: the same as the schemas say (plainBackup.test.ts holds them together), for records
 * that are plain, without their generality. What is not plain is left to them.
 */

// Neither controls nor surrogates: what no schema of a text refuses, and each unit is one character.
const unremarkable = /^[\x20-\x7e\xa0-\ud7ff\ue000-\uffff]*$/
const statuses: ReadonlySet<string> = new Set(backupStatuses)

class NotPlain extends Error {}
const notPlain = new NotPlain("not a plain record")

const text = (value: unknown, most: number): string => {
  if (typeof value !== "string" || value.length > most || !unremarkable.test(value)) throw notPlain
  return value
}

const named = (value: unknown, most: number): string => {
  const name = text(value, most)
  if (name.length === 0) throw notPlain
  return name
}

const identifier = (value: unknown): string => {
  const id = named(value, 255)
  if (id === "." || id === "..") throw notPlain
  return id
}

const none = Option.none<never>()

const optional = <A>(value: unknown, read: (value: unknown) => A): Option.Option<A> =>
  value === undefined || value === null ? none : Option.some(read(value))

const backupId = (value: unknown) => identifier(value) as BackupId
const instanceId = (value: unknown) => identifier(value) as InstanceId
const text255 = (value: unknown) => text(value, 255)
const text4096 = (value: unknown) => text(value, 4096)
const text16384 = (value: unknown) => text(value, 16_384)
const named1024 = (value: unknown) => named(value, 1024)

const digits = (value: string, from: number, to: number): number => {
  let number = 0
  for (let i = from; i < to; i++) {
    const digit = value.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) throw notPlain
    number = number * 10 + digit
  }
  return number
}

const isShapedAsTime = (value: string): boolean =>
  value[4] === "-" && value[7] === "-" && value[10] === "T" && value[13] === ":" && value[16] === ":"

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const daysOf = (year: number, month: number): number =>
  month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : (DAYS[month - 1] ?? 0)

const wholeSeconds = (value: string): number => {
  const year = digits(value, 0, 4)
  const month = digits(value, 5, 7)
  const day = digits(value, 8, 10)
  const hour = digits(value, 11, 13)
  const minute = digits(value, 14, 16)
  const second = digits(value, 17, 19)
  // Date.UTC takes the years of the first century for others.
  if (year < 100 || day < 1 || day > daysOf(year, month)) throw notPlain
  if (hour > 23 || minute > 59 || second > 59) throw notPlain
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

const instantOf = (millis: number, micros: number): Instant => {
  const number = millis * 1000 + micros
  return (Number.isSafeInteger(number) ? BigInt(number) : BigInt(millis) * 1000n + BigInt(micros)) as Instant
}

const instant = (value: unknown): Instant => {
  if (typeof value !== "string" || !isShapedAsTime(value)) throw notPlain
  const millis = wholeSeconds(value)
  if (value.length === 19 || (value.length === 20 && value[19] === "Z")) return instantOf(millis, 0)
  if (value.length !== 27 || value[19] !== "." || value[26] !== "Z") throw notPlain
  return instantOf(millis, digits(value, 20, 26))
}

const gigabytes = (value: unknown) => {
  if (typeof value !== "number" || !(value >= 0 && value <= 1e9)) throw notPlain
  return { unit: "gigabytes" as const, value }
}

const datastore = (value: unknown): Datastore => {
  if (!Predicate.isRecord(value)) throw notPlain
  return {
    type: named(value.type, 255),
    version: optional(value.version, text255),
    versionId: optional(value.version_id, text255)
  }
}

const status = (value: unknown): BackupStatus => {
  if (typeof value !== "string" || !statuses.has(value)) throw notPlain
  return value as BackupStatus
}

type Members = Readonly<Record<string, unknown>>

const backup = (value: Members): Backup => ({
  id: backupId(value.id),
  name: named(value.name, 255),
  description: optional(value.description, text16384),
  status: status(value.status),
  created: instant(value.created),
  updated: instant(value.updated),
  size: optional(value.size, gigabytes),
  instanceId: optional(value.instance_id, instanceId),
  parentId: optional(value.parent_id, backupId),
  locationRef: optional(value.locationRef, text4096),
  datastore: optional(value.datastore, datastore)
})

// Written out once more: a copy of an object with more members costs more than reading them.
const sourced = (value: Members): SourcedBackup => ({
  id: backupId(value.id),
  name: named(value.name, 255),
  description: optional(value.description, text16384),
  status: status(value.status),
  created: instant(value.created),
  updated: instant(value.updated),
  size: optional(value.size, gigabytes),
  instanceId: optional(value.instance_id, instanceId),
  parentId: optional(value.parent_id, backupId),
  locationRef: optional(value.locationRef, text4096),
  datastore: optional(value.datastore, datastore),
  nativeId: optional(value.native_id, named1024),
  nativeParentId: optional(value.native_parent_id, named1024),
  suspect: optional(value.suspect, named1024)
})

/** Reads what is plain by itself, and everything else, with what is wrong with it, by the schema. */
const orBySchema =
  <A, E>(plain: (value: Members) => A, decode: (value: unknown) => Either.Either<A, E>) =>
  (value: unknown): Either.Either<A, E> => {
    if (!Predicate.isRecord(value)) return decode(value)
    try {
      return Either.right(plain(value))
    } catch {
      return decode(value)
    }
  }

/** The same as `decodeSourcedBackup`, at a fraction of its cost where the record is plain. */
export const decodeSourcedBackupFast = orBySchema(sourced, decodeSourcedBackup)

const isAccountId = Schema.is(AccountId)

const accountId = (value: unknown): AccountId => {
  if (!isAccountId(value)) throw notPlain
  return value
}

const listed = (value: Members): Backup => {
  const projectId = "project_id" in value ? { projectId: accountId(value.project_id) } : undefined
  const retiredAt = "retired_at" in value ? { retiredAt: instant(value.retired_at) } : undefined
  return projectId === undefined && retiredAt === undefined
    ? backup(value)
    : { ...backup(value), ...projectId, ...retiredAt }
}

/** The same as `decodeBackup`, at a fraction of its cost where the record is plain. */
export const decodeBackupFast = orBySchema(listed, decodeBackup)

const orNull = Option.getOrNull

const encodeDatastore = ({ type, version, versionId }: Datastore) => ({
  type,
  version: orNull(version),
  version_id: orNull(versionId)
})

/**
 * The record of a backup that is known to be one, as a store keeps it: the same as `encodeBackup` gives, at a fraction
 * of its cost, with `id` last, and without what only an answer has (`project_id`, `retired_at`).
 */
export const encodeStoredBackup = (backup: Backup): Omit<BackupRecord, "project_id" | "retired_at"> => {
  const { id, name, status } = backup
  const description = orNull(backup.description)
  const created = formatInstant(backup.created)
  const updated = formatInstant(backup.updated)
  const size = Option.isNone(backup.size) ? null : sizeInGigabytes(backup.size.value)
  const instance_id = orNull(backup.instanceId)
  const parent_id = orNull(backup.parentId)
  const locationRef = orNull(backup.locationRef)
  // Written out: objects that are put together from others are many times as slow.
  return Option.isNone(backup.datastore)
    ? { name, description, status, created, updated, size, instance_id, parent_id, locationRef, id }
    : {
        name,
        description,
        status,
        created,
        updated,
        size,
        instance_id,
        parent_id,
        locationRef,
        datastore: encodeDatastore(backup.datastore.value),
        id
      }
}

/** The same as `encodeBackup`, at a fraction of its cost, for a backup that is known to be one. */
export const encodeKnownBackup = (backup: Backup): BackupRecord => {
  const { id, ...members } = encodeStoredBackup(backup)
  return {
    id,
    ...members,
    ...(backup.projectId === undefined ? {} : { project_id: backup.projectId }),
    ...(backup.retiredAt === undefined ? {} : { retired_at: formatInstant(backup.retiredAt) })
  }
}
