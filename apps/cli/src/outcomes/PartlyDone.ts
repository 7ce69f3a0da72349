import { Data } from "effect"

/** Something was done, and not all that was asked for: the message says what is left. */
export class PartlyDone extends Data.TaggedError("PartlyDone")<{ readonly message: string }> {}
