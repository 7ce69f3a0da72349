import { Data } from "effect"

/**
 * What was asked for cannot be understood or is missing something; `hint` is the command line that explains; empty
 * where none does.
 */
export class UsageError extends Data.TaggedError("UsageError")<{
  readonly message: string
  readonly hint?: string
}> {}
