import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, statSync } from "node:fs"
import { copyFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Console, Effect, Layer, type Scope } from "effect"
import type { StoreRefused } from "../StoreRefused.ts"
import { copyDatabase } from "../sqlite/copyDatabase.ts"
import * as Sqlite from "../sqlite/Sqlite.ts"
import { StoreUnreadable } from "./CopyRefused.ts"

/** Where a file of SQLite says how it is written, and the value of WAL mode (SQLite, Database File Format). */
const MODE = { at: 18, wal: 2 }

const isInWalMode = (path: string): boolean => {
  const file = openSync(path, "r")
  try {
    const bytes = Buffer.alloc(1)
    readSync(file, bytes, 0, 1, MODE.at)
    return bytes[0] === MODE.wal
  } finally {
    closeSync(file)
  }
}

/** Whether SQLite would have to make a file beside it to read it, as where nobody has it open. */
const lacksFiles = (path: string): boolean =>
  isInWalMode(path) && !(existsSync(`${path}-wal`) && existsSync(`${path}-shm`))

const stampOf = (path: string): string => {
  const { mtimeNs, size } = statSync(path, { bigint: true })
  return `${mtimeNs} ${size}`
}

/** Copies a file that nobody has open, and what is not in it yet. */
const copyClosed = async (path: string, target: string): Promise<void> => {
  const before = stampOf(path)
  await copyFile(path, target)
  if (existsSync(`${path}-wal`)) await copyFile(`${path}-wal`, `${target}-wal`)
  if (stampOf(path) !== before || !lacksFiles(path)) throw new Error("another process has begun to use it; try again")
}

/** The file of a store in a folder that only this process's user may read, until the scope ends. */
const privately = (
  path: string,
  copyTo: (target: string) => Promise<void>
): Effect.Effect<string, StoreUnreadable, Scope.Scope> => {
  const failed = (cause: unknown) =>
    new StoreUnreadable({ store: path, reason: cause instanceof Error ? cause.message : String(cause) })
  const folder = Effect.acquireRelease(
    Effect.try({ try: () => mkdtempSync(join(tmpdir(), "backup-catalog-verify-")), catch: failed }),
    (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true }))
  )
  return Effect.flatMap(folder, (made) => {
    const copy = join(made, "copy.sqlite")
    return Effect.as(Effect.tryPromise({ try: () => copyTo(copy), catch: failed }), copy)
  })
}

/**
 * The path of an SQLite file with all that a store has, in the present schema. Nothing of the store is written, and nothing
 * beside it: it is a copy, until the scope ends, where SQLite could not read it otherwise or its schema is older.
 */
export const untouchedFile = (path: string): Effect.Effect<string, StoreRefused | StoreUnreadable, Scope.Scope> =>
  Effect.gen(function* () {
    yield* Sqlite.mustExist(path)
    const closed = yield* Effect.orElseSucceed(
      Effect.try(() => lacksFiles(path)),
      () => false
    )
    const found = closed ? yield* privately(path, (target) => copyClosed(path, target)) : path
    const schema = yield* Sqlite.schemaOf(path, found)
    if (schema === Sqlite.newest) return found
    const copy = closed ? found : yield* privately(path, (target) => copyDatabase(path, target))
    yield* Layer.build(Sqlite.layer(copy))
    yield* Console.error(
      `The store ${path} has schema ${schema} of an older version, and stays as it is; a copy with schema ${Sqlite.newest} is checked.`
    )
    return copy
  })
