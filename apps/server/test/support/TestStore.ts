import { join } from "node:path"
import Database from "better-sqlite3"
import { inject } from "vitest"
import type { StoreAddress } from "../../src/store/StoreAddress.ts"
import { emptyDatabase, query } from "./postgres.ts"
import { temporaryFolder } from "./server.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** Which store the tests of a project run on. */
    readonly store: StoreAddress["kind"]
  }
}

/** A store of a test, looked into behind the server's back. */
export interface TestStore {
  /** What `--store` is told. */
  readonly address: string
  /** All that it holds, table by table. */
  readonly contents: (tables?: ReadonlyArray<string>) => Promise<Readonly<Record<string, ReadonlyArray<unknown>>>>
  /** Changes it by SQL that both stores understand. */
  readonly change: (sql: string) => Promise<void>
}

const sqlite = (path: string): TestStore => {
  const withDatabase = async <A>(use: (database: Database.Database) => A): Promise<A> => {
    const database = new Database(path)
    try {
      return use(database)
    } finally {
      database.close()
    }
  }
  const tablesOf = (database: Database.Database) =>
    database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all()
  return {
    address: `sqlite:${path}`,
    contents: (tables) =>
      withDatabase((database) =>
        Object.fromEntries(
          (tables ?? tablesOf(database)).map((name) => [
            name,
            database.prepare(`SELECT * FROM ${name}`).safeIntegers().raw().all()
          ])
        )
      ),
    change: (sql) => withDatabase((database) => void database.exec(sql))
  }
}

const postgres = (url: string): TestStore => ({
  address: url,
  contents: async (tables) => {
    const names =
      tables ??
      (await query(url, "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'")).map(
        ({ name }) => String(name)
      )
    const contents = await Promise.all(
      names.map(async (name) => [name, await query(url, `SELECT * FROM ${name} ORDER BY ${name}`)] as const)
    )
    return Object.fromEntries(contents)
  },
  change: async (sql) => void (await query(url, sql))
})

type OnEnd = (clean: () => void | Promise<void>) => void

const empty: Readonly<Record<StoreAddress["kind"], (onEnd: OnEnd) => Promise<TestStore>>> = {
  sqlite: async (onEnd) => sqlite(join(temporaryFolder(onEnd), "catalog.sqlite")),
  postgres: async (onEnd) => postgres(await emptyDatabase(onEnd))
}

/** Makes an empty store of the kind that the tests of this project run on; it is gone when the test ends. */
export const emptyStore = (onEnd: OnEnd): Promise<TestStore> => empty[inject("store")](onEnd)
