import { Migrator, SqlClient } from "@effect/sql"
import { PgClient } from "@effect/sql-pg"
import { Data, Effect, Layer, Option, Redacted, Schedule } from "effect"
import Pg from "pg"
import { StoreMissing, StoreNewer, StoreNotOpened, StoreOlder, type StoreRefused } from "../StoreRefused.ts"
import { AccountTurns } from "./AccountTurns.ts"
import { FITNESS, type Fitness, unfitness } from "./fitness.ts"
import createBackups from "./migrations/0001_create_backups.ts"
import createTokens from "./migrations/0002_create_tokens.ts"
import createImports from "./migrations/0003_create_imports.ts"
import { createTable } from "./migrations/createTable.ts"
import type { PostgresAddress, PostgresLimits } from "./PostgresLimits.ts"
import { makePool, PostgresPool } from "./PostgresPool.ts"
import { PostgresQueries } from "./PostgresQueries.ts"
import { isExhausted, reasonOf } from "./storeFailure.ts"

/** Every migration, by number and name; they run by themselves, in order, each once. */
const migrations = (partitions: number) => ({
  "0001_create_backups": createBackups(createTable(partitions)),
  "0002_create_tokens": createTokens,
  "0003_create_imports": createImports(createTable(partitions))
})

/** The version of the schema that this program makes. */
export const newest = Object.keys(migrations(0)).length

const refuse = ({ name }: PostgresAddress, failure: unknown) =>
  new StoreNotOpened({ store: name, reason: reasonOf(failure) })

const isRefused = (error: unknown): error is StoreRefused =>
  [StoreNotOpened, StoreNewer, StoreOlder, StoreMissing].some((refused) => error instanceof refused)

// The driver reads the files that a URL names, such as sslrootcert, with each connection, and throws where one is not
// there.
const readFiles = (address: PostgresAddress) =>
  Effect.try({
    try: () => new Pg.Client({ connectionString: Redacted.value(address.url) }),
    catch: (error) => refuse(address, error)
  })

interface Found {
  readonly encoding: string
  readonly schema: string | null
  readonly tables: ReadonlyArray<string>
}

// Also the tables that our user may not read, which information_schema hides; those of an extension are of no program.
const LOOK = `
  SELECT current_setting('server_encoding') AS encoding, current_schema() AS schema,
    array(SELECT relname::text FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
      WHERE nspname = current_schema() AND relkind IN ('r', 'p') AND NOT EXISTS (
        SELECT 1 FROM pg_depend
        WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')) AS tables`

const applied = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<{ id: number; name: string }>`
    SELECT migration_id AS id, name FROM effect_sql_migrations ORDER BY migration_id`
)

const schemaVersion = Effect.map(applied, (rows) => rows.at(-1)?.id ?? 0)

// Looked at before anything is written: a database of another program must stay as it is.
const refuseForeign = Effect.fnUntraced(function* (address: PostgresAddress) {
  const sql = yield* SqlClient.SqlClient
  const [found] = yield* sql.unsafe<Found>(LOOK)
  if (found === undefined) return false
  if (found.encoding !== "UTF8") {
    return yield* refuse(address, `its encoding is ${found.encoding}, and it must be UTF8`)
  }
  if (found.schema === null) {
    return yield* refuse(address, "it has no schema to keep tables in; the search_path of its user names none")
  }
  if (found.tables.length === 0) return false
  const [first] = found.tables.includes("effect_sql_migrations") ? yield* applied : []
  // Another server of ours may be between making this table and filling it.
  const begun = first === undefined && found.tables.length === 1 && found.tables[0] === "effect_sql_migrations"
  if (first?.name !== "create_backups" && !begun) {
    return yield* refuse(address, "it is a database of another program")
  }
  return first !== undefined
})

const refuseNewer = (address: PostgresAddress) =>
  Effect.filterOrFail(
    schemaVersion,
    (version) => version <= newest,
    (version) => new StoreNewer({ store: address.name, schema: version, known: newest })
  )

/** How many locks a store takes while it is made: one for each table and index, by partition and besides. */
const LOCKS = { eachPartition: 60, besides: 100 }

interface LockRoom {
  readonly each: number
  readonly holders: number
}

