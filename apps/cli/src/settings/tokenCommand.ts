import { Effect } from "effect"
import { UsageError } from "../outcomes/UsageError.ts"
import { outputOf } from "../processes/Subprocess.ts"
import type { Screen } from "../terminal/Screen.ts"

/**
 * The token that a command line of the shell writes as its first line, in at most so many milliseconds.
 *
 * `source` says where the command came from, for errors, which never have anything of what it wrote.
 */
export const tokenOfCommand = (
  command: string,
  source: string,
  limitMs = 30_000
): Effect.Effect<string, UsageError, Screen> =>
  outputOf("sh", ["-c", command], { limitMs }).pipe(
    Effect.mapError(
      ({ reason, advice }) =>
        new UsageError({ message: `The command for the token from ${source} ${reason}; ${advice}.` })
    ),
    Effect.flatMap((text) => {
      const [line = ""] = text.split(/\r?\n/)
      return line === ""
        ? new UsageError({ message: `The command for the token from ${source} wrote no token as its first line.` })
        : Effect.succeed(line)
    })
  )
