import { type Column, columnsNamed } from "../Column.ts"
import type { OutputOptions } from "./OutputFormat.ts"

const whole = columnsNamed(
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
  "datastore_version_id"
)

/** The columns that were picked, else those that hold a whole record without nesting. */
export const recordColumns = ({ picked, projects }: OutputOptions): ReadonlyArray<Column> =>
  picked ?? (projects ? [...whole, ...columnsNamed("project_id")] : whole)
