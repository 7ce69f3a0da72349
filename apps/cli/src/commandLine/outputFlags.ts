import type { Flags, Input } from "@backup-catalog/command-line"
import { Either } from "effect"
import type { UsageError } from "../outcomes/UsageError.ts"
import { formatNames, formats, parseFormat } from "../output/formats.ts"
import type { OutputFormat, OutputOptions } from "../output/OutputFormat.ts"
import { type BackupRow, type Besides, backupShape } from "../rows/BackupRow.ts"
import { type Column, named } from "../rows/Column.ts"
import { columnNames, type Shape } from "../rows/Shape.ts"
import type { Screen } from "../terminal/Screen.ts"
import { wordsOf } from "./optionValues.ts"

/** The names of the options that say in which form something is written. */
export type OutputFlag = "output" | "column" | "no-header"

/** A form of output that one command has besides those that all have. */
export interface OwnForm {
  readonly name: string
  /** What it is for, as a fragment. */
  readonly summary: string
}

const example = <Row>({ table }: Shape<Row>): string => {
  const [first, , third] = table.map(({ name }) => name)
  return `-c ${first} -c ${third} or -c ${first},${third}`
}

/** The options that say in which form rows of a shape are written. */
export const outputFlagsOf = <Row>(shape: Shape<Row>, own: ReadonlyArray<OwnForm> = []): Flags<OutputFlag> => ({
  output: {
    short: "o",
    value: "FORMAT",
    help: `How it is written: ${[...formats, ...own].map(({ name, summary }) => `${name} (${summary})`).join(", ")}. Default ${formatNames[0]}.`,
    choices: [...formatNames, ...own.map(({ name }) => name)]
  },
  column: {
    short: "c",
    value: "COLUMN",
    repeatable: true,
    help: `Only these, in this order, as in ${example(shape)}. There are ${columnNames(shape).join(" ")}.`,
    choices: columnNames(shape)
  },
  "no-header": { help: "Leave out the header of table, wide and csv." }
})

/** The options that say in which form backups are written. */
export const outputFlags = outputFlagsOf(backupShape())

/** A form of output, with what it needs to know. */
export interface Output<Row> {
  readonly format: OutputFormat
  readonly options: OutputOptions<Row>
}

/** The columns that a person picked; undefined when nothing was picked. */
export const parseColumns = <Row>(
  columns: ReadonlyArray<Column<Row>>,
  picked: ReadonlyArray<string>
): Either.Either<ReadonlyArray<Column<Row>> | undefined, UsageError> =>
  Either.map(
    wordsOf(
      "column",
      columns.map(({ name }) => name),
      picked
    ),
    (names) => (names.length === 0 ? undefined : named(columns, ...new Set(names)))
  )

/** The form of output that was asked for rows of a shape, with what it needs to know. */
export const readOutputOf = <Row>(
  input: Input<OutputFlag>,
  { width, colour }: typeof Screen.Service,
  shape: Shape<Row>,
  own: ReadonlyArray<OwnForm> = []
): Either.Either<Output<Row>, UsageError> =>
  Either.flatMap(parseFormat(input.value("output"), own), (format) =>
    Either.map(parseColumns(shape.columns, input.values("column")), (picked) => ({
      format,
      options: { shape, picked, header: !input.given("no-header"), width, colour }
    }))
  )

/** The form of output that was asked for backups. */
export const readOutput = (
  input: Input<OutputFlag>,
  screen: typeof Screen.Service,
  besides: Besides = {}
): Either.Either<Output<BackupRow>, UsageError> => readOutputOf(input, screen, backupShape(besides))
