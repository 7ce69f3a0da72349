import { Context, Data, Effect, Layer } from "effect"
import { truncate } from "./displayWidth.ts"

/** Whoever read the output has closed it: nothing went wrong, and nothing more is wanted. */
export class OutputClosed extends Data.TaggedError("OutputClosed") {}

/** The output cannot be written, for example because the disk is full. */
export class OutputFailed extends Data.TaggedError("OutputFailed")<{ readonly message: string }> {}

/** Where the program writes: results to one stream, everything else to another. */
export class Screen extends Context.Tag("@backup-catalog/cli/Screen")<
  Screen,
  {
    /** Writes a part of the result, and goes on when it has been taken. */
    readonly write: (text: string) => Effect.Effect<void, OutputClosed | OutputFailed>
    /** Writes one line for a person, apart from the result. */
    readonly note: (line: string) => Effect.Effect<void>
    /**
     * Shows how far something is, in place of what was shown before, until a note or an empty text comes; undefined
     * where nobody would see it.
     */
    readonly progress: ((text: string) => Effect.Effect<void>) | undefined
    /** How many columns the terminal has; undefined when the result goes to a file or another program. */
    readonly width: number | undefined
    /** Whether the result may be coloured. */
    readonly colour: boolean
  }
>() {}

/** Writes what was done: a reader who has had enough does not keep the rest from being done. */
export const tell = (text: string): Effect.Effect<void, OutputFailed, Screen> =>
  Effect.flatMap(Screen, ({ write }) => Effect.catchTag(write(text), "OutputClosed", () => Effect.void))

const CLEAR_LINE = "\r\u001b[K"

const WIDTH_OF_AN_UNKNOWN_TERMINAL = 80

const positive = (text: string | undefined): number | undefined =>
  text !== undefined && /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined

/** The screen of a process: its standard streams, `COLUMNS`, `NO_COLOR` and `TERM`. */
export const layer = ({ stdout, stderr, env }: Pick<NodeJS.Process, "stdout" | "stderr" | "env">) =>
  Layer.sync(Screen, () => {
    // Without a listener a stream's error would end the process with a stack trace; `write` reports it.
    stdout.on("error", () => {})
    stderr.on("error", () => {})
    const fail = (error: NodeJS.ErrnoException) =>
      error.code === "EPIPE"
        ? new OutputClosed()
        : new OutputFailed({ message: `The output cannot be written: ${error.message}.` })
    let showing = false
    const clear = () => {
      if (showing) stderr.write(CLEAR_LINE)
      showing = false
    }
    const progress = (text: string) =>
      Effect.sync(() => {
        clear()
        if (text === "") return
        stderr.write(truncate(text, (stderr.columns || WIDTH_OF_AN_UNKNOWN_TERMINAL) - 1))
        showing = true
      })
    return Screen.of({
      write: (text) =>
        Effect.async((resume) => {
          stdout.write(text, (error) => resume(error ? fail(error) : Effect.void))
        }),
      note: (line) =>
        Effect.sync(() => {
          clear()
          stderr.write(`${line}\n`)
        }),
      progress: stderr.isTTY && env.TERM !== "dumb" ? progress : undefined,
      width: stdout.isTTY ? (positive(env.COLUMNS) ?? (stdout.columns || WIDTH_OF_AN_UNKNOWN_TERMINAL)) : undefined,
      colour: stdout.isTTY && !env.NO_COLOR && env.TERM !== "dumb"
    })
  })
