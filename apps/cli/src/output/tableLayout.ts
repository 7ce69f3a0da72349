import type { Column } from "../rows/Column.ts"
import type { Room } from "../rows/Shape.ts"

/** A column with its number of terminal columns. */
export interface SizedColumn<Row> {
  readonly column: Column<Row>
  readonly width: number
}

/** A column of a line; `cut` says that what is wider than the column may be cut, else it reaches beyond it. */
export interface PlacedColumn<Row> extends SizedColumn<Row> {
  readonly cut: boolean
}

/** How a table is laid out: what stands in a line, what stands on a line of its own below it, and what is left out. */
export interface TableLayout<Row> {
  readonly line: ReadonlyArray<PlacedColumn<Row>>
  readonly below: Column<Row> | undefined
  readonly hidden: ReadonlyArray<Column<Row>>
}

/** The space between two columns. */
export const GAP = 2

const widthOf = (columns: ReadonlyArray<{ readonly width: number }>): number =>
  columns.reduce((sum, { width }) => sum + width, GAP * Math.max(0, columns.length - 1))

/** The columns with the widest ones made narrower until they fit, or as narrow as they may become. */
const shrink = <Row>(
  columns: ReadonlyArray<SizedColumn<Row>>,
  room: number,
  { least }: Room
): ReadonlyArray<SizedColumn<Row>> => {
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

/** The columns as narrow as they must be, without as many of the dispensable ones as must go; at worst all of those. */
const dispense = <Row>(
  columns: ReadonlyArray<SizedColumn<Row>>,
  room: number,
  rules: Room,
  dispensable: ReadonlyArray<string>
): ReadonlyArray<SizedColumn<Row>> => {
  for (let count = 0; ; count++) {
    const left = shrink(
      columns.filter(({ column }) => !dispensable.slice(0, count).includes(column.name)),
      room,
      rules
    )
    if (widthOf(left) <= room || count === dispensable.length) return left
  }
}

const placed = <Row>(
  columns: ReadonlyArray<SizedColumn<Row>>,
  limited: boolean,
  { least }: Room
): ReadonlyArray<PlacedColumn<Row>> =>
  columns.map((sized) => ({ ...sized, cut: limited && Object.hasOwn(least, sized.column.name) }))

/**
 * The layout of columns, given with the widths of the first rows, in so much room; without a limit when it is
 * undefined.
 *
 * The widest columns are made narrower first. Columns that were not picked by name may then be left out, and where
 * even that is not enough one, such as the id, which is never cut, moves to a line of its own.
 */
export const layOut = <Row>(
  first: ReadonlyArray<SizedColumn<Row>>,
  room: number | undefined,
  picked: boolean,
  rules: Room
): TableLayout<Row> => {
  const columns = first.map(({ column, width }) => ({ column, width: Math.max(width, rules.usual[column.name] ?? 0) }))
  const whole = { line: placed(columns, room !== undefined, rules), below: undefined, hidden: [] }
  if (room === undefined || widthOf(columns) <= room) return whole
  if (picked) return { ...whole, line: placed(shrink(columns, room, rules), true, rules) }
  const hiddenBy = (line: ReadonlyArray<SizedColumn<Row>>) =>
    columns.map(({ column }) => column).filter((column) => !line.some((sized) => sized.column === column))
  const line = dispense(columns, room, rules, rules.dispensable)
  if (widthOf(line) <= room) return { line: placed(line, true, rules), below: undefined, hidden: hiddenBy(line) }
  const below = columns.find(({ column }) => column.name === rules.below)?.column
  const upper = dispense(
    columns.filter(({ column }) => column !== below),
    room,
    rules,
    rules.dispensableAtLast
  )
  return { line: placed(upper, true, rules), below, hidden: hiddenBy(upper).filter((column) => column !== below) }
}
