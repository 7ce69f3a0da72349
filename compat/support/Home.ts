import { chown, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Runner, succeed } from "./run.ts"

/** A new folder of somebody who is not root. */
export interface Home {
  readonly folder: string
  /** Runs programs there, as its owner. */
  readonly runner: Runner
  /** Lets its owner have what was put there. */
  readonly give: (path: string) => Promise<void>
  readonly remove: () => Promise<void>
}

const idOf = async (kind: "-u" | "-g"): Promise<number> => Number(await succeed("id", [kind, "postgres"]))

/** Makes a home for the user postgres, or, where root does not run the tests, for whoever does. */
export const homeOfPostgres = async (): Promise<Home> => {
  // Not in the folder of the cloud, which others may not look into. And the path of a socket must be short.
  const folder = await mkdtemp(join(tmpdir(), "catalog-pg-"))
  const remove = () => rm(folder, { recursive: true })
  if (process.getuid?.() !== 0) return { folder, runner: { cwd: folder }, give: async () => {}, remove }
  const [uid, gid] = await Promise.all([idOf("-u"), idOf("-g")])
  await chown(folder, uid, gid)
  const give = async (path: string) => {
    await succeed("chown", ["-R", `${uid}:${gid}`, path])
  }
  return { folder, runner: { cwd: folder, uid, gid }, give, remove }
}

/** Writes a file that its owner may read, and gives its path. */
export const writeIn = async ({ folder, give }: Home, name: string, text: string): Promise<string> => {
  const file = join(folder, name)
  await writeFile(file, text, { mode: 0o600 })
  await give(file)
  return file
}
