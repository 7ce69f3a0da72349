import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"

const main = fileURLToPath(new URL("../../server/dist/main.js", import.meta.url))

export const DEMO_TOKEN = "87c6033c-9ff6-405f-943e-2deb73f278b7"

const start = (args: ReadonlyArray<string>): ChildProcessWithoutNullStreams => {
  if (!existsSync(main)) throw new Error("The server is not built: run pnpm build first.")
  return spawn(process.execPath, [main, ...args])
}

const run = async (args: ReadonlyArray<string>, input = ""): Promise<string> => {
  const child = start(args)
  const [out, err] = [text(child.stdout), text(child.stderr)]
  child.stdin.end(input)
  const [code] = await once(child, "exit")
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${await err}`)
  return out
}

/** The real server on a store of its own, as a process. */
export interface RealServer extends AsyncDisposable {
  readonly url: string
  /** A new token of an account. */
  readonly token: (account: string, role?: "reader" | "member" | "admin") => Promise<string>
  /** Puts records into the store. */
  readonly load: (account: string, records: ReadonlyArray<object>) => Promise<void>
}

export const realServer = async (...args: ReadonlyArray<string>): Promise<RealServer> => {
  const folder = await mkdtemp(join(tmpdir(), "catalog-client-"))
  const store = `sqlite:${join(folder, "catalog.sqlite")}`
  const child = start(["serve", "--port", "0", "--store", store, ...args])
  const complaints = text(child.stderr)
  const ended = once(child, "exit")
  const [line] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    ended.then(async () => {
      throw new Error(`The server ended before it listened: ${await complaints}`)
    })
  ])
  return {
    url: String(line).replace("listening on ", ""),
    token: async (account, role = "member") =>
      (await run(["token", "create", "--store", store, "--account", account, "--role", role])).trim(),
    load: async (account, records) => {
      const lines = records.map((record) => JSON.stringify(record)).join("\n")
      await run(["load", "--store", store, "--account", account, "-"], lines)
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM")
      await ended
      await rm(folder, { recursive: true })
    }
  }
}
