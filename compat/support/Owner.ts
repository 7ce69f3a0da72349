import { join } from "node:path"
import { assert } from "vitest"
import type { Backups } from "./backups.ts"
import { type Catalog, newToken, startCatalog } from "./Catalog.ts"
import type { Cloud } from "./Cloud.ts"
import type { CatalogRecord } from "./records.ts"
import type { Ended } from "./run.ts"

/** A record as `backups list -o json` gives it. */
export type Listed = Omit<CatalogRecord, "datastore"> & {
  readonly datastore?: { readonly type: string; readonly version: string | null; readonly version_id: string | null }
  readonly retired_at?: string | null
}

/** Somebody with an empty account of a catalog, and the program `backups`. */
export interface Owner {
  readonly account: string
  readonly token: string
  readonly backups: (...args: ReadonlyArray<string>) => Promise<Ended>
  /** The same, with other variables. */
  readonly backupsWith: (env: NodeJS.ProcessEnv, ...args: ReadonlyArray<string>) => Promise<Ended>
  /** Runs a command that must succeed and warn of nothing, and gives what it printed. */
  readonly succeeds: (...args: ReadonlyArray<string>) => Promise<string>
  /** All records, newest first. */
  readonly list: (...args: ReadonlyArray<string>) => Promise<ReadonlyArray<Listed>>
}

/** A catalog of its own for the tests of a tool. */
export interface ToolCatalog extends Catalog {
  /** Makes an account whose `backups` has some variables besides its own. */
  readonly newOwner: (program: Backups, env?: NodeJS.ProcessEnv) => Promise<Owner>
}

/** Starts a catalog whose store and logs have a name. */
export const startToolCatalog = async (cloud: Cloud, name: string): Promise<ToolCatalog> => {
  const store = join(cloud.folder, `${name}.sqlite`)
  const catalog = await startCatalog({ store, logs: join(cloud.logs, name), flags: ["--rate-limit", "0"] })
  let accounts = 0
  return {
    ...catalog,
    newOwner: async (program, env = {}) => {
      const account = `${name}-${++accounts}`
      const token = await newToken(store, account)
      const own = { BACKUPS_URL: catalog.url, BACKUPS_ACCOUNT: account, BACKUPS_TOKEN: token }
      const backupsWith: Owner["backupsWith"] = (other, ...args) => program({ ...own, ...env, ...other }, ...args)
      const backups: Owner["backups"] = (...args) => backupsWith({}, ...args)
      const succeeds: Owner["succeeds"] = async (...args) => {
        const { code, stdout, stderr } = await backups(...args)
        assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" }, `${args.join(" ")}: ${stdout}`)
        return stdout
      }
      const list: Owner["list"] = async (...args) => JSON.parse(await succeeds("list", ...args, "-o", "json"))
      return { account, token, backups, backupsWith, succeeds, list }
    }
  }
}

/** What an import says that was well. */
export const counts = (source: string, created: number, changed: number, unchanged: number, retired: number): string =>
  `${source}: ${created} new, ${changed} changed, ${unchanged} unchanged, ${retired} retired, 0 rejected.\n`

/** A moment as records have it, to the second. */
export const utc = (time: Date | number): string => new Date(time).toISOString().slice(0, 19)
