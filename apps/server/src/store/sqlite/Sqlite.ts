import { existsSync, statSync } from "node:fs"
import { Migrator, SqlClient, SqlError } from "@effect/sql"
import { SqliteClient } from "@effect/sql-sqlite-node"
import Database from "better-sqlite3"
import { Data, Effect, Layer, Schedule } from "effect"
import { StoreMissing, StoreNewer, StoreNotOpened, type StoreRefused } from "../StoreRefused.ts"
import createBackups from "./migrations/0001_create_backups.ts"
import createTokens from "./migrations/0002_create_tokens.ts"
import createAccounts from "./migrations/0003_create_accounts.ts"
import createImports from "./migrations/0004_create_imports.ts"
import ascend from "./migrations/0005_ascend.ts"
import orderOrigins from "./migrations/0006_order_origins.ts"
import oneTreeOfOrigins from "./migrations/0007_one_tree_of_origins.ts"
import { make, SqliteReader } from "./SqliteReader.ts"
import { SqliteWriter } from "./SqliteWriter.ts"
import { StoreFile, watchFile } from "./StoreFile.ts"
import { waiting } from "./storeFailure.ts"
import { WriteTurn } from "./WriteTurn.ts"

/** Every migration, by number and name; they run by themselves, in order, each once. */
const migrations = {
  "0001_create_backups": createBackups,
  "0002_create_tokens": createTokens,
  "0003_create_accounts": createAccounts,
  "0004_create_imports": createImports,
  "0005_ascend": ascend,
  "0006_order_origins": orderOrigins,
  "0007_one_tree_of_origins": oneTreeOfOrigins
}

/** The version of the schema that this program makes. */
export const newest = Object.keys(migrations).length

const refuse = (path: string, failure: unknown) => {
  const cause = failure instanceof SqlError.SqlError ? failure.cause : failure
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StoreNotOpened({ store: path, reason })
}

const schemaVersion = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql`SELECT 1 FROM sqlite_schema WHERE name = 'effect_sql_migrations'`
  if (tables.length === 0) return 0
  const rows = yield* sql<{ version: number | null }>`SELECT max(migration_id) AS version FROM effect_sql_migrations`
  return rows[0]?.version ?? 0
})

const refuseNewer = (path: string) =>
  Effect.filterOrFail(
    schemaVersion,
    (version) => version <= newest,
    (version) => new StoreNewer({ store: path, schema: version, known: newest })
  )

const settle = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.zipRight(
    // What is answered is on the disk; the driver's own default leaves that to the system.
    sql`PRAGMA synchronous = FULL`,
    // From here on `storeFailure.ts` waits for other processes: SQLite would stop this one meanwhile.
    sql`PRAGMA busy_timeout = 0`
  )
)

class SchemaBehind extends Data.TaggedError("SchemaBehind") {
  override readonly message = "another process is changing its schema"
}

// The migrator takes a lock held by another process for "somebody else is at it" and goes on; so look, and try again.
const migrate = Migrator.make({})({ loader: Migrator.fromRecord(migrations) }).pipe(
  Effect.zipRight(schemaVersion),
  Effect.filterOrFail(
    (version) => version === newest,
    () => new SchemaBehind()
  ),
  Effect.retry({ while: (error) => error._tag === "SchemaBehind", times: 100, schedule: Schedule.spaced("100 millis") })
)

// SQLite's own wait would stop the whole process: `waiting` waits for other processes.
const using = <A>(path: string, options: Database.Options, use: (database: Database.Database) => A): A => {
  const database = new Database(path, { ...options, timeout: 0 })
  try {
    return use(database)
  } finally {
    database.close()
  }
}

/**
 * The version of the schema in a file, which is only read: 0 where there are no tables. Throws where it is of another
 * program.
 */
const readSchema = (path: string): number => {
  if (statSync(path).isDirectory()) throw new Error("it is a folder")
  return using(path, { readonly: true, fileMustExist: true }, (database) => {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
    const known = tables.includes("effect_sql_migrations")
    const first = known
      ? database.prepare("SELECT name FROM effect_sql_migrations WHERE migration_id = 1").pluck().get()
      : undefined
    if ((!known && tables.length > 0) || (first !== undefined && first !== "create_backups")) {
      throw new Error("it is a database of another program")
    }
    return known
      ? (database.prepare<[], number>("SELECT max(migration_id) FROM effect_sql_migrations").pluck().get() ?? 0)
      : 0
  })
}

