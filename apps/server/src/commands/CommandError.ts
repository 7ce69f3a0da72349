import { Data } from "effect"

/** A command cannot do what it was asked; the message is the one line that the person at the terminal sees. */
export class CommandError extends Data.TaggedError("CommandError")<{
  readonly message: string
  /** 2 when the command line or a setting is at fault, else 1. */
  readonly exitCode: 1 | 2
}> {}
