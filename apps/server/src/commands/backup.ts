import { randomUUID } from "node:crypto"
import { closeSync, existsSync, openSync, renameSync, rmSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { systemReason } from "@backup-catalog/command-line"
import Database from "better-sqlite3"
import { Effect } from "effect"
import type { StoreAddress } from "../store/StoreAddress.ts"
import { leaveOneFile } from "../store/StoreLive.ts"
import { copyDatabase } from "../store/sqlite/copyDatabase.ts"
import { filesOfCopy, removeLeftCopies } from "../store/sqlite/leftCopies.ts"
import * as Sqlite from "../store/sqlite/Sqlite.ts"
import { CommandError } from "./CommandError.ts"
import { storeNamedBy } from "./namedSettings.ts"
import { print } from "./print.ts"
import { serverCommand } from "./ServerCommand.ts"
import { wrong } from "./settings.ts"
import { storeOf, storeOptions } from "./storeOptions.ts"

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

/** How the stores are backed up that are no file of SQLite. */
const otherWays: Readonly<Record<Exclude<StoreAddress["kind"], "sqlite">, string>> = {
  postgres: "A PostgreSQL store is backed up by PostgreSQL's own tools, such as pg_dump."
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
      if (address.kind !== "sqlite") return yield* wrong(otherWays[address.kind])
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
