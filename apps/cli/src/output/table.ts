import { styleText } from "node:util"
import { type Column, columnsNamed, humanCell, type Row } from "../Column.ts"
import { displayWidth, pad, truncate } from "../displayWidth.ts"
import type { ListWriter, OutputFormat, OutputOptions } from "./OutputFormat.ts"
import { colourStatus } from "./statusColour.ts"
import { GAP, layOut, type TableLayout } from "./tableLayout.ts"
import { showVertically } from "./vertical.ts"

const defaults = columnsNamed("name", "status", "age", "size", "datastore", "instance_id", "id")

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
  const cut = options.width !== undefined
  let layout: TableLayout | undefined

  const line = (
    { line, below }: TableLayout,
    text: (column: Column) => string,
    style: (column: Column, cell: string) => string
  ) => {
    const cells = line.map(({ column, width }, index) => {
      const whole = text(column)
      const shown = cut ? truncate(whole, width) : whole
      const last = index === line.length - 1
      return style(column, shown) + (last ? "" : pad("", width + GAP - displayWidth(shown)))
    })
    return `${cells.join("")}\n${below === undefined ? "" : `  ${style(below, text(below))}\n`}`
  }

  return {
    rows: (rows) => {
      if (rows.length === 0) return ""
      const first = layout === undefined
      layout ??= measure(columns, rows, options)
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
  list: (options) => listAsTable(options.picked ?? defaults, options),
  show: showVertically
}
