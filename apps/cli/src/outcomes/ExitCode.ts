import { Cause, Option } from "effect"
import { escapeText } from "../terminal/escapeText.ts"
import type { CommandError } from "./CommandError.ts"

/** The exit codes of the program, by what happened. */
export const exitCodes = {
  ok: 0,
  other: 1,
  usage: 2,
  notAuthorised: 3,
  notFound: 4,
  limit: 5,
  unavailable: 6
} as const

/** One of the exit codes. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const codes: Readonly<Record<CommandError["_tag"], ExitCode>> = {
  OutputClosed: exitCodes.ok,
  OutputFailed: exitCodes.other,
  InputFailed: exitCodes.other,
  NotDone: exitCodes.other,
  PartlyDone: exitCodes.other,
  Finding: exitCodes.other,
  UsageError: exitCodes.usage,
  BadRequest: exitCodes.usage,
  Unauthorized: exitCodes.notAuthorised,
  Forbidden: exitCodes.notAuthorised,
  ItemNotFound: exitCodes.notFound,
  BadMethod: exitCodes.other,
  PreconditionFailed: exitCodes.other,
  OverLimit: exitCodes.limit,
  BadMediaType: exitCodes.other,
  UnprocessableEntity: exitCodes.other,
  InstanceFault: exitCodes.other,
  NotImplemented: exitCodes.other,
  ServiceUnavailable: exitCodes.unavailable,
  ConnectionFailed: exitCodes.unavailable,
  TimedOut: exitCodes.unavailable,
  UnexpectedAnswer: exitCodes.other
}

// What stands before a catalog says so when the catalog is away.
const gatewayStatuses: ReadonlySet<number> = new Set([502, 503, 504])

const codeOf = (error: CommandError): ExitCode => {
  if (error._tag === "Finding") return error.code
  return error._tag === "UnexpectedAnswer" && gatewayStatuses.has(error.code)
    ? exitCodes.unavailable
    : codes[error._tag]
}

/** How a failed command ends: its exit code and the line that says why; no line when there is nothing to say. */
export interface Ending {
  readonly code: ExitCode
  readonly line: string | undefined
}

/** What a person is told of an error; undefined when there is nothing to say. */
const describe = (error: CommandError): string | undefined => {
  if (error._tag === "OutputClosed" || (error._tag === "Finding" && error.message === "")) return undefined
  const parts = [error.message]
  if ("details" in error && error.details) parts.push(error.details)
  if ("hint" in error && error.hint) parts.push(`See ${error.hint}.`)
  if ("requestId" in error && error.requestId) parts.push(`(request ${error.requestId})`)
  return parts.join(" ")
}

// Messages of a server are as foreign as names: they must not reach the terminal as they are.
const line = (text: string): string => `backups: ${escapeText(text)}`

/** Whether a command ended well, with something to find fault with. */
export const isFinding = (cause: Cause.Cause<CommandError>): boolean =>
  Option.exists(Cause.failureOption(cause), ({ _tag }) => _tag === "Finding")

/** The ending that a failure means, of a command that says by 1 what it found: then no error has that code. */
export const endingOfSearch = (cause: Cause.Cause<CommandError>): Ending => {
  const ending = endingOf(cause)
  return ending.code === exitCodes.other && !isFinding(cause) ? { ...ending, code: exitCodes.unavailable } : ending
}

/** The ending that a failure means. */
export const endingOf = (cause: Cause.Cause<CommandError>): Ending => {
  const error = Option.getOrUndefined(Cause.failureOption(cause))
  if (error !== undefined) {
    const said = describe(error)
    return { code: codeOf(error), line: said === undefined ? undefined : line(said) }
  }
  const defect = Cause.squash(cause)
  const reason = defect instanceof Error ? defect.message : String(defect)
  return { code: exitCodes.other, line: line(`This is a defect of the program itself: ${reason}`) }
}
