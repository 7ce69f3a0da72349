import { Origin } from "@backup-catalog/core"
import { Option, Schema } from "effect"
import type { History } from "../reports/historyOf.ts"
import { type BackupRow, backupShape } from "./BackupRow.ts"
import { type Column, named } from "./Column.ts"
import { encodeEvent } from "./EventRow.ts"
import type { Shape } from "./Shape.ts"

/** A backup, and what the catalog knows of where it comes from; undefined where that was not asked, or is not told. */
export interface ShownRow extends BackupRow {
  readonly history: History | undefined
}

const joined = (member: (origin: Origin) => Option.Option<string>) => (row: ShownRow) => {
  const texts = (row.history?.origins ?? []).flatMap((origin) => Option.toArray(member(origin)))
  return texts.length === 0 ? null : texts.join(", ")
}

const originColumns: ReadonlyArray<Column<ShownRow>> = [
  { name: "source", value: joined(({ source }) => Option.some(source)) },
  { name: "native_id", value: joined(({ nativeId }) => nativeId) },
  { name: "native_parent_id", value: joined(({ nativeParentId }) => nativeParentId) },
  { name: "suspect", value: joined(({ suspect }) => suspect) }
]

/** The columns that say where a backup comes from. */
export const originColumnNames: ReadonlySet<string> = new Set(originColumns.map(({ name }) => name))

const encodeOrigin = Schema.encodeSync(Origin)

/** Where a backup comes from and what happened to it, in wire form. */
const historyMembers = ({ origins, events }: History) => ({
  origins: origins.map((origin) => encodeOrigin(origin)),
  history: events.map((event) => encodeEvent(event))
})

/** The shape of a backup that is shown alone; with `events`, its record has all that is known of its past. */
export const shownShape = (events = false): Shape<ShownRow> => {
  const shape = backupShape()
  return {
    ...shape,
    columns: [...shape.columns, ...originColumns],
    vertical: [...shape.vertical, ...named(shape.columns, "retired_at"), ...originColumns],
    record: ({ record, history }) =>
      events && history !== undefined ? { ...record, ...historyMembers(history) } : record
  }
}

/** The same, as people read it: without what says nothing for want of a source. */
export const withoutUnknown = (shape: Shape<ShownRow>, row: ShownRow): Shape<ShownRow> => ({
  ...shape,
  vertical: shape.vertical.filter(
    ({ name, value }) => (name !== "retired_at" && !originColumnNames.has(name)) || value(row) !== null
  )
})
