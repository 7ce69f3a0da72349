import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"
import type { Readable } from "node:stream"
import { Data, Effect } from "effect"
import type { Screen } from "../terminal/Screen.ts"
import { unlessSignalled } from "../terminal/signals.ts"

/** Another program did not do what it was started for; `reason` is the end of a sentence. */
export class SubprocessFailed extends Data.TaggedError("SubprocessFailed")<{
  readonly reason: string
  /** Whether there is no such program at all. */
  readonly missing: boolean
  /** What to do about it, as the end of a sentence. */
  readonly advice: string
}> {}

/** What another program is given, and how long it may take. */
export interface SubprocessOptions {
  /** What is written to its standard input; without it, it has ours where that is a terminal, else none. */
  readonly input?: string
  readonly limitMs: number
}

/** How much another program may write. */
export interface SubprocessLimits {
  readonly maxOutputBytes: number
  /** Of its standard error, which goes to ours where this is left out. */
  readonly maxComplaintBytes?: number
  /** What is in its environment besides ours. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /**
   * Told what it asks for on its standard error: what does not end a line there, where it may ask whoever is at the
   * terminal, who would else not see it.
   */
  readonly asks?: (question: string) => void
}

/** How another program ended, and what it wrote. */
export interface Ended {
  /** What it ended with, as the end of a sentence; undefined where that was 0. */
  readonly failure: string | undefined
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

const MAX_OUTPUT_BYTES = 65_536

// Long enough to empty a pipe, which is all that a program that has ended can have left.
const LEFT_BEHIND_MS = 1_000

// What filters the output of a script reads on when that has ended, and may sort all of it before it writes.
const MAX_SILENCE_MS = 5_000

const LOOK = "run it by itself to see why"

const HELD = "ended with 0, but something that it started still holds its output, which may therefore not be whole"
const RELEASE = "start that with its output elsewhere, as with >/dev/null"

// What is written in two parts comes in less.
const QUESTION_MS = 200

const seconds = (millis: number): string => `${millis / 1000} seconds`

/** Gathers what a stream brings; `exceeded` is called with the end of a sentence as soon as that is too much. */
const gather = (stream: Readable | null, maxBytes: number, exceeded: (reason: string) => void): (() => Buffer) => {
  const chunks: Array<Buffer> = []
  let size = 0
  stream?.on("data", (chunk: Buffer) => {
    size += chunk.length
    if (size > maxBytes) exceeded(`wrote more than ${maxBytes} bytes`)
    else chunks.push(chunk)
  })
  return () => Buffer.concat(chunks)
}

/** Tells when a stream that is still open has brought nothing for so long. */
const afterSilence = (stream: Readable | null, millis: number, tell: () => void): void => {
  if (stream === null || stream.closed) return
  const timer = setTimeout(tell, millis)
  stream.on("data", () => timer.refresh())
  stream.on("close", () => clearTimeout(timer))
}

/** Tells what a stream brings that does not end its line, and that nothing follows for a while. */
const tellQuestions = (stream: Readable | null, asks: (question: string) => void): void => {
  let timer: NodeJS.Timeout | undefined
  stream?.on("data", (chunk: Buffer) => {
    clearTimeout(timer)
    const question = chunk
      .toString("utf8")
      .split(/[\r\n]/)
      .at(-1)
      ?.trim()
    if (question) timer = setTimeout(() => asks(question), QUESTION_MS)
  })
  stream?.on("close", () => clearTimeout(timer))
}

/** Whether somebody may be asked at a terminal, wherever our standard input comes from. */
export const hasTerminal = (): boolean => {
  try {
    closeSync(openSync("/dev/tty", "r"))
    return true
  } catch {
    return false
  }
}

/** Ends a process at once, or all of its group where it leads one. */
const kill = (child: ChildProcess, leadsGroup: boolean): void => {
  if (!leadsGroup || child.pid === undefined) {
    child.kill("SIGKILL")
    return
  }
  try {
    process.kill(-child.pid, "SIGKILL")
  } catch {
    // All of them have ended meanwhile.
  }
}

/** A process; what is wrong where one cannot be made, of which Node throws some errors and emits others. */
const spawned = (command: string, args: ReadonlyArray<string>, options: SpawnOptions): ChildProcess | string => {
  try {
    return spawn(command, args, options)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Passes on what a program says to our standard error, and takes it also where nobody reads ours any more. */
const passOn = (complaints: Readable | null): void => {
  const drain = (source: Readable) => {
    if (source !== complaints) return
    process.stderr.off("unpipe", drain)
    source.resume()
  }
  process.stderr.on("unpipe", drain)
  complaints?.pipe(process.stderr)
}

const failureOf = (code: number | null, signal: NodeJS.Signals | null): string | undefined => {
  if (code === 0) return undefined
  return signal === null ? `ended with ${code}` : `was ended by ${signal}`
}

/**
 * Runs another program to its end, whatever that is, and to that of its output, which what it has started may still
 * write.
 *
 * Fails when there is no such program, when it takes too long or writes too much, and when it has ended well but its
 * output has not; it is then ended. So is what it has started, as `sudo` starts a tool, but not where there is a
 * terminal, which only the programs of our own session may ask.
 */
export const runProgram = (
  command: string,
  args: ReadonlyArray<string>,
  { input, limitMs, maxOutputBytes, maxComplaintBytes, environment, asks }: SubprocessOptions & SubprocessLimits
): Effect.Effect<Ended, SubprocessFailed> =>
  Effect.async((resume) => {
    const fail = (reason: string, { missing = false, advice = LOOK } = {}) =>
      resume(Effect.fail(new SubprocessFailed({ reason, missing, advice })))
    const stdin = input === undefined ? (process.stdin.isTTY ? "inherit" : "ignore") : "pipe"
    const leadsGroup = stdin !== "inherit" && process.platform !== "win32" && !hasTerminal()
    // Whoever reads ours to its end would otherwise wait for all that the program has started and that outlives it.
    const passesOn = maxComplaintBytes === undefined && !process.stderr.isTTY
    const child = spawned(command, args, {
      env: { ...process.env, ...environment },
      stdio: [stdin, "pipe", maxComplaintBytes !== undefined || passesOn ? "pipe" : "inherit"],
      detached: leadsGroup
    })
    if (typeof child === "string") return fail(`cannot be started: ${child}`)
    const end = () => {
      kill(child, leadsGroup)
      // What it has started may live on and hold the pipes open.
      child.stdout?.destroy()
      child.stderr?.destroy()
    }
    const stop = (reason: string, advice?: string) => {
      end()
      fail(reason, { advice })
    }
    let giveUp = () => stop(`did not end within ${seconds(limitMs)}`)
    const timer = setTimeout(() => giveUp(), limitMs)
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      fail(`cannot be started: ${error.message}`, { missing: error.code === "ENOENT" })
    })
    const stdout = gather(child.stdout, maxOutputBytes, stop)
    if (passesOn) passOn(child.stderr)
    const complaints = passesOn ? null : child.stderr
    const stderr = gather(complaints, maxComplaintBytes ?? 0, (reason) => stop(`${reason} to its standard error`))
    if (asks !== undefined && stdin === "inherit") tellQuestions(child.stderr, asks)
    child.on("exit", (code) => {
      // A connection of ssh that is kept for the next program holds the standard error of this one.
      setTimeout(() => child.stderr?.destroy(), LEFT_BEHIND_MS).unref()
      giveUp = code === 0 ? () => stop(HELD, RELEASE) : end
      afterSilence(child.stdout, code === 0 ? MAX_SILENCE_MS : LEFT_BEHIND_MS, () => giveUp())
    })
    child.on("close", (code, signal) => {
      clearTimeout(timer)
      resume(Effect.succeed({ failure: failureOf(code, signal), stdout: stdout(), stderr: stderr() }))
    })
    // A program that does not read what it is given says by its end whether that was right.
    child.stdin?.on("error", () => {})
    child.stdin?.end(input)
    return Effect.sync(() => stop("was interrupted"))
  })

/**
 * What another program writes to its standard output; its standard error goes to ours.
 *
 * Fails when there is no such program, when it ends with anything but 0, takes too long or writes more than 64 KiB.
 */
export const outputOf = (
  command: string,
  args: ReadonlyArray<string>,
  options: SubprocessOptions
): Effect.Effect<string, SubprocessFailed, Screen> => {
  const running = runProgram(command, args, { ...options, maxOutputBytes: MAX_OUTPUT_BYTES })
  // A terminal tells all of its programs itself, and they may have to make it show again what is typed.
  const watched = hasTerminal() ? running : unlessSignalled(running, () => undefined)
  return Effect.flatMap(watched, ({ failure, stdout }) =>
    failure === undefined
      ? Effect.succeed(Buffer.from(stdout).toString("utf8"))
      : new SubprocessFailed({ reason: failure, missing: false, advice: LOOK })
  )
}
