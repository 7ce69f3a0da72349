import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process"
import { on, once } from "node:events"
import { existsSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"

/** The built program. */
export const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url))

if (!existsSync(main)) throw new Error("The program is not built: run pnpm build first.")

export type Env = Readonly<Record<string, string>>

// A home without a profile, so that nothing of the machine's gets in.
const home = mkdtempSync(join(tmpdir(), "backups-home-"))

export const cleanEnv = (env: Env): Record<string, string> => ({
  PATH: process.env.PATH ?? "",
  HOME: home,
  TERM: "xterm-256color",
  LANG: "C.UTF-8",
  ...env
})

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export const start = (args: ReadonlyArray<string>, env: Env): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, [main, ...args], { env: cleanEnv(env) })

export const ended = async (child: ChildProcessWithoutNullStreams): Promise<Ended> => {
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit")
  ])
  return { code, signal, stdout, stderr }
}

/** Runs the program as a process whose output is read through pipes. */
export const backups = (args: ReadonlyArray<string>, env: Env = {}): Promise<Ended> => ended(start(args, env))

/** Runs a script in a shell, with the program as `backups`. */
export const shell = (script: string, env: Env = {}): Promise<Ended> =>
  ended(
    spawn(
      "bash",
      ["-c", `backups() { ${JSON.stringify(process.execPath)} ${JSON.stringify(main)} "$@"; }\n${script}`],
      {
        env: cleanEnv(env)
      }
    )
  )

const onPython = `import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(["sh", "-c", sys.argv[1]])))`

const terminalCommand = (line: string): readonly [string, ReadonlyArray<string>] => {
  const script = spawnSync("script", ["--version"], { encoding: "utf8" })
  if (script.stdout?.includes("util-linux")) return ["script", ["-qec", line, "/dev/null"]]
  if (spawnSync("python3", ["-c", "import pty"]).status === 0) return ["python3", ["-c", onPython, line]]
  throw new Error("A pseudo-terminal needs script of util-linux, or python3.")
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** Starts the program in a pseudo-terminal of so many columns; what is written to its stdin is typed. */
export const startInTerminal = (
  columns: number,
  args: ReadonlyArray<string>,
  env: Env
): ChildProcessWithoutNullStreams => {
  const line = `stty cols ${columns} rows 24; exec ${[process.execPath, main, ...args].map(quoted).join(" ")}`
  const [command, parameters] = terminalCommand(line)
  return spawn(command, parameters, { env: { ...cleanEnv(env), SHELL: "/bin/sh" } })
}

/** Runs the program in a pseudo-terminal; stdout is all that the screen got, line ends as `\n`. */
export const inTerminal = async (columns: number, args: ReadonlyArray<string>, env: Env = {}): Promise<Ended> => {
  const result = await ended(startInTerminal(columns, args, env))
  return { ...result, stdout: result.stdout.replaceAll("\r\n", "\n") }
}

/** Waits until a program in a terminal has shown a text. */
export const shown = async (child: ChildProcessWithoutNullStreams, text: string): Promise<void> => {
  let screen = ""
  for await (const [chunk] of on(child.stdout, "data", { close: ["end"] })) {
    screen += String(chunk)
    if (screen.includes(text)) return
  }
  throw new Error(`The terminal never showed ${text}: ${screen}`)
}