// Looked at before anything is written: a file of another program must stay as it is.
const refuseForeign = (path: string): void => {
  if (existsSync(path)) readSchema(path)
}

/** How long a read waits where another process has the file to itself for a moment, in milliseconds. */
const READ_WAIT = 5000

const openReader = (path: string): Database.Database => {
  const reader = new Database(path, { readonly: true, fileMustExist: true, timeout: 0 })
  try {
    // Once it has read, no other process can change the mode of the file any more.
    reader.pragma("schema_version")
    reader.pragma(`busy_timeout = ${READ_WAIT}`)
    return reader
  } catch (cause) {
    reader.close()
    throw cause
  }
}

const open = (path: string) =>
  Effect.acquireRelease(
    Effect.try({
      try: () => {
        refuseForeign(path)
        // The first open creates the file and says in time what is wrong with it; the client's own would only die.
        using(path, {}, (writable) => writable.pragma("journal_mode = WAL"))
        return openReader(path)
      },
      catch: (cause) => cause
    }).pipe(
      // Where two processes make one file at once, SQLite sees a deadlock and does not wait by itself.
      waiting,
      Effect.mapError((cause) => refuse(path, cause))
    ),
    (database) => Effect.sync(() => database.close())
  )

/** Has all of a store in its one file, unless somebody has it open. */
export const gather = (path: string): void => {
  refuseForeign(path)
  // SQLite moves what is in the -wal file when the last one who has looked at it closes.
  using(path, { fileMustExist: true }, (database) => database.pragma("schema_version"))
}

/**
 * Refuses a path where there is no file, or nothing in it: for commands that only make sense on a store that exists.
 */
export const mustExist = (path: string): Effect.Effect<void, StoreMissing> => {
  if (!existsSync(path)) return new StoreMissing({ store: path, what: "file" })
  // SQLite would take it for a database without tables.
  const found = statSync(path)
  return found.isFile() && found.size === 0 ? new StoreMissing({ store: path, what: "empty file" }) : Effect.void
}

/**
 * The version of the schema of a store, which is only read; at another path than its own where that is a copy of it.
 */
export const schemaOf = (store: string, path = store): Effect.Effect<number, StoreRefused> =>
  Effect.try({ try: () => readSchema(path), catch: (cause) => cause }).pipe(
    waiting,
    Effect.mapError((cause) => refuse(store, cause)),
    Effect.filterOrFail(
      (version) => version > 0,
      () => new StoreMissing({ store, what: "database" })
    ),
    Effect.filterOrFail(
      (version) => version <= newest,
      (version) => new StoreNewer({ store, schema: version, known: newest })
    )
  )

/** The SQLite file at a path: a client for writes and a reader beside it, with the schema up to date. */
export const layer = (
  path: string
): Layer.Layer<SqlClient.SqlClient | SqliteWriter | SqliteReader | StoreFile | WriteTurn, StoreRefused> => {
  const client = SqliteClient.layer({ filename: path }).pipe(Layer.orDie)
  const migrated = Layer.effectDiscard(
    Effect.all([refuseNewer(path), migrate, settle], { discard: true }).pipe(
      Effect.mapError((error) => (error._tag === "StoreNewer" ? error : refuse(path, error)))
    )
  )
  return Layer.unwrapScoped(
    Effect.map(open(path), (database) => {
      const file = watchFile(path)
      // Opened before the client, and closed before it: only who may write can leave everything in the one file, as the
      // last.
      const closed = Layer.scopedDiscard(Effect.addFinalizer(() => Effect.sync(() => database.close())))
      return migrated.pipe(
        Layer.provideMerge(SqliteWriter.ofClient),
        Layer.provideMerge(closed),
        Layer.provideMerge(client),
        Layer.provideMerge(Layer.succeed(SqliteReader, make(database, file.assert))),
        Layer.provideMerge(Layer.succeed(StoreFile, file)),
        Layer.provideMerge(WriteTurn.layer)
      )
    })
  )
}
