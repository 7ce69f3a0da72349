import type { Column } from "../Column.ts"

/** A column with its number of terminal columns. */
export interface SizedColumn {
  readonly column: Column
  readonly width: number
}

/** A column of a line; `cut` says that what is wider than the column may be cut, else it reaches beyond it. */
export interface PlacedColumn extends SizedColumn {
  readonly cut: boolean
}

/** How a table is laid out: what stands in a line, what stands on a line of its own below it, and what is left out. */
export interface TableLayout {
  readonly line: ReadonlyArray<PlacedColumn>
  readonly below: Column | undefined
  readonly hidden: ReadonlyArray<Column>
}

/** The space between two columns. */
export const GAP = 2

// Columns that may be cut, and how narrow they may become before the table does without them. With 11 for the name,
// 80 columns have room for name, status, age, size and id.
const least: Readonly<Record<string, number>> = { name: 11, description: 12, locationRef: 12, datastore: 8 }

// What the widest usual value of a column takes: DELETE_FAILED, 364d, 1023 GiB, a UUID. The first rows decide the widths
// and need not have one, but a later one will.
const usual: Readonly<Record<string, number>> = {
  ...least,
  status: 13,
  age: 4,
  size: 8,
  id: 36,
  instance_id: 36,
  parent_id: 36,
  project_id: 32
}

// What a narrow table does without, first to last; and what it does so only once the id is on a line of its own.
const dispensable = ["instance_id", "datastore", "size"]
const dispensableAtLast = [...dispensable, "project_id"]

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

/** The columns as narrow as they must be, without as many of the dispensable ones as must go; at worst all of those. */
const dispense = (
  columns: ReadonlyArray<SizedColumn>,
  room: number,
  dispensable: ReadonlyArray<string>
): ReadonlyArray<SizedColumn> => {
  for (let count = 0; ; count++) {
    const left = shrink(
      columns.filter(({ column }) => !dispensable.slice(0, count).includes(column.name)),
      room
    )
    if (widthOf(left) <= room || count === dispensable.length) return left
  }
}

const placed = (columns: ReadonlyArray<SizedColumn>, limited: boolean): ReadonlyArray<PlacedColumn> =>
  columns.map((sized) => ({ ...sized, cut: limited && Object.hasOwn(least, sized.column.name) }))

/**
 * The layout of columns, given with the widths of the first rows, in so much room; without a limit when it is undefined.
 *
 * The widest columns are made narrower first. Columns that were not picked by name may then be left out, and where
 * even that is not enough the id, which is never cut, moves to a line of its own.
 */
export const layOut = (first: ReadonlyArray<SizedColumn>, room: number | undefined, picked: boolean): TableLayout => {
  const columns = first.map(({ column, width }) => ({ column, width: Math.max(width, usual[column.name] ?? 0) }))
  const whole = { line: placed(columns, room !== undefined), below: undefined, hidden: [] }
  if (room === undefined || widthOf(columns) <= room) return whole
  if (picked) return { ...whole, line: placed(shrink(columns, room), true) }
  const hiddenBy = (line: ReadonlyArray<SizedColumn>) =>
    columns.map(({ column }) => column).filter((column) => !line.some((sized) => sized.column === column))
  const line = dispense(columns, room, dispensable)
  if (widthOf(line) <= room) return { line: placed(line, true), below: undefined, hidden: hiddenBy(line) }
  const below = columns.find(({ column }) => column.name === "id")?.column
  const upper = dispense(
    columns.filter(({ column }) => column !== below),
    room,
    dispensableAtLast
  )
  return { line: placed(upper, true), below, hidden: hiddenBy(upper).filter((column) => column !== below) }
}
