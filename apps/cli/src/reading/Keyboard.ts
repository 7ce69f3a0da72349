import { createInterface } from "node:readline"
import { isatty } from "node:tty"
import { Context, Effect, Layer } from "effect"
import { InputFailed } from "../outcomes/InputFailed.ts"
import { boundedBytes } from "./boundedBytes.ts"
import { boundedText, readingProblem } from "./boundedText.ts"

/** What is typed, or written to the standard input by another program. */
export class Keyboard extends Context.Tag("@backup-catalog/cli/Keyboard")<
  Keyboard,
  {
    /** Whether somebody can be asked: there is a terminal to read from, and one to ask in. */
    readonly attended: boolean
    /** Whether another program, or a file, is to be read from. */
    readonly piped: boolean
    /** The line that is typed after a question; undefined when the input ended instead. */
    readonly ask: (question: string) => Effect.Effect<string | undefined>
    /** The same for what nobody may see on the screen. */
    readonly askSecretly: (question: string) => Effect.Effect<string | undefined>
    /** All that the standard input holds, up to so many bytes. */
    readonly whole: (maxBytes: number) => Effect.Effect<string, InputFailed>
    /** The same as it is, whether it is text or not. */
    readonly wholeBytes: (maxBytes: number) => Effect.Effect<Uint8Array, InputFailed>
  }
>() {}

const CTRL_C = "\u0003"
const CTRL_D = "\u0004"
const CTRL_U = "\u0015"
const CTRL_W = "\u0017"
const erasing: ReadonlySet<string> = new Set(["\u007f", "\b"])

const control = /\p{Cc}/u
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what keys such as the arrows send, F1 of Linux's console (`[[A`), and rxvt's with Shift (`[7$`)
const keySequence = /\u001b(?:\[\[[A-E]|\[[0-9;]*\$|\[[0-?]*[ -/]*[@-Z\\-~]|O[ -~])/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same, as far as it came
const begunSequence = /\u001b(?:\[\[|\[[0-?]*[ -/]*|O)?$/

/** For how long the rest of what a key sends is waited for, in milliseconds: what comes later was typed by itself. */
const KEY_TIME = 500

const ask = (question: string) =>
  Effect.async<string | undefined>((resume) => {
    process.stderr.write(question)
    const lines = createInterface({ input: process.stdin, terminal: false })
    let answer: string | undefined
    lines.once("line", (line) => {
      answer = line
      lines.close()
    })
    lines.once("close", () => {
      if (answer === undefined) process.stderr.write("\n")
      resume(Effect.succeed(answer))
    })
  })

/** What a line that is typed comes to with one character more. */
const edited = (typed: string, character: string): string => {
  if (erasing.has(character)) return [...typed].slice(0, -1).join("")
  if (character === CTRL_U) return ""
  if (character === CTRL_W) return typed.replace(/\S*\s*$/, "")
  // Ctrl-Z among others: whoever cannot see what is typed would not know that it is there.
  return control.test(character) ? typed : typed + character
}

/** Reads a line without showing it; `done` gets undefined when the input ends instead. */
const readUnseen = (done: (line: string | undefined) => void, interrupted: () => void) => {
  let typed = ""
  let begun = ""
  let since = 0
  const end = () => done(undefined)
  const withoutKeys = (chunk: string): string => {
    const now = performance.now()
    const late = now - since >= KEY_TIME
    const before = late ? begun : ""
    const text = (late ? chunk : begun + chunk).replace(keySequence, "")
    begun = begunSequence.exec(text)?.[0] ?? ""
    since = now
    return before + text.slice(0, text.length - begun.length)
  }
  const take = (chunk: string) => {
    for (const character of withoutKeys(chunk)) {
      if (character === "\r" || character === "\n") return done(typed)
      if (character === CTRL_D && typed === "") return done(undefined)
      if (character === CTRL_C) return interrupted()
      typed = edited(typed, character)
    }
  }
  process.stdin.setEncoding("utf8").setRawMode(true)
  process.stdin.on("data", take).on("end", end).resume()
  return () => {
    process.stdin.off("data", take).off("end", end).pause()
    process.stdin.setRawMode(false)
    process.stderr.write("\n")
  }
}

const askSecretly = (question: string) =>
  Effect.async<string | undefined>((resume) => {
    const stop = readUnseen(
      (line) => {
        stop()
        resume(Effect.succeed(line))
      },
      () => {
        stop()
        process.kill(process.pid, "SIGINT")
      }
    )
    // Only now, so that nothing is shown of what is typed at once.
    process.stderr.write(question)
  })

const readInput =
  <A>(read: (stream: NodeJS.ReadStream, maxBytes: number) => Promise<A>) =>
  (maxBytes: number) =>
    Effect.tryPromise({
      try: () => read(process.stdin, maxBytes),
      catch: (error) => new InputFailed({ message: `The standard input cannot be read: ${readingProblem(error)}.` })
    })

/** The keyboard of the process: its standard input, with questions on its standard error. */
export const layer = Layer.sync(Keyboard, () =>
  Keyboard.of({
    attended: isatty(0) && isatty(2),
    piped: !isatty(0),
    ask,
    askSecretly,
    whole: readInput(boundedText),
    wholeBytes: readInput(boundedBytes)
  })
)
