import { Either } from "effect"
import { columnNames, parseColumns } from "./Column.ts"
import type { Flags, Input } from "./Command.ts"
import { formatNames, formats, parseFormat } from "./output/formats.ts"
import type { OutputFormat, OutputOptions } from "./output/OutputFormat.ts"
import type { Screen } from "./Screen.ts"
import type { UsageError } from "./UsageError.ts"

type OutputFlag = "output" | "column" | "no-header"

const described = formats.map(({ name, summary }) => `${name} (${summary})`).join(", ")

/** The options that say in which form backups are written. */
export const outputFlags: Flags<OutputFlag> = {
  output: {
    short: "o",
    value: "FORMAT",
    help: `How it is written: ${described}. Default ${formatNames[0]}.`,
    choices: formatNames
  },
  column: {
    short: "c",
    value: "COLUMN",
    repeatable: true,
    help: `Only these, in this order, as in -c name -c age or -c name,age. There are ${columnNames.join(" ")}.`,
    choices: columnNames
  },
  "no-header": { help: "Leave out the header of table, wide and csv." }
}

/** The form of output that was asked for, with what it needs to know; `projects` for records of several accounts. */
export const readOutput = (
  input: Input<OutputFlag>,
  { width, colour }: typeof Screen.Service,
  projects = false
): Either.Either<{ readonly format: OutputFormat; readonly options: OutputOptions }, UsageError> =>
  Either.flatMap(parseFormat(input.value("output")), (format) =>
    Either.map(parseColumns(input.values("column")), (picked) => ({
      format,
      options: { picked, header: !input.given("no-header"), width, colour, projects }
    }))
  )
