import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, cp, mkdir, writeFile } from "node:fs/promises"
import { userInfo } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { succeed, systemEnv } from "./run.ts"

/** How long a token is good for, in seconds, when the folder's configuration does not say otherwise. */
const TOKEN_LIFE = 3600

const configuration = (folder: string, tokenLife: number) => `[DEFAULT]
log_file = ${folder}/keystone.log
[database]
connection = sqlite:///${folder}/keystone.db
[identity]
# Hashing passwords as slowly as in production would take a third of a second each time somebody signs in.
password_hash_rounds = 4
[token]
provider = fernet
expiration = ${tokenLife}
[fernet_tokens]
key_repository = ${folder}/fernet-keys
[fernet_receipts]
# Else keystone-manage would make keys for them in /etc.
key_repository = ${folder}/fernet-keys
[credential]
key_repository = ${folder}/credential-keys
[cache]
# As a Keystone in production has it, but for the memory of its one process; without it a token takes half a second.
enabled = true
backend = dogpile.cache.memory
`

// Keystone reads sys.argv, and would take gunicorn's arguments for its own.
const application = `import sys

sys.argv = ["keystone"]

from keystone.server.wsgi import initialize_public_application  # noqa: E402

application = initialize_public_application()
`

const manage = (folder: string, ...args: ReadonlyArray<string>) =>
  succeed("keystone-manage", ["--config-file", join(folder, "keystone.conf"), ...args])

const database = (folder: string) => join(folder, "keystone.db")

const sqlite = (file: string, statement: string, ...values: ReadonlyArray<string>) =>
  succeed("python3", [
    "-c",
    "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute(sys.argv[2], sys.argv[3:])",
    file,
    statement,
    ...values
  ])

// Otherwise a read that meets a write fails now and then with "database is locked".
const allowReadsDuringWrites = (folder: string) => sqlite(database(folder), "PRAGMA journal_mode=WAL")

/** Makes a folder with everything that a Keystone needs but its first user. */
export const prepareKeystone = async (folder: string): Promise<void> => {
  for (const keys of ["fernet-keys", "credential-keys"])
    await mkdir(join(folder, keys), { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  await writeFile(join(folder, "keystone.conf"), configuration(folder, TOKEN_LIFE))
  await writeFile(join(folder, "wsgi_app.py"), application)
  const group = (await succeed("id", ["-gn"])).trim()
  const owner = ["--keystone-user", userInfo().username, "--keystone-group", group]
  await Promise.all([
    manage(folder, "db_sync"),
    manage(folder, "fernet_setup", ...owner),
    manage(folder, "credential_setup", ...owner)
  ])
  await allowReadsDuringWrites(folder)
}

/** Makes the first user and project, both called `admin`, the roles reader, member and admin, and the region. */
export const bootstrapKeystone = async (folder: string, url: string, password: string): Promise<void> => {
  const urls = ["admin", "internal", "public"].flatMap((kind) => [`--bootstrap-${kind}-url`, url])
  await manage(folder, "bootstrap", "--bootstrap-password", password, ...urls, "--bootstrap-region-id", "RegionOne")
}

/**
 * Copies the folder of a Keystone, so that tokens and passwords of the one are good at the other.
 *
 * @param tokenLife how long its tokens are good for, in seconds
 */
export const copyKeystone = async (from: string, to: string, tokenLife = TOKEN_LIFE): Promise<void> => {
  await cp(from, to, { recursive: true, filter: (path) => !/keystone\.(log|db.*)$/.test(path) })
  await sqlite(database(from), "VACUUM INTO ?", database(to))
  await allowReadsDuringWrites(to)
  await writeFile(join(to, "keystone.conf"), configuration(to, tokenLife))
}

/** A running Keystone. */
export interface Keystone {
  /** Its address with `/v3`. */
  readonly url: string
  readonly port: number
  /** Stops all its processes where they are: connections are taken and never answered. */
  readonly freeze: () => void
  readonly thaw: () => void
  /** Ends it at once: connections are refused. */
  readonly kill: () => Promise<void>
}

const announced = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    const said: Array<string> = []
    child.on("error", reject)
    child.on("exit", (code) => reject(new Error(`Keystone ended with ${code} before it listened:\n${said.join("\n")}`)))
    if (child.stderr === null) return
    createInterface({ input: child.stderr }).on("line", (line) => {
      said.push(line)
      const port = /Listening at: http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
  })

/**
 * Starts the Keystone of a folder on this machine only, with one worker: two would lock each other out of SQLite.
 *
 * @param port 0 picks a free one
 */
export const startKeystone = async (folder: string, port = 0): Promise<Keystone> => {
  // The kernel ends it with this process, however that ends. Its own group is what a signal can be sent to.
  const child = spawn(
    "setpriv",
    ["--pdeathsig", "TERM", "gunicorn", "-w", "1", "-t", "0", "-b", `127.0.0.1:${port}`, "wsgi_app:application"],
    {
      cwd: folder,
      env: { ...systemEnv, OS_KEYSTONE_CONFIG_FILES: join(folder, "keystone.conf") },
      stdio: ["ignore", "ignore", "pipe"],
      detached: true
    }
  )
  const ended = once(child, "exit")
  const bound = await announced(child)
  const signal = (name: NodeJS.Signals) => process.kill(-Number(child.pid), name)
  return {
    url: `http://127.0.0.1:${bound}/v3`,
    port: bound,
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
    kill: async () => {
      signal("SIGKILL")
      await ended
    }
  }
}
