import { Data } from "effect"

/**
 * Nothing was done: nobody agreed to it, or to something else than it would be by now, or what it was to be done with
 * cannot be trusted.
 */
export class NotDone extends Data.TaggedError("NotDone")<{ readonly message: string }> {}
