import type { Command, Flag, Flags, Input, Setting } from "@backup-catalog/command-line"
import type { Effect } from "effect"
import type { CommandFailure } from "./exitOf.ts"

/** A command of the server. */
export interface ServerCommand extends Command {
  readonly run: (input: Input) => Effect.Effect<void, CommandFailure>
}

type GivenOf<F extends Flag> = F extends { readonly repeatable: true }
  ? ReadonlyArray<Setting>
  : F extends { readonly required: true } | { readonly default: string }
    ? Setting
    : Setting | undefined

/**
 * What a command was told by its options: a setting where it needs the option or there is a default, else perhaps one.
 */
export type Given<F extends Flags> = { readonly [Name in keyof F]: GivenOf<F[Name]> }

const givenOf = <F extends Flags>(flags: F, input: Input): Given<F> =>
  Object.fromEntries(
    Object.entries(flags).map(([name, { repeatable }]) => {
      const settings = input.settings(name)
      return [name, repeatable ? settings : settings[0]]
    })
  ) as Given<F>

/** A command whose work is told what its options and its argument are. */
export const serverCommand = <const F extends Flags>({
  run,
  ...command
}: Command & {
  readonly flags: F
  readonly run: (given: Given<F>, argument: string) => Effect.Effect<void, CommandFailure>
}): ServerCommand => ({ ...command, run: (input) => run(givenOf(command.flags, input), input.argument) })
