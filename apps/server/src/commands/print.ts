import { Effect } from "effect"
import { CommandError } from "./CommandError.ts"

// Without a listener the error of a stream would end the process with a stack; who writes is told of it.
process.stdout.on("error", () => {})

/** Writes a line to stdout, and goes on when it has been taken. */
export const writeLine = (text: string): Effect.Effect<void, NodeJS.ErrnoException> =>
  Effect.async((resume) => {
    process.stdout.write(`${text}\n`, (error) => resume(error ? Effect.fail(error) : Effect.void))
  })

/** Prints a part of the result of a command; a reader who has had enough is no failure. */
export const print = (text: string): Effect.Effect<void, CommandError> =>
  Effect.catchAll(writeLine(text), ({ code, message }) =>
    code === "EPIPE"
      ? Effect.void
      : new CommandError({ exitCode: 1, message: `The output cannot be written: ${message}.` })
  )
