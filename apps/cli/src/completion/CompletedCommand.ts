import type { Argument, Flag, Flags } from "@backup-catalog/command-line"

/** A command as a shell needs to know it. */
export interface CompletedCommand {
  readonly name: string
  readonly summary: string
  readonly argument: Argument | undefined
  readonly secondArgument: Argument | undefined
  readonly flags: Flags
}

/** The ways an option is written: `--status`, and `-s` when it has a letter. */
export const spellings = (name: string, { short }: Flag): ReadonlyArray<string> =>
  short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`]

/** The first sentence of a help text, which is all that a list of completions has room for. */
export const brief = (help: string): string => help.split(/[.:;](?:\s|$)/)[0] ?? ""
