import { type Flags, flagsOf, rootFlagsOf } from "@backup-catalog/command-line"
import { Effect } from "effect"
import type { Command, LocalCommand } from "../commandLine/Command.ts"
import { program } from "../commandLine/program.ts"
import { bash } from "../completion/bash.ts"
import type { CompletedCommand } from "../completion/CompletedCommand.ts"
import { fish } from "../completion/fish.ts"
import { zsh } from "../completion/zsh.ts"
import { UsageError } from "../outcomes/UsageError.ts"
import { Screen } from "../terminal/Screen.ts"

const shells: Readonly<Record<string, (commands: ReadonlyArray<CompletedCommand>, root: Flags) => string>> = {
  bash,
  zsh,
  fish
}

const names = Object.keys(shells)

/** `backups completion`: the script that teaches a shell the commands and options of `commands`. */
export const completion = (commands: () => Promise<ReadonlyArray<Command>>): LocalCommand<never> => ({
  kind: "local",
  name: "completion",
  summary: "Print the script that completes backups in a shell.",
  withoutSettings: true,
  argument: { name: "SHELL", help: `One of ${names.join(" ")}.`, choices: names },
  flags: {},
  examples: [
    ["source <(backups completion bash)", "Complete in this bash; put the line into ~/.bashrc to keep it."],
    ["source <(backups completion zsh)", "The same for zsh, in ~/.zshrc after compinit."],
    ["backups completion fish > ~/.config/fish/completions/backups.fish", "For fish, from the next start on."]
  ],
  run: Effect.fnUntraced(function* ({ argument }) {
    const script = Object.hasOwn(shells, argument) ? shells[argument] : undefined
    if (script === undefined) {
      return yield* new UsageError({ message: `The shell ${argument} is not known; there are ${names.join(" ")}.` })
    }
    const screen = yield* Screen
    const completed = yield* Effect.promise(commands)
    yield* screen.write(
      script(
        completed.map((command) => ({
          name: command.name,
          summary: command.summary,
          argument: command.argument,
          secondArgument: command.secondArgument,
          flags: flagsOf(program, command)
        })),
        rootFlagsOf(program)
      )
    )
  })
})
