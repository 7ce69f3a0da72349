import { join } from "node:path"
import { onTestFinished } from "vitest"
import { ended, firstLine, spawnProgram } from "../support/program.ts"
import { temporaryFolder } from "../support/server.ts"

/** The token of the demo's account, 1234. */
export const DEMO_TOKEN = "87c6033c-9ff6-405f-943e-2deb73f278b7"

/** Starts a server on a free port, which ends with the test, and waits until it listens. */
export const serve = async (args: ReadonlyArray<string>, env?: NodeJS.ProcessEnv, stderr?: "pipe" | number) => {
  const child = spawnProgram(["serve", "--port", "0", ...args], env, stderr)
  onTestFinished(() => void child.kill("SIGKILL"))
  const all = ended(child)
  const line = await firstLine(child)
  return { child, all, line, url: line.replace("listening on ", "") }
}

/** The address of a store that is not there yet. */
export const freshStore = (): string => `sqlite:${join(temporaryFolder(onTestFinished), "catalog.sqlite")}`
