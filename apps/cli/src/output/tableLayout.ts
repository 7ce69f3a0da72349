import type { Column } from "../Column.ts"

/** A column with its number of terminal columns. */
export interface SizedColumn {
  readonly column: Column
  readonly width: number
}

/** How a table is laid out: what stands in a line, what stands on a line of its own below it, and what is left out. */
export interface TableLayout {
  readonly line: ReadonlyArray<SizedColumn>
  readonly below: Column | undefined
  readonly hidden: ReadonlyArray<Column>
}

/** The space between two columns. */
export const GAP = 2

// How narrow a column may become before the table does without it; any other is shown whole, above all the id.
const least: Readonly<Record<string, number>> = {
  name: 12,
  description: 12,
  locationRef: 12,
  datastore: 8,
  instance_id: 8,
  parent_id: 8
}

// What a narrow table does without, first to last.
const dispensable = ["instance_id", "datastore", "size"]

const widthOf = (columns: ReadonlyArray<SizedColumn>): number =>
  columns.reduce((sum, { width }) => sum + width, GAP * Math.max(0, columns.length - 1))

/** The columns with the widest ones made narrower until they fit, or as narrow as they may become. */
const shrink = (columns: ReadonlyArray<SizedColumn>, room: number): ReadonlyArray<SizedColumn> => {
  const shrunk = columns.map((sized) => ({ ...sized }))
  for (let excess = widthOf(shrunk) - room; excess > 0; excess--) {
    const widest = shrunk
      .filter(({ column, width }) => width > (least[column.name] ?? Number.POSITIVE_INFINITY))
      .reduce<{ width: number } | undefined>((most, one) => (most && most.width >= one.width ? most : one), undefined)
    if (widest === undefined) break
    widest.width--
  }
  return shrunk
}

const dispense = (columns: ReadonlyArray<SizedColumn>, room: number): ReadonlyArray<SizedColumn> | undefined => {
  for (let count = 0; count <= dispensable.length; count++) {
    const left = shrink(
      columns.filter(({ column }) => !dispensable.slice(0, count).includes(column.name)),
      room
    )
    if (widthOf(left) <= room) return left
  }
  return undefined
}

/**
 * The layout of columns, given with their natural widths, in so much room; without a limit when it is undefined.
 *
 * The widest columns are made narrower first. Columns that were not picked by name may then be left out, and where
 * even that is not enough the id, which is never cut, moves to a line of its own.
 */
export const layOut = (columns: ReadonlyArray<SizedColumn>, room: number | undefined, picked: boolean): TableLayout => {
  const whole = { line: columns, below: undefined, hidden: [] }
  if (room === undefined || widthOf(columns) <= room) return whole
  if (picked) return { ...whole, line: shrink(columns, room) }
  const hiddenBy = (line: ReadonlyArray<SizedColumn>) =>
    columns.map(({ column }) => column).filter((column) => !line.some((sized) => sized.column === column))
  const line = dispense(columns, room)
  if (line !== undefined) return { line, below: undefined, hidden: hiddenBy(line) }
  const below = columns.find(({ column }) => column.name === "id")?.column
  const rest = columns.filter(({ column }) => column !== below)
  const upper = dispense(rest, room) ?? shrink(rest, room)
  return { line: upper, below, hidden: hiddenBy(upper).filter((column) => column !== below) }
}
