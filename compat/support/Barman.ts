import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { type Home, writeIn } from "./Home.ts"
import { type PostgreSQL, startPostgreSQL } from "./PostgreSQL.ts"
import { run as runProgram, succeed, systemEnv } from "./run.ts"
import { until } from "./until.ts"

/** A Barman with one server, a PostgreSQL that is written to all the time, whose WAL it receives. */
export interface Barman {
  readonly server: string
  readonly configFile: string
  readonly postgres: PostgreSQL
  readonly run: (...args: ReadonlyArray<string>) => Promise<string>
  readonly stop: () => Promise<void>
}

const SERVER = "orders"

const configuration = (folder: string, user: string) => `[barman]
barman_user = ${user}
barman_home = ${folder}/barman
barman_lock_directory = ${folder}/barman
log_file = ${folder}/barman.log
log_level = INFO

[${SERVER}]
conninfo = host=${folder} user=postgres dbname=postgres
streaming_conninfo = host=${folder} user=postgres
backup_method = postgres
streaming_archiver = on
slot_name = barman
archiver = off
`

/** Makes a PostgreSQL and a Barman for it in a home, without a backup. */
export const startBarman = async (home: Home): Promise<Barman> => {
  const { folder, runner, give } = home
  const postgres = await startPostgreSQL(home, "true")
  await mkdir(join(folder, "barman"))
  await give(join(folder, "barman"))
  const user = (await succeed("id", ["-un"], systemEnv, runner)).trim()
  const configFile = await writeIn(home, "barman.conf", configuration(folder, user))
  const env = { ...systemEnv, HOME: folder }
  const run: Barman["run"] = (...args) => succeed("barman", ["-c", configFile, ...args], env, runner)
  await run("receive-wal", "--create-slot", SERVER)
  const receiving = ["--pdeathsig", "TERM", "barman", "-c", configFile, "receive-wal", SERVER]
  const child = spawn("setpriv", receiving, { ...runner, env, stdio: "ignore" })
  const ended = once(child, "exit")
  // Barman leaves the newest file of WAL that it has received until the next one begins: somebody has to write.
  let writing = true
  const written = (async () => {
    while (writing) {
      await postgres.query("SELECT pg_create_restore_point('written')")
      await setTimeout(200)
    }
  })()
  // It backs up nothing before it has received a file of WAL; what is closed before it listens never comes.
  await until("WAL at Barman", async () => {
    const switching = ["-c", configFile, "switch-wal", "--force", "--archive", "--archive-timeout", "3", SERVER]
    return (await runProgram("barman", switching, env, runner)).code === 0 ? true : undefined
  })
  return {
    server: SERVER,
    configFile,
    postgres,
    run,
    stop: async () => {
      writing = false
      await written
      child.kill("SIGTERM")
      await ended
      await postgres.stop()
    }
  }
}
