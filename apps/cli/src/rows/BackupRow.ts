import {
  type Backup,
  type BackupRecord,
  type BackupStatus,
  encodeKnownBackup,
  instantToMillis,
  sizeInBytes
} from "@backup-catalog/core"
import { Option } from "effect"
import { formatAge } from "./Age.ts"
import { type Column, named } from "./Column.ts"
import { datastoreColumn } from "./datastoreColumn.ts"
import type { Colour, Room, Shape } from "./Shape.ts"
import { formatSize } from "./Size.ts"

/** A backup with all that a column may show of it; `now` is in milliseconds since 1970. */
export interface BackupRow {
  readonly backup: Backup
  readonly record: BackupRecord
  readonly now: number
}

/** The row of a backup. */
export const makeRow = (backup: Backup, now: number): BackupRow => ({ backup, record: encodeKnownBackup(backup), now })

const ageOf = ({ backup, now }: BackupRow): number => now - instantToMillis(backup.created)

const zoned = (time: string | null | undefined): string | null => (time == null ? null : `${time}Z`)

/** Every column, in the order of the contract; the derived ones behind those of the record. */
export const backupColumns: ReadonlyArray<Column<BackupRow>> = [
  { name: "id", value: ({ record }) => record.id },
  { name: "name", value: ({ record }) => record.name },
  { name: "description", value: ({ record }) => record.description ?? null },
  { name: "status", value: ({ record }) => record.status },
  { name: "created", value: ({ record }) => record.created, human: ({ record }) => zoned(record.created) },
  { name: "updated", value: ({ record }) => record.updated, human: ({ record }) => zoned(record.updated) },
  {
    name: "size",
    value: ({ record }) => record.size ?? null,
    human: ({ backup }) =>
      Option.match(backup.size, { onNone: () => null, onSome: (size) => formatSize(sizeInBytes(size)) })
  },
  { name: "instance_id", value: ({ record }) => record.instance_id ?? null },
  { name: "parent_id", value: ({ record }) => record.parent_id ?? null },
  { name: "locationRef", value: ({ record }) => record.locationRef ?? null },
  datastoreColumn,
  { name: "datastore_version", value: ({ record }) => record.datastore?.version ?? null },
  { name: "datastore_version_id", value: ({ record }) => record.datastore?.version_id ?? null },
  { name: "project_id", value: ({ record }) => record.project_id ?? null },
  {
    name: "retired_at",
    value: ({ record }) => record.retired_at ?? null,
    human: ({ record }) => zoned(record.retired_at)
  },
  { name: "age", value: (row) => Math.floor(ageOf(row) / 1000), human: (row) => formatAge(ageOf(row)) },
  {
    name: "size_bytes",
    value: ({ backup }) =>
      Option.match(backup.size, { onNone: () => null, onSome: (size) => Number(sizeInBytes(size)) })
  }
]

const colours: Readonly<Record<BackupStatus, Colour>> = {
  NEW: "yellow",
  BUILDING: "yellow",
  SAVING: "yellow",
  COMPLETED: "green",
  RESTORED: "green",
  FAILED: "red",
  DELETE_FAILED: "red"
}

/** The colour of a status: green is good, yellow is under way, red is lost. */
export const colourOfStatus = (status: BackupStatus): Colour => colours[status]

// With 11 for the name, 80 columns have room for name, status, age, size and id.
const least = { name: 11, description: 12, locationRef: 12, datastore: 8 }

// DELETE_FAILED, 364d, 1023 GiB, a UUID.
const room: Room = {
  least,
  usual: {
    ...least,
    status: 13,
    age: 4,
    size: 8,
    id: 36,
    instance_id: 36,
    parent_id: 36,
    project_id: 32,
    retired_at: 20
  },
  dispensable: ["instance_id", "datastore", "size"],
  below: "id",
  dispensableAtLast: ["instance_id", "datastore", "size", "project_id"]
}

const of = (...names: ReadonlyArray<string>) => named(backupColumns, ...names)

/** What the lists of backups show besides: which account each is of, and when it was retired. */
export interface Besides {
  readonly projects?: boolean
  readonly retired?: boolean
}

/** The shape of backups. */
export const backupShape = ({ projects = false, retired = false }: Besides = {}): Shape<BackupRow> => {
  const besides = [...(projects ? ["project_id"] : []), ...(retired ? ["retired_at"] : [])]
  return {
    columns: backupColumns,
    table: of("name", "status", "age", "size", "datastore", ...besides, "instance_id", "id"),
    wide: of(
      "id",
      "name",
      "status",
      "created",
      "updated",
      "size",
      "datastore",
      "instance_id",
      "parent_id",
      "locationRef",
      "description",
      ...besides
    ),
    vertical: of(
      "id",
      "name",
      "description",
      "status",
      "created",
      "age",
      "updated",
      "size",
      "datastore",
      "datastore_version_id",
      "instance_id",
      "parent_id",
      "locationRef"
    ),
    flat: of(
      "id",
      "name",
      "description",
      "status",
      "created",
      "updated",
      "size",
      "instance_id",
      "parent_id",
      "locationRef",
      "datastore",
      "datastore_version",
      "datastore_version_id",
      ...besides
    ),
    record: ({ record }) => record,
    colour: (name, { backup }) => (name === "status" ? colourOfStatus(backup.status) : undefined),
    room
  }
}
