import { type Command, describeUnknown, unknownVariables } from "@backup-catalog/command-line"
import { Console, Effect } from "effect"
import * as Logging from "../log.ts"

const variablesOf = (commands: ReadonlyArray<Command>): ReadonlyArray<string> =>
  commands.flatMap(({ flags, variables = [] }) => [
    ...Object.values(flags).flatMap(({ variable = [] }) => variable),
    ...variables.map(([name]) => name)
  ])

/**
 * Says which variables begin like those of the server and are those of none of its commands: in its log where it has
 * one, of the level that was asked for.
 */
export const warnOfUnknown = (
  commands: ReadonlyArray<Command>,
  env: NodeJS.ProcessEnv,
  logLevel: string | undefined
): Effect.Effect<void> => {
  const lines = unknownVariables("CATALOG_", variablesOf(commands), env).map(describeUnknown)
  if (lines.length === 0) return Effect.void
  if (logLevel === undefined) return Effect.forEach(lines, (line) => Console.error(line), { discard: true })
  const level = Logging.logLevels.find((known) => known === logLevel) ?? "info"
  return Effect.provide(
    Effect.forEach(lines, (line) => Effect.logWarning(line), { discard: true }),
    Logging.layer(level)
  )
}
