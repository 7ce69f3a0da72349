import { spawn } from "node:child_process"
import { Data, Effect } from "effect"

/** Another program did not do what it was started for; `reason` is the end of a sentence. */
export class SubprocessFailed extends Data.TaggedError("SubprocessFailed")<{
  readonly reason: string
  /** Whether there is no such program at all. */
  readonly missing: boolean
}> {}

/** What another program is given, and how long it may take. */
export interface SubprocessOptions {
  /** What is written to its standard input; without it, it has ours where that is a terminal, else none. */
  readonly input?: string
  readonly limitMs: number
}

const MAX_OUTPUT_BYTES = 65_536

const seconds = (millis: number): string => `${millis / 1000} seconds`

/**
 * What another program writes to its standard output; its standard error is ours.
 *
 * Fails when there is no such program, when it ends with anything but 0, takes too long or writes more than 64 KiB.
 */
export const outputOf = (
  command: string,
  args: ReadonlyArray<string>,
  { input, limitMs }: SubprocessOptions
): Effect.Effect<string, SubprocessFailed> =>
  Effect.async((resume) => {
    const fail = (reason: string, missing = false) => resume(Effect.fail(new SubprocessFailed({ reason, missing })))
    const stdin = input === undefined ? (process.stdin.isTTY ? "inherit" : "ignore") : "pipe"
    const child = spawn(command, args, { stdio: [stdin, "pipe", "inherit"] })
    const { stdout } = child
    const chunks: Array<Buffer> = []
    let size = 0
    const stop = (reason: string) => {
      child.kill("SIGKILL")
      // What it has started may live on and hold the pipe open.
      stdout?.destroy()
      fail(reason)
    }
    const timer = setTimeout(() => stop(`did not end within ${seconds(limitMs)}`), limitMs)
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      fail(`cannot be started: ${error.message}`, error.code === "ENOENT")
    })
    stdout?.on("data", (chunk: Buffer) => {
      size += chunk.length
      if (size > MAX_OUTPUT_BYTES) stop(`wrote more than ${MAX_OUTPUT_BYTES} bytes`)
      else chunks.push(chunk)
    })
    child.on("close", (code, signal) => {
      clearTimeout(timer)
      if (code === 0) resume(Effect.succeed(Buffer.concat(chunks).toString("utf8")))
      else fail(signal === null ? `ended with ${code}` : `was ended by ${signal}`)
    })
    // A program that does not read what it is given says by its end whether that was right.
    child.stdin?.on("error", () => {})
    child.stdin?.end(input)
    return Effect.sync(() => stop("was interrupted"))
  })
