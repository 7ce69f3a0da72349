import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import type { Env } from "./backups.ts"

const main = fileURLToPath(new URL("../../../server/dist/main.js", import.meta.url))

if (!existsSync(main)) throw new Error("The server is not built: run pnpm build first.")

export const DEMO_TOKEN = "87c6033c-9ff6-405f-943e-2deb73f278b7"

const tool = async (args: ReadonlyArray<string>, input = ""): Promise<string> => {
  const child = spawn(process.execPath, [main, ...args])
  const [out, complaints] = [text(child.stdout), text(child.stderr)]
  child.stdin.end(input)
  const [code] = await once(child, "exit")
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${await complaints}`)
  return out
}

/** The real server as a process, on a store of its own. */
export interface CatalogServer {
  readonly url: string
  /** The settings for an account with records of its own, and a token of a role. */
  readonly account: (account: string, records: Iterable<object>, role?: "reader" | "member" | "admin") => Promise<Env>
  readonly stop: () => Promise<void>
}

export const startCatalog = async (...args: ReadonlyArray<string>): Promise<CatalogServer> => {
  const folder = mkdtempSync(join(tmpdir(), "backups-catalog-"))
  const store = `sqlite:${join(folder, "catalog.sqlite")}`
  const child = spawn(process.execPath, [main, "serve", "--demo", "--port", "0", "--store", store, ...args])
  const complaints = text(child.stderr)
  const ended = once(child, "exit")
  const [line] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    ended.then(async () => {
      throw new Error(`The server ended before it listened: ${await complaints}`)
    })
  ])
  const url = String(line).replace("listening on ", "")
  return {
    url,
    account: async (account, records, role = "member") => {
      const lines = Array.from(records, (record) => JSON.stringify(record)).join("\n")
      await tool(["load", "--store", store, "--account", account, "-"], lines)
      const token = await tool(["token", "create", "--store", store, "--account", account, "--role", role])
      return { BACKUPS_URL: url, BACKUPS_ACCOUNT: account, BACKUPS_TOKEN: token.trim() }
    },
    stop: async () => {
      child.kill("SIGTERM")
      await ended
      rmSync(folder, { recursive: true })
    }
  }
}

/** A real HTTP server that answers as it is told, and may well misbehave; the settings lead to it. */
export const withServer = async <A>(answer: RequestListener, use: (env: Env) => Promise<A>): Promise<A> => {
  const server = createServer(answer)
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  try {
    return await use({ BACKUPS_URL: `http://127.0.0.1:${port}`, BACKUPS_ACCOUNT: "1234", BACKUPS_TOKEN: DEMO_TOKEN })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** A record as the wire has it. */
export const record = (members: Readonly<Record<string, unknown>>) => ({
  id: "b-1",
  name: "nightly",
  description: null,
  status: "COMPLETED",
  created: "2026-01-01T00:00:00",
  updated: "2026-01-01T00:00:00",
  size: null,
  instance_id: null,
  parent_id: null,
  locationRef: null,
  ...members
})

/** So many records, newest first in the order of the list. */
export const records = (count: number): ReadonlyArray<ReturnType<typeof record>> =>
  Array.from({ length: count }, (_, index) =>
    record({ id: `id-${String(count - index).padStart(6, "0")}`, name: `nightly-${index}` })
  )
