import { Cause, Option } from "effect"
import type { CommandError } from "../CommandError.ts"

/** How a command ends: its exit code, and what a person is told; undefined where there is nothing to say. */
export interface Ending {
  readonly code: 0 | 1 | 2 | 130
  readonly said: string | undefined
}

/** The ending that a failure means, of a command that is told to stop when it is done or of another one. */
export const exitOf = (cause: Cause.Cause<CommandError>, endsBySignal: boolean): Ending => {
  // To be told to stop is how a server ends well, and how everything else is cut short.
  if (Cause.isInterruptedOnly(cause)) return { code: endsBySignal ? 0 : 130, said: undefined }
  const failure = Option.getOrUndefined(Cause.failureOption(cause))
  if (failure !== undefined) return { code: failure.exitCode, said: failure.message }
  return { code: 1, said: `This is a mistake of the program:\n${Cause.pretty(cause, { renderErrorCause: true })}` }
}
