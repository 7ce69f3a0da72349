import type { Input } from "@backup-catalog/command-line"
import { hasLength, type Instant, parsePointInTime, pointInTimeForms } from "@backup-catalog/core"
import { Either } from "effect"
import { refuse, type UsageError } from "../outcomes/UsageError.ts"

/** The instant of an option at a time (milliseconds since 1970), read as `parsePointInTime` reads it. */
export const timeOf = <Name extends string>(
  input: Input<Name>,
  name: Name,
  now: number,
  parse?: (text: string) => Instant | undefined
): Either.Either<Instant | undefined, UsageError> => {
  const text = input.value(name)
  if (text === undefined) return Either.right(undefined)
  const instant = parsePointInTime(text, now, parse)
  return instant === undefined
    ? refuse(`The option --${name} takes ${pointInTimeForms}, not ${text}.`)
    : Either.right(instant)
}

/** The known words that were given, also with commas between them, compared once `spell` has made them alike. */
export const wordsOf = <Word extends string>(
  what: string,
  known: ReadonlyArray<Word>,
  given: ReadonlyArray<string>,
  spell = (text: string) => text
): Either.Either<ReadonlyArray<Word>, UsageError> =>
  Either.all(
    given
      .flatMap((text) => text.split(","))
      .map((text) => {
        const word = known.find((one) => one === spell(text))
        return word === undefined
          ? refuse(`The ${what} ${text === "" ? '""' : text} is not known; there are ${known.join(" ")}.`)
          : Either.right(word)
      })
  )

/** The type of datastore of `--datastore`. */
export const datastoreOf = (input: Input<"datastore">): Either.Either<string | undefined, UsageError> => {
  const datastore = input.value("datastore")
  return datastore === undefined || hasLength(datastore, 0, 255)
    ? Either.right(datastore)
    : refuse("The option --datastore takes at most 255 characters.")
}
