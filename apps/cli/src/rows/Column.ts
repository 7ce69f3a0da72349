import { escapeText } from "../terminal/escapeText.ts"

/** One property of a row that an output can show. */
export interface Column<Row> {
  /** What it is called on the command line, in headers and as a member: the wire's name where there is one. */
  readonly name: string
  /** The value for a program, as in the record; null when it is unknown. */
  readonly value: (row: Row) => string | number | null
  /** The text for a person, where the value is not that. */
  readonly human?: (row: Row) => string | null
  /** The member of a record, where the value is not that; undefined leaves it out. */
  readonly member?: (row: Row) => unknown
}

/** The columns of some names, in that order; a name that none has is left out. */
export const named = <Row>(
  columns: ReadonlyArray<Column<Row>>,
  ...names: ReadonlyArray<string>
): ReadonlyArray<Column<Row>> => names.flatMap((name) => columns.find((column) => column.name === name) ?? [])

/** The text of a cell for a program: the value, escaped; empty when it is unknown. */
export const plainCell = <Row>(column: Column<Row>, row: Row): string => {
  const value = column.value(row)
  return value === null ? "" : escapeText(String(value))
}

/** The text of a cell for a person: escaped, and `-` when it is unknown. */
export const humanCell = <Row>(column: Column<Row>, row: Row): string => {
  const text = column.human === undefined ? column.value(row) : column.human(row)
  return text === null ? "-" : escapeText(String(text))
}

/** An object of the columns alone. */
export const membersOf = <Row>(row: Row, columns: ReadonlyArray<Column<Row>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    columns.flatMap(({ name, value, member }) => {
      const shown = member === undefined ? value(row) : member(row)
      return shown === undefined ? [] : [[name, shown]]
    })
  )
