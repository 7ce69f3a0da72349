import { Data } from "effect"

/** The standard input, a file or a folder cannot be read, or holds more than is read. */
export class InputFailed extends Data.TaggedError("InputFailed")<{ readonly message: string }> {}
