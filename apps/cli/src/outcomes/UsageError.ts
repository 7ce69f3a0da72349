import { Data, Either } from "effect"

/**
 * What was asked for cannot be understood or is missing something; `hint` is the command line that explains; empty
 * where none does.
 */
export class UsageError extends Data.TaggedError("UsageError")<{
  readonly message: string
  readonly hint?: string
}> {}

/** That a command line cannot be understood, with why. */
export const refuse = (message: string): Either.Either<never, UsageError> => Either.left(new UsageError({ message }))
