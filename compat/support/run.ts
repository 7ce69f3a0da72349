import { spawn } from "node:child_process"
import { text } from "node:stream/consumers"

/** What a program that ended has said. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Where a program runs, and as whom; without them, where and as whom the tests run. */
export interface Runner {
  readonly cwd?: string
  readonly uid?: number
  readonly gid?: number
}

/** Runs a program with exactly this environment to its end; its input is empty. */
export const run = async (
  program: string,
  args: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv,
  runner: Runner = {}
): Promise<Ended> => {
  const child = spawn(program, args, { ...runner, env, stdio: ["ignore", "pipe", "pipe"] })
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve))
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { code, stdout, stderr }
}

/** Runs a program that must succeed, and gives what it printed on stdout. */
export const succeed = async (
  program: string,
  args: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv = systemEnv,
  runner?: Runner
): Promise<string> => {
  const { code, stdout, stderr } = await run(program, args, env, runner)
  if (code !== 0) throw new Error(`${[program, ...args].join(" ")} ended with ${code}:\n${stdout}${stderr}`)
  return stdout
}

/** The environment of programs that Debian installed: nothing of the caller's, whose python may be another. */
export const systemEnv: NodeJS.ProcessEnv = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8" }