const LOCK_ROOM = `
  SELECT current_setting('max_locks_per_transaction')::int AS each,
    current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int AS holders`

// Where they do not fit, a standby that replays the transaction stops, and does so again whenever it is started.
const refuseTooManyPartitions = Effect.fnUntraced(function* (address: PostgresAddress, partitions: number) {
  const sql = yield* SqlClient.SqlClient
  const [room] = yield* sql.unsafe<LockRoom>(LOCK_ROOM)
  const locks = LOCKS.eachPartition * partitions + LOCKS.besides
  if (room === undefined || locks <= room.each * room.holders) return
  const most = Math.max(0, Math.floor((room.each * room.holders - LOCKS.besides) / LOCKS.eachPartition))
  return yield* refuse(
    address,
    `${partitions} partitions need max_locks_per_transaction = ${Math.ceil(locks / room.holders)} in ` +
      `PostgreSQL and its standbys, and it is ${room.each}, which is enough for ${most}`
  )
})

class SchemaBehind extends Data.TaggedError("SchemaBehind") {
  override readonly message = "another process is changing its schema"
}

// The migrator takes what another process does at the same moment for an error, or for its own work; so look, and try
// again.
const migrate = (partitions: number) =>
  Migrator.make({})({ loader: Migrator.fromRecord(migrations(partitions)) }).pipe(
    Effect.zipRight(schemaVersion),
    Effect.filterOrFail(
      (version) => version === newest,
      () => new SchemaBehind()
    ),
    Effect.retry({
      times: 10,
      schedule: Schedule.jittered(Schedule.spaced("100 millis")),
      while: (error) => !isExhausted(error)
    }),
    // What a migration finds in its way, such as a view of the name of a table, is nothing of the program.
    Effect.catchSomeDefect((defect) =>
      defect instanceof Migrator.MigrationError ? Option.some(Effect.fail(defect)) : Option.none()
    )
  )

// Looked at before the schema, which a user who may not write could not make.
const refuseUnfit = Effect.fnUntraced(function* (address: PostgresAddress) {
  const sql = yield* SqlClient.SqlClient
  const [found] = yield* sql.unsafe<Fitness>(FITNESS)
  const reason = found && unfitness(found)
  if (reason !== undefined) return yield* refuse(address, reason)
})

const prepare = Effect.fnUntraced(function* (
  address: PostgresAddress,
  mustExist: boolean,
  partitions: number,
  onlyReads: boolean
) {
  const exists = yield* refuseForeign(address)
  if (!onlyReads) yield* refuseUnfit(address)
  if (!exists && mustExist) {
    return yield* new StoreMissing({ store: address.name, what: "database" })
  }
  if (exists) yield* refuseNewer(address)
  const schema = exists ? yield* schemaVersion : 0
  if (schema === newest) return
  if (onlyReads) return yield* new StoreOlder({ store: address.name, schema, known: newest })
  if (partitions > 0) yield* refuseTooManyPartitions(address, partitions)
  yield* migrate(partitions)
})

/**
 * The database of an address: the SQL client for writes, `PostgresQueries` beside it, with the schema up to date. It
 * may be a standby only for who only reads.
 */
export const layer = (
  address: PostgresAddress,
  limits: PostgresLimits,
  mustExist: boolean,
  onlyReads = false
): Layer.Layer<SqlClient.SqlClient | PostgresPool | PostgresQueries | AccountTurns, StoreRefused> => {
  const client = Layer.unwrapEffect(
    Effect.map(PostgresPool, ({ pool }) => PgClient.layerFromPool({ acquire: Effect.succeed(pool) }))
  )
  const prepared = Layer.effectDiscard(prepare(address, mustExist, limits.partitions, onlyReads))
  return prepared.pipe(
    Layer.provideMerge(client),
    Layer.provideMerge(Layer.merge(PostgresQueries.layer, AccountTurns.layer)),
    Layer.provideMerge(Layer.scoped(PostgresPool, makePool(address.url, limits, onlyReads))),
    Layer.provide(Layer.effectDiscard(readFiles(address))),
    Layer.catchAll((error) => Layer.fail(isRefused(error) ? error : refuse(address, error)))
  )
}
