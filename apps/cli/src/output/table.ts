import { styleText } from "node:util"
import { type Column, columnsNamed, humanCell, type Row } from "../Column.ts"
import { displayWidth, truncate } from "../displayWidth.ts"
import type { ListWriter, OutputFormat, OutputOptions } from "./OutputFormat.ts"
import { colourStatus } from "./statusColour.ts"
import { GAP, layOut, type TableLayout } from "./tableLayout.ts"
import { showVertically } from "./vertical.ts"

const defaults = columnsNamed("name", "status", "age", "size", "datastore", "instance_id", "id")
const defaultsWithProject = columnsNamed(
  "name",
  "status",
  "age",
  "size",
  "datastore",
  "project_id",
  "instance_id",
  "id"
)

const title = ({ name }: Column): string => name.toUpperCase()

const measure = (columns: ReadonlyArray<Column>, rows: ReadonlyArray<Row>, { header, width, picked }: OutputOptions) =>
  layOut(
    columns.map((column) => ({
      column,
      width: rows.reduce(
        (most, row) => Math.max(most, displayWidth(humanCell(column, row))),
        header ? title(column).length : 0
      )
    })),
    width,
    picked !== undefined
  )

/** A list as a table of these columns; the first rows decide the widths, so that later ones need not be waited for. */
export const listAsTable = (columns: ReadonlyArray<Column>, options: OutputOptions): ListWriter => {
  let layout: TableLayout | undefined

  const line = (
    { line, below }: TableLayout,
    text: (column: Column) => string,
    style: (column: Column, cell: string) => string
  ) => {
    let written = ""
    let at = 0
    let place = 0
    for (const { column, width, cut } of line) {
      // Where a cell before reached beyond its column, the gap stays, and later cells find back to their places.
      const gap = place === 0 ? 0 : Math.max(GAP, place - at)
      const shown = cut ? truncate(text(column), width) : text(column)
      written += " ".repeat(gap) + style(column, shown)
      at += gap + displayWidth(shown)
      place += width + GAP
    }
    return `${written}\n${below === undefined ? "" : `  ${style(below, text(below))}\n`}`
  }

  return {
    rows: (rows) => {
      if (rows.length === 0) return ""
      const first = layout === undefined
      layout ??= measure(columns, [...(options.foreseen ?? []), ...rows], options)
      const now = layout
      const bold = (_: Column, cell: string) =>
        options.colour ? styleText("bold", cell, { validateStream: false }) : cell
      const header = first && options.header ? line(now, title, bold) : ""
      const body = rows.map((row) =>
        line(
          now,
          (column) => humanCell(column, row),
          (column, cell) => (options.colour && column.name === "status" ? colourStatus(row.backup.status, cell) : cell)
        )
      )
      return header + body.join("")
    },
    note: () =>
      layout === undefined || layout.hidden.length === 0
        ? undefined
        : `Not shown for want of room: ${layout.hidden.map(({ name }) => name).join(" ")} (-o wide shows everything, -c picks).`
  }
}

/** The columns that a person needs, in the width of the terminal. */
export const table: OutputFormat = {
  name: "table",
  summary: "what a person needs, in the width of the terminal",
  forPeople: true,
  list: (options) => listAsTable(options.picked ?? (options.projects ? defaultsWithProject : defaults), options),
  show: showVertically
}
