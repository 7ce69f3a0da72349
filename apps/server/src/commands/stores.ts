import { randomUUID } from "node:crypto"
import { closeSync, existsSync, openSync, renameSync, rmSync, statSync } from "node:fs"
import { Command, Options } from "@effect/cli"
import Database from "better-sqlite3"
import { Clock, Console, Effect, Layer, Option } from "effect"
import { CommandError } from "../CommandError.ts"
import { copyStore } from "../store/copy/copyStore.ts"
import { type Digests, differences, digestStore } from "../store/copy/digestStore.ts"
import { inPostgres } from "../store/copy/openPostgres.ts"
import { postgresRows } from "../store/copy/postgresRows.ts"
import { sqliteRows } from "../store/copy/sqliteRows.ts"
import type { PostgresLimits } from "../store/postgres/PostgresLimits.ts"
import type { StoreAddress } from "../store/StoreAddress.ts"
import { existingStoreLayer, storeLayer } from "../store/StoreLive.ts"
import { fileArgument } from "./fileArgument.ts"
import { formatCount } from "./formatCount.ts"
import { openStore } from "./openStore.ts"
import { readPostgresLimits, storeOf, storeOptions } from "./storeOptions.ts"

const PROGRESS_EVERY_MS = 2000

const tableOf = (digests: Digests): string => {
  const rows = [...digests].map(([name, { count, checksum }]) => [name, formatCount(count), checksum] as const)
  const widths = [0, 1].map((n) => Math.max(...rows.map((row) => row[n === 0 ? 0 : 1].length)))
  return rows
    .map(([name, count, checksum]) => `${name.padEnd(widths[0] ?? 0)}  ${count.padStart(widths[1] ?? 0)}  ${checksum}`)
    .join("\n")
}

const refused = (message: string) => new CommandError({ exitCode: 2, message })

/** `migrate`: brings the schema of a store up to date. */
export const migrate = Command.make("migrate", storeOptions, (given) =>
  Effect.gen(function* () {
    yield* Layer.build(openStore(given, storeLayer))
    yield* Console.log("The store is there, and its schema is up to date.")
  }).pipe(Effect.scoped)
).pipe(Command.withDescription("Make a store, or bring its schema up to date, as serve does when it starts"))

const file = fileArgument("Where the copy goes; there must be no such file")

const failed = (path: string) => (cause: unknown) =>
  new CommandError({
    exitCode: 1,
    message: `The copy ${path} cannot be made: ${cause instanceof Error ? cause.message : String(cause)}.`
  })

const copyFile = (path: string, target: string): Effect.Effect<void, CommandError> => {
  // Of this copy alone: another one to the same place must not write into it, or take it away.
  const unfinished = `${target}.${randomUUID()}.unfinished`
  const work = async () => {
    // Nobody may read the copy who may not read the store.
    closeSync(openSync(unfinished, "wx", statSync(path).mode & 0o777))
    const database = new Database(path, { readonly: true, fileMustExist: true })
    try {
      // One moment for all of it: SQLite begins anew with each write of another process that it sees, for ever where they go on.
      database.exec("BEGIN")
      database.pragma("schema_version")
      await database.backup(unfinished)
    } finally {
      database.close()
    }
    const copy = new Database(unfinished, { fileMustExist: true })
    try {
      // One file, which says everything by itself.
      copy.pragma("journal_mode = DELETE")
      const check = copy.pragma("integrity_check(1)", { simple: true })
      if (check !== "ok") throw new Error(String(check))
    } finally {
      copy.close()
    }
    if (existsSync(target)) throw new Error("there is such a file by now, and a copy never replaces one")
    renameSync(unfinished, target)
  }
  return Effect.tryPromise({ try: work, catch: failed(target) }).pipe(
    Effect.ensuring(
      Effect.sync(() => {
        for (const file of [unfinished, `${unfinished}-journal`]) rmSync(file, { force: true })
      })
    )
  )
}

/** `backup`: copies an SQLite store while it is used. */
export const backup = Command.make("backup", { file, ...storeOptions }, (given) =>
  Effect.gen(function* () {
    const address = yield* storeOf("--store", given.store)
    if (address.kind === "postgres") {
      return yield* refused("A PostgreSQL store is backed up by PostgreSQL's own tools, such as pg_dump.")
    }
    yield* Layer.build(openStore(given, existingStoreLayer))
    if (existsSync(given.file)) {
      return yield* refused(`There is a file ${given.file} already; a copy never replaces one.`)
    }
    yield* copyFile(address.path, given.file)
    yield* Console.log(`The store is copied to ${given.file}.`)
  }).pipe(Effect.scoped)
).pipe(Command.withDescription("Copy an SQLite store into one file, also while a server uses it"))

const digestOf = (address: StoreAddress, limits: PostgresLimits): Effect.Effect<Digests, CommandError> =>
  Effect.gen(function* () {
    if (address.kind === "postgres") {
      return yield* inPostgres(address, limits, true, (transactions) => digestStore(postgresRows(transactions)))
    }
    yield* Layer.build(existingStoreLayer(address, limits))
    return yield* Effect.flatMap(sqliteRows(address.path), digestStore)
  }).pipe(Effect.scoped)

const against = Options.text("against").pipe(
  Options.withDescription("Another store that must have the same: sqlite:PATH or postgres://…"),
  Options.optional
)

/** `verify`: reads all of a store, and compares it with another. */
export const verify = Command.make("verify", { against, ...storeOptions }, (given) =>
  Effect.gen(function* () {
    const limits = yield* readPostgresLimits(given)
    const address = yield* storeOf("--store", given.store)
    const against = Option.isSome(given.against) ? yield* storeOf("--against", given.against.value) : undefined
    const digests = yield* digestOf(address, limits)
    yield* Console.log(tableOf(digests))
    if (against === undefined) return
    const different = differences(digests, yield* digestOf(against, limits))
    if (different.length > 0) {
      return yield* new CommandError({ exitCode: 1, message: `The two stores differ in ${different.join(", ")}.` })
    }
    yield* Console.log("Both stores have the same.")
  })
).pipe(
  Command.withDescription("Read all of a store, see that all of it is good, and print what there is, table by table")
)

const from = Options.text("from").pipe(Options.withDescription("The store that there is: sqlite:PATH"))
const to = Options.text("to").pipe(Options.withDescription("The empty one: postgres://USER:PASSWORD@HOST/DATABASE"))

const { store: _, ...connectionOptions } = storeOptions

/** `copy`: moves up from SQLite to PostgreSQL. */
export const copy = Command.make("copy", { from, to, ...connectionOptions }, (given) =>
  Effect.gen(function* () {
    const [source, target] = [yield* storeOf("--from", given.from), yield* storeOf("--to", given.to)]
    if (source.kind !== "sqlite" || target.kind !== "postgres") {
      return yield* refused(
        "Copies go from sqlite: to postgres: only; backup copies an SQLite store, pg_dump a database."
      )
    }
    const limits = yield* readPostgresLimits(given)
    yield* Layer.build(existingStoreLayer(source, limits))
    let shown = yield* Clock.currentTimeMillis
    const onProgress = (rows: number) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        if (now - shown < PROGRESS_EVERY_MS) return Effect.void
        shown = now
        return Console.error(`${formatCount(rows)} rows copied …`)
      })
    const copied = yield* copyStore(source.path, target, limits, onProgress)
    yield* Console.log(tableOf(copied))
    yield* Console.log(`All of it is in ${target.name}, and was read back.`)
  }).pipe(Effect.scoped)
).pipe(Command.withDescription("Copy all of an SQLite store into an empty PostgreSQL store, and compare"))
