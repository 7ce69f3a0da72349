import { closeSync, existsSync, mkdtempSync, openSync, readSync, realpathSync, rmSync, statSync } from "node:fs"
import { copyFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { systemReason } from "@backup-catalog/command-line"
import { Console, Effect, Layer, type Scope } from "effect"
import type { StoreRefused } from "../StoreRefused.ts"
import { copyDatabase } from "../sqlite/copyDatabase.ts"
import * as Sqlite from "../sqlite/Sqlite.ts"
import { type CopyRefused, StoreUnreadable, TemporaryCopyFailed } from "./CopyRefused.ts"

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

/** Where SQLite keeps a file of its own for a database: beside the real one, not beside a link to it. */
const beside = (path: string, kind: "wal" | "shm"): string => `${realpathSync(path)}-${kind}`

/** Whether SQLite would have to make a file beside it to read it, as where nobody has it open. */
const lacksFiles = (path: string): boolean =>
  isInWalMode(path) && !(existsSync(beside(path, "wal")) && existsSync(beside(path, "shm")))

const stampOf = (path: string): string => {
  const { mtimeNs, size } = statSync(path, { bigint: true })
  return `${mtimeNs} ${size}`
}

class UsedMeanwhile extends Error {
  override readonly message = "other processes begin and end to use it while it is copied; try again"
}

/** How often a file is copied again that another process began to use meanwhile. */
const REPEATED = 2

/** Copies a file that nobody has open, and what is not in it yet. */
const copyClosed = async (path: string, target: string): Promise<void> => {
  const before = stampOf(path)
  await copyFile(path, target)
  const wal = beside(path, "wal")
  if (existsSync(wal)) await copyFile(wal, `${target}-wal`)
  if (stampOf(path) !== before || !lacksFiles(path)) throw new UsedMeanwhile()
}

/** The file of a store in a folder that only this process's user may read, until the scope ends. */
const privately = (
  path: string,
  copyTo: (target: string) => Promise<void>
): Effect.Effect<string, StoreUnreadable | TemporaryCopyFailed, Scope.Scope> => {
  const failed = (cause: unknown) =>
    cause instanceof UsedMeanwhile
      ? new StoreUnreadable({ store: path, reason: cause.message })
      : new TemporaryCopyFailed({ store: path, folder: tmpdir(), reason: systemReason(cause) })
  const folder = Effect.acquireRelease(
    Effect.try({ try: () => mkdtempSync(join(tmpdir(), "backup-catalog-verify-")), catch: failed }),
    (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true }))
  )
  return Effect.flatMap(folder, (made) => {
    const copy = join(made, "copy.sqlite")
    return Effect.as(Effect.tryPromise({ try: () => copyTo(copy), catch: failed }), copy)
  })
}

/** The path of a copy of a store that nobody has open, until the scope ends; its own path where somebody has. */
const readable = (path: string): Effect.Effect<string, StoreUnreadable | TemporaryCopyFailed, Scope.Scope> =>
  Effect.try(() => lacksFiles(path)).pipe(
    Effect.orElseSucceed(() => false),
    Effect.flatMap((closed) => (closed ? privately(path, (target) => copyClosed(path, target)) : Effect.succeed(path))),
    Effect.retry({ while: ({ _tag }) => _tag === "StoreUnreadable", times: REPEATED })
  )

/**
 * The path of an SQLite file with all that a store has, in the present schema. Nothing of the store is written, and
 * nothing beside it: it is a copy, until the scope ends, where SQLite could not read it otherwise or its schema is
 * older.
 */
export const untouchedFile = (path: string): Effect.Effect<string, StoreRefused | CopyRefused, Scope.Scope> =>
  Effect.gen(function* () {
    yield* Sqlite.mustExist(path)
    const found = yield* readable(path)
    const schema = yield* Sqlite.schemaOf(path, found)
    if (schema === Sqlite.newest) return found
    const copy = found === path ? yield* privately(path, (target) => copyDatabase(path, target)) : found
    yield* Layer.build(Sqlite.layer(copy))
    yield* Console.error(
      `The store ${path} has schema ${schema} of an older version, and stays as it is; a copy with schema ${Sqlite.newest} is checked.`
    )
    return copy
  })
