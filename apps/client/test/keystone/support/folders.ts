import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { Surroundings } from "../../../src/keystone/index.ts"

export interface Folders extends AsyncDisposable {
  readonly root: string
  /** Surroundings with these variables, whose folders are `cwd`, `home` and `etc` of the root. */
  readonly at: (env?: Surroundings["env"]) => Surroundings
  /** Writes a file below the root, and gives its path. */
  readonly write: (path: string, content: string) => Promise<string>
}

/** A temporary folder that a sign-in takes for the whole machine. */
export const folders = async (): Promise<Folders> => {
  const root = await mkdtemp(join(tmpdir(), "catalog-keystone-"))
  return {
    root,
    at: (env = {}) => ({ env, cwd: join(root, "cwd"), home: join(root, "home"), site: join(root, "etc") }),
    write: async (path, content) => {
      const whole = join(root, path)
      await mkdir(dirname(whole), { recursive: true })
      await writeFile(whole, content)
      return whole
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true })
  }
}

/** A machine with no variables and no files that matter. */
export const nowhere: Surroundings = { env: {}, cwd: "/nonexistent", home: "/nonexistent", site: "/nonexistent" }
