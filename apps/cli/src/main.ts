import {
  commandHelp,
  describeUnknown,
  type Input,
  type Invocation,
  programHelp,
  readArguments,
  unknownVariables
} from "@backup-catalog/command-line"
import { Effect, Either, Exit, identity, Layer, Logger } from "effect"
import type { CatalogCommand, Command } from "./commandLine/Command.ts"
import { checkBytes } from "./commandLine/checkBytes.ts"
import { loadCommands } from "./commandLine/loadCommands.ts"
import { program as backups } from "./commandLine/program.ts"
import { writeVersion } from "./commands/Version.ts"
import type { CommandError } from "./outcomes/CommandError.ts"
import { endingOf, endingOfSearch, exitCodes, isFinding } from "./outcomes/ExitCode.ts"
import { UsageError } from "./outcomes/UsageError.ts"
import * as Keyboard from "./reading/Keyboard.ts"
import { asksForNagios, inTime, sayUnknown } from "./reports/nagios.ts"
import { readSettings, settingVariables } from "./settings/Settings.ts"
import * as Screen from "./terminal/Screen.ts"

/** Bounds the time of what may then still be waited for. */
type Bound = typeof inTime

const unbounded: Bound = () => identity

const ask = (command: CatalogCommand, input: Input, bound: Bound) =>
  Effect.gen(function* () {
    const settings = yield* bound("the token had not come from Keystone, the command of the profile or the keyring")(
      readSettings(input, process.env)
    )
    const { catalogLive } = yield* Effect.promise(() => import("./catalog/catalogLive.ts"))
    const asking = Effect.provide(command.run(input), catalogLive(settings))
    return yield* bound(`${settings.url} had not answered all that it was asked`)(asking)
  })

const run = (
  command: Command,
  input: Input,
  bound: Bound
): Effect.Effect<void, CommandError, Screen.Screen | Keyboard.Keyboard> =>
  Effect.mapError(command.kind === "local" ? command.run(input) : ask(command, input, bound), (error) =>
    error._tag === "UsageError" && error.hint === undefined
      ? new UsageError({ message: error.message, hint: `backups ${command.name} --help` })
      : error
  )

const help = (command: Command | undefined, commands: ReadonlyArray<Command>) =>
  Effect.flatMap(Screen.Screen, ({ write, width }) =>
    write(command === undefined ? programHelp(backups, commands, width) : commandHelp(backups, command, width))
  )

const perform = (
  invocation: Invocation<Command>,
  commands: ReadonlyArray<Command>,
  bound: Bound
): Effect.Effect<void, CommandError, Screen.Screen | Keyboard.Keyboard> => {
  if (invocation.kind === "help") return help(invocation.command, commands)
  if (invocation.kind === "version") return writeVersion
  return run(invocation.command, invocation.input, bound)
}

/** Says which variables are probably misspelt; others that begin so may be somebody's own. */
const warnOfMisspelt = Effect.flatMap(Screen.Screen, ({ note }) =>
  Effect.forEach(
    unknownVariables("BACKUPS_", settingVariables, process.env).filter(({ near }) => near !== undefined),
    (variable) => note(`backups: warning: ${describeUnknown(variable)}`),
    { discard: true }
  )
)

const hasSettings = (invocation: Invocation<Command>): boolean =>
  invocation.kind === "run" && invocation.command.withoutSettings !== true

const searches = (invocation: Invocation<Command>): boolean =>
  invocation.kind === "run" && invocation.command.searches?.(invocation.input) === true

const program = Effect.gen(function* () {
  const args = process.argv.slice(2)
  const commands = yield* Effect.promise(() => loadCommands(args))
  const read = Either.flatMap(checkBytes(args), () =>
    Either.mapLeft(readArguments(backups, commands, args), (refusal) => new UsageError(refusal))
  )
  const forNagios = asksForNagios(args, commands.length === 1)
  const bound = forNagios ? inTime : unbounded
  // Some that call plugins take every line for the state.
  if (!forNagios && Either.isRight(read) && hasSettings(read.right)) yield* warnOfMisspelt
  const exit = yield* Effect.exit(Effect.flatMap(read, (invocation) => perform(invocation, commands, bound)))
  if (Exit.isSuccess(exit)) return exitCodes.ok
  const { code, line } =
    Either.isRight(read) && searches(read.right) ? endingOfSearch(exit.cause) : endingOf(exit.cause)
  if (forNagios && !isFinding(exit.cause)) return yield* sayUnknown(line)
  if (line !== undefined) yield* Effect.flatMap(Screen.Screen, ({ note }) => note(line))
  return code
})

const live = Layer.mergeAll(
  Screen.layer(process),
  Keyboard.layer,
  // The default logger writes to stdout, where nothing but results may be.
  Logger.remove(Logger.defaultLogger)
)

// Signals keep their usual effect: a shell must see that Ctrl-C ended the program (130), or it would go on with its
// loop.
Effect.runPromise(Effect.provide(program, live)).then((code) => process.exit(code))
