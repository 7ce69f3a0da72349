import { Effect } from "effect"
import { NotDone } from "../outcomes/NotDone.ts"
import { escapeText } from "../terminal/escapeText.ts"
import { Screen } from "../terminal/Screen.ts"
import { runProgram } from "./Subprocess.ts"

/** What a backup tool wrote when it was run. */
export interface ToolOutput {
  readonly bytes: Uint8Array
  readonly stderr: string
}

/** How long a tool may take, and how much it may write. */
export interface ToolLimits {
  readonly limitMs: number
  readonly outputBytes: number
  readonly complaintBytes: number
}

/** How a tool is run: its limits, and what is in its environment besides ours. */
export type ToolRun = Partial<ToolLimits> & { readonly environment?: Readonly<Record<string, string>> | undefined }

/** The limits that hold where nobody says otherwise: 5 minutes, 256 MiB, and 1 MiB of messages. */
const toolLimits: ToolLimits = { limitMs: 300_000, outputBytes: 256 * 2 ** 20, complaintBytes: 2 ** 20 }

const MAX_LINES = 3
const MAX_WORDS = 500

// Where Python was, of which only the line behind it tells what went wrong.
const traceback = /^Traceback \(most recent call last\):\r?\n(?:[ \t].*\r?\n)*/gm

// What a tool tells of its doings, before it says what is wrong.
const ofDoings = /^[\d:. TZ/-]*(?:P\d+ +)?(?:INFO|DETAIL|DEBUG|TRACE)\b/

// What ssh, the shell of another host and sudo say on the way to it. Wider than what importers know to be no complaint,
// since here it is only about which line people are shown.
const onTheWay =
  /^(?:subprocess ssh: |Remote: )?(?:\*\* |Warning: Permanently added |\S*bash: (?:line \d+: )?warning: |sudo: unable to resolve host )/

const isDoing = (line: string): boolean => ofDoings.test(line) || onTheWay.test(line)

// Programs in Python explain how they are called, before they say what is wrong with the call.
const usage = /^usage:/
const misused = /^[\w./-]+(?: [\w-]+)*: error: /

/** The place of the first line that says what is wrong. */
const beginOf = (lines: ReadonlyArray<string>): number => {
  const first = lines.findIndex((line) => !isDoing(line))
  const misuse = usage.test(lines[first] ?? "") ? lines.findIndex((line) => misused.test(line)) : -1
  return Math.max(misuse === -1 ? first : misuse, 0)
}

/** The first lines of what a tool wrote that are no mere log, for people to read. */
const firstLines = (text: string): string => {
  const lines = text
    .replace(traceback, "")
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "")
  const begin = beginOf(lines)
  const words = lines.slice(begin, begin + MAX_LINES).join("; ")
  return escapeText(words.length <= MAX_WORDS ? words : `${words.slice(0, MAX_WORDS)}…`)
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/**
 * Runs a backup tool on this host, without a shell, for what it lists. Its standard input is ours where that is a
 * terminal: it may ask for a passphrase. Where there is no terminal, it is ended with all that it has started.
 *
 * Fails with the tool's own words where it ends with anything but 0, and where there is no such tool, it takes too
 * long, writes too much, or has ended while something that it started still holds its output.
 */
export const runTool = (
  [tool = "", ...args]: ReadonlyArray<string>,
  { environment, ...limits }: ToolRun = {}
): Effect.Effect<ToolOutput, NotDone, Screen> => {
  const { limitMs, outputBytes, complaintBytes } = { ...toolLimits, ...limits }
  const name = escapeText(tool)
  const bounds = { limitMs, maxOutputBytes: outputBytes, maxComplaintBytes: complaintBytes, environment }
  const running = Effect.flatMap(Screen, ({ note }) =>
    runProgram(tool, args, { ...bounds, asks: (question) => Effect.runSync(note(escapeText(question))) })
  )
  return running.pipe(
    Effect.mapError(
      ({ reason, missing, advice }) =>
        new NotDone({
          message: missing
            ? `There is no program ${name} on this host: run this where it is, or give what it printed there as a file.`
            : `${name} ${escapeText(reason)}; ${advice}.`
        })
    ),
    Effect.flatMap(({ failure, stdout, stderr }) => {
      const said = decode(stderr)
      if (failure === undefined) return Effect.succeed({ bytes: stdout, stderr: said })
      // Some say what is wrong in their answer.
      const words = firstLines(said) || firstLines(decode(stdout.subarray(0, 4 * MAX_WORDS)))
      return new NotDone({ message: `${name} ${failure} and said ${words === "" ? "nothing" : `this: ${words}`}` })
    })
  )
}
