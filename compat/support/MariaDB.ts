import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import type { Home } from "./Home.ts"
import { run, succeed, systemEnv } from "./run.ts"
import { until } from "./until.ts"

/** A running MariaDB that listens on a socket in its home, and on no port. */
export interface MariaDB {
  /** What its clients, and the tools that back it up, are told to find it. */
  readonly options: ReadonlyArray<string>
  readonly query: (statement: string) => Promise<string>
  readonly stop: () => Promise<void>
}

/** Makes a MariaDB in a home, and starts it. */
export const startMariaDB = async ({ folder, runner }: Home): Promise<MariaDB> => {
  const data = join(folder, "mariadb")
  const socket = join(folder, "mariadb.sock")
  const settings = ["--no-defaults", `--datadir=${data}`]
  const install = [...settings, "--auth-root-authentication-method=normal", "--skip-test-db"]
  await succeed("mariadb-install-db", install, systemEnv, runner)
  const server = [...settings, `--socket=${socket}`, "--skip-networking", "--innodb-buffer-pool-size=16M"]
  // The kernel ends it with this process, however that ends.
  const args = ["--pdeathsig", "TERM", "mariadbd", ...server]
  const child = spawn("setpriv", args, { ...runner, env: systemEnv, stdio: "ignore" })
  const ended = once(child, "exit")
  const options = [`--socket=${socket}`, "--user=root"]
  const client = ["--no-defaults", ...options, "--skip-column-names", "--batch", "--execute"]
  const ask = (statement: string) => run("mariadb", [...client, statement], systemEnv, runner)
  await until("MariaDB", async () => ((await ask("SELECT 1")).code === 0 ? true : undefined))
  return {
    options,
    query: async (statement) => (await succeed("mariadb", [...client, statement], systemEnv, runner)).trim(),
    stop: async () => {
      child.kill("SIGTERM")
      await ended
    }
  }
}
