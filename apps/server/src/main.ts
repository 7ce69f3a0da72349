import cluster from "node:cluster"
import { fileURLToPath } from "node:url"
import { setFlagsFromString } from "node:v8"
import { commandHelp, type Invocation, type Program, programHelp, readArguments } from "@backup-catalog/command-line"
import { NodeRuntime } from "@effect/platform-node"
import { type Cause, Console, Effect, Either } from "effect"
import { backup } from "./commands/backup.ts"
import { copy } from "./commands/copy.ts"
import { createToken } from "./commands/createToken.ts"
import { type CommandFailure, exitOf } from "./commands/exitOf.ts"
import { listTokens } from "./commands/listTokens.ts"
import { load } from "./commands/load.ts"
import { migrate } from "./commands/migrate.ts"
import { print } from "./commands/print.ts"
import { prune } from "./commands/prune.ts"
import { revokeToken } from "./commands/revokeToken.ts"
import type { ServerCommand } from "./commands/ServerCommand.ts"
import { serve } from "./commands/serve.ts"
import { wrong } from "./commands/settings.ts"
import { warnOfUnknown } from "./commands/unknownSettings.ts"
import { verify } from "./commands/verify.ts"
import { version } from "./version.ts"
import { isWorker } from "./workers/supervised.ts"

const server: Program<ServerCommand> = {
  name: "backup-catalog-server",
  summary: "One list of every backup of an account, over the API of OpenStack Trove.",
  flags: {},
  takesThem: () => false
}

const commands = [serve, createToken, listTokens, revokeToken, load, prune, migrate, backup, verify, copy]

const columns = Number(process.env.COLUMNS) || process.stdout.columns || 80

const perform = (invocation: Invocation<ServerCommand>): Effect.Effect<void, CommandFailure> => {
  if (invocation.kind === "version") return print(version)
  if (invocation.kind === "run") {
    const { command, input } = invocation
    const logLevel = command === serve ? input.value("log") : undefined
    // Of several processes on one port, the first has said it.
    const warned = isWorker ? Effect.void : warnOfUnknown(commands, process.env, logLevel)
    return Effect.zipRight(warned, command.run(input))
  }
  const help =
    invocation.command === undefined
      ? programHelp(server, commands, columns)
      : commandHelp(server, invocation.command, columns)
  return print(help.trimEnd())
}

const invocation = readArguments(server, commands, process.argv.slice(2), process.env)
const program = Either.isRight(invocation)
  ? perform(invocation.right)
  : wrong(`${invocation.left.message} See ${invocation.left.hint}.`)

const isServer = Either.isRight(invocation) && invocation.right.kind === "run" && invocation.right.command === serve

// A link to the program, or its name without its end, may lead to another file by the time that a worker is started.
if (!isWorker) cluster.setupPrimary({ exec: fileURLToPath(import.meta.url) })

// Short answers share a block of memory, instead of one each that has to be collected.
Buffer.poolSize = 262_144

// What an import leaves behind would otherwise be collected late: half as much memory for a tenth more work.
setFlagsFromString("--heap-growing-percent=20")

let exitCode = 0
const end = (cause: Cause.Cause<CommandFailure>): Effect.Effect<void> => {
  const { code, said } = exitOf(cause, isServer)
  exitCode = code
  return said === undefined ? Effect.void : Console.error(said)
}

// Who is told to stop is heard only once the program waits for something: so it waits before it does anything.
Effect.zipRight(Effect.yieldNow(), program).pipe(
  Effect.onError(end),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (_, onExit) => onExit(exitCode)
  })
)
