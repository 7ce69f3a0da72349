import { Effect } from "effect"
import { type ImportOptions, SourceRefused } from "../Importer.ts"
import { plainText } from "../records/recordText.ts"
import { isTimeZone } from "./zonedTime.ts"

/**
 * The zone of the times that a tool prints without one; refused where nobody gave it, or where it is none. `better`
 * says how the tool is made to print times that need none: `run it with TZ=UTC and give --time-zone UTC`.
 */
export const requireTimeZone = (
  title: string,
  options: ImportOptions,
  better: string
): Effect.Effect<string, SourceRefused> => {
  const { timeZone } = options
  if (timeZone === undefined) {
    return Effect.fail(
      new SourceRefused({
        message: `${title} prints times without a time zone: say in which they are, with --time-zone Europe/Berlin for example, or ${better}.`
      })
    )
  }
  return isTimeZone(timeZone)
    ? Effect.succeed(timeZone)
    : Effect.fail(
        new SourceRefused({
          message: `${plainText(timeZone)} is not a time zone: give --time-zone a name such as Europe/Berlin, UTC, or an offset such as +05:30.`
        })
      )
}
