import { spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { cleanEnv, type Env, main } from "./backups.ts"
import { temporaryFolder } from "./temporaryFolder.ts"

interface Range {
  readonly startOffset: number
  readonly endOffset: number
  readonly count: number
}

interface Coverage {
  readonly result: ReadonlyArray<{
    readonly url: string
    readonly functions: ReadonlyArray<{ readonly ranges: ReadonlyArray<Range> }>
  }>
}

/**
 * Runs the built program, and tells of a text of it whether the part that has it was evaluated: what is imported as the
 * program goes is a function in it, which is called when it is first imported.
 */
export const evaluation = async (args: ReadonlyArray<string>, env: Env): Promise<(text: string) => boolean> => {
  const folder = temporaryFolder()
  // As any other program is loaded: where it is in a file, V8 tells what was called.
  cpSync(dirname(main), folder, { recursive: true, filter: (path) => !path.endsWith(".v8") })
  const covered = join(folder, "covered")
  const child = spawn(process.execPath, [join(folder, "main.js"), ...args], {
    env: { ...cleanEnv(env), NODE_V8_COVERAGE: covered },
    stdio: "ignore"
  })
  await once(child, "exit")
  const [report = ""] = readdirSync(covered)
  const { result }: Coverage = JSON.parse(readFileSync(join(covered, report), "utf8"))
  const functions = result.find(({ url }) => url.endsWith("/backups.js"))?.functions
  if (functions === undefined) throw new Error("V8 tells nothing of the program")
  const program = readFileSync(join(folder, "backups.js"), "utf8")
  return (text) => {
    const place = program.indexOf(text)
    if (place < 0) throw new Error(`the program has no ${text}`)
    const around = functions
      .flatMap(({ ranges: [whole] }) => whole ?? [])
      .filter(({ startOffset, endOffset }) => startOffset > 0 && startOffset <= place && place < endOffset)
      .sort((a, b) => a.startOffset - b.startOffset)
    return around[0] === undefined || around[0].count > 0
  }
}
