import { setFlagsFromString } from "node:v8"
import { CliConfig, Command, ValidationError } from "@effect/cli"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Cause, ConfigProvider, Console, Effect, Either, Exit, Layer, Option } from "effect"
import { CommandError } from "./CommandError.ts"
import { load } from "./commands/load.ts"
import { prune } from "./commands/prune.ts"
import { serve } from "./commands/serve.ts"
import { backup, copy, migrate, verify } from "./commands/stores.ts"
import { createToken, listTokens, revokeToken, token } from "./commands/token.ts"
import { commandHelp, programHelp } from "./help.ts"
import { readArguments } from "./readArguments.ts"
import { version } from "./version.ts"

const root = Command.make("backup-catalog-server").pipe(
  Command.withDescription("One list of every backup of an account, over the API of OpenStack Trove"),
  Command.withSubcommands([serve, token, load, prune, migrate, backup, verify, copy])
)

const commands = {
  serve: { command: serve, summary: "Answer the API until told to stop" },
  "token create": { command: createToken, summary: "Make a token and print it, this once" },
  "token list": { command: listTokens, summary: "List the tokens by their names" },
  "token revoke": { command: revokeToken, summary: "Revoke a token" },
  load: { command: load, summary: "Put records into the store from a file" },
  prune: { command: prune, summary: "Forget what was retired or deleted long ago" },
  migrate: { command: migrate, summary: "Make a store, or bring its schema up to date" },
  backup: { command: backup, summary: "Copy an SQLite store into one file, while it is used" },
  verify: { command: verify, summary: "Read all of a store, and compare it with another" },
  copy: { command: copy, summary: "Move all of an SQLite store into PostgreSQL" }
}
const names = Object.keys(commands) as ReadonlyArray<keyof typeof commands>

const run = Command.run(root, {
  name: "Backup Catalog server",
  version,
  executable: "backup-catalog-server"
})

const args = process.argv.slice(2)
const [command] = args
const words = args.slice(0, command === "token" ? 2 : 1).filter((arg) => !arg.startsWith("-"))
const name = names.find((one) => one === words.join(" "))

const config = CliConfig.make({ showBuiltIns: false, showTypes: false })

const columns = Number(process.env.COLUMNS) || process.stdout.columns || 80

const overview = (): string =>
  programHelp(
    names.map((one) => [one, commands[one].summary]),
    columns
  )

const help = (): string =>
  name === undefined ? overview() : commandHelp(name, commands[name].command, config, columns)

const given =
  name === undefined
    ? Either.right(args)
    : Either.map(readArguments(commands[name].command, config, args.slice(words.length)), (rest) => [...words, ...rest])

// What follows an equals sign may be the address of a store, with a password.
const notKnown = (first: string): string =>
  first.startsWith("-")
    ? `There is no option ${first.replace(/=.*$/s, "")} in front of a command.`
    : `There is no command ${words.join(" ")}; there are ${names.join(", ")}.`

const wrongCommand = (message: string) => new CommandError({ exitCode: 2, message })

const exitCodeOf = (cause: Cause.Cause<unknown>): number => {
  const failure = Option.getOrUndefined(Cause.failureOption(cause))
  // To be told to stop is how a server ends well, and how everything else is cut short.
  if (Cause.isInterruptedOnly(cause)) return command === "serve" ? 0 : 130
  if (failure instanceof CommandError) return failure.exitCode
  return ValidationError.isValidationError(failure) ? 2 : 1
}

const report = (cause: Cause.Cause<unknown>): Effect.Effect<void> => {
  const failure = Option.getOrUndefined(Cause.failureOption(cause))
  if (failure instanceof CommandError) return Console.error(failure.message)
  // The library has printed its own errors of the command line.
  if (Cause.isInterruptedOnly(cause) || ValidationError.isValidationError(failure)) return Effect.void
  return Console.error(`This is a mistake of the program:\n${Cause.pretty(cause, { renderErrorCause: true })}`)
}

const program =
  command === undefined
    ? Effect.zipRight(Console.error(overview()), wrongCommand("No command is given."))
    : args.some((arg) => arg === "--help" || arg === "-h")
      ? Console.log(help())
      : name === undefined && command !== "--version"
        ? wrongCommand(`${notKnown(command)} See backup-catalog-server --help.`)
        : Either.isLeft(given)
          ? wrongCommand(`${given.left} See backup-catalog-server ${name} --help.`)
          : run([...process.argv.slice(0, 2), ...given.right])

// A variable that is set to nothing counts as not set.
const variables = ConfigProvider.fromMap(
  new Map(Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value] as const] : [])))
)

// Short answers share a block of memory, instead of one each that has to be collected.
Buffer.poolSize = 262_144

// What an import leaves behind would otherwise be collected late: half as much memory for a tenth more work.
setFlagsFromString("--heap-growing-percent=20")

program.pipe(
  Effect.withConfigProvider(variables),
  Effect.tapErrorCause(report),
  Effect.provide(Layer.merge(NodeContext.layer, Layer.succeed(CliConfig.CliConfig, config))),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? 0 : exitCodeOf(exit.cause))
  })
)
