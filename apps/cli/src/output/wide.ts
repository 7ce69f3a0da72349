import { columnsNamed } from "../Column.ts"
import type { OutputFormat } from "./OutputFormat.ts"
import { listAsTable } from "./table.ts"
import { showVertically } from "./vertical.ts"

const defaults = columnsNamed(
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
  "description"
)

/** A table of everything, cut nowhere. */
export const wide: OutputFormat = {
  name: "wide",
  summary: "a table of everything, cut nowhere",
  forPeople: true,
  list: (options) =>
    listAsTable(options.picked ?? (options.projects ? [...defaults, ...columnsNamed("project_id")] : defaults), {
      ...options,
      width: undefined
    }),
  show: showVertically
}
