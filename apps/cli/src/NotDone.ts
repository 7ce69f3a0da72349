import { Data } from "effect"

/** Nothing was done, since nobody agreed to it, or to something else than it would be by now. */
export class NotDone extends Data.TaggedError("NotDone")<{ readonly message: string }> {}
