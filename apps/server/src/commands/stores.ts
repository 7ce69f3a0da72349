import { randomUUID } from "node:crypto"
import { closeSync, existsSync, openSync, renameSync, rmSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { systemReason } from "@backup-catalog/command-line"
import Database from "better-sqlite3"
import { Clock, Console, Effect, Layer } from "effect"
import type { CopyRefused } from "../store/copy/CopyRefused.ts"
import { copyStore } from "../store/copy/copyStore.ts"
import { type Digests, differences, digestStore } from "../store/copy/digestStore.ts"
import { inPostgres } from "../store/copy/openPostgres.ts"
import { postgresRows } from "../store/copy/postgresRows.ts"
import { sqliteRows } from "../store/copy/sqliteRows.ts"
import { untouchedFile } from "../store/copy/untouchedFile.ts"
import { LostInstances } from "../store/LostInstances.ts"
import type { PostgresLimits } from "../store/postgres/PostgresLimits.ts"
import type { StoreAddress } from "../store/StoreAddress.ts"
import { existingStoreLayer, leaveOneFile, storeLayer } from "../store/StoreLive.ts"
import type { StoreRefused } from "../store/StoreRefused.ts"
import { copyDatabase } from "../store/sqlite/copyDatabase.ts"
import { filesOfCopy, removeLeftCopies } from "../store/sqlite/leftCopies.ts"
import * as Sqlite from "../store/sqlite/Sqlite.ts"
import { CommandError } from "./CommandError.ts"
import { formatCount } from "./formatCount.ts"
import { storeNamedBy } from "./namedSettings.ts"
import { openStore } from "./openStore.ts"
import { print } from "./print.ts"
import { serverCommand } from "./ServerCommand.ts"
import { wrong } from "./settings.ts"
import { postgresOptions, readPostgresLimits, STORE, storeOf, storeOptions } from "./storeOptions.ts"

const PROGRESS_EVERY_MS = 2000

const tableOf = (digests: Digests): string => {
  const rows = [...digests].map(([name, { count, checksum }]) => [name, formatCount(count), checksum] as const)
  const widths = [0, 1].map((n) => Math.max(...rows.map((row) => row[n === 0 ? 0 : 1].length)))
  return rows
    .map(([name, count, checksum]) => `${name.padEnd(widths[0] ?? 0)}  ${count.padStart(widths[1] ?? 0)}  ${checksum}`)
    .join("\n")
}

/** `migrate`: brings the schema of a store up to date. */
export const migrate = serverCommand({
  name: "migrate",
  summary: "Make a store, or bring its schema up to date.",
  details:
    "serve does the same when it starts. migrate also adds to the coverage the instances that an older server left out; serve does not.",
  flags: storeOptions,
  examples: [
    ["backup-catalog-server migrate --store sqlite:/var/lib/backup-catalog/catalog.sqlite", "The store in that file."]
  ],
  run: (given) =>
    Effect.gen(function* () {
      yield* print("The store is there, and its schema is up to date.")
      const added = yield* Effect.flatMap(LostInstances, ({ add }) => add)
      if (added > 0)
        yield* print(`Instances that have backups and were not in the coverage: ${formatCount(added)} added.`)
    }).pipe(Effect.provide(openStore(given, storeLayer)))
})

const failed = (path: string) => (cause: unknown) =>
  new CommandError({
    exitCode: 1,
    message: `The copy ${path} cannot be made: ${systemReason(cause)}.`
  })

const copyFile = (path: string, target: string): Effect.Effect<void, CommandError> => {
  // Of this copy alone: another one to the same place must not write into it, or take it away.
  const unfinished = `${target}.${randomUUID()}.unfinished`
  const work = async () => {
    // Nobody may read the copy who may not read the store.
    closeSync(openSync(unfinished, "wx", statSync(path).mode & 0o777))
    await copyDatabase(path, unfinished)
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
        for (const file of filesOfCopy(unfinished)) rmSync(file, { force: true })
      })
    )
  )
}

