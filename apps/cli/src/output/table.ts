import { type Column, humanCell } from "../rows/Column.ts"
import type { Room, Shape } from "../rows/Shape.ts"
import { displayWidth, truncate } from "../terminal/displayWidth.ts"
import { colourText } from "./colourText.ts"
import type { ListWriter, OutputFormat, OutputOptions } from "./OutputFormat.ts"
import { GAP, layOut, type TableLayout } from "./tableLayout.ts"
import { showVertically } from "./vertical.ts"

/** What of an output a table is made by. */
type TableOptions<Row> = Omit<OutputOptions<Row>, "shape"> & { readonly shape: Pick<Shape<Row>, "colour" | "room"> }

const title = ({ name }: { readonly name: string }): string => name.toUpperCase()

const measure = <Row>(
  columns: ReadonlyArray<Column<Row>>,
  rows: ReadonlyArray<Row>,
  { header, width, picked, shape }: TableOptions<Row>
) =>
  layOut(
    columns.map((column) => ({
      column,
      width: rows.reduce(
        (most, row) => Math.max(most, displayWidth(humanCell(column, row))),
        header ? title(column).length : 0
      )
    })),
    width,
    picked !== undefined,
    shape.room
  )

/** A list as a table of these columns; the first rows decide the widths, so that later ones need not be waited for. */
export const listAsTable = <Row>(columns: ReadonlyArray<Column<Row>>, options: TableOptions<Row>): ListWriter<Row> => {
  const { shape, colour } = options
  let layout: TableLayout<Row> | undefined

  const line = (
    { line, below }: TableLayout<Row>,
    text: (column: Column<Row>) => string,
    style: (column: Column<Row>, cell: string) => string
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
      const bold = (_: Column<Row>, cell: string) => colourText(colour ? "bold" : undefined, cell)
      const header = first && options.header ? line(now, title, bold) : ""
      const body = rows.map((row) =>
        line(
          now,
          (column) => humanCell(column, row),
          (column, cell) => colourText(colour ? shape.colour(column.name, row) : undefined, cell)
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

/** Rows that have no other form as a table of these columns, in so much room. */
export const tableOf = <Row>(
  columns: ReadonlyArray<Column<Row>>,
  rows: ReadonlyArray<Row>,
  width: number | undefined,
  { least, below = "" }: Pick<Room, "least"> & Partial<Pick<Room, "below">>
): string => {
  const room: Room = { least, usual: {}, dispensable: [], below, dispensableAtLast: [] }
  const shape = { colour: () => undefined, room }
  return listAsTable(columns, { shape, picked: undefined, header: true, width, colour: false }).rows(rows)
}

/** The columns that a person needs, in the width of the terminal. */
export const table: OutputFormat = {
  name: "table",
  summary: "what a person needs, in the width of the terminal",
  forPeople: true,
  list: (options) => listAsTable(options.picked ?? options.shape.table, options),
  show: showVertically
}
