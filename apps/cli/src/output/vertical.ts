import { type Column, columnsNamed, humanCell, type Row } from "../Column.ts"
import { pad } from "../displayWidth.ts"
import type { OutputOptions } from "./OutputFormat.ts"
import { colourStatus } from "./statusColour.ts"

const defaults = columnsNamed(
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
)

/** One backup for a person: a property a line, with its name unless the header is unwanted. */
export const showVertically =
  ({ picked = defaults, header, colour }: OutputOptions) =>
  (row: Row): string => {
    const width = Math.max(...picked.map(({ name }) => name.length)) + 2
    const cell = (column: Column) => {
      const text = humanCell(column, row)
      return colour && column.name === "status" ? colourStatus(row.backup.status, text) : text
    }
    return picked.map((column) => `${header ? pad(column.name, width) : ""}${cell(column)}\n`).join("")
  }
