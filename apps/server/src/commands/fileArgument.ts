import { Args } from "@effect/cli"
import { Schema } from "effect"

/** What is said of an argument that begins with a dash where a file may be meant. */
export const unknownOrFile = (argument: string): string =>
  `There is no option ${argument}; a file whose name begins with - is written ./${argument}.`

const fileOr = (streams: ReadonlyArray<string>) =>
  Schema.String.pipe(
    // As of a variable of a shell that is not set.
    Schema.filter((file) => file !== "", { message: () => "FILE is empty; it must be the name of a file." }),
    Schema.filter((file) => streams.includes(file) || !file.startsWith("-"), {
      message: ({ actual }) => unknownOrFile(String(actual))
    })
  )

/**
 * A file as the argument of a command, or one of the names of a stream, such as `-`. The library would take an option that
 * it does not know for one.
 */
export const fileArgument = (description: string, ...streams: ReadonlyArray<string>) =>
  Args.text({ name: "FILE" }).pipe(Args.withSchema(fileOr(streams)), Args.withDescription(description))
