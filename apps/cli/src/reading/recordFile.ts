import { createReadStream } from "node:fs"
import { Effect, Either } from "effect"
import { InputFailed } from "../outcomes/InputFailed.ts"
import { UsageError } from "../outcomes/UsageError.ts"
import { boundedText, readingProblem } from "./boundedText.ts"
import { Keyboard } from "./Keyboard.ts"
import { type PlacedRecord, parseRecords } from "./parseRecords.ts"

const MAX_BYTES = 64 * 2 ** 20

const readFile = (path: string) =>
  Effect.tryPromise({
    try: () => boundedText(createReadStream(path), MAX_BYTES),
    catch: (error) => new InputFailed({ message: `${path} cannot be read: ${readingProblem(error)}.` })
  })

/**
 * The records of a file, or of the standard input when it is `-`; all of them, or the error that says which are none.
 */
export const readRecordFile = (
  path: string
): Effect.Effect<ReadonlyArray<PlacedRecord>, InputFailed | UsageError, Keyboard> =>
  Effect.gen(function* () {
    const keyboard = yield* Keyboard
    const text = yield* path === "-" ? keyboard.whole(MAX_BYTES) : readFile(path)
    const records = parseRecords(text)
    if (Either.isRight(records)) return records.right
    const [problem, ...others] = records.left
    const name = path === "-" ? "The standard input" : `The file ${path}`
    const more = others.length === 0 ? "" : ` And ${others.length} more of its records cannot be used.`
    return yield* new UsageError({
      message: `Nothing was registered. ${name} cannot be used: ${problem}.${more}`
    })
  })
