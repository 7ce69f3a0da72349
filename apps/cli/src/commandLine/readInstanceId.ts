import { describeParseError, InstanceId } from "@backup-catalog/core"
import { Either, Schema } from "effect"
import { UsageError } from "../outcomes/UsageError.ts"

const decode = Schema.decodeEither(InstanceId)

/** The id of an instance that an option has, or the error that names the option. */
export const readInstanceId = (text: string, option: string): Either.Either<InstanceId, UsageError> =>
  Either.mapLeft(
    decode(text),
    (error) => new UsageError({ message: `${describeParseError(error, `The option ${option}`)}.` })
  )
