import { createReadStream } from "node:fs"
import { Effect } from "effect"
import { InputFailed } from "../outcomes/InputFailed.ts"
import { boundedBytes } from "./boundedBytes.ts"
import { readingProblem } from "./boundedText.ts"
import { Keyboard } from "./Keyboard.ts"

const MAX_BYTES = 256 * 2 ** 20

/**
 * What a tool printed, from the file that it is kept in, or from the standard input when that is `-`; up to 256 MiB.
 */
export const readOutput = (path: string, maxBytes = MAX_BYTES): Effect.Effect<Uint8Array, InputFailed, Keyboard> =>
  path === "-"
    ? Effect.flatMap(Keyboard, ({ wholeBytes }) => wholeBytes(maxBytes))
    : Effect.tryPromise({
        try: () => boundedBytes(createReadStream(path), maxBytes),
        catch: (error) => new InputFailed({ message: `${path} cannot be read: ${readingProblem(error)}.` })
      })
