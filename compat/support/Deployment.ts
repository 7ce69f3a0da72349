import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFile } from "node:fs/promises"
import { connect, createServer } from "node:net"
import { type Home, writeIn } from "./Home.ts"
import { systemEnv } from "./run.ts"
import { until } from "./until.ts"

const DOCUMENT = new URL("../../docs/deploy.md", import.meta.url)

/** The file of a name as docs/deploy.md shows it, with what differs between machines replaced. */
export const documented = async (name: string, replaced: ReadonlyArray<readonly [RegExp, string]>): Promise<string> => {
  const text = await readFile(DOCUMENT, "utf8")
  const block = new RegExp(`\`${name}\`:\n\n\`\`\`\\w*\n([^]*?)\`\`\``).exec(text)?.[1]
  if (block === undefined) throw new Error(`docs/deploy.md has no file ${name}.`)
  return replaced.reduce((file, [what, by]) => {
    if (!what.test(file)) throw new Error(`${name} in docs/deploy.md has nothing like ${what}.`)
    return file.replace(what, by)
  }, block)
}

/** A port that nobody listens on. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port"))
      )
    })
  })

const answers = (port: number): Promise<true | undefined> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy()
      resolve(true)
    })
    socket.on("error", () => resolve(undefined))
  })

/** A program that runs until it is stopped. */
export interface Daemon {
  readonly stop: () => Promise<void>
}

/** Starts a program with a configuration in a home, and waits until something listens on its port. */
export const startDaemon = async (
  home: Home,
  program: string,
  args: (file: string) => ReadonlyArray<string>,
  configuration: string,
  port: number
): Promise<Daemon> => {
  const file = await writeIn(home, `${program}.conf`, configuration)
  // The kernel ends it with this process, however that ends.
  const child = spawn("setpriv", ["--pdeathsig", "KILL", program, ...args(file)], {
    ...home.runner,
    env: systemEnv,
    stdio: ["ignore", "ignore", "pipe"]
  })
  const said: Array<string> = []
  child.stderr.setEncoding("utf8").on("data", (text: string) => said.push(text))
  const ended = once(child, "exit")
  await Promise.race([
    until(`${program} on its port`, () => answers(port)),
    ended.then(([code]) => {
      throw new Error(`${program} ended with ${code} before it listened: ${said.join("")}`)
    })
  ])
  return {
    stop: async () => {
      child.kill("SIGTERM")
      await ended
    }
  }
}
