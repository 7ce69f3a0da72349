import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { appendFile, readdir } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { Home } from "./Home.ts"
import { succeed, systemEnv } from "./run.ts"

const VERSIONS = "/usr/lib/postgresql"

const { compare: byNumber } = new Intl.Collator("en", { numeric: true })

/** Where the programs of the newest installed server are: Debian has few of them on the path. */
const programs = async (): Promise<string> => {
  const folders = (await readdir(VERSIONS)).map((version) => join(VERSIONS, version, "bin"))
  // Of some versions there may be only the client.
  const newest = folders
    .filter((bin) => existsSync(join(bin, "initdb")))
    .toSorted(byNumber)
    .at(-1)
  if (newest === undefined) throw new Error(`There is no server of PostgreSQL in ${VERSIONS}.`)
  return newest
}

/** A running PostgreSQL that listens on a socket in its home, and on no port. */
export interface PostgreSQL {
  /** Its data directory. */
  readonly data: string
  /** Runs a statement in the database `postgres`, and gives its rows as lines. */
  readonly query: (statement: string) => Promise<string>
  readonly stop: () => Promise<void>
}

const configuration = (folder: string, archiveCommand: string) => `
listen_addresses = ''
unix_socket_directories = '${folder}'
archive_mode = on
archive_command = '${archiveCommand}'
shared_buffers = '16MB'
# It would write pages anew that tests have spoilt.
autovacuum = off
# Nothing of it has to outlive the machine.
fsync = off
`

/** Makes a cluster with page checksums in a home, and starts it with a command that archives its WAL. */
export const startPostgreSQL = async ({ folder, runner }: Home, archiveCommand: string): Promise<PostgreSQL> => {
  const bin = await programs()
  const data = join(folder, "data")
  const initial = ["--username", "postgres", "--auth", "trust", "--data-checksums", "--no-sync", "--encoding", "UTF8"]
  await succeed(join(bin, "initdb"), ["--pgdata", data, ...initial], systemEnv, runner)
  await appendFile(join(data, "postgresql.conf"), configuration(folder, archiveCommand))
  // The kernel ends it with this process, however that ends.
  const args = ["--pdeathsig", "QUIT", join(bin, "postgres"), "-D", data]
  const child = spawn("setpriv", args, { ...runner, env: systemEnv, stdio: ["ignore", "ignore", "pipe"] })
  const ended = once(child, "exit")
  const said: Array<string> = []
  await new Promise<void>((resolve, reject) => {
    child.on("error", reject)
    child.on("exit", (code) =>
      reject(new Error(`PostgreSQL ended with ${code} before it listened: ${said.join("\n")}`))
    )
    createInterface({ input: child.stderr }).on("line", (line) => {
      said.push(line)
      if (line.endsWith("database system is ready to accept connections")) resolve()
    })
  })
  const psql = ["--host", folder, "--username", "postgres", "--no-psqlrc", "--tuples-only", "--no-align", "--command"]
  return {
    data,
    query: async (statement) =>
      (await succeed(join(bin, "psql"), [...psql, statement, "postgres"], systemEnv, runner)).trim(),
    stop: async () => {
      child.kill("SIGINT")
      await ended
    }
  }
}
