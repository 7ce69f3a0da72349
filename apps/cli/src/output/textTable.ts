import { displayWidth, pad, truncate } from "../terminal/displayWidth.ts"
import { escapeText } from "../terminal/escapeText.ts"

/** A column of a table of texts. */
export interface TextColumn {
  readonly title: string
  /** How narrow it may become; where this is left out it is never cut. */
  readonly least?: number
  /** Whether it moves to a line of its own below where there is no room for it. */
  readonly below?: boolean
}

const GAP = "  "

const widthOf = (widths: ReadonlyArray<number>): number =>
  widths.reduce((sum, width) => sum + width, GAP.length * Math.max(0, widths.length - 1))

/** The widths of columns with the widest ones made narrower until they fit, or as narrow as they may become. */
const shrink = (columns: ReadonlyArray<TextColumn>, natural: ReadonlyArray<number>, room: number): Array<number> => {
  const widths = [...natural]
  for (let excess = widthOf(widths) - room; excess > 0; excess--) {
    let widest: number | undefined
    for (const [n, { least }] of columns.entries()) {
      const width = widths[n] ?? 0
      if (least !== undefined && width > least && width > (widest === undefined ? 0 : (widths[widest] ?? 0))) widest = n
    }
    if (widest === undefined) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

/**
 * Rows of texts as a table in so much room, without a limit when it is undefined; control characters made visible. What
 * may be cut is cut, and where that is not enough one column stands below.
 */
export const textTable = (
  columns: ReadonlyArray<TextColumn>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  room: number | undefined
): string => {
  const escaped = rows.map((row) => row.map(escapeText))
  const naturalOf = (n: number) =>
    escaped.reduce((most, row) => Math.max(most, displayWidth(row[n] ?? "")), columns[n]?.title.length ?? 0)
  const all = columns.map((column, n) => ({ column, n }))
  const widthsOf = (some: typeof all) =>
    shrink(
      some.map(({ column }) => column),
      some.map(({ n }) => naturalOf(n)),
      room ?? Number.POSITIVE_INFINITY
    )
  const fits = room === undefined || widthOf(widthsOf(all)) <= room
  const inLine = fits ? all : all.filter(({ column }) => column.below !== true)
  const below = fits ? [] : all.filter(({ column }) => column.below === true)
  const widths = widthsOf(inLine)
  const line = (texts: ReadonlyArray<string>): string => {
    const cells = inLine.map(({ column, n }, at) => {
      const width = widths[at] ?? 0
      const text = texts[n] ?? ""
      return pad(column.least === undefined ? text : truncate(text, width), width)
    })
    const beneath = below.map(({ n }) => `${GAP}${texts[n] ?? ""}\n`)
    return `${cells.join(GAP).trimEnd()}\n${beneath.join("")}`
  }
  return [columns.map(({ title }) => title), ...escaped].map(line).join("")
}