/** `backup`: copies an SQLite store while it is used. */
export const backup = serverCommand({
  name: "backup",
  summary: "Copy an SQLite store into one file, also while a server uses it.",
  argument: { name: "FILE", file: true, help: "Where the copy goes; there must be no such file." },
  flags: storeOptions,
  examples: [
    [
      "backup-catalog-server backup --store sqlite:/var/lib/backup-catalog/catalog.sqlite /backup/catalog.sqlite",
      "A copy of that store, which opens by itself."
    ]
  ],
  run: (given, file) =>
    Effect.gen(function* () {
      if (file === "-") return yield* wrong("A copy goes into a file, not to -; a file of that name is written ./-.")
      const address = yield* storeOf(given.store)
      if (address.kind === "postgres") {
        return yield* wrong("A PostgreSQL store is backed up by PostgreSQL's own tools, such as pg_dump.")
      }
      // Who looks at a store that nobody has open leaves files beside it.
      yield* Effect.addFinalizer(() => leaveOneFile(address))
      yield* Effect.mapError(
        Effect.zipRight(Sqlite.mustExist(address.path), Sqlite.schemaOf(address.path)),
        storeNamedBy(given.store)
      )
      if (existsSync(file)) {
        return yield* wrong(`There is a file ${file} already; a copy never replaces one.`)
      }
      const folder = dirname(file)
      if (!existsSync(folder)) {
        return yield* new CommandError({ exitCode: 1, message: `The folder ${folder} does not exist.` })
      }
      yield* removeLeftCopies(folder)
      yield* copyFile(address.path, file)
      yield* print(`The store is copied to ${file}.`)
    }).pipe(Effect.scoped)
})

const digestOf = (address: StoreAddress, limits: PostgresLimits): Effect.Effect<Digests, StoreRefused | CopyRefused> =>
  Effect.gen(function* () {
    if (address.kind === "postgres") {
      return yield* inPostgres(address, limits, true, (transactions) => digestStore(postgresRows(transactions)))
    }
    const file = yield* untouchedFile(address.path)
    return yield* Effect.flatMap(sqliteRows(address.path, file), digestStore)
  }).pipe(Effect.scoped)

/** `verify`: reads all of a store, and compares it with another. */
export const verify = serverCommand({
  name: "verify",
  summary: "Read all of a store, and compare it with another.",
  details: "It sees that all of it is good, and prints what there is, table by table.",
  flags: {
    against: {
      section: "Store",
      value: STORE,
      help: "Another store that must have the same: sqlite:PATH or postgres://…."
    },
    ...storeOptions
  },
  examples: [
    ["backup-catalog-server verify --store sqlite:catalog.sqlite", "Whether all of that store is good."],
    [
      "backup-catalog-server verify --store sqlite:catalog.sqlite --against sqlite:copy.sqlite",
      "And whether another has the same."
    ]
  ],
  run: (given) =>
    Effect.gen(function* () {
      const limits = yield* readPostgresLimits(given)
      const address = yield* storeOf(given.store)
      const against = given.against && { setting: given.against, address: yield* storeOf(given.against) }
      const digests = yield* Effect.mapError(digestOf(address, limits), storeNamedBy(given.store))
      yield* print(tableOf(digests))
      if (against === undefined) return
      const others = yield* Effect.mapError(digestOf(against.address, limits), storeNamedBy(against.setting))
      const different = differences(digests, others)
      if (different.length > 0) {
        return yield* new CommandError({ exitCode: 1, message: `The two stores differ in ${different.join(", ")}.` })
      }
      yield* print("Both stores have the same.")
    })
})

/** `copy`: moves up from SQLite to PostgreSQL. */
export const copy = serverCommand({
  name: "copy",
  summary: "Copy all of an SQLite store into an empty PostgreSQL store, and compare.",
  flags: {
    from: { section: "Store", value: STORE, required: true, help: "The existing store: sqlite:PATH." },
    to: {
      section: "Store",
      value: STORE,
      required: true,
      help: "An unused PostgreSQL database: postgres://USER:PASSWORD@HOST/DATABASE."
    },
    ...postgresOptions
  },
  examples: [
    [
      "backup-catalog-server copy --from sqlite:catalog.sqlite --to postgres://catalog@db.example.com/catalog",
      "With the password from PGPASSWORD or ~/.pgpass."
    ]
  ],
  run: (given) =>
    Effect.gen(function* () {
      const [source, target] = [yield* storeOf(given.from), yield* storeOf(given.to)]
      if (source.kind !== "sqlite" || target.kind !== "postgres") {
        return yield* wrong(
          "Copies go from sqlite: to postgres: only; backup copies an SQLite store, pg_dump a database."
        )
      }
      const limits = yield* readPostgresLimits(given)
      yield* Effect.mapError(Layer.build(existingStoreLayer(source, limits)), storeNamedBy(given.from))
      let shown = yield* Clock.currentTimeMillis
      const onProgress = (rows: number) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          if (now - shown < PROGRESS_EVERY_MS) return Effect.void
          shown = now
          return Console.error(`${formatCount(rows)} rows copied …`)
        })
      const copied = yield* copyStore(source.path, target, limits, onProgress)
      yield* print(tableOf(copied))
      yield* print(`All of it is in ${target.name}, and was read back.`)
    }).pipe(Effect.scoped)
})
