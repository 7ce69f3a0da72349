import { Data } from "effect"

/**
 * What was asked for was found and written, and is not as it should be. `code` is the exit code; `message` the sentence
 * for stderr, where what was written does not say it.
 */
export class Finding extends Data.TaggedError("Finding")<{
  readonly message?: string
  readonly code: 1 | 2 | 3
}> {}
