import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url))

/** What a program that ended has said. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the built program; its stderr is a pipe, or a file that is open. */
export const spawnProgram = (
  args: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv = {},
  stderr: "pipe" | number = "pipe"
): ChildProcess =>
  spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["pipe", "pipe", stderr]
  })

/** Waits for a program to end, with all that it prints from now on; its input is closed unless told otherwise. */
export const ended = (child: ChildProcess, input?: string | Buffer, close = true): Promise<Ended> =>
  new Promise((resolve, reject) => {
    let stdout = ""
    let stderr = ""
    child.stdout?.on("data", (chunk) => (stdout += chunk))
    child.stderr?.on("data", (chunk) => (stderr += chunk))
    child.on("error", reject)
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }))
    child.stdin?.on("error", () => {})
    if (close) child.stdin?.end(input)
  })

/** Runs the built program to its end. */
export const runProgram = (
  args: ReadonlyArray<string>,
  input?: string | Buffer,
  env?: NodeJS.ProcessEnv
): Promise<Ended> => ended(spawnProgram(args, env), input)

// What root may do besides, whatever the rights of a file are; a file of root's is then as one's own.
const withoutPrivilege = ["--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]

/** Runs the built program as somebody for whom the rights of files hold, also where the tests run as root. */
export const runUnprivileged = (args: ReadonlyArray<string>): Promise<Ended> =>
  process.getuid?.() === 0
    ? ended(
        spawn("setpriv", [...withoutPrivilege, process.execPath, main, ...args], { env: { PATH: process.env.PATH } })
      )
    : runProgram(args)

/** Runs the built program in a shell, with arguments and where its output goes as the shell has them. */
export const runInShell = (args: string): Promise<Ended> =>
  ended(spawn("sh", ["-c", `"$0" "$1" ${args}`, process.execPath, main], { env: { PATH: process.env.PATH } }))

/** The first line that a program prints, once it is there. */
export const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new Error("the program has no stdout"))
    createInterface({ input: child.stdout }).once("line", resolve)
    child.once("exit", (code) => reject(new Error(`the program ended with ${code} before it was ready`)))
  })

/** The lines of a log that a program has written to stderr and nothing else, as what they say. */
// biome-ignore lint/suspicious/noExplicitAny: what they say is what the tests are about
export const logLines = (stderr: string): ReadonlyArray<any> =>
  stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
