import { type Column, humanCell } from "../rows/Column.ts"
import { pad } from "../terminal/displayWidth.ts"
import { colourText } from "./colourText.ts"
import type { OutputOptions } from "./OutputFormat.ts"

/** One row for a person: a property a line, with its name unless the header is unwanted. */
export const showVertically =
  <Row>({ shape, picked = shape.vertical, header, colour }: OutputOptions<Row>) =>
  (row: Row): string => {
    const width = Math.max(...picked.map(({ name }) => name.length)) + 2
    const cell = (column: Column<Row>) =>
      colourText(colour ? shape.colour(column.name, row) : undefined, humanCell(column, row))
    return picked.map((column) => `${header ? pad(column.name, width) : ""}${cell(column)}\n`).join("")
  }
