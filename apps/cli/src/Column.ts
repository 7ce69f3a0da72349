import { type Backup, type BackupRecord, encodeBackup, instantToMillis, sizeInBytes } from "@backup-catalog/core"
import { Either, Option } from "effect"
import { formatAge } from "./Age.ts"
import { escapeText } from "./escapeText.ts"
import { formatSize } from "./Size.ts"
import { UsageError } from "./UsageError.ts"

/** A backup with all that a column may show of it; `now` is in milliseconds since 1970. */
export interface Row {
  readonly backup: Backup
  readonly record: BackupRecord
  readonly now: number
}

/** The row of a backup. */
export const makeRow = (backup: Backup, now: number): Row => ({ backup, record: encodeBackup(backup), now })

/** One property of a backup that an output can show. */
export interface Column {
  /** What it is called on the command line, in headers and as a member: the wire's name where there is one. */
  readonly name: string
  /** The value for a program, as in the record; null when it is unknown. */
  readonly value: (row: Row) => string | number | null
  /** The text for a person, where the value is not that. */
  readonly human?: (row: Row) => string | null
  /** The member of a record, where the value is not that; undefined leaves it out. */
  readonly member?: (row: Row) => unknown
}

const ageOf = ({ backup, now }: Row): number => now - instantToMillis(backup.created)

/** Every column, in the order of the contract; the derived ones behind those of the record. */
export const columns: ReadonlyArray<Column> = [
  { name: "id", value: ({ record }) => record.id },
  { name: "name", value: ({ record }) => record.name },
  { name: "description", value: ({ record }) => record.description ?? null },
  { name: "status", value: ({ record }) => record.status },
  { name: "created", value: ({ record }) => record.created, human: ({ record }) => `${record.created}Z` },
  { name: "updated", value: ({ record }) => record.updated, human: ({ record }) => `${record.updated}Z` },
  {
    name: "size",
    value: ({ record }) => record.size ?? null,
    human: ({ backup }) =>
      Option.match(backup.size, { onNone: () => null, onSome: (size) => formatSize(sizeInBytes(size)) })
  },
  { name: "instance_id", value: ({ record }) => record.instance_id ?? null },
  { name: "parent_id", value: ({ record }) => record.parent_id ?? null },
  { name: "locationRef", value: ({ record }) => record.locationRef ?? null },
  {
    name: "datastore",
    value: ({ record }) => record.datastore?.type ?? null,
    human: ({ record: { datastore } }) =>
      datastore == null ? null : datastore.version == null ? datastore.type : `${datastore.type} ${datastore.version}`,
    member: ({ record }) => record.datastore
  },
  { name: "datastore_version", value: ({ record }) => record.datastore?.version ?? null },
  { name: "datastore_version_id", value: ({ record }) => record.datastore?.version_id ?? null },
  { name: "project_id", value: ({ record }) => record.project_id ?? null },
  { name: "age", value: (row) => Math.floor(ageOf(row) / 1000), human: (row) => formatAge(ageOf(row)) },
  {
    name: "size_bytes",
    value: ({ backup }) =>
      Option.match(backup.size, { onNone: () => null, onSome: (size) => Number(sizeInBytes(size)) })
  }
]

/** The names of every column. */
export const columnNames: ReadonlyArray<string> = columns.map(({ name }) => name)

const byName = new Map(columns.map((column) => [column.name, column]))

/** The columns of some names that are known to exist, in that order. */
export const columnsNamed = (...names: ReadonlyArray<string>): ReadonlyArray<Column> =>
  names.flatMap((name) => byName.get(name) ?? [])

/** The columns that a person picked, names also with commas between them; undefined when nothing was picked. */
export const parseColumns = (
  picked: ReadonlyArray<string>
): Either.Either<ReadonlyArray<Column> | undefined, UsageError> => {
  const names = picked.flatMap((text) => text.split(","))
  const unknown = names.find((name) => !byName.has(name))
  if (unknown !== undefined) {
    const message = `The column ${unknown === "" ? '""' : unknown} is not known; there are ${columnNames.join(" ")}.`
    return Either.left(new UsageError({ message }))
  }
  return Either.right(names.length === 0 ? undefined : columnsNamed(...new Set(names)))
}

/** The text of a cell for a program: the value, escaped; empty when it is unknown. */
export const plainCell = (column: Column, row: Row): string => {
  const value = column.value(row)
  return value === null ? "" : escapeText(String(value))
}

/** The text of a cell for a person: escaped, and `-` when it is unknown. */
export const humanCell = (column: Column, row: Row): string => {
  const text = column.human === undefined ? column.value(row) : column.human(row)
  return text === null ? "-" : escapeText(String(text))
}

/** The record of a row in its wire form, or an object of the picked columns alone. */
export const recordOf = (row: Row, picked: ReadonlyArray<Column> | undefined): Readonly<Record<string, unknown>> =>
  picked === undefined
    ? row.record
    : Object.fromEntries(
        picked.flatMap(({ name, value, member }) => {
          const shown = member === undefined ? value(row) : member(row)
          return shown === undefined ? [] : [[name, shown]]
        })
      )
