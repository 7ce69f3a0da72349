import { Predicate } from "effect"
import { messagesOf, pythonWarning, wayNote } from "../reading/complaints.ts"

// The notes of Borg about its own manners, the questions that a BORG_…_IS_OK in its environment has answered, and the
// locks of runs that are dead, which it takes away before it lists.
const harmless = [
  pythonWarning,
  /^Using a pure-python msgpack!/,
  /^Warning: Attempting to access a previously unknown unencrypted repository!/,
  /^Warning: The repository at location .* was previously located at /,
  /^Do you want to continue\? \[yN\] yes \(from BORG_\w+_IS_OK\)$/,
  // In a line of JSON.
  wayNote,
  /^Killed stale lock /,
  /^Removed stale (?:exclusive|shared) roster lock for /
]

const harmlessTypes: ReadonlySet<unknown> = new Set(["progress_percent", "progress_message", "question_env_answer"])
const harmlessLevels: ReadonlySet<unknown> = new Set(["DEBUG", "INFO"])

/** The words of a line of `--log-json`; undefined where they are harmless. */
const wordsOf = (line: Readonly<Record<string, unknown>>): string | undefined =>
  harmlessTypes.has(line.type) || harmlessLevels.has(line.levelname) ? undefined : String(line.message ?? "")

const parsed = (message: string): unknown => {
  try {
    return JSON.parse(message)
  } catch {
    return undefined
  }
}

/** What Borg complained of on stderr, as text or in the JSON lines of `--log-json`. */
export const borgComplaints = (stderr: string | undefined): ReadonlyArray<string> =>
  messagesOf(stderr).flatMap((message) => {
    const line = message.startsWith("{") ? parsed(message) : undefined
    const words = Predicate.isRecord(line) ? wordsOf(line) : message
    return words === undefined || harmless.some((pattern) => pattern.test(words)) ? [] : [words]
  })
