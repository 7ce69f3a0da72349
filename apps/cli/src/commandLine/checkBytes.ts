import { isUtf8 } from "node:buffer"
import { readFileSync } from "node:fs"
import { Either } from "effect"
import { UsageError } from "../outcomes/UsageError.ts"

// What Node makes of bytes that are no UTF-8.
const REPLACED = "\ufffd"

const areBytesUtf8 = (): boolean => {
  try {
    return isUtf8(readFileSync("/proc/self/cmdline"))
  } catch {
    return true
  }
}

/**
 * Refuses arguments that were given in another encoding than UTF-8, which would be asked for, or written, as something
 * else. Only Linux tells; elsewhere they are taken as they are.
 */
export const checkBytes = (args: ReadonlyArray<string>): Either.Either<void, UsageError> => {
  const changed = args.find((one) => one.includes(REPLACED))
  return changed === undefined || areBytesUtf8()
    ? Either.void
    : Either.left(
        new UsageError({
          message: `The argument ${changed} is not valid UTF-8; is the terminal set to another encoding?`
        })
      )
}
